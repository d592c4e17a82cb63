"""Sending what is owed, each message noted before and after, beside a bare aiohttp client posting the same bodies."""

import asyncio
import gc
import json
import statistics
import time
from collections.abc import Sequence

import aiohttp

from app import bootstrap
from app.bootstrap import House
from app.settings import load
from bench.ground import Ground, connect, free_port, seed_people, service_environment
from bench.report import Report
from domain.delivery import State
from services.deliveries import Owed

MESSAGES = 8000
"""A village's notice: with fewer, the first batch, which goes alone, weighs more than it does in earnest."""
AT_ONCE = 32
"""Calls of the bare client under way; more make it no faster."""
_TEXT = "您反映的事情已经有人去看了，明天上午去修，有结果马上告诉您。"


async def run(ground: Ground, report: Report, *, rounds: int) -> None:
    """Measure, check, print."""
    url = await ground.database("sending")
    openids = await seed_people(url, MESSAGES)
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    environment = service_environment(url, ground.engines.redis_url, ground.folder, port, base)
    # The town's own limit of a minute is not what is measured.
    settings = load(environ={**environment, "WANGGE__LIMITS__SENDS_PER_MINUTE": "1000000"})
    async with (
        ground.process("pretend", ["bench.pretend", str(port)], port),
        bootstrap.database(url, settings.database.pool),
        bootstrap.house(settings, url, ground.engines.redis_url) as house,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as session,
    ):
        bodies = [
            json.dumps({"touser": openid, "msgtype": "text", "text": {"content": _TEXT}}, ensure_ascii=False).encode()
            for openid in openids
        ]
        people = await _people(url)
        # As a process of the service does (app.work), and to the good of both.
        gc.collect()
        gc.freeze()
        await _ours(house, people[:100])
        await _bare(session, base, bodies[:100])
        before = await _taken(session, base)
        ours, bare = [], []
        for _ in range(rounds):
            bare.append(await _bare(session, base, bodies))
            ours.append(await _ours(house, people))
        taken = await _taken(session, base) - before
    await _check(report, url, taken, rounds)
    _print(report, statistics.median(ours), statistics.median(bare), rounds)


async def _people(url: str) -> list[int]:
    connection = await connect(url)
    try:
        return [item["person_id"] for item in await connection.fetch("SELECT person_id FROM identity ORDER BY id")]
    finally:
        await connection.close()


async def _ours(house: House, people: Sequence[int]) -> float:
    """Messages a second, from owed to noted as sent."""
    await house.desk.deliveries.owe(*(Owed(person, "answer", {"text": _TEXT}) for person in people))
    began = time.perf_counter()
    await house.desk.deliveries.send()
    return len(people) / (time.perf_counter() - began)


async def _bare(session: aiohttp.ClientSession, base: str, bodies: Sequence[bytes]) -> float:
    waiting = iter(bodies)

    async def post() -> None:
        for body in waiting:
            async with session.post(
                f"{base}/cgi-bin/message/custom/send?access_token=bench",
                data=body,
                headers={"Content-Type": "application/json"},
            ) as answer:
                assert (await answer.json())["errcode"] == 0

    began = time.perf_counter()
    await asyncio.gather(*(post() for _ in range(AT_ONCE)))
    return len(bodies) / (time.perf_counter() - began)


async def _taken(session: aiohttp.ClientSession, base: str) -> int:
    async with session.get(f"{base}/taken") as answer:
        return int((await answer.json())["taken"])


async def _check(report: Report, url: str, taken: int, rounds: int) -> None:
    wanted = rounds * MESSAGES
    connection = await connect(url)
    try:
        found = await connection.fetch("SELECT state, count(*) AS n FROM delivery GROUP BY state")
    finally:
        await connection.close()
    states = {item["state"]: item["n"] for item in found}
    report.say("")
    report.check(
        states == {str(State.SENT): wanted + 100},
        f"sending: {wanted} messages owed, all noted as sent",
        f"{states} instead of {wanted + 100} sent",
    )
    report.check(taken == 2 * wanted, "sending: WeChat got each once", f"it got {taken} in place of {2 * wanted}")


def _print(report: Report, ours: float, bare: float, rounds: int) -> None:
    report.say(f"\nSending: {MESSAGES} customer-service messages; {rounds} rounds in turn, medians.")
    report.table(
        ["", "a second", "of bare"],
        [
            ["bare aiohttp client", f"{bare:.0f}", "1.00"],
            ["wangge: claimed, sent, noted", f"{ours:.0f}", f"{ours / bare:.2f}"],
        ],
    )
    report.aim("of a bare aiohttp client", ours / bare, 0.8)
