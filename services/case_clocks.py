"""The periods that one case has: the town's, or those of its event type (事项清单) where that sets its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.transaction import row

if TYPE_CHECKING:
    from domain.deadlines import Limits
    from models import Case
    from services.case_places import Policy

# Also of a type that was retired since: what was promised when the case was filed goes on to hold.
_OWN = "SELECT accept_hours, resolve_days, urgent FROM event_type WHERE code = $1 AND state IN ('approved', 'retired')"


async def limits_for(case: Case, policy: Policy) -> Limits:
    """The limits for *case* as it is in memory; its type's own periods win over the town's (DOMAIN §2).

    An urgent type's periods run around the clock. An ordinary type's say nothing of a case that is urgent for another
    reason: the town's periods for urgent matters stay as short as they are.
    """
    if not case.event_type:
        return policy.limits
    own = await row(_OWN, case.event_type)
    if own is None:
        return policy.limits
    return policy.limits.of_type(
        accept_hours=own["accept_hours"], resolve_days=own["resolve_days"], urgent=own["urgent"]
    )
