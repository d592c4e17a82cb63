"""Redis frozen, emptied or gone: every callback is answered in time, nothing is lost, messages go on."""

import asyncio
import signal
from collections.abc import AsyncIterator

import aiohttp
import pytest
import redis

from tests.factories import GRID
from tests.service import audit
from tests.service.processes import end, lives, until
from tests.service.residents import WECHATS_PATIENCE, all_say, files, hears_of, kept, newcomers, staff
from tests.service.whole import Town, Whole

pytestmark = pytest.mark.service

TALKERS = 6


async def _life_goes_on(service: Whole, town: Town) -> None:
    """Residents speak and are answered, a case reaches its worker, the mini program's API answers."""
    async with service.wechat.people() as people:
        worker = await staff(people, town)
        everyone = await newcomers(people, town, TALKERS)
        said = await all_say(everyone)
        assert all(map(kept, said)), said
        filed = await files(everyone[0])
        took = await hears_of(worker, f"№{filed}")
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WECHATS_PATIENCE)) as session,
            session.get(f"{service.url}/api/v1/grids/{GRID}") as board,
        ):
            assert board.status == 200, await board.text()
        await audit.words_are_kept(service, people)
    print(f"\nslowest answer {max(one.seconds for one in said):.2f} s; the worker heard after {took:.2f} s")


async def test_frozen(service: Whole, town: Town) -> None:
    await service.ready()
    valkey = service.engine("valkey")
    end(valkey, number=signal.SIGSTOP)
    try:
        await _life_goes_on(service, town)
    finally:
        end(valkey, number=signal.SIGCONT)
    print(f"ready again after {await service.ready():.2f} s")


async def test_emptied(service: Whole, town: Town) -> None:
    with redis.Redis(unix_socket_path=str(next(service.home.glob("run/valkey.sock"))), socket_timeout=2) as valkey:
        assert valkey.dbsize() > 0
        valkey.flushall()
    await _life_goes_on(service, town)


async def test_killed_and_brought_back_by_the_service_itself(service: Whole, town: Town) -> None:
    valkey = service.engine("valkey")
    end(valkey)
    await _life_goes_on(service, town)
    took = await until(lambda: service.engine("valkey") not in {0, valkey}, 15, "Valkey was not brought back")
    await service.ready()
    print(f"Valkey was back {took:.2f} s later")


@pytest.fixture
async def without_redis(service: Whole) -> AsyncIterator[Whole]:
    """The service with an address of Redis where nobody is."""
    code, _ = await asyncio.to_thread(service.stop)
    assert code == 0, service.last_words()
    service.environment["WANGGE__REDIS__URL"] = "redis://127.0.0.1:1/0"
    service.start()
    yield service
    service.kill()
    service.environment.pop("WANGGE__REDIS__URL")
    service.start()
    await service.ready()


async def test_an_address_that_refuses_connections(without_redis: Whole, town: Town) -> None:
    service = without_redis
    async with aiohttp.ClientSession() as session:

        async def serves() -> bool:
            return await service.health(session) == 503  # it says that Redis is away, and serves all the same

        await until(serves, 60, f"it does not serve; {service.last_words()}")
    assert lives(service.engine("postgres"))
    assert service.engine("valkey") == 0
    await _life_goes_on(service, town)
    async with service.wechat.people() as people:
        print(dict(await audit.deliveries_are_settled(service, people)))
