"""Complaints about staff 投诉 (Y art. 22): they go past whoever they are about, and never into a draft unasked."""

import re
from datetime import timedelta

from bot import replies, replies_keeping
from bot.router import Router, Talk
from bot.words import begins, orders, says, waits_for
from domain.errors import NothingToFile
from services.drafts import Said, holds

router = Router()

_WAITS = timedelta(minutes=10)
_STAFF = re.compile(
    "网格[员长]|网格的人|工作人员|办[事理]的?人|书记|主任|指挥长|坐席|督察|队长|组长|村干部|干部|社区的?人|村里的?人|镇里的?人|公务员|办事员|值班|服务态度|态度|不作为|推诿|收钱|收了?礼|受贿|吃拿卡要|骂人|"
    "不接电话|打电话不接|没人理|不理(?:我|人|睬)|不回(?:复|话)|乱办|糊弄"
)
"""Who says one of these speaks of somebody's work. 「投诉楼下烧烤店」 is an ordinary matter, to be looked after."""
_MATTER = re.compile(
    "邻居|隔壁|楼[上下]|装修|噪[音声]|太吵|油烟|烧烤|[饭商]?店|公司|物业|施工|工地|广场舞|[养遛]狗|停车|垃圾"
)
"""Who says one of these, and none of the above, speaks of something that the grid looks after."""


@router.on(orders("我要投诉", "投诉"))
async def complain_about(talk: Talk) -> str:
    """「投诉 1024 三天没人来」."""
    if not talk.rest:
        await talk.desk.queues.one(await talk.actor(), talk.number)
        await talk.ask("complaint", _WAITS, once=True, number=talk.number)
        return replies_keeping.complain_how(talk.number)
    return await _made(talk, talk.rest, number=talk.number)


@router.on(says("我要投诉", "投诉"))
async def how(talk: Talk) -> str:
    """The next words are the complaint."""
    await talk.ask("complaint", _WAITS, once=True, number=None)
    return replies_keeping.complain_how(talk.heard.open_case.number if talk.heard.open_case is not None else None)


@router.on(begins("我要投诉", "投诉"))
async def complain(talk: Talk) -> str:
    has_draft = talk.heard.draft_id is not None
    about_a_case = talk.heard.open_case is not None and not has_draft and not _MATTER.search(talk.rest)
    if about_a_case or _STAFF.search(talk.rest):
        return await _made(talk, talk.rest or talk.text)
    told_before = talk.heard.draft_id is not None and bool(await holds(talk.heard.draft_id))
    await talk.ask("about", _WAITS, once=True, text=talk.text, drafted=not told_before)
    if told_before:
        return replies_keeping.complaint_again()
    await talk.desk.drafts.add(talk.heard, Said("text", talk.text))
    return replies_keeping.complaint_or_not()


@router.on(waits_for("about", says("1", "一", "是", "是的", "工作人员")))
async def about_staff(talk: Talk) -> str:
    asked = talk.questions.get("about") or {}
    said = await _made(talk, str(asked["text"]))
    if asked["drafted"] and said != replies_keeping.complaint_needs_grid():
        await talk.desk.drafts.drop(talk.heard.person_id)
    return said


@router.on(waits_for("about", says("2", "二", "不是", "别的事", "别的")))
async def about_something_else(talk: Talk) -> str:
    asked = talk.questions.get("about") or {}
    if asked["drafted"]:
        return replies.drafted({"text": 1}, has_grid=talk.heard.grid_id is not None)
    counts = await talk.desk.drafts.add(talk.heard, Said("text", str(asked["text"])))
    return replies.drafted(counts, has_grid=talk.heard.grid_id is not None)


async def _made(talk: Talk, text: str, *, number: int | None = None) -> str:
    try:
        case = await talk.desk.cases.complain(await talk.actor(), text, number=number)
    except NothingToFile:
        return replies_keeping.complaint_needs_grid()
    return replies_keeping.complaint_filed(case.number, waits=case.holder_id is None)


late = Router()
"""Asked after all other words: what follows 「投诉」."""


@late.on(waits_for("complaint", lambda talk: bool(talk.text)))
async def complain_now(talk: Talk) -> str:
    number = (talk.questions.get("complaint") or {})["number"]
    return await _made(talk, talk.text, number=number if isinstance(number, int) else None)
