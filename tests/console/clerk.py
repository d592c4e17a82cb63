"""A member of staff at a browser without a picture: cookies, forms, and what stands on the page."""

import html
import re
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import urljoin, urlsplit

import aiohttp

PASSWORD = "稻花香里说丰年-2027"


@dataclass
class Page:
    status: int
    text: str
    path: str
    headers: aiohttp.typedefs.LooseHeaders = field(repr=False)

    def hidden(self, action: str, which: str = "") -> dict[str, str]:
        """The hidden fields of the form that leads to *action*; *which* its ``action`` field."""
        for address, body in re.findall(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', self.text, re.DOTALL):
            found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', body))
            if address == action and (not which or found.get("action") == which):
                return {name: html.unescape(value) for name, value in found.items()}
        raise AssertionError(f"no form to {action} {which} on {self.path}: {self.words[:300]}")

    def offers(self) -> list[str]:
        return re.findall(r'name="action" value="(\w+)"', self.text)

    @property
    def words(self) -> str:
        return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", self.text).split()))


class Clerk:
    def __init__(self, session: aiohttp.ClientSession, service: str) -> None:
        self._session = session
        self.service = service

    async def opens(self, path: str, **headers: str) -> Page:
        return await self._asks("GET", path, headers=headers)

    async def sends(self, path: str, fields: dict[str, str], **headers: str) -> Page:
        return await self._asks("POST", path, data=fields, headers=headers)

    async def sends_files(self, path: str, fields: dict[str, str], *files: tuple[str, bytes]) -> Page:
        """A form with files: the name of the field, and what is in it."""
        form = aiohttp.FormData(fields, default_to_multipart=True)
        for name, data in files:
            form.add_field(name, BytesIO(data), filename="../IMG_1.jpg", content_type="image/jpeg")
        return await self.sends(path, form)  # type: ignore[arg-type]

    async def signs_in(self, phone: str, password: str, **headers: str) -> Page:
        page = await self.opens("/console/sign-in")
        fields = {**page.hidden("/console/sign-in"), "login": phone, "password": password}
        return await self.sends("/console/sign-in", fields, **headers)

    async def enters(self, phone: str, one_time: str) -> Page:
        """The first sign-in: with what the town gave, and on with a password of their own."""
        page = await self.signs_in(phone, one_time)
        assert page.path == "/console/password", page.words
        fields = {**page.hidden("/console/password"), "old": one_time, "new": PASSWORD, "again": PASSWORD}
        page = await self.sends("/console/password", fields)
        assert page.path.startswith("/console/?done"), page.words
        return page

    async def acts(self, number: int, action: str, **fields: str) -> Page:
        page = await self.opens(f"/console/cases/{number}")
        given = page.hidden(f"/console/cases/{number}/actions", action)
        return await self.sends(f"/console/cases/{number}/actions", {**given, **fields})

    def forgets(self) -> None:
        self._session.cookie_jar.clear()

    async def _asks(self, method: str, path: str, **more: object) -> Page:
        async with self._session.request(method, urljoin(self.service, path), **more) as answer:  # type: ignore[arg-type]
            url = urlsplit(str(answer.url))
            where = f"{url.path}?{url.query}" if url.query else url.path
            return Page(answer.status, await answer.text(errors="replace"), where, answer.headers)
