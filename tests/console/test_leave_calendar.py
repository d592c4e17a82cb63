"""请假: who is away and who covers, of one's own subtree; entered for a worker, and ended."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from models import Case, HeldDuty, Leave, Person
from tests.console.clerk import Clerk, Page
from tests.services.conftest import NAMES, Street

ComesIn = Callable[[str], Awaitable[Clerk]]


async def post_of(who: str) -> HeldDuty:
    return await HeldDuty.get(person_id=(await Person.get(name=NAMES[who])).id)


async def enters(clerk: Clerk, held: HeldDuty, **fields: str) -> Page:
    path = f"/console/posts/{held.id}/leave"
    return await clerk.sends(path, {**(await clerk.opens(path)).hidden(path), **fields})


async def test_a_leave_with_its_cover_is_entered_shown_and_ended(street: Street, comes_in: ComesIn) -> None:
    await street.at("2027-03-01 09:00")
    case = await street.files()
    clerk, held = await comes_in("secretary"), await post_of("worker")
    chief = await street.actor("chief")
    page = await enters(
        clerk, held, first="2027-03-01", last="2027-03-03", cover=str(chief.person_id), reason="家里有事"
    )
    assert page.path == "/console/leaves?month=2027-03&done=entered"
    assert page.text.count('<span class="away">李卫国→赵建军</span>') == 3
    assert "家里有事" in page.words
    assert (await post_of("worker")).cover_id == chief.person_id
    await street.work()
    assert (await Case.get(id=case.id)).holder_id == chief.person_id
    assert "you_cover" in await street.told(chief)
    assert "leave_approved" in await street.told(await street.actor("worker"))
    # Of another month, another village and a stranger's browser there is nothing of it.
    assert "李卫国" not in (await clerk.opens("/console/leaves?month=2027-04")).words
    assert "李卫国" in (await (await comes_in("commander")).opens("/console/leaves?month=2027-03")).words

    leave = await Leave.get(person_id=held.person_id)
    path = f"/console/leaves/{leave.id}/end"
    given = page.hidden(path)
    assert (await clerk.sends(path, {**given, "csrf": "x" * 22})).status == 403
    await street.advance(3600)
    done = await clerk.sends(path, given)
    assert "已经销假" in done.words
    assert (await Leave.get(id=leave.id)).ends_at <= street.desk.clock.now()
    assert (await clerk.sends(path, given)).path == done.path
    assert (await clerk.sends(path, {**given, "once": "another"})).status == 409


async def test_the_same_form_twice_is_one_leave_and_a_bad_one_none(street: Street, comes_in: ComesIn) -> None:
    await street.at("2027-03-01 09:00")
    clerk, held = await comes_in("secretary"), await post_of("worker")
    path = f"/console/posts/{held.id}/leave"
    given = {**(await clerk.opens(path)).hidden(path), "first": "2027-03-02", "last": "2027-03-02"}
    for fields, words in (
        ({"first": "x"}, "从哪天到哪天"),
        ({"last": "2027-03-01"}, "不能早于第一天"),
        ({"first": "2027-02-01", "last": "2027-02-02"}, "已经过去"),
        ({"cover": "999999"}, "从列表里选"),
        ({"last": "2027-08-01"}, "太长了"),
    ):
        page = await clerk.sends(path, {**given, **fields})
        assert page.status == 422
        assert words in page.words
    assert await Leave.all().count() == 0
    first, again = await clerk.sends(path, given), await clerk.sends(path, given)
    assert first.path == again.path
    assert await Leave.all().count() == 1
    assert "已经请过假" in (await enters(clerk, held, first="2027-03-02", last="2027-03-02")).words


async def test_nobody_enters_a_leave_for_whoever_is_not_below_them(street: Street, comes_in: ComesIn) -> None:
    await street.at("2027-03-01 09:00")
    secretary, inspector = await comes_in("secretary"), await comes_in("inspector")
    for who in ("chief", "secretary", "commander", "county"):
        assert (await secretary.opens(f"/console/posts/{(await post_of(who)).id}/leave")).status == 404, who
    worker = await post_of("worker")
    assert (await inspector.opens(f"/console/posts/{worker.id}/leave")).status == 404
    assert "没有人请假" in (await inspector.opens("/console/leaves")).words
    now = street.desk.clock.now()
    boss = await street.actor("commander")
    leave = await street.desk.leaves.ask(boss, now, now + timedelta(days=1))
    own = (await secretary.opens(f"/console/posts/{worker.id}/leave")).hidden(f"/console/posts/{worker.id}/leave")
    assert (await secretary.sends(f"/console/leaves/{leave.id}/end", own)).status == 404
    assert (await Leave.get(id=leave.id)).state != "cancelled"


async def test_what_a_worker_asks_for_is_approved_or_refused_with_a_reason(street: Street, comes_in: ComesIn) -> None:
    await street.at("2027-03-01 09:00")
    clerk, now = await comes_in("secretary"), street.desk.clock.now()
    for who in ("worker", "cover"):
        await street.desk.leaves.ask(await street.actor(who), now, now + timedelta(days=1))
    first, second = await Leave.all().order_by("id")
    page = await clerk.opens("/console/leaves")
    assert "待批" in page.words
    given = page.hidden(f"/console/leaves/{first.id}/answer")
    silent = await clerk.sends(f"/console/leaves/{first.id}/answer", {**given, "answer": "no"})
    assert silent.status == 422
    assert "不准假要写一句原因" in silent.words
    for leave, answer, note, state in ((first, "yes", "", "approved"), (second, "no", "这几天人手不够", "refused")):
        path = f"/console/leaves/{leave.id}/answer"
        done = await clerk.sends(path, {**page.hidden(path), "answer": answer, "note": note})
        assert f"done={state}" in done.path
        assert (await Leave.get(id=leave.id)).state == state
    again = await clerk.sends(f"/console/leaves/{second.id}/answer", {**given, "once": "another", "answer": "yes"})
    assert again.status == 409
    assert "已经批过" in again.words
