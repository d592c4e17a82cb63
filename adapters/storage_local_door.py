"""The local store's own door: where a client puts an upload, and reads what was kept, by signed addresses only."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from aiohttp import web

from adapters.storage_local import LocalStorage
from adapters.storage_local_links import PREFIX
from domain.errors import LinkRefused, NotFound, TooLarge
from services.ports import UPLOADS, Expected

UPLOAD_PATIENCE = 300.0
"""Seconds for a whole upload: 20 MB at half a megabit a second."""
IDLE_PATIENCE = 20.0
"""Seconds without a byte."""
_PART = 65536
_PRIVATE = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, max-age=600",
    # An address opened by hand shows a picture, and runs nothing.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}

CheckWanted = Callable[[str], Awaitable[None]]


class StoreDoor:
    def __init__(self, storage: LocalStorage, check_wanted: CheckWanted) -> None:
        """*check_wanted* is asked before a byte is taken: :meth:`services.uploads.Uploads.check_wanted`."""
        self._storage = storage
        self._check_wanted = check_wanted

    def routes(self) -> list[web.RouteDef]:
        path = f"{PREFIX}/{{key:.+}}"
        return [web.put(path, self.take, name="store.put"), web.get(path, self.give, name="store.get")]

    async def take(self, request: web.Request) -> web.Response:
        """201 once the whole upload is on the disk and is what was announced."""
        key, query = _read(request)
        self._storage.links.check("PUT", key, query)
        expected = Expected(int(query["size"]), query["sha256"], query["type"])
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise web.HTTPUnsupportedMediaType(text="send the bytes as they are, without Content-Encoding")
        if (request.content_length or 0) > expected.size:
            raise TooLarge(f"more than the {expected.size} bytes that were announced", longest=expected.size)
        await self._check_wanted(key)
        try:
            async with asyncio.timeout(UPLOAD_PATIENCE):
                await self._storage.receive(key, expected, _parts(request))
        except TimeoutError:
            raise web.HTTPRequestTimeout(text="the upload did not arrive in time") from None
        except web.RequestPayloadError:
            raise web.HTTPBadRequest(text="the upload ends too early, or is not framed as HTTP wants it") from None
        return web.Response(status=201, headers={"Cache-Control": "no-store"})

    async def give(self, request: web.Request) -> web.StreamResponse:
        """The file, whole or in the ranges asked for."""
        key, query = _read(request)
        self._storage.links.check("GET", key, query)
        path = self._storage.path_of(key)
        if key.startswith(UPLOADS) or not await asyncio.to_thread(path.is_file):
            raise NotFound("there is no such file any more")
        name = query.get("name", "")
        disposition = f'attachment; filename="{name}"' if name else "inline"
        headers = {**_PRIVATE, "Content-Type": query["type"], "Content-Disposition": disposition}
        return web.FileResponse(path, chunk_size=_PART, headers=headers)


def _read(request: web.Request) -> tuple[str, Mapping[str, str]]:
    query = dict(request.query)
    if len(query) != len(request.query):
        raise LinkRefused("this address is not as it was given out", why="altered")
    return request.match_info["key"], query


async def _parts(request: web.Request) -> AsyncIterator[bytes]:
    while True:
        async with asyncio.timeout(IDLE_PATIENCE):
            part = await request.content.read(_PART)
        if not part:
            return
        yield part
