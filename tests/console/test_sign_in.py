"""Coming in to the console, and going out of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from argon2 import PasswordHasher

from app.bootstrap import House
from app.settings import Settings
from app.site import site
from domain.calendar import SHANGHAI
from domain.duty import Duty
from domain.errors import BadInput, NotAllowed, NotFound
from models import HeldDuty, Person, StaffLogin
from services.staff_logins import StaffLogins
from tests.console.clerk import PASSWORD, Clerk
from tests.factories import PHONES, TOWN
from tests.services.conftest import NAMES, Street

ComesIn = Callable[[str], Awaitable[Clerk]]
WRONG = "登录名或密码不对"


async def test_a_one_time_password_leads_to_a_password_of_ones_own_and_nowhere_else(
    stranger: Clerk, logins: StaffLogins
) -> None:
    one_time = await logins.give(PHONES["secretary"])
    page = await stranger.signs_in(PHONES["secretary"], one_time)
    assert page.path == "/console/password"
    for path in ("/console/", "/console/cases", "/console/cases/1001", "/console/cases/new"):
        assert (await stranger.opens(path)).path == "/console/password", path
    fields = {**page.hidden("/console/password"), "old": one_time}
    for new, said in (
        ("short", "太短"),
        ("9876543210123", "太容易猜"),
        (f"x{PHONES['secretary']}", "太容易猜"),
        (f"我是{NAMES['secretary']}呀呀呀呀呀", "太容易猜"),
        (one_time, "和现在的一样"),
    ):
        refused = await stranger.sends("/console/password", {**fields, "new": new, "again": new})
        assert refused.status == 422, new
        assert said in refused.words, new
    differs = await stranger.sends("/console/password", {**fields, "new": PASSWORD, "again": PASSWORD + "x"})
    assert "不一样" in differs.words
    done = await stranger.sends("/console/password", {**fields, "new": PASSWORD, "again": PASSWORD})
    assert (done.status, "密码换好了" in done.words) == (200, True)
    stranger.forgets()
    assert WRONG in (await stranger.signs_in(PHONES["secretary"], one_time)).words
    assert (await stranger.signs_in(f" {PHONES['secretary'][:3]} {PHONES['secretary'][3:]}", PASSWORD)).status == 200


async def test_a_one_time_password_is_good_for_a_week_and_a_new_one_ends_every_sign_in(
    street: Street, comes_in: ComesIn, logins: StaffLogins
) -> None:
    clerk = await comes_in("commander")
    one_time = await logins.give(PHONES["commander"])
    ended = await clerk.opens("/console/cases?list=late")
    assert ended.path.startswith("/console/sign-in?next=/console/cases?list%3Dlate&why=password")
    assert WRONG in (await clerk.signs_in(PHONES["commander"], PASSWORD)).words
    await street.advance(timedelta(days=7, minutes=1).total_seconds())
    assert WRONG in (await clerk.signs_in(PHONES["commander"], one_time)).words


async def test_only_staff_whose_duty_uses_the_console_get_a_password(street: Street, logins: StaffLogins) -> None:
    with pytest.raises(NotAllowed):
        await logins.give(PHONES["worker"])
    with pytest.raises(NotFound):
        await logins.give("13999999999")
    for who in ("chief", "secretary", "commander", "county", "inspector"):
        assert len(await logins.give(PHONES[who])) == 14


async def test_a_login_of_its_own_has_a_duty_and_can_be_given_another_password(
    street: Street, logins: StaffLogins
) -> None:
    for password in (PASSWORD, f"{PASSWORD}!"):
        await logins.set("Zhang.Wei", Duty.TOWN_AGENT, TOWN, password)
    assert await logins.check("zhang.wei", PASSWORD) is None
    known = await logins.check("ＺＨＡＮＧ.wei ", f"{PASSWORD}!")
    assert known is not None
    present = await logins.who(known.person_id, known.since)
    assert ([held.duty for held in present.actor.duties], present.one_time) == ([Duty.TOWN_AGENT], False)
    assert await Person.filter(name="zhang.wei").count() == 1
    await logins.set(PHONES["commander"], Duty.COMMANDER, TOWN, PASSWORD)
    known = await logins.check(PHONES["commander"], PASSWORD)
    assert known is not None
    assert known.person_id == (await Person.get(name=NAMES["commander"])).id


async def test_a_login_that_cannot_be_leaves_nothing_behind(street: Street, logins: StaffLogins) -> None:
    before = await Person.all().count()
    for login, duty, region, password, error in (
        ("a", Duty.TOWN_AGENT, TOWN, PASSWORD, BadInput),
        ("zhang wei", Duty.TOWN_AGENT, TOWN, PASSWORD, BadInput),
        ("zhang", Duty.GRID_WORKER, TOWN, PASSWORD, NotAllowed),
        ("zhang", Duty.VILLAGE_SECRETARY, TOWN, PASSWORD, BadInput),
        ("zhang", Duty.TOWN_AGENT, "nowhere", PASSWORD, NotFound),
        ("13999999999", Duty.TOWN_AGENT, TOWN, PASSWORD, NotFound),
        ("zhang", Duty.TOWN_AGENT, TOWN, "short", BadInput),
        ("zhang", Duty.TOWN_AGENT, TOWN, "Zhang-zhang-2", BadInput),
    ):
        with pytest.raises(error):
            await logins.set(login, duty, region, password)
    assert (await Person.all().count(), await StaffLogin.all().count()) == (before, 0)


async def test_a_password_is_kept_as_argon2id_with_the_parameters_that_owasp_advises(
    street: Street, logins: StaffLogins
) -> None:
    one_time = await logins.give(PHONES["chief"])
    kept = await StaffLogin.get()
    assert kept.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one_time not in kept.password_hash
    assert await logins.check(PHONES["chief"], one_time) is not None
    assert await logins.check(PHONES["chief"], one_time + "x") is None


async def test_an_old_hash_is_made_anew_when_its_owner_signs_in(street: Street, logins: StaffLogins) -> None:
    password = await logins.give(PHONES["chief"])
    old = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(password)
    await StaffLogin.all().update(password_hash=old)
    assert await logins.check(PHONES["chief"], password) is not None
    assert (await StaffLogin.get()).password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await logins.check(PHONES["chief"], password) is not None


async def test_after_signing_in_one_is_where_one_wanted_to_go_but_only_within_the_console(
    street: Street, comes_in: ComesIn
) -> None:
    clerk = await comes_in("commander")
    case = await street.files()
    clerk.forgets()
    for wanted, reached in (
        (f"/console/cases/{case.number}", f"/console/cases/{case.number}"),
        ("https://elsewhere.example/", "/console/"),
        ("//elsewhere.example/", "/console/"),
        ("/console/../api/docs", "/console/"),
        ("/console/cases\\x", "/console/"),
    ):
        page = await clerk.opens("/console/sign-in")
        fields = {**page.hidden("/console/sign-in"), "next": wanted, "login": PHONES["commander"], "password": PASSWORD}
        assert (await clerk.sends("/console/sign-in", fields)).path == reached, wanted
        clerk.forgets()


async def test_the_sign_in_ends_with_the_duty(street: Street, comes_in: ComesIn) -> None:
    clerk = await comes_in("secretary")
    person = await Person.get(name=NAMES["secretary"])
    today = street.desk.clock.now().astimezone(SHANGHAI).date()
    await HeldDuty.filter(person_id=person.id).update(from_date=today - timedelta(days=9), to_date=today)
    assert (await clerk.opens("/console/")).path == "/console/"
    await HeldDuty.filter(person_id=person.id).update(to_date=today - timedelta(days=1))
    page = await clerk.opens("/console/")
    assert page.path.endswith("why=duty")
    assert "没有用得上后台的岗位" in page.words
    await HeldDuty.filter(person_id=person.id).update(to_date=None)
    assert (await clerk.opens("/console/")).path.startswith("/console/sign-in")


async def test_signing_out_ends_it_for_the_cookie_that_somebody_has_kept(comes_in: ComesIn, service: str) -> None:
    clerk = await comes_in("commander")
    token = next(one.value for one in clerk._session.cookie_jar if one.key == "wangge_console")
    page = await clerk.opens("/console/")
    left = await clerk.sends("/console/sign-out", page.hidden("/console/sign-out"))
    assert "已经退出" in left.words
    again = await clerk.opens("/console/", Cookie=f"wangge_console={token}")
    assert again.path.startswith("/console/sign-in")


async def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(stranger: Clerk, logins: StaffLogins) -> None:
    page = await stranger.opens("/console/sign-in")
    cookie = page.headers["Set-Cookie"]  # type: ignore[index]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/console" in cookie
    policy = page.headers["Content-Security-Policy"]  # type: ignore[index]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'")
    assert "frame-ancestors 'none'" in policy


@pytest.fixture
async def strict(house: House, settings: Settings, town: object) -> AsyncIterator[str]:
    """The console behind a proxy that says where visitors come from, with short tempers."""
    given = settings.model_dump()
    given["server"]["trusted_proxies"] = ["127.0.0.1"]
    given["console"] |= {"wrong_passwords": 3, "wrong_passwords_of_address": 6, "lock_minutes": 1}
    changed = House(
        Settings.model_validate(given), *(getattr(house, name) for name in list(House.__dataclass_fields__)[1:])
    )
    runner = web.AppRunner(site(changed), access_log=None, shutdown_timeout=2, auto_decompress=False)
    await runner.setup()
    server = web.TCPSite(runner, "127.0.0.1", 0)
    await server.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def locked(page: object) -> bool:
    return "先停一停" in page.words  # type: ignore[attr-defined]


async def test_who_guesses_too_often_is_locked_out_by_account_whether_it_exists_or_not(
    strict: str, logins: StaffLogins
) -> None:
    password = await logins.give(PHONES["county"])
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        clerk = Clerk(session, strict)
        for phone in (PHONES["county"], "13877776666"):
            tried = [await clerk.signs_in(phone, "nonsense") for _ in range(4)]
            assert [(page.status, locked(page)) for page in tried] == [(401, False)] * 3 + [(429, True)], phone
            assert 1 <= int(tried[-1].headers["Retry-After"]) <= 60  # type: ignore[index]
        right = await clerk.signs_in(PHONES["county"], password)
        assert (right.status, locked(right)) == (429, True)


async def test_guesses_at_the_same_moment_are_all_counted(strict: str, logins: StaffLogins) -> None:
    await logins.give(PHONES["inspector"])
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        clerk = Clerk(session, strict)
        await clerk.opens("/console/sign-in")
        tried = await asyncio.gather(*(clerk.signs_in(PHONES["inspector"], f"guess {n}") for n in range(10)))
        assert sorted(page.status for page in tried) == [401] * 3 + [429] * 7


async def test_an_address_that_guesses_at_many_accounts_is_locked_out_and_its_right_passwords_are_not_counted(
    strict: str, logins: StaffLogins
) -> None:
    password = await logins.give(PHONES["secretary"])
    office, other = {"X-Forwarded-For": "203.0.115.9"}, {"X-Forwarded-For": "198.51.101.7"}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        clerk = Clerk(session, strict)
        for _ in range(10):
            assert (await clerk.signs_in(PHONES["secretary"], password, **office)).path == "/console/password"
            clerk.forgets()
        for n in range(6):
            assert not locked(await clerk.signs_in(f"1390000110{n}", "nonsense", **office)), n
        assert locked(await clerk.signs_in(PHONES["secretary"], password, **office))
        assert (await clerk.signs_in(PHONES["secretary"], password, **other)).path == "/console/password"


async def test_a_forged_sign_in_is_refused(stranger: Clerk, logins: StaffLogins) -> None:
    password = await logins.give(PHONES["commander"])
    page = await stranger.opens("/console/sign-in")
    right = {**page.hidden("/console/sign-in"), "login": PHONES["commander"], "password": password}
    for fields, headers in (
        ({**right, "csrf": "guessed"}, {}),
        ({**right, "csrf": ""}, {}),
        (right, {"Sec-Fetch-Site": "cross-site"}),
    ):
        refused = await stranger.sends("/console/sign-in", fields, **headers)
        assert (refused.status, "请再登录一次" in refused.words) == (403, True)
    assert (await stranger.sends("/console/sign-in", right)).path == "/console/password"
