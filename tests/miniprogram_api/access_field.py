"""Patrols, subjects and visits of the two towns of docs/access.md, and how they are asked for."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from domain.visit import SubjectKind
from models import Person
from services.access import Actor
from services.desk import Desk
from services.patrols import End, Start
from services.records import Kind
from services.subjects import NewSubject
from services.visits import NewVisit
from tests.miniprogram_api.access_town import GRIDS, Rows

WALKED_BY = {
    "grid": "worker",
    "volunteers": "volunteer",
    "next_grid": "beside",
    "village_2": "worker_3",
    "town_b": "worker_4",
}
_RING = [[120.0, 31.0], [120.01, 31.0], [120.01, 31.01]]


async def add_field_work(desk: Desk, made: Rows, actors: Mapping[str, Actor]) -> None:
    """A patrol that is over, and a place on the list that was visited, of each grid."""
    for row, who in WALKED_BY.items():
        begun = await desk.field_work.patrols.start(actors[who], Start())
        await desk.field_work.patrols.end(actors[who], begun.patrol.id, End())
        made.patrols[row] = begun.patrol.id
        if row in GRIDS:
            listed = NewSubject(SubjectKind.HAZARD, GRIDS[row], f"仓库{row}", every_days=1)
            made.subjects[row] = (await desk.field_work.subjects.add(actors[who], listed)).subject.id
            await desk.field_work.visits.record(actors[who], NewVisit(made.subjects[row], "没有问题"))


async def add_records(desk: Desk, made: Rows, actors: Mapping[str, Actor]) -> None:
    """A household in each grid; that of grid 1 is the filer's, who says that something is wrong in it."""
    number = desk.own_records._number_of(await Person.get(id=actors["filer"].person_id))
    for row, code in GRIDS.items():
        kept = {"head": "王建国", "phone": number} if row == "grid" else {"head": "刘强"}
        added = await desk.records.add(actors[WALKED_BY[row]], code, Kind.HOUSEHOLD, f"{row} 3 幢", kept)
        made.records[row] = added.id
    filer = actors["filer"]
    await desk.people.settle_in(filer.person_id, made.regions[GRIDS["grid"]])
    await desk.own_records.propose(filer, made.records["grid"], {"head": "王建华"})
    made.proposal = (await desk.own_records.asked(actors["worker"]))[0].id


def record(method: str, suffix: str = "", body: Any = None) -> Callable[[Rows, str], tuple[str, str, Any, str]]:
    def ask(made: Rows, row: str) -> tuple[str, str, Any, str]:
        return method, f"/records/{made.records[row]}{suffix}", body, f"base_record {made.records[row]}"

    return ask


def own_record(suffix: str, body: Any) -> Callable[[Rows, str], tuple[str, str, Any, str]]:
    def ask(made: Rows, _: str) -> tuple[str, str, Any, str]:
        number = made.records["grid"]
        return "POST", f"/me/records/{number}/{suffix}", body, f"base_record {number}"

    return ask


def add_record(made: Rows, row: str) -> tuple[str, str, Any, str]:
    body = {"grid": GRIDS[row], "kind": "facility", "place": "桥头", "fields": {"name": "变压器"}}
    return "POST", "/records", body, f"region {made.regions[GRIDS[row]]}"


def decide(made: Rows, _: str) -> tuple[str, str, Any, str]:
    where = f"/record-proposals/{made.proposal}/decision"
    return "POST", where, {"take": True}, f"record_proposal {made.proposal}"


def patrol(method: str, suffix: str = "", body: Any = None) -> Callable[[Rows, str], tuple[str, str, Any, str]]:
    def ask(made: Rows, row: str) -> tuple[str, str, Any, str]:
        return method, f"/patrols/{made.patrols[row]}{suffix}", body, f"patrol {made.patrols[row]}"

    return ask


def subject(method: str, suffix: str = "", body: Any = None) -> Callable[[Rows, str], tuple[str, str, Any, str]]:
    def ask(made: Rows, row: str) -> tuple[str, str, Any, str]:
        return method, f"/subjects/{made.subjects[row]}{suffix}", body, f"subject {made.subjects[row]}"

    return ask


def visit(made: Rows, row: str) -> tuple[str, str, Any, str]:
    body = {"subject": made.subjects[row], "result": "没有问题"}
    return "POST", "/visits", body, f"subject {made.subjects[row]}"


def add_subject(made: Rows, row: str) -> tuple[str, str, Any, str]:
    body = {"kind": "shop", "title": "小店", "grid": GRIDS[row]}
    return "POST", "/subjects", body, f"region {made.regions[GRIDS[row]]}"


def exempt(made: Rows, row: str) -> tuple[str, str, Any, str]:
    body = {"region": GRIDS[row], "day": datetime.now(UTC).date().isoformat(), "reason": "大雨"}
    return "POST", "/exempt-days", body, f"region {made.regions[GRIDS[row]]}"


def bound(made: Rows, row: str) -> tuple[str, str, Any, str]:
    return "PUT", f"/grids/{GRIDS[row]}/boundary", {"ring": _RING}, f"region {made.regions[GRIDS[row]]}"


_POINTS = {"batch": 1, "points": [{"at": "2026-03-02T08:30:05+08:00", "latitude": 31.5, "longitude": 120.1}]}
ASK: dict[str, Callable[[Rows, str], tuple[str, str, Any, str]]] = {
    "start_patrol": lambda _made, _row: ("POST", "/patrols", {}, ""),
    "list_patrols": lambda _made, _row: ("GET", "/patrols?limit=100", None, ""),
    "show_patrol": patrol("GET"),
    "add_patrol_points": patrol("POST", "/points", _POINTS),
    "end_patrol": patrol("POST", "/end", {}),
    "show_patrol_week": lambda _made, _row: ("GET", "/me/patrol-week", None, ""),
    "exempt_day": exempt,
    "list_exempt_days": lambda _made, _row: ("GET", "/exempt-days", None, ""),
    "set_boundary": bound,
    "list_due_visits": lambda _made, _row: ("GET", "/visits/due?days=31&limit=100", None, ""),
    "record_visit": visit,
    "list_visits": lambda _made, _row: ("GET", "/visits?limit=100", None, ""),
    "add_subject": add_subject,
    "list_subjects": lambda _made, _row: ("GET", "/subjects?limit=100", None, ""),
    "show_subject": subject("GET"),
    "end_subject": subject("POST", "/end"),
    "list_records": lambda _made, _row: ("GET", "/records?limit=100", None, ""),
    "add_record": add_record,
    "look_at_record": record("POST", "/look", {"reason": "核对"}),
    "change_record": record("PUT", "", {"version": 1, "fields": {"people": "3"}}),
    "show_record_history": record("GET", "/history"),
    "list_proposed_records": lambda _made, _row: ("GET", "/record-proposals", None, ""),
    "decide_proposed_record": decide,
    "list_my_records": lambda _made, _row: ("GET", "/me/records", None, ""),
    "propose_record": own_record("proposals", {"fields": {"people": "4"}}),
    "withdraw_from_record": own_record("withdrawals", {"field": "phone"}),
}
