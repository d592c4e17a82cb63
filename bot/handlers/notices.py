"""Writing a notice: preview, on one's own phone too, its time; then send or drop."""

import re
from datetime import timedelta

from bot import replies_notices as replies
from bot.notice_words import moment
from bot.router import Router, Talk
from bot.words import begins, says, staff, waits_for
from domain.duty import SENDS_NOTICES
from domain.errors import NotFound
from services.access import Actor, Held
from services.notices_draft import More

router = Router()

WAITS = timedelta(hours=1)
"""For so long 「发送」 sends the preview; later it would send what its author has forgotten."""
_NOTICE = re.compile(r"(\S+)\s+(.+)", re.DOTALL)
_URGENT = "紧急通知"


def _held(actor: Actor) -> list[Held]:
    return [held for held in actor.duties if held.duty in SENDS_NOTICES]


@router.on(staff(begins("发紧急通知", _URGENT, "发通知", "通知")))
async def compose(talk: Talk) -> str | None:
    actor = await talk.actor()
    if not actor.sends_notices:
        return None
    held = _held(actor)
    found = _NOTICE.fullmatch(talk.rest)
    if found is None:
        return replies.how(held)
    place, text = found.groups()
    code = next((one.region_code for one in held if one.region_name == place), place)
    more = More(urgent=talk.word.endswith(_URGENT))
    try:
        preview = await talk.desk.notices.compose(actor, code, text, more)
    except NotFound:
        return replies.region_unknown(place, held)
    await talk.ask("notice", WAITS, notice=preview.id)
    return replies.preview(preview)


def _waiting(talk: Talk) -> int | None:
    """The notice that waits, unless a draft is the newer of the two."""
    if talk.questions.newest("notice", "draft", "which") != "notice":
        return None
    return int(str((talk.questions.get("notice") or {})["notice"]))


@router.on(waits_for("notice", says("发送", "确认发送", "发送通知", "发")))
async def send(talk: Talk) -> str | None:
    notice = _waiting(talk)
    if notice is None:
        return None
    await talk.settle("notice")
    return replies.sent(await talk.desk.notices.send(await talk.actor(), notice))


@router.on(waits_for("notice", says("取消", "不发了", "取消发送", "取消通知")))
async def drop(talk: Talk) -> str | None:
    notice = _waiting(talk)
    if notice is None:
        return None
    await talk.settle("notice")
    await talk.desk.notices.cancel(await talk.actor(), notice)
    return replies.dropped()


@router.on(waits_for("notice", says("预览", "预览通知", "看看样子")))
async def show_me(talk: Talk) -> str | None:
    notice = _waiting(talk)
    if notice is None:
        return None
    await talk.desk.notices.show_me(await talk.actor(), notice)
    await talk.ask("notice", WAITS, notice=notice)
    return replies.shown_to_you()


@router.on(waits_for("notice", begins("定时", "截止")))
async def plan(talk: Talk) -> str | None:
    """「定时 明天9点」: when it starts; 「截止 明天18点」: when it is no news any more."""
    notice = _waiting(talk)
    if notice is None:
        return None
    at = moment(talk.rest, talk.desk.clock.now())
    if at is None:
        return replies.when_how(talk.word)
    given = {"starts_at" if talk.word == "定时" else "expires_at": at}
    view = await talk.desk.notices.plan(await talk.actor(), notice, **given)
    await talk.ask("notice", WAITS, notice=notice)
    return replies.preview(view)


late = Router()
"""Asked after what is said about notices that are sent already."""


@late.on(staff(says("发送", "确认发送", "发送通知", "发", "不发了", "取消发送", "取消通知")))
async def nothing_to_send(talk: Talk) -> str | None:
    """Without a notice it is none of the words that a worker would file; with a draft it is meant for that."""
    return replies.none_waiting() if talk.heard.draft_id is None else None
