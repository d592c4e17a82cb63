"""One step in the life of a case: status, place, clocks, history and news, in the transaction that is open."""

from datetime import datetime

from domain import case as rules
from domain.case import Action, Level, Role, Status
from domain.errors import Conflict
from models import Case
from services.case_history import record
from services.case_news import News
from services.case_places import Places
from services.ports import Clock

_ENDED = frozenset({Status.CLOSED, Status.DECLINED, Status.WITHDRAWN, Status.MERGED})
_RATING_NOTE = 500


class Steps:
    def __init__(self, clock: Clock, places: Places, news: News) -> None:
        self._clock = clock
        self._places = places
        self._news = news

    async def take(
        self,
        case: Case,
        roles: frozenset[Role],
        person_id: int | None,
        action: Action,
        *,
        note: str = "",
        rating: int | None = None,
    ) -> Case:
        """Take *action* on *case*, whose row the caller has locked. Raises IllegalMove, NobodyThere."""
        now = self._clock.now()
        before = (Status(case.status), Level(case.level))
        old_holder = case.holder_id
        after = rules.move(before[0], action, by=roles)
        match action:
            case Action.ACCEPT | Action.REPLY | Action.RESOLVE:
                _in_hand(case, now, by=person_id)
                if action is Action.RESOLVE:
                    case.resolved_at = now
            case Action.REPORT_UP | Action.CLIMB:
                await self._places.rise(case, now)
            case Action.RETURN:
                await self._places.descend(case, now)
            case Action.REOPEN:
                await self._places.reopen(case, now)
            case Action.ASSIGN:
                await self._places.assign(case, now)
            case Action.RATE:
                case.rating, case.rating_note = rating, note[:_RATING_NOTE]
        case.status = after
        if after not in rules.RUNNING:
            case.next_due = case.sweep_at = None
        case.ended_at = now if after in _ENDED else None
        await case.save()
        await record(case, action, _acting_as(action, roles), person_id, now, before=before, note=note)
        await self._news.moved(case, action, old_holder=old_holder, actor_id=person_id, note=note)
        return case


def _in_hand(case: Case, now: datetime, *, by: int | None) -> None:
    """Whoever answers has it from now on, also when a colleague of the same queue was named."""
    case.holder_id = by if by is not None else case.holder_id
    if case.accepted_at is not None:
        return
    case.accepted_at = now
    case.next_due = case.resolve_due
    # Where it can climb no further, and that was said already, accepting it late must not say it again.
    case.sweep_at = case.resolve_due if case.sweep_at is not None else None


def _acting_as(action: Action, roles: frozenset[Role]) -> Role:
    allowed = {who for (_, one), (_, may) in rules.MOVES.items() if one == action for who in may}
    for role in (Role.SYSTEM, Role.HOLDER, Role.OVERSEER, Role.RESIDENT):
        if role in roles and role in allowed:
            return role
    raise Conflict("nobody may take this action", action=str(action))
