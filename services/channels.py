"""Which ways to people are open now, for all processes at once.

What WeChat has refused to the account lies in SQL: a minute (45011), the day (45009), or until somebody has mended it
(40164, 48001, 40243 …). The rates of this minute are counted in Redis. Each process looks once a second.
"""

import asyncio
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from domain.delivery import Channel, Shut, Verdict, midnight_after, probe_after
from services.ports import Clock, Rates, WeChatError
from services.transaction import row, rows

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
ACCOUNT = "*"
_REASON = 200
_OF_THE_CALL = frozenset({48001})
"""The account may not use this one call; the others go on."""
TEMPLATE_UNFIT = frozenset({40037, 41030, 47003})
"""The template's fault and not the account's: nothing else is shut for it."""

_KINDS = {
    Verdict.NEXT_MINUTE: Shut.MINUTE,
    Verdict.TOMORROW: Shut.DAY,
    Verdict.MISCONFIGURED: Shut.BROKEN,
}
_SHUT = """
INSERT INTO channel_pause AS p (appid, channel, kind, since, until, tries, errcode, reason)
VALUES ($1, $2, $3, $4, $5, 0, $6, $7)
ON CONFLICT (appid, channel) DO UPDATE
SET kind = excluded.kind, since = excluded.since, until = excluded.until, tries = 0, errcode = excluded.errcode,
    reason = excluded.reason
WHERE p.kind <> 'broken' AND p.until < excluded.until
RETURNING p.id
"""
# Only one process wins a probe: who comes second finds that its time has been moved on.
_PROBE = """
UPDATE channel_pause SET until = $4, tries = tries + 1
WHERE appid = $1 AND channel = $2 AND kind = 'broken' AND until <= $3 AND tries = $5 RETURNING id
"""
_MENDED = "DELETE FROM channel_pause WHERE appid = $1 AND channel = $2 AND kind = 'broken' RETURNING since"
_STANDING = "SELECT channel, kind, until, tries, reason FROM channel_pause WHERE appid = $1"


@dataclass(frozen=True, slots=True)
class Pause:
    kind: Shut
    until: datetime
    reason: str
    tries: int = 0

    def holds(self, now: datetime) -> bool:
        return self.kind is Shut.BROKEN or now < self.until


@dataclass(slots=True)
class Ways:
    """What is shut; ``probing`` names what may be tried with one message all the same."""

    shut: dict[str, Pause]
    probing: frozenset[str] = field(default_factory=frozenset)

    def pause(self, channel: str, now: datetime) -> Pause | None:
        """What keeps *channel* shut at *now*, of its own or the account's."""
        for name in (ACCOUNT, channel):
            found = self.shut.get(name)
            if found is not None and name not in self.probing and found.holds(now):
                return found
        return None


async def standing(appid: str) -> dict[str, Pause]:
    """What is written down as shut, by channel; some of it may be over."""
    return {
        item["channel"]: Pause(Shut(item["kind"]), item["until"], item["reason"], item["tries"])
        for item in await rows(_STANDING, appid)
    }


class Channels:
    def __init__(self, clock: Clock, rates: Rates, *, appid: str, per_minute: int) -> None:
        """*per_minute* is how many messages may leave by one channel in a minute, by all processes together."""
        self._clock = clock
        self._rates = rates
        self._appid = appid
        self._per_minute = per_minute
        self._shut: dict[str, Pause] = {}
        self._looked_at = float("-inf")
        self._to_keep: dict[str, tuple[Pause, int]] = {}

    async def look(self) -> Ways:
        """What is shut. Whoever wins the probe of something broken gets it marked as probing."""
        moment = asyncio.get_running_loop().time()
        if moment - self._looked_at > LOOK_SECONDS:
            self._looked_at = moment
            self._shut = await standing(self._appid) | {name: pause for name, (pause, _) in self._to_keep.items()}
        if not self._shut:
            return Ways(self._shut)
        return Ways(self._shut, frozenset([name for name in self._shut if await self._wins_probe(name)]))

    async def take(self, channel: Channel, count: int) -> float:
        """So many are about to leave: 0, or the seconds to wait when there is no room for them in this minute."""
        return await self._rates.take(f"{self._appid}:{channel}", self._per_minute, count)

    def is_shut(self, channel: Channel, ways: Ways) -> Pause | None:
        """Asked right before a message leaves: what was open for the batch may have been refused to another since."""
        if not self._shut:
            return None
        return Ways(self._shut, ways.probing).pause(channel, self._clock.now())

    def refuse(self, channel: Channel, error: WeChatError, now: datetime) -> Pause | None:
        """Take note of WeChat's *error* if it speaks of everybody: shut at once here, for all with :meth:`keep`."""
        kind = _KINDS.get(error.verdict)
        if kind is None or error.errcode in TEMPLATE_UNFIT:
            return None
        until = {
            Shut.MINUTE: now + timedelta(minutes=1),
            Shut.DAY: midnight_after(now),
            Shut.BROKEN: now + probe_after(0),
        }[kind]
        of_account = kind is Shut.BROKEN and error.errcode not in _OF_THE_CALL
        name = ACCOUNT if of_account else str(channel)
        pause = Pause(kind, until, str(error)[:_REASON])
        if name not in self._shut or not self._shut[name].holds(now):
            self._shut[name] = pause
            self._to_keep[name] = (pause, error.errcode)
        return self._shut[name]

    async def keep(self) -> None:
        """Write down what was refused. Whoever is first to do so says it aloud, once for all processes."""
        while self._to_keep:
            name, (pause, errcode) = next(iter(self._to_keep.items()))
            now = self._clock.now()
            first = await row(_SHUT, self._appid, name, str(pause.kind), now, pause.until, errcode, pause.reason)
            del self._to_keep[name]
            if first is not None:
                say = log.error if pause.kind is Shut.BROKEN else log.warning
                say(
                    "wechat_misconfigured" if pause.kind is Shut.BROKEN else "channel_shut",
                    channel=name,
                    kind=str(pause.kind),
                    reason=pause.reason,
                    errcode=errcode,
                    until=pause.until.isoformat(),
                )

    async def mended(self, ways: Ways, through: AbstractSet[Channel]) -> None:
        """A message got *through* by these channels: what was probed with it is mended."""
        for name in ways.probing:
            if not through or name not in {ACCOUNT, *through}:
                continue
            since = await row(_MENDED, self._appid, name)
            self._shut.pop(name, None)
            if since is not None:
                log.info("wechat_mended", channel=name, since=since["since"].isoformat())

    async def _wins_probe(self, name: str) -> bool:
        pause, now = self._shut[name], self._clock.now()
        if pause.kind is not Shut.BROKEN or now < pause.until or name in self._to_keep:
            return False
        until = now + probe_after(pause.tries + 1)
        won = await row(_PROBE, self._appid, name, now, until, pause.tries)
        if won is not None:
            self._shut[name] = Pause(pause.kind, until, pause.reason, pause.tries + 1)
        else:
            self._looked_at = float("-inf")
        return won is not None
