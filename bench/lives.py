"""``python -m bench.lives``: thousands of random lives of a town on the real services and a real database.

Fails with the shortest life that goes wrong, as the steps that led there.
"""

import argparse
import asyncio
import sys
import time

from bench.ground import ground
from tests.life.life import ACTIONS, SKIPPED
from tests.life.machine import PHASES, STEPS, live
from tests.life.stage import stage


def main(lives: int, steps: int, *, shorten: bool = True) -> int:
    began, worked = time.monotonic(), time.process_time()
    print(f"{lives} lives of at most {steps} steps; {len(ACTIONS)} actions, skipped: {', '.join(SKIPPED) or 'none'}")
    with asyncio.Runner() as outside:
        here = ground()
        where = outside.run(here.__aenter__())
        try:
            url = outside.run(where.database("lives"))
            with stage(url, where.engines.redis_url, where.folder) as town:
                tally = live(town, lives, steps=steps, phases=PHASES if shorten else PHASES[:-1])
        finally:
            outside.run(here.__aexit__(None, None, None))
    for what, count in sorted(tally.items(), key=lambda item: -item[1]):
        print(f"{count:8} {what}")
    print(
        f"{tally['lives']} lives in {time.monotonic() - began:.0f} s ({time.process_time() - worked:.0f} s CPU here)."
        " Nothing was lost in any of them."
    )
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.lives", description=__doc__)
    parser.add_argument("--lives", type=int, default=5000)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--as-it-is", action="store_true", help="show a life that goes wrong without shortening it")
    given = parser.parse_args()
    sys.exit(main(given.lives, given.steps, shorten=not given.as_it_is))
