"""What must hold of a case whatever has happened: a small model in plain Python, read off the table of moves."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.case import MOVES, RUNNING, Action, Level, Role, Status, reopened_level

Row = Mapping[str, Any]

ENDED = frozenset({Status.CLOSED, Status.DECLINED, Status.WITHDRAWN, Status.MERGED})
TOLD: Mapping[Action, frozenset[str]] = {
    Action.RESOLVE: frozenset({"resolved"}),
    Action.DECLINE: frozenset({"declined"}),
    Action.CLOSE: frozenset({"closed_unrated"}),
    Action.MERGE: frozenset({"merged"}),
}
"""What the resident must have been told after a step that ends a case, or that says it is done."""
FOLLOWERS_TOLD: Mapping[Action, frozenset[str]] = {
    Action.RESOLVE: frozenset({"follow_resolved"}),
    Action.DECLINE: frozenset({"follow_declined"}),
    Action.CLOSE: frozenset({"follow_closed"}),
    Action.RATE: frozenset({"follow_closed"}),
}
"""And whoever's case follows it."""

MAY_BE_REFUSED = frozenset(
    {
        Action.REPORT_UP,
        Action.RETURN,
        Action.DISPATCH,
        Action.CO_HANDLE,
        Action.TRANSFER,
        Action.MERGE,
        Action.SUSPEND,
        Action.REOPEN,
        Action.REMIND,
        Action.COMPLAIN,
    }
)
"""Steps for which the table alone is not enough: somebody must be there, the day must lie ahead, and so on."""


def legal(status: Status, action: Action, roles: Iterable[Role]) -> bool:
    found = MOVES.get((status, action))
    return found is not None and bool(found[1] & {*roles})


def check_step(
    action: Action, before: tuple[Status, int], after: tuple[Status, int], *, reopened: int, department: bool = False
) -> None:
    """Whether a step that was taken has led where the table says; *department*: it lay with a department before."""
    assert MOVES[before[0], action][0] == after[0], (action, before, after)
    low, high = before[1], after[1]
    match action:
        case Action.REPORT_UP | Action.CLIMB:
            assert high > low, (action, before, after)
        case Action.RETURN if department:
            assert high == low, (action, before, after)  # to the place that dispatched it
        case Action.RETURN:
            assert high < low, (action, before, after)
        case Action.REOPEN if before[0] is Status.RESOLVED:
            assert (high == low) if reopened_level(low, reopened) == low else (high >= low), (before, after, reopened)
        case Action.REOPEN | Action.DISPATCH | Action.TRANSFER | Action.ASSIGN:
            assert high in {*Level}
        case _:
            assert high == low, (action, before, after)


def check_timeline(case: Row, events: Sequence[Row]) -> None:
    """From the first row on, the table of moves leads to where the case is now, and no row is missing in between."""
    assert events, case["number"]
    assert (events[0]["action"], events[0]["from_status"]) == (Action.SUBMIT, Status.DRAFT), events[0]
    status, level, reopened = Status.DRAFT, int(events[0]["from_level"]), 0
    at: datetime = events[0]["at"]
    dispatched = False
    for event in events:
        action = Action(event["action"])
        assert (event["from_status"], event["from_level"]) == (status, level), (case["number"], event)
        assert event["at"] >= at, (case["number"], at, event)
        after = (Status(event["to_status"]), int(event["to_level"]))
        if action is not Action.SUBMIT:
            # Where it lay is not in its history; a department is one of the same level.
            dispatched = dispatched or (action is Action.DISPATCH and after[1] == level)
            back = dispatched and after[1] == level
            check_step(action, (status, level), after, reopened=reopened, department=back)
        assert Role(event["role"]) in MOVES[status, action][1], (case["number"], event)
        reopened += action is Action.REOPEN and status is Status.RESOLVED
        (status, level), at = after, event["at"]
    assert (case["status"], case["level"]) == (status, level), (case["number"], events[-1])
    assert case["holder_id"] == events[-1]["holder_id"], (case["number"], case["holder_id"], events[-1])


def check_clocks(case: Row) -> None:
    """One deadline runs or none."""
    number = case["number"]
    if case["status"] in RUNNING:
        assert case["next_due"] is not None, number
        assert case["next_due"] in (case["accept_due"], case["resolve_due"]), number
        assert case["sweep_at"] is None or case["sweep_at"] in (case["accept_due"], case["resolve_due"]), number
    else:
        assert case["next_due"] is None, (number, case["status"])
        assert case["sweep_at"] is None, (number, case["status"])
        assert case["remind_at"] is None, (number, case["status"])
    assert (case["ended_at"] is not None) == (case["status"] in ENDED), (number, case["status"])


def check_told(case: Row, events: Sequence[Row], told: Sequence[Row], followed: Sequence[Row]) -> None:
    """Every end, and every result, has reached the resident; also the end of the case that theirs follows."""
    for event in (*events, *followed):
        action = Action(event["action"])
        wanted = (TOLD if event["case_id"] == case["id"] else FOLLOWERS_TOLD).get(action)
        if wanted is None or event["person_id"] == case["resident_id"]:
            continue
        assert any(
            one["person_id"] == case["resident_id"] and one["created_at"] >= event["at"] and one["kind"] in wanted
            for one in told
        ), (case["number"], action, [one["kind"] for one in told if one["person_id"] == case["resident_id"]])
