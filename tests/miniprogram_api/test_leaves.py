"""Leaves and vacant posts through the mini program."""

from datetime import datetime, timedelta

from domain.calendar import SHANGHAI
from tests.miniprogram_api.mini import Api


async def test_a_leave_from_asking_to_coming_back(api: Api) -> None:
    worker, chief, cover = await api.staff("worker"), await api.staff("chief"), await api.staff("cover")
    now = datetime.now(SHANGHAI)
    wish = {
        "starts_at": now.isoformat(),
        "ends_at": (now + timedelta(days=2)).isoformat(),
        "reason": "看病",
    }
    made = await worker.post("/me/leaves", wish, Idempotency_Key="l1")
    assert (made.status, made.body["state"], made.body["asked_of"]) == (201, "asked", {"name": "赵建军"})
    again = await worker.post("/me/leaves", wish, Idempotency_Key="l1")
    assert again.body == made.body
    refused = await worker.post("/me/leaves", wish)
    assert (refused.code, refused.body["facts"]["why"]) == ("leave_refused", "waiting")
    asked = (await chief.get("/leaves/asked")).body
    assert asked["next"] is None
    assert [(one["id"], one["person"], one["reason"]) for one in asked["items"]] == [
        (made.body["id"], {"name": "李卫国"}, "看病")
    ]
    assert (await cover.get("/leaves/asked")).body["items"] == []
    where = f"/leaves/{made.body['id']}/decision"
    assert (await cover.post(where, {"approve": True})).code == "not_found"
    assert (await chief.post(where, {"approve": False})).code == "bad_input"
    given = await chief.post(where, {"approve": True})
    assert (given.status, given.body["state"], given.body["cover"]) == (200, "approved", {"name": "王秀兰"})
    twice = await chief.post(where, {"approve": True})
    assert (twice.status, twice.code, twice.body["facts"]["state"]) == (409, "conflict", "approved")
    resident = await api.sign_in("王阿姨")
    assert (await resident.file())["holder"] == {"name": "王秀兰"}
    assert (await resident.post("/me/leaves", wish)).code == "not_allowed"
    ended = await worker.post(f"/me/leaves/{made.body['id']}/end", {})
    assert (ended.status, ended.body["cover"]) == (200, None)
    assert (await worker.post(f"/me/leaves/{made.body['id']}/end", {})).code == "conflict"
    assert [one["id"] for one in (await worker.get("/me/leaves")).body["items"]] == [made.body["id"]]
    assert (await resident.file())["holder"] == {"name": "李卫国"}
    for bad in (
        {**wish, "starts_at": 1800000000},
        {"starts_at": "2026-05-01T00:00:00", "ends_at": "2026-05-02T00:00:00"},
        {**wish, "ends_at": wish["starts_at"]},
    ):
        assert (await worker.post("/me/leaves", bad)).code == "bad_input", bad
    far = {"starts_at": "0001-01-01T00:00:00+08:00", "ends_at": "9999-12-31T23:59:59-12:00"}
    assert (await worker.post("/me/leaves", far)).body["facts"]["why"] == "past"
    assert (await worker.post("/me/leaves/99999999999999999999/end", {})).code == "not_found"


async def test_vacant_posts_are_shown_to_staff_above_page_by_page(api: Api) -> None:
    commander, resident = await api.staff("commander"), await api.sign_in("王阿姨")
    first = (await commander.get("/vacancies", limit="1")).body
    assert [(one["region"]["name"], one["level"], one["taken_by"]) for one in first["items"]] == [
        ("城东村", 2, {"name": "孙指挥"})
    ]
    second = (await commander.get("/vacancies", limit="1", cursor=first["next"])).body
    assert [one["region"]["name"] for one in second["items"]] == ["东一网格"]
    assert second["next"] is None
    assert (await resident.get("/vacancies")).body == {"items": [], "next": None}
    assert (await commander.get("/vacancies", cursor="AA")).code == "bad_input"
