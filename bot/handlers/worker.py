"""What a grid worker and the levels above do with a case."""

import re
from datetime import timedelta

from bot import refusals, replies, replies_event_types, replies_keeping, replies_leave, replies_worker
from bot.handlers import visits
from bot.handlers.drafts import said_in
from bot.handlers.patrols import ASKS
from bot.router import Router, Talk
from bot.words import begins, number_alone, opinion, orders, says, staff, waits_for
from domain.case import Action
from domain.errors import NeedsPhoto, NotFound

router = Router()

PHOTO_FOLLOWS = timedelta(minutes=10)
CASE_FOLLOWS = timedelta(minutes=10)
_QUEUE = 10
_WORDS = {
    "不予受理": Action.DECLINE,
    "受理": Action.ACCEPT,
    "回复": Action.REPLY,
    "答复": Action.REPLY,
    "办结": Action.RESOLVE,
    "上报": Action.REPORT_UP,
    "退回": Action.RETURN,
}
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z\s_－—–-]*")
_CODE_ALONE = re.compile(r"(?=.*[A-Za-z])[0-9A-Za-z]{4}-[0-9A-Za-z]{4}")


def _code_alone(talk: Talk) -> bool:
    if _CODE_ALONE.fullmatch(talk.bare) is None:
        return False
    talk.rest = talk.bare
    return True


@router.on(begins("绑定", "邀请码"))
@router.on(_code_alone)
async def bind(talk: Talk) -> str | None:
    """「绑定 ABCD-1234」; 「绑定社保卡怎么弄」 is a resident's question."""
    code = talk.rest.removeprefix("邀请码").strip(" :：。.!！“”\"'")
    if not code:
        return replies_worker.bind_how()
    if _CODE.fullmatch(code) is None:
        return None
    return replies_worker.bound(await talk.desk.people.bind(talk.heard.identity_id, code))


@router.on(says("待办", "我的待办", "队列", "任务"))
async def show_queue(talk: Talk) -> str | None:
    """The queue, oldest deadline first, late ones marked."""
    if not talk.heard.staff:
        return replies.not_for_residents()
    actor = await talk.actor()
    page = await talk.desk.queues.mine(actor, limit=_QUEUE)
    said = replies_worker.queue(page.items, more=page.next is not None, now=talk.desk.clock.now())
    resting = await talk.desk.queues.suspended(actor)
    vacant = replies_leave.vacant(*await talk.desk.posts.mine(actor), actor.person_id)
    return "\n".join(
        line
        for line in (
            vacant,
            said,
            replies_keeping.suspended_line(resting) if resting else "",
            await visits.hint(talk, actor),
        )
        if line
    )


@router.on(staff(orders(*_WORDS)))
async def move(talk: Talk) -> str:
    if _WORDS[talk.word] is Action.REPLY and not talk.rest:
        # Somebody who is asked to answer looks first.
        return replies.one(await talk.desk.queues.one(await talk.actor(), talk.number))
    return await _moved(talk, talk.word, talk.rest)


async def _moved(talk: Talk, word: str, note: str) -> str:
    action = _WORDS[word]
    hidden, words = opinion(note)
    by = await talk.actor()
    try:
        case = await talk.desk.cases.act(by, talk.number, action, note=words, hidden=hidden)
    except NeedsPhoto as refusal:
        # What comes next is the photo; the words need not be written again.
        await talk.ask("photo", PHOTO_FOLLOWS, number=talk.number, result=note)
        return refusals.refused(refusal)
    await talk.ask("photo", PHOTO_FOLLOWS, number=case.number)
    if action is Action.REPLY and (hidden or case.holder_id != by.person_id):
        lead = (await talk.desk.queues.place_of(case))["holder"] if case.holder_id != by.person_id else ""
        return replies_worker.only_for_staff(case.number, to=lead)
    return replies_worker.done(action, case.number, **await talk.desk.queues.place_of(case))


@router.on(waits_for("case", number_alone))
async def move_chosen(talk: Talk) -> str:
    """The number that was asked for."""
    asked = talk.questions.get("case") or {}
    return await _moved(talk, str(asked["word"]), str(asked["rest"]))


@router.on(waits_for("photo", says("办结", "办结了", "办好了")))
async def resolve_with_photo(talk: Talk) -> str | None:
    """The photo that was missing is here, and the result was said before."""
    asked = talk.questions.get("photo") or {}
    if "result" not in asked:
        return None
    talk.number = int(str(asked["number"]))
    return await _moved(talk, "办结", str(asked["result"]))


@router.on(staff(begins(*_WORDS)))
async def ask_which_case(talk: Talk) -> str | None:
    """A worker's word without a number: which case? Whoever holds none is speaking of something else."""
    page = await talk.desk.queues.mine(await talk.actor(), limit=_QUEUE)
    if not page.items:
        return replies_worker.choose_case(talk.word, []) if talk.bare == talk.word else None
    await talk.ask("case", CASE_FOLLOWS, once=True, word=talk.word, rest=talk.rest, text=talk.incoming.text)
    return replies_worker.choose_case(talk.word, page.items, rest=talk.rest)


_NUMBER_AND_WORDS = re.compile(
    r"(?:№|#)?\s*(?P<digits>[0-9]{4,18})(?![0-9])(?:\s*号)?[\s,，:：]+(?P<rest>.+)", re.DOTALL
)


def _number_and_words(talk: Talk) -> bool:
    found = _NUMBER_AND_WORDS.fullmatch(talk.text)
    if found is None:
        return False
    talk.number, talk.rest = int(found["digits"]), found["rest"]
    return True


@router.on(staff(_number_and_words))
async def ask_whether_reply(talk: Talk) -> str | None:
    """「1024 明天去修」: most likely a reply, but nobody said so."""
    try:
        await talk.desk.queues.one(await talk.actor(), talk.number)
    except NotFound:
        return None
    return replies_worker.meant_a_reply(talk.number, talk.rest)


def _photo_follows(talk: Talk) -> bool:
    # Who has begun to tell something of their own since then sends the photo for that.
    return talk.incoming.kind == "image" and talk.questions.newest(*ASKS) == "photo"


@router.on(_photo_follows)
async def photo(talk: Talk) -> str | None:
    """A photo sent right after a move goes to the same case."""
    said = said_in(talk.incoming)
    if said is None:
        return None
    asked = talk.questions.get("photo") or {}
    number = int(str(asked["number"]))
    await talk.desk.cases.attach(await talk.actor(), number, said)
    return replies_event_types.photo_kept(number) if "result" in asked else replies_worker.photo_kept(number)
