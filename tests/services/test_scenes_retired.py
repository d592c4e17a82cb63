"""Retired codes: they lead nowhere, are told about, and are used again only when codes get short."""

from datetime import timedelta

import pytest

from domain.errors import NotFound, ScenesUsedUp
from models import Region, Scene
from services.scenes import REST, Scenes, State
from tests.factories import GRID, TOWN
from tests.services.conftest import Street, at_once

SECOND, EAST = GRID[:-1] + "2", "32041210120201"


def short(street: Street, *, most: int = 100, nearly: int = 0) -> Scenes:
    return Scenes(street.desk.clock, street.house.wechat, most=most, nearly=nearly)


async def test_a_retired_code_leads_nowhere_and_is_still_known_for_whose_it_was(street: Street) -> None:
    scenes = street.desk.scenes
    ticket = await scenes.ticket_for(GRID)
    assert (await scenes.scanned(ticket.scene)).state is State.LIVE
    assert await scenes.retire(GRID) == ticket.scene
    found = await scenes.scanned(ticket.scene)
    assert found.state is State.RETIRED
    assert found.region is not None
    assert found.region.code == GRID
    assert await scenes.region_of(ticket.scene) is None
    assert await scenes.retire(GRID) == ""
    with pytest.raises(NotFound):
        await scenes.retire("nowhere")


async def test_a_post_gets_another_code_and_keeps_that_one(street: Street) -> None:
    scenes = street.desk.scenes
    old = await scenes.ticket_for(GRID)
    new = await scenes.reissue(GRID)
    assert new.scene != old.scene
    assert new.url != old.url
    assert await scenes.ticket_for(GRID) == new
    assert (await scenes.scanned(new.scene)).state is State.LIVE


async def test_one_that_is_not_ours_is_unknown(street: Street) -> None:
    for scene in ("", "w10j8", "w10j9", "last_trade_no_1", "w\0"):
        assert (await street.desk.scenes.scanned(scene)).state is State.UNKNOWN


async def test_while_there_are_enough_no_code_is_ever_given_to_another_post(street: Street) -> None:
    old = await street.desk.scenes.ticket_for(GRID)
    await street.desk.scenes.retire(GRID)
    await street.advance(REST.total_seconds() * 3)
    assert (await street.desk.scenes.ticket_for(SECOND)).scene != old.scene


async def test_when_codes_get_short_one_that_has_rested_a_year_becomes_anothers(street: Street) -> None:
    scenes = short(street)
    old = await scenes.ticket_for(GRID)
    await scenes.retire(GRID)
    assert (await scenes.ticket_for(SECOND)).scene != old.scene
    await street.advance(REST.total_seconds() + 60)
    assert await scenes.ticket_for(EAST) == old.__class__(old.scene, old.url, EAST, "东一网格")
    found = await scenes.scanned(old.scene)
    assert found.state is State.LIVE
    assert found.region is not None
    assert found.region.code == EAST


async def test_one_that_somebody_still_scans_is_left_alone(street: Street) -> None:
    scenes = short(street)
    old = await scenes.ticket_for(GRID)
    await scenes.retire(GRID)
    await street.advance(REST.total_seconds() + 60)
    await street.desk.scans.note((await Scene.get(scene=old.scene)).id, "page")
    assert (await scenes.ticket_for(EAST)).scene != old.scene
    assert (await scenes.usage()).rested == 0
    await street.advance(REST.total_seconds() + timedelta(days=2).total_seconds())
    assert (await scenes.usage()).rested == 1


async def test_two_at_once_do_not_get_the_same_rested_code_nor_pass_the_limit(street: Street) -> None:
    scenes = short(street, most=5)
    for code in (GRID, SECOND):
        await scenes.ticket_for(code)
        await scenes.retire(code)
    await street.advance(REST.total_seconds() + 60)
    grid = await street.region(GRID)
    codes = [f"more{number}" for number in range(8)]
    for code in codes:
        await Region.create(code=code, name=code, level=1, parent_id=grid.parent_id, path=f"/{code}/")
    came = await at_once(*(scenes.ticket_for(code) for code in codes))
    given = [one.scene for one in came if not isinstance(one, BaseException)]
    assert len(set(given)) == len(given) == 5
    assert {type(one) for one in came if isinstance(one, BaseException)} == {ScenesUsedUp}
    assert (await scenes.usage()).used == 5


async def test_the_usage_counts_used_retired_and_rested(street: Street) -> None:
    scenes = street.desk.scenes
    for code in (GRID, SECOND, EAST):
        await scenes.ticket_for(code)
    await scenes.retire(GRID)
    usage = await scenes.usage()
    assert (usage.used, usage.retired, usage.rested, usage.nearly_out) == (3, 1, 0, False)


async def test_the_mini_programs_code_carries_the_same_scene(street: Street) -> None:
    scenes = Scenes(street.desk.clock, street.house.wechat, page="pages/board", env_version="trial")
    await street.house.cache.delete(f"wechat:token:{street.house.settings.wechat.miniprogram.appid}")
    assert (await scenes.mini_code(GRID)).startswith(b"\x89PNG")
    assert street.calls("/wxa/getwxacodeunlimit") == {"0": 1}
    assert await Scene.all().count() == 1
    assert await scenes.under(TOWN)
