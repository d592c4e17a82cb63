"""A second step that a town demands by duty: set up before anything else, a way back, and nobody else is asked."""

from collections.abc import Awaitable, Callable

from models import Case, SecondFactor
from services.staff_logins import StaffLogins
from tests.console.clerk import PASSWORD, Clerk
from tests.console.test_scan_sign_in import ENTER, asks, bound
from tests.console.test_second_factor import CODE, SET_UP, sends, signs_in, switched_on
from tests.console.test_settings import FORM, PAGE, form
from tests.factories import GRID, PHONES
from tests.phone import Wechat
from tests.services.conftest import Street

ComesIn = Callable[[str], Awaitable[Clerk]]
DEMANDED = "您的岗位要求两步验证"


async def demands(clerk: Clerk, duty: str) -> None:
    """The commander says on the page of settings of whom the town demands it."""
    fields = {**form(await clerk.opens(PAGE), "console"), "second_step": duty}
    await clerk.sends(FORM, fields)


async def test_whoever_owes_it_sets_it_up_first_and_reaches_nothing_else(street: Street, comes_in: ComesIn) -> None:
    secretary, commander = await comes_in("secretary"), await comes_in("commander")
    open_form = (await commander.opens("/console/cases/new")).hidden("/console/cases/new")
    await demands(commander, "commander")
    # Also whoever is signed in already, and whoever has just demanded it; a form that was open does nothing.
    for path in ("/console/", "/console/cases", PAGE, "/console/audit"):
        page = await commander.opens(path)
        assert (page.path, DEMANDED in page.words) == (SET_UP, True), path
    sent = await commander.sends("/console/cases/new", {**open_form, "grid": GRID, "words": "路灯坏了"})
    assert (sent.path, await Case.all().count()) == (SET_UP, 0)
    assert (await commander.opens("/console/password")).path == "/console/password"
    assert (await secretary.opens("/console/cases")).path == "/console/cases"
    await switched_on(street, commander)
    assert (await commander.opens("/console/cases")).path == "/console/cases"
    assert (await signs_in(commander)).path == CODE


async def test_a_lost_phone_locks_nobody_out_for_good(street: Street, comes_in: ComesIn, logins: StaffLogins) -> None:
    clerk = await comes_in("commander")
    await demands(clerk, "commander")
    _, codes = await switched_on(street, clerk)
    # The paper opens the door, and with it the old phone is given up; at once a new one is wanted.
    inside = await sends(clerk, CODE, await signs_in(clerk), code=codes[0])
    assert inside.path == "/console/"
    page = await clerk.opens(SET_UP)
    off = await sends(clerk, f"{SET_UP}/end", page, password=PASSWORD, code=codes[1])
    assert DEMANDED in off.words
    assert (await clerk.opens("/console/cases")).path == SET_UP
    await switched_on(street, clerk)
    # Phone and paper lost: a password from the town, one of their own, and then a new second step.
    one_time = await logins.give(PHONES["commander"])
    clerk.forgets()
    page = await clerk.signs_in(PHONES["commander"], one_time)
    assert (page.path, (await clerk.opens(SET_UP)).path) == ("/console/password", "/console/password")
    given = {
        **page.hidden("/console/password"),
        "old": one_time,
        "new": "听取蛙声一片-2027",
        "again": "听取蛙声一片-2027",
    }
    assert (await clerk.sends("/console/password", given)).path == SET_UP
    assert await SecondFactor.all().count() == 0


async def test_a_scan_of_the_own_wechat_shows_the_phone(
    street: Street, wechat: Wechat, comes_in: ComesIn, stranger: Clerk
) -> None:
    await demands(await comes_in("commander"), "village_secretary")
    phone = await bound(street, wechat, "secretary")
    page, scene = await asks(stranger)
    await phone.scan(scene)
    await phone.say("1")
    assert (await sends(stranger, ENTER, page)).path == "/console/"
    assert (await stranger.opens("/console/cases")).path == "/console/cases"
