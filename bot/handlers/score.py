"""「我的得分」: a worker's score of the month so far, in a few lines."""

from bot import replies_score
from bot.router import Router, Talk
from bot.words import says, staff
from domain.errors import NotAllowed

router = Router()


@router.on(staff(says("我的得分", "得分", "我的分数")))
async def show_score(talk: Talk) -> str:
    """What there is, what was taken off, and what is still missing."""
    try:
        actor = await talk.actor()
        score, grids = await talk.desk.assessments.mine(actor)
    except NotAllowed:
        return replies_score.not_assessed()
    awards = await talk.desk.assessments.awards_of(actor.person_id, score.month)
    return replies_score.score(score, awards, others=len(grids) - 1)
