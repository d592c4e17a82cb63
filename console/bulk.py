"""一次办几件: one move for the cases that are ticked in the list, and what came of each."""

from http import HTTPStatus

from aiohttp import web

from console.cases import CASES
from console.gate import Gate, Visit
from domain.errors import BadInput
from services.bulk_moves import BulkMoves, Outcome

BULK = f"{CASES}/bulk"
_TICK = "case-"
_LONGEST_NUMBER = 18
_LONGEST_ONCE = 60


class BulkPage:
    def __init__(self, gate: Gate, moves: BulkMoves) -> None:
        self._gate = gate
        self._moves = moves

    def routes(self) -> list[web.RouteDef]:
        return [web.post(BULK, self._gate.takes(self.act), name="console.bulk")]

    async def act(self, visit: Visit) -> web.StreamResponse:
        form = visit.form
        numbers = [int(name) for name in ticked(form.names()) if len(name) <= _LONGEST_NUMBER]
        try:
            done = await self._moves.act(
                visit.actor,
                numbers,
                form["action"],
                key=form["once"][:_LONGEST_ONCE],
                to=form["to"].strip(),
                note=form["note"].strip(),
            )
        except BadInput as refused:
            done = [Outcome(number, refused) for number in numbers[:60]]
            return self._page(visit, done, refused, HTTPStatus.UNPROCESSABLE_ENTITY)
        well = any(one.refusal is None for one in done)
        return self._page(visit, done, None, HTTPStatus.OK if well else HTTPStatus.CONFLICT)

    def _page(self, visit: Visit, done: list[Outcome], refusal: BadInput | None, status: int) -> web.Response:
        return self._gate.page(
            visit,
            "bulk.html",
            status,
            well=[one for one in done if one.refusal is None],
            failed=[one for one in done if one.refusal is not None],
            refusal=refusal,
            typed=visit.form,
        )


def ticked(names: list[str]) -> list[str]:
    """The digits of each field ``case-1024``."""
    found = (name.removeprefix(_TICK) for name in names if name.startswith(_TICK))
    return [digits for digits in found if digits.isascii() and digits.isdigit()]
