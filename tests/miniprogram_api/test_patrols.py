"""Patrols through the mini program."""

from datetime import datetime, timedelta
from typing import Any

from domain.calendar import SHANGHAI
from tests.domain.test_track import ALONG, LATITUDE, LONGITUDE, UP
from tests.factories import GRID, TOWN
from tests.miniprogram_api.mini import Api, Mini


def points(start: datetime, count: int, *, first: int = 0) -> list[dict[str, Any]]:
    """East at a walk, a fix every five seconds, a hand's breadth of noise."""
    return [
        {
            "at": (start + timedelta(seconds=5 * n)).isoformat(timespec="milliseconds"),
            "latitude": LATITUDE + (n * 7 % 5) * 0.3 * UP,
            "longitude": LONGITUDE + (6.5 * n + (n * 11 % 7) * 0.3) * ALONG,
            "accuracy": 8.0,
        }
        for n in range(first, first + count)
    ]


async def test_a_patrol_from_the_first_step_to_the_track(api: Api) -> None:
    worker, chief, cover = await api.staff("worker"), await api.staff("chief"), await api.staff("cover")
    begun_at = datetime.now(SHANGHAI) - timedelta(hours=2)
    wish = {"started_at": begun_at.isoformat(), "content": "查消防通道"}
    made = await worker.post("/patrols", wish, Idempotency_Key="p1")
    assert (made.status, made.body["region"]["code"], made.body["ended_at"]) == (201, GRID, None)
    assert (await worker.post("/patrols", wish, Idempotency_Key="p1")).body == made.body
    where = f"/patrols/{made.body['id']}"
    again = await worker.post("/patrols", {})
    assert (again.status, again.code, again.body["facts"]) == (
        409,
        "conflict",
        {"patrol": made.body["id"], "why": "open"},
    )
    whole = points(begun_at, 400)
    batch = {"batch": 1, "points": whole[:200]}
    taken = await worker.post(f"{where}/points", batch)
    assert (taken.status, taken.body) == (200, {"batch": 1, "points": 200, "repeated": False})
    assert (await worker.post(f"{where}/points", batch)).body["repeated"] is True
    other = await worker.post(f"{where}/points", {"batch": 1, "points": whole[200:]})
    assert (other.code, other.body["facts"]["why"]) == ("conflict", "batch")
    assert (await worker.post(f"{where}/points", {"batch": 2, "points": whole[200:]})).status == 200
    assert (await chief.post(f"{where}/points", {"batch": 3, "points": whole[:1]})).code == "not_found"
    so_far = (await chief.get(where)).body
    assert 2400 < so_far["length_metres"] < 2700
    assert so_far["ended_by"] == ""
    ended_at = (begun_at + timedelta(hours=1)).isoformat()
    ended = await worker.post(f"{where}/end", {"ended_at": ended_at, "result": "通道清了"})
    assert (ended.status, ended.body["seconds"], ended.body["ended_by"]) == (200, 3600, "worker")
    assert ended.body["person"] == {"name": "李卫国"}
    shown = (await chief.get(where)).body
    assert (shown["content"], shown["result"], shown["doubts"]) == ("查消防通道", "通道清了", [])
    (piece,) = shown["track"]
    assert abs(piece["points"][0]["longitude"] - LONGITUDE) < 0.001
    assert (await cover.get(where)).code == "not_found"
    assert [one["id"] for one in (await chief.get("/patrols")).body["items"]] == [made.body["id"]]
    assert (await chief.get("/patrols", mine="true")).body["items"] == []
    assert (await cover.get("/patrols")).body == {"items": [], "next": None}
    assert (await worker.get("/patrols", until="2020-01-01")).body["items"] == []
    week = (await worker.get("/me/patrol-week")).body
    assert [one["owed"] for one in week["week"]] == ["week_seconds", "week_metres"]
    assert week["coverage"] == []


async def test_a_thousand_points_go_in_one_body_and_one_more_does_not(api: Api) -> None:
    worker = await api.staff("worker")
    made = (await worker.post("/patrols", {})).body
    many = points(datetime.now(SHANGHAI) - timedelta(hours=2), 1000)
    for one in many:
        one["mock"] = False
    where = f"/patrols/{made['id']}/points"
    sent = {"batch": 1, "sent_at": datetime.now(SHANGHAI).isoformat(), "points": many}
    assert (await worker.post(where, sent)).body["points"] == 1000
    more = {**sent, "batch": 2, "points": [*many, many[0]]}
    assert (await worker.post(where, more)).code == "bad_input"


async def test_what_cannot_be_a_point_or_a_moment_is_named(api: Api) -> None:
    worker, resident = await api.staff("worker"), await api.sign_in("王阿姨")
    made = (await worker.post("/patrols", {})).body
    where = f"/patrols/{made['id']}/points"
    (good,) = points(datetime.now(SHANGHAI), 1)
    for bad in (
        {**good, "latitude": 91},
        {**good, "longitude": "120"},
        {**good, "at": 1800000000},
        {**good, "at": "2026-03-02T08:30:00"},
        {**good, "accuracy": -1},
        {**good, "speed": 1},
    ):
        assert (await worker.post(where, {"batch": 1, "points": [bad]})).code == "bad_input", bad
    for body in ({"batch": 0, "points": [good]}, {"batch": 1, "points": []}, {"points": [good]}):
        assert (await worker.post(where, body)).code == "bad_input", body
    assert (await worker.post("/patrols/99999999999999999999/end", {})).code == "not_found"
    assert (await resident.post("/patrols", {})).code == "not_allowed"
    late = {"started_at": "2020-01-01T00:00:00+08:00"}
    assert (await (await api.staff("cover")).post("/patrols", late)).code == "bad_input"


async def test_how_much_of_the_grid_is_walked_stands_with_the_week_and_with_the_score(api: Api) -> None:
    commander, worker = await api.staff("commander"), await api.staff("worker")
    ring = [[LONGITUDE, LATITUDE], [LONGITUDE + 0.01, LATITUDE], [LONGITUDE, LATITUDE + 0.01]]
    await api.call("PUT", f"/grids/{GRID}/boundary", token=commander.token, json={"ring": ring})
    (covered,) = (await worker.get("/me/patrol-week")).body["coverage"]
    assert (covered["grid"]["code"], covered["days"], covered["share"]) == (GRID, 5, 0)
    assert {"part": "south_west", "name": "西南角"} in covered["missing"]
    assert (await worker.get("/me/score")).body["coverage"] == covered


async def test_the_town_draws_a_grid_and_excuses_a_day(api: Api) -> None:
    commander, worker = await api.staff("commander"), await api.staff("worker")
    ring = [[LONGITUDE, LATITUDE], [LONGITUDE + 0.01, LATITUDE], [LONGITUDE, LATITUDE + 0.01]]

    async def put(mini: Mini, body: Any) -> Any:
        return await api.call("PUT", f"/grids/{GRID}/boundary", token=mini.token, json=body)

    assert (await put(commander, {"ring": ring})).body["corners"] == 3
    assert (await put(worker, {"ring": ring})).code == "not_found"
    assert (await put(commander, {"ring": [*ring[:2], [181, 2]]})).code == "bad_input"
    today = datetime.now(SHANGHAI).date().isoformat()
    excused = await commander.post("/exempt-days", {"region": TOWN, "day": today, "reason": "大雨"})
    assert (excused.status, excused.body["reason"]) == (200, "大雨")
    assert [one["day"] for one in (await worker.get("/exempt-days")).body["items"]] == [today]
    assert (await worker.get("/me/patrol-week")).body["exempt"] is True
