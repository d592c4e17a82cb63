"""Staff look for cases: 「查 路灯」「查 逾期」「查 挂起 东门」, and 「更多」 for what comes next."""

import re
from dataclasses import replace
from datetime import timedelta

from bot import replies_search
from bot.router import Router, Talk
from bot.words import says, staff, waits_for
from domain.case import Status
from domain.errors import NotFound
from services.case_search import Filters

router = Router()

MORE_WAITS = timedelta(minutes=10)
SHOWN = 8
_LONGEST = 100
# 「查一下我家水表」 is a matter of their own: what is looked for stands apart from the word.
_SEARCH = re.compile(r"(?:查找|查询|搜索|查|搜)(?:\s+|\s*[:：]\s*)(?P<rest>\S.*)", re.DOTALL)
_STATES = {
    "挂起": Status.SUSPENDED,
    "待受理": Status.SUBMITTED,
    "未受理": Status.SUBMITTED,
    "在办": Status.ACCEPTED,
    "办理中": Status.ACCEPTED,
    "待评价": Status.RESOLVED,
    "不予受理": Status.DECLINED,
    "已撤回": Status.WITHDRAWN,
    "已合并": Status.MERGED,
    "已结束": Status.CLOSED,
}
_LATE = frozenset({"逾期", "超时", "超期", "过期"})
_OPEN = frozenset({"未办结", "未结", "没办完"})


def _search(talk: Talk) -> bool:
    found = _SEARCH.fullmatch(talk.bare)
    if found is None:
        return False
    talk.rest = found["rest"].strip()
    return True


@router.on(staff(_search))
async def search(talk: Talk) -> str:
    return await _answer(talk, talk.rest, None)


@router.on(staff(waits_for("found", says("更多", "下一页", "还有呢", "继续", "再看看"))))
async def more(talk: Talk) -> str:
    asked = talk.questions.get("found") or {}
    return await _answer(talk, str(asked["rest"]), str(asked["cursor"]))


@router.on(staff(says("查", "查找", "搜索", "搜", "更多")))
async def how(_: Talk) -> str:
    return replies_search.how()


async def _answer(talk: Talk, said: str, cursor: str | None) -> str:
    said = " ".join(said.split())[:_LONGEST]
    who = await talk.actor()
    try:
        wanted = (await talk.desk.searches.one(who, said)).wanted
    except NotFound:
        wanted = understood(said)
    page = await talk.desk.queues.listed(who, wanted, cursor=cursor, limit=SHOWN)
    await talk.settle("found")
    if page.next is not None:
        await talk.ask("found", MORE_WAITS, rest=said, cursor=page.next)
    return replies_search.found(said, page.items, more=page.next is not None, first=cursor is None)


def understood(said: str) -> Filters:
    """「逾期 东门」: the words that name a state choose by it, the others are looked for in title and text."""
    wanted, words = Filters(), []
    for word in said.split():
        if word in _LATE:
            wanted = replace(wanted, overdue=True)
        elif word in _OPEN:
            wanted = replace(wanted, open=True)
        elif word == "紧急":
            wanted = replace(wanted, urgent=True)
        elif word in _STATES:
            wanted = replace(wanted, statuses=(*wanted.statuses, _STATES[word]))
        else:
            words.append(word)
    return replace(wanted, words=" ".join(words) or None)
