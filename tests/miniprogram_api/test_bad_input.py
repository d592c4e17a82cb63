"""Every mistake a client can make is a clear 4xx, and writes nothing."""

import base64
import gzip
import json
import math
from typing import Any

import pytest
import yarl
from hypothesis import given, settings
from hypothesis import strategies as st

from models import Case
from tests.factories import GRID
from tests.miniprogram_api.mini import Api, Mini

GOOD = {"grid": GRID, "description": "路灯坏了"}


@pytest.fixture
async def resident(api: Api) -> Mini:
    return await api.sign_in("王阿姨")


async def send(resident: Mini, body: bytes, *, path: str = "/cases", **headers: str) -> Any:
    named = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return await resident.api.call("POST", path, token=resident.token, data=body, headers=named)


NOT_JSON = [
    b"",
    b"{",
    b"nonsense",
    b"\xff\xfe",
    b'{"grid": "\\ud800"}',
    b"[" * 10_000,
    "{}".encode("utf-16"),
    b"{'a': 1}",
]


async def test_what_is_not_json_is_a_400(resident: Mini) -> None:
    for body in NOT_JSON:
        answer = await send(resident, body)
        assert (answer.status, answer.code) == (400, "bad_request"), body
        assert answer.body["detail"].startswith("the body is not JSON")


WRONG_FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"grid": 5}, "grid"),
    ({"grid": None}, "grid"),
    ({"grid": ""}, "grid"),
    ({"grid": "x" * 41}, "grid"),
    ({"description": ""}, "description"),
    ({"description": " \n "}, "description"),
    ({"description": "x" * 4001}, "description"),
    ({"description": "路灯\x00坏了"}, "description"),
    ({"description": "\x1b[31m"}, "description"),
    ({"description": ["路灯"]}, "description"),
    ({"title": "x" * 61}, "title"),
    ({"event_type": "x" * 41}, "event_type"),
    ({"urgent": "yes"}, "urgent"),
    ({"urgent": 1}, "urgent"),
    ({"place": {"latitude": 91, "longitude": 0}}, "place.latitude"),
    ({"place": {"latitude": 0, "longitude": -181}}, "place.longitude"),
    ({"place": {"latitude": "31", "longitude": 0}}, "place.latitude"),
    ({"place": {"latitude": math.nan, "longitude": 0}}, "place.latitude"),
    ({"place": {"latitude": math.inf, "longitude": 0}}, "place.latitude"),
    ({"place": {"latitude": 10**400, "longitude": 0}}, "place.latitude"),
    ({"place": {"longitude": 0}}, "place.latitude"),
    ({"place": {"latitude": 0, "longitude": 0, "address": "x" * 201}}, "place.address"),
    ({"place": {"latitude": 0, "longitude": 0, "floor": 3}}, "place.floor"),
    ({"place": "村口"}, "place"),
    ({"attachments": ["a"]}, "attachments.0"),
    ({"colour": "red"}, "colour"),
]


async def test_a_field_that_is_wrong_is_named(resident: Mini) -> None:
    for change, field in WRONG_FIELDS:
        answer = await send(resident, json.dumps({**GOOD, **change}).encode())
        assert (answer.status, answer.code) == (422, "bad_input"), change
        assert [error["field"] for error in answer.body["errors"]] == [field]
        assert answer.body["detail"].startswith(f"{field}: ")
    assert await Case.all().count() == 0


async def test_every_fault_is_told_at_once(resident: Mini) -> None:
    answer = await send(resident, b'{"title": 5, "colour": "red"}')
    assert {error["field"] for error in answer.body["errors"]} == {"grid", "description", "title", "colour"}


async def test_a_body_that_is_no_object_is_refused(resident: Mini) -> None:
    for body in (b"[]", b"5", b'"text"', b"null"):
        assert (await send(resident, body)).code == "bad_input"


async def test_another_content_type_is_a_415(resident: Mini) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk", "nonsense"):
        answer = await send(resident, json.dumps(GOOD).encode(), Content_Type=kind)
        assert (answer.status, answer.code) == (415, "unsupported_media_type"), kind
    good = await send(resident, json.dumps(GOOD).encode(), Content_Type="application/json; charset=UTF-8")
    assert good.status == 201


async def test_a_body_that_is_too_long_is_a_413(resident: Mini) -> None:
    answer = await send(resident, b'{"grid": "' + b"x" * 70_000 + b'"}')
    assert (answer.status, answer.code) == (413, "too_large")


async def test_a_packed_body_is_a_415_whatever_is_in_it(resident: Mini) -> None:
    for packed in [b"nonsense", gzip.compress(b" " * 50_000_000), gzip.compress(b'{"grid": "1"}')]:
        answer = await send(resident, packed, Content_Encoding="gzip")
        assert (answer.status, answer.code) == (415, "unsupported_media_type")


NUMBERS = ["0", "-1", "1.5", "abc", "９９", str(2**63 - 1), str(2**63), "1" * 5000, "%00", "1e3"]


async def test_a_number_that_cannot_be_one_is_not_found(resident: Mini) -> None:
    for number in NUMBERS:
        messages, actions = f"/cases/{number}/messages", f"/cases/{number}/actions"
        assert await _status(resident, "POST", messages, {"text": "?"}) == 404, number
        assert await _status(resident, "POST", actions, {"action": "withdraw"}) == 404, number
        assert await _status(resident, "GET", f"/cases/{number}", None) == 404, number


async def _status(resident: Mini, method: str, path: str, body: Any) -> int:
    url = yarl.URL(f"{resident.api.url}/api/v1{path}", encoded="%" in path)
    token = {"Authorization": f"Bearer {resident.token}"}
    async with resident.api.session.request(method, url, json=body, headers=token) as answer:
        assert (await answer.json(content_type=None))["code"] == "not_found"
        return answer.status


WRONG_PARAMETERS = [
    ({"limit": "0"}, "limit"),
    ({"limit": "101"}, "limit"),
    ({"limit": "x"}, "limit"),
    ({"limit": "9" * 5000}, "limit"),
    ({"limit": "5.5"}, "limit"),
    ({"cursor": ""}, "cursor"),
    ({"cursor": "ä"}, "cursor"),
    ({"cursor": "a" * 201}, "cursor"),
    ({"cursor": "\x00"}, "cursor"),
    ({"colour": "red"}, "colour"),
]


async def test_a_parameter_that_is_wrong_is_named(resident: Mini) -> None:
    for query, field in WRONG_PARAMETERS:
        for path in ("/cases", "/queue"):
            answer = await resident.get(path, **query)
            assert (answer.status, answer.code) == (422, "bad_input"), (path, query)
            assert [error["field"] for error in answer.body["errors"]] == [field]


WRONG_FILTERS = [
    ({"status": "lost"}, "status"),
    ({"level": "6"}, "level"),
    ({"level": "0"}, "level"),
    ({"overdue": "maybe"}, "overdue"),
    ({"q": "\x00"}, "q"),
    ({"q": "x" * 101}, "q"),
    ({"region": "a\x00"}, "region"),
    ({"event_type": "x" * 41}, "event_type"),
]


async def test_a_filter_that_is_wrong_is_named(resident: Mini) -> None:
    for query, field in WRONG_FILTERS:
        answer = await resident.get("/cases", **query)
        assert (answer.status, answer.code) == (422, "bad_input"), query
        assert [error["field"] for error in answer.body["errors"]] == [field]


async def test_a_parameter_given_twice_is_refused(resident: Mini) -> None:
    answer = await resident.api.call("GET", "/cases?limit=1&limit=2", token=resident.token)
    assert (answer.status, answer.code) == (422, "bad_input")


CURSORS = [
    "x",
    "5",
    "-1",
    "|",
    "0001-01-01T00:00:00+14:00|5",
    "9999-12-31T23:59:59-14:00|5",
    "2026-01-01|5",
    "٣",
    "1" * 30,
]


async def test_a_cursor_that_was_made_up_breaks_nothing(resident: Mini) -> None:
    for inside in CURSORS:
        cursor = base64.urlsafe_b64encode(inside.encode()).decode().rstrip("=")
        for path in ("/cases", "/queue"):
            answer = await resident.get(path, cursor=cursor)
            assert answer.status in {200, 422}, (path, inside)


async def test_an_unusable_idempotency_key_is_refused(resident: Mini) -> None:
    for key in ("", " ", "schlüssel", "x" * 129, "a b"):
        answer = await resident.post("/cases", GOOD, Idempotency_Key=key)
        assert (answer.status, answer.code) == (422, "bad_input"), key
    assert await Case.all().count() == 0


async def test_unknown_addresses_and_methods_are_problems_too(resident: Mini) -> None:
    assert (await resident.get("/nothing")).code == "not_found"
    assert (await resident.api.call("GET", "/api/")).code == "not_found"
    answer = await resident.api.call("PUT", "/cases")
    assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(",")) == {"GET", "POST"}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(["grid", "description", "title", "urgent", "place", "text", "action", "note", "rating", "code"])
posts = st.sampled_from(["/cases", "/cases/1001/messages", "/cases/1001/actions", "/me/bind", "/sessions"])


@settings(max_examples=150)
@given(path=posts, body=st.dictionaries(names | st.text(max_size=5), anything, max_size=5) | anything)
async def test_no_json_at_all_makes_a_500(resident: Mini, path: str, body: Any) -> None:
    sent = json.dumps(body).encode()
    answer = await send(resident, sent, path=path)
    assert answer.status < 500, answer.body
    if answer.status >= 400:
        assert answer.code
        assert answer.body["detail"]


parameters = st.sampled_from(["cursor", "limit", "status", "level", "region", "event_type", "overdue", "q", "x"])
characters = st.characters(exclude_categories=("Cs",))


@settings(max_examples=100)
@given(query=st.dictionaries(parameters, st.text(characters, max_size=30), max_size=3))
async def test_no_query_at_all_makes_a_500(resident: Mini, query: dict[str, str]) -> None:
    for path in ("/cases", "/queue"):
        answer = await resident.get(path, **query)
        assert answer.status in {200, 422}, answer.body


async def test_a_whole_number_may_be_written_with_a_point_and_a_moment_must_be_written_out(api: Api) -> None:
    resident, worker = await api.sign_in("王阿姨"), await api.staff("worker")
    number = (await resident.file())["number"]
    assert (await worker.act(number, "resolve", note="修好了")).status == 200
    assert (await resident.act(number, "rate", rating=4.5)).code == "bad_input"
    assert (await resident.act(number, "rate", rating=5.0)).body["rating"] == 5
    for wrong in (1900000000, "2099-05-01", "2099-05-01 00:00:00Z", "2099-05-01T00:00:00"):
        wish = {"starts_at": wrong, "ends_at": "2099-05-02T00:00:00Z"}
        assert (await worker.post("/me/leaves", wish)).body["errors"][0]["field"] == "starts_at", wrong


async def test_two_places_that_lie_closer_than_a_float_can_square_are_alike(api: Api) -> None:
    resident = await api.sign_in("王阿姨")
    await resident.file("井盖没了", place={"latitude": 1e-200, "longitude": 0})
    await resident.file("下水道堵了", place={"latitude": 0, "longitude": -1e-180})
    worker = await api.staff("worker")
    assert (await worker.get("/cases/1002")).body["alike"] == [1001]
