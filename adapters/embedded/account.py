"""Which user of the system the engines run as: PostgreSQL refuses to run as root."""

import grp
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.embedded.errors import EngineError

SYSTEM_USER = "wangge"
_SBIN = "/usr/sbin:/sbin:/usr/bin:/bin"


@dataclass(frozen=True)
class Account:
    """A user of the system by numbers, with the name for messages."""

    name: str
    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Whether it is somebody else than who runs this process (so this process is root)."""
        return self.uid != os.geteuid()

    def run_options(self) -> dict[str, Any]:
        """What :mod:`subprocess` needs so that the child is this user, has no terminal and no surroundings of ours."""
        options: dict[str, Any] = {
            "cwd": "/",
            "umask": 0o077,
            "start_new_session": True,
            "env": {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        }
        if self.is_other:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options

    def own(self, target: int | Path) -> None:
        """Give *target*, which this process has just made, to this user."""
        if self.is_other:
            os.chown(target, self.uid, self.gid, **({} if isinstance(target, int) else {"follow_symlinks": False}))

    def can_pass(self, folder: Path) -> bool:
        """Whether this user may walk from / into *folder*. Mode bits only: an access list counts as a no."""
        return all(self._may_enter(step.stat()) for step in (folder, *folder.parents))

    def _may_enter(self, of: os.stat_result) -> bool:
        if self.uid == 0:
            return True
        if of.st_uid == self.uid:
            return bool(of.st_mode & stat.S_IXUSR)
        if of.st_gid == self.gid:
            return bool(of.st_mode & stat.S_IXGRP)
        return bool(of.st_mode & stat.S_IXOTH)


def by_uid(uid: int) -> Account:
    """The user with this number, also one without an entry in the user database."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Account(name=str(uid), uid=uid, gid=os.getegid() if uid == os.geteuid() else uid)
    return Account(name=entry.pw_name, uid=uid, gid=entry.pw_gid)


def for_root(say: Callable[[str], None], *, name: str = SYSTEM_USER, search: str = _SBIN) -> Account:
    """The user that the engines run as when we are root: *name*, made where useradd exists, else nobody."""
    if found := _by_name(name):
        return found
    if useradd := shutil.which("useradd", path=search):
        group = ["--gid", name] if _is_group(name) else ["--user-group"]
        options = ["--system", *group, "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
        subprocess.run([useradd, *options, name], capture_output=True, check=False, timeout=30)  # noqa: S603 - our words
        # Another process may have made it in the same moment, so what counts is that it is there.
        if found := _by_name(name):
            say(f"Made the system user {name}: the embedded engines run as it, not as root.")
            return found
    if found := _by_name("nobody"):
        say(f"No system user {name} could be made: the embedded engines run as the user nobody.")
        return found
    raise EngineError(
        f"The embedded PostgreSQL does not run as root and no user {name} could be made:"
        f" run `useradd --system {name}`, or start as an ordinary user",
    )


def _by_name(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid) if entry.pw_uid else None


def _is_group(name: str) -> bool:
    try:
        grp.getgrnam(name)
    except KeyError:
        return False
    return True
