"""Residents who come by, and what they expect: an answer in time, and that somebody hears of it."""

import asyncio
from itertools import count

from bot import replies
from tests.service.pretend import People, Person, Said
from tests.service.processes import until
from tests.service.story import expect, number_in
from tests.service.whole import Town

WECHATS_PATIENCE = 5.0
_numbers = count(1)


async def staff(people: People, town: Town, who: str = "worker") -> Person:
    """The member of staff, bound to their post."""
    known = await people.known()
    if who in known:
        return known[who]
    made = await people.somebody(who)
    await made.does("follow")
    expect(await made.says(f"绑定 {town.invitations[who]}"), "绑定好了")
    return made


async def newcomers(people: People, town: Town, how_many: int) -> list[Person]:
    """Residents who have scanned the board's code."""
    made = [await people.somebody(f"新居民{next(_numbers)}") for _ in range(how_many)]
    for one in made:
        expect(await one.does("scan", scene=town.scene), "第一网格")
    return made


def word() -> str:
    """Something to say that nobody has said before."""
    return f"下水道堵了〔{next(_numbers)}〕"


async def all_say(everyone: list[Person]) -> list[Said]:
    """Everyone says something at once; each must be answered within WeChat's patience, at the first try."""
    said = list(await asyncio.gather(*(one.says(word()) for one in everyone)))
    for one in said:
        assert one.outcome == "shown", one
        assert one.tries == 1, one
        assert one.seconds < WECHATS_PATIENCE, one
    return said


def kept(said: Said) -> bool:
    return said.text not in {replies.DOWN, replies.SLOW, replies.TOO_FAST}


async def files(resident: Person) -> int:
    """The resident files what they have said; the case's number."""
    return number_in(expect(await resident.says("提交"), "№"))


async def hears_of(person: Person, needle: str, seconds: float = 120) -> float:
    """Wait until a message with *needle* has been pushed to the phone; returns how many seconds that took."""

    async def has() -> bool:
        return any(needle in one["text"] for one in await person.pushed())

    return await until(has, seconds, f"{person.name} has not heard of {needle}")
