"""One step in the life of a case: status, place, clocks, history and news, in the transaction that is open."""

from dataclasses import replace
from datetime import datetime

from domain import case as rules
from domain.case import Action, Level, Role, Status
from domain.complaint import refuse_for_complaint
from domain.errors import BadInput, Conflict, IllegalMove
from models import Case
from services import alerts, case_photos
from services.case_asked import NOTHING_MORE, Asked
from services.case_history import record
from services.case_news import News, Turn
from services.case_places import Places
from services.handing import Handing
from services.pauses import Pauses
from services.ports import Clock

_ENDED = frozenset({Status.CLOSED, Status.DECLINED, Status.WITHDRAWN, Status.MERGED})
_HELPED = frozenset({Status.ACCEPTED, Status.SUSPENDED})
_RATING_NOTE = 500
_SPEAKS = frozenset({Action.REPLY, Action.SUSPEND})
"""The resident is asked or told something: their next words within a day belong to this case."""


class Steps:
    def __init__(self, clock: Clock, places: Places, news: News, pauses: Pauses) -> None:
        self._clock = clock
        self._places = places
        self._handing = Handing(places)
        self._news = news
        self._pauses = pauses

    async def take(
        self,
        case: Case,
        roles: frozenset[Role],
        person_id: int | None,
        action: Action,
        *,
        note: str = "",
        rating: int | None = None,
        asked: Asked = NOTHING_MORE,
        **told: object,
    ) -> Case:
        """Take *action* on *case*, whose row the caller has locked. Raises IllegalMove, NobodyThere, NeedsPhoto."""
        now = self._clock.now()
        before = (Status(case.status), Level(case.level))
        old_holder = case.holder_id
        if action is Action.RATE and case.rating is not None and Role.RESIDENT in roles:
            raise IllegalMove("it has been rated", status=case.status, action=str(action), rated=case.rating)
        after = rules.move(before[0], action, by=roles)
        refuse_for_complaint(case.kind, case.status, action)
        apart_from = case.merged_into_id if before[0] is Status.MERGED else None
        acting_as = _acting_as(action, roles, before[0])
        hidden = asked.hides(action, acting_as) and bool(note)
        if hidden and action is Action.DECLINE:
            raise BadInput("the resident must be told why it is declined", field="hidden", action=str(action))
        aside = _is_aside(case, action, acting_as, person_id, hidden=hidden)
        turn = Turn(before=before[0], hidden=hidden, aside=aside, department_id=case.department_id)
        await case_photos.demand(case, action)
        turn = await self._move(case, action, now, turn, by=person_id, note=note, rating=rating, asked=asked)
        case.status = after
        if after not in rules.RUNNING:
            case.next_due = case.sweep_at = case.remind_at = None
        if after is not Status.SUSPENDED:
            case.suspended_until = None
        if action in _SPEAKS:
            case.touched_at = now
        if case.urgent and after in rules.RUNNING:
            await alerts.watch(case)
        case.ended_at = now if after in _ENDED else None
        await case.save()
        await record(case, action, acting_as, person_id, now, before=before, note=note, hidden=hidden)
        if apart_from is not None:
            was = await Case.get_or_none(id=apart_from)
            await self._news.came_apart(case, was.number if was else None, actor_id=person_id, note=note)
            return case
        await self._news.moved(case, action, old_holder=old_holder, actor_id=person_id, note=note, turn=turn, **told)
        return case

    async def _move(  # noqa: C901, PLR0912 - one arm for each action
        self,
        case: Case,
        action: Action,
        now: datetime,
        turn: Turn,
        *,
        by: int | None,
        note: str,
        rating: int | None,
        asked: Asked,
    ) -> Turn:
        """What *action* does to place, clocks and the case itself, in memory."""
        match action:
            case Action.REPLY if turn.aside:
                await self._handing.answered(case, by, now)
            case Action.ACCEPT | Action.REPLY | Action.RESOLVE:
                # A word on what a colleague is working on does not take it from them.
                helps_out = action is Action.REPLY and case.accepted_at is not None and case.holder_id is not None
                _in_hand(case, now, self._places, by=None if helps_out else by)
                if action is Action.RESOLVE:
                    case.resolved_at = now
            case Action.DISPATCH:
                await self._handing.dispatch(case, asked.to, now)
            case Action.TRANSFER:
                await self._handing.transfer(case, asked.to, now)
            case Action.CO_HANDLE:
                _in_hand(case, now, self._places, by=by)
                turn = replace(turn, helpers=await self._handing.co_handle(case, asked.others, now))
            case Action.RETURN if case.department_id is not None:
                await self._handing.back_from_department(case, now)
            case Action.REOPEN if turn.before is Status.DECLINED:
                await self._handing.appeal(case, now)
            case Action.REPORT_UP | Action.CLIMB:
                await self._places.rise(case, now)
            case Action.RETURN:
                await self._places.descend(case, now)
            case Action.SUSPEND:
                _in_hand(case, now, self._places, by=by)
                await self._pauses.suspend(case, asked.until, now)
            case Action.RESUME:
                await self._pauses.resume(case, now)
                await self._places.keep_held(case, now)
            case Action.REOPEN if turn.before is Status.MERGED:
                # What was merged was never handled by itself: it begins anew, and nobody has failed it yet.
                case.merged_into_id = case.ended_at = None
                await self._places.file(case, now)
            case Action.REOPEN:
                await self._places.reopen(case, now)
            case Action.ASSIGN:
                await self._places.assign(case, now)
            case Action.RATE:
                case.rating, case.rating_note = rating, note[:_RATING_NOTE]
        return turn


def _is_aside(case: Case, action: Action, acting_as: Role, person_id: int | None, *, hidden: bool) -> bool:
    """Words to the lead only, from somebody who does not take the case over by them."""
    if action is not Action.REPLY or case.status == Status.SUBMITTED:
        return False
    return acting_as is Role.HELPER or (hidden and case.holder_id not in {None, person_id})


def _in_hand(case: Case, now: datetime, places: Places, *, by: int | None) -> None:
    """Whoever answers has it from now on, also when a colleague of the same queue was named."""
    case.holder_id = by if by is not None else case.holder_id
    if case.accepted_at is None:
        places.accepted(case, now)


def _acting_as(action: Action, roles: frozenset[Role], status: Status) -> Role:
    if action is Action.REPLY and Role.HELPER in roles and Role.HOLDER not in roles and status in _HELPED:
        # Whoever was asked for an opinion gives one, also where they might do more.
        return Role.HELPER
    _, allowed = rules.MOVES[status, action]
    for role in (Role.SYSTEM, Role.HOLDER, Role.OVERSEER, Role.RESIDENT):
        if role in roles and role in allowed:
            return role
    raise Conflict("nobody may take this action", action=str(action))
