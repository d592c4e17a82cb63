"""Every page of the console, read off the routing: axe-core finds nothing, nothing runs out of either screen, and what
is touched or read on a phone is large enough.
"""

import pytest
from playwright.async_api import Browser

from app.bootstrap import House
from app.site import site
from bench.console_pages import addresses
from tests.browser.chromium import CHROMIUM, HOW_TO_GET
from tests.browser.handset import NARROW, WIDE
from tests.console.rows import (
    a_leave,
    a_notice,
    a_proposal,
    a_report,
    an_admission,
    an_application,
    an_award,
    an_event_type,
    an_exit,
    an_export,
    an_objection,
)
from tests.console.test_every_page import first
from tests.console.test_in_browser import UNFOLD, ComesIn, axe, chromium, opened, signed_in
from tests.console.test_workbench import a_day
from tests.pages.test_page_in_browser import MEASURE
from tests.services.conftest import Street

__all__ = ["axe", "chromium"]

TOO_SMALL = """() => {
  const low = [...document.querySelectorAll("a, button, select, textarea, summary, .tick, input:not([type=hidden])")]
    .filter((one) => one.checkVisibility() && !one.matches("label input") && !one.closest("svg, .unseen"))
    .map((one) => [one.outerHTML.slice(0, 120), Math.round(one.getBoundingClientRect().height * 10) / 10])
    .filter(([, height]) => height < 44);
  const letters = [...document.querySelectorAll(".chart text")]
    .map((one) => [one.textContent, parseFloat(getComputedStyle(one).fontSize) * one.getScreenCTM().a])
    .filter(([, size]) => size < 14);
  return [...low, ...letters];
}"""
"""What a finger misses on a phone, and letters in charts that nobody reads."""

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason=HOW_TO_GET)]


async def test_axe_finds_nothing_on_any_page_and_each_fits_on_both_screens(
    street: Street, service: str, house: House, chromium: Browser, comes_in: ComesIn, axe: str
) -> None:
    await a_day(street)
    for row in (a_notice, an_event_type, a_proposal, an_award, an_objection, a_leave, an_export):
        await row(street)
    for row in (an_exit, an_application, an_admission, a_report):
        await row(street)
    pages = await addresses(site(house), first)
    clerk = await comes_in("commander")
    for size in (WIDE, NARROW):
        page, _ = await opened(chromium, size)
        await signed_in(page, service, clerk)
        for first_of in (places[0] for places in pages.values()):
            await page.goto(f"{service}{first_of}")
            await page.evaluate(UNFOLD)
            assert (await page.evaluate(MEASURE))["wide"] <= 0, (first_of, size)
            if size is NARROW:
                assert await page.evaluate(TOO_SMALL) == [], first_of
            if size is WIDE:
                await page.evaluate(axe)
                found = await page.evaluate("axe.run({resultTypes: ['violations']})")
                assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == [], first_of
