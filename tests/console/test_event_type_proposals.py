"""新事项准入 in the console: asked for by a department, decided by somebody else with a reason, all of it kept."""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from domain.event_list import Category
from models import EventType, RuleChange
from services.event_types import Proposal
from tests.console.clerk import Clerk, Page
from tests.console.rows import an_event_type
from tests.services.conftest import Street

ComesIn = Callable[[str], Awaitable[Clerk]]
HERE = "/console/event-type-proposals"
WISH = {
    "name": "长椅 损坏",
    "category": "城市管理",
    "parent_code": "light",
    "department": "城管办",
    "accept_hours": "4",
    "resolve_days": "2.5",
    "usual_level": "village",
    "photos": "both",
    "class": "B",
    "keywords": "长椅、凳子坏",
    "reason": "居民常反映，城管办派人修",
}


async def asks(clerk: Clerk, **fields: str) -> Page:
    return await clerk.sends(HERE, {**(await clerk.opens(HERE)).hidden(HERE), **WISH, **fields})


async def decides(clerk: Clerk, code: str, **fields: str) -> Page:
    where = f"{HERE}/{quote(code)}"
    return await clerk.sends(where, {**(await clerk.opens(where)).hidden(where), **fields})


async def test_a_department_asks_somebody_else_approves_and_the_history_has_both(
    street: Street, comes_in: ComesIn
) -> None:
    await an_event_type(street)
    officer, commander = await comes_in("county"), await comes_in("commander")
    for wrong, said in (
        ({"resolve_days": "很快"}, "resolve_days 列"),
        ({"category": "环境保护"}, "不是同一大类"),
        ({"reason": " "}, "还没写原因"),
        ({"name": "路灯", "code": "lamp2"}, "已经有一项叫“路灯”"),
        ({"code": "light"}, "代码“light”已经有了"),
    ):
        page = await asks(officer, **wrong)
        assert (page.status in {409, 422}, said in page.words) == (True, True), (wrong, page.words)
        assert 'value="城管办"' in page.text, "what was written is still there"
    assert (await EventType.all().count(), await RuleChange.all().count()) == (1, 0)
    form = {**(await officer.opens(HERE)).hidden(HERE), **WISH}
    twice = await asyncio.gather(officer.sends(HERE, form), officer.sends(HERE, form))
    assert [(one.status, "提出来了" in one.words) for one in twice] == [(200, True)] * 2
    made = await EventType.get(code="长椅损坏")
    assert (made.state, made.resolve_days, made.usual_level, made.keywords) == ("proposed", 2.5, 2, ["长椅", "凳子坏"])
    assert "这是您提的" in twice[0].words
    assert "有 1 项新提出来的事项等着定" in (await commander.opens("/console/event-types")).words
    assert "长椅 损坏" in (await commander.opens(HERE)).words
    done = await decides(commander, made.code, decision="approve", reason="")
    assert (done.status, "已经进清单" in done.words) == (200, True)
    assert "已进清单" in (await officer.opens(HERE)).words
    history = await commander.opens(f"/console/event-types/{quote(made.code)}")
    assert ("状态：提出来了 → 在用" in history.words, "提出来的，居民常反映" in history.words) == (True, True)
    trail = (await commander.opens("/console/audit?kind=rules")).words
    assert ("周科长 · 长椅 损坏" in trail, "孙指挥 · 长椅 损坏" in trail) == (True, True)
    # What was decided is not undone behind its back; the list has a state for what is not wanted any more.
    assert 'value="undo"' not in history.text
    step = await RuleChange.filter(key=made.code).order_by("-id").first()
    assert step is not None
    where = f"/console/event-types/{quote(made.code)}"
    forged = {**history.hidden(where, "edit"), "action": "undo", "change": f"{step.id}"}
    assert "准入是定过的" in (await commander.sends(where, forged)).words
    assert (await EventType.get(code=made.code)).state == "approved"


async def test_a_refusal_has_a_reason_that_the_proposer_reads_and_of_two_who_decide_one_is_late(
    street: Street, comes_in: ComesIn
) -> None:
    commander, officer, secretary = await comes_in("commander"), await comes_in("county"), await comes_in("secretary")
    await asks(officer, parent_code="", code="bench")
    silent = await decides(commander, "bench", decision="refuse", reason="")
    assert (silent.status, "还没写原因" in silent.words) == (422, True)
    place = f"{HERE}/bench"
    forms = [(await commander.opens(place)).hidden(place) for _ in range(2)]
    both = await asyncio.gather(
        commander.sends(place, {**forms[0], "decision": "approve", "reason": ""}),
        commander.sends(place, {**forms[1], "decision": "refuse", "reason": "网格管不了"}),
    )
    assert sorted(one.status for one in both) == [200, 409]
    assert sum("刚有人定过了" in one.words for one in both) == 1
    await EventType.filter(code="bench").update(state="proposed", decided_at=None)
    assert "没有同意" in (await decides(commander, "bench", decision="refuse", reason="网格管不了")).words
    answered = (await officer.opens(HERE)).words
    assert ("没有同意" in answered, "孙指挥：“网格管不了”" in answered) == (True, True)
    assert (await officer.opens("/console/event-types/bench")).path == f"{HERE}/bench"
    # Nobody about their own, and a village's secretary neither asks nor decides nor reads.
    mine = Proposal("mine", "我提的", Category.ERRANDS, "有用")
    await street.desk.event_types.propose(await street.actor("commander"), mine)
    token = (await commander.opens(HERE)).hidden(HERE)
    own = await commander.sends(f"{HERE}/mine", {**token, "decision": "approve", "reason": ""})
    assert (own.status, "要由别人来定" in own.words) == (403, True)
    refused = await officer.sends(f"{HERE}/mine", {**(await officer.opens(HERE)).hidden(HERE), "decision": "approve"})
    assert (refused.status, "由指挥长和管理员来定" in refused.words) == (403, True)
    assert (await secretary.opens(HERE)).status == 403
    assert (await EventType.get(code="mine")).state == "proposed"
    assert (await commander.opens(f"{HERE}/nothing")).status == 404
