"""Files in a folder: whole or not at all, under checked keys."""

import asyncio
import os
import resource
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.storage_local import KEY_LENGTH, LocalStorage
from domain.errors import BadInput, NotFound, Unavailable

JPEG = "image/jpeg"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "photos"


@pytest.fixture
def storage(root: Path) -> LocalStorage:
    return LocalStorage(root)


@pytest.fixture
def little_room() -> Iterator[int]:
    """No file of more than 1,000 bytes can be written: the system's own refusal, without a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    yield 1000
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


@pytest.mark.parametrize("key", ["a", "cases/2026/07/8f3e.jpg", "A-b_c.tar.gz", "x" * KEY_LENGTH, "_/-/0"])
async def test_what_was_put_is_got_again(storage: LocalStorage, key: str) -> None:
    await storage.put(key, b"\x00\xff data", JPEG)
    assert await storage.get(key) == b"\x00\xff data"


async def test_an_empty_file_is_a_file(storage: LocalStorage) -> None:
    await storage.put("empty", b"", JPEG)
    assert await storage.get("empty") == b""


async def test_a_second_put_replaces_the_first(storage: LocalStorage, root: Path) -> None:
    await storage.put("key", b"long before", JPEG)
    await storage.put("key", b"now", JPEG)
    assert await storage.get("key") == b"now"
    assert len(files(root)) == 1


async def test_a_key_and_one_below_it_do_not_get_in_each_others_way(storage: LocalStorage) -> None:
    await storage.put("case", b"1", JPEG)
    await storage.put("case/photo", b"2", JPEG)
    assert (await storage.get("case"), await storage.get("case/photo")) == (b"1", b"2")


async def test_what_is_not_there_is_not_found(storage: LocalStorage) -> None:
    with pytest.raises(NotFound):
        await storage.get("nothing")


async def test_a_deleted_file_is_gone_and_deleting_again_is_fine(storage: LocalStorage) -> None:
    await storage.put("key", b"x", JPEG)
    await storage.delete("key")
    await storage.delete("key")
    with pytest.raises(NotFound):
        await storage.get("key")


@pytest.mark.parametrize(
    "key",
    [
        "", "/", "/etc/passwd", "..", "../x", "a/../b", "a/..", "a/./b", ".hidden", "a/.hidden", "a//b", "a/", "a\\b",
        "a b", "a\nb", "a\n", "a\x00b", "照片.jpg", "a~b", "C:x", "%2e%2e/x", "x" * (KEY_LENGTH + 1),
    ],
)  # fmt: skip
async def test_a_key_that_could_lead_elsewhere_is_refused(storage: LocalStorage, tmp_path: Path, key: str) -> None:
    for call in (storage.put(key, b"x", JPEG), storage.get(key), storage.delete(key)):
        with pytest.raises(BadInput):
            await call
    assert files(tmp_path) == []


async def test_files_are_spread_over_folders_and_are_the_owners_alone(storage: LocalStorage, root: Path) -> None:
    for number in range(200):
        await storage.put(f"photo-{number}", b"x", JPEG)
    folders = {path.parent for path in files(root)}
    assert len(folders) > 150
    assert {len(folder.relative_to(root).parts) for folder in folders} == {2}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files(root)} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in [root, *folders]} == {0o700}


async def test_a_reader_never_sees_half_a_file(storage: LocalStorage) -> None:
    versions = [bytes([n]) * 300_000 for n in range(8)]
    await storage.put("key", versions[0], JPEG)
    done = asyncio.Event()

    async def write() -> None:
        for version in versions:
            await storage.put("key", version, JPEG)
        done.set()

    async def read() -> set[bytes]:
        seen = set()
        while not done.is_set():
            seen.add(await storage.get("key"))
        return seen

    _, *seen = await asyncio.gather(write(), read(), read())
    assert set().union(*seen) <= set(versions)


async def test_many_writers_of_one_new_folder_do_not_disturb_each_other(storage: LocalStorage, root: Path) -> None:
    await asyncio.gather(*(storage.put("same", b"x" * n, JPEG) for n in range(1, 20)))
    assert len(files(root)) == 1
    assert 1 <= len(await storage.get("same")) < 20


async def test_no_room_is_said_plainly_and_leaves_the_old_file_and_no_scraps(
    storage: LocalStorage, root: Path, little_room: int
) -> None:
    await storage.put("key", b"old", JPEG)
    with pytest.raises(Unavailable, match="disk for photos and files is full") as refused:
        await storage.put("key", b"x" * (little_room + 1), JPEG)
    assert refused.value.facts == {"reason": "disk_full"}
    assert await storage.get("key") == b"old"
    assert len(files(root)) == 1


FULL_DISK = """
import asyncio, pathlib, sys
from adapters.storage_local import LocalStorage
from domain.errors import Unavailable
try:
    asyncio.run(LocalStorage(pathlib.Path(sys.argv[1])).put("key", b"x" * 1_000_000, "image/jpeg"))
except Unavailable as refused:
    print("REFUSED:", refused)
"""


async def test_a_disk_that_is_really_full_is_said_plainly(tmp_path: Path) -> None:
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"], check=False).returncode:
        pytest.skip("this machine lets us mount no small disk of our own")
    mount = 'mount -t tmpfs -o size=64k none "$1" && exec "$2" -c "$3" "$1"'
    ran = await asyncio.to_thread(
        subprocess.run,
        ["unshare", "-rm", "sh", "-c", mount, "sh", str(tmp_path), sys.executable, FULL_DISK],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert "REFUSED: the disk for photos and files is full" in ran.stdout


async def test_a_root_that_is_no_folder_is_unavailable_not_a_crash(tmp_path: Path) -> None:
    root = tmp_path / "file"
    root.write_bytes(b"")
    storage = LocalStorage(root)
    with pytest.raises(Unavailable, match="storage folder"):
        await storage.put("key", b"x", JPEG)
    with pytest.raises(Unavailable):
        await storage.get("key")


async def test_the_disk_is_worked_on_in_threads_while_the_loop_goes_on(storage: LocalStorage, root: Path) -> None:
    """A named pipe in the file's place blocks its reader until somebody writes."""
    await storage.put("key", b"x", JPEG)
    (path,) = files(root)
    path.unlink()
    os.mkfifo(path)
    reading = asyncio.create_task(storage.get("key"))
    await asyncio.to_thread(path.write_bytes, b"from the pipe")
    assert await asyncio.wait_for(reading, 5) == b"from the pipe"
