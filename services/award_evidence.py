"""What may speak for an award: a worker's own cases, visits, patrols and trainings, and what each of them was."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.transaction import rows

LOOK_BACK = timedelta(days=120)
MOST_OF_A_KIND = 20
"""Records to choose from."""
_DIGITS = 18

# A record speaks for whoever made it: their step in a case (their own findings are cases too), their visit, the patrol
# that they walked to its end, the training whose hours were credited. A visit is named by its day: whom it was to is
# nobody's business here.
_OF: dict[str, str] = {
    "case": """
SELECT 'case' AS kind, c.number, c.title, max(e.at) AS at FROM case_event e JOIN "case" c ON c.id = e.case_id
WHERE c.kind = 'case' AND c.number IS NOT NULL AND e.role <> 'resident' AND {which} GROUP BY c.id""",
    "visit": """
SELECT 'visit' AS kind, e.id AS number, '' AS title, e.at FROM visit e WHERE {which}""",
    "patrol": """
SELECT 'patrol' AS kind, e.id AS number, e.content AS title, e.ended_at AS at
FROM patrol e WHERE e.ended_at IS NOT NULL AND {which}""",
    "training": """
SELECT 'training' AS kind, e.id AS number, t.title, e.credited_at AS at
FROM training_record e JOIN training_course t ON t.id = e.course_id
WHERE e.credited_at IS NOT NULL AND {which}""",
}
KINDS = tuple(_OF)
"""What a record is; a case goes by its number, everything else by its id."""

_AT = {"case": "e.at", "visit": "e.at", "patrol": "e.ended_at", "training": "e.credited_at"}
_BY = {kind: "c.number" if kind == "case" else "e.id" for kind in KINDS}
_LATELY = " UNION ALL ".join(
    f"(SELECT * FROM ({_OF[kind].format(which=f'e.person_id = $1 AND {_AT[kind]} >= $2')}) {kind}_lately"
    f" ORDER BY at DESC LIMIT {MOST_OF_A_KIND})"
    for kind in KINDS
)
_NAMED = " UNION ALL ".join(
    _OF[kind].format(which=f"{_BY[kind]} = ANY(${place}::bigint[])") for place, kind in enumerate(KINDS, 1)
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A record that speaks for somebody; *title* is empty where its kind and day say it all."""

    kind: str
    number: int
    title: str
    at: datetime


async def speaks(kind: str, record: str, person_id: int) -> bool:
    """Whether it is a record of theirs."""
    if kind not in _OF or not (record.isascii() and record.isdecimal()) or len(record) > _DIGITS:
        return False
    which = f"{_BY[kind]} = $1 AND e.person_id = $2"
    return bool(await rows(f"{_OF[kind].format(which=which)} LIMIT 1", int(record), person_id))


async def lately(person_id: int, now: datetime) -> list[Evidence]:
    """What they did in the last months, the newest first: some of each kind."""
    found = [Evidence(**one) for one in await rows(_LATELY, person_id, now - LOOK_BACK)]
    return sorted(found, key=lambda one: one.at, reverse=True)


async def named(evidence: Iterable[tuple[str, str]]) -> list[Evidence]:
    """What each record was, in the order in which they were given; what is gone is left out."""
    given = list(evidence)
    numbers = [[int(record) for one, record in given if one == kind] for kind in KINDS]
    found = {(one["kind"], str(one["number"])): Evidence(**one) for one in await rows(_NAMED, *numbers)}
    return [found[one] for one in given if one in found]
