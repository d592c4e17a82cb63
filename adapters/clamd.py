"""Malware, looked for by a clamd over TCP (its INSTREAM command)."""

import asyncio
import re

import structlog

from domain.errors import Unavailable

PATIENCE = 20.0
"""Seconds for one file. clamd takes about a second for 20 MB."""
_PART = 65536
_LONGEST_ANSWER = 1024
_FOUND = re.compile(rb"stream: (.{1,200}) FOUND")

log = structlog.get_logger(__name__)


class Clamd:
    """Fulfils :class:`services.ports.Scanner`. clamd's own ``StreamMaxLength`` must not be below our largest file."""

    def __init__(self, host: str, port: int, *, patience: float = PATIENCE) -> None:
        self._host = host
        self._port = port
        self._patience = patience

    async def scan(self, data: bytes) -> str:
        """The name of what was found, or empty. Raises Unavailable, also for an answer that is neither yes nor no."""
        try:
            async with asyncio.timeout(self._patience):
                answer = await self._ask(data)
        except (OSError, TimeoutError, EOFError, asyncio.LimitOverrunError) as error:
            log.warning("scanner_away", reason=type(error).__name__)
            raise Unavailable("the malware scanner does not answer", reason="scanner_away") from error
        if answer == b"stream: OK":
            return ""
        found = _FOUND.fullmatch(answer)
        if found is None:
            log.warning("scanner_refuses", answer=answer[:200].decode("utf-8", "replace"))
            raise Unavailable("the malware scanner did not look at it", reason="scanner_refuses")
        return found[1].decode("utf-8", "replace")

    async def _ask(self, data: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(self._host, self._port, limit=_LONGEST_ANSWER)
        try:
            writer.write(b"zINSTREAM\0")
            for start in range(0, len(data), _PART):
                part = data[start : start + _PART]
                writer.write(len(part).to_bytes(4, "big") + part)
                await writer.drain()
            writer.write(bytes(4))
            await writer.drain()
            return (await reader.readuntil(b"\0"))[:-1].strip()
        finally:
            writer.close()
