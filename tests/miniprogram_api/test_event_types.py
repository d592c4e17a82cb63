"""The event list in the mini program."""

from pathlib import Path

from tests.miniprogram_api.mini import Api

STARTER = (Path(__file__).parents[2] / "app" / "demo_town" / "event_types.csv").read_bytes()


async def test_the_list_is_open_to_everybody_and_a_cases_type_is_for_its_staff(api: Api) -> None:
    await api.town.desk.event_types.import_(STARTER)
    items = (await api.call("GET", "/event-types")).body["items"]
    lamp = next(one for one in items if one["code"] == "shizheng-ludeng")
    assert (lamp["name"], lamp["parent"], lamp["category_name"]) == ("路灯不亮", "shizheng", "城市管理")
    assert (lamp["accept_hours"], lamp["resolve_days"], lamp["photos"]) == (None, 3, "after")

    resident, worker = await api.sign_in("王阿姨"), await api.staff("worker")
    case = await resident.file("楼下路灯坏了，水管也漏水")
    number = case["number"]
    found = await worker.get(f"/cases/{number}/event_type/suggestions")
    assert found.status == 200
    assert {one["event_type"]["code"] for one in found.body["items"]} >= {"minsheng-tingshui"}
    assert all(one["words"] for one in found.body["items"])
    searched = await worker.get(f"/cases/{number}/event_type/suggestions", q="路灯不亮")
    assert searched.body["items"][0]["event_type"]["code"] == "shizheng-ludeng"
    assert (await resident.get(f"/cases/{number}/event_type/suggestions")).code == "not_allowed"
    where = f"/cases/{number}/event_type"
    assert (await resident.post(where, {"event_type": "shizheng-ludeng"})).code == "not_allowed"
    assert (await worker.post(where, {"event_type": "nothing"})).code == "bad_input"
    set_ = await worker.post(where, {"event_type": "shizheng-ludeng"})
    assert (set_.status, set_.body["event_type"], set_.body["category"]) == (200, "shizheng-ludeng", "city_management")
    assert [step["action"] for step in set_.body["timeline"]] == ["submit", "classify"]

    refused = await worker.act(number, "resolve", note="修好了")
    assert (refused.status, refused.code) == (409, "needs_photo")
    assert refused.body["facts"] == {"number": number, "missing": ["after"], "event_type": "路灯不亮"}
    unknown = await resident.post("/cases", {"grid": case["grid"], "description": "灯", "event_type": "nothing"})
    assert unknown.code == "bad_input"


async def test_a_type_is_proposed_and_admitted(api: Api) -> None:
    county, commander, worker = await api.staff("county"), await api.staff("commander"), await api.staff("worker")
    wish = {
        "code": "bench",
        "name": "长椅损坏",
        "category": "city_management",
        "reason": "居民常反映",
        "keywords": ["长椅"],
    }
    assert (await worker.post("/event-types", wish)).code == "not_allowed"
    assert (await county.post("/event-types", {**wish, "code": "a b"})).code == "bad_input"
    assert (await county.post("/event-types", {**wish, "accept_hours": 0})).code == "bad_input"
    made = await county.post("/event-types", wish, Idempotency_Key="one")
    assert (made.status, made.body["state"]) == (201, "proposed")
    assert (await county.post("/event-types", wish, Idempotency_Key="one")).status == 201
    assert (await county.post("/event-types", wish)).code == "conflict"
    assert (await api.call("GET", "/event-types")).body["items"] == []
    assert [one["code"] for one in (await commander.get("/event-types/proposed")).body["items"]] == ["bench"]
    assert (await worker.get("/event-types/proposed")).code == "not_allowed"
    where = "/event-types/bench/decision"
    assert (await county.post(where, {"decision": "approve"})).code == "not_allowed"
    assert (await commander.post(where, {"decision": "refuse"})).code == "bad_input"
    approved = await commander.post(where, {"decision": "approve"})
    assert (approved.status, approved.body["state"]) == (200, "approved")
    assert (await commander.post(where, {"decision": "approve"})).code == "conflict"
    assert (await commander.post("/event-types/nothing/decision", {"decision": "retire"})).code == "not_found"
    assert [one["code"] for one in (await api.call("GET", "/event-types")).body["items"]] == ["bench"]
