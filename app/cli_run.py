"""How every command runs: settings in, work done, an expected failure said in one line, and never half a traceback."""

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from app.settings import Settings

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")

_INTERRUPTED = 130


class Failed(Exception):  # noqa: N818 - a plain fact
    """The command cannot do what was asked; the text is the line that says so."""


def fail(line: str, code: int = 1) -> NoReturn:
    """Say *line* on stderr and end with *code*."""
    tell(line)
    raise SystemExit(code)


def tell(line: str) -> None:
    """A line for the person at the terminal that is not the command's result."""
    print(line, file=sys.stderr, flush=True)


def settings() -> Settings:
    """The settings, or the end of the command."""
    from app.settings import load

    return guarded(load)


def service_settings() -> Settings:
    """The settings for a part that runs on, with its log set up; or the end of the command."""
    from app import logs

    logs.configure()
    return settings()


def carry_out(work: Callable[[], Coroutine[Any, Any, T]], *, fast: bool = False) -> T:
    """Run *work* to its end in an event loop of its own (*fast*: uvloop's), as :func:`guarded` does."""
    if fast:
        import uvloop

        return guarded(lambda: uvloop.run(work()))
    return guarded(lambda: asyncio.run(work()))


def guarded(work: Callable[[], T]) -> T:
    """Do *work*; a failure that was to be expected ends the command with its line and exit code 1."""
    try:
        return work()
    except KeyboardInterrupt:
        fail("已经停下。", _INTERRUPTED)
    except Failed as failure:
        fail(str(failure))
    except Exception as error:
        from app.cli_errors import words

        line = words(error)
        if line is None:
            raise
        fail(line)


def quiet() -> None:
    """For commands whose output people and scripts read: the program's own log keeps silent."""
    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.disable(logging.CRITICAL)


def progress() -> "Progress":
    """A progress bar on stderr, while somebody looks at it; into a file or a pipe it writes nothing."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
