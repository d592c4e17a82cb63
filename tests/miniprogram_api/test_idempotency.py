"""A POST with an Idempotency-Key is done once."""

import asyncio
from datetime import timedelta

from app.bootstrap import House
from models import Case, Idempotency
from services.idempotency import Idempotencies
from tests.factories import GRID
from tests.miniprogram_api.mini import Api

GOOD = {"grid": GRID, "description": "路灯坏了"}


async def test_the_same_key_with_the_same_body_files_one_case_and_answers_the_same(api: Api) -> None:
    resident = await api.sign_in("王阿姨")
    first = await resident.post("/cases", GOOD, Idempotency_Key="k-1")
    again = await resident.post("/cases", {"description": "路灯坏了", "grid": GRID}, Idempotency_Key="k-1")
    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert await Case.all().count() == 1


async def test_the_same_key_with_another_body_is_refused(api: Api) -> None:
    resident = await api.sign_in("王阿姨")
    await resident.post("/cases", GOOD, Idempotency_Key="k-1")
    other = await resident.post("/cases", {**GOOD, "description": "水管漏水"}, Idempotency_Key="k-1")
    assert (other.status, other.code) == (422, "idempotency_mismatch")
    assert await Case.all().count() == 1


async def test_ten_at_once_with_one_key_file_one_case(api: Api) -> None:
    resident = await api.sign_in("王阿姨")
    answers = await asyncio.gather(*(resident.post("/cases", GOOD, Idempotency_Key="k-1") for _ in range(10)))
    assert {answer.status for answer in answers} == {201}
    assert {answer.body["number"] for answer in answers} == {1001}
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 9
    assert await Case.all().count() == 1


async def test_a_key_is_its_owners_and_its_routes_own(api: Api) -> None:
    one, other = await api.sign_in("王阿姨"), await api.sign_in("李奶奶")
    first = await one.post("/cases", GOOD, Idempotency_Key="k-1")
    second = await other.post("/cases", GOOD, Idempotency_Key="k-1")
    assert first.body["number"] != second.body["number"]
    third = await one.post("/cases", GOOD)
    texts = [
        await one.post(f"/cases/{number}/messages", {"text": "还没修"}, Idempotency_Key="k-1")
        for number in (first.body["number"], third.body["number"])
    ]
    assert [answer.status for answer in texts] == [201, 201]
    assert [answer.body["number"] for answer in texts] == [first.body["number"], third.body["number"]]


async def test_a_word_sent_twice_with_one_key_stands_there_once(api: Api) -> None:
    resident = await api.sign_in("王阿姨")
    number = (await resident.file())["number"]
    for _ in range(2):
        await resident.post(f"/cases/{number}/messages", {"text": "还没修"}, Idempotency_Key="k-1")
    timeline = (await resident.get(f"/cases/{number}")).body["timeline"]
    assert [step["action"] for step in timeline] == ["submit", "add"]


async def test_a_refused_call_leaves_the_key_free(api: Api) -> None:
    resident, worker = await api.sign_in("王阿姨"), await api.staff("worker")
    number = (await resident.file())["number"]
    early = await resident.post(f"/cases/{number}/actions", {"action": "reopen"}, Idempotency_Key="k-1")
    assert early.code == "illegal_move"
    await worker.act(number, "resolve", note="好了")
    later = await resident.post(f"/cases/{number}/actions", {"action": "reopen"}, Idempotency_Key="k-1")
    assert (later.status, later.body["status"]) == (200, "submitted")


async def test_a_key_is_forgotten_after_a_day(api: Api, house: House) -> None:
    resident = await api.sign_in("王阿姨")
    await resident.post("/cases", GOOD, Idempotency_Key="k-1")
    kept = Idempotencies(house.desk.clock)
    assert await kept.forget_old() == 0
    moved = house.desk.moved_clock
    assert moved is not None
    await moved.advance(timedelta(hours=25).total_seconds())
    assert await kept.forget_old() == 1
    assert await Idempotency.all().count() == 0
