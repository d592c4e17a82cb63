"""Uploads over their whole life: killed in between, looked at twice at once, scanned, never used, forgotten."""

import hashlib
from typing import Any

import pytest
from PIL import Image

from adapters.storage_local import LocalStorage
from domain.errors import BadInput, NotFound, Unavailable, UploadRefused
from models import Attachment
from services.access import Actor
from services.attaching import Attaching
from services.media import Medias, upload_key
from services.ports import Expected
from services.uploads import Sizes, Uploads
from tests.services.conftest import A_DAY, Street, at_once
from tests.services.test_film_notes import film
from tests.services.test_media import photo

DATA = photo()


class Away:
    """A scanner that does not answer."""

    async def scan(self, data: bytes) -> str:
        raise Unavailable("the malware scanner does not answer")


class Finds:
    def __init__(self, what: bytes) -> None:
        self._what = what

    async def scan(self, data: bytes) -> str:
        return "Eicar" if self._what in data else ""


def storage(street: Street) -> LocalStorage:
    assert isinstance(street.house.storage, LocalStorage)
    return street.house.storage


def uploads(street: Street, scanner: Any) -> Uploads:
    return Uploads(street.desk.clock, storage(street), scanner, Sizes())


async def arrived(street: Street, by: Actor, data: bytes = DATA, media_type: str = "image/jpeg") -> Attachment:
    """An upload whose bytes have come."""
    expected = Expected(len(data), hashlib.sha256(data).hexdigest(), media_type)
    one, _ = await street.desk.uploads.ask(by, expected)
    await storage(street).put(upload_key(one), data, media_type)
    return await Attachment.get(id=one)


async def lies(street: Street, key: str) -> bool:
    try:
        return bool(await storage(street).size(key))
    except NotFound:
        return False


async def test_looked_at_twice_at_once_it_is_kept_once(street: Street) -> None:
    by = await street.resident()
    one = await arrived(street, by)
    assert await at_once(*(street.desk.uploads.settle(by, [one.id]) for _ in range(5))) == [None] * 5
    kept = await Attachment.get(id=one.id)
    data = await street.desk.medias.read(kept)
    assert (kept.state, kept.size, kept.sha256) == ("kept", len(data), hashlib.sha256(data).hexdigest())
    assert await lies(street, kept.thumb_key)
    assert not await lies(street, upload_key(one.id))


async def test_killed_after_it_was_kept_and_before_that_was_noted_it_is_kept_again(street: Street) -> None:
    by = await street.resident()
    one = await arrived(street, by)
    before = {"state": one.state, "sha256": one.sha256, "size": one.size, "thumb_key": ""}
    await street.desk.uploads.settle(by, [one.id])
    await Attachment.filter(id=one.id).update(**before)
    await storage(street).put(upload_key(one.id), DATA, "image/jpeg")
    await street.desk.uploads.settle(by, [one.id])
    assert (await street.desk.uploads.one(by, one.id)).state == "kept"


async def test_an_upload_that_is_never_used_goes_with_all_that_lies_of_it(street: Street) -> None:
    by = await street.resident()
    never, unused, refused = [await arrived(street, by) for _ in range(3)]
    await street.desk.uploads.settle(by, [unused.id])
    # Killed half way: both the upload and what was made of it lie there.
    await storage(street).put(never.key, DATA, "image/jpeg")
    await storage(street).put(f"{never.key}.thumb", DATA, "image/jpeg")
    await Attachment.filter(id=refused.id).update(state="refused", refused="wrong_sum")
    await street.advance(A_DAY - 60)
    assert await street.desk.medias.forget_loose() == 0
    await street.advance(120)
    assert await street.desk.medias.forget_loose() == 2
    for key in (upload_key(never.id), never.key, f"{never.key}.thumb", upload_key(refused.id)):
        assert not await lies(street, key)
    kept = await Attachment.get()
    assert kept.id == unused.id
    await street.advance(6 * A_DAY)
    assert await street.desk.medias.forget_loose() == 1
    assert not await lies(street, kept.key)
    assert not await lies(street, kept.thumb_key)


async def test_a_store_that_is_away_keeps_the_row_for_the_next_sweep(street: Street) -> None:
    await arrived(street, await street.resident())
    await street.advance(A_DAY + 60)

    class Down(LocalStorage):
        async def delete(self, key: str) -> None:
            raise Unavailable("the store does not answer")

    with pytest.raises(Unavailable):
        await Medias(street.desk.clock, street.house.wechat, Down(storage(street)._root)).forget_loose()
    assert await Attachment.all().count() == 1
    assert await street.desk.medias.forget_loose() == 1


async def test_what_is_being_used_and_forgotten_at_once_is_either_used_or_gone(street: Street) -> None:
    by = await street.resident()
    for _ in range(4):
        one = await arrived(street, by)
        await street.desk.uploads.settle(by, [one.id])
        case = await street.files(by)
        await street.advance(7 * A_DAY + 60)
        attaching = Attaching()

        async def use(one: Attachment = one, case: Any = case, attaching: Attaching = attaching) -> None:
            from services.transaction import transaction

            async with transaction():
                await attaching.take(by.person_id, [one.id], case)

        used, _ = await at_once(use(), street.desk.medias.forget_loose())
        found = await Attachment.get_or_none(id=one.id)
        if isinstance(used, NotFound):
            assert found is None
        else:
            assert used is None
            assert found is not None
            assert found.case_id == case.id
            assert await lies(street, found.key)


async def test_a_case_takes_so_many_attachments_and_no_more(street: Street) -> None:
    by = await street.resident()
    case = await street.files(by)
    ids = []
    for _ in range(3):
        one = await arrived(street, by)
        await street.desk.uploads.settle(by, [one.id])
        ids.append(one.id)
    few = Attaching(at_once=9, in_case=2)
    assert len(await few.take(by.person_id, ids[:2], case)) == 2
    with pytest.raises(BadInput, match="may have 2"):
        await few.take(by.person_id, ids[2:], case)


async def test_malware_is_refused_and_nothing_of_it_kept(street: Street) -> None:
    by = await street.resident()
    one = await arrived(street, by, film(b"EICAR"), "video/mp4")
    with pytest.raises(UploadRefused) as refused:
        await uploads(street, Finds(b"EICAR")).settle(by, [one.id])
    assert refused.value.facts["why"] == "infected"
    assert not await lies(street, upload_key(one.id))
    assert (await Attachment.get(id=one.id)).state == "refused"


async def test_a_scanner_that_is_away_holds_up_films_and_not_photos_of_which_no_byte_is_kept(street: Street) -> None:
    by = await street.resident()
    picture, clip = await arrived(street, by), await arrived(street, by, film(), "video/mp4")
    await uploads(street, Away()).settle(by, [picture.id])
    assert (await Attachment.get(id=picture.id)).state == "kept"
    with pytest.raises(Unavailable):
        await uploads(street, Away()).settle(by, [clip.id])
    assert (await Attachment.get(id=clip.id)).state == "asked"
    await street.desk.uploads.settle(by, [clip.id])
    assert (await Attachment.get(id=clip.id)).state == "kept"


async def test_a_film_is_kept_without_the_place_where_it_was_taken(street: Street) -> None:
    by = await street.resident()
    one = await arrived(street, by, film(), "video/mp4")
    await street.desk.uploads.settle(by, [one.id])
    kept = await Attachment.get(id=one.id)
    data = await street.desk.medias.read(kept)
    assert b"+31.6700" not in data
    assert (kept.media_type, kept.thumb_key, len(data)) == ("video/mp4", "", len(film()))
    assert "filename" not in street.desk.uploads.link(kept).thumbnail
    assert f"video-{kept.id}.mp4" in street.desk.uploads.link(kept).url


async def test_webp_becomes_a_picture_that_every_phone_shows(street: Street) -> None:
    import io

    out = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(out, "WEBP")
    by = await street.resident()
    one = await arrived(street, by, out.getvalue(), "image/webp")
    await street.desk.uploads.settle(by, [one.id])
    assert (await Attachment.get(id=one.id)).media_type == "image/jpeg"
