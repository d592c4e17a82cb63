"""The monthly assessment of 15,000 grids with 160 records each, beside a tenth of it.

``python -m bench.assessment`` runs it alone.
"""

import argparse
import asyncio
import contextlib
import logging
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import structlog
import uvloop

from app import bootstrap
from app.settings import load
from bench.ground import Ground, connect, free_port, ground, service_environment
from bench.report import Report
from domain.month import Month

GRIDS = 15_000
OF_TOWN = 150
HANDLED, REPORTED, VISITED = 60, 20, 80
RECORDS = HANDLED + REPORTED + VISITED
AIM = 1.1
"""Ten times the records may take eleven times as long: 1.1 for each."""
MORE_MEMORY = 64.0
"""MiB by which ten times the records may raise the peak."""

# A city with towns of 150 grids, a worker in each.
_TOWNS = f"""
INSERT INTO region (id, code, name, level, kind, parent_id, path) VALUES (1, '1', '常州市', 5, '', NULL, '/1/');
INSERT INTO region (id, code, name, level, kind, parent_id, path)
    SELECT 10 + t, 't' || t, t || '镇', 3, '', 1, '/1/' || 10 + t || '/'
    FROM generate_series(0, {{grids}} / {OF_TOWN} - 1) t;
INSERT INTO region (id, code, name, level, kind, parent_id, path)
    SELECT 100000 + g, 'g' || g, g || '网格', 1, 'comprehensive', 10 + g / {OF_TOWN},
           '/1/' || 10 + g / {OF_TOWN} || '/' || 100000 + g || '/'
    FROM generate_series(0, {{grids}} - 1) g;
INSERT INTO person (id, name, phone, created_at)
    SELECT 1 + g, '员' || g, '', now() FROM generate_series(0, {{grids}} - 1) g;
INSERT INTO held_duty (person_id, duty, region_id, from_date)
    SELECT 1 + g, 'grid_worker', 100000 + g, '2020-01-01' FROM generate_series(0, {{grids}} - 1) g;
INSERT INTO assessment_month (town_id, month, state, rules, version, weather)
    SELECT id, '{{first}}', 'open', '{{{{}}}}', 0, '{{{{}}}}' FROM region WHERE level = 3;
INSERT INTO subject (id, grid_id, kind, title, sealed, every_days, next_due, created_at, active)
    SELECT 1 + g, 100000 + g, 'shop', '小店', '', 30, '2020-01-01', now(), TRUE
    FROM generate_series(0, {{grids}} - 1) g;
"""
_CASES = f"""
INSERT INTO "case" (id, number, resident_id, status, level, grid_id, unit_id, holder_id, title, description, source,
    created_at, touched_at, submitted_at, accepted_at, resolved_at, ended_at, resolve_due, event_type, category, urgent,
    address, rating_note, reopened)
SELECT n, 1000 + n, 1 + g, CASE WHEN k < {HANDLED} THEN 'closed' ELSE 'accepted' END,
    CASE WHEN k < {HANDLED} THEN 1 ELSE 2 END, 100000 + g, 100000 + g, 1 + g, '路灯坏了', '路灯坏了，晚上看不见路',
    'chat', at, at, at, at, at, CASE WHEN k < {HANDLED} THEN at + interval '1 hour' END, at + interval '3 days', '',
    'city_management', FALSE, '', '', 0
FROM generate_series(0, $1::int * {HANDLED + REPORTED} - 1) n,
    LATERAL (SELECT n / {HANDLED + REPORTED} AS g, n % {HANDLED + REPORTED} AS k) of_grid,
    LATERAL (SELECT $2::timestamptz + k * interval '8 hours' AS at) moment
"""
_EVENTS = f"""
INSERT INTO case_event (case_id, at, person_id, role, action, note, hidden, unit_id, from_status, to_status, from_level,
    to_level, holder_id)
SELECT n, $2::timestamptz + k * interval '8 hours', 1 + g, 'holder',
    CASE WHEN k < {HANDLED} THEN 'resolve' ELSE 'report_up' END, '修好了', FALSE, 100000 + g, 'accepted', 'resolved', 1,
    CASE WHEN k < {HANDLED} THEN 1 ELSE 2 END, 1 + g
FROM generate_series(0, $1::int * {HANDLED + REPORTED} - 1) n,
    LATERAL (SELECT n / {HANDLED + REPORTED} AS g, n % {HANDLED + REPORTED} AS k) of_grid
"""
_VISITS = f"""
INSERT INTO visit (id, person_id, region_id, subject_id, at, due_on, in_time, result, next_date, source)
SELECT n, 1 + n / {VISITED}, 100000 + n / {VISITED}, 1 + n / {VISITED},
    $2::timestamptz + (n % {VISITED}) * interval '8 hours',
    ($2::timestamptz AT TIME ZONE 'Asia/Shanghai')::date + n % {VISITED}, TRUE, '都好', '2020-01-01', 'mini'
FROM generate_series(0, $1::int * {VISITED} - 1) n
"""
_PHOTOS = f"""
INSERT INTO attachment (id, person_id, kind, state, key, media_type, size, sha256, created_at, visit_id)
SELECT gen_random_uuid(), 1 + n / {VISITED}, 'photo', 'kept', '', 'image/jpeg', 1, '', $2::timestamptz, n
FROM generate_series(0, $1::int * {VISITED} - 1) n
"""
_PATROLS = """
INSERT INTO patrol (person_id, region_id, day, started_at, ended_at, ended_by, source, length_metres, seconds,
    suspicious, content, result, points, clock_off, stale)
SELECT 1 + n / 31, 100000 + n / 31, ($2::timestamptz AT TIME ZONE 'Asia/Shanghai')::date + n % 31, $2, $2, 'worker',
    'mini', 1200, 3900, '', '', '', 0, FALSE, FALSE
FROM generate_series(0, $1::int * 31 - 1) n
"""
_FLOOR = (
    'SELECT id, number, grid_id, ended_at, category FROM "case" WHERE id > $1 ORDER BY id LIMIT 8000',
    "SELECT id, case_id, person_id, at FROM case_event WHERE id > $1 ORDER BY id LIMIT 8000",
    "SELECT id, person_id, region_id, subject_id, at, due_on, in_time FROM visit WHERE id > $1 ORDER BY id LIMIT 8000",
)
_CHECK = """
SELECT count(*) AS scores, count(DISTINCT (score, events, visits, base_data, deductions)) AS kinds, min(score) AS score,
    min(events) AS events, min(visits) AS visits, (SELECT count(*) FROM assessment_month WHERE state = 'open'
        AND month = $1) AS open
FROM assessment_score
"""


async def run(where: Ground, report: Report, *, grids: int = GRIDS) -> None:
    """Measure, check, print."""
    report.say(f"\nThe assessment of a month: {grids // 10:,} and {grids:,} grids with {RECORDS} records each")
    # A line for each of a hundred towns tells nobody anything.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    month = Month.of(datetime.now(UTC)).before
    took, floors, memory = {}, {}, {}
    for count in (grids // 10, grids):
        began = time.monotonic()
        url = await _filled(where, f"assess{count}", count, month)
        report.say(f"  ({count * RECORDS:,} records loaded in {time.monotonic() - began:.0f} s)")
        floors[count] = await _floor(url)
        took[count], memory[count] = await _closed(where, url)
        await _check(report, url, count, month)
        await where.engines.drop_database(url.rsplit("/", 1)[-1].partition("?")[0])
    report.table(
        ["grids", "records", "time", "records a second", "times the floor", "more memory"],
        [
            [
                f"{count:,}",
                f"{count * RECORDS:,}",
                f"{seconds:.1f} s",
                f"{count * RECORDS / seconds:,.0f}",
                f"{seconds / floors[count]:.1f}",
                f"{memory[count]:.0f} MiB",
            ]
            for count, seconds in took.items()
        ],
    )
    report.say("  (the floor: the same rows, read by a bare asyncpg connection and dropped)")
    few, many = took[grids // 10], took[grids]
    word = "reached" if many / few / 10 <= AIM else "MISSED"
    report.say(f"  {word}: ten times the records take {many / few:.1f} times as long (aim: at most {AIM * 10:g})")
    rise = memory[grids] - memory[grids // 10]
    report.check(rise <= MORE_MEMORY, f"ten times the records need {rise:.0f} MiB more", f"more than {MORE_MEMORY:g}")


async def _filled(where: Ground, name: str, grids: int, month: Month) -> str:
    url = await where.database(name)
    connection = await connect(url)
    try:
        await connection.execute(_TOWNS.format(grids=grids, first=month.first.isoformat()))
        # Built and checked after the rows: several times as fast, and the same trees.
        indexes = await connection.fetch(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('case', 'case_event') "
            "AND indexdef NOT LIKE '%UNIQUE%'"
        )
        keys = await connection.fetch(
            "SELECT conname, conrelid::regclass::text AS of, pg_get_constraintdef(oid) AS said FROM pg_constraint "
            "WHERE conrelid IN ('case'::regclass, 'case_event'::regclass) AND contype = 'f'"
        )
        for one in indexes:
            await connection.execute(f"DROP INDEX {one['indexname']}")
        for one in keys:
            await connection.execute(f'ALTER TABLE {one["of"]} DROP CONSTRAINT "{one["conname"]}"')
        for statement in (_CASES, _EVENTS, _VISITS, _PHOTOS, _PATROLS):
            await connection.execute(statement, grids, month.starts, timeout=900)
        for one in indexes:
            await connection.execute(one["indexdef"], timeout=600)
        for one in keys:
            await connection.execute(
                f'ALTER TABLE {one["of"]} ADD CONSTRAINT "{one["conname"]}" {one["said"]}', timeout=600
            )
        await connection.execute("VACUUM ANALYZE", timeout=600)
    finally:
        await connection.close()
    return url


async def _floor(url: str) -> float:
    """Seconds to read the same rows and do nothing with them."""
    connection = await connect(url)
    try:
        began = time.perf_counter()
        for statement in _FLOOR:
            last = -1
            while found := await connection.fetch(statement, last):
                last = found[-1]["id"]
        return time.perf_counter() - began
    finally:
        await connection.close()


async def _closed(where: Ground, url: str) -> tuple[float, float]:
    """Seconds that the service needs to close all towns' months, and by how many MiB its memory rose at most."""
    port = free_port()
    environment = service_environment(url, where.engines.redis_url, where.folder, port, f"http://127.0.0.1:{port}")
    settings = load(environ=environment)
    async with (
        bootstrap.database(url, settings.database.pool),
        bootstrap.house(settings, url, where.engines.redis_url) as house,
        _watched() as peak,
    ):
        began = time.perf_counter()
        await house.desk.assessments.sweep()
        return time.perf_counter() - began, max(peak) - peak[0]


@asynccontextmanager
async def _watched() -> AsyncIterator[list[float]]:
    """Memory of this process in MiB, ten times a second."""
    seen = [_resident()]

    async def look() -> None:
        while True:
            await asyncio.sleep(0.1)
            seen.append(_resident())

    looking = asyncio.create_task(look())
    try:
        yield seen
    finally:
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


async def _check(report: Report, url: str, grids: int, month: Month) -> None:
    connection = await connect(url)
    try:
        found = dict(await connection.fetchrow(_CHECK, month.first))
    finally:
        await connection.close()
    # 40 + 20 / 3 + 20 reported = 66; visits 80; nothing is missing.
    wanted = {"scores": grids, "kinds": 1, "score": 60 * 66 + 20 * 80, "events": 66, "visits": 80, "open": 0}
    report.check(
        found == wanted, f"each of {grids:,} workers has the score worked out by hand", f"{found}, not {wanted}"
    )


async def main(grids: int) -> int:
    report = Report()
    async with ground() as where:
        await run(where, report, grids=grids)
    return 1 if report.wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.assessment", description=__doc__)
    parser.add_argument("--grids", type=int, default=GRIDS, help="grids of the larger city")
    given = parser.parse_args()
    sys.exit(uvloop.run(main(given.grids)))
