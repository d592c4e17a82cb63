"""Where the engines' data, sockets, logs and locks are, and who owns them.

``<data dir>/engines/`` holds ``postgres/`` ``valkey/`` ``run/`` (the sockets), ``*.log``, ``*.pid``, ``*.lock`` and
``passwords``. As root, where the engines' user cannot walk into the data dir, the same folder lies under
``/var/lib/wangge/<key>/`` instead, and ``<data dir>/engines-elsewhere`` names it.
"""

import contextlib
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from adapters.embedded import account as accounts
from adapters.embedded.account import Account
from adapters.embedded.errors import EngineError

SOCKET_NAME_ROOM = len("/.s.PGSQL.5432")
LONGEST_SOCKET_PATH = 100  # bytes; Linux takes 107, macOS 103
_ELSEWHERE = "engines-elsewhere"


@dataclass(frozen=True)
class Place:
    """The engines' folder of one checkout."""

    home: Path
    account: Account
    base: Path

    def folder(self, name: str) -> Path:
        """Make the 0700 folder *name*, of the engines' user, if it is not there."""
        make_folder(self.home / name, 0o700, self.account)
        return self.home / name

    def open(self, name: str, flags: int = os.O_RDWR) -> int:
        """Open or make the file *name* (0600) in the engines' folder; it belongs to whom the folder belongs."""
        file = os.open(self.home / name, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        owner = self.home.stat()
        if os.geteuid() == 0 and os.fstat(file).st_uid != owner.st_uid:
            os.fchown(file, owner.st_uid, owner.st_gid)
        return file

    def write(self, name: str, text: str) -> None:
        """Write the file *name* whole or not at all."""
        file = self.open(f"{name}.new", os.O_WRONLY | os.O_TRUNC)
        with os.fdopen(file, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(file)
        (self.home / f"{name}.new").rename(self.home / name)

    def read(self, name: str) -> str | None:
        """The text of the file *name*, or None."""
        try:
            return (self.home / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def forget_sockets(self) -> None:
        """Remove the short folder for sockets, where there is one; nobody uses the engines any more."""
        noted = self.read("run-at")
        if noted and _is_private(Path(noted), self.account):
            shutil.rmtree(noted, ignore_errors=True)
        (self.home / "run-at").unlink(missing_ok=True)

    def sockets(self) -> Path:
        """The 0700 folder for the sockets: here, or a short one of a random name where this path is too long."""
        if _fits(self.home / "run"):
            return self.folder("run")
        noted = self.read("run-at")
        if noted and _is_private(Path(noted), self.account):
            return Path(noted)
        for parent in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108 - the name is random
            if _fits(parent / "wangge-12345678") and parent.is_dir() and self.account.can_pass(parent.resolve()):
                made = Path(tempfile.mkdtemp(prefix="wangge-", dir=parent))
                self.account.own(made)
                self.write("run-at", str(made))
                return made
        raise EngineError(
            f"{self.home} is too long for a socket and no short folder for temporary files was found:"
            " name a shorter folder as dir under [data] in config.toml",
        )


def settle(data_dir: Path, base: Path, say: Callable[[str], None]) -> Place:
    """Find or make the engines' folder for *data_dir*; no mode of a folder that is there already is changed."""
    data_dir = data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    if (data_dir / "engines").exists() and not (data_dir / "engines").is_dir():
        raise EngineError(f"{data_dir / 'engines'} is not a folder: move it away and start again")
    return _as_root(data_dir, base, say) if os.geteuid() == 0 else _as_ordinary_user(data_dir, base)


def make_folder(path: Path, mode: int, owner: Account | None = None) -> None:
    """Make *path* with mode and owner in one step, so that a kill in between leaves nothing half-made."""
    if path.is_dir():
        return
    new = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        new.chmod(mode)
        if owner:
            owner.own(new)
        new.rename(path)
    except OSError:
        with contextlib.suppress(OSError):
            new.rmdir()
        if not path.is_dir():  # otherwise another process was faster
            raise


def make_base(base: Path, account: Account) -> None:
    """Make the folder that stands in where a checkout is closed to the engines' user; root's, open for reading."""
    if not base.is_dir():
        base.mkdir(parents=True)
        base.chmod(0o755)
    found = base.stat()
    if found.st_uid != 0 or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) or not account.can_pass(base.resolve()):
        raise EngineError(
            f"{base} must belong to root, be writable by root only, and be enterable by the user {account.name}:"
            f" `chown root {base}; chmod 755 {base}`",
        )


def _as_ordinary_user(data_dir: Path, base: Path) -> Place:
    home, me = data_dir / "engines", accounts.by_uid(os.geteuid())
    if not home.exists() and (data_dir / _ELSEWHERE).exists():
        raise EngineError(
            f"This checkout was started by root before and its data are elsewhere ({data_dir / _ELSEWHERE} says where):"
            f" start it as root again, or remove that file to begin with an empty database as {me.name}",
        )
    make_folder(home, 0o700)
    owner = home.stat().st_uid
    if owner != me.uid:
        raise EngineError(
            f"{home} belongs to the user {accounts.by_uid(owner).name}, not to {me.name}: start as the one who started"
            " first, or name a folder of your own as dir under [data] in config.toml",
        )
    return Place(home=home.resolve(), account=me, base=base)


def _as_root(data_dir: Path, base: Path, say: Callable[[str], None]) -> Place:
    home = data_dir / "engines"
    if home.exists():
        account = _who_has(home) or accounts.for_root(say)
        if not account.can_pass(home.resolve()):
            raise EngineError(
                f"The engines' data in {home} cannot be reached any more by the user {account.name} who owns them:"
                " give that user the right to enter (x) to each folder above, or name another dir under [data]",
            )
        return Place(home=home.resolve(), account=account, base=base)
    account = accounts.for_root(say)
    marker = data_dir / _ELSEWHERE
    if account.can_pass(data_dir) and not marker.exists():
        make_folder(home, 0o711)
        return Place(home=home, account=account, base=base)
    home = base.resolve() / hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    _keep_marker(marker, home)
    make_base(base, account)
    make_folder(home, 0o711)
    say(f"The user {account.name} cannot reach {data_dir}: the engines' data are in {home}.")
    return Place(home=home, account=_who_has(home) or account, base=base)


def _keep_marker(marker: Path, home: Path) -> None:
    """Note where the data are; a checkout that was moved must not silently begin with an empty database."""
    noted = marker.read_text(encoding="utf-8").strip() if marker.exists() else ""
    if noted and noted != str(home) and Path(noted).is_dir():
        raise EngineError(
            f"This checkout was moved or copied and its data are still in {noted}: rename that folder to {home} to take"
            f" them along, or remove {marker} to begin with an empty database",
        )
    if noted != str(home):
        marker.write_text(f"{home}\n", encoding="utf-8")


def _who_has(home: Path) -> Account | None:
    """The ordinary user to whom the data there belong already."""
    for path in (home / "postgres", home / "valkey", home):
        if path.exists() and (uid := path.stat().st_uid):
            return accounts.by_uid(uid)
    return None


def _fits(folder: Path) -> bool:
    """Whether a socket in *folder* has a path that is short enough and that a database URL can carry."""
    text = str(folder)
    return len(os.fsencode(text)) + SOCKET_NAME_ROOM <= LONGEST_SOCKET_PATH and text.isprintable() and "," not in text


def _is_private(folder: Path, account: Account) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid and not found.st_mode & 0o077
