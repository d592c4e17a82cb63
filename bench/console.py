"""Every page of the console in a town of a million cases: how long the server needs, statements, bytes.

``python -m bench.console [--cases N] [--times N] [--only ROUTE]``; ``--all-open`` takes the sweep's town instead, where
every case was filed today and is open still: no town is so, and it shows which page would mind first.
"""

import argparse
import logging
import os
import statistics
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import asyncpg
import structlog
import uvloop
from aiohttp import web
from aiohttp.typedefs import Handler

from app import bootstrap
from app.console_door import staff_logins
from app.settings import load
from app.site import site
from bench import console_pages
from bench.console_pages import MOST_BYTES, MOST_STATEMENTS, Files, statements
from bench.ground import Ground, connect, free_port, ground, service_environment
from bench.report import Report
from bench.sweep import filled
from domain.duty import Duty
from services.statistics import MONTHS

MANY = 1_000_000
MOST_MS = 200.0
"""p95 of the server's own time."""
_PASSWORD = "稻花香里说丰年-2027"

# Three years of a city: 97 of 100 cases are closed, a thousandth came today, and some of the rest is late, due today,
# urgent, returned, a complaint, or held.
_CASES = """
INSERT INTO "case" (number, resident_id, status, level, grid_id, unit_id, holder_id, title, description, source, kind,
    created_at, touched_at, submitted_at, accepted_at, resolved_at, accept_due, resolve_due, next_due, sweep_at,
    clock_from, event_type, category, urgent, address, rating_note, reopened)
SELECT 1000 + i, 10001 + i % 1000, status, level, 1000 + g, unit, holder,
    (ARRAY['路灯坏了', '井盖没有了', '垃圾没人收', '楼道堵住了', '树倒了', '狗没人管'])[1 + i % 6] || i % 5000,
    (ARRAY['晚上看不见路', '小孩走路危险', '三天了还在那里', '打过电话没人来'])[1 + i % 4] || '，请派人来' || i % 977,
    'chat', kind, at, at, at,
    CASE WHEN status <> 'submitted' THEN at + interval '2 hours' END,
    CASE WHEN status = 'closed' THEN at + interval '1 day' END,
    at + interval '1 day', at + interval '3 days',
    CASE WHEN status <> 'closed' THEN due END, CASE WHEN status <> 'closed' THEN due END, at,
    '', '', i % 101 = 0, '', '', 0
FROM generate_series(1, $1::int) i,
    LATERAL (SELECT 1 + i % 200 AS g, CASE WHEN i % 5000 = 7 THEN 'complaint' WHEN i % 5000 = 9 THEN 'held'
             ELSE 'case' END AS kind,
             now() - interval '1000 days' * (($1 - i)::float8 / $1) AS at) a,
    LATERAL (SELECT CASE WHEN i <= $1 * 0.97 AND i % 500 <> 0 THEN 'closed' WHEN i % 3 = 0 THEN 'accepted'
             ELSE 'submitted' END AS status,
             CASE WHEN kind = 'case' AND i % 7 > 1 THEN 1 ELSE 3 - i % 2 END AS level) b,
    LATERAL (SELECT CASE level WHEN 1 THEN 1000 + g WHEN 2 THEN 10 + 1 + g % 20 ELSE 3 END AS unit,
             CASE WHEN level = 1 THEN g END AS holder,
             now() + interval '1 hour' * (i % 240 - 12) AS due) c
"""
_STEP = """
INSERT INTO case_event (case_id, at, person_id, role, action, note, unit_id, from_status, to_status, from_level,
    to_level, holder_id)
SELECT id, submitted_at + $1::text::interval, CASE WHEN $2::text = 'resident' THEN resident_id ELSE holder_id END,
    $2::text, $3::text, $4::text,
    unit_id, 'submitted', status, 1, level, holder_id
FROM "case"
WHERE status <> 'closed' AND number % $5::int = $6::int AND ($3::text <> 'accept' OR status = 'accepted') ORDER BY id
"""
_STEPS: tuple[tuple[Any, ...], ...] = (
    ("0 s", "resident", "submit", "", 1, 0),
    ("1 minute", "overseer", "return", "网格能办的事，请就地处理。", 40, 3),
    ("2 hours", "holder", "accept", "", 1, 0),
)

# A notice to all of the town's residents, four in five of them reached.
_NOTICE = """
WITH made AS (
    INSERT INTO notice (author_id, region_id, title, text, link, audience, urgent, token, state, reach, created_at,
                        sent_at, spread_after)
    SELECT 1, 3, '停水通知', '明天八点到十二点停水，请提前备水。', '', '{}', FALSE, gen_random_uuid(), 'sending',
           count(*), now(), now(), 0 FROM person WHERE id > 10000 RETURNING id
)
INSERT INTO delivery (person_id, kind, facts, notice_id, state, channel, reason, openid, attempts, created_at, next_at,
                      grid_id, token)
SELECT p.id, 'notice', '{}', made.id, CASE WHEN p.id % 5 = 0 THEN 'inbox' ELSE 'sent' END, 'custom', '', '', 1, now(),
       now(), 1001 + p.id % 200, gen_random_uuid()
FROM made, person p WHERE p.id > 10000
"""
_EVENT_TYPE = """
INSERT INTO event_type (code, name, category, score_class, usual_level, photos, department, urgent, keywords, state,
                        reason, created_at, proposed_by_id)
VALUES ('light', '路灯', 'city_management', 'C', 1, 'none', '', FALSE, '[]', 'approved', '', now(), NULL),
       ('parking', '乱停车', 'city_management', 'C', 1, 'none', '', FALSE, '[]', 'proposed', '门口天天堵', now(), 1)
"""
_DECIDED_ON = (
    """
    INSERT INTO exit_proposal (town_id, person_id, year, state, made_at, object_until, reckoned, answer)
    SELECT r.id, h.person_id, extract(year FROM now())::int - 1, 'open', now(), now(), '[]', ''
    FROM held_duty h, region r WHERE h.duty = 'grid_worker' AND r.level = 3 ORDER BY h.id, r.id LIMIT 1
    """,
    """
    INSERT INTO award_application (region_id, person_id, asked_by_id, title, reason, evidence, state, asked_at, answer)
    SELECT region_id, person_id, person_id, '抢险', '连夜排水', '[]', 'asked', now(), ''
    FROM held_duty WHERE duty = 'grid_worker' ORDER BY id LIMIT 1
    """,
    """
    WITH made AS (
        INSERT INTO department (region_id, name) SELECT id, '城管办' FROM region WHERE level = 3 ORDER BY id LIMIT 1
        RETURNING id, region_id)
    INSERT INTO admission (department_id, region_id, title, task, basis, every, support, state, asked_by_id, asked_at,
                           answer)
    SELECT id, region_id, '查招牌', '每月看一遍', '城市管理条例', 'monthly', '每块 1 元', 'asked', 1, now(), ''
    FROM made
    """,
)


@dataclass(slots=True)
class Measured:
    """One address. Times in milliseconds, bytes as they were sent."""

    route: str
    address: str
    who: str
    times: list[float] = field(default_factory=list)
    statements: int = 0
    page: int = 0
    with_files: int = 0
    status: int = 0
    packed: bool = False

    @property
    def p95(self) -> float:
        every = sorted(self.times)
        return every[min(len(every) - 1, int(len(every) * 0.95))]

    def misses(self) -> list[str]:
        found = [f"answered {self.status}"] if self.status >= 500 else []
        if self.p95 > MOST_MS:
            found.append(f"p95 {self.p95:.0f} ms")
        if self.statements > MOST_STATEMENTS:
            found.append(f"{self.statements} statements")
        if self.with_files > MOST_BYTES:
            found.append(f"{self.with_files:,} bytes")
        return found


async def run(
    where: Ground, report: Report, *, many: int = MANY, times: int = 40, only: str = "", all_open: bool = False
) -> None:
    """Load, measure, print."""
    began = time.monotonic()
    url = await (filled(where, "console", many) if all_open else filled(where, "console", many, cases=_CASES))
    connection = await connect(url)
    try:
        for step in _STEPS:
            await connection.execute(_STEP, *step, timeout=600)
        await connection.execute(_NOTICE, timeout=600)
        await connection.execute(_EVENT_TYPE)
        for one in _DECIDED_ON:
            await connection.execute(one)
        await connection.execute("SELECT setval('case_number', 100000000)")
        for table in ("region", "person"):  # the town was laid with numbers of its own
            await connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 1000000)")
        # What a town this size has behind it, autovacuum has looked at long ago.
        await connection.execute("VACUUM ANALYZE", timeout=900)
        report.say(
            f"\nThe console's pages: {many:,} cases{' (all of them open)' if all_open else ''}, loaded in"
            f" {time.monotonic() - began:.0f} s; {times} times each, one after the other."
        )
        measured = await _measured(where, connection, url, times, only)
    finally:
        await connection.close()
    _print(report, measured)
    await where.engines.drop_database(url.rsplit("/", 1)[-1].partition("?")[0])


async def _measured(where: Ground, connection: asyncpg.Connection, url: str, times: int, only: str) -> list[Measured]:
    port = free_port()
    environment = service_environment(url, where.engines.redis_url, where.folder, port, "http://127.0.0.1:1")
    settings = load(environ={**environment, "WANGGE__LIMITS__API_PER_MINUTE": "10000000"})
    took: list[float] = []

    @web.middleware
    async def timed(request: web.Request, handler: Handler) -> web.StreamResponse:
        began = time.perf_counter()
        try:
            return await handler(request)
        finally:
            took.append((time.perf_counter() - began) * 1000)

    found: list[Measured] = []
    async with (
        bootstrap.database(url, settings.database.pool),
        bootstrap.house(settings, url, where.engines.redis_url) as house,
    ):
        logins = staff_logins(house)
        await logins.set("clerk", Duty.TOWN_AGENT, "3", _PASSWORD)
        await logins.set("inspector", Duty.INSPECTOR, "2", _PASSWORD)
        await logins.set("county", Duty.COMMANDER, "2", _PASSWORD)
        while await house.desk.figure_counts.count() > MONTHS:
            pass  # as the job does, a few months at a time
        app = site(house)
        app.middlewares.insert(0, timed)
        pages = await console_pages.addresses(app, connection.fetchval)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1, auto_decompress=False)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            for who in ("clerk", "inspector", "county"):
                async with _signed_in(f"http://127.0.0.1:{port}", who) as session:
                    for route, addresses in pages.items():
                        for address in addresses if only in route else ():
                            one = Measured(route, address, who)
                            await _open(session, one, took, times)
                            found.append(one)
        finally:
            await runner.cleanup()
    return found


class _signed_in:  # noqa: N801 - read as what it does
    def __init__(self, base: str, login: str) -> None:
        self._session = aiohttp.ClientSession(
            base, cookie_jar=aiohttp.CookieJar(unsafe=True), auto_decompress=False, timeout=aiohttp.ClientTimeout(120)
        )
        self._login = login

    async def __aenter__(self) -> aiohttp.ClientSession:
        async with self._session.get("/console/sign-in") as page:
            token = page.cookies["wangge_console_form"].value
        fields = {"csrf": token, "login": self._login, "password": _PASSWORD, "next": ""}
        async with self._session.post("/console/sign-in", data=fields, allow_redirects=False) as answer:
            if answer.status != 303:
                raise RuntimeError(f"{self._login} could not sign in: {answer.status}")
        return self._session

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()


async def _open(session: aiohttp.ClientSession, one: Measured, took: list[float], times: int) -> None:
    """Once for the count, which also warms it up; then *times* for the clock."""
    took.clear()
    headers = {"Accept-Encoding": "gzip"}
    with statements() as count:
        async with session.get(one.address, headers=headers, allow_redirects=False) as answer:
            one.status, data = answer.status, await answer.read()
            one.packed = "Content-Encoding" in answer.headers
        one.statements = count[0]
    if one.status >= 500:
        one.times = list(took)  # it has failed: it is not asked again and again
        return
    one.page = one.with_files = len(data)
    async with session.get(one.address, headers={"Accept-Encoding": "identity"}, allow_redirects=False) as plain:
        text = (await plain.read()).decode()
    for name in Files(text).found:
        async with session.get(name, headers=headers) as answer:
            one.with_files += len(await answer.read())
    took.clear()
    for _ in range(times):
        async with session.get(one.address, headers=headers, allow_redirects=False) as answer:
            await answer.read()
    one.times = list(took)


def _print(report: Report, measured: list[Measured]) -> None:
    report.table(
        ["page", "who", "ms p50", "ms p95", "statements", "bytes", "with css, js", "sent"],
        [
            [
                one.address,
                one.who,
                f"{statistics.median(one.times):.0f}",
                f"{one.p95:.0f}",
                str(one.statements),
                f"{one.page:,}",
                f"{one.with_files:,}",
                "packed" if one.packed else "as it is",
            ]
            for one in measured
        ],
    )
    missed: Mapping[str, list[str]] = {f"{one.address} ({one.who})": one.misses() for one in measured if one.misses()}
    for where, what in missed.items():
        report.say(f"  MISSED: {where}: {', '.join(what)}")
    if not missed:
        report.say(
            f"  reached: all {len(measured)} pages (aim: p95 at most {MOST_MS:g} ms, {MOST_STATEMENTS} statements,"
            f" {MOST_BYTES:,} bytes)"
        )
    # What one may not see, another does.
    shut = {one.address for one in measured} - {one.address for one in measured if one.status == 200}
    report.check(not shut, "every page opens for somebody", f"nobody could open {', '.join(sorted(shut))}")


async def main(many: int, times: int, only: str, *, all_open: bool) -> int:
    report = Report()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    report.say(f"{os.cpu_count()} cores (load {os.getloadavg()[0]:.1f}), embedded PostgreSQL with fsync on.")
    async with ground() as where:
        await run(where, report, many=many, times=times, only=only, all_open=all_open)
    return 1 if report.wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.console", description=__doc__)
    parser.add_argument("--cases", type=int, default=MANY, help="cases in the town")
    parser.add_argument("--times", type=int, default=40, help="how often each page is opened")
    parser.add_argument("--only", default="", help="only routes whose name holds this, as console.cases")
    parser.add_argument("--all-open", action="store_true", help="none of the cases is closed")
    given = parser.parse_args()
    sys.exit(uvloop.run(main(given.cases, given.times, given.only, all_open=given.all_open)))
