"""The same move for many cases at once, each by the call that is there for one: what fails leaves the others alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.case import Action
from domain.errors import BadInput, Refusal
from services.access import Actor
from services.cases import Cases
from services.idempotency import Answer, Idempotencies

MOST = 50
ACTIONS = (Action.ACCEPT, Action.DISPATCH, Action.TRANSFER, Action.REMIND)
"""What is said of many cases in the same words; all else is about one."""
NAMES_PLACE = frozenset({Action.DISPATCH, Action.TRANSFER})
_ROUTE = "bulk"
_DONE = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one case; *refusal* is why nothing did."""

    number: int
    refusal: Refusal | None = None


class BulkMoves:
    def __init__(self, cases: Cases, idempotencies: Idempotencies) -> None:
        self._cases = cases
        self._idempotencies = idempotencies

    async def act(
        self, by: Actor, numbers: Sequence[int], action: str, *, key: str, to: str = "", note: str = ""
    ) -> list[Outcome]:
        """Take *action* on each of *numbers*, one transaction each, in their order.

        Sent again with the same *key*, what was done is not done again, and what failed is tried again. Raises BadInput
        with ``field`` ("cases", "action", "to", "note") where nothing can be done with any of them.
        """
        numbers = list(dict.fromkeys(numbers))
        if not numbers:
            raise BadInput("no case is chosen", field="cases", why="none")
        if len(numbers) > MOST:
            raise BadInput(f"at most {MOST} cases at once", field="cases", why="many", longest=MOST)
        if not key:
            raise BadInput("the form lacks its own number", field="once", why="missing")
        if action not in ACTIONS:
            raise BadInput("this is not done to many at once", field="action", why="unknown")
        if action in NAMES_PLACE and not to.strip():
            raise BadInput("to must name where they go", field="to", why="missing")
        return [await self._one(by, number, Action(action), key, to, note) for number in numbers]

    async def _one(self, by: Actor, number: int, action: Action, key: str, to: str, note: str) -> Outcome:
        to = to if action in NAMES_PLACE else ""

        async def work() -> Answer:
            await self._cases.act(by, number, action, note=note, to=to)
            return Answer(_DONE, "")

        try:
            body = repr((str(action), to, note))
            await self._idempotencies.once(by.person_id, f"{_ROUTE} {number}", key, body, work)
        except Refusal as refused:
            if refused.facts.get("field") == "note":  # the same for all of them
                raise
            return Outcome(number, refused)
        return Outcome(number)
