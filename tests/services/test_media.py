"""Photos, voices and videos: fetched in time, stripped of where they were taken, kept."""

import io
import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin
from PIL.TiffImagePlugin import IFDRational

from domain.errors import NotFound, Unavailable
from models import Attachment, Case
from services.drafts import Said
from services.media import Medias
from services.pictures import drawn
from services.ports import Media, TryLater
from tests.factories import GRID
from tests.services.conftest import Street

MEDIA_GET = "/cgi-bin/media/get"
GPS, MAKE, ORIENTATION, COMMENT = 0x8825, 0x010F, 0x0112, b"taken at home"


def photo(kind: str = "JPEG", *, size: tuple[int, int] = (60, 40), orientation: int = 1) -> bytes:
    """A picture that says where it was taken: EXIF with GPS, XMP, and a comment."""
    picture = Image.new("RGB", size, (200, 30, 30))
    picture.paste((30, 30, 200), (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[MAKE], exif[ORIENTATION] = "Phone", orientation
    exif.get_ifd(GPS).update(
        {1: "N", 2: (IFDRational(31), IFDRational(40), IFDRational(12)), 3: "E", 4: (IFDRational(119), 57, 0)}
    )
    out = io.BytesIO()
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><GPSLatitude>31,40N</GPSLatitude></x:xmpmeta>"
    if kind == "PNG":
        notes = PngImagePlugin.PngInfo()
        notes.add_text("Comment", COMMENT.decode())
        notes.add_itxt("XML:com.adobe.xmp", xmp.decode())
        picture.save(out, "PNG", exif=exif, pnginfo=notes)
    else:
        picture.save(out, "JPEG", exif=exif, xmp=xmp, comment=COMMENT)
    return out.getvalue()


def tells_nothing(data: bytes) -> bool:
    with Image.open(io.BytesIO(data)) as picture:
        exif = dict(picture.getexif()) | dict(picture.getexif().get_ifd(GPS))
        notes = {name for name in picture.info if name not in {"jfif", "jfif_version", "jfif_unit", "jfif_density"}}
    return not exif and not notes and b"GPS" not in data and COMMENT not in data and b"xmpmeta" not in data


def test_the_photo_of_these_tests_does_say_where_it_was_taken() -> None:
    for kind in ("JPEG", "PNG"):
        with Image.open(io.BytesIO(photo(kind))) as picture:
            assert dict(picture.getexif().get_ifd(GPS))
        assert not tells_nothing(photo(kind))


@pytest.mark.parametrize(("kind", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png")])
def test_what_is_kept_says_nothing_of_where_and_with_what_it_was_taken(kind: str, media_type: str) -> None:
    kept = drawn(Media(photo(kind), media_type)).media
    assert kept.media_type == media_type
    assert tells_nothing(kept.data)
    with Image.open(io.BytesIO(kept.data)) as picture:
        red, _, blue = picture.convert("RGB").getpixel((50, 20))  # type: ignore[misc]
    assert red > 150
    assert blue < 100


def test_a_photo_that_lies_on_its_side_is_put_upright_before_it_forgets_that() -> None:
    kept = drawn(Media(photo(orientation=6), "image/jpeg")).media
    with Image.open(io.BytesIO(kept.data)) as picture:
        assert picture.size == (40, 60)
    assert tells_nothing(kept.data)


def test_a_huge_photo_becomes_one_that_a_phone_can_load() -> None:
    kept = drawn(Media(photo(size=(6000, 3000)), "image/jpeg")).media
    with Image.open(io.BytesIO(kept.data)) as picture:
        assert max(picture.size) == 2560


def test_a_photo_cut_short_is_kept_as_far_as_it_goes_and_without_its_place() -> None:
    whole = photo(size=(400, 300))
    kept = drawn(Media(whole[: len(whole) * 2 // 3], "image/jpeg")).media
    assert kept.media_type == "image/jpeg"
    assert tells_nothing(kept.data)


def test_a_transparent_drawing_stays_transparent() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (1, 2, 3, 0)).save(out, "PNG")
    kept = drawn(Media(out.getvalue(), "image/png")).media
    with Image.open(io.BytesIO(kept.data)) as picture:
        assert picture.mode == "RGBA"
        assert picture.getpixel((5, 5)) == (1, 2, 3, 0)


@pytest.mark.parametrize("data", [b"", b"just words", b"<html><script>alert(1)</script>", bytes(range(256)) * 4])
def test_what_is_no_picture_is_kept_as_plain_bytes(data: bytes) -> None:
    assert drawn(Media(data, "image/jpeg")).media == Media(data, "application/octet-stream")


def bomb() -> bytes:
    """A PNG of a few bytes that says it has ten thousand million pixels."""
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


async def sent(street: Street, kind: str, data: bytes) -> Attachment:
    """A medium that somebody sent in the chat, as WeChat keeps it."""
    one = await street.follower("王阿姨", grid=GRID)
    medium = street.world.media.keep(kind, data, street.world.clock.now())
    said = Said("photo" if kind == "image" else kind, media_id=medium.id)
    await street.desk.drafts.add(await street.desk.people.hear(one.openid), said)
    return await Attachment.get(media_id=medium.id)


async def test_a_photo_is_copied_from_wechat_and_its_place_left_out(street: Street) -> None:
    attachment = await sent(street, "image", photo())
    await street.work()
    kept = await Attachment.get(id=attachment.id)
    data = await street.desk.medias.read(kept)
    assert (kept.state, kept.media_type, kept.size) == ("kept", "image/jpeg", len(data))
    assert tells_nothing(data)
    assert street.calls(MEDIA_GET) == {"0": 1}
    await street.desk.medias.fetch(str(kept.id))
    assert street.calls(MEDIA_GET) == {"0": 1}


async def test_a_voice_is_kept_as_it_is(street: Street) -> None:
    attachment = await sent(street, "voice", b"#!AMR\n....")
    await street.work()
    kept = await Attachment.get(id=attachment.id)
    assert (kept.state, kept.media_type, await street.desk.medias.read(kept)) == ("kept", "audio/amr", b"#!AMR\n....")


async def test_what_wechat_has_no_more_is_lost_and_said_so(street: Street) -> None:
    attachment = await sent(street, "image", photo())
    street.fails(MEDIA_GET, errcode=40007)
    await street.work()
    assert (await Attachment.get(id=attachment.id)).state == "lost"
    await street.desk.medias.fetch(str(attachment.id))
    assert street.calls(MEDIA_GET) == {"40007": 1}


async def test_a_picture_that_cannot_be_opened_is_not_kept_with_its_place(street: Street) -> None:
    attachment = await sent(street, "image", bomb())
    await street.work()
    assert (await Attachment.get(id=attachment.id)).state == "lost"


@pytest.mark.parametrize("how", [{"status": 503}, {"errcode": -1}, {"errcode": 40164}])
async def test_when_wechat_does_not_hand_it_out_it_is_asked_again(street: Street, how: dict[str, object]) -> None:
    attachment = await sent(street, "image", photo())
    street.fails(MEDIA_GET, times=1, **how)
    with pytest.raises(TryLater):
        await street.desk.medias.fetch(str(attachment.id))
    assert (await Attachment.get(id=attachment.id)).state == "pending"
    await street.desk.medias.fetch(str(attachment.id))
    assert (await Attachment.get(id=attachment.id)).state == "kept"


class FullDisk:
    async def put(self, key: str, data: bytes, media_type: str) -> None:
        raise Unavailable("the disk is full")

    async def get(self, key: str) -> bytes:
        raise NotFound(key)

    async def delete(self, key: str) -> None:
        raise Unavailable("the disk is full")


async def test_a_store_that_is_full_leaves_it_pending_and_the_job_comes_again(street: Street, tmp_path: Path) -> None:
    attachment = await sent(street, "image", photo())
    with pytest.raises(Unavailable):
        await Medias(street.desk.clock, street.house.wechat, FullDisk()).fetch(str(attachment.id))
    assert (await Attachment.get(id=attachment.id)).state == "pending"
    # The same through the queue: a file lies where the folder of files should be.
    (tmp_path / "files").write_text("in the way")
    await street.work()
    assert (await Attachment.get(id=attachment.id)).state == "pending"
    (job,) = await street.jobs("fetch_media")
    assert job["status"] == "todo"
    assert job["scheduled_at"] > datetime.now(UTC)
    (tmp_path / "files").unlink()
    await street.desk.medias.fetch(str(attachment.id))
    assert (await Attachment.get(id=attachment.id)).state == "kept"


async def test_a_medium_whose_job_got_lost_is_fetched_by_the_sweep(street: Street) -> None:
    attachment = await sent(street, "image", photo())
    assert await street.desk.medias.fetch_forgotten() == 0
    await street.advance(3601)
    street.fails(MEDIA_GET, status=503, times=1)
    assert await street.desk.medias.fetch_forgotten() == 1
    assert (await Attachment.get(id=attachment.id)).state == "pending"
    await street.desk.medias.fetch_forgotten()
    assert (await Attachment.get(id=attachment.id)).state == "kept"
    assert await street.desk.medias.fetch_forgotten() == 0


async def test_after_three_days_a_medium_that_was_never_fetched_is_lost(street: Street) -> None:
    attachment = await sent(street, "image", photo())
    await street.advance(3 * 86400 + 60)
    await street.desk.medias.fetch_forgotten()
    assert (await Attachment.get(id=attachment.id)).state == "lost"
    assert street.calls(MEDIA_GET) == {}


async def test_what_was_sent_and_dropped_is_deleted_after_a_week_and_nothing_else(street: Street) -> None:
    dropped = await sent(street, "image", photo())
    await street.work()
    kept = await Attachment.get(id=dropped.id)
    assert await street.desk.drafts.drop(kept.person_id)
    used = await Attachment.create(
        person_id=kept.person_id,
        kind="photo",
        state="kept",
        key="used",
        case_id=(await street.files()).id,
        created_at=street.desk.clock.now(),
    )
    other = await street.follower("张叔", grid=GRID)
    await street.desk.drafts.add(await street.desk.people.hear(other.openid), Said("photo", media_id="waiting"))
    await street.advance(7 * 86400 - 60)
    assert await street.desk.medias.forget_loose() == 0
    await street.advance(120)
    assert await street.desk.medias.forget_loose() == 1
    assert set(await Attachment.all().values_list("id", flat=True)) == {
        used.id,
        (await Attachment.get(media_id="waiting")).id,
    }
    with pytest.raises(NotFound):
        await street.desk.medias.read(kept)
    assert await Case.filter(resident_id=other.person_id, status="draft").exists()
