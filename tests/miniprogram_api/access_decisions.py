"""How the calls about what a town decides on are asked for docs/access.md, and what they are about."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from domain.admission import Every, Move, Wish
from models import ExitProposal, Region
from services.access import Actor
from services.desk import Desk
from tests.miniprogram_api.access_town import GRIDS, TOWN_A, Rows

_WORK = {"task": "每季查一遍", "basis": "消防法第六条", "every": "quarter", "support": "每户 5 元"}


async def add_decisions(desk: Desk, made: Rows, actors: Mapping[str, Actor]) -> None:
    """A request and what is admitted of the department, an application and an exit of the worker."""
    for row, title in (("asked", "查招牌"), ("admitted", "查小场所")):
        wish = Wish("A1", title, "每季查一遍", "消防法第六条", Every.QUARTER, "每户 5 元")
        made.decisions[row] = (await desk.admissions.ask(actors["department"], wish)).id
    await desk.admissions.move(actors["admin"], made.decisions["admitted"], Move.REVIEW)
    await desk.admissions.move(actors["county"], made.decisions["admitted"], Move.ADMIT)
    evidence = [("case", str(made.cases["raised"]))]
    applied = await desk.award_applications.apply(actors["worker"], GRIDS["grid"], "抢险", "连夜排水", evidence)
    made.decisions["applied"] = applied.id
    now, town = desk.clock.now(), await Region.get(code=TOWN_A)
    proposal = await ExitProposal.create(
        town_id=town.id,
        person_id=actors["worker"].person_id,
        year=now.year - 1,
        made_at=now,
        object_until=now + timedelta(days=15),
    )
    made.decisions["exit"] = proposal.id
    made.regions.setdefault("grid", (await Region.get(code=GRIDS["grid"])).id)


Given = tuple[str, str, object, str]


def _move(step: str) -> Callable[[Rows, str], Given]:
    def ask(made: Rows, row: str) -> Given:
        number = made.decisions[row]
        return "POST", f"/admissions/{number}/moves", {"move": step, "reason": "改由物业做"}, f"admission {number}"

    return ask


def _apply(made: Rows, _: str) -> Given:
    evidence = [{"kind": "case", "record": str(made.cases["raised"])}]
    body = {"grid": GRIDS["grid"], "title": "救火", "reason": "第一个到场", "evidence": evidence}
    return "POST", "/award-applications", body, f"region {made.regions['grid']}"


ASK: Mapping[str, Callable[[Rows, str], Given]] = {
    "list_admissions": lambda *_: ("GET", "/admissions?limit=100", None, ""),
    "ask_admission": lambda *_: ("POST", "/admissions", {"region": "A1", "title": "查电梯", **_WORK}, ""),
    "move_admission `review`": _move("review"),
    "move_admission `end`": _move("end"),
    "list_award_applications": lambda *_: ("GET", "/award-applications?limit=100", None, ""),
    "apply_for_award": _apply,
    "show_my_exit": lambda *_: ("GET", "/me/exit", None, ""),
    "object_to_exit": lambda made, _: (
        "POST",
        "/me/exit/objections",
        {"reason": "山路多"},
        f"exit_proposal {made.decisions['exit']}",
    ),
}
