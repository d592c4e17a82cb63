"""How a notice is going, and how it went: counts by channel, by reason and by village. Never who."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.delivery import State
from domain.notice import RUNNING, Status, seconds_left, why
from models import Notice
from services.ports import Clock
from services.transaction import rows

LATELY = timedelta(seconds=60)

# The village is above the grid that was noted when the notice was spread; staff above it count where they serve.
VILLAGE = "coalesce(CASE WHEN g.level = 1 THEN g.parent_id ELSE g.id END, 0)"
# WeChat's own texts differ each time (they carry a request id): only the number at their end counts.
REASON = "CASE WHEN d.state = 'sent' THEN '' ELSE coalesce(substring(d.reason FROM '\\(-?[0-9]+\\)$'), d.reason) END"
UNVISITED = """d.state IN ('inbox', 'failed', 'uncertain') AND d.opened_at IS NULL AND d.visited_at IS NULL"""
"""Nobody knows that it has reached them."""
COUNTED = f"""
{VILLAGE} AS region_id, d.state, coalesce(d.channel, '') AS channel, {REASON} AS reason, count(*) AS people,
count(d.opened_at) AS opened, count(d.visited_at) AS visited, count(*) FILTER (WHERE {UNVISITED}) AS unvisited
"""
_BY_VILLAGE = f"""
SELECT {COUNTED} FROM delivery d LEFT JOIN region g ON g.id = d.grid_id WHERE d.notice_id = $1 GROUP BY 1, 2, 3, 4
UNION ALL
SELECT region_id, state, channel, reason, people, opened, visited, unvisited FROM notice_tally WHERE notice_id = $1
"""
_REPORT = f"""
SELECT coalesce(v.code, '') AS code, coalesce(v.name, '') AS village, c.state, c.channel, c.reason,
       sum(c.people) AS people, sum(c.opened) AS opened, sum(c.visited) AS visited, sum(c.unvisited) AS unvisited
FROM ({_BY_VILLAGE}) c LEFT JOIN region v ON v.id = c.region_id
GROUP BY v.code, v.name, c.state, c.channel, c.reason ORDER BY v.code, c.state, c.channel, c.reason
"""
# Without the villages, and so without a look at each recipient's grid: this one is asked every other second.
_FIGURES = f"""
SELECT state, channel, reason, sum(people) AS people, sum(opened) AS opened, sum(visited) AS visited,
       sum(unvisited) AS unvisited, sum(lately) AS lately
FROM (
    SELECT d.state, coalesce(d.channel, '') AS channel, {REASON} AS reason, count(*) AS people,
           count(d.opened_at) AS opened, count(d.visited_at) AS visited,
           count(*) FILTER (WHERE {UNVISITED}) AS unvisited, count(*) FILTER (WHERE d.sent_at > $2) AS lately
    FROM delivery d WHERE d.notice_id = $1 GROUP BY 1, 2, 3
    UNION ALL
    SELECT state, channel, reason, people, opened, visited, unvisited, 0 FROM notice_tally WHERE notice_id = $1
) c GROUP BY 1, 2, 3
"""
_ON_THE_WAY = frozenset({State.HELD, State.OWED, State.SENDING})


@dataclass(frozen=True, slots=True)
class Figures:
    """A notice at this moment. ``left`` counts those not written down yet too."""

    state: Status
    people: int
    sent: int = 0
    inbox: int = 0
    failed: int = 0
    uncertain: int = 0
    recalled: int = 0
    expired: int = 0
    left: int = 0
    opened: int = 0
    visited: int = 0
    unvisited: int = 0
    channels: Mapping[str, int] = field(default_factory=dict)
    """Sent, by channel."""
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Not reached, by :func:`domain.notice.why`."""
    seconds_left: int | None = None
    """At the pace of the last minute; ``None`` while that is not known, or nothing is on the way."""
    sent_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One village: how many, and what became of them."""

    code: str
    village: str
    people: int
    sent: Mapping[str, int]
    inbox: int
    failed: int
    uncertain: int
    recalled: int
    expired: int
    left: int
    opened: int
    visited: int
    unvisited: int
    reasons: Mapping[str, int]


class NoticeFigures:
    """Asked on behalf of whoever may see the notice; the caller has looked that up."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def now(self, notice_id: int) -> Figures:
        now = self._clock.now()
        notice = await Notice.get(id=notice_id)
        found = await rows(_FIGURES, notice_id, now - LATELY)
        counted = _counted(found)
        state = Status(notice.state)
        written = sum(int(one["people"]) for one in found)
        left = counted.pop("left") + (max(notice.reach - written, 0) if state in RUNNING else 0)
        moving = state is Status.SENDING and left > 0
        lately = sum(int(one["lately"]) for one in found)
        return Figures(
            state=state,
            people=max(notice.reach, written),
            sent=sum(_channels(found).values()),
            left=left,
            channels=_channels(found),
            reasons=_reasons(found),
            seconds_left=seconds_left(left, lately) if moving else None,
            sent_at=notice.sent_at,
            ended_at=notice.ended_at,
            **counted,
        )

    async def known(self, notice_id: int) -> bool:
        return await Notice.filter(id=notice_id).exists()

    async def report(self, notice_id: int) -> list[ReportLine]:
        """By village, in the order of their codes. The same before and after the rows were thinned to counts."""
        villages: dict[tuple[str, str], list[Any]] = {}
        for one in await rows(_REPORT, notice_id):
            villages.setdefault((one["code"], one["village"]), []).append(one)
        return [
            ReportLine(
                code=code,
                village=village,
                people=sum(int(one["people"]) for one in found),
                sent=_channels(found),
                reasons=_reasons(found),
                **_counted(found),
            )
            for (code, village), found in villages.items()
        ]


def _counted(found: Sequence[Any]) -> dict[str, int]:
    """Everything but what was sent by which channel."""
    states: Counter[str] = Counter()
    for one in found:
        states["left" if one["state"] in _ON_THE_WAY else str(one["state"])] += int(one["people"])
    kept = ("inbox", "failed", "uncertain", "recalled", "expired", "left")
    counted = {name: states[name] for name in kept}
    return counted | {name: sum(int(one[name]) for one in found) for name in ("opened", "visited", "unvisited")}


def _channels(found: Sequence[Any]) -> dict[str, int]:
    channels: Counter[str] = Counter()
    for one in found:
        if one["state"] == State.SENT:
            channels[str(one["channel"])] += int(one["people"])
    return dict(sorted(channels.items()))


def _reasons(found: Sequence[Any]) -> dict[str, int]:
    reasons: Counter[str] = Counter()
    for one in found:
        if one["state"] != State.SENT and one["state"] not in _ON_THE_WAY:
            reasons[why(str(one["reason"])) or "other"] += int(one["people"])
    return dict(reasons.most_common())
