"""What a resident does with a case that is filed: look, rate, push, take back."""

from collections.abc import Sequence
from datetime import timedelta

from bot import replies
from bot.router import Router, Talk
from bot.words import begins, number_alone, orders, says, stars, stars_alone, waits_for
from domain.case import RATINGS, Action, Status
from domain.errors import NotFound
from services.queues import Line

router = Router()

CHOICE_WAITS = timedelta(minutes=10)
_WORDS = {"评价": Action.RATE, "不满意": Action.REOPEN, "撤回": Action.WITHDRAW, "催办": Action.REMIND}
_RUNNING = frozenset({Status.SUBMITTED, Status.ACCEPTED, Status.SUSPENDED})
_APPLIES_TO = {
    Action.RATE: frozenset({Status.RESOLVED}),
    Action.REOPEN: frozenset({Status.RESOLVED, Status.MERGED}),
    Action.WITHDRAW: _RUNNING,
    Action.REMIND: _RUNNING,
}


@router.on(says("进度", "查进度", "查询进度", "我的进度", "办到哪了", "办得怎么样了", "怎么样了", "进展", "查询"))
async def show_progress(talk: Talk) -> str:
    """The resident's open cases, newest first."""
    return replies.progress(await talk.desk.queues.open_of(talk.heard.person_id))


# Words with a number.


@router.on(orders(*_WORDS))
async def move(talk: Talk) -> str | None:
    if _WORDS[talk.word] is Action.RATE and talk.number in RATINGS and not stars(talk.rest)[0]:
        # 「评价 5 谢谢」: what stands there is the rating.
        talk.rest, talk.number = f"{talk.number} {talk.rest}", 0
        return await move_the_only_one(talk) or replies.none_to("评价")
    return await _moved(talk, _WORDS[talk.word], talk.rest)


async def _moved(talk: Talk, action: Action, said: str) -> str:
    given, note = stars(said) if action is Action.RATE else (None, said)
    case = await talk.desk.cases.act(await talk.actor(), talk.number, action, note=note, rating=given)
    place = await talk.desk.queues.place_of(case) if action is Action.REOPEN else {"unit": "", "holder": ""}
    if action is Action.REOPEN and case.appealed and not case.reopened:
        return replies.appealed(talk.number, **place)
    return replies.done_by_resident(action, talk.number, **place)


@router.on(orders("进度", "查看", "查询", "查", "看看", "看"))
async def show_ordered(talk: Talk) -> str | None:
    """「看 1024」; with more behind the number it is a sentence (「看1024路车站的灯」)."""
    return None if talk.rest else await _show(talk)


async def _show(talk: Talk) -> str:
    return replies.one(await talk.desk.queues.one(await talk.actor(), talk.number))


# Answers to what was asked just now.


@router.on(waits_for("own", number_alone))
async def move_chosen(talk: Talk) -> str | None:
    """One of the numbers that were listed."""
    asked = talk.questions.get("own") or {}
    if talk.number not in list(_numbers(asked.get("numbers"))):
        return None
    return await _moved_or_asked(talk, str(asked["word"]), str(asked["rest"]))


def _numbers(listed: object) -> Sequence[int]:
    return listed if isinstance(listed, list) else ()


@router.on(waits_for("rate", stars_alone))
async def rate_asked(talk: Talk) -> str:
    talk.number = int(str((talk.questions.get("rate") or {})["number"]))
    return await _moved(talk, Action.RATE, talk.bare)


# Words and digits without a number: they mean the one case that they can mean.


async def _mine(talk: Talk, action: Action) -> Sequence[Line]:
    """The speaker's own cases that *action* can be meant for."""
    if talk.heard.open_case is None:
        return []
    lines = await talk.desk.queues.open_of(talk.heard.person_id)
    return [line for line in lines if line.status in _APPLIES_TO[action]]


@router.on(stars_alone)
async def rate_by_digit(talk: Talk) -> str | None:
    """「5」 after the result. Who has none to rate means something else by it."""
    lines = await _mine(talk, Action.RATE)
    if not lines:
        return None
    talk.number = lines[0].number
    if len(lines) > 1:
        return await _ask_which(talk, "评价", lines, rest=talk.bare)
    if talk.heard.draft_id is not None:
        # A rating ends the case for good, and the digit may belong to what is being told.
        await talk.ask("rate", CHOICE_WAITS, once=True, number=talk.number)
        return replies.say_the_rating(talk.number, telling=True)
    return await _moved(talk, Action.RATE, talk.bare)


@router.on(begins(*_WORDS))
async def move_the_only_one(talk: Talk) -> str | None:
    """「催办」, 「不满意，还是不亮」."""
    action = _WORDS[talk.word]
    lines = await _mine(talk, action)
    if not lines:
        return replies.none_to(talk.word) if talk.bare == talk.word else None
    talk.number = lines[0].number
    if len(lines) > 1 or action is Action.WITHDRAW:
        return await _ask_which(talk, talk.word, lines, rest=talk.rest)
    return await _moved_or_asked(talk, talk.word, talk.rest)


async def _ask_which(talk: Talk, word: str, lines: Sequence[Line], *, rest: str) -> str:
    numbers = [line.number for line in lines]
    await talk.ask("own", CHOICE_WAITS, once=True, word=word, rest=rest, numbers=numbers)
    return replies.say_which(word, lines)


async def _moved_or_asked(talk: Talk, word: str, rest: str) -> str:
    """Do it to ``talk.number``, or ask for what is still missing: the digit, the reason."""
    action = _WORDS[word]
    if action is Action.RATE and not stars(rest)[0]:
        await talk.ask("rate", CHOICE_WAITS, once=True, number=talk.number)
        return replies.say_the_rating(talk.number)
    if action is Action.REOPEN and not rest:
        await talk.ask("reason", CHOICE_WAITS, once=True, number=talk.number)
        return replies.say_the_reason(talk.number)
    return await _moved(talk, action, rest)


@router.on(number_alone)
async def show_number(talk: Talk) -> str:
    """A number that is not one of theirs is not found, whether it exists or not."""
    try:
        return await _show(talk)
    except NotFound:
        return replies.no_such_number(talk.rest)


# The last of all rules but one: nothing else has made sense of the words.
late = Router()


@late.on(waits_for("reason", lambda talk: bool(talk.text)))
async def reopen_for_reason(talk: Talk) -> str:
    """What follows 「不满意」 says why."""
    talk.number = int(str((talk.questions.get("reason") or {})["number"]))
    return await _moved(talk, Action.REOPEN, talk.text)
