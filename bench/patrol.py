"""A patrol of eight hours, a fix every five seconds: CPU of the server for each point, from the wire to the coverage.

``python -m bench.patrol`` runs it alone. The floor is a bare aiohttp server that reads each batch, parses its JSON and
keeps it in one row by asyncpg; it knows nobody, checks nothing, seals nothing and measures nothing.
"""

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import asyncpg
import uvloop
from aiohttp import web

from app.bootstrap import credentials
from bench.api import _town
from bench.ground import Ground, connect, free_port, ground, service_environment
from bench.report import Report

POINTS, EVERY = 5760, 5
AIM_MS = 1.0
SIZES = (60, 1000)
"""A batch each five minutes, and as few as a body may hold: a phone that was without signal all day."""
_FLOOR = "--as-floor"
_UP, _ALONG = 1 / 111_195, 1 / 94_800
_LATITUDE, _LONGITUDE = 31.52, 120.11
_SIDE, _LANE = 1500.0, 50.0
_RING = [
    [_LONGITUDE, _LATITUDE],
    [_LONGITUDE + _SIDE * _ALONG, _LATITUDE],
    [_LONGITUDE + _SIDE * _ALONG, _LATITUDE + _SIDE * _UP],
    [_LONGITUDE, _LATITUDE + _SIDE * _UP],
]


@dataclass(frozen=True, slots=True)
class Walked:
    taken: float
    """CPU milliseconds of the server until all points were there."""
    measured: float
    """And for the end of the patrol: everything opened, sifted, measured, and laid over the grid."""
    seconds: float
    metres: int
    coverage: float


def points(start: datetime) -> list[dict[str, object]]:
    """Up one lane of the grid and down the next, with the noise of a phone."""
    dice, found = random.Random(8), []
    for number in range(POINTS):
        far = 1.1 * EVERY * number
        lane, along = divmod(far, _SIDE)
        north = along if lane % 2 == 0 else _SIDE - along
        at = (start + timedelta(seconds=EVERY * number)).isoformat(timespec="milliseconds")
        found.append(
            {
                "at": at,
                "latitude": round(_LATITUDE + (north + dice.gauss(0, 3)) * _UP, 6),
                "longitude": round(_LONGITUDE + (_LANE * lane + dice.gauss(0, 3)) * _ALONG, 6),
                "accuracy": round(dice.uniform(4, 15), 1),
                "mock": False,
            }
        )
    return found


async def run(where: Ground, report: Report) -> None:
    """Measure, check, print."""
    url = await _town(where, "patrol", 0)
    connection = await connect(url)
    try:
        await connection.execute("INSERT INTO boundary (region_id, ring) SELECT id, $1 FROM region", json.dumps(_RING))
        await connection.execute("CREATE TABLE floor_batch (id bigserial PRIMARY KEY, batch int, points jsonb)")
    finally:
        await connection.close()
    ports = {"floor": free_port(), "wangge": free_port()}
    environment = service_environment(url, where.engines.redis_url, where.folder, ports["wangge"], "http://127.0.0.1:1")
    report.say(f"\nA patrol of 8 h, {POINTS:,} points, sent in batches, then ended and measured: CPU of the server.")
    lines = []
    async with (
        where.process("patrol-floor", ["bench.patrol", _FLOOR, str(ports["floor"]), url], ports["floor"]) as floor,
        where.process("patrol-wangge", ["app", "serve"], ports["wangge"], environment) as ours,
    ):
        for worker, size in enumerate(SIZES, 1):
            least = await _walk(ports["floor"], floor, size, worker, measure=False)
            # The first of a fresh process pays for what it has not loaded yet.
            await _walk(ports["wangge"], ours, size, 100 + worker, measure=True)
            found = await _walk(ports["wangge"], ours, size, worker, measure=True)
            whole = (found.taken + found.measured) / POINTS
            lines.append(
                [
                    f"{size:,} in a batch",
                    f"{least.taken / POINTS:.3f}",
                    f"{found.taken / POINTS:.3f}",
                    f"{found.measured / POINTS:.3f}",
                    f"{whole:.3f}",
                    f"{whole * POINTS / least.taken:.1f}",
                ]
            )
            walked = 1.1 * EVERY * (POINTS - 1)
            report.check(
                abs(found.metres - walked) < walked * 0.05,
                f"{found.metres:,} m are measured of {walked:,.0f} m walked",
                "more than 5 % off",
            )
            report.check(0.5 < found.coverage <= 1, f"{found.coverage:.0%} of the grid is covered", "not believable")
            word = "reached" if whole <= AIM_MS else "MISSED"
            report.say(f"  {word}: {whole:.3f} ms of CPU a point, {size} in a batch (aim: at most {AIM_MS:g})")
    report.table(["CPU ms a point", "floor", "taken", "measured", "together", "of the floor"], lines)


async def _walk(port: int, process: int, size: int, worker: int, *, measure: bool) -> Walked:
    """One patrol of the worker with the token ``t{worker}``."""
    start = datetime.now(UTC) - timedelta(hours=8, minutes=5)
    every = points(start)
    headers = {"Authorization": f"Bearer t{worker}"}
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=headers) as session:

        async def post(path: str, body: object) -> dict[str, object]:
            async with session.post(f"/api/v1{path}", json=body) as answered:
                told = await answered.json()
                if answered.status not in {200, 201}:
                    raise RuntimeError(f"{path}: {answered.status} {told}")
                return dict(told)

        made = await post("/patrols", {"started_at": start.isoformat()}) if measure else {"id": 0}
        began, before = time.perf_counter(), _cpu_ms(process)
        for number, first in enumerate(range(0, POINTS, size), 1):
            await post(f"/patrols/{made['id']}/points", {"batch": number, "points": every[first : first + size]})
        taken = _cpu_ms(process)
        if not measure:
            return Walked(taken - before, 0, time.perf_counter() - began, 0, 0)
        ended = await post(f"/patrols/{made['id']}/end", {})
        metres, coverage = ended["length_metres"], ended["coverage"]
        assert isinstance(metres, int) and isinstance(coverage, float)  # noqa: PT018 - two fields of one answer
        return Walked(taken - before, _cpu_ms(process) - taken, time.perf_counter() - began, metres, coverage)


def _cpu_ms(process: int) -> float:
    """User and system time of all its threads so far, as the kernel counts it (10 ms at a time)."""
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


class Floor:
    def __init__(self, url: str) -> None:
        self._given = credentials(url)
        self._pool: asyncpg.Pool | None = None

    async def lives(self, _app: web.Application) -> AsyncIterator[None]:
        names = ("host", "port", "user", "password", "database")
        async with asyncpg.create_pool(
            **{name: self._given[name] for name in names}, min_size=1, max_size=4
        ) as self._pool:
            yield

    async def keep(self, request: web.Request) -> web.Response:
        given = json.loads(await request.read())
        assert self._pool is not None
        async with self._pool.acquire() as connection:
            kept = json.dumps(given["points"])
            await connection.execute("INSERT INTO floor_batch (batch, points) VALUES ($1, $2)", given["batch"], kept)
        return web.json_response({"batch": given["batch"], "points": len(given["points"])})


async def serve_floor(port: int, url: str) -> None:
    app = web.Application()
    floor = Floor(url)
    app.cleanup_ctx.append(floor.lives)
    app.router.add_post("/api/v1/patrols/{id}/points", floor.keep)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


async def main() -> int:
    report = Report()
    async with ground() as where:
        await run(where, report)
    report.say(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; embedded PostgreSQL with fsync on.")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    if sys.argv[1:2] == [_FLOOR]:
        uvloop.run(serve_floor(int(sys.argv[2]), sys.argv[3]))
    else:
        sys.exit(uvloop.run(main()))
