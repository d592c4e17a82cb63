"""Polls (民意征集, C): a question to the residents of a place, one vote a person, the result open to all of them.

What somebody chose is never kept with who they are: no list of people by their views can be made (DOMAIN §4).
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from domain.errors import BadInput

FEWEST, MOST = 2, 10
"""Answers to choose from."""
LONGEST_TITLE = 60
LONGEST_TEXT = 1000
LONGEST_OPTION = 60
LONGEST_RUN = timedelta(days=90)


def check(title: str, options: Sequence[str], most: int, now: datetime, closes_at: datetime) -> None:
    """Whether such a poll can be held. Raises BadInput, which names the field."""
    if not 0 < len(title) <= LONGEST_TITLE:
        raise BadInput(f"a title has 1 to {LONGEST_TITLE} characters", field="title")
    if not FEWEST <= len(options) <= MOST:
        raise BadInput(f"give {FEWEST} to {MOST} answers to choose from", field="options")
    if any(not 0 < len(one) <= LONGEST_OPTION for one in options):
        raise BadInput(f"an answer has 1 to {LONGEST_OPTION} characters", field="options")
    if len({one.casefold() for one in options}) < len(options):
        raise BadInput("two answers are the same", field="options")
    if not 1 <= most <= len(options):
        raise BadInput("one may choose 1 answer, or at most all of them", field="most")
    if not now < closes_at <= now + LONGEST_RUN:
        raise BadInput(f"it must close in the next {LONGEST_RUN.days} days", field="closes_at")


def check_choice(chosen: Collection[int], known: Collection[int], most: int) -> None:
    """Whether *chosen* answers are some of those *known*, and not too many. Raises BadInput."""
    if not chosen or not set(chosen) <= set(known) or len(set(chosen)) < len(chosen):
        raise BadInput("choose among the answers of this poll, each once", field="options", known=sorted(known))
    if len(chosen) > most:
        raise BadInput(f"choose at most {most}", field="options", most=most)


def is_over(now: datetime, closes_at: datetime, closed_at: datetime | None) -> bool:
    return closed_at is not None or now >= closes_at
