"""Photos and files in a folder of this machine."""

import asyncio
import contextlib
import errno
import hashlib
import os
import re
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

import structlog

from adapters.clock import SystemClock
from adapters.storage_local_links import Links
from domain.errors import BadInput, Conflict, NotFound, TooLarge, Unavailable, UploadRefused
from services.media_kinds import ENOUGH, same_kind
from services.ports import UPLOADS, Expected, Ticket

_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*", re.ASCII)
KEY_LENGTH = 200
_SLASH = "~"  # not allowed in a key, so that two keys never share a file
_ARRIVING = "arriving"
"""The one folder for uploads that nobody has looked at yet, and for parts of files; the sweep looks nowhere else."""
_LEFT_BEHIND = 86400
"""Seconds. An address to upload to is good for minutes, and a file is written in seconds."""
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

log = structlog.get_logger(__name__)


class LocalStorage:
    """Fulfils :class:`services.ports.Storage` with files under *root*; all work on the disk happens in threads.

    A key is up to 200 of ``A-Z a-z 0-9 . _ - /``, without an empty part or one that begins with a dot; anything else
    raises BadInput. Files lie in ``root/ab/cd/``, two letters of the key's hash each, so that no folder grows large;
    keys that begin with ``uploads/`` lie in ``root/arriving``. The media type is not kept: the row that holds the key
    knows it, and an address to read from says it.
    """

    def __init__(self, root: Path, links: Links | None = None) -> None:
        """Without *links*, addresses are good for this process only."""
        self._root = root
        self.links = links or Links(secrets.token_bytes(32), SystemClock(), "")

    async def put(self, key: str, data: bytes, media_type: str) -> None:  # noqa: ARG002 - see the class
        """Write *data* so that a reader, or a crash, finds either all of it or what was there before.

        Raises BadInput, Unavailable (the disk is full or cannot be written).
        """
        path = self.path_of(key)
        try:
            await asyncio.to_thread(self._write, path, data)
        except OSError as error:
            raise _unavailable(error, "keep") from error

    async def get(self, key: str) -> bytes:
        """Raises NotFound, BadInput, Unavailable."""
        path = self.path_of(key)
        try:
            return await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            raise NotFound("there is no such file", key=key) from None
        except OSError as error:
            raise _unavailable(error, "read") from error

    async def size(self, key: str) -> int:
        """Raises NotFound, BadInput, Unavailable."""
        return (await asyncio.to_thread(self._stat, self.path_of(key))).st_size

    def _stat(self, path: Path) -> os.stat_result:
        try:
            return path.stat()
        except FileNotFoundError:
            raise NotFound("there is no such file") from None
        except OSError as error:
            raise _unavailable(error, "read") from error

    def ticket(self, key: str, expected: Expected, *, seconds: int) -> Ticket:
        """A PUT to the door in ``adapters/storage_local_door.py``. Raises BadInput."""
        self.path_of(key)
        url = self.links.make(
            "PUT", key, seconds, size=str(expected.size), sha256=expected.sha256, type=expected.media_type
        )
        return Ticket("PUT", url, {"Content-Type": expected.media_type})

    def link(self, key: str, media_type: str, *, seconds: int, filename: str = "") -> str:
        return self.links.make("GET", key, seconds, type=media_type, name=filename)

    async def receive(self, key: str, expected: Expected, parts: AsyncIterator[bytes]) -> None:
        """Take an upload as it comes, a part at a time, and keep it only if it is what was announced.

        Raises Conflict (it is there already), TooLarge, UploadRefused, BadInput, Unavailable, and what *parts* raises.
        """
        path = self.path_of(key)
        if await asyncio.to_thread(path.exists):
            raise Conflict("this upload has been used: announce a new one", why="used")
        try:
            temporary, file = await asyncio.to_thread(self._begin)
        except OSError as error:
            raise _unavailable(error, "keep") from error
        try:
            await _write_all(file, expected, parts)
            await asyncio.to_thread(_finish, file, temporary, path)
        except FileExistsError:
            raise Conflict("this upload has been used: announce a new one", why="used") from None
        except OSError as error:
            raise _unavailable(error, "keep") from error
        finally:
            await asyncio.to_thread(_discard, file, temporary)

    async def forget_leftovers(self) -> int:
        """By the machine's clock, as the files are. Raises Unavailable."""
        try:
            return await asyncio.to_thread(self._forget_leftovers)
        except OSError as error:
            raise _unavailable(error, "delete") from error

    def _forget_leftovers(self) -> int:
        folder, oldest, gone = self._root / _ARRIVING, time.time() - _LEFT_BEHIND, 0
        if not folder.is_dir():
            return 0
        with os.scandir(folder) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    if entry.stat(follow_symlinks=False).st_mtime < oldest:
                        Path(entry.path).unlink()
                        gone += 1
        return gone

    async def delete(self, key: str) -> None:
        """Forget *key*; nothing happens when it is not there. Raises BadInput, Unavailable."""
        path = self.path_of(key)
        try:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        except OSError as error:
            raise _unavailable(error, "delete") from error

    def path_of(self, key: str) -> Path:
        """Where *key* lies, if it is there. Raises BadInput."""
        if len(key) > KEY_LENGTH or not _KEY.fullmatch(key):
            raise BadInput("a storage key is letters, digits and . _ - between slashes", key=key[:KEY_LENGTH])
        if key.startswith(UPLOADS):
            return self._root / _ARRIVING / key.replace("/", _SLASH)
        shard = hashlib.sha256(key.encode()).hexdigest()
        return self._root / shard[:2] / shard[2:4] / key.replace("/", _SLASH)

    def _begin(self) -> tuple[Path, BinaryIO]:
        """A new file for parts; it is in the folder of parts, so that one left behind is found."""
        folder = self._root / _ARRIVING
        _make_folders(folder)
        temporary = folder / f".{secrets.token_hex(8)}.part"
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        return temporary, open(handle, "wb")  # noqa: PTH123 - a descriptor, made with its mode

    def _write(self, path: Path, data: bytes) -> None:
        temporary, file = self._begin()
        try:
            file.write(data)
            _finish(file, temporary, path, over=True)
        finally:
            _discard(file, temporary)


async def _write_all(file: BinaryIO, expected: Expected, parts: AsyncIterator[bytes]) -> None:
    """Raises TooLarge as soon as there is more than was announced, and UploadRefused."""
    digest, size, head = hashlib.sha256(), 0, b""
    async for part in parts:
        size += len(part)
        if size > expected.size:
            raise TooLarge(f"more than the {expected.size} bytes that were announced", longest=expected.size)
        head += part[: ENOUGH - len(head)]
        await asyncio.to_thread(file.write, part)
        digest.update(part)
    if size != expected.size:
        raise UploadRefused(f"{size} bytes came, {expected.size} were announced", why="wrong_size")
    if digest.hexdigest() != expected.sha256:
        raise UploadRefused("what came does not have the SHA-256 that was announced", why="wrong_sum")
    if not same_kind(head, expected.media_type):
        raise UploadRefused("what came is something else than its media_type says", why="wrong_type")


def _finish(file: BinaryIO, temporary: Path, path: Path, *, over: bool = False) -> None:
    """All of it is on the disk before it has its name. Raises FileExistsError unless it may go *over* another."""
    file.flush()
    os.fsync(file.fileno())
    made = _make_folders(path.parent)
    if over:
        temporary.replace(path)
    else:
        os.link(temporary, path)
    # The file's name, and the names of new folders, are on the disk only once their folders are.
    for folder in {path.parent, *(folder.parent for folder in made)}:
        _sync_folder(folder)


def _discard(file: BinaryIO, temporary: Path) -> None:
    with contextlib.suppress(OSError):
        file.close()
    with contextlib.suppress(OSError):
        temporary.unlink(missing_ok=True)


def _make_folders(folder: Path) -> list[Path]:
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)
    return missing


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unavailable(error: OSError, doing: str) -> Unavailable:
    if error.errno in _NO_ROOM:
        log.error("storage_full", reason=error.strerror)
        return Unavailable("the disk for photos and files is full: make room or set another folder", reason="disk_full")
    log.error("storage_failed", doing=doing, reason=error.strerror)
    return Unavailable(f"cannot {doing} files in the storage folder: {error.strerror}", reason="storage_failed")
