"""What departments may ask of a grid, in the chat: 准入清单, and a word about what is not on it."""

from bot import replies_admission as replies
from bot.router import Router, Talk
from bot.words import begins, says, staff
from domain.admission import State
from domain.errors import BadInput

router = Router()
_SHOWN = 50


@router.on(staff(says("准入", "准入清单", "准入事项", "部门任务")))
async def show(talk: Talk) -> str:
    found, _ = await talk.desk.admissions.listed(await talk.actor(), limit=_SHOWN)
    return replies.admitted([one for one in found if one.state is State.ADMITTED])


@router.on(staff(begins("没有准入的任务", "没准入的任务", "没有准入", "没准入", "未准入")))
async def report(talk: Talk) -> str:
    if not talk.rest:
        return replies.HOW
    try:
        await talk.desk.admissions.report(await talk.actor(), talk.rest)
    except BadInput as wrong:
        return replies.too_much(wrong.facts.get("longest"))
    return replies.REPORTED
