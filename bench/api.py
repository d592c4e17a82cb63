"""The API's two hot calls, list-my-queue and create-case, beside bare aiohttp and asyncpg with the same SQL.

``python -m bench.api [--cases N] [--few N]`` runs it alone; ``--only create`` or ``--only queue`` a half of it.
"""

import argparse
import itertools
import json
import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import uvloop

from bench.ground import Ground, connect, free_port, ground, service_environment
from bench.load import Prepared, Slice, drive
from bench.report import Report
from bench.sweep import GRIDS, filled

CREATE_AIM, QUEUE_AIM, FLAT_AIM = 0.8, 0.5, 1.2
MANY, FEW = 1_000_000, 50_000
CONNECTIONS, CALM = 32, 4
"""As many at once as keep a server busy; and so few that a latency is the server's own and no waiting line."""
_FIRST_RESIDENT, _RESIDENTS = 10_001, 1_000

_SIGN_IN = """
INSERT INTO session (token_hash, person_id, created_at, expires_at)
SELECT encode(sha256(('t' || id)::bytea), 'hex'), id, now(), now() + interval '1 day' FROM person
"""
_KEPT = """
SELECT (SELECT count(*) FROM "case" WHERE source = 'mini') AS cases,
       (SELECT count(*) FROM case_event) AS events, (SELECT count(*) FROM delivery) AS deliveries,
       (SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'deliver') AS jobs,
       (SELECT count(DISTINCT description) FROM "case" WHERE source = 'mini') AS texts
"""


@dataclass(slots=True)
class Server:
    """One of those that are measured."""

    name: str
    port: int
    requests: Iterator[Prepared]
    connections: int = CONNECTIONS
    slices: list[Slice] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return statistics.median(one.rate for one in self.slices)

    def latency(self, share: float) -> float:
        """Milliseconds; the median of the rounds."""
        found = []
        for one in self.slices:
            every = sorted(one.latencies)
            found.append(every[min(len(every) - 1, int(len(every) * share))] * 1000)
        return statistics.median(found)

    async def turn(self, seconds: float) -> None:
        self.slices.append(await drive(self.port, self.requests, connections=self.connections, seconds=seconds))


async def run(where: Ground, report: Report, *, rounds: int, seconds: float, many: int = MANY, few: int = FEW) -> None:
    """Measure, check, print."""
    await create(where, report, rounds=rounds, seconds=seconds)
    await queue(where, report, rounds=rounds, seconds=seconds, many=many, few=few)


async def create(where: Ground, report: Report, *, rounds: int, seconds: float) -> None:
    urls = {name: await _town(where, f"create{name}", 0) for name in ("floor", "wangge")}
    async with AsyncExitStack() as stack:
        ports = await _serve(where, stack, urls, "create")
        servers = [Server(name, port, _cases()) for name, port in ports.items()]
        await _measure(servers, rounds, seconds)
    report.say(f"\nCreate a case: {rounds} rounds of {seconds:g} s each in turn, medians; {CONNECTIONS} at once.")
    for one in servers:
        done = _check_answers(report, one, 201)
        await _check_rows(report, one.name, urls[one.name], done)
    _print(report, servers)
    floor, ours = servers
    report.aim("of the floor's requests a second, creating cases", ours.rate / floor.rate, CREATE_AIM)
    await _drop(where, urls.values())


async def queue(where: Ground, report: Report, *, rounds: int, seconds: float, many: int, few: int) -> None:
    began = time.monotonic()
    urls = {"floor": await _town(where, "queuefew", few)}
    urls["wangge"] = urls["floor"]
    urls["wangge, many"] = await _town(where, "queuemany", many)
    report.say(
        f"\nList my queue: {few:,} open cases, and {many:,} for the last line (loaded in {time.monotonic() - began:.0f}"
        f" s, without the search's indexes, which no queue reads); the first page of {GRIDS} workers in turn."
    )
    async with AsyncExitStack() as stack:
        ports = await _serve(where, stack, urls, "queue")
        servers = [Server(name, port, _queues()) for name, port in ports.items()]
        await _measure(servers, rounds, seconds)
        calm = [Server(one.name, one.port, _queues(), CALM) for one in servers[1:]]
        await _measure(calm, rounds * 2, seconds)
    for one in [*servers, *calm]:
        _check_answers(report, one, 200)
    _print(report, servers)
    report.aim("of the floor's requests a second, listing a queue", servers[1].rate / servers[0].rate, QUEUE_AIM)
    report.say(f"  Latencies with {CALM} at once:")
    _print(report, calm)
    ratio = calm[1].latency(0.99) / calm[0].latency(0.99)
    word = "reached" if ratio <= FLAT_AIM else "MISSED"
    report.say(f"  {word}: p99 at {many:,} cases is {ratio:.2f} times that at {few:,} (aim: at most {FLAT_AIM:g})")
    await _drop(where, {*urls.values()})


async def _measure(servers: list[Server], rounds: int, seconds: float) -> None:
    for one in servers:
        await drive(one.port, itertools.islice(one.requests, 600), connections=one.connections)
    for _ in range(rounds):
        for one in servers:
            await one.turn(seconds)


async def _town(where: Ground, name: str, cases: int) -> str:
    """A town of 200 grids with *cases* open cases, everybody signed in."""
    url = await filled(where, name, cases, leave_out=("case_grams", "case_words"))
    connection = await connect(url)
    try:
        await connection.execute(_SIGN_IN)
        await connection.execute("SELECT setval('case_number', 100000000)")
        await connection.execute("ANALYZE")
    finally:
        await connection.close()
    return url


async def _serve(where: Ground, stack: AsyncExitStack, urls: dict[str, str], part: str) -> dict[str, int]:
    ports = {name: free_port() for name in urls}
    for name, url in urls.items():
        folder = f"{part}-{name.replace(', ', '-')}"
        arguments, environment = ["bench.floor_api", str(ports[name]), url], None
        if name != "floor":
            arguments = ["app", "serve"]
            environment = {
                **service_environment(url, where.engines.redis_url, where.folder, ports[name], "http://127.0.0.1:1"),
                "WANGGE__LIMITS__API_PER_MINUTE": "10000000",
            }
        await stack.enter_async_context(where.process(folder, arguments, ports[name], environment))
    return ports


def _cases() -> Iterator[Prepared]:
    """New cases of one resident after the other, each in other words."""
    for number in itertools.count():
        resident = _FIRST_RESIDENT + number % _RESIDENTS
        text = f"楼下的路灯坏了三天了，晚上看不见路 {number}"
        body = json.dumps({"grid": f"g{1 + number % GRIDS}", "description": text}, ensure_ascii=False).encode()
        head = f"POST /api/v1/cases HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer t{resident}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        yield Prepared(head.encode() + body, text)


def _queues() -> Iterator[Prepared]:
    for number in itertools.count():
        head = f"GET /api/v1/queue HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer t{1 + number % GRIDS}\r\n\r\n"
        yield Prepared(head.encode(), "")


def _check_answers(report: Report, server: Server, status: int) -> int:
    """How many answers there were; each must be as it should, those looked into as well."""
    done = sum(one.done for one in server.slices)
    wrong = sum(one.failed + one.done - one.statuses[status] for one in server.slices)
    bodies = [json.loads(body) for one in server.slices for _, body in one.samples if body]
    full = bool(bodies) and all(len(one.get("items", range(20))) == 20 for one in bodies)
    report.check(
        wrong == 0 and done > 0 and full,
        f"{server.name}: {done} answers, all of them {status}, {len(bodies)} looked into",
        f"{wrong} of {done} failed, or a page was not full",
    )
    return done


async def _check_rows(report: Report, name: str, url: str, done: int) -> None:
    connection = await connect(url)
    try:
        found = dict(await connection.fetchrow(_KEPT))
    finally:
        await connection.close()
    warm = 600
    wanted = dict.fromkeys(found, done + warm)
    report.check(found == wanted, f"{name}: {done + warm} of everything in the database", f"{found}, not {wanted}")


def _print(report: Report, servers: list[Server]) -> None:
    first = servers[0].rate
    report.table(
        ["", "a second", "p50 ms", "p99 ms", "of the first"],
        [
            [
                one.name,
                f"{one.rate:.0f}",
                f"{one.latency(0.5):.1f}",
                f"{one.latency(0.99):.1f}",
                f"{one.rate / first:.2f}",
            ]
            for one in servers
        ],
    )


async def _drop(where: Ground, urls: object) -> None:
    for url in urls:  # type: ignore[attr-defined]
        await where.engines.drop_database(url.rsplit("/", 1)[-1].partition("?")[0])


async def main(given: argparse.Namespace) -> int:
    report = Report()
    report.say(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; embedded PostgreSQL with fsync on.")
    async with ground() as where:
        if given.only != "queue":
            await create(where, report, rounds=given.rounds, seconds=given.seconds)
        if given.only != "create":
            await queue(where, report, rounds=given.rounds, seconds=given.seconds, many=given.cases, few=given.few)
    return 1 if report.wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.api", description=__doc__)
    parser.add_argument("--rounds", type=int, default=4, help="how often each server has its turn")
    parser.add_argument("--seconds", type=float, default=2.5, help="how long a turn is")
    parser.add_argument("--cases", type=int, default=MANY, help="open cases in the larger database")
    parser.add_argument("--few", type=int, default=FEW, help="open cases in the smaller one")
    parser.add_argument("--only", choices=("create", "queue"))
    sys.exit(uvloop.run(main(parser.parse_args())))
