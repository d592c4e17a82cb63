"""``python -m bench.soak``: residents and staff talk while one trouble after the other befalls the service.

Between the troubles everything is compared: what was answered is kept once, what is owed was sent once or is marked.
"""

import argparse
import asyncio
import random
import secrets
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

from bench import troubles
from tests.service import audit
from tests.service.pretend import People, Person
from tests.service.story import number_in
from tests.service.whole import Town, Whole, whole

RESIDENTS = 12
BETWEEN_AUDITS = 60.0
_ORDERS = ("受理 {}", "回复 {} 明天来看〔{}〕", "办结 {} 修好了")


@dataclass(slots=True)
class Campaign:
    """One run: who talks, what they were told, what was done to the service."""

    service: Whole
    people: People
    town: Town
    dice: random.Random
    told: list[tuple[str, str]] = field(default_factory=list)
    numbers: set[int] = field(default_factory=set)
    befell: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    _words: int = 0
    _talking: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, minutes: float) -> None:
        """Talk and trouble for *minutes*. Raises AssertionError when something was lost or came twice."""
        cast = [await self._arrive(number) for number in range(RESIDENTS)]
        worker = await self._staff()
        self._talking.set()
        talkers = [asyncio.create_task(self._live(one)) for one in cast]
        talkers.append(asyncio.create_task(self._work(worker)))
        until = time.monotonic() + minutes * 60
        try:
            while time.monotonic() < until:
                await self._a_minute(talkers, until)
                await self._compare()
        finally:
            for task in talkers:
                task.cancel()
            await asyncio.gather(*talkers, return_exceptions=True)

    async def _a_minute(self, talkers: list[asyncio.Task[None]], until: float) -> None:
        ends = min(time.monotonic() + BETWEEN_AUDITS, until)
        while time.monotonic() < ends:
            await asyncio.sleep(self.dice.uniform(1.0, 6.0))
            trouble = self.dice.choice(troubles.ALL)
            self.befell[trouble.__name__] += 1
            await trouble(self.service, self.people, self.dice)
            for task in talkers:
                if task.done():
                    task.result()

    async def _compare(self) -> None:
        """Everybody falls silent, the service comes to rest, and the books are compared."""
        self._talking.clear()
        back = await self.service.ready(120)
        await self.people.settled(120)
        await asyncio.sleep(1)
        seen, sorry = await audit.what_became_of(self.service, self.told)
        states = await audit.deliveries_are_settled(self.service, self.people, 120)
        rows = await self.service.sql('SELECT number FROM "case" WHERE number IS NOT NULL')
        lost = self.numbers - {row["number"] for row in rows}
        assert not lost, f"cases that somebody was given a number of are not there: {lost}"
        print(
            f"  {sum(self.befell.values())} troubles; words {dict(seen)}, {len(sorry)} of them kept in spite of an"
            f" apology; {len(self.numbers)} cases; deliveries {dict(states)}; ready after {back:.1f} s",
            flush=True,
        )
        self._talking.set()

    async def _arrive(self, number: int) -> Person:
        one = await self.people.somebody(f"居民{number}")
        await one.does("scan", scene=self.town.scene)
        return one

    async def _staff(self) -> Person:
        worker = await self.people.somebody("worker")
        await worker.does("follow")
        assert "绑定好了" in (await worker.says(f"绑定 {self.town.invitations['worker']}")).text
        return worker

    async def _live(self, resident: Person) -> None:
        while True:
            await asyncio.sleep(self.dice.uniform(0.5, 5.0))
            await self._talking.wait()
            chance = self.dice.random()
            if chance < 0.75:
                self._words += 1
                word = f"路灯又不亮了〔{self._words}〕"
                said = await resident.says(word)
                self.told.append((word, said.text if said.outcome == "shown" else ""))
                if said.tries == 1:
                    self.slowest = max(self.slowest, said.seconds)
            elif chance < 0.87:
                said = await resident.says("提交")
                if "编号 №" in said.text:
                    self.numbers.add(number_in(said))
            elif chance < 0.93:
                await resident.does("photo")
            else:
                await resident.says("进度")

    async def _work(self, worker: Person) -> None:
        while True:
            await asyncio.sleep(self.dice.uniform(1.0, 4.0))
            await self._talking.wait()
            if self.numbers:
                number = self.dice.choice(sorted(self.numbers))
                self._words += 1
                await worker.says(self.dice.choice(_ORDERS).format(number, self._words))


async def main(minutes: float, seed: int) -> int:
    print(f"{minutes:g} minutes of troubles, seed {seed}", flush=True)
    # The seed fixes what befalls the service, not when a message is under way: no two runs are quite the same.
    with whole() as service:
        service.start()
        await service.ready()
        town = await service.furnish()
        async with service.wechat.people() as people:
            campaign = Campaign(service, people, town, random.Random(seed))
            try:
                await campaign.run(minutes)
            except AssertionError as failure:
                print(f"FAILED after {dict(campaign.befell)}: {failure}\n{service.last_words()}", file=sys.stderr)
                return 1
    print(f"{dict(campaign.befell)}\nslowest answer at the first try: {campaign.slowest:.2f} s\nNothing was lost.")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    given = parser.parse_args()
    with suppress(KeyboardInterrupt):
        sys.exit(asyncio.run(main(given.minutes, given.seed)))
    sys.exit(130)
