"""What a department may put upon grid workers: asked, looked at, admitted 准入, and ended 退出 (Y art. 17).

Only what is admitted is a department's task for a grid. It names its legal basis, and brings its support along.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.errors import BadInput, IllegalMove, NotAllowed

LONGEST_TITLE = 60
LONGEST_TASK = 1000
LONGEST_WORDS = 300


class Every(StrEnum):
    """How often the work is to be done."""

    ONCE = "once"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTER = "quarter"
    YEARLY = "yearly"


class State(StrEnum):
    ASKED = "asked"
    REVIEWED = "reviewed"
    ADMITTED = "admitted"
    REFUSED = "refused"
    ENDED = "ended"


class Move(StrEnum):
    REVIEW = "review"
    ADMIT = "admit"
    REFUSE = "refuse"
    KEEP = "keep"
    """The yearly look: it stays for another year."""
    END = "end"


_MOVES = {
    (State.ASKED, Move.REVIEW): State.REVIEWED,
    (State.REVIEWED, Move.ADMIT): State.ADMITTED,
    (State.ASKED, Move.REFUSE): State.REFUSED,
    (State.REVIEWED, Move.REFUSE): State.REFUSED,
    (State.ADMITTED, Move.KEEP): State.ADMITTED,
    (State.ADMITTED, Move.END): State.ENDED,
}
_NEEDS_REASON = frozenset({Move.REFUSE, Move.END})


@dataclass(frozen=True, slots=True)
class Wish:
    """What a department asks for; *region* is the code of a region, whose grids are meant with all below."""

    region: str
    title: str
    task: str
    basis: str
    every: Every
    support: str


def check(wish: Wish) -> None:
    """Whether the request says all that it has to. Raises BadInput, which names the field."""
    given = (("title", LONGEST_TITLE), ("task", LONGEST_TASK), ("basis", LONGEST_WORDS), ("support", LONGEST_WORDS))
    for field, longest in given:
        if not 0 < len(getattr(wish, field).strip()) <= longest:
            raise BadInput(f"{field} has 1 to {longest} characters", field=field, longest=longest)


def after(state: State, move: Move, reason: str = "") -> State:
    """Where *move* leads from *state*. Raises IllegalMove; BadInput for a refusal or an end without a reason."""
    following = _MOVES.get((state, move))
    if following is None:
        raise IllegalMove("this cannot be done with it now", status=str(state), action=str(move))
    if len(reason) > LONGEST_WORDS or (move in _NEEDS_REASON and not reason.strip()):
        raise BadInput("say why, in a few words", field="reason", longest=LONGEST_WORDS)
    return following


def possible(state: State) -> tuple[Move, ...]:
    """What can be done with it at all, in the order of the steps."""
    return tuple(move for move in Move if (state, move) in _MOVES)


def check_mover(move: Move, by: int, *, asked_by: int, reviewed_by: int | None) -> None:
    """Three people are in it: who asks, who looks at it, and who admits it. Raises NotAllowed."""
    if move in {Move.REVIEW, Move.ADMIT} and by in {asked_by, reviewed_by}:
        raise NotAllowed("somebody else has to do the next step", why="own")


def next_review(day: date) -> date:
    """A year after *day* it is looked at again."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # the 29th of February
        return date(day.year + 1, 3, 1)
