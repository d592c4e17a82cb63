"""Suspend, resume, merge, mark urgent: what a holder does so that a case is not worked on now, or not twice."""

import re

from bot import days, replies_keeping
from bot.router import Router, Talk
from bot.words import orders, says, staff
from domain.calendar import SHANGHAI
from domain.case import Action

router = Router()

_INTO = re.compile(
    r"(?:并?[到入进至]|和|与|跟|以及|[→>=-]+)?\s*(?:№|#|编号)?\s*(?P<number>[0-9]{1,18})(?![0-9])\s*号?[\s:：,，.。、]*(?P<rest>.*)",
    re.DOTALL,
)


@router.on(staff(orders("挂起")))
async def suspend(talk: Talk) -> str:
    """「挂起 1024 3天 等配件」, 「挂起 1024 到5月6日 等材料」."""
    today = talk.desk.clock.now().astimezone(SHANGHAI).date()
    until, reason = days.until(talk.rest, today)
    case = await talk.desk.cases.act(await talk.actor(), talk.number, Action.SUSPEND, note=reason, until=until)
    return replies_keeping.suspended(case.number, case.suspended_until)


@router.on(staff(orders("恢复")))
async def resume(talk: Talk) -> str:
    case = await talk.desk.cases.act(await talk.actor(), talk.number, Action.RESUME, note=talk.rest)
    return replies_keeping.resumed(case.number, case.resolve_due)


@router.on(staff(orders("合并", "并入")))
async def merge(talk: Talk) -> str:
    """「合并 1024 1020」, 「1024 并入 1020」: the duplicate first."""
    found = _INTO.fullmatch(talk.rest)
    if found is None:
        return replies_keeping.merge_how(talk.number)
    into = int(found["number"])
    case = await talk.desk.cases.act(
        await talk.actor(), talk.number, Action.MERGE, note=found["rest"].strip(), into=into
    )
    return replies_keeping.merged(case.number, into)


@router.on(staff(orders("紧急", "标紧急", "加急")))
async def mark_urgent(talk: Talk) -> str:
    case = await talk.desk.cases.mark_urgent(await talk.actor(), talk.number, note=talk.rest)
    return replies_keeping.marked_urgent(case.number, None if case.accepted_at else case.accept_due)


@router.on(says("紧急", "紧急的", "很紧急", "加急", "不紧急", "不急"))
async def urge_draft(talk: Talk) -> str | None:
    """While something is being told, the word says how urgent it is; it files nothing."""
    if talk.heard.draft_id is None:
        if talk.heard.staff and talk.bare == "紧急":
            return await _how(talk, "紧急")
        if talk.heard.open_case is not None or talk.bare.startswith("不"):
            return None
        await talk.desk.drafts.begin(talk.heard)
    urgent = not talk.bare.startswith("不")
    has_words = await talk.desk.drafts.urge(talk.heard.person_id, urgent=urgent)
    return replies_keeping.draft_urgent(has_words=has_words) if urgent else replies_keeping.draft_not_urgent()


@router.on(staff(says("挂起", "恢复", "合并")))
async def how(talk: Talk) -> str:
    return await _how(talk, talk.word)


async def _how(talk: Talk, word: str) -> str:
    held = await talk.desk.queues.mine(await talk.actor(), limit=1)
    return replies_keeping.how(word, held.items[0].number if held.items else 1024)
