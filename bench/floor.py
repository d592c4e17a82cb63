"""``python -m bench.floor PORT [DATABASE_URL]``: the least that a server could do.

Without a database: a bare aiohttp handler that reads the body and answers. With one: the rows that the service writes
for a resident's message, by asyncpg in as few statements as it takes and a transaction for each message; no signature,
no encryption, no XML, no rules, no look whether the message was here before.
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

# The rows of services.everyday for one message, with no question asked about who it is.
_KEEP = """
WITH i AS (
    UPDATE identity SET window_until = $3, window_left = 5, last_inbound_at = $4, subscribed = TRUE
    WHERE appid = $1 AND openid = $2 RETURNING person_id
), d AS (
    INSERT INTO "case" (resident_id, status, level, grid_id, title, description, source, event_type, category, urgent,
                        address, created_at, touched_at, rating_note, reopened)
    SELECT p.id, 'draft', 1, p.grid_id, '', '', 'chat', '', '', FALSE, '', $4, $4, '', 0
    FROM i JOIN person p ON p.id = i.person_id
    ON CONFLICT (resident_id) WHERE status = 'draft' DO UPDATE SET touched_at = excluded.touched_at
    RETURNING id, resident_id
), m AS (
    INSERT INTO case_message (case_id, person_id, at, kind, text) SELECT id, resident_id, $4, 'text', $5 FROM d
)
SELECT (SELECT count(*) FROM case_message WHERE case_id = d.id) AS n FROM d
"""
_ANSWER = "INSERT INTO inbound (key, at, answer) VALUES ($1, $2, $3)"
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
            held = await connection.fetchval(
                _KEEP, ACCOUNT.official.appid, said["openid"], now + WINDOW, now, said["text"]
            )
            answer = f"记下了，现在有{held + 1}段文字。\n还有要说的接着说；说完请回“提交”，不提了回“取消”。"
            await connection.execute(_ANSWER, said["key"], now, answer)
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
