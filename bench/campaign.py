"""``python -m bench.campaign --residents N``: a notice to N residents while everything goes wrong.

WeChat fails now and then, loses answers after it has delivered, and some residents block the account; one job process
after the other is killed, Redis is emptied, and (``--crash``) PostgreSQL is crashed. At the end WeChat's own record of
what each phone saw is compared with the rows: nobody lost, nobody told twice, whatever is not known is marked so.
"""

import argparse
import asyncio
import random
import secrets
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import asyncpg
import redis

from app import bootstrap
from app.bootstrap import credentials
from app.settings import load
from bench import campaign_audit
from services.notices_draft import More
from tests.service.pretend import People
from tests.service.processes import end
from tests.service.whole import SILENT, STOP_SECONDS, Whole, whole

BLOCK_EVERY = 100
FAULTS: tuple[dict[str, object], ...] = (
    {"errcode": -1, "rate": 0.03},
    {"status": 502, "rate": 0.02},
    {"drop": "after", "rate": 0.02},
)
"""5 % of all calls fail in passing; of 2 % the answer gets lost after WeChat has delivered."""
SAID = "明天八点到十二点检修管道，请提前储水。"
BETWEEN_KILLS = 5.0
_QUIET_SECONDS = 60.0
"""With no progress at all for so long, a campaign is given up."""

_SEED = """
WITH grid AS (SELECT id FROM region WHERE level = 1 ORDER BY id LIMIT 1),
given AS (SELECT * FROM unnest($1::text[], $2::boolean[]) WITH ORDINALITY AS g(openid, open, place)),
made AS (INSERT INTO person (name, phone, grid_id, created_at)
         SELECT '', '', grid.id, now() FROM grid, given ORDER BY place RETURNING id),
numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS place FROM made)
INSERT INTO identity (person_id, appid, openid, kind, subscribed, window_until, window_left, bind_tries)
SELECT n.id, $3, g.openid, 'official', TRUE, CASE WHEN g.open THEN now() + interval '47 hours' END,
       CASE WHEN g.open THEN 5 ELSE 0 END, 0
FROM numbered n JOIN given g USING (place) RETURNING person_id
"""
_HELD = """
SELECT d.id, d.sender FROM delivery d JOIN sender s ON s.id = d.sender
WHERE d.state = 'sending' AND s.pid = $1 AND s.id = (SELECT max(id) FROM sender WHERE pid = $1)
"""
_STILL = "SELECT count(*) FROM delivery WHERE id = ANY($1) AND sender = $2 AND state IN ('owed', 'sending')"
_SETTLED = "SELECT count(*) FROM delivery WHERE state NOT IN ('held', 'owed', 'sending')"
_SENDER = """
SELECT h.person_id, r.code FROM held_duty h, region r WHERE h.duty = 'commander' AND r.level = 1 ORDER BY r.id LIMIT 1
"""


@dataclass(slots=True)
class Campaign:
    """One run: what was done to the service, and how it took it. Times are seconds."""

    service: Whole
    people: People
    dice: random.Random
    jobs: list[subprocess.Popen[bytes]] = field(default_factory=list)
    residents: int = 0
    stood_still: list[float] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    kills: int = 0
    crashes: list[tuple[float, float]] = field(default_factory=list)
    """How long the database was away, and how soon after its return something was sent."""
    _watching: list[asyncio.Task[None]] = field(default_factory=list)
    _busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def begin(self, residents: int) -> list[int]:
        """Make the residents, here and on the phones, and send them all a notice: jobs write down its recipients."""
        half = residents // 2
        self.residents = residents
        openids: list[str] = []
        for prefix, count, window in (("开窗", half, True), ("关窗", residents - half, False)):
            made = await self.people.post(
                "/bulk",
                {"count": count, "prefix": prefix, "window": window, "openids": True, "block_every": BLOCK_EVERY},
            )
            openids += made["openids"]
        await self.people.post("/settings", {"job_finish_events": "failed"})
        # Whether a second person agrees, and when people sleep, is not what is tried here.
        rules = {"WANGGE__NOTICES__APPROVAL_ABOVE": "-1"}
        settings = bootstrap.effective(load(SILENT, {**self.service.environment, **rules}))
        async with (
            bootstrap.database(self.service.database_url, pool=4),
            bootstrap.house(settings, self.service.database_url, "unix:///nowhere") as house,
        ):
            appid, persons = settings.wechat.official.appid, []
            for start in range(0, residents, 5000):
                some = openids[start : start + 5000]
                opened = [place < half for place in range(start, start + len(some))]
                rows = await self.service.sql(_SEED, some, opened, appid)
                persons += [row["person_id"] for row in rows]
            [sender] = await self.service.sql(_SENDER)
            by = await house.desk.people.actor(sender["person_id"])
            notice = await house.desk.notices.compose(by, sender["code"], SAID, More(urgent=True))
            await house.desk.notices.send(by, notice.id)
        return persons

    async def run(self, *, kills: int | None, crash: bool, delay: float = 0.0) -> float:
        """Let it be sent, and make trouble; returns how many seconds it took. Raises AssertionError when stuck.

        With *delay* WeChat takes that long for an answer, so that few residents are not over before the trouble.
        """
        began = time.monotonic()
        for fault in (*FAULTS, *([{"delay": delay}] if delay else ())):
            await self.people.post(
                "/faults", {"path": "/cgi-bin/message/*", "seed": self.dice.randrange(2**31), **fault}
            )
        total = left = self.residents
        troubles = [asyncio.create_task(self._kill_again_and_again(kills))]
        moved, flushed, crashed = time.monotonic(), False, not crash
        try:
            while left:
                await asyncio.sleep(0.2)
                if not flushed and left < total * 0.7:
                    flushed = self._flush()
                if not crashed and left < total * 0.5:
                    crashed = True
                    await self._crash()
                now_left = await self._left()
                if now_left != left:
                    moved = time.monotonic()
                left = now_left
                assert time.monotonic() - moved < _QUIET_SECONDS, f"{left} stand still: {await self._standing()}"
                for task in troubles:
                    if task.done():
                        task.result()
        finally:
            for task in troubles:
                task.cancel()
            await asyncio.gather(*troubles, return_exceptions=True)
        took = time.monotonic() - began
        await self.people.drop("/faults")
        await asyncio.gather(*self._watching)
        assert flushed, "it was over before Redis was emptied"
        return took

    async def _standing(self) -> list[dict[str, object]]:
        return await self.service.sql(
            "SELECT id, state, channel, attempts, sender, reason, next_at - now() AS waits FROM delivery"
            " WHERE state IN ('held', 'owed', 'sending') ORDER BY id LIMIT 5"
        )

    async def _left(self) -> int:
        while True:
            with suppress(OSError, asyncpg.PostgresError):
                return self.residents - int(await self.service.one(_SETTLED))
            await asyncio.sleep(0.1)

    async def _kill_again_and_again(self, most: int | None) -> None:
        while most is None or self.kills < most:
            await asyncio.sleep(BETWEEN_KILLS if most is None else 0.3)
            async with self._busy:
                await self._kill()

    async def _kill(self) -> None:
        """One job process that has something under way: kill -9."""
        self._replace_dead()
        chosen = self.dice.sample(self._job_pids(), len(self._job_pids()))
        for pid in chosen:
            if await self.service.sql(_HELD, pid):
                end(pid)
                killed = time.monotonic()
                rows = await self.service.sql(_HELD, pid)
                self.kills += 1
                self._replace_dead()
                if rows:
                    ids, sender = [row["id"] for row in rows], rows[0]["sender"]
                    self.held.append(len(ids))
                    self._watching.append(asyncio.create_task(self._watch(ids, sender, killed)))
                return

    async def _watch(self, ids: Sequence[int], sender: int, killed: float) -> None:
        """Until somebody else has taken over whatever the dead sender held."""
        while True:
            with suppress(OSError, asyncpg.PostgresError):
                if not await self.service.one(_STILL, list(ids), sender):
                    break
            assert time.monotonic() - killed < _QUIET_SECONDS, f"what sender {sender} held is held for ever"
            await asyncio.sleep(0.1)
        self.stood_still.append(time.monotonic() - killed)

    def _job_pids(self) -> list[int]:
        return [*self.service.parts("jobs"), *(one.pid for one in self.jobs if one.poll() is None)]

    def _replace_dead(self) -> None:
        """The supervisor starts its own anew; these have none."""
        for place, one in enumerate(self.jobs):
            if one.poll() is not None:
                self.jobs[place] = job_process(self.service)

    def _flush(self) -> bool:
        socket = next(iter(self.service.home.glob("run/valkey.sock")))
        with redis.Redis(unix_socket_path=str(socket), socket_timeout=2) as valkey:
            valkey.flushall()
        return True

    async def _crash(self) -> None:
        """``pg_ctl stop -m immediate``; the supervisor starts it again."""
        async with self._busy:
            await asyncio.gather(*self._watching)
            end(self.service.engine("postgres"), number=signal.SIGQUIT)
            began = time.monotonic()
            connection = await self._connected()
            back = time.monotonic()
            returned = await connection.fetchval("SELECT clock_timestamp()")
            while not await connection.fetchval("SELECT EXISTS (SELECT 1 FROM delivery WHERE sent_at > $1)", returned):
                assert time.monotonic() - back < _QUIET_SECONDS, "nothing was sent after the database's return"
                await asyncio.sleep(0.05)
            self.crashes.append((back - began, time.monotonic() - back))
            await connection.close()

    async def _connected(self) -> asyncpg.Connection:
        given = credentials(self.service.database_url)
        given = {name: given[name] for name in ("host", "port", "user", "password", "database")}
        await asyncio.sleep(0.2)
        while True:
            with suppress(OSError, asyncpg.PostgresError, TimeoutError):
                connection = await asyncpg.connect(**given, timeout=2)
                await connection.fetchval("SELECT 1")
                return connection
            await asyncio.sleep(0.05)

    def figures(self) -> str:
        """How it took the troubles, in lines."""
        lines = [f"  killed {self.kills} job processes (kill -9), Redis emptied once"]
        if self.stood_still:
            lines.append(
                f"  a killed process's work ({statistics.median(self.held):.0f} messages, median) stood still for"
                f" {statistics.median(self.stood_still):.1f} s (median), {max(self.stood_still):.1f} s (worst); aim: 10"
            )
        for away, again in self.crashes:
            lines.append(f"  PostgreSQL crashed, away for {away:.1f} s; sending went on after {again:.1f} s; aim: 5")
        return "\n".join(lines)


@contextmanager
def more_jobs(service: Whole, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Job processes beside the service's own."""
    started = [job_process(service) for _ in range(count)]
    try:
        yield started
    finally:
        for one in started:
            one.terminate()
        for one in started:
            one.wait(STOP_SECONDS)


def job_process(service: Whole) -> subprocess.Popen[bytes]:
    with service.log.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "app", "jobs"],
            cwd=service.folder,
            env=service.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


async def main(residents: int, processes: int, seed: int, *, crash: bool) -> int:
    print(f"{residents} residents, {processes} job processes, seed {seed}", flush=True)
    with whole() as service:
        service.start()
        await service.ready()
        await service.furnish()
        async with service.wechat.people() as people:
            with more_jobs(service, processes - 1) as jobs:
                campaign = Campaign(service, people, random.Random(seed), jobs)
                began = time.monotonic()
                try:
                    persons = await campaign.begin(residents)
                    print(f"  everybody made, and the notice sent, after {time.monotonic() - began:.0f} s", flush=True)
                    took = await campaign.run(kills=None, crash=crash)
                    found = await campaign_audit.compare(service, people, persons)
                except AssertionError as failure:
                    print(f"FAILED: {failure}\n{campaign.figures()}\n{service.last_words()}", file=sys.stderr)
                    return 1
            answers = Counter(await campaign_audit.outcomes(people))
    print(f"  settled after {took:.0f} s: {residents / took:.0f} a second")
    print(campaign.figures())
    print(f"  WeChat's answers: {dict(answers)}")
    print(found.text())
    print("Nobody was lost, nobody was told twice, and what is not known is marked so.")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.campaign", description=__doc__)
    parser.add_argument("--residents", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=3, help="job processes")
    parser.add_argument("--crash", action="store_true", help="crash PostgreSQL half way")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    given = parser.parse_args()
    with suppress(KeyboardInterrupt):
        sys.exit(asyncio.run(main(given.residents, given.processes, given.seed, crash=given.crash)))
    sys.exit(130)
