"""Every GET page of the console, read off the routing, with what to open it by.

One table for the bench and for the tests: a page that is added to the routing and has no sample here is an error that
says so. What a page's address needs is looked up in the database, so that the same table serves a town of two villages
and one of a million cases.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

from aiohttp import web

MOST_STATEMENTS, MOST_BYTES = 12, 150_000
"""Of one page; the bytes with its styles and scripts, as they are sent."""

PAGES: Mapping[str, tuple[str, ...]] = {
    "console.sign_in": ("/console/sign-in", "/console/sign-in?why=wrong&next=/console/cases"),
    "console.scan": ("/console/sign-in/scan",),
    "console.password": ("/console/password",),
    "console.workbench": ("/console/",),
    "console.cases": (
        "/console/cases",
        "/console/cases?list=open",
        "/console/cases?list=mine",
        "/console/cases?list=late",
        "/console/cases?list=today",
        "/console/cases?list=urgent",
        "/console/cases?list=returned",
        "/console/cases?list=held",
        "/console/cases?list=complaints",
        "/console/cases?status=closed&region={village}",
        "/console/cases?list=open&region={grid}&q=路灯",
        "/console/cases?since={today}&until={today}",
        "/console/cases?since=2020-01-01&until=2020-01-31",
        "/console/cases?q=路灯",
        "/console/cases?q=坏",
        "/console/cases?q=路灯 井盖",
        "/console/cases?q=路灯坏了4321",
        "/console/cases?q=没有这回事",
    ),
    "console.case": ("/console/cases/{case}",),
    "console.case_type": ("/console/cases/{case}/type", "/console/cases/{case}/type?q=路灯"),
    "console.second_factor": ("/console/second-factor",),
    "console.new_case": ("/console/cases/new",),
    "console.notices": ("/console/notices",),
    "console.new_notice": ("/console/notices/new",),
    "console.notice": ("/console/notices/{notice}",),
    "console.notice_in_person": ("/console/notices/{notice}/in-person",),
    "console.regions": ("/console/regions", "/console/regions?q=村"),
    "console.region": ("/console/regions/{village}", "/console/regions/{grid}"),
    "console.show_appoint": ("/console/regions/{grid}/appoint",),
    "console.show_replace": ("/console/posts/{post}/replace",),
    "console.show_end": ("/console/posts/{post}/end",),
    "console.show_leave": ("/console/posts/{post}/leave",),
    "console.leaves": ("/console/leaves",),
    "console.boards": ("/console/regions/{village}/boards",),
    "console.show_import": ("/console/regions/import",),
    "console.statistics": ("/console/statistics", "/console/statistics?region={village}"),
    "console.month_report": ("/console/statistics/month", "/console/statistics/month?region={village}"),
    "console.exports": ("/console/exports",),
    "console.event_types": ("/console/event-types", "/console/event-types?q=路灯"),
    "console.event_type": ("/console/event-types/{event_type}",),
    "console.event_types_import": ("/console/event-types-import",),
    "console.proposals": ("/console/event-type-proposals",),
    "console.proposal": ("/console/event-type-proposals/{proposal}",),
    "console.assessment": ("/console/assessment", "/console/assessment?month={month}"),
    "console.assessment_sheet": ("/console/assessment/sheet?month={month}&person={worker}&grid={worker_grid}",),
    "console.checks": ("/console/assessment/checks",),
    "console.exempt_days": ("/console/assessment/days",),
    "console.exits": ("/console/exits",),
    "console.exit": ("/console/exits/{exit}",),
    "console.awards": ("/console/awards",),
    "console.new_award": ("/console/awards/new", "/console/awards/new?grid={worker_grid}"),
    "console.award": ("/console/awards/{application}",),
    "console.admissions": ("/console/admissions",),
    "console.admission": ("/console/admissions/{admission}",),
    "console.training": ("/console/training", "/console/training?year=2020"),
    "console.calendar": ("/console/calendar",),
    "console.settings": ("/console/settings", "/console/settings?region={town}&section=leave&done=change"),
    "console.audit": ("/console/audit", "/console/audit?case={case}", "/console/audit?kind=office"),
}
"""By the name of the route: addresses with ``{names}`` of :data:`FACTS`. The first of a route stands for it."""

FACTS: Mapping[str, str] = {
    "case": """SELECT number FROM "case" WHERE kind = 'case' AND number IS NOT NULL AND status = 'submitted'
               ORDER BY id DESC LIMIT 1""",
    "notice": "SELECT id FROM notice WHERE state <> 'preview' ORDER BY id DESC LIMIT 1",
    "event_type": "SELECT code FROM event_type WHERE state = 'approved' ORDER BY id LIMIT 1",
    "proposal": "SELECT code FROM event_type WHERE proposed_by_id IS NOT NULL ORDER BY id LIMIT 1",
    "month": """SELECT to_char(max(submitted_at) AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') FROM "case" """,
    "worker": "SELECT person_id FROM held_duty WHERE duty = 'grid_worker' ORDER BY id LIMIT 1",
    "worker_grid": """SELECT r.code FROM held_duty h JOIN region r ON r.id = h.region_id
                      WHERE h.duty = 'grid_worker' ORDER BY h.id LIMIT 1""",
    "exit": "SELECT id FROM exit_proposal ORDER BY id LIMIT 1",
    "application": "SELECT id FROM award_application ORDER BY id LIMIT 1",
    "admission": "SELECT id FROM admission ORDER BY id LIMIT 1",
    "post": "SELECT id FROM held_duty WHERE duty = 'grid_worker' ORDER BY id LIMIT 1",
    "other_post": "SELECT id FROM held_duty WHERE duty = 'grid_worker' ORDER BY id DESC LIMIT 1",
    "village": "SELECT code FROM region WHERE level = 2 ORDER BY id LIMIT 1",
    "town": "SELECT code FROM region WHERE level = 3 ORDER BY id LIMIT 1",
    "grid": "SELECT code FROM region WHERE level = 1 ORDER BY id LIMIT 1",
    "today": "SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date",
}
"""One row of each kind that an address can name; there must be one."""

NO_PAGES: Mapping[str, str] = {
    "console.root": "leads to the workbench",
    "console.static": "a style or a script, the same for a year",
    "console.scan_state": "a word for a script",
    "console.live": "a stream; tests/console/test_live.py",
    "console.notice_live": "a stream; tests/console/test_live.py",
    "console.event_types_csv": "a table to download; tests/console/test_rules.py",
    "console.post": "leads to the region",
    "console.show_back": "leads to the region",
    "console.show_invite": "leads to the region",
    "console.invitation": "a picture, for a quarter of an hour; tests/console/test_regions.py",
    "console.leave_answered": "leads to the month",
    "console.leave_ended": "leads to the month",
    "console.import_template": "a workbook to download; tests/console/test_region_import.py",
    "console.import_again": "leads to the beginning",
    "console.one_export": "leads to the list of files",
    "console.export_file": "a file to download; tests/console/test_exports.py",
    "console.notice_report": "a table to download; tests/console/test_notices.py",
    "console.code": "asks whoever has just given a password; tests/console/test_second_factor.py opens it",
    "console.nowhere": "says that there is no such page",
}
"""GET routes that are no pages, and why."""

_STATEMENTS = logging.getLogger("tortoise.db_client")

Ask = Callable[[str], Awaitable[Any]]
"""Runs a statement and answers with the first column of its first row, ``None`` where there is none."""


def routes(app: web.Application) -> list[str]:
    """The names of all GET routes of the console that are pages. Raises LookupError for one that has no name."""
    found = []
    for route in app.router.routes():
        where = route.resource.canonical if route.resource is not None else ""
        if route.method != "GET" or not (where == "/console" or where.startswith("/console/")):
            continue
        if route.name is None:
            raise LookupError(f"the console's page {where} has no name in the routing: give it one (console.something)")
        if route.name not in NO_PAGES:
            found.append(route.name)
    return found


async def addresses(app: web.Application, ask: Ask) -> dict[str, list[str]]:
    """What to open, by the name of the route.

    Raises LookupError, saying what to do, for a page without a sample, for a sample without a page, and for a fact of
    which the database has no row.
    """
    names = routes(app)
    missing, left = sorted({*names} - {*PAGES}), sorted({*PAGES} - {*names})
    if missing:
        raise LookupError(
            f"no sample for {', '.join(missing)}: add its address to PAGES in bench/console_pages.py"
            " (or to NO_PAGES, with the reason, where it is no page)"
        )
    if left:
        raise LookupError(f"no page any more for {', '.join(left)}: take it out of PAGES in bench/console_pages.py")
    wanted = {name for name in FACTS if any(f"{{{name}}}" in one for every in PAGES.values() for one in every)}
    facts: dict[str, str] = {}
    for name in sorted(wanted):
        found = await ask(FACTS[name])
        if found is None:
            raise LookupError(f"nothing to open a page by: make a row that FACTS[{name!r}] finds")
        facts[name] = str(found)
    return {name: [address.format(**facts) for address in PAGES[name]] for name in names}


class Files(HTMLParser):
    """The styles and scripts that a page asks for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and given.get("src"):
            self.found.add(given["src"] or "")
        if tag == "link" and given.get("rel") == "stylesheet" and given.get("href"):
            self.found.add(given["href"] or "")


@contextmanager
def statements() -> Iterator[list[int]]:
    """Counts what the database is asked in this process meanwhile; the count stands in the list's only place.

    What the followers of clock and towns' rules ask each moment is no page's.
    """
    count = [0]

    class Counter(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            del record
            task = asyncio.current_task()
            count[0] += task is None or not task.get_name().startswith("follow ")

    counter, level, onward = Counter(), _STATEMENTS.level, _STATEMENTS.propagate
    _STATEMENTS.addHandler(counter)
    _STATEMENTS.setLevel(logging.DEBUG)
    _STATEMENTS.propagate = False
    try:
        yield count
    finally:
        _STATEMENTS.removeHandler(counter)
        _STATEMENTS.setLevel(level)
        _STATEMENTS.propagate = onward
