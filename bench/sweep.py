"""The sweep of deadlines: 1,000 late cases among a million open ones, beside the same 1,000 among ten thousand.

``python -m bench.sweep`` runs it alone.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Collection

import uvloop

from app import bootstrap
from app.settings import load
from bench.ground import Ground, connect, free_port, ground, service_environment
from bench.report import Report

MANY, FEW = 1_000_000, 10_000
DUE = 1_000
AIM = 1.5
GRIDS, VILLAGES = 200, 20
_RESIDENTS = 1_000

# A city, a county, a town, 20 villages with a chief each, 200 grids with a worker each.
_TOWN = f"""
INSERT INTO region (id, code, name, level, kind, parent_id, path) VALUES
    (1, '1', '常州市', 5, '', NULL, '/1/'), (2, '2', '武进区', 4, '', 1, '/1/2/'),
    (3, '3', '雪堰镇', 3, '', 2, '/1/2/3/');
INSERT INTO region (id, code, name, level, kind, parent_id, path)
    SELECT 10 + v, 'v' || v, v || '村', 2, '', 3, '/1/2/3/' || 10 + v || '/' FROM generate_series(1, {VILLAGES}) v;
INSERT INTO region (id, code, name, level, kind, parent_id, path)
    SELECT 1000 + g, 'g' || g, g || '网格', 1, 'comprehensive', 10 + v, '/1/2/3/' || 10 + v || '/' || 1000 + g || '/'
    FROM generate_series(1, {GRIDS}) g, LATERAL (SELECT 1 + g % {VILLAGES} AS v) of_village;
INSERT INTO person (id, name, phone, created_at)
    SELECT i, '员' || i, '', now() FROM generate_series(1, {GRIDS + VILLAGES}) i;
INSERT INTO held_duty (person_id, duty, region_id, from_date)
    SELECT g, 'grid_worker', 1000 + g, '2020-01-01' FROM generate_series(1, {GRIDS}) g;
INSERT INTO held_duty (person_id, duty, region_id, from_date)
    SELECT {GRIDS} + v, 'village_secretary', 10 + v, '2020-01-01' FROM generate_series(1, {VILLAGES}) v;
INSERT INTO person (id, name, phone, created_at)
    SELECT 10000 + i, '', '', now() FROM generate_series(1, {_RESIDENTS}) i;
"""

_CASES = f"""
INSERT INTO "case" (number, resident_id, status, level, grid_id, unit_id, holder_id, title, description, source,
    created_at, touched_at, submitted_at, accept_due, resolve_due, next_due, sweep_at, clock_from, remind_at,
    event_type, category, urgent, address, rating_note, reopened)
SELECT 1000 + i, 10001 + i % {_RESIDENTS}, 'submitted', 1, 1000 + g, 1000 + g, g,
    '路灯坏了' || i % 5000, '路灯坏了，晚上看不见路', 'chat',
    now(), now(), now(), due, due + interval '3 days', due, due, now(), due - interval '1 hour',
    '', '', FALSE, '', '', 0
FROM generate_series(1, $1::int) i,
    LATERAL (SELECT 1 + i % {GRIDS} AS g, now() + interval '2 days' + i * interval '1 second' AS due) of_grid
"""

# Spread over the whole table, as late cases are; and back in their grids, as if nothing had happened.
_MAKE_DUE = f"""
UPDATE "case" SET level = 1, unit_id = grid_id, holder_id = grid_id - 1000, status = 'submitted', accepted_at = NULL,
    next_due = now() - interval '1 minute', sweep_at = now() - interval '1 minute', remind_at = NULL
WHERE number IN (SELECT 1000 + $2 + k * ($1::int / {DUE}) FROM generate_series(0, {DUE - 1}) k)
"""
_CHECK = """
SELECT (SELECT count(*) FROM "case" WHERE sweep_at <= now()) AS late,
    (SELECT count(*) FROM case_event WHERE action = 'climb' AND to_level = 2) AS climbed,
    (SELECT count(*) FROM delivery) AS told
"""


async def run(where: Ground, report: Report, *, rounds: int = 3, many: int = MANY) -> None:
    """Measure, check, print."""
    report.say(f"\nThe sweep of deadlines: {DUE:,} late cases among {FEW:,} and among {many:,} open ones")
    began = time.monotonic()
    places = {FEW: await filled(where, "sweepfew", FEW), many: await filled(where, "sweepmany", many)}
    report.say(f"  ({many + FEW:,} cases loaded in {time.monotonic() - began:.0f} s)")
    took: dict[int, list[float]] = {FEW: [], many: []}
    for turn in range(rounds + 1):
        for count, url in places.items():
            seconds = await _swept(where, url, count, turn + 1)
            if turn:  # the first round warms both databases up
                took[count].append(seconds)
    for count, url in places.items():
        await _check(report, url, count, rounds + 1)
        await where.engines.drop_database(url.rsplit("/", 1)[-1].partition("?")[0])
    few, lots = statistics.median(took[FEW]), statistics.median(took[many])
    report.table(
        ["open cases", "sweep of 1,000", "cases a second"],
        [[f"{count:,}", f"{median:.2f} s", f"{DUE / median:.0f}"] for count, median in ((FEW, few), (many, lots))],
    )
    word = "reached" if lots / few <= AIM else "MISSED"
    report.say(f"  {word}: the sweep among {many:,} takes {lots / few:.2f} times as long (aim: at most {AIM:g})")


async def filled(where: Ground, name: str, count: int, *, leave_out: Collection[str] = (), cases: str = _CASES) -> str:
    """A new database with the town and *count* open cases; the indexes *leave_out* are not built anew.

    *cases* is another statement that makes them, where they are not to be all open: with ``$1``, how many.
    """
    url = await where.database(name)
    connection = await connect(url)
    try:
        await connection.execute(_TOWN)
        indexes = await connection.fetch(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'case' AND indexdef NOT LIKE '%UNIQUE%'"
        )
        keys = await connection.fetch(
            "SELECT conname, pg_get_constraintdef(oid) AS said FROM pg_constraint "
            "WHERE conrelid = 'case'::regclass AND contype = 'f'"
        )
        # Built and checked after the rows: several times as fast, and the same trees.
        for one in indexes:
            await connection.execute(f"DROP INDEX {one['indexname']}")
        for one in keys:
            await connection.execute(f'ALTER TABLE "case" DROP CONSTRAINT "{one["conname"]}"')
        await connection.execute(cases, count, timeout=900)
        for one in indexes:
            if one["indexname"] not in leave_out:
                await connection.execute(one["indexdef"], timeout=600)
        for one in keys:
            await connection.execute(f'ALTER TABLE "case" ADD CONSTRAINT "{one["conname"]}" {one["said"]}', timeout=600)
        await connection.execute("VACUUM ANALYZE", timeout=600)
    finally:
        await connection.close()
    return url


async def _swept(where: Ground, url: str, count: int, turn: int) -> float:
    """Seconds that the service needs to climb what is late."""
    connection = await connect(url)
    try:
        await connection.execute(_MAKE_DUE, count, turn % (count // DUE))
    finally:
        await connection.close()
    port = free_port()
    environment = service_environment(url, where.engines.redis_url, where.folder, port, f"http://127.0.0.1:{port}")
    settings = load(environ=environment)
    async with (
        bootstrap.database(url, settings.database.pool),
        bootstrap.house(settings, url, where.engines.redis_url) as house,
    ):
        began = time.perf_counter()
        await house.desk.cases.climb_overdue()
        return time.perf_counter() - began


async def _check(report: Report, url: str, count: int, rounds: int) -> None:
    connection = await connect(url)
    try:
        found = await connection.fetchrow(_CHECK)
    finally:
        await connection.close()
    wanted = {"late": 0, "climbed": DUE * rounds, "told": 3 * DUE * rounds}
    report.check(
        dict(found) == wanted,
        f"among {count:,}, each late case has climbed once, and its resident and both holders are owed word of it",
        f"{dict(found)} instead of {wanted}",
    )


async def main(rounds: int, many: int) -> int:
    report = Report()
    async with ground() as where:
        await run(where, report, rounds=rounds, many=many)
    return 1 if report.wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.sweep", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each database has its turn")
    parser.add_argument("--cases", type=int, default=MANY, help="open cases in the larger database")
    given = parser.parse_args()
    sys.exit(uvloop.run(main(given.rounds, given.cases)))
