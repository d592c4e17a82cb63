"""An invited member of staff scans the code of the invitation, is asked whether it is them, and is bound by a yes."""

from datetime import timedelta

from bot import replies_binding as replies
from bot import replies_worker
from bot.router import Router, Talk
from bot.words import event, waits_for
from domain.errors import InviteRefused
from services.invitations import from_event_key

router = Router()

LIFE = timedelta(minutes=10)
"""Of the question; the code lives on."""
_YES, _NO = frozenset({"1", "绑定", "确认", "是"}), frozenset({"2", "不是", "否", "取消"})


@router.on(event("subscribe", "scan"))
async def scanned(talk: Talk) -> str | None:
    code = from_event_key(talk.incoming.event_key)
    if code is None:
        return None
    try:
        invited = await talk.desk.invitations.scanned(talk.heard.identity_id, code)
    except InviteRefused:
        # No guess: nobody but the town makes such a code, so it does not count as a wrong one.
        return replies.OVER
    if invited.mine:
        return replies.YOURS
    await talk.ask("bind", LIFE, invite=invited.invite_id)
    return replies.is_it_you(invited)


def _answers(talk: Talk) -> bool:
    return talk.bare in _YES | _NO


@router.on(waits_for("bind", _answers))
async def answered(talk: Talk) -> str | None:
    """Only where nothing else was asked since that a number would answer."""
    asks = ("bind", "sign_in", "poll", "training", "menu", "which", "found", "to_tell")
    if talk.questions.newest(*asks) != "bind":
        return None
    invite = (talk.questions.get("bind") or {}).get("invite")
    await talk.settle("bind")
    if talk.bare in _NO:
        return replies.NOT_THEM
    if not isinstance(invite, int):
        return replies.OVER
    try:
        return replies_worker.bound(await talk.desk.invitations.accept(talk.heard.identity_id, invite))
    except InviteRefused:
        return replies.OVER
