"""``python -m bench.soak``: kills the whole service again and again for a given time; prints what came of it."""

import argparse
import subprocess
import sys
import time

CAMPAIGN = ["tests/service/test_killed.py", "tests/service/test_many_processes.py"]


def main(minutes: float) -> int:
    """Repeat the campaign until *minutes* are over. Returns 1 when any round failed."""
    until = time.monotonic() + minutes * 60
    rounds = failed = 0
    while rounds == 0 or time.monotonic() < until:
        began = time.monotonic()
        code = subprocess.run([sys.executable, "-m", "pytest", *CAMPAIGN], check=False).returncode
        rounds, failed = rounds + 1, failed + (code != 0)
        print(
            f"round {rounds}: {'all held' if code == 0 else 'FAILED'} in {time.monotonic() - began:.0f} s", flush=True
        )
    print(f"soak: {rounds} rounds, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long to go on; at least one round")
    sys.exit(main(parser.parse_args().minutes))
