"""Following, scanning, leaving."""

from datetime import timedelta

from bot import replies
from bot.router import Router, Talk
from bot.words import event
from qrcodes.scenes import from_event_key
from services.scenes import State

router = Router()

SCANNED_ELSEWHERE = timedelta(days=1)


@router.on(event("subscribe", "scan"))
async def arrive(talk: Talk) -> str:
    """Following by a board's code and scanning it again are the same: both bind the resident to the grid."""
    scene = from_event_key(talk.incoming.event_key)
    found = await talk.desk.scenes.scanned(scene or "")
    region = found.region
    if found.state is State.RETIRED and region is not None:
        line = await talk.desk.regions.greeting(region)
        return replies.retired_code(line.grid, line.village)
    if region is None or found.scene_id is None:
        if scene is None and talk.incoming.event == "subscribe":
            return replies.hello(has_grid=talk.heard.grid_id is not None)
        return replies.strange_code()
    await talk.desk.people.settle_in(talk.heard.person_id, region.id)
    line = await talk.desk.regions.greeting(region)
    said = [replies.welcome(line.grid, line.village, line.worker)]
    moved = talk.heard.grid_id not in {None, region.id}
    if talk.heard.draft_id is not None:
        said.append(replies.draft_goes_here(moved=moved))
    elif talk.heard.open_case is not None and moved:
        # What they say next may be about either place: it is asked when they say it.
        await talk.ask("elsewhere", SCANNED_ELSEWHERE)
        said.append(replies.case_elsewhere(talk.heard.open_case.number))
    elif talk.heard.open_case is not None:
        said.append(replies.case_goes_on(talk.heard.open_case.number))
    await talk.desk.scans.note(found.scene_id, "chat")
    return "\n".join(said)


@router.on(event("unsubscribe"))
async def leave(talk: Talk) -> str:
    await talk.desk.people.unfollow(talk.incoming.openid)
    return ""
