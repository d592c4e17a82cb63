"""Suspended cases wake by themselves on the day that was named."""

import structlog

from domain.case import Action, Role, Status
from models import Case
from services.case_steps import Steps
from services.ports import Clock
from services.transaction import rows, transaction

log = structlog.get_logger(__name__)

_BY_ITSELF = frozenset({Role.SYSTEM})
_DUE = """
SELECT id, suspended_until AS due FROM "case" WHERE status = 'suspended' AND suspended_until <= $1
AND (suspended_until, id) > ($2, $3) ORDER BY 2, 1 LIMIT $4
"""


async def wake(clock: Clock, steps: Steps, batch: int) -> int:
    """Resume every case whose day has come, each in a transaction of its own; returns how many this call has woken.

    Many processes may run this at once: each takes what no other holds. A case that cannot be woken for a fault of ours
    is logged and left, and holds up no other.
    """
    now = clock.now()
    last_due, last_id, woken = now.min.replace(tzinfo=now.tzinfo), 0, 0
    while True:
        found = await rows(_DUE, now, last_due, last_id, batch)
        for one in found:
            try:
                woken += await _wake(one["id"], clock, steps)
            except Exception:
                log.exception("case_stuck", case=one["id"])
        if len(found) < batch:
            return woken
        last_due, last_id = found[-1]["due"], found[-1]["id"]


async def _wake(case_id: int, clock: Clock, steps: Steps) -> bool:
    async with transaction():
        case = (
            await Case.filter(id=case_id, status=Status.SUSPENDED, suspended_until__lte=clock.now())
            .select_for_update(skip_locked=True)
            .get_or_none()
        )
        if case is None:
            return False
        await steps.take(case, _BY_ITSELF, None, Action.RESUME)
    return True
