"""Every GET page of the console, read off the routing: what it costs, and how much it weighs."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from app.bootstrap import House
from app.site import site
from bench import console_pages
from bench.console_pages import MOST_BYTES, MOST_STATEMENTS, Files, addresses, statements
from domain.duty import Duty
from services.staff_logins import StaffLogins
from services.transaction import row
from tests.console.clerk import PASSWORD, Clerk
from tests.console.rows import a_notice, a_proposal, a_report, an_admission, an_application, an_event_type, an_exit
from tests.console.test_workbench import a_day
from tests.factories import TOWN
from tests.services.conftest import Street

ComesIn = Callable[[str], Awaitable[Clerk]]
STAFF = ("commander", "secretary", "inspector")


AREAS = {"console.sign_in": 0, "console.scan": 0, "console.password": 0, "console.second_factor": 0}
"""Pages that belong to no entry of the main menu; all others to one."""


def marked(text: str) -> int:
    """How many entries of the main menu are marked."""
    menu = re.search(r'aria-label="主菜单">(.*?)</nav>', text, re.DOTALL)
    return menu[1].count("aria-current") if menu else 0


async def first(sql: str) -> Any:
    """The first column of the first row."""
    found = await row(sql)
    return next(iter(dict(found).values())) if found is not None else None


async def test_no_page_costs_more_than_a_dozen_statements_or_weighs_more_than_150_kb(
    street: Street, house: House, comes_in: ComesIn, stranger: Clerk, logins: StaffLogins
) -> None:
    await a_day(street)
    await a_notice(street)
    await an_event_type(street)
    for something in (a_proposal, an_exit, an_application, an_admission, a_report):
        await something(street)
    for _ in range(30):
        await street.files()
    await logins.set("clerk.admin", Duty.ADMIN, TOWN, PASSWORD)
    await stranger.signs_in("clerk.admin", PASSWORD)
    people = {"admin": stranger} | {who: await comes_in(who) for who in STAFF}
    files: dict[str, int] = {}
    opened, too_much, unmarked = set(), [], []
    pages = await addresses(site(house), first)
    for who, clerk in people.items():
        for route, places in pages.items():
            for place in places:
                with statements() as count:
                    page = await clerk.opens(place)
                assert page.status in {200, 403, 404}, (who, place, page.status, page.words[:300])
                if page.status == 200 and page.path == place:
                    opened.add(route)
                    if who == "admin" and marked(page.text) != AREAS.get(route, 1):
                        unmarked.append(place)
                for name in Files(page.text).found - {*files}:
                    files[name] = len((await clerk.opens(name)).text.encode())
                weight = len(page.text.encode()) + sum(files[name] for name in Files(page.text).found)
                if count[0] > MOST_STATEMENTS or weight > MOST_BYTES:
                    too_much.append(f"{who} {place}: {count[0]} statements, {weight} bytes")
    assert too_much == []
    assert unmarked == [], "pages whose entry of the main menu is not marked: console/menu.py"
    assert sorted({*pages} - opened) == [], (
        "pages that nobody could open: give them a row, or somebody who may see them"
    )
    assert len(files) >= 2


async def test_a_page_without_a_sample_is_named(street: Street, house: House) -> None:
    app = site(house)
    app.add_routes([web.get("/console/brand-new", _nothing, name="console.brand_new")])
    with pytest.raises(LookupError, match=r"no sample for console\.brand_new: .*console_pages\.py"):
        await addresses(app, first)
    nameless = site(house)
    nameless.add_routes([web.get("/console/nameless", _nothing)])
    with pytest.raises(LookupError, match="/console/nameless has no name"):
        await addresses(nameless, first)


async def test_what_a_page_is_opened_by_must_be_there(street: Street, house: House) -> None:
    with pytest.raises(LookupError, match=r"make a row that FACTS\['\w+'\] finds"):
        await addresses(site(house), first)


async def test_a_sample_of_a_page_that_is_gone_is_named(
    street: Street, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console_pages, "PAGES", {**console_pages.PAGES, "console.gone": ("/console/gone",)})
    with pytest.raises(LookupError, match=r"no page any more for console\.gone"):
        await addresses(site(house), first)


async def _nothing(_: web.Request) -> web.Response:
    return web.Response()
