"""Patrols in the chat: 巡查, 结束巡查, and what is sent on the way. Only the mini program can record a track."""

import re
from datetime import timedelta

from bot import replies_patrols
from bot.handlers.drafts import said_in
from bot.router import Router, Talk
from bot.words import begins, says, staff
from domain.errors import Conflict, NotAllowed
from services.patrols import End, Start

router = Router()
late = Router()
"""After every other word: what came of a patrol that was ended without a word."""

PATROL_LASTS = timedelta(hours=12)
PHOTO_FOLLOWS = timedelta(minutes=10)
ASKS = ("photo", "draft", "which", "patrol", "visit_photo")
"""To the newest of these a photo or a place belongs."""

_BREAK = re.compile(r"[\s:：,，。]+")


@router.on(staff(says("巡查", "开始巡查", "去巡查", "我要巡查", "出去巡查")))
async def start(talk: Talk) -> str:
    return await _start(talk, "")


@router.on(staff(begins("开始巡查")))
async def start_with_words(talk: Talk) -> str | None:
    """「开始巡查 查消防通道」; 「开始巡查的时候看到…」 is somebody's sentence."""
    if _BREAK.match(talk.text[len(talk.word) :]) is None:
        return None
    return await _start(talk, talk.rest)


async def _start(talk: Talk, content: str) -> str:
    patrols, by = talk.desk.field_work.patrols, await talk.actor()
    going_on = await patrols.going_on(by)
    if going_on is not None:
        await talk.ask("patrol", PATROL_LASTS, patrol=going_on.id)
        return replies_patrols.goes_on(going_on.started_at, await talk.desk.field_work.coverages.mine(by))
    try:
        view = await patrols.start(by, Start(content=content[:1000], source="chat"))
    except NotAllowed:
        return replies_patrols.nobody_patrols()
    await talk.ask("patrol", PATROL_LASTS, patrol=view.patrol.id)
    return replies_patrols.begun(view, await talk.desk.field_work.coverages.mine(by))


@router.on(staff(says("结束巡查", "巡查结束", "巡查完了", "巡查完毕")))
@router.on(staff(begins("结束巡查", "巡查结束")))
async def end(talk: Talk) -> str | None:
    rest = talk.rest if talk.bare != talk.word else ""
    if rest and _BREAK.match(talk.text[len(talk.word) :]) is None:
        return None
    patrols, by = talk.desk.field_work.patrols, await talk.actor()
    going_on = await patrols.going_on(by)
    if going_on is None:
        return replies_patrols.not_on_patrol()
    view = await patrols.end(by, going_on.id, End(result=rest[:1000]))
    await talk.ask("patrol", PHOTO_FOLLOWS, patrol=going_on.id)
    if not view.patrol.content and not view.patrol.result:
        await talk.ask("patrol_words", PHOTO_FOLLOWS, once=True, patrol=going_on.id)
    week = await talk.desk.field_work.patrol_days.week(by)
    return replies_patrols.ended(view, week.today, await talk.desk.field_work.coverages.mine(by))


def _on_the_way(talk: Talk) -> bool:
    return talk.incoming.kind in {"image", "location"} and talk.questions.newest(*ASKS) == "patrol"


@router.on(_on_the_way)
async def keep(talk: Talk) -> str | None:
    """A photo or a place, sent on patrol or right after it."""
    said = said_in(talk.incoming)
    if said is None:
        return None
    patrol = int(str((talk.questions.get("patrol") or {})["patrol"]))
    patrols, by = talk.desk.field_work.patrols, await talk.actor()
    if said.kind != "place":
        await patrols.photo(by, patrol, said)
        return replies_patrols.kept(said.kind)
    going_on = await patrols.going_on(by)
    if going_on is None or said.latitude is None or said.longitude is None:
        return None
    try:
        await patrols.place(by, going_on.id, said.latitude, said.longitude)
    except Conflict:
        return None
    return replies_patrols.kept(said.kind)


def _words_follow(talk: Talk) -> bool:
    return (
        talk.incoming.kind in {"text", "voice"} and bool(talk.text) and talk.questions.get("patrol_words") is not None
    )


@late.on(_words_follow)
async def add_words(talk: Talk) -> str:
    patrol = int(str((talk.questions.get("patrol_words") or {})["patrol"]))
    await talk.desk.field_work.patrols.end(await talk.actor(), patrol, End(result=talk.text[:1000]))
    return replies_patrols.words_kept()
