"""更正信息 and 撤掉信息 in the chat: a resident corrects their own record, or takes back what is voluntary."""

from collections.abc import Mapping
from datetime import timedelta

from bot import replies_record_flow as replies
from bot.handlers.record_keeping import (
    BACK,
    CANCEL,
    YES,
    answers_at_length,
    answers_shortly,
    kept,
    picked,
)
from bot.record_words import ORDER, value_of
from bot.router import Router, Talk
from bot.words import says
from domain.errors import BadInput, NotFound
from services.own_records import Own
from services.records import Kind

router = Router()
choices = Router()
late = Router()

WAITS = timedelta(hours=2)


@router.on(says("更正信息", "更正我的信息", "改信息", "我的信息不对"))
async def correct(talk: Talk) -> str:
    return await _begin(talk, "fix")


@router.on(says("撤掉信息", "撤回信息", "撤掉我的信息", "删掉我的电话", "撤掉我的电话"))
async def withdraw(talk: Talk) -> str:
    return await _begin(talk, "withdraw")


async def _begin(talk: Talk, do: str) -> str:
    found = await talk.desk.own_records.mine(await talk.actor())
    if not found:
        return replies.nothing_own()
    if len(found) == 1:
        return await _fields(talk, do, found[0])
    await talk.ask("own_record", WAITS, do=do, step="which", found=[one.id for one in found])
    return replies.which_own(found)


async def _fields(talk: Talk, do: str, one: Own) -> str:
    fields = _may(one, do)
    if fields:
        await talk.ask("own_record", WAITS, do=do, step="field", id=one.id)
    else:
        await talk.settle("own_record")
    return replies.which_own_field(one, fields, withdraw=do == "withdraw")


@choices.on(lambda talk: answers_shortly("own_record", talk))
@late.on(lambda talk: answers_at_length("own_record", talk))
async def answer(talk: Talk) -> str | None:
    state = dict(talk.questions.get("own_record") or {})
    if talk.bare in CANCEL:
        await talk.settle("own_record")
        return replies.own_stopped()
    try:
        return await _answer(talk, state)
    except NotFound:
        await talk.settle("own_record")
        return replies.not_yours()


async def _answer(talk: Talk, state: Mapping[str, object]) -> str | None:
    do, step = str(state.get("do")), str(state.get("step"))
    mine = await talk.desk.own_records.mine(await talk.actor())
    if step == "which":
        listed = state.get("found")
        chosen = picked(listed if isinstance(listed, list) else [], talk)
        # Anything but a number of the list is another matter of theirs.
        return await _fields(talk, do, _one(mine, chosen)) if chosen else None
    one = _one(mine, state.get("id"))
    if step == "field":
        field = picked(_may(one, do), talk)
        if not field:
            return None
        step = "confirm" if do == "withdraw" else f"new_{field}"
        await talk.ask("own_record", WAITS, **kept(state) | {"step": step, "field": field})
        return replies.confirm_withdrawal(field) if do == "withdraw" else replies.right_value(field)
    return await (_confirmed if step == "confirm" else _said)(talk, state, one, str(state["field"]))


async def _said(talk: Talk, state: Mapping[str, object], one: Own, field: str) -> str:
    if talk.bare in BACK:
        return await _fields(talk, str(state["do"]), one)
    value = value_of(field, talk.text)
    if value is None:
        return replies.cannot_own(field)
    sealed = talk.desk.records.sealed({field: value})
    await talk.ask("own_record", WAITS, **kept(state) | {"step": "confirm", "sealed": sealed})
    return replies.confirm_own(field, value)


async def _confirmed(talk: Talk, state: Mapping[str, object], one: Own, field: str) -> str:
    """Done and settled in the transaction of this one message."""
    records, by, takes_back = talk.desk.own_records, await talk.actor(), state.get("do") == "withdraw"
    if talk.bare in BACK:
        return await _fields(talk, str(state["do"]), one)
    values = {} if takes_back else talk.desk.records.opened_values(str(state["sealed"]))
    if talk.bare not in YES:
        return replies.confirm_withdrawal(field) if takes_back else replies.confirm_own(field, values[field])
    try:
        if takes_back:
            await records.withdraw(by, one.id, field)
        else:
            await records.propose(by, one.id, {**one.waiting, **values})
    except BadInput:
        await talk.settle("own_record")
        return replies.same() if not takes_back else replies.not_yours()
    await talk.settle("own_record")
    return replies.withdrawn(field) if takes_back else replies.proposed()


def _may(one: Own, do: str) -> list[str]:
    """In the order in which a record is read."""
    fields = one.voluntary if do == "withdraw" else one.may
    return [name for name in ORDER[Kind(one.kind)] if name in fields]


def _one(mine: list[Own], record_id: object) -> Own:
    """Raises NotFound for what is theirs no more."""
    found = next((one for one in mine if one.id == record_id), None)
    if found is None:
        raise NotFound("there is no such record of yours")
    return found
