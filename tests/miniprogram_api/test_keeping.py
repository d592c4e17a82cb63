"""Suspending, merging, urgent matters and complaints through the API."""

from datetime import timedelta

from domain.calendar import SHANGHAI
from tests.miniprogram_api.mini import Api


async def test_each_step_asks_for_what_it_lacks_and_shows_what_it_did(api: Api) -> None:
    resident, other = await api.sign_in("王阿姨"), await api.sign_in("张叔")
    worker = await api.staff("worker")
    number, duplicate = (await resident.file())["number"], (await other.file())["number"]
    assert (await worker.get(f"/cases/{duplicate}")).body["alike"] == [number]
    assert (await other.get(f"/cases/{duplicate}")).body["alike"] == []
    for action, more in (
        ("merge", {}),
        ("merge", {"into": 0}),
        ("merge", {"into": "1001"}),
        ("suspend", {"note": "等"}),
        ("suspend", {"note": "等", "until": "tomorrow"}),
        ("suspend", {"note": "等", "until": "2001-01-01"}),
        ("accept", {"until": "2027-01-01"}),
        ("accept", {"into": number}),
        ("complain", {}),
    ):
        answer = await worker.act(duplicate, action, **more)
        assert (answer.status, answer.code) == (422, "bad_input"), (action, more)
    merged = await worker.act(duplicate, "merge", into=number)
    assert (merged.status, merged.body["status"], merged.body["merged_into"]) == (200, "merged", number)
    assert (await worker.act(number, "merge", into=duplicate)).code == "illegal_move"
    assert (await resident.act(number, "remind")).status == 200
    again = await resident.act(number, "remind")
    assert (again.status, again.code) == (429, "too_many")
    assert int(again.headers["Retry-After"]) > 3500
    urgent = await worker.act(number, "urgent", note="漏电")
    assert (urgent.status, urgent.body["urgent"]) == (200, True)
    assert [item["number"] for item in (await (await api.staff("commander")).get("/queue")).body["items"]] == [number]


async def test_a_suspended_case_is_listed_and_goes_on(api: Api) -> None:
    resident, worker = await api.sign_in("王阿姨"), await api.staff("worker")
    number = (await resident.file())["number"]
    until = (await worker.act(number, "suspend", note="等配件", until=await tomorrow(api))).body["suspended_until"]
    assert until is not None
    assert [one["number"] for one in (await worker.get("/cases", status="suspended")).body["items"]] == [number]
    assert (await worker.get("/queue")).body["items"] == []
    back = await worker.act(number, "resume")
    assert (back.body["status"], back.body["suspended_until"]) == ("accepted", None)


async def tomorrow(api: Api) -> str:
    return (api.town.desk.clock.now().astimezone(SHANGHAI) + timedelta(days=1)).date().isoformat()


async def test_a_complaint_answers_with_a_number_that_the_worker_cannot_find(api: Api) -> None:
    resident, worker = await api.sign_in("王阿姨"), await api.staff("worker")
    number = (await resident.file())["number"]
    made = await resident.act(number, "complain", note="三天没人来")
    assert (made.status, made.body["kind"], made.body["holder"]) == (200, "complaint", {"name": "吴督察"})
    assert made.body["number"] != number
    assert (await worker.get(f"/cases/{made.body['number']}")).code == "not_found"
    assert [step["action"] for step in (await worker.get(f"/cases/{number}")).body["timeline"]] == ["submit"]
    assert (await worker.act(number, "complain", note="x")).code == "illegal_move"
    inspector = await api.staff("inspector")
    assert [one["number"] for one in (await inspector.get("/cases")).body["items"]] == [made.body["number"]]
