"""What was changed of the rules that towns set at their desk: event list, working calendar, settings. Read only."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.event_list import State
from services import cursors
from services.transaction import rows

SHOWN = 50
REASON = "why"
"""What stands beside the columns where somebody said why: a proposal, a refusal, a day."""

_CHANGES = """
SELECT r.id, r.at, coalesce(p.name, '') AS who, r.what, r.key, r.before, r.after,
       coalesce(g.code, '') AS place, coalesce(g.name, '') AS place_name
FROM rule_change r LEFT JOIN person p ON p.id = r.by_id LEFT JOIN region g ON g.id = r.region_id
WHERE r.id < $1 AND ($2 = '' OR r.what = $2) AND ($3 = '' OR r.key = $3)
  AND (r.region_id IS NULL OR EXISTS (
      SELECT 1 FROM unnest($5::text[]) AS own (path)
      WHERE starts_with(g.path, own.path) OR starts_with(own.path, g.path)))
ORDER BY r.id DESC LIMIT $4
"""
_OF_REGION = """
SELECT r.id, r.at, coalesce(p.name, '') AS who, r.what, r.key, r.before, r.after, '' AS place, '' AS place_name
FROM rule_change r LEFT JOIN person p ON p.id = r.by_id
WHERE r.region_id = $1 AND r.what = 'setting' ORDER BY r.id DESC LIMIT $2
"""


@dataclass(frozen=True, slots=True)
class Changed:
    """One change: what differs, by column, as it was and as it is; a column that is empty had or has nothing."""

    id: int
    at: datetime
    who: str
    what: str
    key: str
    name: str
    made: bool
    gone: bool
    asked: bool
    """Whether it is a proposal of a new type; *why* says what for."""
    why: str
    undoable: bool
    """Whether it can be taken back: what was decided about a proposal stays decided."""
    differs: Sequence[tuple[str, str, str]]
    place: str = ""
    """The code of the region whose setting it is, and its name; empty for what is everybody's."""
    place_name: str = ""


async def listed(
    *, what: str = "", key: str = "", paths: Sequence[str] = (), cursor: str | None = None, limit: int = SHOWN
) -> tuple[list[Changed], str | None]:
    """Changes of the list (*what* "event_type"), the calendar ("town_day") and settings, the newest first.

    Of settings only those that hold somewhere below or above one of *paths*. Raises BadInput for a cursor not ours.
    """
    found = await rows(_CHANGES, cursors.before(cursor), what, key, limit + 1, list(paths))
    following = cursors.cursor_of(found[limit - 1]["id"]) if len(found) > limit else None
    return [_changed(one) for one in found[:limit]], following


async def of_region(region_id: int, *, limit: int = 20) -> list[Changed]:
    """Changes of a region's own settings, the newest first."""
    return [_changed(one) for one in await rows(_OF_REGION, region_id, limit)]


def _changed(one: Any) -> Changed:
    before, after = cells(one["before"]), cells(one["after"])
    names = list(dict.fromkeys([*before, *after]))
    return Changed(
        id=one["id"],
        at=one["at"],
        who=one["who"],
        what=one["what"],
        key=one["key"],
        name=after.get("name") or before.get("name") or one["key"],
        made=not before,
        gone=not after,
        asked=not before and after.get("state") == State.PROPOSED,
        why=after.get(REASON, "") if one["what"] == "event_type" else "",
        undoable=undoable(before, after),
        differs=[
            (name, before.get(name, ""), after.get(name, ""))
            for name in names
            if before.get(name, "") != after.get(name, "") and name != "code"
        ],
        place=one["place"],
        place_name=one["place_name"],
    )


def undoable(before: Mapping[str, str] | None, after: Mapping[str, str] | None) -> bool:
    """Whether neither side of a change is a proposal, which somebody has decided about, or will."""
    return State.PROPOSED not in {(cells or {}).get("state") for cells in (before, after)}


def without_reason(cells: Mapping[str, str] | None) -> dict[str, str]:
    """As the file of the list has them: why it was done stands beside what was changed."""
    return {name: cell for name, cell in (cells or {}).items() if name != REASON}


def cells(kept: Any) -> Mapping[str, str]:
    """A JSON column out of a raw statement, or of a model."""
    return dict(json.loads(kept) if isinstance(kept, str) else kept or {})
