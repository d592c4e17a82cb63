"""What WeChat tells afterwards of a message that it had taken (TEMPLATESENDJOBFINISH): that it did not arrive."""

from datetime import timedelta

import structlog

from services.ports import Clock
from services.transaction import row, rows

log = structlog.get_logger(__name__)

KEPT = timedelta(days=3)
ARRIVED = "success"
_MEANINGS = {"failed:user block": "the person has blocked the account's messages"}

_KEEP = """
INSERT INTO send_report (appid, openid, msgid, status, at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (msgid) DO NOTHING RETURNING id
"""
# The report may be here before the sender has noted the number: then the sweep applies it. The number goes with it, so
# that a message which is sent anew later, by another way, is not taken for this one.
_APPLY = """
UPDATE delivery d SET state = 'inbox', reason = r.status, sent_at = NULL, msgid = NULL, first_claim_at = NULL
FROM send_report r JOIN identity i ON i.appid = r.appid AND i.openid = r.openid
WHERE r.at > $1 AND d.person_id = i.person_id AND d.msgid = r.msgid AND d.state IN ('sent', 'uncertain')
RETURNING d.id
"""


class SendReports:
    def __init__(self, clock: Clock, *, appid: str) -> None:
        self._clock = clock
        self._appid = appid

    async def take(self, openid: str, msgid: int, status: str) -> None:
        """Take one report; that a message arrived is what was believed anyway. Twice the same changes nothing."""
        if status == ARRIVED or not 0 < msgid < 2**63:
            return
        said = _MEANINGS.get(status, f"WeChat could not deliver it: {status}")[:80]
        if await row(_KEEP, self._appid, openid[:64], msgid, said, self._clock.now()) is not None:
            await self.apply()

    async def apply(self) -> int:
        """What did not arrive is in the inbox, with the reason; returns how many rows that changed."""
        found = await rows(_APPLY, self._clock.now() - KEPT)
        return len(found)

    async def forget_old(self) -> None:
        """Drop the reports that every sender has noted long ago."""
        await rows("DELETE FROM send_report WHERE at < $1 RETURNING 1", self._clock.now() - KEPT)
