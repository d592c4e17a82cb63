"""A permanent scene for each post, asked for once, and the way back from a scan."""

import asyncio

import pytest

from domain.errors import NotFound, Unavailable
from models import Region, Scene
from qrcodes import scenes as alphabet
from sandbox.world import World
from services.desk import Desk
from services.ports import WeChatError
from tests.factories import GRID, TOWN, VILLAGE, Town

CREATE = "/cgi-bin/qrcode/create"


def _times_asked(world: World) -> int:
    return int(world.counts.as_json()["calls"].get(CREATE, {}).get("0", 0))


async def test_a_ticket_holds_the_url_that_wechat_gave_and_names_the_region(town: Town, world: World) -> None:
    ticket = await town.desk.scenes.ticket_for(GRID)
    assert (ticket.region_code, ticket.region_name) == (GRID, "第一网格")
    known = [made for made in world.scenes.list() if made.scene == ticket.scene]
    assert [made.url for made in known] == [ticket.url]


async def test_the_scene_names_the_row_and_so_outlives_a_change_of_staff(town: Town) -> None:
    ticket = await town.desk.scenes.ticket_for(GRID)
    row = await Scene.get(scene=ticket.scene)
    assert alphabet.decode(ticket.scene) == row.id


async def test_wechat_is_asked_only_the_first_time(town: Town, world: World) -> None:
    first = await town.desk.scenes.ticket_for(GRID)
    asked = _times_asked(world)
    assert await town.desk.scenes.ticket_for(GRID) == first
    assert _times_asked(world) == asked == 1


async def test_many_at_once_get_the_same_scene(town: Town) -> None:
    tickets = await asyncio.gather(*(town.desk.scenes.ticket_for(GRID) for _ in range(8)))
    assert len(set(tickets)) == 1
    assert await Scene.all().count() == 1


async def test_a_crash_between_the_row_and_wechats_answer_is_healed_by_the_next_call(town: Town, world: World) -> None:
    first = await town.desk.scenes.ticket_for(GRID)
    await Scene.filter(scene=first.scene).update(url="", ticket="")
    assert await town.desk.scenes.ticket_for(GRID) == first
    assert (await Scene.get(scene=first.scene)).url == first.url
    assert await Scene.all().count() == 1


async def test_an_unknown_region_has_no_ticket_and_leaves_no_row(town: Town) -> None:
    with pytest.raises(NotFound):
        await town.desk.scenes.ticket_for("999")
    assert await Scene.all().count() == 0


async def test_an_answer_that_got_lost_is_asked_for_again_with_the_same_scene(town: Town, world: World) -> None:
    world.faults.order({"path": CREATE, "drop": "after", "times": 1})
    with pytest.raises(Unavailable):
        await town.desk.scenes.ticket_for(GRID)
    ticket = await town.desk.scenes.ticket_for(GRID)
    assert [(made.scene, made.url) for made in world.scenes.list()] == [(ticket.scene, ticket.url)]


async def test_when_wechat_refuses_the_caller_learns_its_number_and_may_try_again(town: Town, world: World) -> None:
    world.faults.order({"path": CREATE, "errcode": 45009, "times": 1})
    with pytest.raises(Unavailable) as refused:
        await town.desk.scenes.ticket_for(GRID)
    assert refused.value.facts["errcode"] == 45009
    assert isinstance(refused.value.__cause__, WeChatError)

    ticket = await town.desk.scenes.ticket_for(GRID)
    assert ticket.url
    assert await Scene.all().count() == 1


async def test_under_gives_the_grids_of_the_subtree_in_order(town: Town) -> None:
    scenes = town.desk.scenes
    assert await scenes.under(VILLAGE) == [GRID, GRID[:-1] + "2"]
    assert await scenes.under(TOWN) == [GRID, GRID[:-1] + "2", "32041210120201"]
    assert await scenes.under(GRID) == [GRID]
    with pytest.raises(NotFound):
        await scenes.under("999")


async def test_missing_names_the_codes_that_no_region_has(town: Town) -> None:
    assert await town.desk.scenes.missing(["x", GRID, "y"]) == ["x", "y"]


async def test_a_scan_leads_back_to_the_region_and_survives_a_corrected_code(town: Town) -> None:
    ticket = await town.desk.scenes.ticket_for(GRID)
    await Region.filter(code=GRID).update(code="corrected")
    region = await town.desk.scenes.region_of(ticket.scene)
    assert region is not None
    assert region.code == "corrected"
    assert (await town.desk.scenes.ticket_for("corrected")).url == ticket.url


@pytest.mark.parametrize(
    "scene", ["", "x", "w1", "last_trade_no_4200", "w10j8", "w10j9", "qrscene_w10j9", "w\0", "网格"]
)
async def test_what_is_not_ours_leads_nowhere(desk: Desk, scene: str) -> None:
    assert await desk.scenes.region_of(scene) is None
