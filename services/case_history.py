"""A case's history: appended, never edited; and what messages about a case may say of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.case import Action, Level, Role, Status
from models import Case, CaseEvent
from services.transaction import row

_NAMES = """
SELECT (SELECT name FROM region WHERE id = $1::int) AS unit, (SELECT name FROM region WHERE id = $2::int) AS grid,
       (SELECT name FROM person WHERE id = $3::bigint) AS holder,
       (SELECT name FROM department WHERE id = $4::int) AS department,
       (SELECT name FROM event_type WHERE code = $5::text) AS event_type,
       (SELECT department FROM event_type WHERE code = $5::text) AS department_hint,
       (SELECT number FROM "case" WHERE id = $6::bigint) AS original,
       (SELECT number FROM "case" WHERE id = $7::bigint) AS about
"""


async def record(
    case: Case,
    action: Action,
    role: Role,
    person_id: int | None,
    now: datetime,
    *,
    before: tuple[Status, Level],
    note: str,
    hidden: bool = False,
) -> CaseEvent:
    """Append a step to the case's history. A *hidden* note is for staff only."""
    return await CaseEvent.create(
        case_id=case.id,
        at=now,
        person_id=person_id,
        role=role,
        action=action,
        note=note,
        hidden=hidden,
        unit_id=case.unit_id,
        from_status=before[0],
        to_status=case.status,
        from_level=before[1],
        to_level=case.level,
        holder_id=case.holder_id,
    )


async def facts(case: Case) -> dict[str, object]:
    """What messages about a case may say of it. Staff are named (they stand on the notice board), residents are not."""
    return facts_with(await names_of(case), case)


async def names_of(case: Case) -> Mapping[str, Any]:
    """What stands in a case by its id, by name."""
    found: Mapping[str, Any] = await row(
        _NAMES,
        case.unit_id,
        case.grid_id,
        case.holder_id,
        case.department_id,
        case.event_type,
        case.merged_into_id,
        case.about_case_id,
    )
    return found


def facts_with(names: Mapping[str, Any], case: Case) -> dict[str, object]:
    """The same as :func:`facts` where the names are known already."""
    return {
        "number": case.number,
        "title": case.title,
        "status": str(case.status),
        "level": case.level,
        "unit": f"{names['unit'] or ''}{names['department'] or ''}",
        "grid": names["grid"] or "",
        "holder": names["holder"] or "",
        "urgent": case.urgent,
        "appealed": case.appealed,
        "event_type": names["event_type"] or "",
        "department_hint": names["department_hint"] or "",
        "accept_due": case.accept_due.isoformat() if case.accept_due else "",
        "resolve_due": case.resolve_due.isoformat() if case.resolve_due else "",
        "rating": case.rating,
        "kind": case.kind,
        "original": names["original"],
        "about": names["about"],
        "suspended_until": case.suspended_until.isoformat() if case.suspended_until else "",
    }
