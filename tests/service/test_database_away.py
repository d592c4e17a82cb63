"""The database frozen or gone: an honest apology in time, no false promise, and afterwards everything goes on."""

import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot import replies
from tests.service import audit
from tests.service.pretend import Person, Said
from tests.service.processes import below, end, until
from tests.service.residents import all_say, files, hears_of, kept, newcomers, staff
from tests.service.story import expect
from tests.service.whole import Town, Whole

pytestmark = pytest.mark.service

TALKERS = 5


@contextmanager
def frozen(service: Whole) -> Iterator[None]:
    """PostgreSQL with all its sessions stands still."""
    postmaster = service.engine("postgres")
    everyone = [postmaster, *(one.pid for one in below(postmaster))]
    end(*everyone, number=signal.SIGSTOP)
    try:
        yield
    finally:
        end(*everyone, number=signal.SIGCONT)


async def _all_is_well_again(service: Whole, worker: Person, resident: Person) -> float:
    """Web and jobs work: a word is kept, a case filed, its worker told. Returns how many seconds it took."""
    began = time.monotonic()

    async def answered() -> bool:
        await asyncio.sleep(0.25)  # a person who says too much at once is slowed down
        return kept(await resident.says(f"还是堵着〔{resident.name}{time.monotonic_ns()}〕"))

    await until(answered, 30, f"no good answer; {service.last_words()}")
    await hears_of(worker, f"№{await files(resident)}")
    return time.monotonic() - began


async def _what_followed(service: Whole, people_said: list[tuple[Person, Said]]) -> dict[str, int]:
    """Everyone who was told "slow" hears what became of it; what they hear is true."""
    ended = {"kept": 0, "apologised": 0}
    for person, said in people_said:
        if said.text == replies.DOWN:
            ended["apologised"] += 1
            continue
        assert said.text == replies.SLOW, said
        await hears_of(person, "")
        [told] = [one["text"] for one in await person.pushed()]
        rows = await service.one(
            "SELECT count(*) FROM case_message m JOIN identity i USING (person_id) WHERE i.openid = $1", person.openid
        )
        if told == replies.DOWN:
            assert rows == 0, f"{person.name} was apologised to, and the words are kept all the same"
            ended["apologised"] += 1
        else:
            assert "1段文字" in told
            assert rows == 1, f"{person.name} was told {told!r}, and {rows} words are kept"
            ended["kept"] += 1
    return ended


@pytest.mark.parametrize("seconds", [5, 12], ids=["shorter than a statement may take", "longer than that"])
async def test_frozen(service: Whole, town: Town, seconds: float) -> None:
    async with service.wechat.people() as people:
        worker = await staff(people, town)
        *everyone, later = await newcomers(people, town, TALKERS + 1)
        web, jobs = service.parts("serve"), service.parts("jobs")
        with frozen(service):
            began = time.monotonic()
            said = await all_say(everyone)
            assert not any(map(kept, said)), said
            await asyncio.sleep(max(0.0, seconds - (time.monotonic() - began)))
        took = await _all_is_well_again(service, worker, later)
        ended = await _what_followed(service, list(zip(everyone, said, strict=True)))
        assert (service.parts("serve"), service.parts("jobs")) == (web, jobs), "a part had to be started again"
        await audit.words_are_kept(service, people)
        await audit.deliveries_are_settled(service, people)
    slowest = max(one.seconds for one in said)
    print(f"\nfrozen for {seconds} s: slowest answer {slowest:.2f} s, then {ended}; all well {took:.2f} s afterwards")


async def test_killed_and_brought_back_by_the_service_itself(service: Whole, town: Town) -> None:
    async with service.wechat.people() as people:
        worker = await staff(people, town)
        *everyone, later = await newcomers(people, town, TALKERS + 1)
        end(service.engine("postgres"))
        said = await all_say(everyone)
        took = await _all_is_well_again(service, worker, later)
        seen = await audit.words_are_kept(service, people)
        await audit.deliveries_are_settled(service, people)
    print(f"\nslowest answer {max(one.seconds for one in said):.2f} s; all well after {took:.2f} s; {dict(seen)}")


async def test_gone_for_longer_connections_refused(service: Whole, town: Town) -> None:
    """The supervisor stands still, so that nobody brings the database back."""
    async with service.wechat.people() as people:
        worker = await staff(people, town)
        *everyone, later = await newcomers(people, town, TALKERS + 1)
        begun = expect(await everyone[0].says(f"门口积水〔{everyone[0].name}0〕"), "1段文字")
        end(service.pid, number=signal.SIGSTOP)
        try:
            end(service.engine("postgres"))
            rounds = [await all_say(everyone) for _ in range(2)]
            assert {one.text for said in rounds for one in said} <= {replies.DOWN, replies.SLOW}, rounds
            again = await people.repeat(begun.push)  # answered already, but nobody can look it up now
            assert again["reply"]["text"] in {replies.DOWN, replies.SLOW}
        finally:
            end(service.pid, number=signal.SIGCONT)
        took = await _all_is_well_again(service, worker, later)
        assert "2段文字" in (await everyone[0].says(f"水还没退〔{everyone[0].name}1〕")).text
        await audit.words_are_kept(service, people)
        await audit.deliveries_are_settled(service, people)
    slowest = max(one.seconds for said in rounds for one in said)
    print(f"\nslowest answer {slowest:.2f} s; all well {took:.2f} s after somebody looked after the database again")
