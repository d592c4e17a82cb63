"""Handing a case on in the chat: 交办, 会办, 转派."""

import re

from bot import replies_worker
from bot.handlers.worker import PHOTO_FOLLOWS
from bot.router import Router, Talk
from bot.words import begins, opinion, orders, says, staff
from domain.case import Action

router = Router()

_WORDS = {"交办": Action.DISPATCH, "会办": Action.CO_HANDLE, "转派": Action.TRANSFER}
_TARGET = re.compile(r"(?:给|到)?\s*(?P<to>[^\s,，:：;；。]*)[\s,，:：;；。]*(?P<note>.*)", re.DOTALL)
_NAME = re.compile(r"(?P<name>[^\s,，、:：;；。]+)(?P<after>[\s,，、:：;；。]*)")
_MOST_NAMES = 11
"""One more than may be asked, so that too many are refused and not taken for words."""


@router.on(staff(orders("交办", "转派")))
async def hand_to_one(talk: Talk) -> str:
    """「交办 1024 城管办 请尽快」「转派1024 第二网格」: the first word says to whom."""
    found = _TARGET.fullmatch(talk.rest)
    to, said = (found["to"], found["note"]) if found is not None else ("", "")
    hidden, note = opinion(said)
    action = _WORDS[talk.word]
    case = await talk.desk.cases.act(await talk.actor(), talk.number, action, note=note, to=to, hidden=hidden)
    await talk.ask("photo", PHOTO_FOLLOWS, number=case.number)
    return replies_worker.done(action, case.number, **await talk.desk.queues.place_of(case))


@router.on(staff(orders("会办")))
async def ask_for_help(talk: Talk) -> str:
    """「会办 1024 城管办、派出所 请一起看看」: as many names as are known, then the opinion."""
    by = await talk.actor()
    words: list[re.Match[str]] = []
    at = 0
    while len(words) < _MOST_NAMES and (word := _NAME.match(talk.rest, at)):
        words.append(word)
        at = word.end()
    known = await talk.desk.cases.names_among(by, talk.number, [word["name"] for word in words])
    # A first word that is nobody's name is told as such; it is not taken for the opinion.
    names = words[: max(known, 1)]
    hidden, note = opinion(talk.rest[names[-1].end() :] if names else "")
    others = [name["name"] for name in names]
    case = await talk.desk.cases.act(by, talk.number, Action.CO_HANDLE, note=note, others=others, hidden=hidden)
    await talk.ask("photo", PHOTO_FOLLOWS, number=case.number)
    return replies_worker.done(Action.CO_HANDLE, case.number, **await talk.desk.queues.place_of(case))


def _with_a_space(talk: Talk) -> bool:
    # 「转派出所怎么走」 is no order.
    return begins(*_WORDS)(talk) and talk.text[len(talk.word) :].startswith((" ", "\t", "\n", ":", "：", ",", "，"))


@router.on(staff(says(*_WORDS)))
@router.on(staff(_with_a_space))
async def say_how(talk: Talk) -> str | None:
    """The word without a number. Whoever holds none is speaking of something else."""
    page = await talk.desk.queues.mine(await talk.actor(), limit=1)
    if not page.items:
        return replies_worker.choose_case(talk.word, []) if talk.bare == talk.word else None
    return replies_worker.handing_how(talk.word, page.items[0].number)
