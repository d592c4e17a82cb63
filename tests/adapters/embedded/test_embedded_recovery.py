"""Nothing that was committed is lost, whatever is killed; and an engine that dies is brought back."""

import asyncio
import os
import signal
import subprocess
import time

import asyncpg
import pytest

from adapters.embedded import EngineError
from tests.adapters.embedded.ground import eventually, in_time, kill_group, pid_of, runs, sql, valkey

BOTH = ("postgres", "valkey")


async def test_the_engines_of_a_killed_owner_live_on_and_the_next_start_adopts_them(begin, someone):
    owner = someone()
    seen = owner.hears()
    await sql(seen["database"], "CREATE TABLE kept AS VALUES (1)")
    pids = [pid_of(seen["home"], engine) for engine in BOTH]
    owner.is_killed()

    engines = await begin()
    assert await sql(engines.database_url, "TABLE kept") == [(1,)]
    assert [pid_of(engines.home, engine) for engine in BOTH] == pids
    await engines.release()
    assert not any(runs(pid) for pid in pids)


async def test_after_a_kill_of_everything_the_next_start_has_what_was_committed(begin, someone):
    owner = someone(fsync=True)
    seen = owner.hears()
    await sql(seen["database"], "CREATE TABLE kept AS VALUES ('答')")
    await valkey(seen["redis"], "SET", "kept", "话")
    for engine in BOTH:
        kill_group(pid_of(seen["home"], engine))
    owner.is_killed()

    engines = await begin(fsync=True)
    assert await sql(engines.database_url, "TABLE kept") == [("答",)]
    assert await valkey(engines.redis_url, "GET", "kept") == "话"


async def test_a_kill_in_the_middle_of_making_the_data_folder_does_not_block_the_next_start(begin, someone, ground):
    first, home = someone(), ground / "var/engines"
    eventually(lambda: any(home.glob("postgres.new-*/data/PG_VERSION")))
    first.is_killed()
    assert not (home / "postgres").exists()
    assert any(home.glob("postgres.new-*"))

    engines = await begin()
    assert await sql(engines.database_url, "SELECT 1") == [(1,)]
    eventually(lambda: not any(home.glob("postgres.new-*/data/base")))


async def test_the_note_of_a_dead_server_whose_number_another_program_has_by_now_is_no_hindrance(begin):
    engines = await begin()
    await engines.release()
    owner = (engines.home / "postgres").stat()
    as_owner = {"user": owner.st_uid, "extra_groups": []} if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "600"], **as_owner) as stranger:
        try:
            (engines.home / "postgres/postmaster.pid").write_text(f"{stranger.pid}\n")
            (engines.home / "postgres.pid").write_text(f"{stranger.pid}\n")
            (engines.home / "run/.s.PGSQL.5432.lock").write_text(f"{stranger.pid}\n")
            engines = await begin()
            assert await sql(engines.database_url, "SELECT 1") == [(1,)]
            await engines.release()
            assert stranger.poll() is None
        finally:
            stranger.kill()


async def test_an_engine_that_was_killed_is_brought_back_by_the_watch(begin):
    said = []
    engines = await begin(say=said.append)
    await sql(engines.database_url, "CREATE TABLE kept AS VALUES (1)")
    await valkey(engines.redis_url, "SET", "kept", "1")
    watch = asyncio.create_task(engines.watch(every=0.05))

    async def answers() -> bool:
        try:
            return await sql(engines.database_url, "TABLE kept") == [(1,)] and bool(
                await valkey(engines.redis_url, "PING")
            )
        except Exception:  # noqa: BLE001 - while it is dead every kind of refusal comes
            return False

    for engine, name in (("postgres", "PostgreSQL"), ("valkey", "Valkey")):
        dead = pid_of(engines.home, engine)
        os.kill(dead, signal.SIGKILL)
        back = f"The embedded {name} had died and was started again."
        async with asyncio.timeout(20):
            while back not in said:
                await asyncio.sleep(0.02)
        await in_time(answers)
        assert pid_of(engines.home, engine) != dead
    assert await engines.revive() == ()
    watch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watch


async def test_two_supervisors_bring_a_dead_engine_back_once(begin):
    first, second = await begin(valkey=False), await begin(valkey=False)
    for _ in range(8):  # a kill takes a moment to be seen, and whoever looks within it must not give up
        os.kill(pid_of(first.home, "postgres"), signal.SIGKILL)
        assert sorted(await asyncio.gather(first.revive(), second.revive())) == [(), ("PostgreSQL",)]
        assert await sql(second.database_url, "SELECT 1") == [(1,)]


async def test_a_session_that_outlived_its_killed_server_does_not_keep_it_from_coming_back(begin):
    engines = await begin(valkey=False)
    # It counts without keeping anything, and ends by itself whatever becomes of this test.
    connection = await asyncpg.connect(engines.database_url, server_settings={"statement_timeout": "20s"})
    session = connection.get_server_pid()
    endless = "SELECT count(*) FROM (SELECT generate_series(1, 1000000000000)) AS numbers"
    query = asyncio.create_task(connection.fetchval(endless))

    async def is_busy() -> bool:
        busy = "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND state = 'active' AND query = $2"
        return bool(await sql(engines.admin_dsn, busy, session, endless))

    await in_time(is_busy)
    os.kill(pid_of(engines.home, "postgres"), signal.SIGKILL)
    eventually(lambda: not runs(pid_of(engines.home, "postgres")))
    assert runs(session)
    assert await engines.revive() == ("PostgreSQL",)
    assert not runs(session)
    with pytest.raises(asyncpg.ConnectionDoesNotExistError):
        await query
    assert await sql(engines.database_url, "SELECT 1") == [(1,)]


async def test_a_frozen_engine_is_started_again_when_nobody_else_uses_it(begin, someone):
    said = []
    owner = someone()
    home = owner.hears()["home"]
    frozen = [pid_of(home, engine) for engine in BOTH]
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    with pytest.raises(EngineError, match="stop them, then start again"):
        await begin(patience=1)
    assert all(runs(pid) for pid in frozen)
    owner.is_killed()

    began = time.monotonic()
    engines = await begin(patience=1, say=said.append)
    assert time.monotonic() - began < 30
    assert len([line for line in said if "does not answer" in line]) == 2
    assert not any(runs(pid) for pid in frozen)
    assert await sql(engines.database_url, "SELECT 1") == [(1,)]


async def test_engines_of_a_killed_test_are_not_taken_into_service_without_fsync(begin, someone):
    test = someone(fsync=False)
    test.hears()
    with pytest.raises(EngineError, match="without fsync"):
        await begin(fsync=True)
    test.is_killed()
    engines = await begin(fsync=True)
    assert await sql(engines.database_url, "SHOW fsync") == [("on",)]


async def test_a_lost_file_of_passwords_costs_no_data(begin):
    said = []
    engines = await begin(valkey=False)
    await sql(engines.database_url, "CREATE TABLE kept AS VALUES (1)")
    before = engines.database_url
    await engines.release()
    (engines.home / "passwords").unlink()

    engines = await begin(valkey=False, say=said.append)
    assert engines.database_url != before
    assert await sql(engines.database_url, "TABLE kept") == [(1,)]
    assert said == ["The file of the embedded PostgreSQL's passwords was lost: new ones are set."]
