"""The work log in the chat: 日志, 昨天的日志, 补记."""

from datetime import timedelta

from bot import replies_work_log as replies
from bot.router import Router, Talk
from bot.words import begins, says, staff
from domain.errors import BadInput

router = Router()


@router.on(staff(says("日志", "工作日志", "我的日志", "今天的日志", "看日志")))
async def today(talk: Talk) -> str:
    logs = talk.desk.work_logs
    return replies.day(await logs.mine(await talk.actor(), logs.today()), logs.today(), today=True)


@router.on(staff(says("昨天的日志", "昨日日志", "昨天日志")))
async def yesterday(talk: Talk) -> str:
    logs = talk.desk.work_logs
    day = logs.today() - timedelta(days=1)
    return replies.day(await logs.mine(await talk.actor(), day), day, today=False)


@router.on(staff(begins("补记")))
async def note(talk: Talk) -> str:
    logs = talk.desk.work_logs
    if not talk.rest:
        return replies.how()
    try:
        return replies.noted((await logs.note(await talk.actor(), logs.today(), talk.rest)).text)
    except BadInput as refused:
        return replies.too_much(refused.facts.get("longest"))
