"""Every POST route of the console, read off the routing: whoever may not send its form changes nothing."""

import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import aiohttp
import pytest
from aiohttp import web
from redis.asyncio import Redis

from app.bootstrap import House
from app.site import site
from bench.console_pages import FACTS
from domain.duty import Duty
from services.phone_desk import Call, PhoneDesk
from services.staff_logins import StaffLogins
from services.transaction import rows
from tests.console.clerk import PASSWORD, Clerk, Page
from tests.console.form_samples import FORMS, Sample
from tests.console.rows import (
    a_leave,
    a_notice,
    a_preview,
    a_proposal,
    a_report,
    a_resolved_case,
    an_admission,
    an_application,
    an_award,
    an_event_type,
    an_exit,
    an_export,
    an_objection,
)
from tests.console.test_every_page import first
from tests.console.test_workbench import a_day
from tests.factories import GRID
from tests.services.conftest import Street

ComesIn = Callable[[str], Awaitable[Clerk]]
OTHER_VILLAGE = "320412101202"
SAID = {
    "forged": "不是从这里打开的",
    "ended": "登录已经到时间了",
    "foreign": "没有找到|不归您|不在您管|请选|请从列表里选|只能|要由|由指挥长|由镇里|由督察",
}


@pytest.fixture
async def foreigner(street: Street, service: str, logins: StaffLogins) -> AsyncIterator[Clerk]:
    """The secretary of the other village."""
    await logins.set("zheng", Duty.VILLAGE_SECRETARY, OTHER_VILLAGE, PASSWORD)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        clerk = Clerk(session, service)
        assert (await clerk.signs_in("zheng", PASSWORD)).path == "/console/"
        yield clerk


def forms(app: web.Application, samples: Mapping[str, Sample]) -> dict[str, Sample]:
    """A sample for each POST route. Raises LookupError, saying what to do, where one is missing or is left over."""
    names = []
    for route in app.router.routes():
        where = route.resource.canonical if route.resource is not None else ""
        if route.method not in {"GET", "HEAD"} and where.startswith("/console/"):
            if route.name is None:
                raise LookupError(f"the console's form {where} has no name in the routing: give it one")
            names.append(route.name)
    missing, left = sorted({*names} - {*samples}), sorted({*samples} - {*names})
    if missing or left:
        raise LookupError(
            f"no sample for {', '.join(missing) or 'none'}, a sample too many for {', '.join(left) or 'none'}:"
            " see FORMS in tests/console/form_samples.py"
        )
    return {name: samples[name] for name in names}


async def everything() -> dict[str, str]:
    """How many rows each table has, and a sum over them."""
    tables = await rows("SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    sums = [
        f"SELECT '{one['name']}' AS name, count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)),"
        f" '') AS sum FROM {one['name']} t"
        for one in tables
    ]
    return {one["name"]: one["sum"] for one in await rows(" UNION ALL ".join(sums))}


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return sorted(name for name in after if before.get(name) != after[name])


async def facts(street: Street) -> dict[str, str]:
    """A town with something on every desk."""
    await a_day(street)
    await a_notice(street)
    await an_event_type(street)
    await a_proposal(street)
    commander = await street.actor("commander")
    called = await PhoneDesk(street.desk.people._cipher, street.desk.cases).file(
        commander, Call(grid=GRID, words="门口积水", phone="13912345678", urgent=True)
    )
    await an_exit(street)
    await an_application(street)
    await an_admission(street)
    known = {name: str(await first(sql)) for name, sql in FACTS.items()}
    made = {
        "called": called.case.number,
        "preview": await a_preview(street),
        "export": await an_export(street),
        "asked": await a_leave(street),
        "award": await an_award(street),
        "resolved": await a_resolved_case(street),
        "neighbours": await a_resolved_case(street, who="cover", grid="32041210120102"),
        "objection": await an_objection(street),
        "report": await a_report(street),
    }
    return known | {name: str(value) for name, value in made.items()}


def filled(sample: Sample, known: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    return sample.address.format(**known), {
        name.format(**known): value.format(**known) for name, value in sample.fields.items()
    }


async def sends(clerk: Clerk, sample: Sample, address: str, fields: Mapping[str, str], **headers: str) -> Page:
    if not sample.files:
        return await clerk.sends(address, dict(fields), **headers)
    form = aiohttp.FormData()
    for name, value in fields.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in sample.files.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return await clerk.sends(address, form, **headers)  # type: ignore[arg-type]


async def token(clerk: Clerk, sample: Sample) -> str:
    """What the right page puts into its forms."""
    page = await clerk.opens("/console/sign-in" if sample.stranger else "/console/")
    return page.hidden("/console/sign-in" if sample.stranger else "/console/sign-out")["csrf"]


async def test_whoever_may_not_send_a_form_is_told_so_and_changes_nothing(
    street: Street, house: House, comes_in: ComesIn, stranger: Clerk, foreigner: Clerk, redis_url: str
) -> None:
    await comes_in("commander")
    known = await facts(street)
    foreign_csrf = await token(foreigner, FORMS["console.act"])
    for name, sample in forms(site(house), FORMS).items():
        address, fields = filled(sample, known)
        clerk = stranger if sample.stranger else await comes_in(sample.who)
        csrf = await token(clerk, sample)
        right = {**fields, "csrf": csrf, "once": f"{name}-x"}
        without = {field: value for field, value in right.items() if field != "csrf"}
        before = await everything()
        for body, headers in (
            (without, {}),
            ({**right, "csrf": "forged"}, {}),
            ({**right, "csrf": foreign_csrf}, {}),
            (right, {"Sec-Fetch-Site": "cross-site"}),
            (right, {"Sec-Fetch-Site": "same-site"}),
        ):
            refused = await sends(clerk, sample, address, body, **headers)
            assert (refused.status, refused.path) == (403, address), (name, headers, refused.words[:200])
            assert SAID["forged"] in refused.words, (name, refused.words)
            back = re.search(r'class="button" href="([^"]+)"', refused.text)
            if not sample.stranger:
                assert back is not None
                assert (await clerk.opens(back[1])).status == 200, (name, back[1])
        if sample.about_place and not sample.stranger:
            refused = await sends(foreigner, sample, address, {**right, "csrf": foreign_csrf})
            assert refused.status in {403, 404, 409, 422}, (name, refused.status, refused.words[:300])
            assert re.search(SAID["foreign"], refused.words), (name, refused.words)
        if not sample.stranger:
            await forget(clerk, redis_url)
            ended = await sends(clerk, sample, address, right)
            assert (ended.status, SAID["ended"] in ended.words) == (401, True), (name, ended.words)
        assert changed(before, await everything()) == [], name


async def test_the_samples_are_what_the_forms_take(
    street: Street, house: House, comes_in: ComesIn, stranger: Clerk
) -> None:
    """Otherwise it would prove nothing that they are refused."""
    await comes_in("commander")
    known = await facts(street)
    for name, sample in forms(site(house), FORMS).items():
        address, fields = filled(sample, known)
        clerk = stranger if sample.stranger else await comes_in(sample.who)
        right = {**fields, "csrf": await token(clerk, sample), "once": f"{name}-right"}
        before = await everything()
        done = await sends(clerk, sample, address, right)
        assert done.status == 200, (name, done.words[:300])
        assert bool(changed(before, await everything())) is sample.changes, name


async def test_a_form_without_a_sample_is_named(street: Street, house: House) -> None:
    app = site(house)
    app.add_routes([web.post("/console/brand-new", _nothing, name="console.brand_new")])
    with pytest.raises(LookupError, match=r"no sample for console\.brand_new, .*form_samples\.py"):
        forms(app, FORMS)
    with pytest.raises(LookupError, match=r"a sample too many for console\.gone"):
        forms(site(house), {**FORMS, "console.gone": Sample("/console/gone")})


async def forget(clerk: Clerk, redis_url: str) -> None:
    """Their sign-in is over, though the cookie is still there."""
    cookie = next(one.value for one in clerk._session.cookie_jar if one.key == "wangge_console")
    hashed = hashlib.sha256(cookie.encode()).hexdigest()
    async with Redis.from_url(redis_url) as redis:
        assert await redis.delete(f"wangge:console:idle:{hashed}") == 1


async def _nothing(_: web.Request) -> web.Response:
    return web.Response()


async def test_the_sums_see_a_change(street: Street) -> None:
    before = await everything()
    await street.files()
    assert {"case", "case_event"} <= {one.strip('"') for one in changed(before, await everything())}
