"""One matter or two: what a resident says while an older case is open may belong to it, or not."""

from datetime import timedelta

from bot import replies
from bot.router import Router, Talk
from bot.words import says, waits_for
from domain.errors import IllegalMove

router = Router()

WHICH_WAITS = timedelta(days=1)


def asked_which(talk: Talk) -> int | None:
    """The case that the draft may belong to; the question dies with the draft."""
    asked = talk.questions.get("which")
    return int(str(asked["number"])) if asked is not None and talk.heard.draft_id is not None else None


@router.on(waits_for("which", says("1", "一", "是", "是的", "接着说", "同一件")))
async def same_matter(talk: Talk) -> str | None:
    number = asked_which(talk)
    if number is None:
        return None
    await talk.settle("which", "draft", "elsewhere")
    try:
        await talk.desk.cases.add_draft(await talk.actor(), number)
    except IllegalMove:
        return replies.cannot_add(number)
    return replies.added(number)


@router.on(waits_for("which", says("2", "二", "不是", "新的", "另一件")))
async def other_matter(talk: Talk) -> str | None:
    if asked_which(talk) is None:
        return None
    await talk.settle("which", "elsewhere")
    return replies.new_matter()
