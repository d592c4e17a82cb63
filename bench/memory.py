"""Memory of a sender with many recipients waiting, beside one with few: it must not grow with them.

``python -m bench.memory --many 1000000`` runs it alone, at any size.
"""

import argparse
import asyncio
import json
import resource
import sys

import uvloop

from app import bootstrap
from app.settings import load
from bench.ground import Ground, connect, free_port, ground, seed_people, service_environment
from bench.report import Report

FEW, MANY = 2_000, 20_000
MOST = 1.3
_CHILD = "--as-sender"

_OWE = """
INSERT INTO delivery (person_id, kind, facts, state, reason, openid, attempts, created_at, next_at)
SELECT person_id, 'answer', '{"text": "明天八点到十二点检修管道，请提前储水。"}', 'owed', '', '', 0, now(), now()
FROM identity
"""


async def run(where: Ground, report: Report, *, few: int = FEW, many: int = MANY) -> None:
    """Measure, check, print. The peak is what the kernel says of the whole process (ru_maxrss)."""
    report.say(f"\nMemory: a process of its own sends to {few:,} people who wait, and another to {many:,}.")
    peaks = [await _peak(where, report, count) for count in (few, many)]
    ratio = peaks[1] / peaks[0]
    report.table(
        ["recipients", "peak, MB", "of few"],
        [
            [f"{few:,}", f"{peaks[0] / 1024:.1f}", "1.00"],
            [f"{many:,}", f"{peaks[1] / 1024:.1f}", f"{ratio:.2f}"],
        ],
    )
    word = "reached" if ratio <= MOST else "MISSED"
    report.say(f"  {word}: {ratio:.2f} of the memory with few (aim: at most {MOST:g})")


async def _peak(where: Ground, report: Report, count: int) -> int:
    url = await where.database(f"memory{count}")
    await seed_people(url, count)
    connection = await connect(url)
    try:
        await connection.execute(_OWE)
        await connection.execute("ANALYZE")
        port = free_port()
        base = f"http://127.0.0.1:{port}"
        environment = service_environment(url, where.engines.redis_url, where.folder, port, base)
        environment["WANGGE__LIMITS__SENDS_PER_MINUTE"] = "100000000"
        async with where.process(f"pretend{count}", ["bench.pretend", str(port)], port):
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bench.memory", _CHILD, json.dumps(environment), stdout=asyncio.subprocess.PIPE
            )
            said, _ = await child.communicate()
        peak, handled = map(int, said.split()[-2:])
        left = await connection.fetchval("SELECT count(*) FROM delivery WHERE state <> 'sent'")
    finally:
        await connection.close()
    report.check(
        (handled, left) == (count, 0), f"memory: {count:,} sent", f"{handled} were handled, {left} are not sent"
    )
    return peak


async def _send(environment: dict[str, str]) -> None:
    settings = load(environ=environment)
    url, redis_url = settings.database.url.get_secret_value(), settings.redis.url.get_secret_value()
    async with bootstrap.database(url, settings.database.pool), bootstrap.house(settings, url, redis_url) as house:
        handled = await house.desk.deliveries.send()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, handled)


async def main(few: int, many: int) -> int:
    report = Report()
    async with ground() as where:
        await run(where, report, few=few, many=many)
    return 1 if report.wrong else 0


if __name__ == "__main__":
    if sys.argv[1:2] == [_CHILD]:
        uvloop.run(_send(json.loads(sys.argv[2])))
        sys.exit(0)
    parser = argparse.ArgumentParser(prog="python -m bench.memory", description=__doc__)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    given = parser.parse_args()
    sys.exit(uvloop.run(main(given.few, given.many)))
