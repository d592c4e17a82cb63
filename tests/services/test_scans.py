"""Scans are counted by board and day, nobody in them, also when a village scans at once."""

import pytest

from domain.errors import NotFound
from models import Scene
from services.transaction import rows, transaction
from tests.factories import GRID, TOWN, VILLAGE
from tests.services.conftest import A_DAY, Street, at_once


async def scene_id(street: Street, code: str = GRID) -> int:
    ticket = await street.desk.scenes.ticket_for(code)
    return (await Scene.get(scene=ticket.scene)).id


async def test_each_day_and_each_door_has_its_own_count(street: Street) -> None:
    await street.at("2027-03-01 23:30")
    one, scans = await scene_id(street), street.desk.scans
    for door in ("chat", "chat", "page"):
        await scans.note(one, door)
    await street.advance(3600)
    await scans.note(one, "chat")
    found = await scans.per_day(TOWN)
    assert [(day.code, str(day.day), day.door, day.count) for day in found] == [
        (GRID, "2027-03-01", "chat", 2),
        (GRID, "2027-03-01", "page", 1),
        (GRID, "2027-03-02", "chat", 1),
    ]
    assert await scans.total(one) == 4


async def test_only_boards_of_the_region_and_of_the_last_days_are_told(street: Street) -> None:
    one = await scene_id(street)
    await street.desk.scans.note(one, "chat")
    east = "320412101202"
    assert len(await street.desk.scans.per_day(VILLAGE)) == 1
    assert await street.desk.scans.per_day(east) == []
    await street.advance(A_DAY * 30)
    assert await street.desk.scans.per_day(VILLAGE, days=30) == []
    with pytest.raises(NotFound):
        await street.desk.scans.per_day("nowhere")


async def test_a_village_that_scans_at_once_is_counted_whole_and_does_not_wait_for_one_row(street: Street) -> None:
    one = await scene_id(street)

    async def scan() -> None:
        async with transaction():
            await street.desk.scans.note(one, "chat")

    assert await at_once(*(scan() for _ in range(40))) == [None] * 40
    assert await street.desk.scans.total(one) == 40
    spread = await rows("SELECT count(*) AS n FROM scan_count WHERE scene_id = $1", one)
    assert spread[0]["n"] > 1


async def test_a_scan_that_was_undone_does_not_count(street: Street) -> None:
    one = await scene_id(street)

    async def fails() -> None:
        async with transaction():
            await street.desk.scans.note(one, "chat")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fails()
    assert await street.desk.scans.total(one) == 0
