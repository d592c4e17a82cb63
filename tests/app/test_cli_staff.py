"""``wangge staff password``: how somebody gets into the console for the first time."""

import re

import pytest

from app import bootstrap
from app.console_door import staff_logins
from app.settings import load
from tests.app.commands import Command
from tests.factories import PHONES, TOWN, make_town


@pytest.fixture
async def town(command: Command, database: str, redis_url: str) -> Command:
    settings = bootstrap.effective(load(environ=command.environment({})))
    async with bootstrap.house(settings, database, redis_url) as house:
        await make_town(house.desk)
    return command


async def test_the_password_that_is_printed_signs_in(town: Command, database: str, redis_url: str) -> None:
    done = await town.run("staff", "password", f"+86 {PHONES['commander']}")
    assert (done.code, done.err) == (0, "")
    found = re.match(r"一次性密码: ([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})\n请本人打开 /console/", done.out)
    assert found is not None
    settings = bootstrap.effective(load(environ=town.environment({})))
    async with bootstrap.house(settings, database, redis_url) as house:
        assert await staff_logins(house).check(PHONES["commander"], found[1]) is not None


async def test_whoever_has_no_use_for_one_gets_none_and_is_told_why(town: Command) -> None:
    done = await town.run("staff", "password", PHONES["worker"])
    assert (done.code, done.out, len(done.lines)) == (1, "", 1), done.err
    assert "在微信里办事" in done.err
    assert PHONES["worker"] not in done.err


async def test_a_login_of_its_own_is_made_with_a_password_from_stdin(
    town: Command, database: str, redis_url: str
) -> None:
    given = ("console-user", "Zhang.Wei", "--duty", "town_agent", "--region", TOWN, "--password-stdin")
    done = await town.run(*given, typed="稻花香里说丰年-2027\n")
    assert (done.code, done.err) == (0, "")
    settings = bootstrap.effective(load(environ=town.environment({})))
    async with bootstrap.house(settings, database, redis_url) as house:
        assert await staff_logins(house).check("zhang.wei", "稻花香里说丰年-2027") is not None
