"""两步验证: a code of one's phone after the password, each once; ten on paper; and a way back in."""

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from io import BytesIO

import pyotp
import zxingcpp
from PIL import Image
from redis.asyncio import Redis

from app.bootstrap import House
from models import Person, SecondFactor
from services.key_rotation import SEALED
from services.staff_logins import StaffLogins
from tests.console.clerk import PASSWORD, Clerk, Page
from tests.factories import PHONES
from tests.services.conftest import NAMES, Street

ComesIn = Callable[[str], Awaitable[Clerk]]
SET_UP = "/console/second-factor"
CODE = "/console/sign-in/code"


async def sends(clerk: Clerk, where: str, page: Page, **fields: str) -> Page:
    return await clerk.sends(where, {**page.hidden(where), **fields})


def now_code(street: Street, secret: str, *, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(street.desk.clock.now() + timedelta(seconds=30 * steps))


async def switched_on(street: Street, clerk: Clerk) -> tuple[str, list[str]]:
    """Set up by *clerk*: the secret of the phone and the ten codes of the paper."""
    page = await clerk.opens(SET_UP)
    page = await sends(clerk, f"{SET_UP}/begin", page, password=PASSWORD)
    found = re.search(r"<code>([A-Z2-7]{32})</code>", page.text)
    assert found is not None, page.words
    secret = found[1]
    done = await sends(clerk, f"{SET_UP}/confirm", page, code=now_code(street, secret))
    codes = re.findall(r"<li><code>([a-z2-9]{5}-[a-z2-9]{5})</code>", done.text)
    assert (done.status, len(codes), len(set(codes))) == (200, 10, 10), done.words
    await street.advance(60)
    return secret, codes


async def signs_in(clerk: Clerk, who: str = "commander") -> Page:
    clerk.forgets()
    return await clerk.signs_in(PHONES[who], PASSWORD)


async def test_with_it_a_password_alone_opens_nothing_and_a_code_of_the_phone_opens_the_rest(
    street: Street, comes_in: ComesIn
) -> None:
    clerk = await comes_in("commander")
    secret, _ = await switched_on(street, clerk)
    page = await signs_in(clerk)
    assert page.path == CODE
    for path in ("/console/", "/console/cases", SET_UP):
        assert (await clerk.opens(path)).path.startswith("/console/sign-in?next="), path
    page = await clerk.opens(CODE)
    assert (await sends(clerk, CODE, page, code="000000")).status == 401
    code = now_code(street, secret)
    inside = await sends(clerk, CODE, page, code=f" {code[:3]} {code[3:]} ")
    assert (inside.status, inside.path) == (200, "/console/")
    kept = await SecondFactor.get()
    assert secret not in kept.secret
    assert ("second_factor", "secret") in SEALED


async def test_a_code_counts_once_also_for_two_at_the_same_moment(street: Street, comes_in: ComesIn) -> None:
    clerk, other = await comes_in("commander"), await comes_in("secretary")
    secret, _ = await switched_on(street, clerk)
    pages = [await signs_in(one) for one in (clerk, other)]
    code = now_code(street, secret)
    both = await asyncio.gather(
        *(sends(one, CODE, page, code=code) for one, page in zip((clerk, other), pages, strict=True))
    )
    assert sorted(page.status for page in both) == [200, 401]
    assert (await sends(clerk, CODE, await signs_in(clerk), code=code)).status == 401
    assert (await sends(clerk, CODE, await signs_in(clerk), code=now_code(street, secret, steps=-1))).status == 401
    assert (await sends(clerk, CODE, await signs_in(clerk), code=now_code(street, secret, steps=1))).path == "/console/"


async def test_a_code_of_the_paper_counts_once_and_only_its_slow_hash_is_kept(
    street: Street, comes_in: ComesIn
) -> None:
    clerk = await comes_in("commander")
    _, codes = await switched_on(street, clerk)
    kept = await SecondFactor.get()
    assert all(one.startswith("$argon2id$") for one in kept.recovery.values())
    assert (await sends(clerk, CODE, await signs_in(clerk), code=codes[0].upper())).path == "/console/"
    assert "还剩 9 个" in (await clerk.opens(SET_UP)).words
    assert (await sends(clerk, CODE, await signs_in(clerk), code=codes[0])).status == 401
    wrong = codes[1][:-1] + ("a" if codes[1][-1] != "a" else "b")
    assert (await sends(clerk, CODE, await signs_in(clerk), code=wrong)).status == 401
    assert (await sends(clerk, CODE, await signs_in(clerk), code=codes[1])).path == "/console/"


async def test_wrong_codes_lock_as_wrong_passwords_do_also_for_the_right_one(street: Street, comes_in: ComesIn) -> None:
    clerk = await comes_in("commander")
    secret, _ = await switched_on(street, clerk)
    page = await signs_in(clerk)
    assert [(await sends(clerk, CODE, page, code=f"00000{n}")).status for n in range(5)] == [401] * 5
    # The right password in between forgives none of them.
    locked = await sends(clerk, CODE, await signs_in(clerk), code=now_code(street, secret))
    assert (locked.status, "先停一停" in locked.words) == (429, True)


async def test_the_code_on_the_page_says_what_an_app_needs(street: Street, comes_in: ComesIn) -> None:
    clerk = await comes_in("secretary")
    page = await clerk.opens(SET_UP)
    wrong = await sends(clerk, f"{SET_UP}/begin", page, password="nonsense")
    assert (wrong.status, "密码不对" in wrong.words) == (422, True)
    page = await sends(clerk, f"{SET_UP}/begin", page, password=PASSWORD)
    person = await Person.get(name=NAMES["secretary"])
    kept = await SecondFactor.get(person_id=person.id)
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page.text)
    assert secret is not None
    picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page.text)
    assert picture is not None
    said = read(base64.b64decode(picture[1]).decode())
    parsed = pyotp.parse_uri(said)
    assert isinstance(parsed, pyotp.TOTP)
    assert (parsed.secret, parsed.issuer, parsed.name, parsed.interval) == (secret[1], "网格通", person.name, 30)
    # Not confirmed: signing in is as it was.
    assert kept.confirmed_at is None
    assert (await signs_in(clerk, "secretary")).path == "/console/"


def read(svg: str) -> str:
    """What a code of squares on a ground says."""
    side = int(float(re.findall(r'viewBox="0 0 (\d+)', svg)[0]))
    image = Image.new("L", (side, side), 255)
    for x, y in re.findall(r"M(\d+),(\d+)H", svg):
        image.putpixel((int(x), int(y)), 0)
    large = image.resize((side * 8, side * 8), Image.Resampling.NEAREST)
    png = BytesIO()
    large.save(png, "PNG")
    [found] = zxingcpp.read_barcodes(Image.open(png))
    return str(found.text)


async def test_it_is_turned_off_with_password_and_code_and_with_neither_alone(
    street: Street, comes_in: ComesIn
) -> None:
    clerk = await comes_in("commander")
    secret, codes = await switched_on(street, clerk)
    end = f"{SET_UP}/end"
    page = await clerk.opens(SET_UP)
    for fields, said in (
        ({"password": PASSWORD, "code": ""}, "验证码不对"),
        ({"password": PASSWORD, "code": "123"}, "验证码不对"),
        ({"password": "nonsense", "code": now_code(street, secret)}, "密码不对"),
    ):
        refused = await sends(clerk, end, page, **fields)
        assert (refused.status, said in refused.words) == (422, True), fields
    assert "关掉了" in (await sends(clerk, end, page, password=PASSWORD, code=codes[3])).words
    assert (await signs_in(clerk)).path == "/console/"
    assert await SecondFactor.all().count() == 0


async def test_confirming_twice_by_a_double_click_leaves_codes_that_are_good(street: Street, comes_in: ComesIn) -> None:
    clerk = await comes_in("commander")
    page = await sends(clerk, f"{SET_UP}/begin", await clerk.opens(SET_UP), password=PASSWORD)
    secret = re.findall(r"<code>([A-Z2-7]{32})</code>", page.text)[0]
    code = now_code(street, secret)
    await sends(clerk, f"{SET_UP}/confirm", page, code=code)
    again = await sends(clerk, f"{SET_UP}/confirm", page, code=code)
    codes = re.findall(r"<li><code>([a-z2-9-]{11})</code>", again.text)
    assert len(codes) == 10
    assert (await sends(clerk, CODE, await signs_in(clerk), code=codes[0])).path == "/console/"
    await street.advance(180)
    page = await clerk.opens(SET_UP)
    late = await clerk.sends(f"{SET_UP}/confirm", {**page.hidden("/console/sign-out"), "code": code})
    assert late.status == 422
    on = await clerk.sends(f"{SET_UP}/begin", {**page.hidden("/console/sign-out"), "password": PASSWORD})
    assert (on.status, "已经开着了" in on.words) == (409, True)


async def test_a_password_from_the_town_ends_it_and_a_half_done_sign_in_goes_with_the_password(
    street: Street, comes_in: ComesIn, logins: StaffLogins, house: House, redis_url: str
) -> None:
    clerk = await comes_in("commander")
    _, codes = await switched_on(street, clerk)
    page = await signs_in(clerk)
    one_time = await logins.give(PHONES["commander"])
    assert await SecondFactor.all().count() == 0
    # What was half done with the old password leads nowhere.
    assert (await sends(clerk, CODE, page, code=codes[0])).status == 401
    clerk.forgets()
    assert (await clerk.signs_in(PHONES["commander"], one_time)).path == "/console/password"
    async with Redis.from_url(redis_url) as redis:
        kept = [await redis.ttl(key) async for key in redis.scan_iter("wangge:console:half:*")]
    assert kept
    assert max(kept) <= 300


async def test_a_forged_code_form_is_refused(street: Street, comes_in: ComesIn) -> None:
    clerk = await comes_in("commander")
    secret, _ = await switched_on(street, clerk)
    page = await signs_in(clerk)
    for csrf in ("x", ""):
        refused = await sends(clerk, CODE, page, code=now_code(street, secret), csrf=csrf)
        assert (refused.status, "不是从这里打开的" in refused.words) == (403, True)
    clerk.forgets()
    nothing = await clerk.opens(CODE)
    assert "请从头再登录一次" in nothing.words
