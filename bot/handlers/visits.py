"""Visits in the chat: 走访 shows what is due, 「走访 1 情况」 records one."""

import re
from datetime import timedelta

from bot import replies_patrols
from bot.handlers.drafts import said_in
from bot.handlers.patrols import ASKS
from bot.router import Router, Talk
from bot.words import says, staff
from domain.errors import Conflict, NotAllowed, NotFound
from domain.visit import VISITS
from services.access import Actor
from services.visits import NewVisit

router = Router()

LIST_WAITS = timedelta(hours=12)
PHOTO_FOLLOWS = timedelta(minutes=10)
AHEAD_DAYS = 7
_SHOWN = 10
_ONE = re.compile(r"走访(?:了|完)?\s*(?P<number>[0-9]{1,2})(?:[\s:：,，.、。]+(?P<rest>.*))?", re.DOTALL)


@router.on(staff(says("走访", "走访名单", "要走访的", "待走访")))
async def show(talk: Talk) -> str:
    by, visits = await talk.actor(), talk.desk.field_work.visits
    if not any(held.duty in VISITS for held in by.duties):
        return replies_patrols.nobody_visits()
    items, following = await visits.due(by, days=AHEAD_DAYS, limit=_SHOWN)
    overdue, _ = await visits.counts(by)
    await talk.ask("visits", LIST_WAITS, subjects=[one.view.subject.id for one in items])
    return replies_patrols.due(items, overdue=overdue, more=following is not None)


async def hint(talk: Talk, by: Actor) -> str:
    """A line under the queue; empty for whoever visits nobody, and where nothing is due."""
    if not any(held.duty in VISITS for held in by.duties):
        return ""
    return replies_patrols.visits_line(*await talk.desk.field_work.visits.counts(by))


def _one(talk: Talk) -> bool:
    found = _ONE.fullmatch(talk.text) if talk.numbered else None
    if found is None:
        return False
    # No number of a case: it must not be said of one that something with it went wrong.
    talk.word, talk.rest = found["number"], (found["rest"] or "").strip()
    return True


@router.on(staff(_one))
async def record(talk: Talk) -> str:
    listed = (talk.questions.get("visits") or {}).get("subjects")
    place = int(talk.word) - 1
    if not isinstance(listed, list) or not 0 <= place < len(listed) or not talk.rest:
        return replies_patrols.visit_how()
    made = NewVisit(int(listed[place]), talk.rest[:1000], source="chat")
    try:
        view = await talk.desk.field_work.visits.record(await talk.actor(), made)
    except NotAllowed:
        return replies_patrols.nobody_visits()
    except (Conflict, NotFound):
        return replies_patrols.off_the_list()
    await talk.ask("visit_photo", PHOTO_FOLLOWS, visit=view.visit.id)
    return replies_patrols.visited(view)


def _photo_follows(talk: Talk) -> bool:
    return talk.incoming.kind == "image" and talk.questions.newest(*ASKS) == "visit_photo"


@router.on(_photo_follows)
async def photo(talk: Talk) -> str | None:
    """A photo sent right after a visit belongs to it."""
    said = said_in(talk.incoming)
    if said is None:
        return None
    visit = int(str((talk.questions.get("visit_photo") or {})["visit"]))
    await talk.desk.field_work.visits.photo(await talk.actor(), visit, said)
    return replies_patrols.kept_of_visit()
