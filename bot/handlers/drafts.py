"""What a resident tells: kept in a draft until it is filed, or added to the case that is open."""

from collections.abc import Mapping
from datetime import timedelta

from bot import refusals, replies, replies_safety
from bot.handlers.which import WHICH_WAITS
from bot.incoming import Incoming
from bot.router import Router, Talk
from bot.words import begins, says
from domain.case import Status
from domain.errors import IllegalMove, NothingToFile
from domain.safety import HELD
from services.drafts import Said, holds

router = Router()

SAME_MATTER = timedelta(days=1)
_NOT_SHOWN = "【收到不支持的消息类型，暂无法显示】"
"""What WeChat pushes in place of a sticker or a card that it does not hand on."""


# File, drop, begin anew.


@router.on(says("提交", "提交吧", "提交了", "我要提交", "确认提交", "提交一下", "交", "发送", "发"))
async def submit(talk: Talk) -> str:
    try:
        case = await talk.desk.cases.submit(talk.heard.person_id)
    except NothingToFile as refusal:
        if refusal.facts.get("has") == "nothing" and talk.heard.open_case is not None:
            return replies.already_filed(talk.heard.open_case.number)
        return refusals.refused(refusal)
    await talk.settle("which", "draft", "elsewhere")
    view = await talk.desk.queues.one(await talk.actor(), case.number or 0)
    if view.case.kind == HELD:
        return replies_safety.filed(view.case.number)
    return replies.filed(view.case, view.holder, view.unit.name if view.unit else "")


@router.on(says("取消", "取消提交", "算了", "不提了", "不说了", "不要了"))
async def drop(talk: Talk) -> str:
    was = await talk.desk.drafts.drop(talk.heard.person_id)
    await talk.settle("which", "draft")
    case = talk.heard.open_case
    return replies.dropped(was=was, number=case.number if case else None)


@router.on(begins("新诉求"))
async def begin(talk: Talk) -> str:
    return await _begin(talk, talk.rest)


@router.on(says("我要反映", "反映", "反映问题", "我要反映问题"))
async def how_to_tell(talk: Talk) -> str:
    """The menu's first button: beside an open case it means another one."""
    if talk.heard.draft_id is None and talk.heard.open_case is None:
        return replies.how_to_tell()
    return await _begin(talk, "")


async def _begin(talk: Talk, words: str) -> str:
    meant = talk.questions.get("case")
    if not words and meant is not None and meant["rest"]:
        # A worker's sentence that looked like an order.
        words = str(meant["text"])
    asked_which = talk.questions.get("which") is not None
    await talk.settle("which")
    if words:
        return await _draft(talk, Said("text", words))
    counts = await holds(talk.heard.draft_id) if talk.heard.draft_id is not None else {}
    if counts:
        return replies.new_matter() if asked_which else replies.first_finish(counts)
    await talk.desk.drafts.begin(talk.heard)
    return replies.begun()


everything_else = Router()
"""The catch-all: comes after every other rule."""


@everything_else.on(lambda talk: talk.incoming.kind != "event")
async def keep(talk: Talk) -> str:
    """To the draft, or to the open case that was touched within a day; where it is not clear, the person is asked."""
    said = said_in(talk.incoming)
    if said is None:
        return replies.EMPTY if talk.incoming.kind == "text" and not talk.text else replies.UNREADABLE
    case = talk.heard.open_case
    if talk.heard.draft_id is not None or case is None:
        return await _draft(talk, said)
    lately = talk.desk.clock.now() - case.touched_at <= SAME_MATTER
    if not lately or talk.questions.get("elsewhere") is not None or _complains(talk):
        await talk.ask("which", WHICH_WAITS, number=case.number)
        return await _draft(talk, said)
    try:
        await talk.desk.cases.add(await talk.actor(), case.number, said)
    except IllegalMove:  # it was closed a moment ago
        await talk.desk.drafts.add(talk.heard, said)
        return replies.cannot_add(case.number)
    return replies.added(case.number, rate=case.status == Status.RESOLVED)


def _complains(talk: Talk) -> bool:
    """A complaint about a worker never passes through that worker (Y art. 22), so it is not handed on unasked."""
    return talk.text.startswith(("投诉", "我要投诉", "举报", "我要举报"))


_OTHERS = frozenset({"notice", "photo", "patrol", "visit_photo"})
"""What a photo would belong to, had nothing been told since."""


async def _draft(talk: Talk, said: Said) -> str:
    counts = await talk.desk.drafts.add(talk.heard, said)
    if talk.questions.newest("draft", "which", *_OTHERS) in _OTHERS:
        # From now on 「取消」 means this, and a photo belongs here.
        await talk.ask("draft", WHICH_WAITS)
    return in_draft(talk, counts)


def in_draft(talk: Talk, counts: Mapping[str, int]) -> str:
    """The answer to what has just been put to the draft, which now holds *counts*."""
    which = talk.questions.get("which")
    if which is not None:
        kept = replies.which(int(str(which["number"])), counts)
    else:
        kept = replies.drafted(counts, has_grid=talk.heard.grid_id is not None)
    return replies.complaint(kept) if _complains(talk) else kept


_KINDS = {"image": "photo", "voice": "voice", "video": "video", "shortvideo": "video"}


def said_in(incoming: Incoming) -> Said | None:
    """What can be kept of a message; ``None`` when there is nothing in it that we could show anybody."""
    match incoming.kind:
        case "text" | "link":
            readable = incoming.text and incoming.text != _NOT_SHOWN
            return Said("text", incoming.text) if readable else None
        case "image" | "voice" | "video" | "shortvideo" if incoming.media_id:
            return Said(_KINDS[incoming.kind], incoming.text, incoming.media_id)
        case "voice" if incoming.text:
            return Said("text", incoming.text)
        case "location" if incoming.text or incoming.latitude is not None:
            return Said("place", incoming.text, "", incoming.latitude, incoming.longitude)
    return None
