"""Leaves in the chat: 请假, 销假, and the answer of whoever is above: 准假, 不准."""

import re
from collections.abc import Sequence

from bot import leave_words, replies_leave
from bot.router import Router, Talk
from bot.words import begins, says, staff
from domain.errors import Conflict, LeaveRefused, NotAllowed, NotFound
from services.access import Actor
from services.leaves import LeaveView

router = Router()

_BREAKS = frozenset(["", *" \n\t:：,，。.!！"])


@router.on(staff(begins("请假", "我要请假", "我请假", "我想请假")))
async def ask(talk: Talk) -> str:
    wish = leave_words.read(talk.rest, talk.desk.clock.now())
    if wish is None:
        return replies_leave.how()
    try:
        leave = await talk.desk.leaves.ask(await talk.actor(), wish.starts_at, wish.ends_at, wish.reason)
    except LeaveRefused as refusal:
        return replies_leave.refused(refusal.facts)
    except NotAllowed:
        return replies_leave.nobody()
    return replies_leave.asked(leave)


@router.on(staff(says("销假", "我要销假", "销假了", "取消请假", "不请假了")))
async def end(talk: Talk) -> str:
    try:
        return replies_leave.ended(await talk.desk.leaves.end(await talk.actor()))
    except NotFound:
        return replies_leave.nothing_to_end()


@router.on(staff(begins("不准假", "不准", "准假", "同意请假")))
async def decide(talk: Talk) -> str | None:
    """「准假」 answers the one that waits; of several the answer names whom: 「准假 张三」, 「不准 张三 有检查」."""
    word, rest = ("准假" if talk.word in {"准假", "同意请假"} else "不准"), talk.rest
    actor = await talk.actor()
    waiting = await talk.desk.leaves.asked(actor)
    if not waiting:
        return await _answered(talk, actor, word)
    chosen, note = _meant(waiting, rest)
    if word == "不准" and note == rest and talk.text[len(talk.word) : len(talk.word) + 1] not in _BREAKS:
        return None  # 「不准停车的牌子倒了」
    named = re.split(r"[\s,，:：]", rest, maxsplit=1)[0]
    if chosen is not None and note == rest and rest and (word == "准假" or await talk.desk.leaves.is_colleague(named)):
        # Somebody else is named: what was meant for one must not be given to another.
        chosen = None
    if chosen is None:
        return replies_leave.not_among(named, waiting, word) if named else replies_leave.which(waiting, word)
    if word == "不准" and not note:
        return replies_leave.say_why(chosen.person)
    try:
        return replies_leave.decided(
            await talk.desk.leaves.decide(actor, chosen.id, approve=word == "准假", answer=note)
        )
    except Conflict as refusal:
        return replies_leave.already(refusal.facts)


async def _answered(talk: Talk, actor: Actor, word: str) -> str | None:
    last = await talk.desk.leaves.answered_last(actor, talk.rest)
    if last is not None:
        return replies_leave.already({"state": last.state, "person": last.person})
    return replies_leave.nothing_asked() if talk.bare == talk.word or word == "准假" else None


def _meant(waiting: Sequence[LeaveView], rest: str) -> tuple[LeaveView | None, str]:
    """Whose leave is meant, and what else was said. Longer names first: 「张三丰」 is not 「张三」."""
    for one in sorted(waiting, key=lambda leave: -len(leave.person)):
        if one.person and rest.startswith(one.person):
            return one, rest[len(one.person) :].strip(" \n\t:：,，。")
    asked_of_me = [one for one in waiting if one.mine_to_answer] or waiting
    return (asked_of_me[0], rest) if len(asked_of_me) == 1 else (None, rest)
