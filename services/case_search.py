"""Which cases a list shows: what somebody may see, narrowed by what they look for, as one statement.

The conditions are put together from the filters that were given, and from no others: PostgreSQL then plans for those.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from domain.calendar import SHANGHAI
from domain.case import OPEN, Status
from domain.duty import SEES_SUBTREE
from services.access import Actor
from services.complaint_routing import INSPECTS
from services.transaction import row, rows, transaction

MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Filters:
    """What somebody looks for; what is left empty narrows nothing."""

    statuses: tuple[Status, ...] = ()
    open: bool | None = None
    overdue: bool | None = None
    urgent: bool | None = None
    level: int | None = None
    region: str | None = None
    """A code: cases of that region and of all below it, and those that lie there."""
    event_type: str | None = None
    """A code of the event list, with everything below it."""
    category: str | None = None
    department: str | None = None
    """A name."""
    holder: str | None = None
    """A member of staff by name, as on the notice board."""
    mine: Literal["filed", "held"] | None = None
    due_today: bool | None = None
    """The clock that runs ends later on this day in China."""
    returned: bool | None = None
    """It has come back (退回) and nobody has accepted it since."""
    kind: Literal["case", "complaint", "held"] | None = None
    since: date | None = None
    until: date | None = None
    """Days in China on which it was filed, both inclusive."""
    words: str | None = None
    """Each of them somewhere in title or text, or a case's number."""

    def as_json(self) -> dict[str, object]:
        """Only what was given, in plain values."""
        given = {name: value for name, value in asdict(self).items() if value not in (None, ())}
        return {name: _plain(value) for name, value in given.items()}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Filters":
        """What :meth:`as_json` has written, also long ago: what this version does not know any more is left out."""
        known = {field.name for field in fields(cls)}
        given = {name: value for name, value in kept.items() if name in known}
        for name in ("since", "until"):
            if name in given:
                given[name] = date.fromisoformat(given[name])
        if "statuses" in given:
            given["statuses"] = tuple(Status(one) for one in given["statuses"] if one in {*Status})
        return cls(**given)


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return [str(one) for one in value] if isinstance(value, tuple) else value


_LOOKED_UP = """
WITH RECURSIVE types AS (
    SELECT id, code FROM event_type WHERE code = $3
    UNION SELECT below.id, below.code FROM event_type below JOIN types ON below.parent_id = types.id
)
SELECT ARRAY(SELECT id FROM region WHERE path LIKE ANY($1)) AS seen,
       ARRAY(SELECT below.id FROM region top JOIN region below ON below.path LIKE top.path || '%'
             WHERE top.code = $2) AS region,
       ARRAY(SELECT code FROM types) AS types,
       ARRAY(SELECT id FROM department WHERE name = $4) AS departments,
       ARRAY(SELECT p.id FROM person p WHERE p.name = $5
             AND EXISTS (SELECT 1 FROM held_duty d WHERE d.person_id = p.id)) AS holders,
       ARRAY(SELECT case_id FROM co_handler WHERE person_id = $6) AS helped,
       ARRAY(SELECT id FROM region WHERE path LIKE ANY($7)) AS inspected
"""

# What was returned waits to be accepted: no later step has moved it on. Few ever are: those are found first.
_CAME_BACK = """c.id IN (SELECT r.case_id FROM case_event r WHERE r.action = 'return') AND (
    SELECT e.action FROM case_event e WHERE e.case_id = c.id AND e.action NOT IN ('add', 'remind', 'urgent', 'assign')
    ORDER BY e.id DESC LIMIT 1) = 'return'"""
# A plan made once for all values would read every case for a list that is short, or for words that are nowhere.
PLAN_ANEW = "SELECT set_config('plan_cache_mode', 'force_custom_plan', TRUE)"
_NEAREST = 2_000
"""Cases that are looked through from the newest on, before an index of words is asked."""
_SAID = "(c.title || ' ' || c.description)"
_NUMBER = re.compile(r"(?:№|#|NO\.?)?(?P<digits>[0-9]{1,18})", re.IGNORECASE)
_TRIGRAM = re.compile(r"[^\W_]{3}")


class _Conditions:
    def __init__(self) -> None:
        self.texts: list[str] = []
        self.values: list[object] = []

    def add(self, text: str, *values: object) -> None:
        """A condition with a ``?`` for each of *values*."""
        self.texts.append(self.with_values(text, *values))

    def with_values(self, text: str, *values: object) -> str:
        """*text* with the number of each of *values* for its ``?``."""
        for value in values:
            self.values.append(value)
            text = text.replace("?", f"${len(self.values)}", 1)
        return text


async def found(who: Actor, wanted: Filters, now: datetime, *, before: int, limit: int) -> list[int]:
    """The ids of what *who* may see of what is *wanted*, with an id below *before*, the newest first.

    Must be called inside a transaction: what it tells the planner lasts as long as that.
    """
    await rows(PLAN_ANEW)
    sql, values = await statement(who, wanted, now, before=before, limit=limit)
    return [one["id"] for one in await rows(sql, *values)]


async def statement(who: Actor, wanted: Filters, now: datetime, *, before: int, limit: int) -> tuple[str, list[object]]:
    """The statement of :func:`found`."""
    known = await _known(who, wanted)
    such = _Conditions()
    such.add("c.number IS NOT NULL AND c.id < ?", before)
    _narrowed(such, who, wanted, now, known)
    words = (wanted.words or "").split()[:MOST_WORDS]
    by_index = " AND ".join(such.texts + [_said(such, word) for word in words])
    if not words or not await _common(words):
        return f'SELECT c.id FROM "case" c WHERE {by_index} ORDER BY c.id DESC LIMIT {int(limit)}', such.values
    by_reading = " AND ".join(such.texts + [_read(such, word) for word in words])
    return _NEAR_AND_FAR.format(near=by_reading, far=by_index, limit=int(limit)), such.values


async def _common(words: Sequence[str]) -> bool:
    """Whether the statistics take *words* to stand in many cases, all together: whether they do is another question."""
    such = _Conditions()
    said = " AND ".join(_said(such, word) for word in words)
    told = await row(f'EXPLAIN (FORMAT JSON) SELECT 1 FROM "case" c WHERE {said}', *such.values)
    return float(json.loads(told["QUERY PLAN"])[0]["Plan"]["Plan Rows"]) > _NEAREST


# Common words fill a page out of the newest few thousand cases. Where they do not, they never stand together, or not
# where somebody looks, which no statistics know: then the indexes say where, and the planner must not be tempted to
# read all cases from the newest on (+ 0) in the hope of finding a page soon.
_NEAR_AND_FAR = f"""
WITH near AS MATERIALIZED (
    SELECT c.id FROM (SELECT * FROM "case" WHERE id < $1 ORDER BY id DESC LIMIT {_NEAREST}) c
    WHERE {{near}} ORDER BY c.id DESC LIMIT {{limit}}
), far AS MATERIALIZED (
    SELECT c.id FROM "case" c WHERE (SELECT count(*) FROM near) < {{limit}} AND {{far}}
    ORDER BY c.id + 0 DESC LIMIT {{limit}}
)
SELECT id FROM near WHERE (SELECT count(*) FROM near) = {{limit}}
UNION ALL SELECT id FROM far ORDER BY id DESC
"""


async def counted(who: Actor, lists: Mapping[str, Filters], now: datetime, *, most: int) -> dict[str, int]:
    """How long each of *lists* is for *who*, up to *most*: three statements for all of them.

    The lists narrow by state only: by nothing that has to be looked up.
    """
    if not lists:
        return {}
    known = await _known(who, Filters())
    such = _Conditions()
    parts = []
    for wanted in lists.values():
        such.texts = []
        such.add("c.number IS NOT NULL")
        _narrowed(such, who, wanted, now, known)
        such_ones = f'SELECT 1 FROM "case" c WHERE {" AND ".join(such.texts)} LIMIT {int(most)}'
        parts.append(f"(SELECT count(*) FROM ({such_ones}) AS found)")
    async with transaction():
        await rows(PLAN_ANEW)
        told = await row(f"SELECT ARRAY[{', '.join(parts)}] AS counts", *such.values)
    return dict(zip(lists, told["counts"], strict=True))


async def _known(who: Actor, wanted: Filters) -> Any:
    """What the conditions need to know by id."""
    paths = [f"{held.path}%" for held in who.duties if held.duty in SEES_SUBTREE and held.department_id is None]
    inspected = [f"{path}%" for path in who.paths(INSPECTS)]
    helper = who.person_id if who.duties else None  # whoever has left helps nobody any more
    return await row(
        _LOOKED_UP, paths, wanted.region, wanted.event_type, wanted.department, wanted.holder, helper, inspected
    )


def _narrowed(such: _Conditions, who: Actor, wanted: Filters, now: datetime, known: Mapping[str, Any]) -> None:
    _seen(such, who, known)
    _in_state(such, who, wanted, now)
    _at_place(such, wanted, known)
    _in_time(such, wanted)


def _seen(such: _Conditions, who: Actor, known: Mapping[str, Sequence[object]]) -> None:
    """The same as :func:`services.access.roles_in`, for many cases at once."""
    ways, values = ["c.resident_id = ?", "c.holder_id = ?"], [who.person_id, who.person_id]
    more: list[object] = []
    if known["seen"]:
        ways += ["c.grid_id = ANY(?)", "c.unit_id = ANY(?)"]
        more += [known["seen"], known["seen"]]
    departments = [held.department_id for held in who.duties if held.department_id is not None]
    if departments:
        ways.append("c.department_id = ANY(?)")
        more.append(departments)
    if known["inspected"]:
        ways.append("(c.kind = 'complaint' AND c.unit_id = ANY(?))")
        more.append(known["inspected"])
    if known["helped"]:
        ways.append("c.id = ANY(?)")
        more.append(known["helped"])
    such.add(f"({' OR '.join(ways)})", *values, *more)
    # What is held is not yet for those below the place where it lies.
    such.add(
        "(c.kind <> 'held' OR c.resident_id = ? OR c.holder_id = ? OR c.unit_id = ANY(?))",
        who.person_id,
        who.person_id,
        known["seen"],
    )
    # A complaint (Y art. 22) is seen by whoever made it, by its holder and by inspectors whom it does not concern.
    such.add(
        "(c.kind <> 'complaint' OR c.resident_id = ? OR ((c.holder_id = ? OR c.unit_id = ANY(?))"
        " AND NOT EXISTS (SELECT 1 FROM concerned x WHERE x.case_id = c.id AND x.person_id = ?)))",
        who.person_id,
        who.person_id,
        known["inspected"],
        who.person_id,
    )


def _in_state(such: _Conditions, who: Actor, wanted: Filters, now: datetime) -> None:
    if wanted.statuses:
        such.add("c.status = ANY(?)", sorted(wanted.statuses))
    if wanted.open is not None:
        such.add("c.status = ANY(?)" if wanted.open else "c.status <> ALL(?)", sorted(OPEN))
    if wanted.overdue is not None:
        such.add("c.next_due < ?" if wanted.overdue else "(c.next_due IS NULL OR c.next_due >= ?)", now)
    if wanted.urgent is not None:
        such.add("c.urgent = ?", wanted.urgent)
    if wanted.due_today:
        such.add(
            "c.next_due >= ? AND c.next_due < ?", now, _midnight(now.astimezone(SHANGHAI).date()) + timedelta(days=1)
        )
    if wanted.returned:
        such.add(f"c.status = 'submitted' AND {_CAME_BACK}")
    if wanted.kind is not None:
        such.add("c.kind = ?", wanted.kind)
    if wanted.level is not None:
        such.add("c.level = ?", wanted.level)
    if wanted.mine is not None:
        such.add(f"c.{'resident_id' if wanted.mine == 'filed' else 'holder_id'} = ?", who.person_id)


def _at_place(such: _Conditions, wanted: Filters, known: Mapping[str, Sequence[object]]) -> None:
    if wanted.region is not None:
        such.add("(c.grid_id = ANY(?) OR c.unit_id = ANY(?))", known["region"], known["region"])
    if wanted.event_type is not None:
        # A case may name a type that the list does not hold, or not any more.
        such.add("c.event_type = ANY(?)", sorted({wanted.event_type, *map(str, known["types"])}))
    if wanted.category is not None:
        such.add("c.category = ?", wanted.category)
    if wanted.department is not None:
        such.add("c.department_id = ANY(?)", known["departments"])
    if wanted.holder is not None:
        such.add("c.holder_id = ANY(?)", known["holders"])


def _in_time(such: _Conditions, wanted: Filters) -> None:
    if wanted.since is not None:
        such.add("c.submitted_at >= ?", _midnight(wanted.since))
    if wanted.until is not None:
        such.add("c.submitted_at < ?", _midnight(wanted.until) + timedelta(days=1))


def _midnight(day: date) -> datetime:
    """Its first moment in China."""
    return datetime.combine(day, time(), SHANGHAI)


def _said(such: _Conditions, word: str) -> str:
    """One word, or a number. Either half has an index of its own: trigrams, or single and double characters."""
    text, given = f"{_SAID} ILIKE ?", [f"%{_literal(word)}%"]
    values: list[object] = [*given]
    if _TRIGRAM.search(word) is None:
        low = word.lower()
        grams = [low] if len(low) == 1 else [low[place : place + 2] for place in range(len(low) - 1)]
        # Of one or two characters the index itself knows the answer; to ask again would make it look rarer than it is.
        text = f"case_grams{_SAID} @> ?" if len(low) <= 2 else f"(case_grams{_SAID} @> ? AND {text})"  # noqa: PLR2004
        values = [grams] if len(low) <= 2 else [grams, *values]  # noqa: PLR2004
    return _or_number(such, word, text, values)


def _read(such: _Conditions, word: str) -> str:
    """The same for a case that is read anyway: to make its grams anew would cost forty times as much."""
    return _or_number(such, word, f"{_SAID} ILIKE ?", [f"%{_literal(word)}%"])


def _or_number(such: _Conditions, word: str, text: str, values: Sequence[object]) -> str:
    number = _NUMBER.fullmatch(word)
    if number is None:
        return such.with_values(text, *values)
    return such.with_values(f"({text} OR c.number = ?)", *values, int(number["digits"]))


def _literal(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
