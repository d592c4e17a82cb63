"""The rules of admission, case by case."""

from dataclasses import replace
from datetime import date

import pytest

from domain import admission as rules
from domain.admission import Every, Move, State, Wish
from domain.errors import BadInput, IllegalMove, NotAllowed

WISH = Wish("T", "查九小场所", "每季查一遍", "消防法第六条", Every.QUARTER, "每户 5 元")
LEADS = {
    (State.ASKED, Move.REVIEW): State.REVIEWED,
    (State.REVIEWED, Move.ADMIT): State.ADMITTED,
    (State.ASKED, Move.REFUSE): State.REFUSED,
    (State.REVIEWED, Move.REFUSE): State.REFUSED,
    (State.ADMITTED, Move.KEEP): State.ADMITTED,
    (State.ADMITTED, Move.END): State.ENDED,
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", Move)
def test_each_move_leads_where_the_table_says_or_nowhere(state: State, move: Move) -> None:
    if (state, move) in LEADS:
        assert rules.after(state, move, "原因") is LEADS[state, move]
    else:
        with pytest.raises(IllegalMove):
            rules.after(state, move, "原因")


@pytest.mark.parametrize(("state", "move"), [(State.ASKED, Move.REFUSE), (State.ADMITTED, Move.END)])
def test_a_refusal_and_an_end_say_why(state: State, move: Move) -> None:
    with pytest.raises(BadInput):
        rules.after(state, move, " ")


@pytest.mark.parametrize("field", ["title", "task", "basis", "support"])
def test_a_request_names_its_basis_and_its_support(field: str) -> None:
    rules.check(WISH)
    with pytest.raises(BadInput) as refused:
        rules.check(replace(WISH, **{field: " "}))  # type: ignore[arg-type]
    assert refused.value.facts["field"] == field


@pytest.mark.parametrize(("move", "by"), [(Move.REVIEW, 1), (Move.ADMIT, 1), (Move.ADMIT, 2)])
def test_three_people_are_in_it(move: Move, by: int) -> None:
    with pytest.raises(NotAllowed):
        rules.check_mover(move, by, asked_by=1, reviewed_by=2)
    rules.check_mover(move, 3, asked_by=1, reviewed_by=2)


def test_it_is_looked_at_again_after_a_year() -> None:
    assert rules.next_review(date(2027, 3, 5)) == date(2028, 3, 5)
    assert rules.next_review(date(2028, 2, 29)) == date(2029, 3, 1)
