"""Notices over HTTP: news for residents, the whole life for staff, live figures, the report."""

import asyncio
import csv
import io
import json
from typing import Any

import pytest

from app.bootstrap import House
from models import Person, Region
from tests.factories import GRID, TOWN, VILLAGE
from tests.miniprogram_api.mini import Api, Mini

LATER = "2099-01-01T00:00:00+08:00"


@pytest.fixture
async def chief(api: Api) -> Mini:
    return await api.staff("chief")


@pytest.fixture
async def resident(api: Api) -> Mini:
    mini = await api.sign_in("王阿姨")
    await Person.filter(id=mini.person["id"]).update(grid_id=(await Region.get(code=GRID)).id)
    return mini


async def composed(mini: Mini, **more: Any) -> dict[str, Any]:
    answer = await mini.post("/notices", {"region": VILLAGE, "text": "明天停水", **more})
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def does(mini: Mini, number: int, action: str, **more: Any) -> Any:
    return await mini.post(f"/notices/{number}/actions", {"action": action, **more})


async def test_a_notice_from_the_preview_to_the_news(chief: Mini, resident: Mini, house: House) -> None:
    made = await composed(chief, title="停水", link="https://example.gov.cn")
    assert (made["state"], made["reach"], made["estimate"]["inbox"], made["mine"]) == ("preview", 1, 1, True)
    assert (await resident.get("/notices")).body == {"items": [], "next": None}
    sent = await does(chief, made["id"], "send")
    assert (sent.status, sent.body["state"]) == (200, "sending")
    await house.desk.notices.spread(made["id"])
    await house.desk.deliveries.send()
    (news,) = (await resident.get("/notices")).body["items"]
    assert (news["id"], news["title"], news["region"]) == (made["id"], "停水", {"code": VILLAGE, "name": "城西村"})
    assert set(news) == {
        *("id", "title", "text", "link", "picture", "urgent", "region", "sent_at", "expires_at"),
    }
    figures = (await chief.get(f"/notices/{made['id']}/figures")).body
    assert (figures["people"], figures["inbox"], figures["left"]) == (1, 1, 0)
    for action, state in (("pause", "paused"), ("resume", "sending"), ("recall", "recalled")):
        assert (await does(chief, made["id"], action)).body["state"] == state
    assert (await resident.get("/notices")).body["items"] == []


async def test_what_is_not_theirs_is_not_found_whatever_they_try(chief: Mini, resident: Mini, api: Api) -> None:
    made = await composed(chief)
    worker = await api.staff("worker")
    for mini in (resident, worker):
        for path in ("", "/figures", "/report", "/report.csv", "/live"):
            assert (await mini.get(f"/notices/{made['id']}{path}")).code == "not_found"
        for action in ("send", "approve", "pause", "recall", "show_me"):
            assert (await does(mini, made["id"], action)).code == "not_found"
        assert (await mini.post("/notices", {"region": VILLAGE, "text": "我来发"})).code == "not_found"
        assert (await mini.post("/notices/estimate", {"region": VILLAGE})).code == "not_found"
        assert (await mini.get("/notices/managed")).body["items"] == []
    assert (await chief.post("/notices", {"region": TOWN, "text": "越级"})).code == "not_found"
    assert (await api.call("GET", f"/notices/{made['id']}/live")).code == "not_signed_in"
    assert (await chief.get("/notices/99999999999999999999/live")).code == "not_found"


NO_NOTICE: list[tuple[dict[str, Any], str]] = [
    ({"text": ""}, "text"),
    ({"text": "一" * 601}, "text"),
    ({"link": "javascript:alert(1)"}, "link"),
    ({"link": "https:///nowhere"}, "link"),
    ({"title": "题" * 31}, "title"),
    ({"starts_at": "2020-01-01T00:00:00+08:00"}, "starts_at"),
    ({"expires_at": "2020-01-01T00:00:00+08:00"}, "expires_at"),
    ({"starts_at": LATER}, "starts_at"),
    ({"picture": "00000000-0000-4000-8000-000000000000"}, "picture"),
    ({"audience": {"duties": ["petitioner"]}}, "audience"),
    ({"audience": {"open_case_of": "nothing"}}, "open_case_of"),
    ({"people": [1]}, "people"),
]


async def test_what_no_notice_can_be_is_refused_by_name(chief: Mini) -> None:
    for more, field in NO_NOTICE:
        answer = await chief.post("/notices", {"region": VILLAGE, "text": "明天停水", **more})
        assert (answer.status, answer.code) == (422, "bad_input"), more
        assert field in json.dumps(answer.body)


async def test_a_step_out_of_turn_says_what_the_notice_is(chief: Mini, resident: Mini, api: Api) -> None:
    made = await composed(chief)
    answer = await does(chief, made["id"], "pause")
    assert (answer.status, answer.code, answer.body["facts"]["status"]) == (409, "illegal_move", "preview")
    await does(chief, made["id"], "send")
    answer = await does(chief, made["id"], "approve")
    assert (answer.code, answer.body["facts"]["notice"]) == ("illegal_move", made["id"])
    assert (await does(chief, made["id"], "refuse")).code == "bad_input"
    nobody = await chief.post("/notices", {"region": "32041210120102", "text": "没有人"})
    assert (await does(chief, nobody.body["id"], "send")).code == "notice_refused"
    secretary = await api.staff("secretary")
    numbers = [one["id"] for one in (await secretary.get("/notices/managed")).body["items"]]
    assert numbers == [made["id"]]  # somebody else's preview is theirs alone


async def test_a_word_in_the_place_of_a_number_takes_its_own_methods_only(chief: Mini, api: Api) -> None:
    for method in ("GET", "OPTIONS"):
        answer = await api.call(method, "/notices/estimate", token=chief.token)
        assert (answer.status, answer.code, answer.headers["Allow"]) == (405, "method_not_allowed", "POST")
    assert (await chief.get("/notices/managed")).status == 200
    assert (await chief.get("/notices/none")).code == "not_found"


async def test_the_same_key_composes_once(chief: Mini, resident: Mini) -> None:
    body = {"region": VILLAGE, "text": "明天停水"}
    first, second = [await chief.post("/notices", body, Idempotency_Key="k1") for _ in range(2)]
    assert (first.body["id"], second.headers["Idempotency-Replayed"]) == (second.body["id"], "true")


async def events(chief: Mini, number: int) -> list[dict[str, Any]]:
    """All that the stream says until it ends by itself."""
    url = f"{chief.api.url}/api/v1/notices/{number}/live"
    async with chief.api.session.get(url, headers={"Authorization": f"Bearer {chief.token}"}) as stream:
        assert (stream.status, stream.headers["Content-Type"]) == (200, "text/event-stream")
        said = (await stream.content.read()).decode()
    found = [dict(line.split(": ", 1) for line in one.split("\r\n")) for one in said.strip().split("\r\n\r\n")]
    assert {one["event"] for one in found} == {"figures"}
    return [json.loads(one["data"]) for one in found]


async def test_live_figures_come_until_the_notice_has_ended(chief: Mini, resident: Mini, house: House) -> None:
    made = await composed(chief)
    await does(chief, made["id"], "send")
    watching = asyncio.create_task(events(chief, made["id"]))
    await house.desk.notices.spread(made["id"])
    await house.desk.deliveries.send()
    await house.desk.notices.sweep()
    seen = await watching
    assert (seen[-1]["state"], seen[-1]["left"], seen[-1]["inbox"]) == ("sent", 0, 1)
    assert set(seen[-1]) == set((await chief.get(f"/notices/{made['id']}/figures")).body)


async def test_the_report_as_a_table_adds_up_and_names_nobody(chief: Mini, resident: Mini, house: House) -> None:
    made = await composed(chief)
    await does(chief, made["id"], "send")
    await house.desk.notices.spread(made["id"])
    await house.desk.deliveries.send()
    (line,) = (await chief.get(f"/notices/{made['id']}/report")).body["items"]
    assert (line["village"], line["people"], line["inbox"], line["reasons"]) == ("城西村", 1, 1, {"no_wechat": 1})
    answer = await chief.get(f"/notices/{made['id']}/report.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    heads, village, total = csv.reader(io.StringIO(answer.body.removeprefix("\ufeff")))
    told = dict(zip(heads, village, strict=True))
    assert told["村（社区）"] == "城西村"
    assert [told[name] for name in ("应通知人数", "只在消息箱", "原因：没绑定微信")] == ["1"] * 3
    assert total == ["", "合计", *village[2:]]
    assert "王阿姨" not in answer.body


async def test_a_worker_tells_in_person_and_records_it(chief: Mini, resident: Mini, house: House, api: Api) -> None:
    made = await composed(chief)
    await does(chief, made["id"], "send")
    await house.desk.notices.spread(made["id"])
    await house.desk.deliveries.send()
    worker = await api.staff("worker")
    page = (await worker.get(f"/notices/{made['id']}/not-reached")).body
    (one,) = page["items"]
    assert (one["grid"], page["next"]) == ("第一网格", None)
    body = {"recipients": [one["recipient"]]}
    recorded = [(await worker.post(f"/notices/{made['id']}/visits", body)).body["recorded"] for _ in range(2)]
    assert recorded == [1, 0]
    assert (await resident.post(f"/notices/{made['id']}/visits", body)).code == "not_found"
    assert (await chief.get(f"/notices/{made['id']}/figures")).body["visited"] == 1
