"""WeChat's own record of what each phone saw, against the rows of what was owed."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.service.pretend import People
from tests.service.whole import Whole

REPORT_SECONDS = 30.0
"""So long WeChat's reports of what did not arrive may take to get through, retries included."""
PAGE = 100_000

_ROWS = """
SELECT d.person_id, d.state, d.channel, d.reason, i.openid
FROM unnest($1::bigint[]) AS who (person_id) JOIN identity i USING (person_id)
LEFT JOIN delivery d ON d.person_id = who.person_id
"""
_WRONG = """
SELECT d.id, d.state, d.channel, d.attempts, d.msgid, d.sent_at, d.reason, r.status, r.at
FROM delivery d LEFT JOIN send_report r ON r.msgid = d.msgid WHERE d.openid = ANY($1)
"""


@dataclass(slots=True)
class Found:
    """What became of the residents; ``wrong`` holds what must not be, in words."""

    states: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    uncertain_seen: int = 0
    wrong: list[str] = field(default_factory=list)

    def text(self) -> str:
        lines = [f"  {state}: {count}" for state, count in sorted(self.states.items())]
        lines.append(f"  of the uncertain, {self.uncertain_seen} had arrived; each is listed with its reason:")
        lines += [f"    {count} × {reason}" for reason, count in self.reasons.most_common(8)]
        return "\n".join(lines)


async def compare(service: Whole, people: People, persons: Sequence[int]) -> Found:
    """Everybody was reached once, or is reported with a reason. Raises AssertionError with what is wrong."""
    deadline = time.monotonic() + REPORT_SECONDS
    while True:
        found = judge(await service.sql(_ROWS, list(persons)), await _seen(people), len(persons))
        if not found.wrong:
            return found
        # A message to somebody who has blocked the account is believed to be sent until WeChat reports it.
        if time.monotonic() > deadline:
            break
        await asyncio.sleep(2)
    said = [openid for line in found.wrong[:5] for openid in line.split()[:1]]
    rows = await service.sql(_WRONG, said)
    raise AssertionError(f"{len(found.wrong)} wrong, among them {found.wrong[:5]}; {rows}; {dict(found.states)}")


def judge(rows: Sequence[dict[str, Any]], seen: Counter[str], residents: int) -> Found:
    """*rows* as the database has them, and how often each phone was shown a message."""
    found, persons = Found(), set()
    for row in rows:
        openid, state, times = row["openid"], row["state"], seen[row["openid"]]
        if state is None or row["person_id"] in persons:
            found.wrong.append(f"{openid} has {'no row' if state is None else 'two rows'}")
            continue
        persons.add(row["person_id"])
        found.states[f"{state} by {row['channel']}" if state == "sent" else state] += 1
        if state != "sent":
            found.reasons[f"{state}: {_class(row['reason'])}"] += 1
        found.uncertain_seen += state == "uncertain" and times == 1
        if times > 1:
            found.wrong.append(f"{openid} was told {times} times ({state})")
        elif state == "sent" and times == 0:
            found.wrong.append(f"{openid} is noted as sent and has seen nothing")
        elif state in {"inbox", "failed"} and times:
            found.wrong.append(f"{openid} has seen it and is noted as {state}")
        elif state not in {"sent", "inbox", "failed", "uncertain"}:
            found.wrong.append(f"{openid} is {state} for ever")
        elif state != "sent" and not row["reason"]:
            found.wrong.append(f"{openid} is {state} without a reason")
    if len(persons) != residents:
        found.wrong.append(f"{residents - len(persons)} residents are lost")
    return found


async def outcomes(people: People) -> dict[str, int]:
    """How often WeChat gave which answer."""
    return dict((await people.get("/statistics"))["outcomes"])


async def _seen(people: People) -> Counter[str]:
    seen: Counter[str] = Counter()
    after = 0
    while True:
        some = (await people.get(f"/deliveries?after={after}&limit={PAGE}"))["deliveries"]
        seen.update(one["openid"] for one in some)
        if len(some) < PAGE:
            return seen
        after = some[-1]["message"]


def _class(reason: str) -> str:
    """A reason without WeChat's own wording, which names a number of its own each time."""
    return reason.split(":", maxsplit=1)[0].strip()
