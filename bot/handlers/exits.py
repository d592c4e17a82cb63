"""「异议 原因」: a worker is heard before a commander decides on their exit (Y art. 17)."""

from bot import replies_exits as replies
from bot.router import Router, Talk
from bot.words import begins, staff
from domain.errors import BadInput, Conflict, NotFound

router = Router()


@router.on(staff(begins("我有异议", "异议")))
async def object_to(talk: Talk) -> str:
    """What they say is kept word for word, once."""
    actor = await talk.actor()
    if not talk.rest:
        return replies.how(await talk.desk.exits.own(actor))
    try:
        await talk.desk.exits.object_to(actor, talk.rest)
    except NotFound:
        return replies.NOTHING
    except Conflict:
        return replies.ALREADY
    except BadInput as wrong:
        return replies.too_much(wrong.facts.get("longest"))
    return replies.HEARD
