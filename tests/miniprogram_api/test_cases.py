"""Filing a case, looking at it, adding to it."""

from datetime import datetime

from tests.factories import GRID
from tests.miniprogram_api.mini import Api


async def test_a_filed_case_has_a_number_a_holder_and_both_deadlines(api: Api) -> None:
    resident = await api.sign_in("王阿姨")
    case = await resident.file(
        title="路灯",
        event_type="street_light",
        place={"latitude": 31.5, "longitude": 120.1, "address": "村口"},
    )
    assert case["number"] == 1001
    assert case["status"] == "submitted"
    assert (case["level"], case["grid"], case["unit"], case["holder"]) == (1, GRID, GRID, {"name": "李卫国"})
    assert (case["grid_name"], case["unit_name"]) == ("第一网格", "第一网格")
    assert case["place"] == {"latitude": 31.5, "longitude": 120.1, "address": "村口"}
    assert (case["title"], case["event_type"], case["category"]) == ("路灯", "street_light", None)
    assert (case["urgent"], case["overdue"], case["rating"], case["attachments"]) == (False, False, None, [])
    created, accept, resolve = (
        datetime.fromisoformat(case[key]) for key in ("created_at", "accept_due", "resolve_due")
    )
    assert created < accept < resolve
    assert created.utcoffset() is not None
    (step,) = case["timeline"]
    assert (step["action"], step["by"], step["from_level"], step["to_level"]) == ("submit", "resident", 1, 1)
    assert (await resident.get("/cases/1001")).body == case


async def test_without_a_title_the_first_words_are_one(api: Api) -> None:
    case = await (await api.sign_in("王阿姨")).file("  路灯坏了\n晚上看不见  ")
    assert (case["title"], case["description"]) == ("路灯坏了", "路灯坏了\n晚上看不见")


async def test_a_title_stands_in_one_line(api: Api) -> None:
    case = await (await api.sign_in("王阿姨")).file(title=" 路灯\n 坏了 ")
    assert case["title"] == "路灯 坏了"


async def test_an_unknown_grid_is_not_found_and_nothing_is_filed(api: Api) -> None:
    resident = await api.sign_in("王阿姨")
    answer = await resident.post("/cases", {"grid": "nowhere", "description": "路灯坏了"})
    assert (answer.status, answer.code) == (404, "not_found")
    assert (await resident.get("/cases")).body == {"items": [], "next": None}


async def test_a_number_that_is_not_mine_is_as_unknown_as_one_that_does_not_exist(api: Api) -> None:
    number = (await (await api.sign_in("王阿姨")).file())["number"]
    stranger = await api.sign_in("陌生人")
    theirs, none = await stranger.get(f"/cases/{number}"), await stranger.get("/cases/9999")
    assert (theirs.status, theirs.code) == (none.status, none.code) == (404, "not_found")
    assert theirs.body["detail"] == none.body["detail"]
    for path in (f"/cases/{number}/messages", f"/cases/{number}/actions"):
        body = {"text": "?"} if path.endswith("messages") else {"action": "withdraw"}
        assert (await stranger.post(path, body)).code == "not_found"


async def test_nothing_in_a_case_tells_the_worker_who_the_resident_is(api: Api) -> None:
    resident = await api.sign_in("王阿姨")
    number = (await resident.file())["number"]
    worker = await api.staff("worker")
    answer = await worker.get(f"/cases/{number}")
    assert answer.status == 200
    assert "王阿姨" not in str(answer.body)
    assert resident.phone["mini_openid"] not in str(answer.body)
    assert "resident_id" not in str(answer.body)


async def test_a_word_more_reaches_the_timeline_and_the_holders_inbox(api: Api) -> None:
    resident = await api.sign_in("王阿姨")
    number = (await resident.file())["number"]
    answer = await resident.post(f"/cases/{number}/messages", {"text": "还有一盏也坏了"})
    assert answer.status == 201
    assert [step["note"] for step in answer.body["timeline"]] == ["", "还有一盏也坏了"]
    worker = await api.staff("worker")
    assert [step["note"] for step in (await worker.get(f"/cases/{number}")).body["timeline"]][-1] == "还有一盏也坏了"


async def test_only_the_resident_adds_words(api: Api) -> None:
    number = (await (await api.sign_in("王阿姨")).file())["number"]
    answer = await (await api.staff("worker")).post(f"/cases/{number}/messages", {"text": "好的"})
    assert (answer.status, answer.code) == (409, "illegal_move")


async def test_my_cases_come_newest_first_page_by_page(api: Api) -> None:
    resident = await api.sign_in("王阿姨")
    numbers = [(await resident.file(f"第{index}件事"))["number"] for index in range(5)]
    seen: list[int] = []
    query: dict[str, str] = {"limit": "2"}
    for _ in range(3):
        page = (await resident.get("/cases", **query)).body
        seen += [item["number"] for item in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert page["next"] is None
    assert seen == numbers[::-1]


async def test_a_line_of_the_list_says_what_the_case_says(api: Api) -> None:
    resident = await api.sign_in("王阿姨")
    case = await resident.file(urgent=True)
    (line,) = (await resident.get("/cases")).body["items"]
    assert set(line) - set(case) == {"due"}
    assert {key: line[key] for key in line if key != "due"} == {key: case[key] for key in line if key != "due"}
    assert line["due"] == case["accept_due"]


async def test_filters_choose(api: Api) -> None:
    resident = await api.sign_in("王阿姨")
    lamp = (await resident.file("路灯坏了 100%", event_type="lamp"))["number"]
    road = (await resident.file("路上有坑", event_type="road"))["number"]
    await resident.act(road, "withdraw")

    async def found(**query: str) -> list[int]:
        answer = await resident.get("/cases", **query)
        assert answer.status == 200, answer.body
        return [item["number"] for item in answer.body["items"]]

    assert await found(status="withdrawn") == [road]
    assert await found(event_type="lamp") == [lamp]
    assert await found(q="路灯") == [lamp]
    assert await found(q="0%") == [lamp]
    assert await found(q="%") == [lamp]
    assert await found(level="1") == [road, lamp]
    assert await found(level="2") == []
    assert await found(region=GRID) == [road, lamp]
    assert await found(region="nowhere") == []
    assert await found(overdue="true") == []
    assert await found(overdue="false") == [road, lamp]


async def test_staff_see_the_cases_of_their_village_and_not_of_another(api: Api) -> None:
    resident = await api.sign_in("王阿姨")
    here = (await resident.file())["number"]
    answer = await resident.post("/cases", {"grid": "32041210120201", "description": "水管漏水"})
    assert answer.status == 201
    chief = await api.staff("chief")
    assert [item["number"] for item in (await chief.get("/cases")).body["items"]] == [here]
    commander = await api.staff("commander")
    assert [item["number"] for item in (await commander.get("/cases")).body["items"]] == [answer.body["number"], here]
