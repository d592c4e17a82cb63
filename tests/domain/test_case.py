"""The table of moves, cell by cell, against one typed by hand."""

import itertools
import runpy
from pathlib import Path

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

DOCS = Path(__file__).parents[2] / "docs"

# One line for each action, one column for each status; in a cell: who may ("r" resident, "h" holder, "e" helper, "o"
# overseer, "s" system), then the status that it leads to by its letter. "." is never possible. Written from DOMAIN §2
# and the notices, not from the code.
TABLE = """
action     draft  submitted  accepted  suspended  resolved  closed  declined  withdrawn  merged
submit     r>S    .          .         .          .         .       .         .          .
add        r>D    r>S        r>A       r>P        r>R       .       .         .          r>M
accept     .      ho>A       .         .          .         .       .         .          .
reply      .      ho>A       heo>A     heo>P      ho>R      .       .         .          .
resolve    .      ho>R       ho>R      ho>R       .         .       .         .          .
report_up  .      h>S        h>S       .          .         .       .         .          .
return     .      ho>S       ho>S      .          .         .       .         .          .
dispatch   .      ho>S       ho>S      .          .         .       .         .          .
co_handle  .      h>A        h>A       .          .         .       .         .          .
transfer   .      ho>S       ho>S      .          .         .       .         .          .
decline    .      h>N        h>N       .          .         .       .         .          .
merge      .      ho>M       ho>M      .          .         .       .         .          .
remind     .      ro>S       ro>A      ro>P       .         .       .         .          .
suspend    .      h>P        h>P       h>P        .         .       .         .          .
resume     .      .          .         hos>A      .         .       .         .          .
climb      .      s>S        s>S       .          .         .       .         .          .
assign     .      s>S        s>S       s>P        .         .       .         .          .
withdraw   .      r>W        r>W       r>W        .         .       .         .          .
rate       .      .          .         .          r>C       .       .         .          .
reopen     .      .          .         .          r>S       .       r>S       .          rs>S
complain   .      r>S        r>A       r>P        r>R       r>C     r>N       r>W        r>M
close      .      .          .         .          s>C       .       .         .          .
"""
WHO = {"r": "resident", "h": "holder", "e": "helper", "o": "overseer", "s": "system"}
AFTER = {
    "D": "draft",
    "S": "submitted",
    "A": "accepted",
    "P": "suspended",
    "R": "resolved",
    "C": "closed",
    "N": "declined",
    "W": "withdrawn",
    "M": "merged",
}


def cells() -> dict[tuple[str, str], str]:
    head, *lines = [line.split() for line in TABLE.strip().splitlines()]
    return {(status, line[0]): cell for line in lines for status, cell in zip(head[1:], line[1:], strict=True)}


CELLS = cells()


def test_the_table_here_has_every_status_and_every_action() -> None:
    assert {status for status, _ in CELLS} == {str(status) for status in Status}
    assert {action for _, action in CELLS} == {str(action) for action in Action}


def test_every_cell_for_everything_that_a_person_can_be_at_once() -> None:
    every = [set(roles) for size in range(1, len(Role) + 1) for roles in itertools.combinations(Role, size)]
    for (status, action), cell in CELLS.items():
        who, _, after = cell.partition(">")
        allowed = {WHO[letter] for letter in who if letter != "."}
        for roles in every:
            if allowed & {str(role) for role in roles}:
                assert str(move(Status(status), Action(action), by=roles)) == AFTER[after], (status, action, roles)
                continue
            with pytest.raises(IllegalMove) as refused:
                move(Status(status), Action(action), by=roles)
            facts = refused.value.facts
            assert (facts["status"], facts["action"]) == (status, action)
            # Where another role may, the refusal says who; where nobody may, it does not pretend that somebody could.
            assert {str(one) for one in facts.get("who", ())} == allowed


def test_the_page_of_moves_is_that_of_the_code() -> None:
    made = runpy.run_path(str(DOCS / "moves.py"))
    assert (DOCS / "moves.md").read_text("utf-8") == made["page"](), "run: python docs/moves.py"


def test_nobody_at_all_may_do_nothing() -> None:
    for status, action in MOVES:
        with pytest.raises(IllegalMove):
            move(status, action, by=set())


def test_only_the_resident_or_time_can_open_again_what_has_ended() -> None:
    ended = {Status.CLOSED, Status.DECLINED, Status.WITHDRAWN, Status.MERGED}
    assert not ended & OPEN
    leading_out = {
        (status, action): may for (status, action), (after, may) in MOVES.items() if status in ended - {after}
    }
    assert leading_out == {
        (Status.DECLINED, Action.REOPEN): {Role.RESIDENT},
        (Status.MERGED, Action.REOPEN): {Role.RESIDENT, Role.SYSTEM},
    }


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


def test_moves_that_ask_or_tell_something_need_words() -> None:
    assert {str(action) for action in NEEDS_NOTE} == {
        *("add", "reply", "resolve", "report_up", "return", "decline"),
        *("dispatch", "co_handle", "suspend", "complain"),
    }


def test_a_return_goes_one_level_down_and_never_below_the_grid() -> None:
    assert [after_return(level) for level in (2, 3, 4, 5)] == [1, 2, 3, 4]
    with pytest.raises(IllegalMove) as refused:
        after_return(Level.GRID)
    assert refused.value.facts == {"action": "return", "level": 1}


def test_the_first_complaint_stays_and_every_later_one_goes_up_as_far_as_there_is_an_up() -> None:
    assert [reopened_level(1, times) for times in (0, 1, 2, 3)] == [1, 2, 2, 2]
    assert [reopened_level(level, 0) for level in Level] == [1, 2, 3, 4, 5]
    assert [reopened_level(level, 1) for level in Level] == [2, 3, 4, 5, 5]
