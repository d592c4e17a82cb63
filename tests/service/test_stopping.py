"""Stopping and falling over: nothing is left behind, what was under way is finished, what fell over comes back."""

import asyncio
import signal

import pytest

from tests.service import audit
from tests.service.processes import end, holders_of, in_session, lives, until
from tests.service.residents import all_say, files, hears_of, kept, newcomers, staff, word
from tests.service.whole import STOP_SECONDS, Town, Whole

pytestmark = pytest.mark.service

TALKERS = 6


async def _nothing_is_left(
    service: Whole, session: int, engines: dict[str, int], seconds: float = STOP_SECONDS
) -> float:
    def gone() -> bool:
        return not in_session(session) and not any(lives(pid) for pid in engines.values())

    try:
        return await until(gone, seconds, "something is left running")
    except AssertionError:
        print(f"left: {in_session(session)}; engines {engines}; their locks:")
        print(*holders_of(service.home / "users.lock"), service.last_words(), sep="\n")
        raise


def _engines(service: Whole) -> dict[str, int]:
    found = {name: service.engine(name) for name in ("postgres", "valkey")}
    assert all(found.values())
    return found


@pytest.mark.parametrize("part", ["serve", "jobs"])
async def test_a_part_that_is_killed_is_started_again(service: Whole, town: Town, part: str) -> None:
    async with service.wechat.people() as people:
        worker = await staff(people, town)
        [resident] = await newcomers(people, town, 1)
        [old] = service.parts(part)
        others = {name: service.parts(name) for name in ("serve", "jobs") if name != part}
        end(old)
        took = await until(lambda: service.parts(part) not in ([], [old]), 20, f"{part} was not started again")
        took += await service.ready()
        [said] = await all_say([resident])
        assert kept(said)
        heard = await hears_of(worker, f"№{await files(resident)}")
        assert {name: service.parts(name) for name in others} == others
    print(f"\n{part}: answers again {took:.2f} s after its death, the worker heard after {heard:.2f} s more")


async def test_when_the_supervisor_alone_is_killed_the_rest_stops_by_itself(service: Whole, town: Town) -> None:
    """The engines stop with the last part, or are taken over by the next start (a dead owner's lock may linger)."""
    await service.ready()
    session, engines = service.pid, _engines(service)
    service.kill_supervisor()
    took = await _nothing_is_left(service, session, {})
    service.start()
    await service.ready()
    async with service.wechat.people() as people:
        [resident] = await newcomers(people, town, 1)
        [said] = await all_say([resident])
        assert kept(said)
    kept_on = [name for name, pid in engines.items() if service.engine(name) == pid]
    print(f"\nall parts gone {took:.2f} s after the supervisor; engines taken over: {kept_on}")


async def test_sigterm_finishes_what_is_under_way_and_leaves_nothing_running(service: Whole, town: Town) -> None:
    async with service.wechat.people() as people:
        await service.ready()
        everyone = await newcomers(people, town, TALKERS)
        session, engines = service.pid, _engines(service)
        for one in everyone:
            await one.begins_to_say(word())
        code, seconds = await asyncio.to_thread(service.stop)
        assert code == 0, service.last_words()
        assert seconds < STOP_SECONDS
        await _nothing_is_left(service, session, engines, seconds=1)
        service.start()
        await service.ready()
        await people.settled()
        seen = await audit.words_are_kept(service, people)
        assert not seen["unanswered"], seen
        tries = [len(push["tries"]) for push in (await people.pushes())[-TALKERS:]]
    print(
        f"\nstopped in {seconds:.2f} s; {tries.count(1)} of {TALKERS} messages on their way were answered before that"
    )


async def test_a_second_signal_does_no_harm(service: Whole, town: Town) -> None:
    """An impatient hand: SIGINT to everybody, as Ctrl-C in a terminal gives it, and again."""
    await service.ready()
    session, engines = service.pid, _engines(service)
    for one in (*in_session(session), *in_session(session)):
        end(one.pid, number=signal.SIGINT)
    code, seconds = await asyncio.to_thread(service.wait)
    assert code == 0, service.last_words()
    await _nothing_is_left(service, session, engines, seconds=1)
    print(f"\nstopped in {seconds:.2f} s")
