"""A browser that complains, and the service that it looks at."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest_asyncio
from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    Response,
    ViewportSize,
    async_playwright,
)

from tests.browser.chromium import CHROMIUM, FLAGS
from tests.browser.service import FIRST_GRID, SECOND_GRID, TOWN, Service, reachable_folder, running

PATIENCE_MS = 8000


@dataclass
class Complaints:
    """What must not happen in a page of ours, whatever is done there."""

    base: str
    found: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.found.append(f"error in a script: {error}"))
        page.on("request", self._request)
        page.on("response", self._response)
        page.on("dialog", self._dialog)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.found.append(f"console {message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.base}/", "data:", f"blob:{self.base}/")):
            self.found.append(f"a request to somebody else: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.found.append(f"{response.status} for {response.url}")

    async def _dialog(self, dialog: Dialog) -> None:
        self.found.append(f"a dialog: {dialog.message}")
        await dialog.dismiss()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service() -> AsyncIterator[Service]:
    """The whole service with the demo's town, its codes made and two of its staff bound."""
    folder = reachable_folder()
    try:
        async with running(folder) as started:
            await started.command("import", str(TOWN / "regions.csv"), str(TOWN / "staff.csv"))
            await asyncio.gather(
                started.print_codes(FIRST_GRID, SECOND_GRID),
                started.staff("网格员李卫国", "13900000001"),
                started.staff("村书记赵建军", "13900000004"),
            )
            await started.menu_is_there()
            yield started
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def look(service: Service, chromium: Browser) -> AsyncIterator[Callable[[ViewportSize], Awaitable[Page]]]:
    """Open the phone page in a browser of its own. Nothing may go wrong in any of them."""
    complaints = Complaints(service.base)
    contexts = []

    async def open_page(size: ViewportSize) -> Page:
        context = await chromium.new_context(viewport=size, locale="zh-CN", timezone_id="America/New_York")
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = await context.new_page()
        complaints.listen(page)
        await page.goto(f"{service.base}/sandbox/")
        await page.wait_for_selector("html[data-ready]")
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert complaints.found == []
