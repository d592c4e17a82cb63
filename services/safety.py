"""Content safety (内容安全): looks at what residents file, before a grid worker reads it.

What is risky is held for a person of the town and never dropped; what is urgent passes at once and is marked; a
moderator who does not answer never keeps anybody from being heard: it passes as *unchecked* and is looked at later.
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from domain.errors import Unavailable
from domain.safety import Found
from models import Case, Identity, SafetyCheck
from services.ports import Clock, Judgement, Moderator, Words
from services.transaction import rows

log = structlog.get_logger(__name__)

PASSED = Judgement(Found.PASSED)
_AGAIN_AFTER = timedelta(minutes=5)
_FOR = timedelta(hours=24)
"""How long it is tried. WeChat looks at the words of whoever used the mini program within two hours only."""

_WAITING = """
SELECT s.id, c.resident_id, c.title, c.description
FROM safety_check s JOIN "case" c ON c.id = s.case_id
WHERE s.state = 'unchecked' AND s.at >= $1 AND s.tried_at < $2 ORDER BY s.tried_at LIMIT $3
"""


@dataclass(frozen=True, slots=True)
class Safety:
    clock: Clock
    words: Words
    moderator: Moderator | None
    """``None``: there is only the town's list."""
    mini_appid: str

    def by_list(self, text: str) -> Judgement:
        """By the town's own list, at once: for the chat, whose openids WeChat's moderator does not take."""
        found = self.words.found(text)
        return Judgement(Found.RISKY, f"word {found}"[:200]) if found else PASSED

    async def judge(self, person_id: int, text: str) -> Judgement:
        """By the list, then by the moderator. Must be called outside a transaction: it may take seconds."""
        judged = self.by_list(text)
        if judged.found is not Found.PASSED or self.moderator is None:
            return judged
        identity = await Identity.filter(person_id=person_id, appid=self.mini_appid).order_by("-id").first()
        if identity is None:
            return judged
        try:
            return await self.moderator.text(identity.openid, text)
        except Unavailable:
            return Judgement(Found.UNCHECKED)

    async def note(self, case: Case, judged: Judgement, *, held: bool) -> None:
        """Keep what is to be known of *case* later on, in the open transaction."""
        if judged.found is Found.PASSED:
            return
        state = "held" if held else "marked" if judged.found is Found.RISKY else "unchecked"
        now = self.clock.now()
        await SafetyCheck.create(case_id=case.id, state=state, why=judged.why, at=now, tried_at=now)

    async def check_again(self, most: int = 50) -> int:
        """Have what nobody could look at looked at; returns how many were. The town is shown what was risky after all.

        By then its worker has read it: it is marked, and not taken out of their hands.
        """
        now, done = self.clock.now(), 0
        for one in await rows(_WAITING, now - _FOR, now - _AGAIN_AFTER, most):
            judged = await self.judge(one["resident_id"], said(one["title"], one["description"]))
            check = SafetyCheck.filter(id=one["id"], state="unchecked")
            if judged.found is Found.UNCHECKED:
                await check.update(tried_at=now)
            elif judged.found is Found.RISKY:
                log.info("safety_marked_late", check=one["id"])
                await check.update(state="marked", why=judged.why, tried_at=now)
                done += 1
            else:
                await check.delete()
                done += 1
        return done


def said(title: str, description: str) -> str:
    """All words of a case, each once: the title is often the beginning of the rest."""
    return description if title.rstrip("…") in description else f"{title}\n{description}"


async def mark(safety: Safety | None, case: Case, judged: Judgement | None, text: str) -> None:
    """Words that come later go on whatever they are; the town is shown what is risky in them."""
    if safety is not None:
        await safety.note(case, judged or safety.by_list(text), held=False)
