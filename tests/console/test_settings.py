"""设置 at the console: values beside what would hold without them, kept, put back, shown to whom they concern."""

from collections.abc import Awaitable, Callable

from domain.duty import Duty
from models import RuleChange, TownSetting
from services.staff_logins import StaffLogins
from tests.console.clerk import PASSWORD, Clerk, Page
from tests.factories import TOWN
from tests.services.conftest import Street

ComesIn = Callable[[str], Awaitable[Clerk]]
PAGE = "/console/settings"
FORM = f"{PAGE}/{TOWN}"


def form(page: Page, section: str, action: str = "change") -> dict[str, str]:
    """The hidden fields of the form for *section*."""
    part = page.text.split(f'<h2 id="{section}">')[1].split("</section>")[0]
    return Page(page.status, part, page.path, page.headers).hidden(FORM, action)


async def test_a_setting_is_changed_beside_its_default_kept_and_put_back(street: Street, comes_in: ComesIn) -> None:
    clerk = await comes_in("commander")
    page = await clerk.opens(PAGE)
    assert ("雪堰镇的设置" in page.words, "没改过，全系统都是 60 天" in page.words) == (True, True)
    changed = await clerk.sends(FORM, {**form(page, "leave"), "approval": "no", "longest_days": "２０"})
    assert (changed.status, "改好了" in changed.words, "一次最多请：没改过 → 20 天" in changed.words) == (
        200,
        True,
        True,
    )
    assert "改过了。清空就跟上面一样：全系统都是 60 天" in changed.words
    assert (await TownSetting.get()).own == {"approval": False, "longest_days": 20}
    # The page of before: somebody else has saved meanwhile, and what was typed is still there.
    stale = await clerk.sends(FORM, {**form(page, "leave"), "once": "stale", "longest_days": "33"})
    assert (stale.status, "有别人改过这一组" in stale.words, 'value="33"' in stale.text) == (409, True, True)
    again = await clerk.sends(FORM, {**form(stale, "leave"), "longest_days": "33"})
    assert (again.status, (await TownSetting.get()).own) == (200, {"longest_days": 33})
    wrong = await clerk.sends(FORM, {**form(again, "notices"), "approval_above": "很多", "quiet_hours": "22:00-07:00"})
    assert (wrong.status, "要写整数" in wrong.words) == (422, True)
    assert ('value="很多"' in wrong.text, 'value="22:00-07:00"' in wrong.text) == (True, True)
    undo = (await clerk.opens(PAGE)).hidden(FORM, "undo")
    assert "已经改回去了" in (await clerk.sends(FORM, undo)).words
    assert (await TownSetting.get()).own == {"approval": False, "longest_days": 20}
    restored = await clerk.sends(FORM, form(await clerk.opens(PAGE), "leave", "restore"))
    assert ("恢复了" in restored.words, await TownSetting.all().count(), await RuleChange.all().count()) == (True, 0, 4)
    audit = await (await comes_in("inspector")).opens("/console/audit?kind=rules")
    assert "雪堰镇 请假 ：一次最多请：20 天 → 33 天" in audit.words.replace("请假要不要批：不用批 → 没改过；", "")


async def test_others_only_look_and_of_another_town_not_even_that(
    street: Street, comes_in: ComesIn, stranger: Clerk, logins: StaffLogins
) -> None:
    secretary = await comes_in("secretary")
    page = await secretary.opens(PAGE)
    assert ("这里您只能看" in page.words, 'name="longest_days"' in page.text) == (True, False)
    regions = "code,name,level,parent_code,kind\n320412102,漕桥镇,town,320412,\n"
    await street.desk.imports.run(regions.encode(), b"name,phone,duty,region_code,cover_phone\n")
    await logins.set("other.town", Duty.COMMANDER, "320412102", PASSWORD)
    await stranger.signs_in("other.town", PASSWORD)
    assert (await stranger.opens(f"{PAGE}?region={TOWN}")).status == 404
    mine = await stranger.opens(PAGE)
    assert ("漕桥镇的设置" in mine.words, "雪堰镇" in mine.words) == (True, False)
    commander = await comes_in("commander")
    await commander.sends(FORM, {**form(await commander.opens(PAGE), "visits"), "shop_days": "20"})
    assert "商铺" not in (await stranger.opens("/console/audit?kind=rules")).words
    assert "商铺：没改过 → 20 天一次" in (await commander.opens("/console/audit?kind=rules")).words
