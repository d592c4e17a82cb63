"""归类: a member of staff says what type a case is of, by one tap or by a word."""

from datetime import timedelta

from bot import replies_event_types as replies
from bot.router import Router, Talk
from bot.words import number_alone, orders, says, staff, waits_for

router = Router()

CHOICE_WAITS = timedelta(minutes=10)
_WORDS = ("归类", "改归类")


@router.on(waits_for("type", number_alone))
async def chosen(talk: Talk) -> str | None:
    """One of the digits that were offered; any other number is a case's."""
    asked = talk.questions.get("type") or {}
    codes = asked.get("codes")
    if not isinstance(codes, list) or not 1 <= talk.number <= len(codes):
        return None
    return await _classified(talk, int(str(asked["number"])), str(codes[talk.number - 1]))


@router.on(staff(orders(*_WORDS)))
async def choose(talk: Talk) -> str:
    """「归类 1024」 offers what the case speaks of, 「归类 1024 路灯」 what the word finds; a whole name is taken."""
    number, words = talk.number, talk.rest
    found = await talk.desk.event_types.suggestions(await talk.actor(), number, words)
    if not found:
        return replies.nothing_found(number, words)
    if words and words in {found[0].type.name, found[0].type.code}:
        return await _classified(talk, number, found[0].type.code)
    await talk.ask("type", CHOICE_WAITS, once=True, number=number, codes=[one.type.code for one in found])
    return replies.choices(number, found)


@router.on(staff(says(*_WORDS)))
async def how(_talk: Talk) -> str:
    return replies.how()


async def _classified(talk: Talk, number: int, code: str) -> str:
    case = await talk.desk.event_types.classify(await talk.actor(), number, code)
    kind = next(one for one in await talk.desk.event_types.listed() if one.code == code)
    return replies.classified(case, kind.name, kind.department)
