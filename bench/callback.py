"""The safe-mode callback beside a bare handler, the database floor and WeRoBot, slices in turn in one run."""

import asyncio
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from bench.ground import Ground, connect, free_port, seed_people, service_environment
from bench.load import Prepared, Slice, drive
from bench.payloads import DRAFTED, Payloads
from bench.report import Report

PEOPLE = 2000
CONNECTIONS = 64
CONNECTIONS_WSGIREF = 4
"""One thread and a backlog of five: with more at once the kernel drops connections, which would only do it harm."""
AGAIN = 200
_MOST_A_SECOND = 6000


@dataclass(slots=True)
class Server:
    """One of those that are measured."""

    name: str
    port: int
    prepare: Callable[[int], list[Prepared]]
    connections: int = CONNECTIONS
    fresh: bool = True
    """Whether a message may be sent only once (where something stores it)."""
    opens: Callable[[bytes], str] | None = None
    says: str = ""
    slices: list[Slice] = field(default_factory=list)
    stock: list[Prepared] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return statistics.median(one.rate for one in self.slices)

    def latency(self, share: float) -> float:
        """Milliseconds."""
        every = sorted(second for one in self.slices for second in one.latencies)
        return every[min(len(every) - 1, int(len(every) * share))] * 1000

    async def turn(self, seconds: float) -> None:
        self.slices.append(
            await drive(self.port, self._requests(seconds), connections=self.connections, seconds=seconds)
        )

    def _requests(self, seconds: float) -> Iterator[Prepared]:
        if not self.fresh:
            self.stock = self.stock or self.prepare(PEOPLE)
            return _for_ever(self.stock)
        guess = max((one.rate for one in self.slices), default=_MOST_A_SECOND / 3)
        return iter(self.prepare(int(guess * seconds * 1.6) + CONNECTIONS))


def _for_ever(stock: list[Prepared]) -> Iterator[Prepared]:
    while True:
        yield from stock


async def run(ground: Ground, report: Report, *, rounds: int, seconds: float) -> None:
    """Measure, check, print."""
    ours_url, floor_url = await asyncio.gather(ground.database("ours"), ground.database("floor"))
    openids = await seed_people(ours_url, PEOPLE)
    await seed_people(floor_url, PEOPLE)
    payloads, plain = Payloads(openids), Payloads(openids)
    ports = [free_port() for _ in range(6)]
    bare, floor, ours, installed, off, parser = ports
    environment = service_environment(ours_url, ground.engines.redis_url, ground.folder, ours, "http://127.0.0.1:1")
    async with AsyncExitStack() as stack:
        for name, arguments, port, given in (
            ("bare", ["bench.floor", str(bare)], bare, None),
            ("floor", ["bench.floor", str(floor), floor_url], floor, None),
            ("wangge", ["app", "serve"], ours, environment),
            ("werobot", ["bench.rival", str(installed), "installed"], installed, None),
            ("werobot-off", ["bench.rival", str(off), "storing-nothing"], off, None),
            ("werobot-aiohttp", ["bench.rival", str(parser), "in-aiohttp"], parser, None),
        ):
            await stack.enter_async_context(ground.process(name, arguments, port, given))

        def safe(port: int, name: str, connections: int = CONNECTIONS, *, fresh: bool = False) -> Server:
            return Server(name, port, payloads.make, connections, fresh, payloads.opened)

        servers = [
            Server("bare aiohttp handler", bare, payloads.make, fresh=False),
            Server("asyncpg floor", floor, plain.make_plain),
            safe(ours, "wangge", fresh=True),
            safe(installed, "WeRoBot as installed", CONNECTIONS_WSGIREF),
            safe(off, "WeRoBot, sessions off", CONNECTIONS_WSGIREF),
            safe(parser, "WeRoBot's parser in aiohttp"),
        ]
        # What stores needs every resident's draft begun; the others need only be warm.
        warm = [
            await drive(one.port, iter(one.prepare(PEOPLE if one.fresh else 100)), connections=one.connections)
            for one in servers
        ]
        for _ in range(rounds):
            for one in servers:
                await one.turn(seconds)
        for one, first in zip(servers, warm, strict=True):
            _check_answers(report, one, [first, *one.slices])
        _, second, third, *_ = servers
        await _check_rows(report, "asyncpg floor", floor_url, [warm[1], *second.slices])
        await _check_rows(report, "wangge", ours_url, [warm[2], *third.slices])
        await _check_repeats(report, ours, ours_url, payloads)
    _print(report, servers, rounds, seconds)


def _check_answers(report: Report, server: Server, slices: Sequence[Slice]) -> None:
    done = sum(one.done for one in slices)
    wrong = sum(one.failed for one in slices) + sum(one.done - one.statuses[200] for one in slices)
    report.check(
        wrong == 0 and done > 0, f"{server.name}: {done} answers, all of them 200", f"{wrong} of {done} failed"
    )
    if server.opens is None:
        return
    samples = [sample for one in slices for sample in one.samples]
    bad = [said for _, body in samples if not DRAFTED.search(said := _opened(server.opens, body))]
    report.check(
        not bad and bool(samples),
        f"{server.name}: {len(samples)} answers opened, each says what is kept",
        f"{len(bad)} do not, e.g. {bad[:1]}",
    )


def _opened(opens: Callable[[bytes], str], body: bytes) -> str:
    try:
        return opens(body)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with an answer is the finding
        return f"{type(error).__name__}: {error}"


async def _check_rows(report: Report, name: str, url: str, slices: Sequence[Slice]) -> None:
    answered = sum(one.done for one in slices)
    connection = await connect(url)
    try:
        kept = await connection.fetchrow(
            "SELECT (SELECT count(*) FROM inbound) AS inbound,"
            " (SELECT count(*) FROM inbound WHERE answer <> '') AS said,"
            " count(*) AS messages, count(DISTINCT text) AS texts,"
            " (SELECT count(*) FROM \"case\" WHERE status = 'draft') AS drafts FROM case_message"
        )
    finally:
        await connection.close()
    numbers = dict(kept)
    wanted = {"inbound": answered, "said": answered, "messages": answered, "texts": answered, "drafts": PEOPLE}
    report.check(
        numbers == wanted, f"{name}: {answered} answered, {answered} in the database", f"{numbers} instead of {wanted}"
    )


async def _check_repeats(report: Report, port: int, url: str, payloads: Payloads) -> None:
    """The same message twice at once and once more afterwards: one row, one answer."""
    messages = payloads.make(AGAIN)
    connection = await connect(url)
    try:
        before = await connection.fetchval("SELECT count(*) FROM case_message")
        said: list[list[str]] = []
        for batch in ([*messages, *messages], messages):
            got = await drive(port, iter(batch), connections=CONNECTIONS, keep=True)
            said.append([_opened(payloads.opened, body) for _, body in got.samples])
        after = await connection.fetchval("SELECT count(*) FROM case_message")
    finally:
        await connection.close()
    fine = after - before == AGAIN and all(DRAFTED.search(one) for one in [*said[0], *said[1]])
    report.check(
        fine, f"wangge: {AGAIN} messages sent three times each are kept once each", f"{after - before} rows were added"
    )


def _print(report: Report, servers: Sequence[Server], rounds: int, seconds: float) -> None:
    by_name = {one.name: one for one in servers}
    bare, floor = by_name["bare aiohttp handler"].rate, by_name["asyncpg floor"].rate
    installed, off = by_name["WeRoBot as installed"].rate, by_name["WeRoBot, sessions off"].rate
    report.say(
        f"\nCallback: {PEOPLE} residents add to their drafts; {rounds} rounds of {seconds:g} s each, medians;"
        f" {CONNECTIONS} connections kept open ({CONNECTIONS_WSGIREF} at once for WeRoBot's own server)."
    )
    report.table(
        ["", "a second", "p50 ms", "p99 ms", "of bare", "of floor", "× installed", "× storing 0"],
        [
            [
                one.name,
                f"{one.rate:.0f}",
                f"{one.latency(0.5):.1f}",
                f"{one.latency(0.99):.1f}",
                f"{one.rate / bare:.2f}",
                f"{one.rate / floor:.2f}",
                f"{one.rate / installed:.2f}",
                f"{one.rate / off:.2f}",
            ]
            for one in servers
        ],
    )
    ours = by_name["wangge"].rate
    if ours > floor:
        report.say(
            "  Above the floor, which commits each message by itself: the service keeps those that wait together"
            " (docs/adr/0009)."
        )
    report.aim("of the asyncpg floor", ours / floor, 0.8)
    report.aim("× WeRoBot as installed", ours / installed, 4)
    report.aim("× WeRoBot storing nothing", ours / off, 1)
