"""Help, the inbox, and politeness."""

from datetime import timedelta

from bot import replies, replies_worker
from bot.router import Router, Talk
from bot.words import number_alone, says, waits_for
from domain.case import Status
from services.drafts import holds

router = Router()


HELP_WAITS = timedelta(minutes=10)


@router.on(says("帮助", "怎么用", "使用说明", "菜单", "功能", "help", "Help", "HELP", "?", "？"))
async def show_help(talk: Talk) -> str:
    return await _help(talk)


async def _help(talk: Talk) -> str:
    actor = await talk.actor() if talk.heard.staff else None
    staff = actor is not None and actor.is_staff
    words = replies_worker.WORKER_CHOICES if staff else replies.RESIDENT_CHOICES
    await talk.ask("menu", HELP_WAITS, once=True, words=[word for word, _ in words])
    if actor is not None and staff:
        return replies_worker.help_worker(sends_notices=actor.sends_notices)
    case = talk.heard.open_case
    return replies.help_resident(has_grid=talk.heard.grid_id is not None, number=case.number if case else None)


choices = Router()
"""Asked before all other words: a number that was offered stands for a word."""


@choices.on(waits_for("menu", number_alone))
async def choose(talk: Talk) -> None:
    words = (talk.questions.get("menu") or {}).get("words")
    chosen, talk.number = talk.number, 0
    if isinstance(words, list) and 1 <= chosen <= len(words):
        talk.retell(str(words[chosen - 1]))


@router.on(says("消息", "我的消息", "收件箱"))
async def show_inbox(talk: Talk) -> str:
    return replies.inbox(await talk.desk.deliveries.latest(talk.heard.person_id))


@router.on(says("你好", "您好", "你好啊", "您好啊", "在吗", "在不在", "有人吗", "喂", "hi", "Hi", "hello", "Hello"))
async def greet(talk: Talk) -> str | None:
    """A greeting alone is no matter to file; in the middle of something it is kept like everything else."""
    if talk.heard.draft_id is not None or talk.heard.open_case is not None:
        return None
    if talk.heard.staff:
        return await _help(talk)
    return replies.hello(has_grid=talk.heard.grid_id is not None)


_THANKS = ("谢谢", "谢谢你", "谢谢您", "谢谢你们", "谢谢了", "多谢", "感谢", "辛苦了")
_PLEASED = ("满意", "很满意", "非常满意", "挺满意", "挺好", "好评")
_FINE = ("好", "好的", "好了", "好吧", "行", "可以", "嗯", "收到", "知道了", "明白", "ok", "OK", "Ok")
_THAT_WAS_ALL = ("说完了", "完了", "没了", "没有了", "就这些", "就这样", "是", "是的", "对", "确认")


@router.on(says(*_THANKS, *_PLEASED, *_FINE, *_THAT_WAS_ALL))
async def nod(talk: Talk) -> str | None:
    """To a running case a nod is an answer that its holder may wait for; else it is politeness, or 「I am done」."""
    case = talk.heard.open_case
    if talk.heard.draft_id is not None:
        return replies.still_open(await holds(talk.heard.draft_id))
    if case is None:
        return replies.you_are_welcome(thanked=talk.bare in _THANKS)
    if case.status == Status.RESOLVED and talk.bare in (*_THANKS, *_PLEASED):
        return replies.please_rate(case.number)
    if talk.bare in _THANKS:
        return replies.you_are_welcome(thanked=True, number=case.number)
    return None
