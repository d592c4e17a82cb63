"""Two towns with one person at every duty, and one row of each kind: what docs/access.py has its table for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from aiohttp import web
from aiohttp.typedefs import Handler

from domain.assessment import Kind, Verdict
from domain.calendar import SHANGHAI
from domain.case import Action
from models import Award, Case, CoHandler, HeldDuty, Identity, Region, Session, WorkNote
from services.access import Actor
from services.cases import Filing
from services.desk import Desk
from services.transaction import rows, transaction
from tests.miniprogram_api.mini import Api, Mini

VILLAGE_1, TOWN_A = "A1", "A"
GRIDS = {"grid": "A11", "next_grid": "A12", "village_2": "A21", "town_b": "B11"}
VACANT = {"village_1": "A13", "town_b": "B12"}

REGIONS = """code,name,level,parent_code,kind
C,常州市,city,,
D,武进区,county,C,
A,雪堰镇,town,D,
B,潘家镇,town,D,
A1,城西村,village,A,
A2,城东村,village,A,
B1,河口村,village,B,
A11,第一网格,grid,A1,comprehensive
A12,第二网格,grid,A1,comprehensive
A13,空缺网格,grid,A1,comprehensive
A21,东一网格,grid,A2,comprehensive
B11,河一网格,grid,B1,comprehensive
B12,河二网格,grid,B1,comprehensive
"""

POSTS: Mapping[str, tuple[str, str]] = {
    "volunteer": ("volunteer", "A11"),
    "part_time": ("part_time_worker", "A11"),
    "worker": ("grid_worker", "A11"),
    "beside": ("grid_worker", "A12"),
    "grid_chief": ("grid_chief", "A11"),
    "chief": ("grid_chief", "A1"),
    "village_liaison": ("liaison", "A1"),
    "secretary": ("village_secretary", "A1"),
    "village_agent": ("village_agent", "A1"),
    "liaison": ("liaison", "A"),
    "commander": ("commander", "A"),
    "agent": ("town_agent", "A"),
    "officer": ("department_officer", "A"),
    "department": ("department_officer", "A"),
    "inspector": ("inspector", "A"),
    "admin": ("admin", "A"),
    "county": ("commander", "D"),
    "county_inspector": ("inspector", "D"),
    "city": ("town_agent", "C"),
    "commander_b": ("commander", "B"),
    "inspector_b": ("inspector", "B"),
    "left": ("grid_worker", "A11"),
    # Two more workers, so that grids 3 and 4 are somebody's.
    "worker_3": ("grid_worker", "A21"),
    "worker_4": ("grid_worker", "B11"),
}
DEPARTMENT = "城管办"
COVERS = {"worker": "beside"}
A_DAY = timedelta(days=1)
RESIDENTS = ("filer", "neighbour", "somebody")


def _phone(who: str) -> str:
    return f"139000000{[*POSTS].index(who):02}"


def staff_table() -> str:
    lines = ["name,phone,duty,region_code,cover_phone,department"]
    for number, (who, (duty, region)) in enumerate(POSTS.items()):
        cover = _phone(COVERS[who]) if who in COVERS else ""
        lines.append(f"员{number:02},{_phone(who)},{duty},{region},{cover},{DEPARTMENT if who == 'department' else ''}")
    return "\n".join([*lines, ""])


class _Undo(Exception):  # noqa: N818 - it is no error
    def __init__(self, answer: web.StreamResponse) -> None:
        self.answer = answer


# What a row is that does not exist: the same, taken away before the question.
WITHOUT = {
    "case": 'UPDATE "case" SET number = NULL WHERE number = $1',
    "leave": "DELETE FROM leave WHERE id = $1",
    "event_type": "DELETE FROM event_type WHERE id = $1",
    "session": "DELETE FROM session WHERE id = $1",
    "saved_filter": "DELETE FROM saved_filter WHERE id = $1",
    "region": "UPDATE region SET code = 'gone' WHERE id = $1",
    "notice": "DELETE FROM notice WHERE id = $1",
    "work_note": "DELETE FROM work_note WHERE id = $1",
    "training_course": "DELETE FROM training_course WHERE id = $1",
    "poll": "DELETE FROM poll WHERE id = $1",
    "delivery": "DELETE FROM delivery WHERE id = $1",
    "attachment": "DELETE FROM attachment WHERE id = $1",
    "patrol": "DELETE FROM patrol WHERE id = $1",
    "subject": "WITH v AS (DELETE FROM visit WHERE subject_id = $1) DELETE FROM subject WHERE id = $1",
    "base_record": "DELETE FROM base_record WHERE id = $1",
    "record_proposal": "DELETE FROM record_proposal WHERE id = $1",
    "spot_check": "DELETE FROM spot_check WHERE id = $1",
    "objection": "DELETE FROM objection WHERE id = $1",
    "admission": "DELETE FROM admission WHERE id = $1",
    "exit_proposal": "DELETE FROM exit_proposal WHERE id = $1",
}


@web.middleware
async def undone(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Everything that a marked request writes is undone after its answer, so that each cell finds the same town."""
    if "X-Undo" not in request.headers:
        return await handler(request)
    try:
        async with transaction():
            table, _, row_id = request.headers.get("X-Without", "").partition(" ")
            if table:
                await rows(f"{WITHOUT[table]} RETURNING 1", int(row_id) if row_id.isdigit() else UUID(row_id))
            raise _Undo(await handler(request))  # noqa: TRY301 - only an error undoes a transaction
    except _Undo as undo:
        return undo.answer


@dataclass(slots=True)
class Rows:
    """The rows of each kind, by the names of docs/access.py. What is anybody's own stands under ``(who, "own")``."""

    people: dict[str, Mini] = field(default_factory=dict)
    cases: dict[Any, int] = field(default_factory=dict)
    leaves: dict[Any, int] = field(default_factory=dict)
    types: dict[Any, int] = field(default_factory=dict)
    filters: dict[Any, int] = field(default_factory=dict)
    sessions: dict[Any, int] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    invitations: dict[str, str] = field(default_factory=dict)
    regions: dict[str, int] = field(default_factory=dict)
    notices: dict[Any, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    polls: dict[str, int] = field(default_factory=dict)
    trainings: dict[str, int] = field(default_factory=dict)
    visits: dict[str, int] = field(default_factory=dict)
    visited: int = 0
    """The notice that has not reached those of ``visits``."""
    attachments: dict[Any, UUID] = field(default_factory=dict)
    patrols: dict[str, int] = field(default_factory=dict)
    subjects: dict[str, int] = field(default_factory=dict)
    records: dict[str, int] = field(default_factory=dict)
    proposal: int = 0
    """What the filer says of the record of ``grid``, which is that of their household."""
    checks: dict[str, int] = field(default_factory=dict)
    objection: int = 0
    """To the spot check of ``given``."""
    award: int = 0
    decisions: dict[str, int] = field(default_factory=dict)
    """What the towns decide on: admissions, an application, an exit."""


async def settle(api: Api) -> tuple[Rows, dict[str, Actor]]:
    """Import the towns, sign everybody in, and make the rows."""
    desk = api.town.desk
    await desk.imports.run(REGIONS.encode(), staff_table().encode())
    made = Rows()
    for who in RESIDENTS:
        made.people[who] = await api.sign_in(who)
    for who in POSTS:
        made.people[who] = await _bound(api, desk, who)
    filer = made.people["filer"]
    left = await filer.post("/me/phone", {"code": await api.number_code(filer.phone), "keep": True})
    assert left.status == 200, left.body
    for who, mini in made.people.items():
        made.codes[who] = await api.number_code(mini.phone)
    yesterday = desk.clock.now().astimezone(SHANGHAI).date() - timedelta(days=1)
    await HeldDuty.filter(person_id=made.people["left"].person["id"]).update(to_date=yesterday)
    actors = {who: await desk.people.actor(mini.person["id"]) for who, mini in made.people.items()}
    await _cases(desk, made, actors)
    await _more(desk, made, actors)
    await _assessment(desk, made, actors)
    return made, actors


async def _bound(api: Api, desk: Desk, who: str) -> Mini:
    mini = await api.sign_in(who)
    identity = await Identity.get(person_id=mini.person["id"])
    actor = await desk.people.bind(identity.id, await desk.people.invite(_phone(who)))
    mini.person = {"id": actor.person_id, "name": actor.name}
    return mini


async def _cases(desk: Desk, made: Rows, actors: Mapping[str, Actor]) -> None:
    filer = actors["filer"]

    async def filed(by: Actor, grid: str) -> Case:
        return await desk.cases.file(by, Filing(grid=grid, description=f"路灯坏了{len(made.cases)}"))

    for who, actor in actors.items():
        made.cases[who, "own"] = (await filed(actor, GRIDS["town_b"])).number or 0
    for row in ("grid", "next_grid", "village_2", "town_b"):
        made.cases[row] = (await filed(filer, GRIDS[row])).number or 0
    for row, grid in (("raised", "grid"), ("given", "grid"), ("helped", "village_2"), ("follower", "village_2")):
        made.cases[row] = (await filed(filer, GRIDS[grid])).number or 0
    act = desk.cases.act
    await act(actors["worker"], made.cases["raised"], Action.REPORT_UP, note="办不了")
    await act(actors["worker"], made.cases["given"], Action.REPORT_UP, note="办不了")
    await act(actors["chief"], made.cases["given"], Action.REPORT_UP, note="办不了")
    await act(actors["agent"], made.cases["given"], Action.DISPATCH, note="请办", to=DEPARTMENT)
    helpers = [GRIDS["grid"], f"雪堰镇{DEPARTMENT}"]
    await act(actors["worker_3"], made.cases["helped"], Action.CO_HANDLE, note="请来", others=helpers)
    # Whoever has left was asked too, while they were there.
    helped = await Case.get(number=made.cases["helped"])
    left = made.people["left"].person["id"]
    await CoHandler.create(case_id=helped.id, person_id=left, asked_at=desk.clock.now())
    await act(actors["commander"], made.cases["follower"], Action.MERGE, into=made.cases["grid"])
    complaint = await desk.cases.complain(filer, "态度不好", number=made.cases["grid"])
    made.cases["complaint"] = complaint.number or 0


async def _more(desk: Desk, made: Rows, actors: Mapping[str, Actor]) -> None:
    now = desk.clock.now()
    for who, actor in actors.items():
        if actor.duties:
            leave = await desk.leaves.ask(actor, now + timedelta(days=3), now + timedelta(days=4))
            made.leaves[who, "own"] = leave.id
    owners = {"grid": "worker", "next_grid": "beside", "village_2": "worker_3", "town_b": "worker_4"}
    made.leaves |= {row: made.leaves[who, "own"] for row, who in {**owners, "secretary": "secretary"}.items()}
    async with transaction():
        for who, actor in {**actors, "other": actors["somebody"]}.items():
            typed = await rows(
                "INSERT INTO event_type (code, name, category, state, proposed_by_id, reason, created_at, keywords, "
                "score_class, usual_level, photos, department, urgent) "
                "VALUES ($1, $1, 'environment', 'proposed', $2, '', now(), '[]', 'C', 1, 'none', '', FALSE) "
                "RETURNING id",
                f"type-{who}",
                actor.person_id,
            )
            made.types[who] = typed[0]["id"]
            kept = await rows(
                "INSERT INTO saved_filter (person_id, name, wanted, created_at) VALUES ($1, $2, '{}', now()) "
                "RETURNING id",
                actor.person_id,
                f"filter-{who}",
            )
            made.filters[who] = kept[0]["id"]
    for who, actor in {**actors, "other": actors["somebody"]}.items():
        day = now.astimezone(SHANGHAI).date()
        made.notes[who] = (await WorkNote.create(person_id=actor.person_id, day=day, at=now, text="看线路")).id
        # A second device, so that whoever asks is still signed in without it.
        at = desk.clock.now()
        made.sessions[who] = (
            await Session.create(token_hash=who, person_id=actor.person_id, created_at=at, expires_at=at + A_DAY)
        ).id
    made.invitations["own"] = await desk.people.invite(_phone("worker_4"))


async def _assessment(desk: Desk, made: Rows, actors: Mapping[str, Actor]) -> None:
    for row in ("raised", "given"):
        found = await desk.spot_checks.mark(actors["inspector"], Kind.CASE, str(made.cases[row]), Verdict.FALSE)
        made.checks[row] = found.id
    objected = await desk.spot_checks.object_to(actors["worker"], made.checks["given"], "不是这样")
    made.objection = objected.objection_id or 0
    town, grid = [await Region.get(code=code) for code in (TOWN_A, GRIDS["grid"])]
    made.award = (
        await Award.create(
            town_id=town.id,
            kind="month",
            period=date(2026, 1, 1),
            person_id=actors["worker"].person_id,
            region_id=grid.id,
            rank=1,
            score=100,
            public_until=desk.clock.now() + A_DAY,
        )
    ).id
