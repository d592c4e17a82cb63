"""The engines answer, keep their data, and are shared by the processes of one checkout."""

import asyncio
import os
import signal
import stat
from pathlib import Path

import psycopg
import pytest

from adapters.embedded import EngineError
from tests.adapters.embedded.ground import eventually, pid_of, runs, sockets_of, sql, valkey


async def test_a_search_in_chinese_finds_its_row_even_where_the_shell_speaks_c(someone):
    engines = someone(LANG="C", LC_ALL="C").hears()
    await sql(engines["database"], "CREATE EXTENSION pg_trgm")
    await sql(engines["database"], "CREATE TABLE matters AS VALUES ('东门口路灯坏了三天'), ('三号楼垃圾没人收')")
    await sql(engines["database"], "CREATE INDEX ON matters USING gin (column1 gin_trgm_ops)")
    assert await sql(
        engines["database"], "SELECT column1 FROM matters WHERE word_similarity($1, column1) > 0.3", "路灯坏了"
    ) == [
        ("东门口路灯坏了三天",),
    ]
    assert await sql(engines["database"], "SHOW timezone") == [("UTC",)]


async def test_data_are_kept_over_a_stop_and_a_start(begin):
    engines = await begin(fsync=True)
    assert await sql(engines.database_url, "SHOW fsync") == [("on",)]
    await sql(engines.database_url, "CREATE TABLE kept AS VALUES ('一')")
    await valkey(engines.redis_url, "SET", "kept", "二")
    before = [pid_of(engines.home, engine) for engine in ("postgres", "valkey")]
    await engines.release()
    assert not any(runs(pid) for pid in before)

    engines = await begin(fsync=True)
    assert await sql(engines.database_url, "TABLE kept") == [("一",)]
    assert await valkey(engines.redis_url, "GET", "kept") == "二"


async def test_the_engines_outlive_the_first_to_let_go_and_the_last_one_out_stops_them(begin, someone):
    first = someone()
    seen = first.hears()
    second = await begin()
    pids = [pid_of(second.home, engine) for engine in ("postgres", "valkey")]
    assert (second.database_url, second.redis_url) == (seen["database"], seen["redis"])
    first.lets_go()
    assert await sql(second.database_url, "SELECT 1") == [(1,)]
    assert await valkey(second.redis_url, "PING") in (True, "PONG")
    await second.release()
    assert not any(runs(pid) for pid in pids)


async def test_what_one_did_not_ask_for_is_stopped_by_the_last_one_out_too(begin):
    both = await begin()
    database_only = await begin(valkey=False)
    with pytest.raises(EngineError, match="was not asked for"):
        _ = database_only.redis_url
    pids = [pid_of(both.home, engine) for engine in ("postgres", "valkey")]
    await both.release()
    assert all(runs(pid) for pid in pids)
    await database_only.release()
    assert not any(runs(pid) for pid in pids)


async def test_starts_at_the_same_moment_make_one_pair_of_engines(begin, someone):
    people = [someone() for _ in range(3)]
    mine = await begin()
    assert {person.hears()["database"] for person in people} == {mine.database_url}
    await sql(mine.database_url, "SELECT 1")
    assert len(list((mine.home / "run").glob("*.sock"))) == 1
    for person in people:
        person.lets_go()


async def test_a_ctrl_c_in_the_terminal_reaches_the_service_and_not_its_engines(someone):
    service = someone()
    home = service.hears()["home"]
    pids = [pid_of(home, engine) for engine in ("postgres", "valkey")]
    os.killpg(service.process.pid, signal.SIGINT)
    assert service.hears() == {"drained": "the database still answers"}
    service.process.wait(timeout=60)
    assert not any(runs(pid) for pid in pids)


async def test_a_start_that_is_cancelled_leaves_nothing_running(begin, ground):
    starting = asyncio.create_task(begin())
    note = ground / "var/engines/postgres.pid"
    while not (note.exists() and note.read_text()):
        await asyncio.sleep(0.01)
    pid = int(note.read_text())
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert not runs(pid)


async def test_one_url_serves_asyncpg_and_psycopg_wherever_the_data_are(begin, ground):
    engines = await begin(ground / "网格 数据+50%")
    assert await sql(engines.database_url, "SELECT current_user::text, 1") == [("wangge", 1)]
    with psycopg.connect(engines.database_url) as connection:
        assert connection.execute("SELECT current_database()::text").fetchone() == ("wangge",)
    assert await valkey(engines.redis_url, "CONFIG", "GET", "appendonly") == {"appendonly": "yes"}


@pytest.mark.parametrize("name", ["长" * 40, "with,comma"])
async def test_where_a_socket_cannot_have_the_path_a_private_short_folder_is_used(begin, ground, name):
    home = ground / name / "engines"
    home.mkdir(parents=True)
    planted = ground / "planted"
    planted.mkdir(mode=0o777)
    (home / "run-at").write_text(str(planted))

    engines = await begin(ground / name)
    assert await sql(engines.database_url, "SELECT 1") == [(1,)]
    assert await valkey(engines.redis_url, "PING") in (True, "PONG")
    short = Path((engines.home / "run-at").read_text())
    assert short != planted
    assert stat.S_IMODE(short.stat().st_mode) == 0o700
    assert not list(planted.iterdir())
    await engines.release()
    assert not short.exists()


async def test_no_port_is_open_and_what_is_secret_is_closed_to_others(begin):
    engines = await begin()
    for engine in ("postgres", "valkey"):
        sockets = sockets_of(pid_of(engines.home, engine))
        assert sockets, "an engine has at least its own socket"
        tables = [Path(f"/proc/net/{kind}").read_text() for kind in ("tcp", "tcp6")]
        assert not sockets & {line.split()[9] for table in tables for line in table.splitlines()}
    for name in ("passwords", "postgres.log", "valkey.log"):
        assert stat.S_IMODE((engines.home / name).stat().st_mode) == 0o600
    for name in ("run", "postgres", "valkey"):
        assert stat.S_IMODE((engines.home / name).stat().st_mode) == 0o700
    assert await sql(engines.database_url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == [(False,)]
    wrong = engines.database_url.replace("wangge:", "wangge:0", 1)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


async def test_a_database_for_a_test_is_made_from_a_template_and_dropped(begin):
    engines = await begin(valkey=False)
    template = await engines.create_database("template_of_tests")
    await sql(template, "CREATE TABLE ready AS VALUES (7)")
    copy = await engines.create_database("test-1", template="template_of_tests")
    assert await sql(copy, "TABLE ready") == [(7,)]
    with pytest.raises(EngineError, match="already exists"):
        await engines.create_database("test-1")
    await engines.drop_database("test-1")
    assert await sql(engines.admin_dsn, "SELECT count(*) FROM pg_database WHERE datname = 'test-1'") == [(0,)]


async def test_a_log_that_has_grown_too_long_is_begun_anew(begin):
    engines = await begin()
    await engines.release()
    for name in ("postgres.log", "valkey.log"):
        with (engines.home / name).open("ab") as log:
            log.truncate(9 * 2**20)
    engines = await begin()
    for name in ("postgres.log", "valkey.log"):
        eventually(lambda name=name: 0 < (engines.home / name).stat().st_size < 2**20)
        assert (engines.home / f"{name}.1").stat().st_size == 8 * 2**20
