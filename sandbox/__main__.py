"""``python -m sandbox``: start the pretend WeChat."""

import asyncio
import errno
import sys

from sandbox.server import run
from sandbox.settings import BadOption, parse
from sandbox.store import StoreUnusable


def main() -> int:
    """Run until told to stop; what keeps it from starting is said in one line."""
    try:
        options = parse(sys.argv[1:])
    except BadOption as problem:
        return _refuse(str(problem))
    try:
        asyncio.run(run(options))
    except StoreUnusable as problem:
        return _refuse(str(problem))
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            return _refuse(
                f"port {options.port} on {options.host} is in use; stop what uses it or choose another --port"
            )
        return _refuse(f"cannot listen on {options.host}:{options.port}: {problem.strerror or problem}")
    return 0


def _refuse(problem: str) -> int:
    print(f"sandbox: {problem}", file=sys.stderr)  # noqa: T201 - a command speaks to the terminal
    return 2


if __name__ == "__main__":
    sys.exit(main())
