"""Moving a case on through the API."""

from datetime import timedelta

from app.bootstrap import House
from tests.factories import TOWN, VILLAGE
from tests.miniprogram_api.mini import Api
from tests.services.handing import OFFICERS


async def test_the_main_path_from_filing_to_rating(api: Api) -> None:
    resident, worker = await api.sign_in("王阿姨"), await api.staff("worker")
    number = (await resident.file())["number"]
    assert (await worker.act(number, "accept")).body["status"] == "accepted"
    assert (await worker.act(number, "reply", note="明天去修")).body["timeline"][-1]["by"] == "李卫国"
    assert (await worker.act(number, "resolve", note="修好了")).body["status"] == "resolved"
    rated = await resident.act(number, "rate", rating=5, note="谢谢")
    assert (rated.status, rated.body["status"], rated.body["rating"]) == (200, "closed", 5)
    actions = [step["action"] for step in rated.body["timeline"]]
    assert actions == ["submit", "accept", "reply", "resolve", "rate"]


async def test_reported_up_it_lies_with_the_village_and_the_next_level_up(api: Api) -> None:
    resident, worker, chief = await api.sign_in("王阿姨"), await api.staff("worker"), await api.staff("chief")
    number = (await resident.file())["number"]
    up = await worker.act(number, "report_up", note="要换变压器")
    assert (up.status, up.body["level"], up.body["unit"], up.body["holder"]) == (200, 2, VILLAGE, {"name": "赵建军"})
    step = up.body["timeline"][-1]
    assert (step["from_level"], step["to_level"], step["note"]) == (1, 2, "要换变压器")
    again = await chief.act(number, "report_up", note="镇里才有")
    assert (again.body["level"], again.body["unit"]) == (3, TOWN)
    back = await (await api.staff("commander")).act(number, "return", note="村里可以办")
    assert (back.body["level"], back.body["unit"]) == (2, VILLAGE)


async def test_what_the_rules_forbid_is_a_conflict_with_the_reason(api: Api) -> None:
    resident, worker = await api.sign_in("王阿姨"), await api.staff("worker")
    number = (await resident.file())["number"]
    answer = await resident.act(number, "resolve", note="我自己修好了")
    assert (answer.status, answer.code) == (409, "illegal_move")
    assert answer.body["facts"]["status"] == "submitted"
    assert answer.body["facts"]["action"] == "resolve"
    early = await resident.act(number, "rate", rating=5)
    assert (early.status, early.code) == (409, "illegal_move")
    assert (await worker.get(f"/cases/{number}")).body["status"] == "submitted"


async def test_where_nobody_is_above_it_stays_and_the_answer_says_so(api: Api) -> None:
    resident, worker = await api.sign_in("王阿姨"), await api.staff("worker")
    number = (await resident.file())["number"]
    for who, reason in ((worker, "村"), (await api.staff("chief"), "镇"), (await api.staff("commander"), "县")):
        assert (await who.act(number, "report_up", note=reason)).status == 200
    answer = await (await api.staff("county")).act(number, "report_up", note="市")
    assert (answer.status, answer.code) == (409, "top_level")


ACTIONS = [
    *("accept", "reply", "resolve", "report_up", "return", "dispatch", "co_handle", "transfer", "decline", "merge"),
    *("remind", "suspend", "resume", "reopen", "withdraw", "rate", "complain", "urgent"),
]


async def test_what_is_no_action_of_a_person_names_those_that_are(api: Api) -> None:
    resident = await api.sign_in("王阿姨")
    number = (await resident.file())["number"]
    for action in ("climb", "close", "assign", "submit", "add", "x", ""):
        answer = await resident.act(number, action)
        assert (answer.status, answer.code) == (422, "bad_input"), action
        (error,) = answer.body["errors"]
        assert error["field"] == "action"
        for name in ACTIONS:
            assert f"'{name}'" in error["detail"]


async def test_what_an_action_lacks_is_named(api: Api) -> None:
    resident, worker = await api.sign_in("王阿姨"), await api.staff("worker")
    number = (await resident.file())["number"]
    for action, field in (
        ("dispatch", "to"),
        ("transfer", "to"),
        ("co_handle", "others"),
        ("merge", "into"),
        ("suspend", "until"),
    ):
        answer = await worker.act(number, action, note="请办")
        assert (answer.status, answer.code, answer.body["facts"]["field"]) == (422, "bad_input", field), action
    for wrong in (
        {"to": ["城管办"]},
        {"to": "长" * 121},
        {"others": "城管办"},
        {"others": [""]},
        {"others": ["办"] * 11},
        {"into": 0},
        {"into": 2**63},
        {"into": "1001"},
        {"until": "2026-02-30"},
        {"until": 20260302},
        {"until": "2026-03-02T10:00:00"},
        {"hidden": "yes"},
    ):
        answer = await worker.act(number, "dispatch", note="请办", **wrong)
        assert (answer.status, answer.code) == (422, "bad_input"), wrong
        assert answer.body["errors"][0]["field"].split(".")[0] in wrong
    assert (await resident.get(f"/cases/{number}")).body["status"] == "submitted"


async def test_a_department_works_what_is_dispatched_to_it_and_hidden_words_stay_inside(api: Api) -> None:
    desk = api.town.desk
    await desk.imports.run(None, OFFICERS.encode())
    api.town.phones.update(officer="13800000011", helper="13800000013")
    resident, worker, chief = await api.sign_in("王阿姨"), await api.staff("worker"), await api.staff("chief")
    commander, officer, helper = [await api.staff(who) for who in ("commander", "officer", "helper")]
    number = (await resident.file())["number"]
    await worker.act(number, "report_up", note="要镇里")
    await chief.act(number, "report_up", note="要镇里")
    sent = await commander.act(number, "dispatch", to="城管办", note="先压一压")
    assert (sent.status, sent.body["department"], sent.body["unit"]) == (200, "城管办", TOWN)
    assert (sent.body["holder"], sent.body["timeline"][-1]["note"]) == ({"name": "何队长"}, "先压一压")
    assert [item["number"] for item in (await officer.get("/queue")).body["items"]] == [number]
    assert [len((await who.get("/queue")).body["items"]) for who in (commander, helper)] == [0, 0]
    assert (await helper.get(f"/cases/{number}")).status == 404

    asked = await officer.act(number, "co_handle", others=["水务站"], note="看看管线", hidden=False)
    assert (asked.body["status"], asked.body["holder"]) == ("accepted", {"name": "何队长"})
    said = await helper.act(number, "reply", note="管线没问题")
    assert (said.status, said.body["timeline"][-1]["role"]) == (200, "helper")
    assert [line["number"] for line in (await helper.get("/cases")).body["items"]] == [number]
    refused = await helper.act(number, "resolve", note="好了")
    assert (refused.status, refused.code) == (409, "illegal_move")

    moved = await officer.act(number, "transfer", to="32041210120102", note="在二网格")
    assert (moved.body["grid"], moved.body["level"], moved.body["department"]) == ("32041210120102", 1, None)
    # The officer has no longer anything to do with it, but sees how it was left, with their own words.
    assert moved.body["timeline"][-1]["note"] == "在二网格"
    assert (await officer.get(f"/cases/{number}")).status == 404
    shown = (await resident.get(f"/cases/{number}")).body["timeline"]
    assert [(step["action"], step["note"]) for step in shown][-3:] == [
        ("dispatch", ""),
        ("co_handle", "看看管线"),
        ("transfer", ""),
    ]
    assert [step["hidden"] for step in shown][-3:] == [True, False, True]
    elsewhere = await (await api.staff("cover")).act(number, "transfer", to="32041210120102")
    assert (elsewhere.status, elsewhere.code, elsewhere.body["facts"]["why"]) == (409, "illegal_move", "same_grid")


async def test_a_decline_can_be_appealed_once_and_the_town_has_the_last_word(api: Api) -> None:
    resident, worker, commander = await api.sign_in("王阿姨"), await api.staff("worker"), await api.staff("commander")
    number = (await resident.file())["number"]
    hidden = await worker.act(number, "decline", note="不在清单内", hidden=True)
    assert (hidden.status, hidden.body["facts"]["field"]) == (422, "hidden")
    assert (await worker.act(number, "decline", note="不在清单内")).body["status"] == "declined"
    appealed = await resident.act(number, "reopen", note="请镇里看看")
    assert (appealed.body["status"], appealed.body["level"], appealed.body["unit"]) == ("submitted", 3, TOWN)
    assert (await commander.act(number, "decline", note="确实不在")).body["status"] == "declined"
    final = await resident.act(number, "reopen", note="还是不服")
    assert (final.status, final.code) == (409, "illegal_move")
    assert (final.body["facts"]["status"], final.body["facts"]["why"]) == ("declined", "final")


async def test_notes_and_ratings_are_asked_for_where_they_belong(api: Api) -> None:
    resident, worker = await api.sign_in("王阿姨"), await api.staff("worker")
    number = (await resident.file())["number"]
    for action in ("reply", "resolve", "report_up", "return", "decline"):
        answer = await worker.act(number, action, note="  ")
        assert (answer.status, answer.code, answer.body["facts"]["field"]) == (422, "bad_input", "note"), action
    await worker.act(number, "resolve", note="好了")
    for body in (
        {},
        {"rating": 0},
        {"rating": 6},
        {"rating": "5"},
        {"rating": 4.5},
        {"rating": True},
        {"rating": 10**30},
    ):
        answer = await resident.act(number, "rate", **body)
        assert (answer.status, answer.code) == (422, "bad_input"), body
    assert (await worker.act(number, "reply", note="好了", rating=5)).status == 422
    assert (await resident.get(f"/cases/{number}")).body["rating"] is None


async def test_not_satisfied_reopens_and_the_second_time_goes_up(api: Api) -> None:
    resident, worker = await api.sign_in("王阿姨"), await api.staff("worker")
    number = (await resident.file())["number"]
    await worker.act(number, "resolve", note="好了")
    first = await resident.act(number, "reopen", note="还是不亮")
    assert (first.body["status"], first.body["level"]) == ("submitted", 1)
    await worker.act(number, "resolve", note="好了")
    assert (await resident.act(number, "reopen")).body["level"] == 2


async def test_declining_and_withdrawing_end_a_case(api: Api) -> None:
    resident, worker = await api.sign_in("王阿姨"), await api.staff("worker")
    declined, withdrawn = (await resident.file())["number"], (await resident.file())["number"]
    assert (await worker.act(declined, "decline", note="不在清单内")).body["status"] == "declined"
    assert (await resident.act(withdrawn, "withdraw")).body["status"] == "withdrawn"
    assert (await resident.act(withdrawn, "withdraw")).code == "illegal_move"


async def test_a_late_case_says_so_until_it_is_accepted(api: Api, house: House) -> None:
    resident, worker = await api.sign_in("王阿姨"), await api.staff("worker")
    number = (await resident.file())["number"]
    assert (await resident.act(number, "remind")).status == 200
    moved = house.desk.moved_clock
    assert moved is not None
    await moved.advance(timedelta(days=20).total_seconds())
    assert (await resident.get(f"/cases/{number}")).body["overdue"] is True
    (line,) = (await worker.get("/queue")).body["items"]
    assert (line["number"], line["overdue"]) == (number, True)
    assert [item["number"] for item in (await worker.get("/cases", overdue="true")).body["items"]] == [number]
