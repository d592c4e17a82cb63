"""What somebody is to a case, and what they may do, as of today in China."""

from datetime import date, datetime

import pytest

from domain.calendar import SHANGHAI
from domain.case import Action, Role
from domain.errors import NotFound
from models import Case, HeldDuty
from services import access
from tests.factories import GRID
from tests.services.conftest import Street

# What everybody is to a case of the first grid: while it lies there, and once it lies in the village.
IN_THE_GRID = {
    "worker": {"holder"},
    "cover": set(),
    "chief": {"overseer"},
    "secretary": {"overseer"},
    "commander": {"overseer"},
    "county": {"overseer"},
    "inspector": set(),
}
IN_THE_VILLAGE = IN_THE_GRID | {"worker": {"overseer"}, "chief": {"holder"}, "secretary": {"holder"}}


async def test_what_everybody_is_to_a_case_follows_from_where_it_lies(street: Street) -> None:
    case = await street.files()
    for who, roles in IN_THE_GRID.items():
        assert {str(role) for role in await access.roles_in(case, await street.actor(who))} == roles, who
    case = await street.desk.cases.act(await street.actor("worker"), case.number or 0, Action.REPORT_UP, note="大")
    for who, roles in IN_THE_VILLAGE.items():
        assert {str(role) for role in await access.roles_in(case, await street.actor(who))} == roles, who


async def test_who_files_a_case_of_their_own_grid_is_both(street: Street) -> None:
    worker = await street.actor("worker")
    case = await street.files(worker)
    assert await access.roles_in(case, worker) == {Role.RESIDENT, Role.HOLDER}


async def test_a_draft_is_its_residents_alone(street: Street) -> None:
    resident = await street.resident()
    now = street.desk.clock.now()
    grid = await street.region(GRID)
    draft = await Case.create(
        resident_id=resident.person_id, status="draft", grid_id=grid.id, created_at=now, touched_at=now
    )
    assert await access.roles_in(draft, resident) == {Role.RESIDENT}
    assert await access.roles_in(draft, await street.actor("worker")) == set()


async def test_a_stand_in_holds_the_case_though_they_have_no_duty_there(street: Street) -> None:
    case = await street.files()
    cover = await street.actor("cover")
    await Case.filter(id=case.id).update(holder_id=cover.person_id)
    assert await access.roles_in(await Case.get(id=case.id), cover) == {Role.HOLDER}


async def test_a_duty_counts_from_its_first_day_to_its_last_in_china(street: Street) -> None:
    worker = await street.actor("worker")
    await HeldDuty.filter(person_id=worker.person_id).update(from_date=date(2027, 3, 2), to_date=date(2027, 3, 3))

    async def duties(day: int, hour: int, minute: int) -> int:
        return len((await access.actor(worker.person_id, datetime(2027, 3, day, hour, minute, tzinfo=SHANGHAI))).duties)

    assert [await duties(1, 23, 59), await duties(2, 0, 0), await duties(3, 23, 59), await duties(4, 0, 0)] == [
        0,
        1,
        1,
        0,
    ]


async def test_somebody_without_a_duty_is_still_somebody(street: Street) -> None:
    resident = await street.resident("王阿姨")
    assert (resident.name, resident.duties, resident.is_staff, resident.sends_notices) == ("王阿姨", (), False, False)
    with pytest.raises(NotFound):
        await access.actor(10**9, street.desk.clock.now())


async def test_the_name_of_a_region_that_begins_alike_opens_no_door(street: Street) -> None:
    """Paths are compared part by part: 1/1 is not the beginning of 1/10."""
    case = await street.files()
    chief = await street.actor("chief")
    (held,) = chief.duties
    assert held.path.endswith("/")
    near = access.Actor(chief.person_id, "", (access.Held(held.duty, 0, "", "", held.path[:-1] + "0/"),))
    assert await access.roles_in(case, near) == set()
