"""Two people act on one case in the same millisecond, each on an own connection: nothing is lost or done twice."""

from itertools import pairwise
from typing import Any

from domain.case import MOVES, Action, Status
from domain.errors import IllegalMove
from models import Case, CaseEvent
from services.access import Actor
from tests.services.conftest import Street, at_once
from tests.services.handing import SECOND, officer, with_departments

# Who does what at once to a case that lies with the town's commander, in "submitted" unless it says "accepted".
PAIRS: list[tuple[str, tuple[str, str], tuple[str, str]]] = [
    ("submitted", ("commander", "accept"), ("agent", "accept")),
    ("submitted", ("commander", "dispatch"), ("agent", "dispatch")),
    ("submitted", ("commander", "report_up"), ("agent", "return")),
    ("submitted", ("commander", "resolve"), ("resident", "withdraw")),
    ("submitted", ("commander", "decline"), ("agent", "transfer")),
    ("accepted", ("commander", "resolve"), ("agent", "resolve")),
    ("accepted", ("commander", "co_handle"), ("agent", "co_handle")),
    ("accepted", ("commander", "dispatch"), ("resident", "withdraw")),
    ("accepted", ("commander", "reply"), ("agent", "report_up")),
    ("resolved", ("resident", "rate"), ("resident", "reopen")),
    ("declined", ("resident", "reopen"), ("resident", "reopen")),
]
GIVEN: dict[str, dict[str, Any]] = {
    "dispatch": {"to": "城管办"},
    "transfer": {"to": SECOND},
    "co_handle": {"others": ["水务站"]},
    "rate": {"rating": 5},
}
AGENT = "name,phone,duty,region_code,cover_phone\n郑坐席,13800000021,town_agent,320412101,\n"


async def prepared(street: Street, status: str, people: dict[str, Actor]) -> Case:
    cases = street.desk.cases
    number = (await street.files(people["resident"])).number or 0
    await cases.act(await street.actor("worker"), number, Action.REPORT_UP, note="村")
    await cases.act(await street.actor("chief"), number, Action.REPORT_UP, note="镇")
    step = {"accepted": Action.ACCEPT, "resolved": Action.RESOLVE, "declined": Action.DECLINE}.get(status)
    if step is not None:
        await cases.act(people["commander"], number, step, note="先这样")
    return await Case.get(number=number)


async def act(street: Street, by: Actor, case: Case, action: str) -> Case:
    return await street.desk.cases.act(by, case.number or 0, Action(action), note="意见", **GIVEN.get(action, {}))


async def test_one_wins_and_the_other_learns_how_it_stands_or_goes_on_from_there(street: Street) -> None:
    await with_departments(street)
    await street.desk.imports.run(None, AGENT.encode())
    people = {
        "resident": await street.resident(),
        "commander": await street.actor("commander"),
        "agent": await officer(street, "郑坐席"),
    }
    for status, *pair in PAIRS:
        case = await prepared(street, status, people)
        before = await CaseEvent.filter(case_id=case.id).count()
        answers = await at_once(*(act(street, people[who], case, action) for who, action in pair))
        won = [answer for answer in answers if isinstance(answer, Case)]
        lost = [answer for answer in answers if not isinstance(answer, Case)]
        assert won, (pair, answers)
        events = await CaseEvent.filter(case_id=case.id).order_by("id")
        # As many rows as moves that succeeded, each beginning where the one before has ended.
        assert len(events) - before == len(won), pair
        for earlier, later in pairwise(events):
            assert (later.from_status, later.from_level) == (earlier.to_status, earlier.to_level), pair
            after, _ = MOVES[Status(later.from_status), Action(later.action)]
            assert str(after) == later.to_status
        kept = await Case.get(id=case.id)
        last = events[-1]
        assert (kept.status, kept.level, kept.holder_id, kept.unit_id) == (
            last.to_status,
            last.to_level,
            last.holder_id,
            last.unit_id,
        ), pair
        for refused in lost:
            assert isinstance(refused, IllegalMove), (pair, refused)
            assert refused.facts["status"] == kept.status, pair
