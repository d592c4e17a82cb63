"""Notices that are sent: how they go, agreeing, stopping; and telling in person whom no channel has reached."""

import re
from collections.abc import Sequence
from datetime import timedelta

from bot import replies_notices as replies
from bot.notice_words import about_notice
from bot.router import Router, Talk
from bot.words import begins, says, staff, waits_for
from domain.case import Role
from domain.errors import NotFound
from domain.notice import Status
from services.access import Actor
from services.notices import NoticeView

router = Router()

LIST_WAITS = timedelta(days=1)
_SHOWN = 10
_A_REGION = 1_000_000
_LATEST = 5
_PROGRESS = re.compile(r"(?:第|№|#)?\s*([0-9]{1,15})\s*(?:号)?")
_DIGITS = re.compile(r"[0-9]+")


@router.on(staff(begins("通知进度", "通知进展", "通知情况")))
async def progress(talk: Talk) -> str | None:
    actor = await talk.actor()
    if not actor.sends_notices:
        return None
    found = _PROGRESS.fullmatch(talk.rest.strip(" 。.，,"))
    if talk.rest and found is None:
        return None
    views = await _latest(talk, actor)
    if found is not None:
        return await _shown(talk, await talk.desk.notices.one(actor, int(found[1])), ())
    return await _shown(talk, views[0], views[1:]) if views else replies.none_yet()


@router.on(staff(about_notice("通知", "看通知")))
async def show(talk: Talk) -> str | None:
    """「通知 12」 looks at it; a longer number is a region's, and its text is missing."""
    actor = await talk.actor()
    if not actor.sends_notices or talk.rest or talk.number >= _A_REGION:
        return None
    return await _shown(talk, await talk.desk.notices.one(actor, talk.number), ())


async def _latest(talk: Talk, actor: Actor) -> list[NoticeView]:
    numbers, _ = await talk.desk.notices.news.managed(actor, cursor=None, limit=_LATEST)
    views = [await talk.desk.notices.one(actor, number) for number in numbers]
    return [view for view in views if view.state is not Status.PREVIEW]


async def _shown(talk: Talk, view: NoticeView, others: Sequence[NoticeView]) -> str:
    return replies.progress(view, await talk.desk.notices.figures.now(view.id)) + replies.others(others)


@router.on(staff(about_notice("同意", "不同意")))
async def decide(talk: Talk) -> str | None:
    actor = await talk.actor()
    agrees = talk.word.startswith("同意")
    if not actor.sends_notices or (agrees and talk.rest):
        return None
    if not agrees and not talk.rest:
        await talk.desk.notices.one(actor, talk.number)
        return replies.say_why(talk.number)
    return await _decide(talk, actor, talk.number, agrees=agrees)


async def _decide(talk: Talk, actor: Actor, number: int, *, agrees: bool) -> str:
    if agrees:
        return replies.agreed(await talk.desk.notices.approve(actor, number))
    return replies.disagreed(await talk.desk.notices.refuse(actor, number, talk.rest))


@router.on(staff(says("同意", "同意发", "不同意")))
async def decide_the_only_one(talk: Talk) -> str | None:
    actor = await talk.actor()
    if not actor.sends_notices:
        return None
    asked = [view for view in await _latest(talk, actor) if view.state is Status.AWAITING and not view.mine]
    if not asked:
        return replies.nothing_asked() if talk.heard.draft_id is None else None
    agrees = talk.bare != "不同意"
    if len(asked) > 1:
        return replies.which(asked, "同意" if agrees else "不同意")
    return await _decide(talk, actor, asked[0].id, agrees=True) if agrees else replies.say_why(asked[0].id)


@router.on(staff(about_notice("暂停", "继续")))
async def pause_or_go_on(talk: Talk) -> str | None:
    actor = await talk.actor()
    if not actor.sends_notices or talk.rest:
        return None
    if talk.word.startswith("暂停"):
        return replies.paused(await talk.desk.notices.pause(actor, talk.number))
    return replies.resumed(await talk.desk.notices.resume(actor, talk.number))


@router.on(staff(about_notice("撤回")))
async def recall(talk: Talk) -> str | None:
    """「撤回 12」 may mean a case of the speaker's own: then it does. 「撤回通知 12」 never does."""
    actor = await talk.actor()
    if not actor.sends_notices:
        return None
    if talk.word == "撤回":
        try:
            await talk.desk.notices.one(actor, talk.number)
        except NotFound:
            return None
        if await _is_own_case(talk, actor):
            return None
    return replies.recalled(await talk.desk.notices.recall(actor, talk.number, talk.rest))


async def _is_own_case(talk: Talk, actor: Actor) -> bool:
    try:
        return Role.RESIDENT in (await talk.desk.queues.one(actor, talk.number)).roles
    except NotFound:
        return False


# Telling in person.


@router.on(staff(says("上门名单", "上门告知", "没通知到", "未通知到", "谁没通知到", "没收到通知的")))
async def list_to_tell(talk: Talk) -> str:
    actor = await talk.actor()
    notices = await talk.desk.notices.visits.waiting(actor)
    if not notices:
        return replies.to_tell((), ())
    first = await talk.desk.notices.visits.of(actor, notices[0].notice, limit=_SHOWN)
    await talk.ask("to_tell", LIST_WAITS, notice=notices[0].notice, recipients=[one.id for one in first])
    return replies.to_tell(notices, first)


@router.on(staff(waits_for("to_tell", begins("已上门告知", "已告知", "告知了"))))
async def told(talk: Talk) -> str:
    """The numbers are places in the list that was shown; 「全部」 is the whole of it."""
    asked = talk.questions.get("to_tell") or {}
    recipients = asked.get("recipients")
    listed = [int(one) for one in recipients] if isinstance(recipients, list) else []
    places = [int(one) for one in _DIGITS.findall(talk.rest)]
    everybody = talk.rest.strip(" 。.") in {"全部", "都告知了", "所有", "都说了"}
    chosen = listed if everybody else [listed[place - 1] for place in places if 1 <= place <= len(listed)]
    if not chosen or (not everybody and len(chosen) < len(places)):
        return replies.told_how()
    actor, notice = await talk.actor(), int(str(asked["notice"]))
    count = await talk.desk.notices.visits.visited(actor, notice, chosen)
    left = sum(one.people for one in await talk.desk.notices.visits.waiting(actor) if one.notice == notice)
    return replies.told(count, left)
