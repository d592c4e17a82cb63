"""What staff do to a case on its page: every move of ``domain/case.py`` that is theirs, once for each form."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import date
from http import HTTPStatus

from aiohttp import web

from console.cases import CASES, CasePages
from console.frame import see_other
from console.gate import Gate, Visit
from domain.case import Action
from domain.errors import BadInput, NotFound, Refusal
from services.case_moves import RELEASE, TURN_DOWN
from services.cases import Cases
from services.idempotency import Answer, Idempotencies
from services.looks import REASON_LENGTH, Looks
from services.urgency import URGENT

_LONGEST_ONCE = 64


class CaseActions:
    def __init__(self, gate: Gate, pages: CasePages, cases: Cases, looks: Looks, idempotencies: Idempotencies) -> None:
        self._gate = gate
        self._pages = pages
        self._cases = cases
        self._looks = looks
        self._idempotencies = idempotencies

    def routes(self) -> list[web.RouteDef]:
        where = f"{CASES}/{{number:[0-9]{{1,18}}}}"
        return [
            web.post(f"{where}/actions", self._gate.takes(self.act), name="console.act"),
            web.post(f"{where}/phone", self._gate.takes(self.phone), name="console.phone"),
        ]

    async def act(self, visit: Visit) -> web.StreamResponse:
        try:
            return await once(self._idempotencies, visit, lambda: self._act(visit))
        except Refusal as refused:
            if isinstance(refused, NotFound) and refused.facts.get("number", visit.number) == visit.number:
                raise
            # Nothing has been written: the same page again, with the reason and their own words.
            return await self._pages.sheet(visit, status=refused.status, refusal=refused)

    async def phone(self, visit: Visit) -> web.StreamResponse:
        """The resident's whole number, on this one page, for whoever works the case and says why."""
        reason = visit.form["reason"].strip()
        if not reason or len(reason) > REASON_LENGTH:
            refused = BadInput("reason must say why", field="reason", longest=REASON_LENGTH)
            return await self._pages.sheet(visit, status=HTTPStatus.UNPROCESSABLE_ENTITY, refusal=refused)
        number = await self._looks.phone_of_resident(visit.actor, visit.number, reason)
        return await self._pages.sheet(visit, phone=number)

    async def _act(self, visit: Visit) -> str:
        form, by, number = visit.form, visit.actor, visit.number
        # A sentence that was chosen stands for words where none were written.
        action, note = form["action"], form["note"].strip() or form["canned"].strip()
        if action == URGENT:
            await self._cases.mark_urgent(by, number, note=note)
        elif action == RELEASE:
            await self._cases.release(by, number)
        elif action == TURN_DOWN:
            await self._cases.turn_down(by, number, note)
        else:
            if action not in {*Action}:
                raise BadInput("this is no action", field="action")
            await self._cases.act(
                by,
                number,
                Action(action),
                note=note,
                to=form["to"],
                others=[form["others"]],
                into=_number(form["into"]),
                until=_day(form["until"]),
                hidden=True if form.checked("hidden") else None,
            )
        return f"{CASES}/{number}?done={action}"


async def once(idempotencies: Idempotencies, visit: Visit, work: Callable[[], Awaitable[str]]) -> web.Response:
    """Do what a form says the first time that it comes, and lead to the same place every time.

    Raises IdempotencyMismatch for a form that was changed after it had been sent, and whatever *work* raises.
    """
    key = visit.form["once"][:_LONGEST_ONCE]
    if not key:
        raise BadInput("the form lacks its own number", field="once", why="missing")

    async def answer() -> Answer:
        return Answer(HTTPStatus.SEE_OTHER, await work())

    where = f"POST {visit.request.path}"
    said = " ".join((visit.form.sum(), *(hashlib.sha256(one.data).hexdigest() for one in visit.files)))
    told = await idempotencies.once(visit.actor.person_id, where, key, said, answer)
    return see_other(told.text)


async def done_before(idempotencies: Idempotencies, visit: Visit) -> bool:
    """Whether :func:`once` has the answer already: then nothing needs to be made ready for it."""
    key = visit.form["once"][:_LONGEST_ONCE]
    return await idempotencies.has(visit.actor.person_id, f"POST {visit.request.path}", key)


def _number(text: str) -> int | None:
    digits = text.strip().lstrip("№#").strip()
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):  # noqa: PLR2004 - as far as numbers go
        raise BadInput("into must be a case's number", field="into", why="unreadable")
    return int(digits)


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput("until must be a day", field="until", why="unreadable") from None
