"""What a person of the town looks at first: 待审, 放行, 不放行."""

from bot import replies_safety
from bot.router import Router, Talk
from bot.words import orders, says, staff

router = Router()


@router.on(staff(says("待审", "看待审", "待审核")))
async def waiting(talk: Talk) -> str:
    return replies_safety.waiting(await talk.desk.cases.held_for(await talk.actor(), 20))


@router.on(staff(orders("不放行")))
async def turn_down(talk: Talk) -> str:
    if not talk.rest:
        return replies_safety.say_why(talk.number)
    case = await talk.desk.cases.turn_down(await talk.actor(), talk.number, talk.rest)
    return replies_safety.turned_down(case.number)


@router.on(staff(orders("放行")))
async def release(talk: Talk) -> str:
    case = await talk.desk.cases.release(await talk.actor(), talk.number)
    place = await talk.desk.queues.place_of(case)
    return replies_safety.released(case.number, place["holder"])
