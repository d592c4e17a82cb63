"""Remind 催办: the holder hears how long it has waited, at most once an hour for a case, whoever asks."""

from datetime import datetime, timedelta

from domain.case import Action
from domain.errors import TooMany
from models import Case, CaseEvent

PAUSE = timedelta(hours=1)


async def waited(case: Case, now: datetime) -> int:
    """Seconds that the case has waited since it was filed. Raises TooMany within an hour of the last reminder."""
    last = await CaseEvent.filter(case_id=case.id, action=Action.REMIND).order_by("-id").first()
    if last is not None and now - last.at < PAUSE:
        left = last.at + PAUSE - now
        raise TooMany(
            "the holder was reminded within the hour",
            retry_after=max(1, int(left.total_seconds())),
            number=case.number,
            action=str(Action.REMIND),
            last=last.at.isoformat(),
        )
    return int((now - (case.submitted_at or case.created_at)).total_seconds())
