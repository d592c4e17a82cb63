"""Training in the chat: 「培训」 shows what is due, a course is read page by page, its test answered by letters."""

import re
from datetime import timedelta

from bot import replies_training as replies
from bot.router import Router, Talk
from bot.words import number_alone, says, waits_for
from domain.errors import BadInput, Conflict, NotFound
from domain.training import LETTERS
from services.training import AttemptView, TrainingView

router = Router()
choices = Router()
"""Asked before all other words: letters answer a question that was asked, a number chooses a course."""

WAITS = timedelta(hours=12)
"""A test may be laid aside for a shift; 「培训」 goes on with it at any time after that."""
_LETTERS = re.compile(r"[A-Ha-h](?:[\s,，、和]*[A-Ha-h]){0,7}")
_MOST = 9
_ASKS = ("training", "poll", "menu", "which", "found", "to_tell")


def _letters(talk: Talk) -> bool:
    return _LETTERS.fullmatch(talk.bare) is not None


@router.on(says("培训", "我的培训", "学习", "看培训", "学时", "我的学时"))
async def show(talk: Talk) -> str | None:
    actor = await talk.actor()
    due = (await talk.desk.trainings.due(actor))[:_MOST]
    if not actor.is_staff and not due:
        return None  # to a resident it is a word as any other
    year = await talk.desk.trainings.year(actor)
    if due:
        await talk.ask("training", WAITS, courses=[one.id for one in due])
    return replies.due(due, year)


@choices.on(waits_for("training", number_alone))
async def choose(talk: Talk) -> str | None:
    asked = talk.questions.get("training") or {}
    courses = asked.get("courses")
    if not isinstance(courses, list) or talk.questions.newest(*_ASKS) != "training":
        return None
    if not 1 <= talk.number <= len(courses):
        return replies.no_such_number(len(courses))
    return await _page(talk, int(courses[talk.number - 1]), 0)


@choices.on(waits_for("training", says("下一页", "继续", "往下", "下页")))
async def go_on(talk: Talk) -> str | None:
    course, page = _reading(talk)
    return await _page(talk, course, page + 1) if course else None


@choices.on(waits_for("training", says("上一页", "上页")))
async def back(talk: Talk) -> str | None:
    course, page = _reading(talk)
    return await _page(talk, course, max(0, page - 1)) if course else None


@choices.on(waits_for("training", says("考试", "开始考试", "答题", "继续考试", "再考一次")))
async def begin(talk: Talk) -> str | None:
    course, _ = _reading(talk)
    if not course:
        return None
    try:
        told = await talk.desk.trainings.start(await talk.actor(), course)
    except Conflict as refused:
        return replies.refused(refused.facts.get("why"))
    except NotFound:
        await talk.settle("training")
        return replies.GONE
    return await _asked(talk, told)


@choices.on(waits_for("training", says("退出", "不考了", "先不考", "停")))
async def leave(talk: Talk) -> str:
    await talk.settle("training")
    return replies.LEFT


@choices.on(waits_for("training", _letters))
async def answer(talk: Talk) -> str | None:
    asked = talk.questions.get("training") or {}
    course, attempt, number = asked.get("course"), asked.get("attempt"), asked.get("number")
    if not isinstance(course, int) or not isinstance(attempt, int) or not isinstance(number, int):
        return None
    chosen = sorted({LETTERS.index(letter) + 1 for letter in talk.bare.upper() if letter in LETTERS})
    trainings = talk.desk.trainings
    try:
        told = await trainings.answer(await talk.actor(), course, attempt, number, chosen)
    except BadInput as wrong:
        return replies.not_so(one=wrong.facts.get("most") == 1)
    except Conflict:  # answered meanwhile on another phone: go on where the test stands
        told = await trainings.start(await talk.actor(), course)
    except NotFound:
        await talk.settle("training")
        return replies.GONE
    return await _asked(talk, told)


def _reading(talk: Talk) -> tuple[int, int]:
    asked = talk.questions.get("training") or {}
    course, page = asked.get("course"), asked.get("page", 0)
    return (course if isinstance(course, int) else 0), (page if isinstance(page, int) else 0)


async def _page(talk: Talk, course: int, page: int) -> str:
    try:
        seen: TrainingView = await talk.desk.trainings.one(await talk.actor(), course)
    except NotFound:
        await talk.settle("training")
        return replies.GONE
    page = min(page, max(0, len(seen.pages) - 1))
    await talk.ask("training", WAITS, course=course, page=page)
    return replies.page(seen, page)


async def _asked(talk: Talk, told: AttemptView) -> str:
    if told.next is None:
        await talk.ask("training", WAITS, course=told.course)
        return replies.over(told)
    await talk.ask("training", WAITS, course=told.course, attempt=told.attempt, number=told.next.number)
    return replies.question(told)
