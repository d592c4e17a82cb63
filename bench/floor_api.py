"""``python -m bench.floor_api PORT DATABASE_URL``: two calls of the API on bare aiohttp and asyncpg, the same SQL.

To list a queue: the sign-in, the duties, the queue. To file a case: the sign-in, the duties, and in one transaction the
grid, the number, whoever holds it, the case, its history, what may be alike, the names for the message, the message to
the holder and its job. Each statement is the service's own or writes the same row; one connection a request, no model,
no limits, no working calendar, no event list, no log, no figures.
"""

import asyncio
import hashlib
import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import uvloop
from aiohttp import web

from adapters.queue import _DEFER
from app.bootstrap import credentials
from services.access import _ACTOR
from services.case_history import _NAMES
from services.delivery_claims import _OWE
from services.likeness import _CANDIDATES
from services.queues import _FIRST, _QUEUE
from services.routing import _COVERS, _LINE

CONNECTIONS = 20
"""As many as one process of the service has by default."""
CHINA = ZoneInfo("Asia/Shanghai")
_SESSION = "SELECT person_id FROM session WHERE token_hash = $1 AND expires_at > $2"
_GRID = "SELECT id, code, name, level, path FROM region WHERE code = $1 AND level = 1"
_CASE = """
INSERT INTO "case" (number, resident_id, status, level, grid_id, unit_id, holder_id, title, description, source,
    created_at, touched_at, submitted_at, accept_due, resolve_due, next_due, sweep_at, clock_from, remind_at,
    event_type, category, urgent, address, rating_note, reopened)
VALUES ($1, $2, 'submitted', 1, $3, $3, $4, $5, $6, 'mini', $7, $7, $7, $8, $9, $8, $8, $7, $10, '', '', FALSE, '', '',
    0) RETURNING id
"""
_EVENT = """
INSERT INTO case_event (case_id, at, person_id, role, action, note, unit_id, from_status, to_status, from_level,
    to_level, holder_id) VALUES ($1, $2, $3, 'resident', 'submit', '', $4, 'draft', 'submitted', 1, 1, $5)
"""
_OPEN = ["accepted", "resolved", "submitted", "suspended"]


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

    async def queue(self, request: web.Request) -> web.Response:
        assert self._pool is not None
        now = datetime.now(UTC)
        async with self._pool.acquire() as connection:
            duties = await _who(connection, request, now)
            seats = [one["region_id"] for one in duties if one["duty"] is not None]
            found = await connection.fetch(_QUEUE, duties[0]["id"], seats, _FIRST, 0, 21, [])
        items = [
            {name: value.isoformat() if isinstance(value, datetime) else value for name, value in one.items()}
            for one in found[:20]
        ]
        return _json(200, {"items": items, "next": str(found[-1]["id"]) if len(found) > len(items) else None})

    async def file(self, request: web.Request) -> web.Response:
        assert self._pool is not None
        given = json.loads(await request.read())
        now = datetime.now(UTC)
        async with self._pool.acquire() as connection:
            resident = (await _who(connection, request, now))[0]["id"]
            async with connection.transaction():
                return _json(201, await _file(connection, resident, given, now))


async def _who(connection: Any, request: web.Request, now: datetime) -> list[Any]:
    token = request.headers["Authorization"].removeprefix("Bearer ")
    person = await connection.fetchval(_SESSION, hashlib.sha256(token.encode()).hexdigest(), now)
    found = await connection.fetch(_ACTOR, person, now.astimezone(CHINA).date())
    return [{**one, "id": person} for one in found]


async def _file(connection: Any, resident: int, given: dict[str, str], now: datetime) -> dict[str, object]:
    grid = await connection.fetchrow(_GRID, given["grid"])
    number = await connection.fetchval("SELECT nextval('case_number')")
    line = [int(part) for part in grid["path"].strip("/").split("/")]
    posts = await connection.fetch(_LINE, line, now)
    await connection.fetch(_COVERS, [one["cover_id"] for one in posts if one["cover_id"] is not None], now)
    holder = next(one["person_id"] for one in posts if one["person_id"] is not None)
    accept, resolve = now + timedelta(hours=4), now + timedelta(days=3)
    text = given["description"]
    case_id = await connection.fetchval(
        _CASE, number, resident, grid["id"], holder, text[:20], text, now, accept, resolve, now + timedelta(hours=3)
    )
    await connection.execute(_EVENT, case_id, now, resident, grid["id"], holder)
    fortnight = timedelta(days=14)
    alike = await connection.fetch(
        _CANDIDATES, grid["id"], "", now - fortnight, now + fortnight, None, None, 50, case_id, _OPEN
    )
    names = await connection.fetchrow(_NAMES, grid["id"], grid["id"], holder, None, "", None, None)
    facts = {"number": number, "title": text[:20], "alike": [one["number"] for one in alike[:3]], **names}
    told = json.dumps(facts, ensure_ascii=False)
    await connection.execute(_OWE, [holder], ["new_case"], [told], [case_id], [None], now)
    await connection.fetch(_DEFER, "deliver", [json.dumps({"people": [holder]})], 0)
    return {
        "number": number,
        "title": text[:20],
        "description": text,
        "status": "submitted",
        "level": 1,
        "grid": grid["code"],
        "grid_name": grid["name"],
        "holder": {"name": names["holder"]},
        "created_at": now.isoformat(),
        "accept_due": accept.isoformat(),
        "resolve_due": resolve.isoformat(),
        "timeline": [{"at": now.isoformat(), "by": "resident", "action": "submit"}],
    }


def _json(status: int, body: dict[str, object]) -> web.Response:
    return web.Response(status=status, text=json.dumps(body, ensure_ascii=False), content_type="application/json")


async def main(port: int, url: str) -> None:
    app = web.Application()
    floor = Floor(url)
    app.cleanup_ctx.append(floor.lives)
    app.router.add_get("/api/v1/queue", floor.queue)
    app.router.add_post("/api/v1/cases", floor.file)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2]))
