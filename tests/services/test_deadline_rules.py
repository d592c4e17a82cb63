"""Deadlines follow their inputs: the town's rules, the level, urgency; and the clock that stood still meanwhile."""

from collections.abc import Callable
from datetime import datetime

import pytest

from app.policy import deadline_policy
from app.settings import Settings
from domain.calendar import SHANGHAI
from domain.case import Action, Status
from models import Case, DeadlineRules
from services import case_clocks as clocks
from services.cases import Cases, Policy
from services.event_list import EventList
from services.transaction import row, rows
from tests.services.conftest import Street, at_once

Rules = Callable[..., Cases]


def china(moment: datetime | None) -> str:
    return f"{moment.astimezone(SHANGHAI):%m-%d %H:%M}" if moment is not None else ""


async def dues(case: Case) -> tuple[str, str]:
    kept = await Case.get(id=case.id)
    return china(kept.accept_due), china(kept.resolve_due)


def policy_of(cases: Cases) -> Policy:
    return cases._places._policy


@pytest.fixture
def rules(street: Street, settings: Settings) -> Rules:
    """The use cases of a service that was started with other settings for its deadlines."""

    def opened(**deadlines: object) -> Cases:
        values = settings.model_dump()
        values["deadlines"] |= deadlines
        policy = deadline_policy(Settings.model_validate(values))
        return Cases(street.desk.clock, street.desk.deliveries, street.desk.drafts, policy, EventList())

    return opened


async def test_other_rules_move_every_running_deadline_once(street: Street, rules: Rules) -> None:
    await street.at("2027-03-01 09:00")  # a Monday
    waiting, taken, urgent, done = [await street.files(urgent=n == 2) for n in range(4)]
    worker, act = await street.actor("worker"), street.desk.cases.act
    await act(worker, taken.number or 0, Action.ACCEPT)
    await act(worker, done.number or 0, Action.RESOLVE, note="好了")
    await street.desk.cases.apply_rules()
    assert await dues(waiting) == ("03-01 14:30", "03-04 09:00")
    urgently = await dues(urgent)
    told = len(await street.told(waiting.resident_id))

    holidays = rules(days_off=["2027-03-03", "2027-03-04"], workdays=["2027-03-06"])
    await street.at("2027-03-01 10:00")
    assert await holidays.apply_rules() == 2
    assert await holidays.apply_rules() == 0
    assert await dues(waiting) == ("03-01 14:30", "03-06 09:00")
    kept = await Case.get(id=taken.id)
    assert china(kept.next_due) == china(kept.sweep_at) == "03-06 09:00"
    assert china(kept.remind_at) == "03-05 11:00"
    assert await dues(urgent) == urgently
    assert (await Case.get(id=done.id)).next_due is None
    # Later by two working days: both residents whose date has moved are told so, once.
    assert (await street.told(waiting.resident_id))[told:] == ["date_moved"]
    assert (await street.told(taken.resident_id))[-1] == "date_moved"

    shorter = rules(accept_hours=2, resolve_days={"1": 1, "2": 5, "3": 10, "4": 15, "5": 20})
    assert await shorter.apply_rules() == 2
    assert await dues(waiting) == ("03-01 11:00", "03-02 09:00")
    assert (await street.told(waiting.resident_id))[told:] == ["date_moved"], "a date that comes closer is good news"


async def test_a_case_made_late_by_the_rules_climbs_only_after_its_holder_was_told(
    street: Street, rules: Rules
) -> None:
    await street.at("2027-03-01 09:00")
    case, worker = await street.files(), await street.actor("worker")
    await street.at("2027-03-01 10:30")
    shorter = rules(accept_hours=1)
    await shorter.apply_rules()
    kept = await Case.get(id=case.id)
    assert (china(kept.next_due), china(kept.sweep_at)) == ("03-01 10:00", "03-01 11:30")
    assert (await shorter.climb_overdue(), await shorter.remind_due(), await shorter.remind_due()) == (0, 1, 0)
    assert (await street.told(worker))[-1] == "due_soon"
    await street.at("2027-03-01 11:29")
    assert await shorter.climb_overdue() == 0
    await street.at("2027-03-01 11:31")
    assert (await shorter.climb_overdue(), await shorter.remind_due()) == (1, 0)
    assert (await Case.get(id=case.id)).level == 2


async def test_a_reminder_that_was_given_comes_again_only_for_another_deadline(street: Street, rules: Rules) -> None:
    await street.at("2027-03-01 10:30")
    case = await street.files()
    await street.at("2027-03-01 15:01")
    assert await street.desk.cases.remind_due() == 1
    await street.desk.cases.apply_rules()
    assert (await Case.get(id=case.id)).remind_at is None
    longer = rules(accept_hours=6)
    assert await longer.apply_rules() == 1
    assert china((await Case.get(id=case.id)).remind_at) == "03-01 16:30"


async def test_a_recount_goes_on_where_it_was_broken_off_and_two_at_once_do_no_harm(
    street: Street, rules: Rules
) -> None:
    await street.at("2027-03-01 09:00")
    cases = [await street.files() for _ in range(5)]
    longer = rules(accept_hours=6)
    changed = longer._rules
    done = await changed._fingerprint()
    await DeadlineRules.create(id=2, fingerprint=f"{done} {cases[2].id}", applied_at=street.desk.clock.now())
    assert await changed.apply(batch=1) == 2
    assert [(await dues(case))[0] for case in cases] == ["03-01 14:30"] * 3 + ["03-01 16:30"] * 2
    assert [one.id for one in await DeadlineRules.all()] == [1]
    other = rules(accept_hours=5)
    counts = await at_once(other._rules.apply(batch=2), other._rules.apply(batch=2))
    assert all(isinstance(count, int) for count in counts), counts
    assert [(await dues(case))[0] for case in cases] == ["03-01 15:30"] * 5


async def test_a_case_from_before_clocks_had_a_beginning_is_counted_from_its_last_move(street: Street) -> None:
    await street.at("2027-03-01 09:00")
    case = await street.files()
    await street.at("2027-03-01 11:00")
    await street.desk.cases.act(await street.actor("worker"), case.number or 0, Action.REPORT_UP, note="请协调")
    before = await Case.get(id=case.id)
    await Case.filter(id=case.id).update(clock_from=None, remind_at=None)
    assert await street.desk.cases.apply_rules() == 1
    after = await Case.get(id=case.id)
    for name in clocks.FIELDS:
        assert getattr(after, name) == getattr(before, name), name


async def test_urgency_and_level_count_anew_from_when_the_clock_began(street: Street) -> None:
    policy = policy_of(street.desk.cases)
    await street.at("2027-03-01 09:00")
    case = await street.files()
    now = await street.at("2027-03-01 09:05")
    case.urgent = True
    assert (await clocks.recompute(case, policy, now)).changed
    assert (china(case.accept_due), china(case.resolve_due)) == ("03-01 09:15", "03-02 09:00")
    assert (china(case.next_due), china(case.sweep_at)) == ("03-01 09:15", "03-01 09:15")
    case.urgent, case.level = False, 2
    change = await clocks.recompute(case, policy, now)
    assert (china(case.accept_due), china(case.resolve_due)) == ("03-01 14:30", "03-08 09:00")
    assert change.later
    assert not (await clocks.recompute(case, policy, now)).changed
    late = await street.at("2027-03-01 14:00")
    case.urgent = True
    await clocks.recompute(case, policy, late)
    assert (china(case.next_due), china(case.sweep_at), case.remind_at) == ("03-01 09:15", "03-01 14:15", late)


async def test_what_was_left_when_it_was_suspended_is_left_when_it_goes_on(street: Street, rules: Rules) -> None:
    policy = policy_of(street.desk.cases)
    start = await street.at("2027-03-01 09:00")
    case = await street.files()
    clocks.accepted(case, start, policy)
    clocks.pause(case, await street.at("2027-03-02 10:00"), policy)
    assert case.paused_seconds is not None
    assert round(case.paused_seconds / 3600) == 15
    assert (case.next_due, case.sweep_at, case.remind_at) == (None, None, None)
    case.status = Status.SUSPENDED
    await case.save()
    other = rules(days_off=["2027-03-11"])
    assert await other.apply_rules() == 0
    # While it is suspended somebody else may get it, and nothing may start or be counted anew.
    await clocks.start(case, start, policy)
    assert not (await clocks.recompute(case, policy, start)).changed
    now = await street.at("2027-03-10 17:00")
    case.status = Status.ACCEPTED
    await clocks.resume(case, now, policy_of(other))
    assert china(case.resolve_due) == "03-15 16:00"  # 1 hour on the 10th, none on the 11th, 8 on Friday, 6 on Monday
    assert case.next_due == case.sweep_at == case.resolve_due
    assert case.remind_at is not None
    assert now < case.remind_at < case.resolve_due
    assert not (await clocks.recompute(case, policy_of(other), now)).changed


async def test_moments_are_kept_in_utc_and_counted_by_chinas_clock(street: Street) -> None:
    # Filed a minute before midnight; before a make-up Sunday; over the end of a year; and before Spring Festival.
    for filed, accept, resolve in (
        ("2025-01-25 23:59", "2025-01-26 14:00", "2025-02-05 18:00"),
        ("2025-12-31 23:59", "2026-01-04 14:00", "2026-01-06 18:00"),
        ("2026-02-13 23:59", "2026-02-14 14:00", "2026-02-25 18:00"),
        ("2026-02-27 17:00", "2026-02-28 11:30", "2026-03-03 17:00"),
    ):
        await street.at(filed)
        case = await street.files()
        found = await row(
            "SELECT to_char(accept_due AT TIME ZONE 'UTC' + interval '8 hours', 'YYYY-MM-DD HH24:MI') AS accept, "
            "to_char(resolve_due AT TIME ZONE 'UTC' + interval '8 hours', 'YYYY-MM-DD HH24:MI') AS resolve "
            'FROM "case" WHERE id = $1',
            case.id,
        )
        assert (found["accept"], found["resolve"]) == (accept, resolve), filed
    kinds = await rows(
        "SELECT DISTINCT data_type FROM information_schema.columns "
        "WHERE table_name = 'case' AND column_name = ANY($1::text[])",
        [*(name for name in clocks.FIELDS if name != "paused_seconds"), "suspended_until"],
    )
    assert [one["data_type"] for one in kinds] == ["timestamp with time zone"]
