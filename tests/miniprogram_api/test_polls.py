"""Polls, public figures and the pictures of news over HTTP."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from app.bootstrap import House
from models import Attachment, Person, Region
from tests.factories import GRID, TOWN, VILLAGE
from tests.miniprogram_api.mini import Api, Mini


@pytest.fixture
async def resident(api: Api) -> Mini:
    mini = await api.sign_in("王阿姨")
    await Person.filter(id=mini.person["id"]).update(grid_id=(await Region.get(code=GRID)).id)
    return mini


def question(house: House, **more: object) -> dict[str, object]:
    closes = house.desk.clock.now() + timedelta(days=3)
    body = {
        "region": VILLAGE,
        "title": "大扫除放在哪天？",
        "options": ["周六", "周日"],
        "closes_at": closes.isoformat(),
    }
    return body | more


async def test_a_poll_from_the_question_to_the_result(api: Api, house: House, resident: Mini) -> None:
    chief = await api.staff("chief")
    made = await chief.post("/polls", question(house), Idempotency_Key="k")
    assert (made.status, made.body["state"], made.body["in_charge"]) == (201, "open", True)
    assert (await chief.post("/polls", question(house), Idempotency_Key="other")).body["id"] != made.body["id"]
    number = made.body["id"]
    page = (await resident.get("/polls?limit=1")).body
    assert len(page["items"]) == 1
    (seen,) = (await resident.get(f"/polls?cursor={page['next']}")).body["items"]
    assert (seen["id"], seen["may_vote"], [one["votes"] for one in seen["options"]]) == (number, True, [None, None])
    voted = await resident.post(f"/polls/{number}/votes", {"options": [2]}, Idempotency_Key="v")
    assert (voted.status, [one["votes"] for one in voted.body["options"]]) == (201, [0, 1])
    again = await resident.post(f"/polls/{number}/votes", {"options": [2]}, Idempotency_Key="v")
    assert (again.status, again.body) == (201, voted.body)
    twice = await resident.post(f"/polls/{number}/votes", {"options": [1]})
    assert (twice.status, twice.code, twice.body["facts"]["why"]) == (409, "conflict", "voted")
    ended = await chief.post(f"/polls/{number}/actions", {"action": "close"})
    assert (ended.status, ended.body["state"], ended.body["poll"]["voters"]) == (200, "closed", 1)
    assert (await chief.post(f"/polls/{number}/actions", {"action": "withdraw"})).body == {
        "state": "withdrawn",
        "poll": None,
    }
    gone = await resident.post(f"/polls/{number}/votes", {"options": [1]})
    assert (gone.status, gone.code) == (404, "not_found")


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 19], ids=str)
async def test_a_cursor_of_another_list_is_told_so(resident: Mini, cursor: str) -> None:
    answer = await resident.get(f"/polls?cursor={cursor}")
    assert (answer.status, answer.code) == (422, "bad_input")


async def test_the_picture_of_a_poll_or_notice_is_seen_by_those_whom_it_is_for(
    api: Api, house: House, resident: Mini
) -> None:
    chief, stranger = await api.staff("chief"), await api.sign_in("外村人")

    async def photo() -> UUID:
        one = uuid4()
        await Attachment.create(
            id=one,
            person_id=chief.person["id"],
            kind="photo",
            state="kept",
            key=f"2026/03/{one}",
            media_type="image/jpeg",
            size=1,
            created_at=house.desk.clock.now(),
        )
        return one

    of_poll, of_notice, of_preview = [await photo() for _ in range(3)]
    assert (await chief.post("/polls", question(house, picture=str(of_poll)))).status == 201
    for picture in (of_notice, of_preview):
        made = await chief.post("/notices", {"region": VILLAGE, "text": "明天停水", "picture": str(picture)})
        if picture == of_notice:
            await chief.post(f"/notices/{made.body['id']}/actions", {"action": "send"})
            await house.desk.notices.spread(made.body["id"])
    found = {
        who: [(await mini.get(f"/attachments/{one}")).status for one in (of_poll, of_notice, of_preview)]
        for who, mini in {"resident": resident, "stranger": stranger}.items()
    }
    assert found == {"resident": [200, 200, 404], "stranger": [404] * 3}
    somebody_elses = await chief.post("/polls", question(house, picture=str(uuid4())))
    assert (somebody_elses.status, somebody_elses.body["facts"]["field"]) == (422, "picture")


async def test_the_towns_figures_are_open_to_everybody(api: Api, house: House, resident: Mini) -> None:
    await resident.post("/cases", {"grid": GRID, "description": "路灯坏了"})
    await house.desk.statistics.count()
    stranger = Mini(api, "", {})
    page = await stranger.get(f"/statistics/public?region={TOWN}&limit=1")
    assert (page.status, page.body["items"][0]["region"]["name"], page.body["items"][0]["filed"]) == (200, "城西村", 1)
    rest = (await stranger.get(f"/statistics/public?region={TOWN}&cursor={page.body['next']}")).body
    assert ([one["region"]["name"] for one in rest["items"]], rest["next"]) == (["城东村"], None)
    for query, status in (("region=nowhere", 404), ("month=2026-13", 422), ("month=2001-01", 422), ("cursor=__", 422)):
        assert (await stranger.get(f"/statistics/public?{query}")).status == status, query
