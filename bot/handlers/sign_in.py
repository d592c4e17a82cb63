"""Somebody scans the code on the console's sign-in page: they are asked whether it is them, and answer by a number."""

from bot import replies_sign_in as replies
from bot.router import Router, Talk
from bot.words import event, waits_for
from domain.errors import NotAllowed
from services.scan_sign_ins import LIFE, from_event_key

router = Router()

_YES, _NO = frozenset({"1", "登录", "确认", "是"}), frozenset({"2", "不是", "否", "取消"})


@router.on(event("subscribe", "scan"))
async def scanned(talk: Talk) -> str | None:
    scene = from_event_key(talk.incoming.event_key)
    if scene is None:
        return None
    try:
        seen = await talk.desk.scan_sign_ins.scanned(scene, await talk.actor())
    except NotAllowed:
        return replies.NOT_THEIRS
    if seen is None:
        return replies.OVER
    await talk.ask("sign_in", LIFE, scene=scene)
    return replies.is_it_you(seen)


def _answers(talk: Talk) -> bool:
    return talk.bare in _YES | _NO


@router.on(waits_for("sign_in", _answers))
async def answered(talk: Talk) -> str | None:
    """Only where nothing else was asked since that a number would answer."""
    if talk.questions.newest("sign_in", "poll", "menu", "which", "found", "to_tell") != "sign_in":
        return None
    scene = (talk.questions.get("sign_in") or {}).get("scene")
    yes = talk.bare in _YES
    in_time = await talk.desk.scan_sign_ins.answer(str(scene), await talk.actor(), yes=yes)
    await talk.settle("sign_in")
    if not in_time:
        return replies.OVER
    return replies.DONE if yes else replies.REFUSED
