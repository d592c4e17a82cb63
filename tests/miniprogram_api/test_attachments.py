"""Photos from the mini program: announced, uploaded straight to the store, used once, seen by whoever may."""

import asyncio
import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from adapters.storage_local import LocalStorage
from app.bootstrap import House
from models import Attachment, CaseMessage, EventType
from services.media import upload_key
from tests.adapters.stores import Answer, read, send
from tests.factories import GRID
from tests.miniprogram_api.mini import Api, Mini
from tests.services.test_media import bomb, photo, tells_nothing

OTHER = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
async def resident(api: Api) -> Mini:
    return await api.sign_in("王阿姨")


def described(data: bytes, **more: Any) -> dict[str, Any]:
    return {
        "name": "照片.jpg",
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "media_type": "image/jpeg",
        **more,
    }


async def announce(who: Mini, data: bytes, **more: Any) -> tuple[str, Any]:
    answer = await who.post("/attachments", described(data, **more))
    assert answer.status == 201, answer.body
    upload = answer.body["upload"]
    return answer.body["id"], type("Ticket", (), upload)


async def put(who: Mini, ticket: Any, data: bytes) -> Answer:
    return await send(who.api.session, ticket, data)


async def uploaded(who: Mini, data: bytes | None = None, **more: Any) -> str:
    data = photo() if data is None else data
    one, ticket = await announce(who, data, **more)
    answer = await put(who, ticket, data)
    assert answer.status == 201, answer.data
    return one


async def overwritten(house: House, one: str, data: bytes) -> None:
    """As if the store had taken *data*: OSS checks neither sum nor content."""
    assert isinstance(house.storage, LocalStorage)
    await house.storage.put(f"uploads/{one}", data, "")


async def test_a_photo_goes_with_a_case_and_both_sides_see_it(resident: Mini, api: Api) -> None:
    one = await uploaded(resident, photo(size=(1200, 800), orientation=6))
    case = await resident.file(attachments=[one])
    (shown,) = case["attachments"]
    assert (shown["id"], shown["kind"], shown["state"], shown["media_type"]) == (one, "photo", "kept", "image/jpeg")
    worker = await api.staff("worker")
    for url in (shown["url"], (await worker.get(f"/cases/{case['number']}")).body["attachments"][0]["url"]):
        got = await read(api.session, url)
        assert (got.status, len(got.data)) == (200, shown["size"])
        assert tells_nothing(got.data)
        with Image.open(io.BytesIO(got.data)) as picture:
            assert picture.size == (800, 1200)
    small = await read(api.session, (await worker.get(f"/attachments/{one}")).body["thumbnail"])
    assert tells_nothing(small.data)
    with Image.open(io.BytesIO(small.data)) as picture:
        assert picture.size == (267, 400)


async def test_what_was_kept_replaces_what_was_uploaded(resident: Mini, house: House) -> None:
    one, ticket = await announce(resident, photo())
    await put(resident, ticket, photo())
    await resident.file(attachments=[one])
    kept = await Attachment.get(id=one)
    assert kept.key != upload_key(kept.id)
    assert kept.sha256 == hashlib.sha256(await house.desk.medias.read(kept)).hexdigest()
    assert [path.name for path in _arrived(house)] == []
    again = await put(resident, ticket, photo())
    assert b'"conflict"' in again.data
    assert [path.name for path in _arrived(house)] == []


def _arrived(house: House) -> list[Path]:
    assert isinstance(house.storage, LocalStorage)
    return [*house.storage._root.glob("arriving/*")]


async def test_a_message_and_a_step_take_photos_too(resident: Mini, api: Api) -> None:
    case = await resident.file()
    worker = await api.staff("worker")
    said = await resident.post(
        f"/cases/{case['number']}/messages", {"text": "又坏了", "attachments": [await uploaded(resident)]}
    )
    assert (said.status, len(said.body["attachments"])) == (201, 1)
    silent = await resident.post(f"/cases/{case['number']}/messages", {"attachments": [await uploaded(resident)]})
    assert (silent.status, len(silent.body["attachments"])) == (201, 2)
    done = await worker.act(case["number"], "resolve", note="修好了", attachments=[await uploaded(worker)])
    assert (done.status, len(done.body["attachments"])) == (200, 3)
    assert await CaseMessage.filter(kind="photo").count() == 2
    reopened = await resident.act(case["number"], "reopen", note="还是不亮", attachments=[await uploaded(resident)])
    assert (reopened.status, len(reopened.body["attachments"])) == (200, 4)
    assert await CaseMessage.filter(kind="photo").count() == 3


async def test_a_step_that_wants_photos_takes_them_along(resident: Mini, api: Api) -> None:
    await EventType.create(
        code="lamp", name="路灯", category="city_management", photos="both", created_at=api.town.desk.clock.now()
    )
    case = await resident.file(event_type="lamp")
    worker = await api.staff("worker")
    await worker.act(case["number"], "accept")
    bare = await worker.act(case["number"], "resolve", note="修好了")
    assert (bare.status, bare.code, bare.body["facts"]["missing"]) == (409, "needs_photo", ["before", "after"])
    after = await uploaded(worker)
    short = await worker.act(case["number"], "resolve", note="修好了", attachments=[after])
    assert (short.code, short.body["facts"]["missing"]) == ("needs_photo", ["before"])
    assert (await Attachment.get(id=after)).case_id is None
    both = await worker.act(case["number"], "resolve", note="修好了", attachments=[await uploaded(worker), after])
    assert (both.status, both.body["status"]) == (200, "resolved")


async def test_a_photo_among_staff_stays_among_staff(resident: Mini, api: Api) -> None:
    case = await resident.file()
    worker = await api.staff("worker")
    one = await uploaded(worker)
    hidden = await worker.act(case["number"], "reply", note="自己人看", hidden=True, attachments=[one])
    assert hidden.status == 200
    assert (await resident.get(f"/cases/{case['number']}")).body["attachments"] == []
    assert (await resident.get(f"/attachments/{one}")).status == 404
    assert (await worker.get(f"/attachments/{one}")).status == 200


async def test_a_photo_is_used_once(resident: Mini) -> None:
    one = await uploaded(resident)
    case = await resident.file(attachments=[one])
    for path, body in (
        ("/cases", {"grid": GRID, "description": "另一件", "attachments": [one]}),
        (f"/cases/{case['number']}/messages", {"attachments": [one]}),
    ):
        again = await resident.post(path, body)
        assert (again.status, again.code) == (409, "conflict")
        assert again.body["facts"]["attachment"] == one
    assert len((await resident.get("/cases")).body["items"]) == 1


async def test_two_cases_at_once_with_one_photo_make_one(resident: Mini) -> None:
    one = await uploaded(resident)
    body = {"grid": GRID, "description": "路灯坏了", "attachments": [one]}
    answers = await asyncio.gather(*(resident.post("/cases", body) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409]
    assert len((await resident.get("/cases")).body["items"]) == 1


async def test_the_same_filing_again_gives_the_same_case_with_its_photo(resident: Mini) -> None:
    body = {"grid": GRID, "description": "路灯坏了", "attachments": [await uploaded(resident)]}
    first = await resident.post("/cases", body, Idempotency_Key="k1")
    second = await resident.post("/cases", body, Idempotency_Key="k1")
    assert (first.status, second.status) == (201, 201)
    assert first.body == second.body
    assert len(first.body["attachments"]) == 1


@pytest.mark.parametrize("which", ["another's", "made up", "never uploaded", "twice", "not an id"])
async def test_only_ones_own_uploaded_photos_are_taken_and_otherwise_nothing_is_filed(
    resident: Mini, api: Api, which: str
) -> None:
    own = await uploaded(resident)
    given, status, code = {
        "another's": ([own, await uploaded(await api.sign_in("张叔"))], 404, "not_found"),
        "made up": ([OTHER], 404, "not_found"),
        "never uploaded": ([own, (await announce(resident, photo()))[0]], 422, "upload_refused"),
        "twice": ([own, own], 422, "bad_input"),
        "not an id": (["../../etc/passwd"], 422, "bad_input"),
    }[which]
    answer = await resident.post("/cases", {"grid": GRID, "description": "路灯坏了", "attachments": given})
    assert (answer.status, answer.code) == (status, code)
    assert (await resident.get("/cases")).body["items"] == []
    assert (await Attachment.get(id=own)).case_id is None


async def test_more_photos_than_the_town_takes_at_once_are_refused(resident: Mini) -> None:
    photos = [await uploaded(resident) for _ in range(10)]
    many = await resident.post("/cases", {"grid": GRID, "description": "路灯坏了", "attachments": photos})
    assert (many.status, many.code, many.body["facts"]["longest"]) == (422, "bad_input", 9)
    assert len((await resident.file(attachments=photos[:9]))["attachments"]) == 9


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"media_type": "text/html"}, 422, "bad_input"),
        ({"media_type": "image/svg+xml"}, 422, "bad_input"),
        ({"size": 0}, 422, "bad_input"),
        ({"size": 10 * 1024 * 1024 + 1}, 413, "too_large"),
        ({"size": 2 * 1024 * 1024 + 1, "media_type": "audio/mpeg"}, 413, "too_large"),
        ({"sha256": "abc"}, 422, "bad_input"),
        ({"name": ""}, 422, "bad_input"),
    ],
)
async def test_what_cannot_be_taken_is_refused_when_it_is_announced(
    resident: Mini, change: dict[str, Any], status: int, code: str
) -> None:
    answer = await resident.post("/attachments", {**described(photo()), **change})
    assert (answer.status, answer.code) == (status, code)
    assert await Attachment.all().count() == 0


@pytest.mark.parametrize("why", ["wrong_size", "wrong_sum", "wrong_type", "unreadable"])
async def test_what_the_store_let_in_is_looked_at_when_it_is_used(resident: Mini, house: House, why: str) -> None:
    data = {"wrong_type": b"<html><script>", "unreadable": bomb()}.get(why, photo())
    one, _ = await announce(resident, data)
    arrived = {"wrong_size": data[:-1], "wrong_sum": data[:-1] + b"!"}.get(why, data)
    await overwritten(house, one, arrived)
    body = {"grid": GRID, "description": "路灯坏了", "attachments": [one]}
    for answer in (await resident.post("/cases", body), await resident.get(f"/attachments/{one}")):
        assert (answer.status, answer.code, answer.body["facts"]["why"]) == (422, "upload_refused", why)
    assert _arrived(house) == []
    assert (await resident.get("/cases")).body["items"] == []
    # What was refused stays refused, whatever is put there later.
    await overwritten(house, one, data)
    assert (await resident.post("/cases", body)).code == "upload_refused"


async def test_ones_own_upload_can_be_looked_at_before_it_is_used_and_by_nobody_else(resident: Mini, api: Api) -> None:
    one = await uploaded(resident)
    own = await resident.get(f"/attachments/{one}")
    assert (own.status, own.body["state"]) == (200, "kept")
    assert (await read(api.session, own.body["url"])).status == 200
    stranger = await api.sign_in("张叔")
    for name in (one, OTHER, "..%2F..", "a"):
        answer = await stranger.get(f"/attachments/{name}")
        assert (answer.status, answer.code) == (404, "not_found")


async def test_a_photo_is_seen_by_whoever_sees_its_case(resident: Mini, api: Api) -> None:
    one = await uploaded(resident)
    await resident.file(attachments=[one])
    for who in ("worker", "chief", "secretary", "commander"):
        assert (await (await api.staff(who)).get(f"/attachments/{one}")).status == 200, who
    for stranger in (await api.sign_in("张叔"), await api.staff("inspector")):
        assert (await stranger.get(f"/attachments/{one}")).status == 404


async def test_the_photo_of_a_complaint_is_the_inspectors_and_never_the_workers(resident: Mini, api: Api) -> None:
    case = await resident.file()
    one = await uploaded(resident)
    made = await resident.act(case["number"], "complain", note="态度不好", attachments=[one])
    assert [found["id"] for found in made.body["attachments"]] == [one]
    assert (await (await api.staff("inspector")).get(f"/attachments/{one}")).status == 200
    assert (await (await api.staff("worker")).get(f"/attachments/{one}")).status == 404


async def test_uploads_that_pile_up_unused_are_stopped(resident: Mini) -> None:
    for _ in range(30):
        await announce(resident, photo())
    more = await resident.post("/attachments", described(photo()))
    assert (more.status, more.code) == (429, "too_many")
    assert more.headers["Retry-After"] == "3600"


@pytest.mark.parametrize("action", ["remind", "withdraw", "urgent"])
async def test_a_step_that_takes_no_photos_says_so(resident: Mini, api: Api, action: str) -> None:
    case = await resident.file()
    who = await api.staff("worker") if action == "urgent" else resident
    answer = await who.act(case["number"], action, attachments=[await uploaded(who)])
    assert (answer.status, answer.code, answer.body["facts"]["field"]) == (422, "bad_input", "attachments")


async def test_a_message_that_says_nothing_is_refused(resident: Mini) -> None:
    case = await resident.file()
    answer = await resident.post(f"/cases/{case['number']}/messages", {"text": " ", "attachments": []})
    assert (answer.status, answer.code) == (422, "bad_input")
