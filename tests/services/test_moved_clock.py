"""The sandbox's clock: one for all processes, and what is due then is taken at once."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from domain.calendar import SHANGHAI
from domain.errors import BadInput
from models import Case
from services.moved_clock import MovedClock
from tests.services.conftest import Street, at_once


def moved(street: Street) -> MovedClock:
    assert street.desk.moved_clock is not None
    return street.desk.moved_clock


async def test_two_who_move_it_at_once_both_move_it(empty: Street) -> None:
    before = empty.desk.clock.now()
    answers = await at_once(*(moved(empty).advance(3600) for _ in range(5)))
    assert not [answer for answer in answers if isinstance(answer, BaseException)]
    await moved(empty).load()
    assert timedelta(hours=5) <= empty.desk.clock.now() - before < timedelta(hours=5, minutes=1)


async def test_what_is_due_after_a_move_is_taken_by_the_jobs(street: Street) -> None:
    case = await street.files()
    await moved(street).advance(4 * 86400)
    await street.work()
    assert (await Case.get(id=case.id)).level == 2


async def test_it_can_be_set_to_a_moment_and_back(empty: Street) -> None:
    wanted = datetime(2027, 3, 1, 9, 0, tzinfo=SHANGHAI)
    assert abs(await moved(empty).set_to(wanted) - wanted) < timedelta(seconds=5)
    real = await moved(empty).advance(-(wanted - datetime.now(SHANGHAI)).total_seconds())
    assert abs(real - datetime.now(SHANGHAI)) < timedelta(seconds=5)


@pytest.mark.parametrize("seconds", [math.nan, math.inf, -math.inf, 1e30, 366 * 21 * 86400])
async def test_no_more_than_twenty_years_and_only_numbers(empty: Street, seconds: float) -> None:
    with pytest.raises(BadInput):
        await moved(empty).advance(seconds)
    await moved(empty).load()
    assert abs(empty.desk.clock.now() - datetime.now(SHANGHAI)) < timedelta(seconds=5)


async def test_twice_eleven_years_is_too_far_and_leaves_it_where_it_was(empty: Street) -> None:
    await moved(empty).advance(11 * 366 * 86400)
    with pytest.raises(BadInput):
        await moved(empty).advance(11 * 366 * 86400)
    await moved(empty).load()
    assert timedelta(days=4000) < empty.desk.clock.now() - datetime.now(SHANGHAI) < timedelta(days=4100)


async def test_a_moment_without_a_time_zone_is_refused(empty: Street) -> None:
    with pytest.raises(BadInput):
        await moved(empty).set_to(datetime(2027, 3, 1, 9, 0))  # noqa: DTZ001 - that is the point


async def test_whoever_looks_while_it_is_moved_does_not_set_it_back(street: Street) -> None:
    before = street.desk.clock.now() - datetime.now(UTC)
    for hours in range(1, 101):
        looks = [moved(street).load() for _ in range(6)]
        await at_once(*looks[: hours % 4], moved(street).advance(3600), *looks[hours % 4 :])
        ahead = street.desk.clock.now() - datetime.now(UTC) - before
        assert round(ahead / timedelta(hours=1)) == hours
