"""Content safety: what is risky waits for the town, unseen below; what is urgent or could not be looked at does not."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.moderation_words import WordList
from app.settings import Settings
from domain.case import Action
from domain.errors import BadInput, IllegalMove, NotFound
from models import Case, EventType, SafetyCheck
from services.access import Actor
from services.case_search import Filters
from services.cases import Filing
from tests.factories import GRID
from tests.services.conftest import Street, at_once

RISKY, REVIEW = "【违规内容】", "【存疑内容】"
CHECK = "/wxa/msg_sec_check"
BORN = {"created_at": datetime(2026, 1, 1, tzinfo=UTC)}


@pytest.fixture
def words(tmp_path: Path) -> Path:
    file = tmp_path / "words.txt"
    file.write_text("# 示例\n\n代开发票\n", "utf-8")
    return file


@pytest.fixture
def settings(settings: Settings, words: Path) -> Settings:
    return Settings.model_validate({**settings.model_dump(), "safety": {"words": words, "wechat": True}})


async def mini(street: Street, name: str = "王阿姨") -> Actor:
    """Somebody who has just signed in to the mini program."""
    phone = street.world.phones.make(name)
    code = street.world.logins.make(phone.id, "login", street.world.clock.now())
    return (await street.desk.sessions.sign_in(code.text)).actor


async def files(street: Street, by: Actor, text: str, *, urgent: bool = False) -> Case:
    judged = await street.desk.safety.judge(by.person_id, text)
    return await street.desk.cases.file(by, Filing(grid=GRID, description=text, urgent=urgent, judged=judged))


async def sees(street: Street, who: str | Actor, case: Case) -> bool:
    """In full, in the lists, by its words, and in the queue: everywhere or nowhere."""
    actor = await street.actor(who) if isinstance(who, str) else who
    number = case.number or 0
    try:
        await street.desk.queues.one(actor, number)
        full = True
    except NotFound:
        full = False
    for wanted in (Filters(), Filters(words="发票"), Filters(region=GRID)):
        listed = await street.desk.queues.listed(actor, wanted)
        assert (number in [line.number for line in listed.items]) is full
    return full


@pytest.mark.parametrize("text", ["代开发票 找我", f"发票 {RISKY}", f"发票 {REVIEW}"], ids=["list", "risky", "review"])
async def test_what_is_risky_lies_with_the_town_and_nobody_below_sees_it(street: Street, text: str) -> None:
    resident = await mini(street)
    case = await files(street, resident, text)
    commander = await street.actor("commander")
    assert (case.kind, case.status, case.level, case.holder_id) == ("held", "submitted", 3, commander.person_id)
    assert await street.told(commander) == ["held"]
    for who in ("worker", "cover", "chief", "secretary", "inspector"):
        assert not await sees(street, who, case), who
        assert (await street.desk.queues.mine(await street.actor(who))).items == []
    assert await sees(street, "commander", case)
    assert await sees(street, resident, case)


async def test_released_it_goes_to_the_grid_as_if_it_had_just_been_filed(street: Street) -> None:
    resident = await mini(street)
    case = await files(street, resident, "代开发票 找我")
    commander, worker = await street.actor("commander"), await street.actor("worker")
    (line,) = await street.desk.cases.held_for(commander)
    assert (line.number, line.state, line.why) == (case.number, "held", "word 代开发票")
    released = await street.desk.cases.release(commander, case.number or 0)
    assert (released.kind, released.level, released.holder_id) == ("case", 1, worker.person_id)
    assert (await street.told(worker), await street.told(resident)) == (["new_case"], ["let_go_on"])
    assert await sees(street, "worker", case)
    assert await street.desk.cases.held_for(commander) == []
    kept = await SafetyCheck.get()
    assert (kept.state, kept.decided_by_id) == ("released", commander.person_id)


async def test_nobody_says_of_what_type_it_is_before_it_is_released_so_no_alarm_carries_it_down(street: Street) -> None:
    await EventType.create(code="gas", name="燃气", category="public_safety", state="approved", urgent=True, **BORN)
    case = await files(street, await mini(street), "代开发票 找我")
    commander = await street.actor("commander")
    with pytest.raises(IllegalMove) as refused:
        await street.desk.event_types.classify(commander, case.number or 0, "gas")
    assert refused.value.facts["why"] == "held"
    assert await street.told(await street.actor("worker")) == []
    await street.desk.cases.release(commander, case.number or 0)
    assert (await street.desk.event_types.classify(commander, case.number or 0, "gas")).urgent


async def test_whoever_may_let_it_go_on_may_turn_it_down_too(street: Street) -> None:
    resident = await mini(street)
    case = await files(street, resident, "代开发票 找我")
    above = await street.actor("county")
    assert [line.number for line in await street.desk.cases.held_for(above)] == [case.number]
    declined = await street.desk.cases.turn_down(above, case.number or 0, "广告")
    assert declined.status == "declined"
    assert await street.told(resident) == ["declined"]


async def test_turned_down_its_resident_reads_why_and_may_appeal(street: Street) -> None:
    resident, commander = await mini(street), await street.actor("commander")
    case = await files(street, resident, "代开发票 找我")
    number = case.number or 0
    with pytest.raises(BadInput):
        await street.desk.cases.turn_down(commander, number, " ")
    down = await street.desk.cases.turn_down(commander, number, "里面有广告")
    assert (down.status, down.kind) == ("declined", "held")
    assert await street.told(resident) == ["declined"]
    assert not await sees(street, "worker", case)
    appealed = await street.desk.cases.act(resident, number, Action.REOPEN, note="真的是被骗了")
    assert (appealed.status, appealed.kind) == ("submitted", "held")
    assert not await sees(street, "worker", case)
    # It is looked at by somebody else than who has turned it down.
    county = await street.actor("county")
    assert [(line.number, line.state) for line in await street.desk.cases.held_for(county)] == [(number, "held")]
    assert (await street.desk.cases.release(county, number)).kind == "case"
    assert await sees(street, "worker", case)
    assert (await SafetyCheck.get()).state == "released"


async def test_while_it_is_held_staff_decide_and_do_nothing_else_and_its_resident_may_go_on(street: Street) -> None:
    resident, commander = await mini(street), await street.actor("commander")
    number = (await files(street, resident, "代开发票 找我")).number or 0
    for action in (Action.ACCEPT, Action.REPLY, Action.RESOLVE, Action.REPORT_UP, Action.DECLINE, Action.TRANSFER):
        with pytest.raises(IllegalMove) as refused:
            await street.desk.cases.act(commander, number, action, note="x", to=GRID)
        assert refused.value.facts["why"] == "held"
    with pytest.raises(NotFound):
        await street.desk.cases.release(await street.actor("worker"), number)
    with pytest.raises(IllegalMove):
        await street.desk.cases.release(resident, number)
    assert (await street.desk.cases.act(resident, number, Action.REMIND)).kind == "held"
    assert (await street.desk.cases.act(resident, number, Action.WITHDRAW)).status == "withdrawn"
    with pytest.raises(IllegalMove) as over:
        await street.desk.cases.release(commander, number)
    assert over.value.facts["why"] == "not_held"


async def test_two_who_decide_at_once_decide_once(street: Street) -> None:
    resident, commander = await mini(street), await street.actor("commander")
    number = (await files(street, resident, "代开发票 找我")).number or 0
    answers = await at_once(
        *(street.desk.cases.release(commander, number) for _ in range(3)),
        street.desk.cases.turn_down(commander, number, "广告"),
    )
    assert sum(isinstance(answer, Case) for answer in answers) == 1
    assert await SafetyCheck.filter(state__in=["released", "turned_down"]).count() == 1


async def test_a_held_case_that_nobody_looks_at_climbs_and_stays_unseen_below(street: Street) -> None:
    await street.at("2027-03-01 10:00")
    case = await files(street, await mini(street), "代开发票 找我")
    await street.at("2027-03-02 10:00")
    assert await street.desk.cases.climb_overdue() == 1
    county = await street.actor("county")
    assert await sees(street, county, case)
    assert not await sees(street, "worker", case)
    assert (await street.desk.cases.release(county, case.number or 0)).level == 1


async def test_what_is_urgent_passes_at_once_and_is_marked(street: Street) -> None:
    case = await files(street, await mini(street), "代开发票的把人打了", urgent=True)
    assert (case.kind, case.level) == ("case", 1)
    assert "new_case" in await street.told(await street.actor("worker"))
    (line,) = await street.desk.cases.held_for(await street.actor("commander"))
    assert (line.number, line.state) == (case.number, "marked")


@pytest.mark.parametrize("how", [{"status": 503}, {"errcode": -1}, {"errcode": 61010}, {"errcode": 45009}])
async def test_a_moderator_that_is_away_keeps_nobody_from_being_heard(street: Street, how: dict[str, object]) -> None:
    street.fails(CHECK, times=1, **how)
    case = await files(street, await mini(street), f"发票 {RISKY}")
    assert (case.kind, case.level) == ("case", 1)
    assert (await SafetyCheck.get()).state == "unchecked"
    assert await street.desk.safety.check_again() == 0
    await street.advance(301)
    assert await street.desk.safety.check_again() == 1
    (line,) = await street.desk.cases.held_for(await street.actor("commander"))
    assert (line.number, line.state) == (case.number, "marked")
    assert (await Case.get(id=case.id)).kind == "case"
    await street.advance(301)
    assert await street.desk.safety.check_again() == 0


async def test_what_was_fine_after_all_leaves_no_trace(street: Street) -> None:
    street.fails(CHECK, times=1, status=503)
    await files(street, await mini(street), "路灯坏了")
    await street.advance(301)
    assert await street.desk.safety.check_again() == 1
    assert await SafetyCheck.all().count() == 0


async def test_what_stays_unchecked_is_tried_for_a_day_and_no_longer(street: Street) -> None:
    street.fails(CHECK, status=503)
    await files(street, await mini(street), "路灯坏了")
    await street.advance(23 * 3600)
    await street.desk.safety.check_again()
    calls = street.calls(CHECK)["http 503"]
    await street.advance(2 * 3600)
    await street.desk.safety.check_again()
    assert street.calls(CHECK)["http 503"] == calls == 2


async def test_what_is_fine_is_filed_as_ever_and_leaves_no_trace(street: Street) -> None:
    case = await files(street, await mini(street), "路灯坏了")
    assert (case.kind, case.level) == ("case", 1)
    assert street.calls(CHECK)["0"] == 1
    assert await SafetyCheck.all().count() == 0


def test_words_are_found_however_they_are_written_and_the_file_is_read_again(words: Path) -> None:
    found = WordList(words)
    for text in ("代开发票", "我要代 开 发 票！", "代*开*发*票", "帮您代开发票，联系"):
        assert found.found(text) == "代开发票", text
    assert found.found("开代发票") == ""
    words.write_text("ＡＢＣ网\n", "utf-8")
    assert found.found("上abc 网看看") == "ＡＢＣ网"
    assert found.found("代开发票") == ""
    words.unlink()
    assert found.found("abc网") == ""
    assert WordList(None).found("代开发票") == ""
