"""The table of moves, cell by cell, against one typed by hand."""

import itertools

import pytest

from domain.case import (
    MOVES,
    NEEDS_NOTE,
    OPEN,
    RUNNING,
    Action,
    Level,
    Role,
    Status,
    after_return,
    move,
    reopened_level,
)
from domain.errors import IllegalMove

# One line for each status, one column for each action; in a cell: who may ("r" resident, "h" holder, "o" overseer,
# "s" system), then the status that it leads to by its initials. "." is never possible. Written from DOMAIN §2 and the
# notices, not from the code.
TABLE = """
status     submit  add    accept  reply   resolve  report_up  return  climb  assign  decline  withdraw  remind  rate  reopen  close
draft      r>S     r>D    .       .       .        .          .       .      .       .        .         .       .     .       .
submitted  .       r>S    ho>A    ho>A    ho>R     h>S        ho>S    s>S    s>S     h>N      r>W       ro>S    .     .       .
accepted   .       r>A    .       ho>A    ho>R     h>S        ho>S    s>S    s>S     h>N      r>W       ro>A    .     .       .
suspended  .       .      .       .       .        .          .       .      .       .        .         .       .     .       .
resolved   .       r>R    .       ho>R    .        .          .       .      .       .        .         .       r>C   r>S     s>C
closed     .       .      .       .       .        .          .       .      .       .        .         .       .     .       .
declined   .       .      .       .       .        .          .       .      .       .        .         .       .     .       .
withdrawn  .       .      .       .       .        .          .       .      .       .        .         .       .     .       .
merged     .       .      .       .       .        .          .       .      .       .        .         .       .     .       .
"""  # noqa: E501
WHO = {"r": "resident", "h": "holder", "o": "overseer", "s": "system"}
AFTER = {
    "D": "draft",
    "S": "submitted",
    "A": "accepted",
    "R": "resolved",
    "C": "closed",
    "N": "declined",
    "W": "withdrawn",
}


def cells() -> dict[tuple[str, str], str]:
    head, *lines = [line.split() for line in TABLE.strip().splitlines()]
    return {(line[0], action): cell for line in lines for action, cell in zip(head[1:], line[1:], strict=True)}


CELLS = cells()


def test_the_table_here_has_every_status_and_every_action() -> None:
    assert {status for status, _ in CELLS} == {str(status) for status in Status}
    assert {action for _, action in CELLS} == {str(action) for action in Action}


@pytest.mark.parametrize(("status", "action"), list(itertools.product(Status, Action)), ids=str)
def test_a_cell_of_the_table(status: Status, action: Action) -> None:
    cell = CELLS[str(status), str(action)]
    who, _, after = cell.partition(">")
    allowed = {WHO[letter] for letter in who if letter != "."}
    for role in Role:
        if str(role) in allowed:
            assert str(move(status, action, by={role})) == AFTER[after], role
            continue
        with pytest.raises(IllegalMove) as refused:
            move(status, action, by={role})
        assert refused.value.facts["status"] == str(status)
        assert refused.value.facts["action"] == str(action)
        # Where another role may, the refusal says who; where nobody may, it does not pretend that somebody could.
        assert {str(one) for one in refused.value.facts.get("who", ())} == allowed


@pytest.mark.parametrize("roles", [*itertools.combinations(sorted(Role), 2)], ids="+".join)
def test_one_fitting_role_is_enough(roles: tuple[Role, Role]) -> None:
    for (status, action), cell in CELLS.items():
        allowed = {WHO[letter] for letter in cell.partition(">")[0] if letter != "."}
        if allowed & {str(role) for role in roles}:
            assert str(move(Status(status), Action(action), by=set(roles))) == AFTER[cell[-1]]
        else:
            with pytest.raises(IllegalMove):
                move(Status(status), Action(action), by=set(roles))


def test_nobody_at_all_may_do_nothing() -> None:
    for status, action in MOVES:
        with pytest.raises(IllegalMove):
            move(status, action, by=set())


def test_what_has_ended_stays_ended() -> None:
    ended = {Status.CLOSED, Status.DECLINED, Status.WITHDRAWN, Status.MERGED}
    assert not [status for status, _ in MOVES if status in ended]
    assert not ended & OPEN


def test_every_open_case_can_still_come_to_an_end() -> None:
    reached = {Status.DRAFT}
    while True:
        more = {after for (status, _), (after, _) in MOVES.items() if status in reached} - reached
        if not more:
            break
        reached |= more
    assert {Status.CLOSED, Status.DECLINED, Status.WITHDRAWN} <= reached
    for start in reached & OPEN:
        seen = {start}
        for _ in Status:
            seen |= {after for (status, _), (after, _) in MOVES.items() if status in seen}
        assert Status.CLOSED in seen, start


def test_a_clock_runs_exactly_while_a_holder_owes_work() -> None:
    assert {str(status) for status in RUNNING} == {"submitted", "accepted"}
    assert RUNNING < OPEN


def test_moves_that_tell_the_resident_something_need_words() -> None:
    assert {str(action) for action in NEEDS_NOTE} == {"add", "reply", "resolve", "report_up", "return", "decline"}


def test_a_return_goes_one_level_down_and_never_below_the_grid() -> None:
    assert [after_return(level) for level in (2, 3, 4, 5)] == [1, 2, 3, 4]
    with pytest.raises(IllegalMove) as refused:
        after_return(Level.GRID)
    assert refused.value.facts == {"action": "return", "level": 1}


def test_the_first_complaint_stays_and_every_later_one_goes_up_as_far_as_there_is_an_up() -> None:
    assert [reopened_level(1, times) for times in (0, 1, 2, 3)] == [1, 2, 2, 2]
    assert [reopened_level(level, 0) for level in Level] == [1, 2, 3, 4, 5]
    assert [reopened_level(level, 1) for level in Level] == [2, 3, 4, 5, 5]
