"""The assessment through the mini program: my score, my town's, spot checks, objections, awards."""

from datetime import UTC, datetime

from domain.month import Month
from tests.factories import GRID, TOWN
from tests.miniprogram_api.mini import Api


async def test_a_worker_reads_each_point_with_its_reason_and_what_is_missing(api: Api) -> None:
    worker, resident = await api.staff("worker"), await api.sign_in("王阿姨")
    filed = await resident.file()
    await worker.post(f"/cases/{filed['number']}/actions", {"action": "resolve", "note": "修好了"})
    await resident.post(f"/cases/{filed['number']}/actions", {"action": "rate", "rating": 5})
    score = (await worker.get("/me/score")).body
    assert (score["score"], score["closed"], score["grids"], score["person"]) == (
        0.6,
        False,
        [GRID],
        {"name": "李卫国"},
    )
    assert score["points"] == {"events": 1, "visits": 0, "base_data": 0, "deductions": 0}
    (line,) = score["lines"]
    assert (line["part"], line["points"], line["reason"], line["source"]) == ("events", 1, "自办办结", "X 四")
    assert line["record"] == {"kind": "case", "id": str(filed["number"])}
    assert [(one["what"], one["name"]) for one in score["missing"][:3]] == [
        ("events", "服务事件"),
        ("services", "服务记录"),
        ("public_order", "社会治安"),
    ]
    assert score["missing"][0]["left"] == score["missing"][0]["wanted"] - 1
    assert (await resident.get("/me/score")).code == "not_allowed"
    assert (await worker.get("/me/score", month="2026-13")).code == "bad_input"
    assert (await worker.get("/me/score", grid="99")).code == "not_found"


async def test_the_town_reads_its_workers_scores_page_by_page(api: Api) -> None:
    commander = await api.staff("commander")
    month = str(Month.of(datetime.now(UTC)))
    first = (await commander.get(f"/assessments/{month}", limit="1")).body
    second = (await commander.get(f"/assessments/{month}", limit="1", cursor=first["next"])).body
    assert [one["person"]["name"] for one in first["items"] + second["items"]] == ["李卫国", "王秀兰"]
    assert second["next"] is None
    assert (await commander.get("/assessments/2199-01")).code == "not_found"
    assert (await commander.get("/assessments/2099-01")).code == "bad_input"
    assert (await commander.get(f"/assessments/{month}", cursor="x")).code == "bad_input"


async def test_a_spot_check_from_the_mark_to_the_decision(api: Api) -> None:
    worker, resident = await api.staff("worker"), await api.sign_in("王阿姨")
    inspector, commander = await api.staff("inspector"), await api.staff("commander")
    filed = await resident.file()
    number = str(filed["number"])
    await worker.post(f"/cases/{number}/actions", {"action": "resolve", "note": "修好了"})
    found = {"kind": "case", "record": number, "verdict": "unqualified", "ground": "missing", "note": "没有照片"}
    made = await inspector.post("/spot-checks", found, Idempotency_Key="c1")
    assert (made.status, made.body["person"], made.body["objection"]) == (201, {"name": "李卫国"}, None)
    assert (await inspector.post("/spot-checks", {**found, "ground": None})).code == "bad_input"
    assert [line["points"] for line in (await worker.get("/me/score")).body["lines"]] == [-2]
    objected = await worker.post(f"/spot-checks/{made.body['id']}/objections", {"reason": "照片在第二条消息里"})
    assert objected.body["objection"]["state"] == "asked"
    where = f"/objections/{objected.body['objection']['id']}/decision"
    assert (await inspector.post(where, {"uphold": True, "answer": "看到了"})).code == "not_allowed"
    assert (await commander.post(where, {"uphold": True, "answer": "看到了"})).status == 204
    (listed,) = (await worker.get("/spot-checks")).body["items"]
    assert (listed["withdrawn"], listed["objection"]["answer"]) == (True, "看到了")
    assert (await worker.get("/me/score")).body["lines"] == []


async def test_the_lists_of_awards_are_there_for_everybody(api: Api) -> None:
    resident = await api.sign_in("王阿姨")
    month = (await resident.get(f"/towns/{TOWN}/awards")).body
    assert (month["kind"], month["period"], month["items"]) == (
        "month",
        Month.of(datetime.now(UTC)).before.first.isoformat(),
        [],
    )
    year = (await resident.get(f"/towns/{TOWN}/awards", period="2026")).body
    assert (year["kind"], year["period"]) == ("year", "2026-01-01")
    assert (await resident.get(f"/towns/{GRID}/awards")).code == "not_found"
    assert (await resident.post("/awards/77/objections", {"reason": "没见过他"})).code == "not_found"
