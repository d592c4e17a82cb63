"""设置 and 操作记录: what the settings say, to be read; and who has done what, when, to which case."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from console.forms import printable
from console.frame import ROOT
from console.gate import Gate, Visit
from domain.errors import BadInput
from services.audit import KINDS, Asked, Audit, Entry
from services.event_type_changes import Changed, EventTypeChanges

SETTINGS, AUDIT = f"{ROOT}/settings", f"{ROOT}/audit"
_LONGEST = 60
_KEPT = ("kind", "who", "number", "action", "since", "until")
_DAYS, _DAYS_OF_ONE = timedelta(days=6), timedelta(days=89)


class RulePages:
    def __init__(self, gate: Gate, audit: Audit, changes: EventTypeChanges, shown: Mapping[str, Any]) -> None:
        """*shown* is what the settings say, by section; no secrets."""
        self._gate = gate
        self._audit = audit
        self._changes = changes
        self._shown = shown

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(SETTINGS, self._gate.shows(self.settings), name="console.settings"),
            web.get(AUDIT, self._gate.shows(self.audit), name="console.audit"),
        ]

    async def settings(self, visit: Visit) -> web.StreamResponse:
        return self._gate.page(visit, "settings.html", shown=self._shown)

    async def audit(self, visit: Visit) -> web.StreamResponse:
        query = visit.request.query
        given = {name: printable(query.get(name, ""))[:_LONGEST] for name in _KEPT}
        kind, cursor, today = given["kind"], query.get("cursor") or None, self._audit.today()
        narrow = bool(given["who"] or given["number"]) or kind in {"looks", "files", "office"}
        until = _day(given["until"]) or today
        since = _day(given["since"]) or until - (_DAYS_OF_ONE if narrow else _DAYS)
        entries: list[Entry] = []
        changed: list[Changed] = []
        following, refusal, status = None, None, 200
        try:
            if not self._audit.may_look(visit.actor):
                pass
            elif kind == "rules":
                changed, following = await self._changes.changes(cursor=cursor)
            else:
                asked = Asked(
                    kind if kind in KINDS else "steps",
                    since,
                    until,
                    given["who"],
                    _number(given["number"]),
                    given["action"],
                )
                found, following = await self._audit.entries(visit.actor, asked, cursor)
                entries = list(found)
        except BadInput as refused:
            refusal, status = refused, refused.status
        kept = {name: text for name, text in given.items() if text}
        return self._gate.page(
            visit,
            "audit.html",
            status,
            may_look=self._audit.may_look(visit.actor),
            given=given,
            since=since,
            until=until,
            entries=entries,
            changed=changed,
            following=f"{AUDIT}?{urlencode({**kept, 'cursor': following})}" if following else "",
            refusal=refusal,
        )


def _number(text: str) -> int | None:
    digits = text.lstrip("№#").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None  # noqa: PLR2004 - as far as numbers go


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
