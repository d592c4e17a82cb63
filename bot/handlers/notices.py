"""Broadcasting a notice: preview, then send or drop."""

import re
from datetime import timedelta

from bot import replies_worker
from bot.router import Router, Talk
from bot.words import begins, says, staff, waits_for
from domain.duty import SENDS_NOTICES
from domain.errors import NotFound
from services.access import Actor, Held

router = Router()

WAITS = timedelta(hours=1)
"""For so long 「发送」 sends the preview; later it would send what its author has forgotten."""
_NOTICE = re.compile(r"(\S+)\s+(.+)", re.DOTALL)


def _held(actor: Actor) -> list[Held]:
    return [held for held in actor.duties if held.duty in SENDS_NOTICES]


@router.on(staff(begins("发通知", "通知")))
async def compose(talk: Talk) -> str | None:
    actor = await talk.actor()
    if not actor.sends_notices:
        return None
    held = _held(actor)
    found = _NOTICE.fullmatch(talk.rest)
    if found is None:
        return replies_worker.notice_how(held)
    place, text = found.groups()
    code = next((one.region_code for one in held if one.region_name == place), place)
    try:
        preview = await talk.desk.notices.compose(actor, code, text)
    except NotFound:
        return replies_worker.notice_region_unknown(place, held)
    await talk.ask("notice", WAITS, notice=preview.id)
    return replies_worker.notice_preview(preview)


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
    return replies_worker.notice_sent(await talk.desk.notices.send(await talk.actor(), notice))


@router.on(waits_for("notice", says("取消", "不发了", "取消发送", "取消通知")))
async def drop(talk: Talk) -> str | None:
    notice = _waiting(talk)
    if notice is None:
        return None
    await talk.settle("notice")
    await talk.desk.notices.drop(await talk.actor(), notice)
    return replies_worker.notice_dropped()


@router.on(staff(says("发送", "确认发送", "发送通知", "发", "不发了", "取消发送", "取消通知")))
async def nothing_to_send(talk: Talk) -> str | None:
    """Without a notice it is none of the words that a worker would file; with a draft it is meant for that."""
    return replies_worker.no_notice() if talk.heard.draft_id is None else None
