"""Complaints about staff 投诉 (Y art. 22): made, and given to somebody whom they are not about."""

from datetime import datetime

from domain import case as rules
from domain.case import OPEN, Action, Level, Role, Status
from domain.complaint import COMPLAINT
from domain.errors import BadInput, NothingToFile
from models import Case, Concerned, Region
from services import access, complaint_routing, drafts
from services.access import Actor
from services.case_history import record
from services.case_news import News
from services.case_places import Places
from services.people import grid_of
from services.routing import region_at
from services.transaction import row


class Complaints:
    def __init__(self, places: Places, news: News) -> None:
        self._places = places
        self._news = news

    async def make(self, by: Actor, text: str, number: int | None, now: datetime) -> Case:
        """A complaint of its own, in the open transaction. Nothing is written to what it is about.

        With *number* it is about that case; without, about whoever has had the resident's open cases in hand, and the
        workers of their grid. Raises NotFound, IllegalMove (whose case it is not), NothingToFile without any grid.
        """
        about: list[Case] = []
        if number is not None:
            found, roles = await access.case_for(by, number)
            rules.move(Status(found.status), Action.COMPLAIN, by=roles)
            about = [found]
        else:
            about = await Case.filter(resident_id=by.person_id, status__in=[*OPEN], kind="case").order_by("-touched_at")
        grids = await Region.filter(id__in=[case.grid_id for case in about if case.grid_id is not None])
        own = None if number is not None else await grid_of(by.person_id)
        grids += [own] if own is not None and own.id not in {grid.id for grid in grids} else []
        if not grids:
            raise NothingToFile("nothing says which town it is about", has="no_grid")
        concerned = await complaint_routing.concerned_by([case.id for case in about], grids, now, text)
        concerned.discard(by.person_id)
        return await self._file(by, text, about[0] if about else None, grids, concerned, now)

    async def _file(
        self, by: Actor, text: str, about: Case | None, grids: list[Region], concerned: set[int], now: datetime
    ) -> Case:
        grid = next((one for one in grids if about is not None and one.id == about.grid_id), grids[0])
        town = await region_at(grid, Level.TOWN) or grid
        taken = await complaint_routing.taker(town, now, besides={*concerned, by.person_id})
        case = Case(
            number=(await row("SELECT nextval('case_number') AS number"))["number"],
            kind=COMPLAINT,
            resident_id=by.person_id,
            status=Status.SUBMITTED,
            submitted_at=now,
            touched_at=now,
            created_at=now,
            grid_id=grid.id,
            title=drafts.shorten(text),
            description=text,
            about_case_id=about.id if about is not None else None,
            about_person_id=about.holder_id if about is not None else None,
        )
        await self._places.hand_to(case, town, taken[1] if taken is not None else None, now)
        await case.save()
        await Concerned.bulk_create([Concerned(case_id=case.id, person_id=one) for one in sorted(concerned)])
        before = (Status.DRAFT, Level.GRID)
        await record(case, Action.SUBMIT, Role.RESIDENT, by.person_id, now, before=before, note="")
        if case.holder_id is not None:
            await self._news.tell(case, {case.holder_id: "new_complaint"}, note=text)
        return case


def checked_words(text: str, longest: int) -> str:
    """The words of a complaint. Raises BadInput for none, or too many."""
    text = text.strip()
    if not text:
        raise BadInput("complain needs a few words", field="note", action=str(Action.COMPLAIN))
    if len(text) > longest:
        raise BadInput(f"note is longer than {longest} characters", field="note", longest=longest)
    return text
