"""A list of cases reads a few rows among thirty thousand, whoever asks and however rare a word is."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.case import Status
from domain.duty import Duty
from models import Case, Person, Region
from services import case_search
from services.access import Actor, Held
from services.case_search import Filters
from services.transaction import rows, transaction
from tests.models.test_indexes import analyze
from tests.services.conftest import Street

COUNT, PORTION = 30_000, 5_000
TOWNS, VILLAGES, GRIDS = 3, 6, 8
NOW = datetime(2027, 3, 1, tzinfo=UTC)
FEW, PAGE, MANY = 300, 3200, 8000
"""Rows of the case table that a page may cost: where an index holds the answer; where the newest 21 of one grid among
144 are taken along the way; and where one in twenty of a village's eight grids is."""

# Every grid has its share of everything; a few words stand in a handful of cases only.
_CASES = """
INSERT INTO "case" (number, resident_id, status, level, grid_id, unit_id, holder_id, title, description, source,
                    event_type, category, urgent, address, created_at, touched_at, submitted_at, next_due, rating_note,
                    reopened)
SELECT n, $2::int + n % $3::int,
       CASE WHEN n % 20 = 0 THEN 'submitted' WHEN n % 3001 = 7 THEN 'suspended' ELSE 'closed' END, 1,
       $4::int + n % $5::int, $4 + n % $5, $2 + n % $3,
       CASE WHEN n % 2 = 0 THEN '路灯坏了' ELSE '水管漏了' END,
       CASE n % 2999 WHEN 11 THEN '井盖塌陷，夜里看不见' WHEN 12 THEN '门口有蛇'
                       ELSE '东门的灯一到晚上就不亮，请来修' END
       || repeat('，麻烦尽快', n % 7),
       'mini', '', '', FALSE, '', $6::timestamptz, $6, $6,
       CASE WHEN n % 20 = 0 THEN $6::timestamptz + n * interval '1 minute' END, '', 0
FROM generate_series($1::int + 1, $1 + $7::int) n RETURNING 1
"""


async def _region(level: int, parent: Region | None, code: str) -> Region:
    made = await Region.create(code=code, name=code, level=level, parent=parent)
    made.path = f"{parent.path if parent else '/'}{made.id}/"
    await made.save()
    return made


async def _actor(duty: Duty | None, region: Region | None = None) -> Actor:
    person = await Person.create(name="某人")
    held = (Held(duty, region.id, region.code, "", region.path),) if duty is not None and region is not None else ()
    return Actor(person.id, "", held)


async def _read(who: Actor, wanted: Filters) -> tuple[int, set[str], list[int]]:
    """Rows of cases that a page costs, tables read from end to end, and what was found."""
    async with transaction():
        await rows(case_search.PLAN_ANEW)
        sql, values = await case_search.statement(who, wanted, NOW + timedelta(minutes=90), before=2**62, limit=21)
        (told,) = await rows(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", *values)
        found = [one["id"] for one in await rows(sql, *values)]
    (top,) = json.loads(told["QUERY PLAN"])
    read, whole = 0, set()

    def look(node: dict[str, Any]) -> None:
        nonlocal read
        if node.get("Relation Name") == "case" and node["Actual Loops"]:  # what was never begun has cost nothing
            gone = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
            read += (node["Actual Rows"] + gone) * node["Actual Loops"]
            if node["Node Type"] == "Seq Scan":
                whole.add("case")
        for below in node.get("Plans", []):
            look(below)

    look(top["Plan"])
    return int(read), whole, found


async def test_a_page_costs_little_whoever_asks_and_whatever_for(empty: Street) -> None:
    city = await _region(5, None, "c")
    towns = [await _region(3, city, f"t{number}") for number in range(TOWNS)]
    villages = [await _region(2, town, f"{town.code}v{number}") for town in towns for number in range(VILLAGES)]
    grids = [await _region(1, village, f"{village.code}g{number}") for village in villages for number in range(GRIDS)]
    first = await Person.create(name="居民")
    await rows(
        "INSERT INTO person (name, phone, created_at) SELECT '', '', $2 FROM generate_series(1, $1::int) RETURNING 1",
        3000,
        NOW,
    )
    assert [grid.id for grid in grids] == [*range(grids[0].id, grids[0].id + len(grids))]
    for begin in range(0, COUNT, PORTION):
        await rows(_CASES, begin, first.id, 3000, grids[0].id, len(grids), NOW, PORTION)
    await analyze('"case"', "region")
    asking = {
        "the commander of a town": await _actor(Duty.COMMANDER, towns[1]),
        "somebody of the city": await _actor(Duty.COMMANDER, city),
        "a chief": await _actor(Duty.GRID_CHIEF, villages[4]),
        "a worker": await _actor(Duty.GRID_WORKER, grids[5]),
        "a resident": Actor(first.id, ""),
    }
    wishes = {
        "nothing": (Filters(), PAGE),
        "a rare word": (Filters(words="井盖塌陷"), FEW),
        "a rare word of two": (Filters(words="塌陷"), FEW),
        "a rare word of one": (Filters(words="蛇"), FEW),
        "a word that is nowhere": (Filters(words="飞机"), FEW),
        "a common word of two": (Filters(words="路灯"), PAGE),
        "a common word": (Filters(words="请来修"), PAGE),
        "a number": (Filters(words="№2999"), FEW),
        "a common word and a rare one": (Filters(words="路灯 塌陷"), FEW),
        "common words that never stand together": (Filters(words="路灯 水管"), PAGE),
        "what is late": (Filters(overdue=True), FEW),
        "what is suspended": (Filters(statuses=(Status.SUSPENDED,)), FEW),
        "what is open": (Filters(open=True), MANY),
        "one grid": (Filters(region=grids[70].code), PAGE),
        "what they hold": (Filters(mine="held"), FEW),
    }
    for who, actor in asking.items():
        for what, (wanted, most) in wishes.items():
            read, whole, _ = await _read(actor, wanted)
            assert whole == set(), (who, what)
            assert read <= most, (who, what, read)
    # And all of it is found: what stands in a handful of cases, by each of the words that say it.
    every = [case.id for case in await Case.filter(description__contains="塌陷").order_by("-id")]
    assert len(every) == 10
    for words in ("井盖塌陷", "塌陷", "塌", "夜里看不见", "塌陷 看不见"):
        assert (await _read(asking["somebody of the city"], Filters(words=words)))[2] == every, words
