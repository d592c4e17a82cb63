"""Merged cases 合并: a duplicate follows its original, and its resident hears what becomes of that."""

from domain import case as rules
from domain.case import OPEN, Action, Role, Status
from domain.complaint import COMPLAINT
from domain.errors import BadInput, IllegalMove
from models import Case
from services import access
from services.access import Actor
from services.case_news import News
from services.case_steps import Steps
from services.transaction import rows

TOGETHER = frozenset({Action.MERGE, Action.WITHDRAW})
"""Moves that change more rows than the case's own."""

_BY_ITSELF = frozenset({Role.SYSTEM})
# In one statement and in the order of the ids: two who merge the same cases the other way round cannot wait for
# each other.
_LOCK = """
SELECT id FROM "case" WHERE number = ANY($1) OR merged_into_id = (SELECT id FROM "case" WHERE number = $2)
ORDER BY id FOR UPDATE
"""
_LAST_NUMBER = 2**63 - 1


class Followers:
    def __init__(self, steps: Steps, news: News) -> None:
        self._steps = steps
        self._news = news

    async def lock(self, number: int, into: int | None) -> None:
        """Lock the case, what it goes into, and everything that follows it."""
        wanted = [one for one in (number, into) if one is not None and 0 < one <= _LAST_NUMBER]
        if number in wanted:
            await rows(_LOCK, wanted, number)

    async def merge(self, by: Actor, case: Case, roles: frozenset[Role], into: int | None, note: str) -> Case:
        """Let *case* follow the original *into*, and all that followed *case* so far.

        Raises NotFound (also for an original that is not theirs to see), BadInput, IllegalMove where the original is
        over or follows another one itself.
        """
        after = rules.move(Status(case.status), Action.MERGE, by=roles)
        if into is None:
            raise BadInput("merge needs into, the number of the original", field="into", action="merge")
        original, _ = await access.case_for(by, into, lock=True)
        if original.id == case.id:
            raise BadInput("a case cannot be merged into itself", field="into", action="merge", same=True)
        if original.status not in OPEN or COMPLAINT in {case.kind, original.kind}:
            first = await Case.get_or_none(id=original.merged_into_id) if original.merged_into_id is not None else None
            raise IllegalMove(
                "the original is not open",
                status=str(after),
                action=str(Action.MERGE),
                into=into,
                into_status=original.status,
                **({"follows": first.number} if first is not None else {}),
            )
        moved = await Case.filter(merged_into_id=case.id).order_by("id")
        case.merged_into_id = original.id
        await self._steps.take(case, roles, by.person_id, Action.MERGE, note=note)
        await Case.filter(id__in=[one.id for one in moved]).update(merged_into_id=original.id)
        for one in moved:
            one.merged_into_id = original.id
            await self._news.tell(one, {one.resident_id: "merged"}, note="")
        told = {
            case.holder_id: "merged_off",
            original.holder_id: "merged_in",
        }
        await self._news.tell(
            case, {who: kind for who, kind in told.items() if who not in {None, by.person_id}}, note=case.description
        )
        return case

    async def release(self, original: Case) -> None:
        """The original was withdrawn: what followed it comes back, each to its own grid with fresh clocks."""
        for one in await Case.filter(merged_into_id=original.id, status=Status.MERGED).order_by("id"):
            await self._steps.take(one, _BY_ITSELF, None, Action.REOPEN)
