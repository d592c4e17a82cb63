"""What keeps the whole service from starting is one clear line, an exit code, and nothing half-done.

How each command refuses a bad setting, a port in use or WeChat out of reach stands in ``tests/app``.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.service.processes import everybody, free_port
from tests.service.whole import Whole

pytestmark = pytest.mark.service

PATIENCE = 20
KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    lines: list[str]


@dataclass(slots=True)
class Ground:
    folder: Path

    def run(self, command: str, **settings: str) -> Ended:
        """Run ``wangge`` *command* to its end, with the data in ``folder/data``."""
        process = subprocess.Popen(
            [sys.executable, "-m", "app", command],
            cwd=self.folder,
            env=Whole(self.folder, **settings).environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            _, said = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.terminate()
            _, said = process.communicate()
            pytest.fail(f"it goes on and on: {said[:2000]}")
        return Ended(process.returncode, said.splitlines())

    def nothing_runs(self) -> None:
        left = [one for one in everybody() if str(self.folder) in one.command]
        assert not left, left


@pytest.fixture
def ground() -> Iterator[Ground]:
    with tempfile.TemporaryDirectory(prefix="wg-refused-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield Ground(folder)


@pytest.fixture
def tiny_disk() -> Iterator[Ground]:
    """A disk of 24 MB: the programs' own data folder is larger."""
    with tempfile.TemporaryDirectory(prefix="wg-tiny-") as name:
        mount = ["mount", "-t", "tmpfs", "-o", "size=24m,mode=755", "tmpfs", name]
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no small disk can be mounted here: {done.stderr.strip() or done.returncode}")
        try:
            yield Ground(Path(name))
        finally:
            subprocess.run(["umount", "--lazy", name], check=True)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"wechat__official__appid": "wx1", "wechat__official__encoding_aes_key": "!" * 43}, "encoding_aes_key"),
        ({"deadlines__working_hours": '["8-12"]'}, "deadlines.working_hours"),
        ({"deadlines__working_hours": '["12:00-08:30"]'}, "deadlines.working_hours"),
        ({"deadlines__workdays": '["tomorrow"]'}, "deadlines"),
        ({"privacy__keys": '["c2hvcnQ="]'}, "privacy.keys"),
        ({"server__trusted_proxies": '["nonsense"]'}, "server.trusted_proxies"),
    ],
    ids=["aes key", "working hours", "hours turned round", "workdays", "privacy key", "proxies"],
)
def test_a_setting_that_cannot_be_used_is_one_line_and_no_engine_is_started(
    ground: Ground, settings: dict[str, str], named: str
) -> None:
    done = ground.run("run", **settings)
    assert done.code == 1
    assert len(done.lines) == 1, done.lines
    assert named in done.lines[0]
    assert not (ground.folder / "data" / "engines").exists()
    ground.nothing_runs()


def test_a_database_that_refuses_connections_is_one_line_and_no_part_is_started(ground: Ground) -> None:
    done = ground.run("run", database__url=f"postgres://a:b@127.0.0.1:{free_port()}/x", privacy__keys=f'["{KEY}"]')
    assert done.code == 1
    assert len(done.lines) == 1, done.lines
    assert "database.url" in done.lines[0]
    ground.nothing_runs()


def test_no_room_for_the_embedded_database_is_one_line_and_with_room_the_next_start_works(tiny_disk: Ground) -> None:
    done = tiny_disk.run("run")
    assert done.code == 1
    assert len(done.lines) == 1, done.lines
    assert "磁盘放不下" in done.lines[0]
    tiny_disk.nothing_runs()
    subprocess.run(["mount", "-o", "remount,size=400m", str(tiny_disk.folder)], check=True)
    assert tiny_disk.run("migrate").code == 0
    tiny_disk.nothing_runs()
