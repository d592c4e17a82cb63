"""The public pages as somebody of seventy sees them: large enough, strong enough in colour, with room for a thumb."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from app.bootstrap import House
from models import Region
from tests.browser.chromium import CHROMIUM, FLAGS, HOW_TO_GET
from tests.browser.handset import NARROW, WIDE
from tests.factories import GRID
from tests.pages.conftest import Sent, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason=HOW_TO_GET)]

READABLE, THUMB, CONTRAST = 18, 44, 4.5
"""Pixels, pixels, and the ratio that WCAG 2.2 asks of text (1.4.3)."""

MEASURE = """() => {
  const channel = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const numbers = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const colour = numbers(getComputedStyle(e).backgroundColor);
      if (colour[3] !== 0) return colour;
    }
    return [255, 255, 255];
  };
  const texts = [...document.querySelectorAll("body *")].filter(e =>
    [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && e.getClientRects().length);
  return {
    wide: document.documentElement.scrollWidth - innerWidth,
    texts: texts.map(e => {
      const [a, b] = [light(numbers(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
      return {text: e.textContent.trim().slice(0, 20), size: parseFloat(getComputedStyle(e).fontSize),
              contrast: (a + 0.05) / (b + 0.05)};
    }),
    taps: [...document.querySelectorAll("a")].map(e => {
      const box = e.getBoundingClientRect();
      return {text: e.textContent.trim(), height: box.height, width: box.width};
    }),
  };
}"""


@dataclass(frozen=True)
class Looked:
    page: Page
    complaints: list[str]
    seen: dict[str, Any]


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


async def look(chromium: Browser, address: str, size: ViewportSize, scheme: Literal["light", "dark"]) -> Looked:
    context = await chromium.new_context(viewport=size, locale="zh-CN", color_scheme=scheme)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    answer = await page.goto(address, wait_until="load")
    assert answer is not None
    # Chromium itself says in the console that a page is a 404.
    complaints = [said for said in complaints if answer.ok or str(answer.status) not in said]
    return Looked(page, complaints, await page.evaluate(MEASURE))


async def test_everything_can_be_read_and_tapped_by_anybody_on_any_screen(
    visitor: Visitor, service: str, house: House, chromium: Browser, sent: Sent
) -> None:
    await house.desk.board_facts.people(b"phone,office_phone\n13800000001,0519-8654 0013\n", {})
    await Region.filter(code=GRID).update(area="东至太滆路，西至城西河，南至振兴路，北至太湖湾大道")
    scene = (await house.desk.scenes.ticket_for(GRID)).scene
    taps = {}
    for path in (sent.path, f"/q/{scene}", "/n/none", "/q/none"):
        for size, scheme in ((NARROW, "light"), (NARROW, "dark"), (WIDE, "light")):
            found = await look(chromium, f"{service}{path}", size, scheme)
            where = f"{path} {size['width']} {scheme}"
            assert found.complaints == [], where
            assert found.seen["wide"] <= 0, where
            assert [one for one in found.seen["texts"] if one["size"] < READABLE] == [], where
            assert [one for one in found.seen["texts"] if one["contrast"] < CONTRAST] == [], where
            assert [one for one in found.seen["taps"] if min(one["height"], one["width"]) < THUMB] == [], where
            taps[path] = len(found.seen["taps"])
            await found.page.context.close()
    assert list(taps.values()) == [1, 2, 0, 0]
