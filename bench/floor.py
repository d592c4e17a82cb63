"""``python -m bench.floor PORT [DATABASE_URL]``: the least that a server could do.

Without a database: a bare aiohttp handler that reads the body and answers. With one: the statements of a resident's
message, those of the service itself, by asyncpg in one transaction; no signature, no encryption, no XML, no rules.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import uvloop
from aiohttp import web

from app.bootstrap import credentials
from bench.payloads import ACCOUNT
from services.drafts import _ADD
from services.inbound import _CLAIM
from services.people import _HEAR

_ANSWERED = "SELECT answer FROM inbound WHERE key = $1"
_HOLDS = "SELECT kind, count(*) AS n FROM case_message WHERE case_id = $1 GROUP BY kind"
_KEEP = "UPDATE inbound SET answer = $2 WHERE id = $1 RETURNING 1"
WINDOW = timedelta(hours=48)
CONNECTIONS = 20
"""As many as one process of the service has by default."""


async def bare(request: web.Request) -> web.Response:
    await request.read()
    return web.Response(text="success")


class Floor:
    def __init__(self, url: str) -> None:
        self._given = credentials(url, CONNECTIONS)
        self._pool: asyncpg.Pool | None = None

    async def lives(self, _app: web.Application) -> AsyncIterator[None]:
        given = self._given
        async with asyncpg.create_pool(
            host=given["host"],
            port=given["port"],
            user=given["user"],
            password=given["password"],
            database=given["database"],
            min_size=1,
            max_size=CONNECTIONS,
        ) as self._pool:
            yield

    async def keep(self, request: web.Request) -> web.Response:
        said = json.loads(await request.read())
        now = datetime.now(UTC)
        assert self._pool is not None
        async with self._pool.acquire() as connection, connection.transaction():
            claimed = await connection.fetchrow(_CLAIM, said["key"], now)
            if claimed is None:
                return web.Response(text=await connection.fetchval(_ANSWERED, said["key"]))
            heard = await connection.fetchrow(_HEAR, ACCOUNT.official.appid, said["openid"], now + WINDOW, now)
            added = await connection.fetchrow(
                _ADD, heard["person_id"], heard["grid_id"], now, "text", said["text"], None, None, None
            )
            count = 1
            if heard["draft_id"] is not None:
                found = await connection.fetch(_HOLDS, added["case_id"])
                count = sum(item["n"] for item in found)
            answer = f"记下了，现在有{count}段文字"
            await connection.fetch(_KEEP, claimed["id"], answer)
        return web.Response(text=answer)


async def main(port: int, url: str) -> None:
    app = web.Application()
    if url:
        floor = Floor(url)
        app.cleanup_ctx.append(floor.lives)
        app.router.add_post("/wechat/callback", floor.keep)
    else:
        app.router.add_post("/wechat/callback", bare)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""))
