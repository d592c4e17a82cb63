"""The periods of an event type win over the town's: when a case is filed, and wherever it goes."""

from datetime import UTC, datetime

from domain.case import Action
from domain.deadlines import Limits
from models import Case, EventType
from services.case_clocks import limits_for
from services.case_places import Policy
from tests.services.conftest import Street

WHEN = datetime(2026, 1, 1, tzinfo=UTC)


async def kind(code: str, **more: object) -> EventType:
    return await EventType.create(code=code, name=code, category="city_management", created_at=WHEN, **more)


async def test_limits_are_the_types_where_it_has_its_own_and_the_towns_elsewhere(street: Street) -> None:
    policy: Policy = street.desk.cases._places._policy
    town = policy.limits
    await kind("lamp", accept_hours=2, resolve_days=1.5)
    await kind("gas", accept_hours=0.25, urgent=True)
    await kind("plain")
    await kind("old", resolve_days=7, state="retired")
    await kind("idea", resolve_days=7, state="proposed")

    async def of(code: str) -> Limits:
        return await limits_for(Case(event_type=code), policy)

    lamp = await of("lamp")
    assert (lamp.accept_hours, lamp.resolve_days[1], lamp.resolve_days[5]) == (2, 1.5, 1.5)
    assert lamp.urgent_resolve_days == town.urgent_resolve_days
    assert ((await of("gas")).urgent_accept_minutes, (await of("gas")).accept_hours) == (15, town.accept_hours)
    assert (await of("old")).resolve_days[3] == 7
    assert [await of(code) for code in ("plain", "idea", "nobody", "")] == [town] * 4


async def test_a_case_of_the_type_runs_on_its_periods_and_keeps_them_on_every_level(street: Street) -> None:
    await kind("lamp", accept_hours=1, resolve_days=1)
    start = await street.at("2027-03-01 09:00")
    case = await street.files(event_type="lamp")
    assert case.accept_due is not None
    assert case.resolve_due is not None
    assert 0 <= (case.accept_due - start).total_seconds() - 3600 < 60
    assert case.resolve_due.isoformat().startswith("2027-03-02T09:00")
    up = await street.desk.cases.act(await street.actor("worker"), case.number or 0, Action.REPORT_UP, note="请协调")
    assert up.level == 2
    assert up.resolve_due is not None
    assert up.resolve_due.isoformat().startswith("2027-03-02T09:00")
