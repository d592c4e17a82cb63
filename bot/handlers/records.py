"""Base data in the chat: 我的信息 for a resident, 基础数据 and 更正 for the grid's worker."""

import re
from datetime import timedelta

from bot import replies_records as replies
from bot.router import Router, Talk
from bot.words import says, staff
from domain.errors import BadInput, Conflict, NotFound

router = Router()

LIST_WAITS = timedelta(hours=12)
_DECISION = re.compile(
    r"更正\s*(?P<number>[0-9]{1,2})\s*(?P<said>同意|不同意)(?:[\s:：,，.。、]+(?P<why>.*))?", re.DOTALL
)


@router.on(says("我的信息", "我的登记信息", "我家的信息"))
async def mine(talk: Talk) -> str:
    return replies.own(await talk.desk.own_records.mine(await talk.actor()))


@router.on(staff(says("基础数据", "更正", "更正名单")))
async def asked(talk: Talk) -> str:
    by = await talk.actor()
    if not await talk.desk.records.grids_kept(by):
        return replies.nobody_keeps()
    found = await talk.desk.own_records.asked(by)
    if found:
        await talk.ask("records", LIST_WAITS, proposals=[one.id for one in found])
    return replies.proposed(found)


def _decides(talk: Talk) -> bool:
    found = _DECISION.fullmatch(talk.text) if talk.numbered else None
    if found is None:
        return False
    talk.word, talk.rest = f"{found['number']} {found['said']}", (found["why"] or "").strip()
    return True


@router.on(staff(_decides))
async def decide(talk: Talk) -> str:
    """The number is that of the list which was shown last."""
    number, said = talk.word.split()
    listed = (talk.questions.get("records") or {}).get("proposals")
    place = int(number) - 1
    if not isinstance(listed, list) or not 0 <= place < len(listed):
        return replies.decide_how()
    take = said == "同意"
    try:
        await talk.desk.own_records.decide(await talk.actor(), int(listed[place]), take=take, answer=talk.rest)
    except Conflict:
        return replies.decided_already()
    except (BadInput, NotFound):
        return replies.decide_how()
    return replies.decided(take=take)
