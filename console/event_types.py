"""事项清单: the list, one type with what a town may change of it and its history, and a whole file to import."""

import csv
import io
from collections.abc import Callable
from urllib.parse import quote

from aiohttp import web

from console.case_actions import once
from console.forms import printable
from console.frame import ROOT, see_other
from console.gate import Gate, Visit
from domain.errors import BadInput, Refusal
from domain.event_list import CLASSES, NAMES, Photos
from services.event_type_changes import EDITABLE, EventTypeChanges
from services.event_type_proposals import EventTypeProposals
from services.event_types import EventTypes
from services.idempotency import Idempotencies
from services.imports import BadRows, Counts
from services.imports_event_types import cells_of
from services.imports_table import Problem

TYPES, IMPORT, PROPOSALS = f"{ROOT}/event-types", f"{ROOT}/event-types-import", f"{ROOT}/event-type-proposals"
LONGEST_FILE = 2 * 1024 * 1024
"""Bytes of a form that holds a list: some thousands of types, as a browser writes them."""
MOST = 300
"""On one page."""
_MOST_PROBLEMS = 40
_LONGEST_WORDS = 60
LEVELS = ("grid", "village", "town", "county", "city")

Say = Callable[[Problem], str]


class EventTypePages:
    def __init__(
        self,
        gate: Gate,
        types: EventTypes,
        changes: EventTypeChanges,
        proposals: EventTypeProposals,
        idempotencies: Idempotencies,
        say: Say,
    ) -> None:
        """*say* puts what is wrong with a row into words."""
        self._gate = gate
        self._types = types
        self._changes = changes
        self._proposals = proposals
        self._idempotencies = idempotencies
        self._say = say

    def routes(self) -> list[web.RouteDef]:
        gate, one = self._gate, f"{TYPES}/{{code:[^/]{{1,40}}}}"
        return [
            web.get(TYPES, gate.shows(self.listed), name="console.event_types"),
            web.get(f"{TYPES}.csv", gate.shows(self.export), name="console.event_types_csv"),
            web.get(IMPORT, gate.shows(self.import_page), name="console.event_types_import"),
            web.post(IMPORT, gate.takes(self.take, longest=LONGEST_FILE), name="console.import_event_types"),
            web.get(one, gate.shows(self.one), name="console.event_type"),
            web.post(one, gate.takes(self.change), name="console.change_event_type"),
        ]

    async def listed(self, visit: Visit) -> web.StreamResponse:
        query = visit.request.query
        words, retired = printable(query.get("q", ""))[:_LONGEST_WORDS], bool(query.get("retired"))
        found = await self._changes.listed(words, also_retired=retired)
        return self._gate.page(
            visit,
            "event_types.html",
            types=found[:MOST],
            more=max(0, len(found) - MOST),
            words=words,
            retired=retired,
            names=NAMES,
            done=query.get("done", ""),
            may_change=self._changes.may_change(visit.actor),
            may_propose=(proposes := self._proposals.may_propose(visit.actor)),
            waiting=await self._proposals.waiting() if proposes else 0,
        )

    async def export(self, _visit: Visit) -> web.StreamResponse:
        data = await self._types.export()
        headers = {"Content-Disposition": 'attachment; filename="event_types.csv"', "Cache-Control": "no-store"}
        return web.Response(body=data, content_type="text/csv", charset="utf-8", headers=headers)

    async def one(self, visit: Visit) -> web.StreamResponse:
        code = visit.request.match_info["code"]
        if self._proposals.may_propose(visit.actor) and await self._proposals.undecided(code):
            # Not on the list yet, or never: the history of the list leads here.
            return see_other(f"{PROPOSALS}/{quote(code)}")
        return await self._page(visit, done=visit.request.query.get("done", ""))

    async def change(self, visit: Visit) -> web.StreamResponse:
        code = visit.request.match_info["code"]

        async def work() -> str:
            if visit.form["action"] == "undo":
                await self._changes.undo(visit.actor, _number(visit.form["change"]))
                return f"{TYPES}/{quote(code)}?done=undone"
            given = {name: visit.form[name] for name in (*EDITABLE, "state")}
            await self._changes.edit(visit.actor, code, given)
            return f"{TYPES}/{quote(code)}?done=changed"

        try:
            return await once(self._idempotencies, visit, work)
        except BadRows as bad:
            return await self._page(visit, bad.status, problems=[self._say(one) for one in bad.problems])
        except Refusal as refused:
            return await self._page(visit, refused.status, refusal=refused)

    async def import_page(self, visit: Visit) -> web.StreamResponse:
        return self._import_page(visit)

    async def take(self, visit: Visit) -> web.StreamResponse:
        data = _as_csv(visit.form["file"])
        try:
            if visit.form["mode"] != "take":
                return self._import_page(visit, tried=await self._changes.take(visit.actor, data, dry_run=True))

            async def work() -> str:
                await self._changes.take(visit.actor, data, dry_run=False)
                return f"{TYPES}?done=imported"

            return await once(self._idempotencies, visit, work)
        except BadRows as bad:
            return self._import_page(visit, bad.status, problems=[self._say(one) for one in bad.problems])
        except Refusal as refused:
            return self._import_page(visit, refused.status, refusal=refused)

    def _import_page(
        self,
        visit: Visit,
        status: int = 200,
        *,
        tried: Counts | None = None,
        problems: list[str] | None = None,
        refusal: Refusal | None = None,
    ) -> web.Response:
        wrong = problems or []
        return self._gate.page(
            visit,
            "event_types_import.html",
            status,
            may_change=self._changes.may_change(visit.actor),
            typed=visit.form,
            tried=tried,
            problems=wrong[:_MOST_PROBLEMS],
            more=max(0, len(wrong) - _MOST_PROBLEMS),
            refusal=refusal,
        )

    async def _page(
        self,
        visit: Visit,
        status: int = 200,
        *,
        done: str = "",
        problems: list[str] | None = None,
        refusal: Refusal | None = None,
    ) -> web.Response:
        found = await self._changes.one(visit.request.match_info["code"])
        changes = await self._changes.changes(found.code)
        typed = {name: visit.form[name] for name in EDITABLE} if problems or refusal else {}
        return self._gate.page(
            visit,
            "event_type.html",
            status,
            type=found,
            cells=cells_of(found) | (typed if any(typed.values()) else {}),
            changes=changes,
            names=NAMES,
            classes=CLASSES,
            levels=LEVELS,
            photos=[str(one) for one in Photos],
            done=done,
            problems=problems or [],
            refusal=refusal,
            may_change=self._changes.may_change(visit.actor),
        )


def _as_csv(text: str) -> bytes:
    """A block that was copied out of Excel has tabs between its cells; a file's text is one already."""
    first = text.lstrip("\ufeff").partition("\n")[0]
    if "\t" not in first:
        return text.encode()
    out = io.StringIO(newline="")
    csv.writer(out).writerows(csv.reader(io.StringIO(text), delimiter="\t"))
    return out.getvalue().encode()


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):  # noqa: PLR2004 - as far as numbers go
        raise BadInput("change must be a number", field="change")
    return int(text)
