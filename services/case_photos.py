"""The photo rule of an event type (事项清单, X 四): which photos a case must have before it is resolved."""

from domain.case import Action
from domain.errors import NeedsPhoto
from domain.event_list import Photos
from models import Case
from services.transaction import row

_RULE = "SELECT name, photos FROM event_type WHERE code = $1 AND state IN ('approved', 'retired')"
# Photos that came with a resident's message are the resident's, also where a worker filed the case; all others were
# sent by staff. What was there before the last photo of the work done shows how it was before.
_THERE = """
WITH photo AS (
    SELECT a.created_at, a.id, a.created_at >= $2 AND NOT EXISTS (
        SELECT 1 FROM case_message m WHERE m.case_id = $1 AND m.attachment_id = a.id::text
    ) AS done
    FROM attachment a WHERE a.case_id = $1 AND a.kind = 'photo' AND a.state <> 'lost'
), last AS (
    SELECT created_at, id FROM photo WHERE done ORDER BY created_at DESC, id DESC LIMIT 1
)
SELECT EXISTS (SELECT 1 FROM last) AS after,
       EXISTS (SELECT 1 FROM photo p WHERE NOT EXISTS (SELECT 1 FROM last)
               OR (p.created_at, p.id) < (SELECT created_at, id FROM last)) AS before
"""


async def demand(case: Case, action: Action) -> None:
    """Before *case* is resolved; any other *action* needs none. Raises NeedsPhoto, naming what is missing.

    ``after`` wants a photo that staff sent since the case was accepted (since it came to whoever resolves it without
    having accepted it); ``both`` wants one from before that as well, the resident's or staff's.
    """
    if action is not Action.RESOLVE or not case.event_type:
        return
    rule = await row(_RULE, case.event_type)
    if rule is None or rule["photos"] == Photos.NONE:
        return
    there = await row(_THERE, case.id, case.accepted_at or case.clock_from or case.submitted_at)
    missing = [] if there["after"] else ["after"]
    if rule["photos"] == Photos.BOTH and not there["before"]:
        missing.insert(0, "before")
    if missing:
        raise NeedsPhoto("photos are missing", number=case.number, missing=missing, event_type=rule["name"])
