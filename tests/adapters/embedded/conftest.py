"""A piece of ground that every user may enter, and other processes that use the engines on it."""

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

import adapters
from adapters.embedded import Engines, start
from tests.adapters.embedded.ground import USER, Person, end_engine


@pytest.fixture
def ground() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="wangge-test-")).resolve()
    folder.chmod(0o755)
    yield folder
    for note in folder.rglob("*.pid"):
        end_engine(note)
    shutil.rmtree(folder)


@pytest.fixture
async def begin(ground: Path) -> AsyncIterator[Callable[..., Awaitable[Engines]]]:
    begun: list[Engines] = []

    async def begin(data: Path = ground / "var", **wishes) -> Engines:
        wishes = {"fallback": ground / "fallback", "fsync": False} | wishes
        begun.append(await start(data, **wishes))
        return begun[-1]

    yield begin
    for engines in begun:
        await engines.release()


@pytest.fixture
def someone(ground: Path) -> Iterator[Callable[..., Person]]:
    people: list[Person] = []

    def someone(
        data: Path = ground / "var",
        *,
        uid: int = 0,
        fsync: bool = False,
        first: Path | None = None,
        **env: str,
    ) -> Person:
        wish = {"data": str(data), "fallback": str(ground / "fallback"), "uid": uid, "fsync": fsync}
        paths = [str(path) for path in (first, Path(adapters.__file__).parents[1]) if path]
        process = subprocess.Popen(
            [sys.executable, "-c", USER, json.dumps(wish)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), **env},
            start_new_session=True,
        )
        people.append(Person(process))
        return people[-1]

    yield someone
    for person in people:
        person.is_killed()


@pytest.fixture
def nobody() -> int:
    """The number of an ordinary user: nobody for root, else 0, which stands for who runs the tests."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else 0
