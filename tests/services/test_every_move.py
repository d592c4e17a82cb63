"""The table of moves through the real services: every status, every action, everybody that a person can be to a case.

The pure table stands in ``tests/domain/test_case.py``; here each of its cells is taken or refused on a database, by
somebody who is exactly that and nothing else.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from domain.case import MOVES, NEEDS_NOTE, Action, Role, Status
from domain.errors import IllegalMove, NotFound
from models import Case, CaseEvent, CoHandler
from services.access import Actor, roles_in
from services.drafts import Said
from services.transaction import rows
from tests.factories import GRID
from tests.services.conftest import Street
from tests.services.handing import SECOND, officer, with_departments

BY_HAND = [one for one in Action if one not in {Action.SUBMIT, Action.CLIMB, Action.ASSIGN, Action.CLOSE}]
FILED = [one for one in Status if one is not Status.DRAFT]
EVERYTHING = """
SELECT (SELECT md5(string_agg(c::text, '|' ORDER BY id)) FROM "case" c) AS cases,
       (SELECT count(*) FROM case_event) AS events, (SELECT count(*) FROM delivery) AS deliveries,
       (SELECT count(*) FROM case_message) AS messages, (SELECT count(*) FROM procrastinate_jobs) AS jobs
"""


@dataclass(frozen=True, slots=True)
class Cast:
    """A case at the village, and for each role somebody who is just that."""

    street: Street
    people: dict[Role, Actor]
    stranger: Actor
    other: int
    """Another case of the same village, to be merged into."""

    @property
    def resident(self) -> Actor:
        return self.people[Role.RESIDENT]

    async def act(self, role: Role, number: int, action: Action) -> Any:
        return await self.take(self.people[role], number, action)

    async def take(self, by: Actor, number: int, action: Action) -> Any:
        cases = self.street.desk.cases
        if action is Action.ADD:
            return await cases.add(by, number, Said("text", "补充一句"))
        today = self.street.desk.clock.now().date()
        more: dict[Action, dict[str, Any]] = {
            Action.RATE: {"rating": 5},
            Action.DISPATCH: {"to": GRID},
            Action.TRANSFER: {"to": SECOND},
            Action.CO_HANDLE: {"others": ("城管办",)},
            Action.MERGE: {"into": self.other},
            Action.SUSPEND: {"until": today + timedelta(days=5)},
        }
        note = "意见" if action in NEEDS_NOTE else ""
        return await cases.act(by, number, action, note=note, **more.get(action, {}))

    async def case(self, status: Status) -> Case:
        """A case of the resident in *status*, reached by real moves, with a helper who has been asked."""
        number = (await self.street.files(self.resident)).number or 0
        await self.take(await self.street.actor("worker"), number, Action.REPORT_UP)
        for role, action in _WAYS[status]:
            await self.act(role, number, action)
        case = await Case.get(number=number)
        assert case.status == status
        await CoHandler.get_or_create(
            case_id=case.id,
            person_id=self.people[Role.HELPER].person_id,
            defaults={"asked_at": self.street.desk.clock.now()},
        )
        return case


_WAYS: dict[Status, list[tuple[Role, Action]]] = {
    Status.SUBMITTED: [],
    Status.ACCEPTED: [(Role.HOLDER, Action.ACCEPT)],
    Status.SUSPENDED: [(Role.HOLDER, Action.SUSPEND)],
    Status.RESOLVED: [(Role.HOLDER, Action.RESOLVE)],
    Status.CLOSED: [(Role.HOLDER, Action.RESOLVE), (Role.RESIDENT, Action.RATE)],
    Status.DECLINED: [(Role.HOLDER, Action.DECLINE)],
    Status.WITHDRAWN: [(Role.RESIDENT, Action.WITHDRAW)],
    Status.MERGED: [(Role.HOLDER, Action.MERGE)],
}


@pytest.fixture
async def cast(street: Street) -> Cast:
    await street.at("2027-03-01 10:00")
    await with_departments(street)
    neighbour = await street.resident("张叔")
    other = (await street.files(neighbour)).number or 0
    await street.desk.cases.act(await street.actor("worker"), other, Action.REPORT_UP, note="村")
    people = {
        Role.RESIDENT: await street.resident(),
        Role.HOLDER: await street.actor("chief"),
        Role.HELPER: await officer(street, "马站长"),
        Role.OVERSEER: await street.actor("commander"),
    }
    return Cast(street, people, neighbour, other)


@pytest.mark.parametrize("status", FILED)
async def test_whoever_may_not_is_refused_and_nothing_is_written(cast: Cast, status: Status) -> None:
    case = await cast.case(status)
    for role, who in cast.people.items():
        # In a merged case whoever works the original reads along: no more than that.
        also = {Role.OVERSEER} if status is Status.MERGED and role is Role.HOLDER else set()
        assert await roles_in(case, who) - also == {role}, (status, role)
    before = await rows(EVERYTHING)
    for action in BY_HAND:
        may = MOVES.get((status, action), (None, frozenset[Role]()))[1]
        for role in cast.people:
            if role in may:
                continue
            with pytest.raises(IllegalMove) as refused:
                await cast.act(role, case.number or 0, action)
            assert refused.value.facts["status"] == status, (action, role)
        with pytest.raises(NotFound):
            await cast.take(cast.stranger, case.number or 0, action)
    assert await rows(EVERYTHING) == before


@pytest.mark.parametrize("status", FILED)
async def test_whoever_may_is_obeyed_and_history_says_who_it_was(cast: Cast, status: Status) -> None:
    taken = 0
    for (before, action), (after, may) in MOVES.items():
        if before is not status or action not in BY_HAND:
            continue
        for role in may - {Role.SYSTEM}:
            case = await cast.case(status)
            events = await CaseEvent.filter(case_id=case.id).count()
            await cast.act(role, case.number or 0, action)
            kept = await Case.get(id=case.id)
            assert kept.status == after, (status, action, role)
            new = await CaseEvent.filter(case_id=case.id).order_by("id").offset(events)
            if action is Action.COMPLAIN:
                assert new == []  # it leaves no trace in the case itself
            else:
                assert [(one.action, one.role, one.person_id, one.to_status) for one in new] == [
                    (action, role, cast.people[role].person_id, after)
                ]
            taken += 1
    assert taken > 0


async def test_time_alone_moves_what_the_table_lets_it_and_nothing_else(cast: Cast) -> None:
    """One case in each status and two months: what climbed, woke, closed or came back did so by the table."""
    made = {status: await cast.case(status) for status in FILED}
    known = {one.id: await CaseEvent.filter(case_id=one.id).count() for one in made.values()}
    sweeps: list[Callable[[], Awaitable[int]]] = [
        cast.street.desk.cases.climb_overdue,
        cast.street.desk.cases.wake_suspended,
        cast.street.desk.cases.close_unrated,
        cast.street.desk.cases.rehome,
    ]
    await cast.street.advance(60 * 24 * 3600)
    for sweep in sweeps:
        await sweep()
    moved: dict[Status, list[Action]] = {}
    for status, case in made.items():
        new = await CaseEvent.filter(case_id=case.id).order_by("id").offset(known[case.id])
        moved[status] = [Action(one.action) for one in new]
        for one in new:
            after, may = MOVES[Status(one.from_status), Action(one.action)]
            assert (one.role, one.to_status) == (Role.SYSTEM, after)
            assert Role.SYSTEM in may
    assert moved == {
        Status.SUBMITTED: [Action.CLIMB],
        Status.ACCEPTED: [Action.CLIMB],
        Status.SUSPENDED: [Action.RESUME],
        Status.RESOLVED: [Action.CLOSE],
        Status.CLOSED: [],
        Status.DECLINED: [],
        Status.WITHDRAWN: [],
        Status.MERGED: [],
    }


async def test_what_followed_comes_back_when_the_case_that_it_follows_is_withdrawn(cast: Cast) -> None:
    case = await cast.case(Status.MERGED)
    await cast.take(cast.stranger, cast.other, Action.WITHDRAW)
    assert (await Case.get(id=case.id)).status == Status.SUBMITTED
    last = await CaseEvent.filter(case_id=case.id).order_by("-id").first()
    assert last is not None
    assert (last.action, last.role) == (Action.REOPEN, Role.SYSTEM)


async def test_a_draft_has_no_number_and_so_nobody_can_move_it_but_its_own_words(cast: Cast) -> None:
    draft = await Case.create(
        resident_id=cast.resident.person_id,
        status=Status.DRAFT,
        created_at=cast.street.desk.clock.now(),
        touched_at=cast.street.desk.clock.now(),
    )
    assert draft.number is None
    for who in (*cast.people.values(), cast.stranger):
        own = who is cast.resident
        assert await roles_in(draft, who) == ({Role.RESIDENT} if own else set())
