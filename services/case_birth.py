"""A case that is filed in one go: the case, the first row of its history and the word to its holder, in one statement.

The commonest way to file one. The model layer and a round trip for each row would cost most of the call
(``python -m bench.api``); the columns are the model's own, and a test files twins by this way and by way of a draft.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache

from domain.case import Action, Level, Role, Status
from models import Case, Region
from services.transaction import row

_GRID = "SELECT id, code, name, level, path FROM region WHERE code = $1 AND level = $2"
_EVENT = (
    "case_id, at, person_id, role, action, note, hidden, unit_id, from_status, to_status, from_level, to_level, "
    "holder_id"
)


async def grid_called(code: str) -> Region | None:
    """The grid with this code."""
    found = await row(_GRID, code, int(Level.GRID))
    return Region(**found) if found is not None else None


async def create(case: Case, now: datetime, kind: str, facts: Mapping[str, object]) -> None:
    """Write *case*, which gets its id and number, that its resident has filed it, and a message to its holder.

    The message is of that *kind*; its *facts* get the number. A case that nobody has owes none.
    """
    sql, names = _statement()
    said = json.dumps(dict(facts), ensure_ascii=False)
    made = await row(sql, *(getattr(case, name) for name in names), now, kind, said)
    case.id, case.number = made["id"], made["number"]
    case._saved_in_db = True  # noqa: SLF001 - so that a later save() updates it


@cache
def _statement() -> tuple[str, tuple[str, ...]]:
    """The statement, and the fields of the case whose values it takes, before moment, kind and facts."""
    columns = {field: column for field, column in Case._meta.fields_db_projection.items() if field != "id"}  # noqa: SLF001
    names = tuple(field for field in columns if field != "number")
    now, kind, facts = (f"${len(names) + more}" for more in (1, 2, 3))
    place = {field: f"${number}" for number, field in enumerate(names, 1)} | {"number": "nextval('case_number')"}
    given = ", ".join(f'"{columns[field]}"' for field in columns)
    values = ", ".join(place[field] for field in columns)
    return (
        f"""
        WITH made AS (
            INSERT INTO "case" ({given}) VALUES ({values})
            RETURNING id, number, resident_id, unit_id, status, level, holder_id
        ), first AS (
            INSERT INTO case_event ({_EVENT})
            SELECT id, {now}::timestamptz, resident_id, '{Role.RESIDENT}', '{Action.SUBMIT}', '', FALSE, unit_id,
                   '{Status.DRAFT}', status, {int(Level.GRID)}, level, holder_id FROM made
        ), told AS (
            INSERT INTO delivery (person_id, kind, facts, case_id, state, reason, openid, attempts, created_at, next_at)
            SELECT holder_id, {kind}, jsonb_set({facts}::jsonb, '{{number}}', to_jsonb(number)), id, 'owed', '', '', 0,
                   {now}::timestamptz, {now}::timestamptz FROM made WHERE holder_id IS NOT NULL
        )
        SELECT id, number FROM made
        """,
        names,
    )
