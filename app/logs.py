"""Structured logs: lines for people on a terminal, JSON elsewhere. No message texts, names or phones go in."""

import json
import logging
import sys
from collections.abc import MutableMapping

import structlog

# Made once: json.dumps would make another one for each line.
_JSON = json.JSONEncoder(ensure_ascii=False, default=repr)


def _as_json(_logger: object, _method: str, event: MutableMapping[str, object]) -> str:
    return _JSON.encode(event)


def configure(*, quiet: bool = False) -> None:
    """Set up logging for this process; *quiet* leaves only warnings and worse."""
    level = logging.WARNING if quiet else logging.INFO
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if sys.stderr.isatty()
        else _as_json
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("procrastinate", "tortoise", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
