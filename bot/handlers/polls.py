"""Polls in the chat: 「投票」 shows one question after the other, a number answers it."""

import re
from datetime import timedelta

from bot import replies_polls as replies
from bot.router import Router, Talk
from bot.words import says, waits_for
from domain.errors import BadInput, Conflict, NotFound
from services.access import Actor
from services.polls import PollView

router = Router()
choices = Router()
"""Asked before all other words: a number that was offered is a choice."""

WAITS = timedelta(minutes=30)
_SHOWN = 20
_RESULTS = 3
_NUMBERS = re.compile(r"[0-9]{1,2}(?:[\s,，、.和]+[0-9]{1,2}){0,9}")


def _numbers(talk: Talk) -> bool:
    return talk.numbered and _NUMBERS.fullmatch(talk.bare) is not None


@router.on(says("投票", "民意征集", "我要投票", "征集", "看投票", "投票结果"))
async def show(talk: Talk) -> str:
    actor = await talk.actor()
    found, _ = await talk.desk.polls.listed(actor, before=None, limit=_SHOWN)
    waiting = [one for one in found if one.may_vote]
    if waiting:
        await talk.ask("poll", WAITS, poll=waiting[-1].id)
        return replies.question(waiting[-1], len(waiting) - 1)
    told = [one for one in found if one.options[0].votes is not None][:_RESULTS]
    return replies.results(told) if told else replies.NONE


@choices.on(waits_for("poll", _numbers))
async def vote(talk: Talk) -> str | None:
    poll_id = (talk.questions.get("poll") or {}).get("poll")
    if not isinstance(poll_id, int) or talk.questions.newest("poll", "menu", "which", "found", "to_tell") != "poll":
        return None
    actor = await talk.actor()
    chosen = [int(one) for one in re.findall("[0-9]+", talk.bare)]
    try:
        voted = await talk.desk.polls.vote(actor, poll_id, chosen)
    except BadInput:
        return replies.not_so(await talk.desk.polls.one(actor, poll_id))
    except Conflict as refused:
        await talk.settle("poll")
        return replies.refused(refused.facts.get("why"))
    except NotFound:  # withdrawn since
        await talk.settle("poll")
        return replies.NONE
    await talk.settle("poll")
    return replies.voted(voted, len(await _waiting(talk, actor)))


async def _waiting(talk: Talk, actor: Actor) -> list[PollView]:
    found, _ = await talk.desk.polls.listed(actor, before=None, limit=_SHOWN)
    return [one for one in found if one.may_vote]
