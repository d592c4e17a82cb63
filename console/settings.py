"""设置: what a town says itself, each value beside what would hold without it; and what is the same everywhere."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import web

from console.case_actions import once
from console.forms import Form, printable
from console.frame import ROOT
from console.gate import Gate, Visit
from domain.duty import USES_CONSOLE
from domain.errors import BadInput, Refusal
from services.idempotency import Idempotencies
from services.town_settings import TownSettings

SETTINGS = f"{ROOT}/settings"
STEP = "second_step"
NOBODY = "-"
_LONGEST = 200
_LONGEST_CODE = 40
_DUTIES = sorted(str(duty) for duty in USES_CONSOLE)


class SettingPages:
    def __init__(
        self, gate: Gate, settings: TownSettings, idempotencies: Idempotencies, shown: Mapping[str, Any]
    ) -> None:
        """*shown* is what the settings say, by section; no secrets."""
        self._gate = gate
        self._settings = settings
        self._idempotencies = idempotencies
        self._shown = shown

    def routes(self) -> list[web.RouteDef]:
        gate, one = self._gate, f"{SETTINGS}/{{code:[^/]{{1,40}}}}"
        return [
            web.get(SETTINGS, gate.shows(self.show), name="console.settings"),
            web.post(one, gate.takes(self.change), name="console.change_setting"),
        ]

    async def show(self, visit: Visit) -> web.StreamResponse:
        query = visit.request.query
        code = printable(query.get("region", ""))[:_LONGEST_CODE]
        return await self._page(visit, code, done=query.get("done", ""), section=query.get("section", ""))

    async def change(self, visit: Visit) -> web.StreamResponse:
        code, form, by = visit.request.match_info["code"], visit.form, visit.actor

        async def work() -> str:
            name, done = form["section"], form["action"]
            if done == "undo":
                name = await self._settings.undo(by, code, _number(form["change"]))
            else:
                # Without any words of its own the place is as what is above it.
                texts = _texts(form) if done != "restore" else {}
                await self._settings.change(by, code, name, texts, seen=_number(form["seen"]))
            return f"{SETTINGS}?{urlencode({'region': code, 'section': name, 'done': done})}#{quote(name)}"

        try:
            return await once(self._idempotencies, visit, work)
        except Refusal as refused:
            return await self._page(visit, code, refused.status, section=form["section"], refusal=refused)

    async def _page(
        self, visit: Visit, code: str, status: int = 200, *, done: str = "", section: str = "", refusal: Any = None
    ) -> web.Response:
        kept = refusal is not None and visit.form["action"] == "change"
        return self._gate.page(
            visit,
            "settings.html",
            status,
            sheet=await self._settings.sheet(visit.actor, code),
            shown=self._shown,
            duties=_DUTIES,
            typed=_texts(visit.form) if kept else {},
            problems=refusal.facts.get("problems", {}) if refusal is not None else {},
            section=section,
            done=done,
            refusal=refusal,
        )


def _texts(form: Form) -> dict[str, str]:
    """What was typed, by key; of the boxes of duties all that were ticked; none: as above."""
    skipped = {"csrf", "once", "section", "action", "seen", "change", STEP}
    texts = {name: form[name][:_LONGEST] for name in form.names() if name not in skipped}
    ticked = form.all(STEP)
    if ticked:
        texts[STEP] = ",".join(one for one in ticked if one != NOBODY)[:_LONGEST] or NOBODY
    return texts


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):  # noqa: PLR2004 - as far as numbers go
        raise BadInput("it must be a number", field="change")
    return int(text)
