"""``wangge staff password``: how somebody gets into the console for the first time."""

import re

import pytest

from app import bootstrap
from app.console_door import staff_logins
from app.settings import load
from tests.app.commands import Command
from tests.factories import PHONES, make_town


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
    for phone, said in (
        (PHONES["worker"], "在微信里办事"),
        ("13999999999", "名单里没有 139****9999"),
        ("12", "不像电话号码"),
    ):
        done = await town.run("staff", "password", phone)
        assert (done.code, done.out, len(done.lines)) == (1, "", 1), done.err
        assert said in done.err
        assert phone not in done.err or len(phone) < 3
