"""Photos and files in a folder of this machine."""

import asyncio
import contextlib
import errno
import hashlib
import os
import re
import secrets
from pathlib import Path

import structlog

from domain.errors import BadInput, NotFound, Unavailable

_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*", re.ASCII)
KEY_LENGTH = 200
_SLASH = "~"  # not allowed in a key, so that two keys never share a file
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

log = structlog.get_logger(__name__)


class LocalStorage:
    """Fulfils :class:`services.ports.Storage` with files under *root*; all work on the disk happens in threads.

    A key is up to 200 of ``A-Z a-z 0-9 . _ - /``, without an empty part or one that begins with a dot; anything else
    raises BadInput. Files lie in ``root/ab/cd/``, two letters of the key's hash each, so that no folder grows large.
    The media type is not kept: the row that holds the key knows it.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, key: str, data: bytes, media_type: str) -> None:  # noqa: ARG002 - see the class
        """Write *data* so that a reader, or a crash, finds either all of it or what was there before.

        Raises BadInput, Unavailable (the disk is full or cannot be written).
        """
        path = self._path(key)
        try:
            await asyncio.to_thread(self._write, path, data)
        except OSError as error:
            raise _unavailable(error, "keep") from error

    async def get(self, key: str) -> bytes:
        """Raises NotFound, BadInput, Unavailable."""
        path = self._path(key)
        try:
            return await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            raise NotFound("there is no such file", key=key) from None
        except OSError as error:
            raise _unavailable(error, "read") from error

    async def delete(self, key: str) -> None:
        """Forget *key*; nothing happens when it is not there. Raises BadInput, Unavailable."""
        path = self._path(key)
        try:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        except OSError as error:
            raise _unavailable(error, "delete") from error

    def _path(self, key: str) -> Path:
        if len(key) > KEY_LENGTH or not _KEY.fullmatch(key):
            raise BadInput("a storage key is letters, digits and . _ - between slashes", key=key[:KEY_LENGTH])
        shard = hashlib.sha256(key.encode()).hexdigest()
        return self._root / shard[:2] / shard[2:4] / key.replace("/", _SLASH)

    def _write(self, path: Path, data: bytes) -> None:
        made = _make_folders(path.parent)
        temporary = path.parent / f".{secrets.token_hex(8)}.part"
        try:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(handle, "wb") as file:  # noqa: PTH123 - a descriptor, made with its mode
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        # The file's name, and the names of new folders, are on the disk only once their folders are.
        for folder in {path.parent, *(folder.parent for folder in made)}:
            _sync_folder(folder)


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
