"""``python -m bench``: every benchmark, with its floor measured in the same run; fails only when an answer is wrong."""

import argparse
import os
import platform
import sys
import time

import uvloop

from bench import api, assessment, callback, codes, memory, patrol, sending, sweep
from bench.ground import ground
from bench.report import Report


async def main(rounds: int, seconds: float, cases: int) -> int:
    report = Report()
    began = time.monotonic()
    report.say(
        f"Python {platform.python_version()}, {os.cpu_count()} cores (load {os.getloadavg()[0]:.1f}),"
        " embedded PostgreSQL with fsync on, loopback, one server process each."
    )
    async with ground() as where:
        await callback.run(where, report, rounds=rounds, seconds=seconds)
        await sending.run(where, report, rounds=max(3, rounds - 1))
        await memory.run(where, report)
        await sweep.run(where, report, rounds=max(2, rounds - 1))
        await assessment.run(where, report)
        await api.run(where, report, rounds=rounds, seconds=seconds, many=cases)
        await patrol.run(where, report)
    codes.run(report, rounds=max(2, rounds - 1))
    report.say(
        f"\n{time.monotonic() - began:.0f} s in all. " + ("Every check holds." if not report.wrong else "FAILED.")
    )
    return 1 if report.wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=4, help="how often each server has its turn")
    parser.add_argument("--seconds", type=float, default=2.5, help="how long a turn is")
    parser.add_argument("--cases", type=int, default=api.MANY, help="open cases behind the longest queues")
    given = parser.parse_args()
    sys.exit(uvloop.run(main(given.rounds, given.seconds, given.cases)))
