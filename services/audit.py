"""操作记录: who has done what, when, and to which case, in one's own subtree (DOMAIN §7).

It is read from the history of cases, from who has looked at whole phone numbers, from the files that were asked for,
from the changes of the town's rules, and from the steps of what the town decides on (services/office_steps). Only two
things are written for it: that a file was downloaded, before its first byte is given, and that somebody has looked into
the trail, before it is shown. Opinions are not shown, they stand in the case; complaints about staff are not in it, for
who works on them is nobody's business here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from domain.calendar import SHANGHAI
from domain.errors import BadInput, NotAllowed
from models import AuditNote
from services import cursors, rule_changes
from services.access import Actor
from services.exports import AUDITS
from services.ports import Clock
from services.rule_changes import Changed
from services.transaction import row, rows

PAGE = 50
MOST_DAYS, MOST_DAYS_OF_ALL = 366, 7
"""Of one question about somebody or some case, and about everybody."""
_MOST_PEOPLE = 50
_LONGEST_NUMBER = 2**63 - 1

_PEOPLE = f"""
SELECT DISTINCT p.id FROM person p JOIN held_duty d ON d.person_id = p.id JOIN region r ON r.id = d.region_id
WHERE p.name = $1 AND r.path LIKE ANY($2::text[]) LIMIT {_MOST_PEOPLE}
"""
# $1 paths, $2 below this id, $3 and $4 the time, $5 how many, then what it is narrowed to. The steps of
# the time come first, along their own index: walking back from today could pass a year of them.
_STEPS = """
WITH e AS MATERIALIZED (
    SELECT id, at, action, person_id, case_id, unit_id FROM case_event
    WHERE at >= $3 AND at < $4 AND id < $2 AND role <> 'resident' AND person_id IS NOT NULL {only}
)
SELECT e.id, e.at, coalesce(p.name, '') AS who, e.action AS what, c.number, coalesce(u.name, '') AS place, '' AS why,
       NULL::date AS since, NULL::date AS until
FROM e JOIN "case" c ON c.id = e.case_id JOIN region g ON g.id = c.grid_id
LEFT JOIN person p ON p.id = e.person_id LEFT JOIN region u ON u.id = e.unit_id
WHERE c.kind = 'case' AND g.path LIKE ANY($1::text[])
ORDER BY e.id DESC LIMIT $5
"""
_LOOKS = """
SELECT l.id, l.at, coalesce(p.name, '') AS who, 'look' AS what, c.number, g.name AS place, l.reason AS why,
       NULL::date AS since, NULL::date AS until
FROM look l JOIN "case" c ON c.id = l.case_id JOIN region g ON g.id = c.grid_id LEFT JOIN person p ON p.id = l.by_id
WHERE l.at >= $3 AND l.at < $4 AND l.id < $2 {only} AND c.kind = 'case' AND g.path LIKE ANY($1::text[])
ORDER BY l.id DESC LIMIT $5
"""
_FILES = """
SELECT x.id, x.asked_at AS at, coalesce(p.name, '') AS who, 'export' AS what, NULL::bigint AS number,
       x.region_name AS place, x.what AS why, x.since, x.until
FROM export x JOIN region g ON g.id = x.region_id LEFT JOIN person p ON p.id = x.by_id
WHERE x.asked_at >= $3 AND x.asked_at < $4 AND x.id < $2 {only} AND g.path LIKE ANY($1::text[])
ORDER BY x.id DESC LIMIT $5
"""
_NOTES = """
SELECT n.id, n.at, coalesce(p.name, '') AS who, n.what, NULL::bigint AS number, g.name AS place, n.subject AS why,
       n.since, n.until
FROM audit_note n JOIN region g ON g.id = n.region_id LEFT JOIN person p ON p.id = n.by_id
WHERE n.what = '{what}' AND n.at >= $3 AND n.at < $4 AND n.id < $2 {{only}} AND g.path LIKE ANY($1::text[])
ORDER BY n.id DESC LIMIT $5
"""
# Why somebody's duty ended is for those who decide on it.
_OFFICE = """
SELECT x.id, x.at, coalesce(p.name, '') AS who, x.matter || '.' || x.step AS what, x.number, g.name AS place,
       CASE WHEN x.matter = 'exit' THEN '' ELSE x.note END AS why, NULL::date AS since, NULL::date AS until
FROM office_step x JOIN region g ON g.id = x.region_id LEFT JOIN person p ON p.id = x.by_id
WHERE x.at >= $3 AND x.at < $4 AND x.id < $2 {only} AND g.path LIKE ANY($1::text[])
ORDER BY x.id DESC LIMIT $5
"""
KINDS = {
    "steps": (_STEPS, "person_id", 'case_id = (SELECT id FROM "case" WHERE number = {})'),
    "looks": (_LOOKS, "l.by_id", "c.number = {}"),
    "files": (_FILES, "x.by_id", ""),
    "downloads": (_NOTES.format(what="download"), "n.by_id", ""),
    "views": (_NOTES.format(what="view"), "n.by_id", ""),
    "office": (_OFFICE, "x.by_id", ""),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for; days of China's calendar, both inclusive."""

    kind: str
    since: date
    until: date
    who: str = ""
    """A member of staff by their whole name."""
    number: int | None = None
    action: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    id: int
    at: datetime
    who: str
    what: str
    number: int | None
    place: str
    why: str
    """A reason, or what a file or a view was about."""
    since: date | None
    until: date | None


class Audit:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def may_look(self, by: Actor) -> bool:
        return bool(by.paths(AUDITS))

    def today(self) -> date:
        return self._clock.now().astimezone(SHANGHAI).date()

    async def note_view(self, by: Actor, kind: str, since: date, until: date) -> None:
        """That *by* looks into the part *kind* of the trail. Raises NotAllowed."""
        regions = [held.region_id for held in by.duties if held.duty in AUDITS]
        if not regions:
            raise NotAllowed("the audit trail is for commanders, inspectors and administrators")
        highest = await row("SELECT id FROM region WHERE id = ANY($1::int[]) ORDER BY level DESC, id LIMIT 1", regions)
        await AuditNote.create(
            at=self._clock.now(),
            by_id=by.person_id,
            what="view",
            region_id=highest["id"],
            subject=kind,
            since=since,
            until=until,
        )

    async def changes(self, by: Actor, cursor: str | None = None) -> tuple[list[Changed], str | None]:
        """Changes of the rules that *by* may see, the newest first. Raises NotAllowed, BadInput."""
        paths = by.paths(AUDITS)
        if not paths:
            raise NotAllowed("the audit trail is for commanders, inspectors and administrators")
        return await rule_changes.listed(paths=paths, cursor=cursor)

    async def entries(self, by: Actor, asked: Asked, cursor: str | None = None) -> tuple[Sequence[Entry], str | None]:
        """What *by* may see of it, the newest first. Raises NotAllowed, BadInput with ``field``."""
        paths = [f"{path}%" for path in by.paths(AUDITS)]
        if not paths:
            raise NotAllowed("the audit trail is for commanders, inspectors and administrators")
        sql, person, case = KINDS[asked.kind]
        narrow = bool(asked.who) or asked.number is not None or asked.kind != "steps"
        most = MOST_DAYS if narrow else MOST_DAYS_OF_ALL
        if not timedelta() <= asked.until - asked.since < timedelta(days=most):
            raise BadInput(f"at most {most} days", field="days", why="days", longest=most)
        start = datetime.combine(asked.since, time(), SHANGHAI)
        end = datetime.combine(asked.until + timedelta(days=1), time(), SHANGHAI)
        values: list[Any] = [paths, cursors.before(cursor), start, end, PAGE + 1]
        only = []
        if asked.who:
            values.append([one["id"] for one in await rows(_PEOPLE, asked.who, paths)])
            only.append(f"AND {person} = ANY(${len(values)}::bigint[])")
        if asked.number is not None and case:
            values.append(min(asked.number, _LONGEST_NUMBER))
            only.append(f"AND {case.format(f'${len(values)}::bigint')}")
        if asked.action and asked.kind == "steps":
            values.append(asked.action)
            only.append(f"AND action = ${len(values)}")
        found = await rows(sql.format(only=" ".join(only)), *values)
        following = cursors.cursor_of(found[PAGE - 1]["id"]) if len(found) > PAGE else None
        return [Entry(**one) for one in found[:PAGE]], following
