"""How each call of docs/access.py is asked, and what its answer means."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from domain.month import Month
from tests.miniprogram_api import access_decisions, access_field
from tests.miniprogram_api.access_news import REGIONS
from tests.miniprogram_api.access_town import GRIDS, VACANT, Rows
from tests.miniprogram_api.mini import Api

DONE, REFUSED, HIDDEN, STRANGER = "✓", "✗", "·", "🔑"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; *without* names the row that it is about, to be taken away for comparison."""

    method: str
    path: str
    body: Any = None
    without: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def said(self) -> Any:
        return json.loads(self.body) if self.body else None


class Asker:
    """Asks as one person after the other; nothing that is asked leaves a trace."""

    def __init__(self, api: Api, made: Rows) -> None:
        self._api = api
        self.made = made

    async def ask(self, who: str, asked: Asked, *, without: bool = False) -> Told:
        headers = {"X-Request-ID": "the-same-for-all"}
        if asked.method != "GET" or without:
            headers["X-Undo"] = "yes"
        if who != "stranger":
            headers["Authorization"] = f"Bearer {self.made.people[who].token}"
        if without:
            headers["X-Without"] = asked.without
        url = f"{self._api.url}/api/v1{asked.path}"
        body: dict[str, Any] = {"json": asked.body} if asked.body is not None else {}
        async with self._api.session.request(asked.method, url, headers=headers, **body) as answered:
            return Told(answered.status, await answered.read(), _lasting(answered))


def _lasting(answered: aiohttp.ClientResponse) -> dict[str, str]:
    return {name: value for name, value in answered.headers.items() if name != "Date"}


def verdict(told: Told) -> str:
    """What an answer is in the words of the table."""
    if told.status in {200, 201, 204}:
        return HIDDEN if told.body == b'{"recorded":0}' else DONE
    code = told.said["code"]
    if code == "not_signed_in":
        return STRANGER
    return HIDDEN if code == "not_found" else REFUSED


def request(made: Rows, call: str, who: str, row: str, mine: str = "") -> Asked:
    """The request of *who* about *row* for the call *call* (a route's name, and what is sent)."""
    if call in access_field.ASK:
        return Asked(*access_field.ASK[call](made, row))
    if call in access_decisions.ASK:
        return Asked(*access_decisions.ASK[call](made, row))
    return _ASK[call](made, who, row, mine)


def _case(method: str, suffix: str = "", body: Any = None) -> Callable[..., Asked]:
    def ask(made: Rows, who: str, row: str, _: str) -> Asked:
        number = made.cases[(who, row) if row == "own" else row]
        return Asked(method, f"/cases/{number}{suffix}", body, f"case {number}")

    return ask


def _merge(made: Rows, who: str, row: str, mine: str) -> Asked:
    into = made.cases[(who, row) if row == "own" else row]
    body = {"action": "merge", "into": into, "note": "一样"}
    return Asked("POST", f"/cases/{made.cases[mine or 'grid']}/actions", body, f"case {into}")


def _leave(suffix: str, body: Any) -> Callable[..., Asked]:
    def ask(made: Rows, who: str, row: str, _: str) -> Asked:
        leave = made.leaves[(who, row) if row == "own" else row]
        place = "/me/leaves" if suffix == "end" else "/leaves"
        return Asked("POST", f"{place}/{leave}/{suffix}", body, f"leave {leave}")

    return ask


def _type(made: Rows, who: str, row: str, _: str) -> Asked:
    whose = who if row == "own" else "other"
    body = {"decision": "approve"}
    return Asked("POST", f"/event-types/type-{whose}/decision", body, f"event_type {made.types[whose]}")


def _filter(method: str, body: Any = None) -> Callable[..., Asked]:
    def ask(made: Rows, who: str, row: str, _: str) -> Asked:
        whose = who if row == "own" else "other"
        return Asked(method, f"/me/filters/filter-{whose}", body, f"saved_filter {made.filters[whose]}")

    return ask


def _session(made: Rows, who: str, row: str, _: str) -> Asked:
    session = made.sessions[who if row == "own" else "other"]
    return Asked("DELETE", f"/sessions/{session}", None, f"session {session}")


def _work_note(made: Rows, who: str, row: str, _: str) -> Asked:
    note = made.notes[who if row == "own" else "other"]
    return Asked("DELETE", f"/me/work-log/notes/{note}", None, f"work_note {note}")


def _notice(method: str, suffix: str = "", body: Any = None) -> Callable[..., Asked]:
    def ask(made: Rows, who: str, row: str, _: str) -> Asked:
        number = made.notices[(who, row) if row.startswith("own") else row]
        return Asked(method, f"/notices/{number}{suffix}", body, f"notice {number}")

    return ask


def _to_region(suffix: str, **more: str) -> Callable[..., Asked]:
    def ask(made: Rows, _: str, row: str, __: str) -> Asked:
        code = REGIONS[row]
        return Asked("POST", f"/notices{suffix}", {"region": code, **more}, f"region {made.regions[code]}")

    return ask


def _poll(suffix: str, body: Any) -> Callable[..., Asked]:
    def ask(made: Rows, _: str, row: str, __: str) -> Asked:
        poll = made.polls[row]
        return Asked("POST", f"/polls/{poll}/{suffix}", body, f"poll {poll}")

    return ask


def _training(method: str, suffix: str = "", body: Any = None) -> Callable[..., Asked]:
    def ask(made: Rows, _: str, row: str, __: str) -> Asked:
        course = made.trainings[row]
        return Asked(method, f"/trainings/{course}{suffix}", body, f"training_course {course}")

    return ask


def _ask_poll(made: Rows, _: str, row: str, __: str) -> Asked:
    code = REGIONS[row]
    body = {"region": code, "title": "哪天？", "options": ["周六", "周日"], "closes_at": _next_month()["starts_at"]}
    return Asked("POST", "/polls", body, f"region {made.regions[code]}")


def _not_reached(made: Rows, *_: str) -> Asked:
    return Asked("GET", f"/notices/{made.visited}/not-reached", None, f"notice {made.visited}")


def _visit(made: Rows, _: str, row: str, __: str) -> Asked:
    recipient = made.visits[row]
    return Asked("POST", f"/notices/{made.visited}/visits", {"recipients": [recipient]}, f"delivery {recipient}")


def _held(body: Any) -> Callable[..., Asked]:
    def ask(made: Rows, _: str, row: str, __: str) -> Asked:
        number = made.cases[row]
        return Asked("POST", f"/held/{number}/decision", body, f"case {number}")

    return ask


def _medium(show: bool) -> Callable[..., Asked]:  # noqa: FBT001 - the answer itself
    def ask(made: Rows, _: str, row: str, __: str) -> Asked:
        one = made.attachments[row]
        return Asked("POST", f"/held/media/{one}/decision", {"show": show}, f"attachment {one}")

    return ask


def _attachment(*, bound: bool) -> Callable[..., Asked]:
    def ask(made: Rows, who: str, row: str, _: str) -> Asked:
        one = made.attachments[row if row != "own" else (who, "own") if bound else who]
        return Asked("GET", f"/attachments/{one}", None, f"attachment {one}")

    return ask


def _plain(method: str, path: str, body: Any = None) -> Callable[..., Asked]:
    return lambda _made, _who, _row, _mine: Asked(method, path, body)


def _next_month() -> dict[str, str]:
    start = datetime.now(UTC) + timedelta(days=30)
    return {"starts_at": start.isoformat(), "ends_at": (start + timedelta(days=1)).isoformat()}


def _month() -> str:
    return str(Month.of(datetime.now(UTC)))


def _record(made: Rows, _: str, row: str, __: str) -> Asked:
    number = made.cases[row]
    body = {"kind": "case", "record": str(number), "verdict": "false"}
    return Asked("POST", "/spot-checks", body, f"case {number}")


def _objects(made: Rows, _: str, row: str, __: str) -> Asked:
    check = made.checks[row]
    return Asked("POST", f"/spot-checks/{check}/objections", {"reason": "不是这样"}, f"spot_check {check}")


def _decides(made: Rows, *_: str) -> Asked:
    body = {"uphold": True, "answer": "看到了"}
    return Asked("POST", f"/objections/{made.objection}/decision", body, f"objection {made.objection}")


_NEW_TYPE = {"code": "new", "name": "新的", "category": "environment", "reason": "常有"}
_PHOTO = {"name": "灯.jpg", "size": 9, "sha256": "0" * 64, "media_type": "image/jpeg"}
_ASK: dict[str, Callable[..., Asked]] = {
    "show_case": _case("GET"),
    "list_cases": _plain("GET", "/cases?limit=100"),
    "show_queue": _plain("GET", "/queue?limit=100"),
    "add_to_case": _case("POST", "/messages", {"text": "还有"}),
    "act_on_case `accept`": _case("POST", "/actions", {"action": "accept"}),
    "act_on_case `reply`": _case("POST", "/actions", {"action": "reply", "note": "明天来"}),
    "act_on_case `withdraw`": _case("POST", "/actions", {"action": "withdraw"}),
    "act_on_case `merge` of one that they work into it": _merge,
    "suggest_event_types": _case("GET", "/event_type/suggestions"),
    "classify_case": _case("POST", "/event_type", {"event_type": "on-the-list"}),
    "list_held": _plain("GET", "/held"),
    "decide_held `release`": _held({"release": True}),
    "decide_held a refusal": _held({"release": False, "reason": "广告"}),
    "list_held_media": _plain("GET", "/held/media"),
    "decide_held_medium `show`": _medium(True),
    "decide_held_medium a refusal": _medium(False),
    "announce_attachment": _plain("POST", "/attachments", _PHOTO),
    "show_attachment of a case": _attachment(bound=True),
    "show_attachment of none, or not for everybody": _attachment(bound=False),
    "list_notices": _plain("GET", "/notices?limit=100"),
    "list_managed_notices": _plain("GET", "/notices/managed?limit=100"),
    "compose_notice": _to_region("", text="明天停水"),
    "estimate_notice": _to_region("/estimate"),
    "show_notice": _notice("GET"),
    **{
        f"act_on_notice `{action}`": _notice("POST", "/actions", {"action": action})
        for action in ("send", "show_me", "approve", "pause", "recall")
    },
    "notice_figures": _notice("GET", "/figures"),
    "notice_live": _notice("GET", "/live"),
    "notice_report": _notice("GET", "/report"),
    "notice_report_csv": _notice("GET", "/report.csv"),
    "list_not_reached": _not_reached,
    "record_visits": _visit,
    "list_told_in_person": lambda made, *_: Asked(
        "GET", f"/notices/{made.visited}/visits", None, f"notice {made.visited}"
    ),
    "show_attachment of somebody told in person": lambda made, _, row, __: Asked(
        "GET", f"/attachments/{made.attachments[row]}", None, f"attachment {made.attachments[row]}"
    ),
    "list_polls": _plain("GET", "/polls?limit=100"),
    "ask_poll": _ask_poll,
    "vote": _poll("votes", {"options": [1]}),
    "act_on_poll `close`": _poll("actions", {"action": "close"}),
    "act_on_poll `withdraw`": _poll("actions", {"action": "withdraw"}),
    "public_statistics": _plain("GET", "/statistics/public?region=A1"),
    "list_subscriptions": _plain("GET", "/me/subscriptions"),
    "agree_to_messages": _plain("POST", "/me/subscriptions", {"accepted": []}),
    "list_trainings": _plain("GET", "/trainings?limit=100"),
    "show_training": _training("GET"),
    "start_training": _training("POST", "/attempts"),
    "answer_training": _training("POST", "/answers", {"attempt": 1, "number": 1, "options": [1]}),
    "ask_for_leave": _plain("POST", "/me/leaves", _next_month()),
    "list_my_leaves": _plain("GET", "/me/leaves"),
    "end_leave": _leave("end", None),
    "list_asked_leaves": _plain("GET", "/leaves/asked"),
    "decide_leave": _leave("decision", {"approve": True}),
    "list_vacancies": _plain("GET", "/vacancies?limit=100"),
    "list_proposed_event_types": _plain("GET", "/event-types/proposed"),
    "propose_event_type": _plain("POST", "/event-types", _NEW_TYPE),
    "decide_event_type": _type,
    "show_my_score": _plain("GET", "/me/score"),
    "list_scores": lambda *_: Asked("GET", f"/assessments/{_month()}?limit=100"),
    "check_record": _record,
    "list_spot_checks": _plain("GET", "/spot-checks?limit=100"),
    "object_to_check": _objects,
    "list_objections": _plain("GET", "/objections?limit=100"),
    "decide_objection": _decides,
    "list_awards": _plain("GET", "/towns/A/awards"),
    "object_to_award": lambda made, *_: Asked("POST", f"/awards/{made.award}/objections", {"reason": "没见过他"}),
    "show_me": _plain("GET", "/me"),
    "bind_me": lambda made, *_: Asked("POST", "/me/bind", {"code": made.invitations["own"]}),
    "show_work_log": _plain("GET", "/me/work-log"),
    "add_work_note": _plain("POST", "/me/work-log/notes", {"text": "看了三处线路"}),
    "delete_work_note": _work_note,
    "list_filters": _plain("GET", "/me/filters"),
    "save_filter": _filter("PUT", {"q": "路灯"}),
    "delete_filter": _filter("DELETE"),
    "tell_phone": lambda made, who, *_: Asked("POST", "/me/phone", {"code": made.codes[who]}),
    "show_my_data": _plain("GET", "/me/data"),
    "delete_me": _plain("DELETE", "/me", {"confirm": "delete my account"}),
    "list_sessions": _plain("GET", "/sessions"),
    "end_session": _session,
    "look_at_phone": _case("POST", "/phone", {"reason": "约时间上门"}),
    "sign_out": _plain("DELETE", "/sessions"),
    "file_finding": _plain("POST", "/findings", {"grid": "A11", "description": "井盖松了", "done": {"note": "垫好了"}}),
    "file_case": _plain("POST", "/cases", {"grid": "A11", "description": "井盖没了"}),
    "show_grid": _plain("GET", "/grids/A11"),
    "list_event_types": _plain("GET", "/event-types"),
}


def is_listed(made: Rows, call: str, who: str, row: str, told: Told) -> bool:
    """Whether the row stands in the list that was told."""
    items = told.said["items"]
    own = (who, row) if row.startswith("own") else row
    whose = who if row == "own" else "other"
    wanted, name = {
        "list_cases": (made.cases, "number"),
        "show_queue": (made.cases, "number"),
        "list_held": (made.cases, "number"),
        "list_notices": (made.notices, "id"),
        "list_managed_notices": (made.notices, "id"),
        "list_polls": (made.polls, "id"),
        "list_trainings": (made.trainings, "id"),
        "list_my_leaves": (made.leaves, "id"),
        "list_asked_leaves": (made.leaves, "id"),
        "list_not_reached": (made.visits, "recipient"),
        "list_told_in_person": (made.visits, "recipient"),
        "list_patrols": (made.patrols, "id"),
        "list_subjects": (made.subjects, "id"),
        "list_records": (made.records, "id"),
        "list_proposed_records": ({"proposed": made.proposal}, "id"),
        "list_visits": (made.subjects, "subject"),
        "list_spot_checks": (made.checks, "id"),
        "list_admissions": (made.decisions, "id"),
        "list_award_applications": (made.decisions, "id"),
        "list_objections": ({"given": made.objection}, "id"),
        "list_sessions": ({own: made.sessions.get(whose)}, "id"),
        "show_work_log": ({own: made.notes.get(whose)}, "number"),
        "list_filters": ({own: f"filter-{whose}"}, "name"),
    }.get(call, ({}, ""))
    if call == "list_held_media":
        return str(made.attachments[row]) in [one["attachment"]["id"] for one in items]
    if call == "list_scores":
        return GRIDS[row] in [one["grid"]["code"] for one in items]
    if call == "list_vacancies":
        return VACANT[row] in [one["region"]["code"] for one in items]
    if call == "list_due_visits":
        return made.subjects[row] in [one["subject"]["id"] for one in items]
    return wanted[own] in [one[name] for one in items]
