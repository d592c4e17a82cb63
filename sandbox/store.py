"""One SQLite file behind everything that must outlive a restart, written by a thread of its own.

Callers put finished rows and go on; rows of the same key that wait together are written once. ``saved()`` waits until
all that was put so far is in the file, for the calls whose answer promises it.
"""

import asyncio
import contextlib
import json
import logging
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import Future, InvalidStateError
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS item (kind TEXT, key TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY, phone INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS blob (key TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
"""


class StoreUnusable(Exception):  # noqa: N818 - a plain fact, like every error here
    """The file cannot be opened or written; the message says which and why."""


class Store:
    """Rows of three sorts: small JSON items by kind and key, messages in their order, and media bytes."""

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            if path != ":memory:":
                Path(path).parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=NORMAL")
            self._database.executescript(SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise StoreUnusable(f"cannot use the sandbox's store {path}: {error}") from error
        self._turn = threading.Lock()
        self._pending_turn = threading.Lock()
        self._work = threading.Event()
        self._items: dict[tuple[str, str], str | None] = {}
        self._messages: list[tuple[int, int, str]] = []
        self._blobs: dict[str, bytes] = {}
        self._waiting: list[Future[None]] = []
        self._closing = False
        self._writer = threading.Thread(target=self._write_behind, name="sandbox-store", daemon=True)
        self._writer.start()

    def put(self, kind: str, key: str, body: object) -> None:
        """Keep *body* (anything JSON can say) under *kind* and *key*, replacing what was there."""
        text = json.dumps(body, separators=(",", ":"))
        with self._pending_turn:
            self._items[kind, key] = text
        self._work.set()

    def drop(self, kind: str, key: str) -> None:
        with self._pending_turn:
            self._items[kind, key] = None
        self._work.set()

    def put_message(self, number: int, phone: int, body: object) -> None:
        text = json.dumps(body, separators=(",", ":"))
        with self._pending_turn:
            self._messages.append((number, phone, text))
        self._work.set()

    def put_blob(self, key: str, body: bytes) -> None:
        with self._pending_turn:
            self._blobs[key] = body
        self._work.set()

    async def saved(self) -> None:
        """Wait until everything put before this call is in the file."""
        done: Future[None] = Future()
        with self._pending_turn:
            self._waiting.append(done)
        self._work.set()
        await asyncio.wrap_future(done)

    def items(self, kind: str) -> Iterator[tuple[str, Any]]:
        """Yield ``(key, body)`` of one kind, in the order of their keys. For the start only."""
        with self._turn:
            rows = self._database.execute("SELECT key, body FROM item WHERE kind = ? ORDER BY key", (kind,)).fetchall()
        for key, body in rows:
            yield key, json.loads(body)

    def messages(self, keep: int) -> Iterator[tuple[int, int, Any]]:
        """Yield ``(id, phone, body)`` in order, after dropping all but the newest *keep* of each phone."""
        with self._turn:
            self._database.execute(
                "DELETE FROM message WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER"
                " (PARTITION BY phone ORDER BY id DESC) AS age FROM message) WHERE age > ?)",
                (keep,),
            )
            rows = self._database.execute("SELECT id, phone, body FROM message ORDER BY id").fetchall()
        for number, phone, body in rows:
            yield number, phone, json.loads(body)

    async def blob(self, key: str) -> bytes | None:
        return await asyncio.to_thread(self._read_blob, key)

    def _read_blob(self, key: str) -> bytes | None:
        with self._pending_turn:
            waiting = self._blobs.get(key)
        if waiting is not None:
            return waiting
        with self._turn:
            row = self._database.execute("SELECT body FROM blob WHERE key = ?", (key,)).fetchone()
        return None if row is None else bytes(row[0])

    def close(self) -> None:
        """Write what is left and close the file."""
        self._closing = True
        self._work.set()
        self._writer.join()
        self._database.close()

    def _write_behind(self) -> None:
        while True:
            self._work.wait()
            self._work.clear()
            ending = self._closing
            self._write_pending()
            if ending:
                return

    def _write_pending(self) -> None:
        with self._pending_turn:
            items, messages, blobs, waiting = self._items, self._messages, dict(self._blobs), self._waiting
            self._items, self._messages, self._waiting = {}, [], []
        try:
            with self._turn:
                self._write(items, messages, blobs)
        except sqlite3.Error as error:
            problem = StoreUnusable(f"cannot write the sandbox's store {self.path}: {error}")
            logging.getLogger(__name__).error(problem)  # noqa: TRY400 - one line says it all
            for done in waiting:
                with contextlib.suppress(InvalidStateError):
                    done.set_exception(problem)
            return
        with self._pending_turn:
            # Bytes stay readable in memory until they are in the file.
            self._blobs = {key: body for key, body in self._blobs.items() if key not in blobs}
        for done in waiting:
            with contextlib.suppress(InvalidStateError):
                done.set_result(None)

    def _write(
        self,
        items: dict[tuple[str, str], str | None],
        messages: list[tuple[int, int, str]],
        blobs: dict[str, bytes],
    ) -> None:
        if not (items or messages or blobs):
            return
        kept = [(kind, key, body) for (kind, key), body in items.items() if body is not None]
        gone = [pair for pair, body in items.items() if body is None]
        self._database.execute("BEGIN")
        try:
            self._database.executemany("INSERT OR REPLACE INTO item VALUES (?, ?, ?)", kept)
            self._database.executemany("DELETE FROM item WHERE kind = ? AND key = ?", gone)
            self._database.executemany("INSERT OR REPLACE INTO message VALUES (?, ?, ?)", messages)
            self._database.executemany("INSERT OR REPLACE INTO blob VALUES (?, ?)", list(blobs.items()))
            self._database.execute("COMMIT")
        except sqlite3.Error:
            self._database.execute("ROLLBACK")
            raise
