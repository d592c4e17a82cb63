"""One of the two phones in the page, as a person uses it."""

from playwright.async_api import Locator, Page, ViewportSize, expect

PATIENCE_MS = 10_000
WIDE: ViewportSize = {"width": 1366, "height": 768}
NARROW: ViewportSize = {"width": 390, "height": 844}


class Handset:
    def __init__(self, page: Page, slot: int) -> None:
        self.page = page
        self.root = page.locator(f"#phone-{slot}")
        self.tab = page.locator(f'[data-tab="{slot}"]')
        self.input = self.root.locator("[data-input]")

    def part(self, hook: str) -> Locator:
        return self.root.locator(hook)

    async def take(self) -> None:
        """Take this phone into the hand: where the page shows one at a time, its tab is tapped first."""
        if not await self.root.is_visible():
            await self.tab.click()

    async def be_new(self, name: str) -> None:
        """Add a person and be that person."""
        await self._choose()
        await self.part("[data-new-name]").fill(name)
        await self.part("[data-new-person] button").click()
        await expect(self.part("[data-person-name]")).to_have_text(name)

    async def be(self, name: str) -> None:
        """Be somebody who is in the list."""
        await self._choose()
        await self.part("[data-people] [data-person]").filter(has_text=name).click()
        await expect(self.part("[data-person-name]")).to_have_text(name)

    async def _choose(self) -> None:
        await self.take()
        if not await self.part('[data-sheet="people"]').is_visible():
            await self.part("[data-open=people]").click()

    async def scan(self, code: str) -> None:
        """Scan the code with the address *code* out of the list, as a stranger."""
        await self.take()
        await self.part("[data-stranger] [data-open=scan]").click()
        await self.part("[data-scenes] [data-scene]").filter(has_text=code).click()

    async def say(self, text: str) -> None:
        """Type *text* and press Enter."""
        await self.take()
        if not await self.input.is_visible():
            await self.part("[data-toggle-bar]").click()
        await self.input.fill(text)
        await self.input.press("Enter")
        await expect(self.said(text)).to_be_visible(timeout=PATIENCE_MS)

    async def more(self, what: str) -> None:
        """Open one of the things behind the plus: photo, voice, place, scan."""
        await self.take()
        if not await self.input.is_visible():
            await self.part("[data-toggle-bar]").click()
        await self.part("[data-more]").click()
        await self.part(f"[data-panel] [data-open={what}]").click()

    async def tap(self, *names: str) -> None:
        """Tap a button of the menu under the chat, and then what opens above it."""
        await self.take()
        if await self.input.is_visible():
            await self.part("[data-toggle-bar]").click()
        for name in names:
            await self.part(f'[data-menu-name="{name}"]').click()

    def said(self, text: str) -> Locator:
        """What this person has said, the newest of it."""
        return self.part('[data-direction="to_account"]').filter(has_text=text).last

    async def answered(self, *words: str) -> str:
        """Wait for the account's answer at once that holds all of *words*; returns it."""
        return await self._shown('[data-channel="passive"]', words)

    async def told(self, *words: str) -> str:
        """Wait for a message that comes by itself, with nobody touching this phone; returns it."""
        return await self._shown('[data-channel="custom"], [data-channel="template"]', words)

    async def _shown(self, which: str, words: tuple[str, ...]) -> str:
        found = self.part(which)
        for word in words:
            found = found.filter(has_text=word)
        await expect(found.last).to_be_attached(timeout=PATIENCE_MS)
        await self.take()
        await expect(found.last).to_be_visible()
        return await found.last.inner_text()

    async def sees_the_newest(self) -> None:
        """The chat has scrolled to its end by itself, and nothing lies over it."""
        await self.take()
        await expect(self.part("[data-chat] > :last-child")).to_be_in_viewport(ratio=0.5)
