"""Photos of before and after, added on a case's page."""

from aiohttp import web

from console.cases import CASES, CasePages
from console.frame import see_other
from console.gate import Gate, Visit
from domain.errors import NotFound, Refusal
from services.staff_photos import StaffPhotos

_FIELDS = ("before", "after")
"""In this order they are added: what came first shows how it was."""


class CasePhotos:
    def __init__(self, gate: Gate, pages: CasePages, photos: StaffPhotos) -> None:
        self._gate = gate
        self._pages = pages
        self._photos = photos

    def routes(self) -> list[web.RouteDef]:
        where = f"{CASES}/{{number:[0-9]{{1,18}}}}/photos"
        return [web.post(where, self._gate.takes_files(self.add), name="console.photos")]

    async def add(self, visit: Visit) -> web.StreamResponse:
        photos = [one.data for name in _FIELDS for one in visit.files if one.name == name]
        try:
            await self._photos.add(visit.actor, visit.number, photos, key=visit.form["once"][:64])
        except NotFound:
            raise
        except Refusal as refused:
            return await self._pages.sheet(visit, status=refused.status, refusal=refused)
        return see_other(f"{CASES}/{visit.number}?done=photos")
