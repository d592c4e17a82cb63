"""登记 and 改登记 in the chat: a worker writes down a record of their grid, or corrects one, one question at a time.

What has been said so far waits in the conversation, sealed where it is about somebody, and outlives a restart; another
word in between is answered as ever, and 登记 goes on where one was. Only what stands in :data:`FIELDS` is asked for.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import TypeVar

from bot import replies_record_flow as replies
from bot import replies_records
from bot.record_words import ORDER, value_of, values_of
from bot.router import Router, Talk
from bot.words import begins, number_alone, says, staff
from domain.errors import Conflict, NotFound
from services.records import LONGEST, Kind, Shown

Choice = TypeVar("Choice")
State = dict[str, object]

router = Router()
choices = Router()
"""Before all other words: short answers, while this was asked last."""
late = Router()
"""After every other word: whatever else answers the question."""

WAITS = timedelta(hours=12)
MOST_DIGITS = 3
"""Of a number that answers: a case has more, and a phone many more."""
_PHONE_DIGITS = 7
ASKS = ("record", "own_record", "draft", "which", "patrol_words")
"""To the newest of these belong words that mean nothing else."""

YES = ("确认", "对", "对的", "是", "是的", "没错", "提交", "好", "好的")
NO = ("不是", "否", "不")
SKIP = ("跳过", "没有", "无", "不知道", "不清楚")
CANCEL = ("取消", "不登记了", "不改了", "算了")
BACK = ("上一步", "返回", "退回上一步")
_KINDS = {name: kind for kind, name in replies.KINDS.items()} | {"住户": Kind.HOUSEHOLD, "租房": Kind.RENTAL}
_SHORT = says(*YES, *NO, *SKIP, *CANCEL, *BACK, *_KINDS, "清空")


def asked_last(ask: str, talk: Talk) -> bool:
    return bool(talk.questions.asked) and talk.questions.asked[-1]["ask"] == ask


def answers_shortly(ask: str, talk: Talk) -> bool:
    """A word of the flow, or a number that no case has, while *ask* was asked last."""
    if not asked_last(ask, talk) or talk.incoming.kind not in {"text", "voice"}:
        return False
    if _SHORT(talk):
        return True
    if not number_alone(talk):
        return False
    phone = str((talk.questions.get(ask) or {}).get("step", "")).endswith("phone")
    return len(talk.rest) >= _PHONE_DIGITS if phone else len(talk.rest) <= MOST_DIGITS


def answers_at_length(ask: str, talk: Talk) -> bool:
    if not talk.questions.asked or not talk.text:  # as of nearly all messages
        return False
    return talk.incoming.kind in {"text", "voice"} and talk.questions.newest(*ASKS) == ask


@router.on(staff(says("登记", "新登记", "登记信息", "我要登记", *(f"登记{name}" for name in _KINDS))))
async def begin(talk: Talk) -> str:
    records, by = talk.desk.records, await talk.actor()
    if not await records.grids_kept(by):
        return replies_records.nobody_keeps()
    kind = _KINDS.get(talk.bare.removeprefix("登记"))
    waiting = dict(talk.questions.get("record") or {})
    if waiting.get("do") == "add" and kind is None:
        return await _ask(talk, waiting)
    state: State = {"do": "add", "step": "kind"}
    return await _next(talk, state | {"kind": kind}) if kind is not None else await _ask(talk, state)


@router.on(staff(begins("改登记", "修改登记")))
async def begin_change(talk: Talk) -> str:
    records, by = talk.desk.records, await talk.actor()
    if not await records.grids_kept(by):
        return replies_records.nobody_keeps()
    if not talk.rest:
        return replies.change_how()
    found = await records.at(by, talk.rest[:LONGEST])
    if not found:
        return replies.nothing_there(talk.rest)
    if len(found) == 1:
        return await _open(talk, found[0])
    await talk.ask("record", WAITS, do="which", step="which", found=[one.id for one in found[:5]])
    return replies.which_record(found[:5], more=len(found) > 5)  # noqa: PLR2004 - as many as are shown


@choices.on(staff(lambda talk: answers_shortly("record", talk)))
@late.on(staff(lambda talk: answers_at_length("record", talk)))
async def answer(talk: Talk) -> str | None:
    state = dict(talk.questions.get("record") or {})
    adds = state.get("do") == "add"
    if talk.bare in CANCEL:
        await talk.settle("record")
        return replies.dropped() if adds else replies.stopped()
    try:
        return await (_answer_new(talk, state) if adds else _answer_change(talk, state))
    except NotFound:
        await talk.settle("record")
        return replies.gone()


async def _answer_new(talk: Talk, state: State) -> str:
    step = str(state.get("step"))
    if talk.bare in BACK:
        return await _back(talk, state)
    return await _STEPS.get(step, _field)(talk, state)


async def _kind(talk: Talk, state: State) -> str:
    chosen = _KINDS.get(talk.bare) or picked(list(Kind), talk)
    return await _next(talk, state | {"kind": chosen}) if chosen else replies.ask_kind()


async def _grid(talk: Talk, state: State) -> str:
    grids = await talk.desk.records.grids(await talk.actor())
    grid = picked([code for code, _ in grids], talk)
    return await _next(talk, state | {"grid": grid}) if grid else await _ask(talk, state)


async def _place(talk: Talk, state: State) -> str:
    place = value_of("place", talk.text)
    return await _next(talk, state | {"place": place}) if place and talk.bare not in SKIP else await _ask(talk, state)


async def _migrant(talk: Talk, state: State) -> str:
    known = talk.bare in YES + NO + SKIP
    return await _next(talk, state | {"migrant": talk.bare in YES}) if known else replies.ask_migrant()


async def _confirm(talk: Talk, state: State) -> str:
    return await _add(talk, state) if talk.bare in YES else await _ask(talk, state)


async def _field(talk: Talk, state: State) -> str:
    step, fields = str(state.get("step")), list(ORDER[Kind(str(state["kind"]))])
    if talk.bare in SKIP:
        return await _next(talk, _with(talk, state, {step: ""}))
    found = values_of(fields[fields.index(step) :], talk.text)
    if found is None:
        return replies.cannot(step)
    return await _next(talk, _with(talk, state, found) | {"step": max(found, key=fields.index)})


_STEPS: Mapping[str, Callable[[Talk, State], Awaitable[str]]] = {
    "kind": _kind,
    "grid": _grid,
    "place": _place,
    "migrant": _migrant,
    "confirm": _confirm,
}
"""All others are fields of the record."""


async def _add(talk: Talk, state: Mapping[str, object]) -> str:
    """Written down and settled in the transaction of this one message: sent again it is no second record."""
    kind, place = Kind(str(state["kind"])), str(state["place"])
    values = {name: value for name, value in _values(talk, state).items() if value}
    by, migrant = await talk.actor(), bool(state.get("migrant"))
    grids = await talk.desk.records.grids(by)
    grid = str(state.get("grid") or (grids[0][0] if grids else ""))
    await talk.desk.records.add(by, grid, kind, place, values, migrant=migrant)
    await talk.settle("record")
    return replies.added(kind, place)


async def _steps(talk: Talk, state: Mapping[str, object]) -> list[str]:
    if not state.get("kind"):
        return ["kind"]
    kind = Kind(str(state["kind"]))
    several = len(await talk.desk.records.grids_kept(await talk.actor())) > 1
    migrant = ["migrant"] if kind is Kind.HOUSEHOLD else []
    return ["kind", *(["grid"] if several else []), "place", *ORDER[kind], *migrant, "confirm"]


async def _next(talk: Talk, state: State) -> str:
    steps = await _steps(talk, state)
    step = str(state["step"])
    place = steps.index(step) + 1 if step in steps else 0
    return await _ask(talk, state | {"step": steps[min(place, len(steps) - 1)]})


async def _back(talk: Talk, state: State) -> str:
    steps = await _steps(talk, state)
    step = str(state["step"])
    return await _ask(talk, state | {"step": steps[max(0, steps.index(step) - 1) if step in steps else 0]})


async def _ask(talk: Talk, state: Mapping[str, object]) -> str:
    await talk.ask("record", WAITS, **kept(state))
    step = str(state["step"])
    if step == "kind":
        return replies.ask_kind()
    if step == "grid":
        return replies.ask_grid([name for _, name in await talk.desk.records.grids(await talk.actor())])
    kind = Kind(str(state["kind"]))
    if step == "place":
        return replies.ask_place(kind)
    if step == "migrant":
        return replies.ask_migrant()
    if step == "confirm":
        said, migrant = _values(talk, state), bool(state.get("migrant"))
        values = {field: said[field] for field in ORDER[kind] if field in said}
        return replies.ask_confirm(kind, str(state["place"]), values, migrant=migrant)
    return replies.ask_field(kind, step)


# Correct one.


async def _answer_change(talk: Talk, state: State) -> str | None:
    step, records, by = str(state.get("step")), talk.desk.records, await talk.actor()
    if step == "which":
        listed = state.get("found")
        record = picked(listed if isinstance(listed, list) else [], talk)
        return await _open(talk, await records.one(by, int(str(record)))) if record else None
    one = await records.one(by, int(str(state["id"])))
    if step == "field":
        return await _choose_field(talk, one)
    if step == "confirm":
        return await _change(talk, state, one)
    field = str(state["field"])
    if talk.bare in BACK:
        return await _open(talk, one)
    value = "" if talk.bare == "清空" else value_of(field, talk.text)
    if value is None:
        return replies.cannot(field)
    await talk.ask("record", WAITS, **kept(state) | {"step": "confirm", "sealed": records.sealed({field: value})})
    return replies.confirm_change(one.place, field, value)


async def _choose_field(talk: Talk, one: Shown) -> str | None:
    fields = list(ORDER[Kind(one.kind)])
    field = picked(fields, talk)
    if field is None:
        # Words that are no number are about something else.
        return replies.which_field(one, fields) if talk.number else None
    await talk.ask("record", WAITS, do="change", id=one.id, version=one.version, field=field, step=f"new_{field}")
    return replies.new_value(field)


async def _change(talk: Talk, state: State, one: Shown) -> str:
    field, values = str(state["field"]), _values(talk, state)
    if talk.bare in BACK:
        await talk.ask("record", WAITS, **kept(state) | {"step": f"new_{field}"})
        return replies.new_value(field)
    if talk.bare not in YES:
        return replies.confirm_change(one.place, field, values[field])
    try:
        done = await talk.desk.records.change(await talk.actor(), one.id, values, version=int(str(state["version"])))
    except Conflict:
        return f"{replies.changed_by_another()}\n{await _open(talk, one)}"
    if done.version == one.version:
        return f"{replies.same()}\n{await _open(talk, one)}"
    await _open(talk, one)
    return replies.changed(one.place)


async def _open(talk: Talk, one: Shown) -> str:
    await talk.ask("record", WAITS, do="change", id=one.id, step="field")
    return replies.which_field(one, list(ORDER[Kind(one.kind)]))


def _values(talk: Talk, state: Mapping[str, object]) -> dict[str, str]:
    return talk.desk.records.opened_values(str(state.get("sealed") or ""))


def _with(talk: Talk, state: Mapping[str, object], found: Mapping[str, str]) -> dict[str, object]:
    return {**state, "sealed": talk.desk.records.sealed({**_values(talk, state), **found})}


def kept(state: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in state.items() if name not in {"ask", "until"}}


def picked(among: list[Choice], talk: Talk) -> Choice | None:
    """What the number of a short answer stands for."""
    return among[talk.number - 1] if 1 <= talk.number <= len(among) else None
