"""A case turns out to be urgent 重大紧急 (Y art. 35) after it was filed."""

from datetime import datetime

from domain.case import RUNNING, Level, Role, Status
from domain.complaint import CASE
from domain.errors import IllegalMove
from models import Case, CaseEvent
from services import alerts
from services.case_news import News
from services.case_places import Places

URGENT = "urgent"
"""In the history, beside the actions of ``domain/case.py``: it moves nothing, it only shortens the clocks."""


async def mark(
    case: Case, roles: frozenset[Role], person_id: int, now: datetime, note: str, places: Places, news: News
) -> Case:
    """Mark the case, whose row the caller has locked. Raises IllegalMove where it is urgent already, or over."""
    staff = roles & {Role.HOLDER, Role.OVERSEER}
    if not staff:
        raise IllegalMove("only staff mark a filed case as urgent", status=case.status, action=URGENT, who=["holder"])
    if case.urgent or case.kind != CASE or case.status not in RUNNING:
        raise IllegalMove(
            "it is urgent already, or no clock runs", status=case.status, action=URGENT, urgent=case.urgent
        )
    await places.make_urgent(case, now)
    await alerts.watch(case)
    await case.save()
    await CaseEvent.create(
        case_id=case.id,
        at=now,
        person_id=person_id,
        role=Role.HOLDER if Role.HOLDER in staff else Role.OVERSEER,
        action=URGENT,
        note=note,
        hidden=True,
        unit_id=case.unit_id,
        from_status=Status(case.status),
        to_status=Status(case.status),
        from_level=Level(case.level),
        to_level=Level(case.level),
        holder_id=case.holder_id,
    )
    await tell_chain(case, now, news, besides={person_id}, note=note)
    return case


async def tell_chain(case: Case, now: datetime, news: News, *, besides: set[int], note: str = "") -> None:
    """Everybody in the chain hears of it at once, day or night; *besides* know it already."""
    people = {*await alerts.chain(case, now), *({case.holder_id} if case.holder_id is not None else ())}
    await news.tell(case, dict.fromkeys(sorted(people - besides), "urgent_alert"), note=note)
