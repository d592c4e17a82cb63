"""Rows that the console's pages are opened by."""

from datetime import date, timedelta

from models import EventType
from tests.factories import GRID, VILLAGE
from tests.services.conftest import Street


async def a_notice(street: Street) -> int:
    """One that is under way to a resident of the first grid, and has not been sent yet."""
    await street.follower("收通知的", grid=GRID)
    by = await street.actor("commander")
    preview = await street.desk.notices.compose(by, GRID, "明天八点到十二点停水，请提前备水。")
    await street.desk.notices.send(by, preview.id)
    await street.desk.notices.spread(preview.id)
    return preview.id


async def an_export(street: Street) -> int:
    """One that the commander has asked for."""
    by = await street.actor("commander")
    return (await street.desk.exports.ask(by, "cases", "csv", VILLAGE, date(2027, 2, 1), date(2027, 2, 28))).id


async def an_event_type(street: Street) -> None:
    now = street.desk.clock.now()
    await EventType.create(code="light", name="路灯", category="city_management", created_at=now)


async def a_leave(street: Street) -> int:
    """One that a worker has asked for."""
    by, now = await street.actor("cover"), street.desk.clock.now()
    return (await street.desk.leaves.ask(by, now + timedelta(days=3), now + timedelta(days=4), "看病")).id
