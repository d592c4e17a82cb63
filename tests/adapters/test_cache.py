"""Redis is fast, and may freeze, die and come back without anybody having to wait for it."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from adapters.cache import PATIENCE, PAUSE, RedisCache
from tests.adapters.valkey_process import ValkeyProcess

# What a busy machine adds is allowed for; waiting twice would be 1.0 s.
AT_ONCE = 0.2
ONE_WAIT = PATIENCE + 0.3


@pytest.fixture(scope="module")
def shared() -> Iterator[ValkeyProcess]:
    """For tests that do it no harm."""
    server = ValkeyProcess()
    yield server
    server.close()


@pytest.fixture
def fragile() -> Iterator[ValkeyProcess]:
    server = ValkeyProcess()
    yield server
    server.close()


@pytest.fixture
async def redis(shared: ValkeyProcess) -> AsyncIterator[Redis]:
    """The bare client, to see what is really there."""
    client = Redis.from_url(shared.url, decode_responses=True)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
async def cache(shared: ValkeyProcess, redis: Redis) -> AsyncIterator[RedisCache]:
    cache = RedisCache(shared.url, prefix="t:")
    yield cache
    await cache.close()


async def took(call) -> tuple[object, float]:
    begin = time.monotonic()
    answer = await call
    return answer, time.monotonic() - begin


async def back(cache: RedisCache) -> None:
    """Wait for the cache to answer again, at most twice its pause."""
    deadline = time.monotonic() + 2 * PAUSE
    while not await cache.healthy():
        assert time.monotonic() < deadline, "the cache did not come back by itself"
        await asyncio.sleep(0.05)


async def test_a_value_is_found_again_under_the_prefix_and_ends_in_time(cache: RedisCache, redis: Redis) -> None:
    await cache.set("colour", "红色", seconds=60)
    assert await cache.get("colour") == "红色"
    assert await redis.get("t:colour") == "红色"
    assert 0 < await redis.ttl("t:colour") <= 60


async def test_an_unknown_key_is_none(cache: RedisCache) -> None:
    assert await cache.get("nothing") is None


async def test_a_value_of_no_seconds_ends_after_one_second_instead_of_never(cache: RedisCache, redis: Redis) -> None:
    await cache.set("short", "x", seconds=0)
    assert 0 < await redis.pttl("t:short") <= 1000


async def test_deleted_keys_are_gone_and_others_stay(cache: RedisCache) -> None:
    for key in ("a", "b", "c"):
        await cache.set(key, key, seconds=60)
    await cache.delete("a", "b")
    await cache.delete()
    assert [await cache.get(key) for key in ("a", "b", "c")] == [None, None, "c"]


async def test_a_lock_is_granted_to_one_of_many(cache: RedisCache, redis: Redis) -> None:
    granted = await asyncio.gather(*(cache.claim("lock", f"owner {n}", seconds=60) for n in range(30)))
    assert sorted(granted) == [False] * 29 + [True]
    assert 0 < await redis.ttl("t:lock") <= 60


async def test_a_lock_is_released_by_its_owner_only(cache: RedisCache) -> None:
    assert await cache.claim("lock", "mine", seconds=60)
    await cache.release("lock", "theirs")
    assert not await cache.claim("lock", "theirs", seconds=60)
    await cache.release("lock", "mine")
    assert await cache.claim("lock", "theirs", seconds=60)


async def test_many_calls_at_once_share_a_small_pool(shared: ValkeyProcess, redis: Redis) -> None:
    cache = RedisCache(shared.url, prefix="pool:", pool_size=3)
    await asyncio.gather(*(cache.set(str(n), str(n), seconds=60) for n in range(200)))
    assert await asyncio.gather(*(cache.get(str(n)) for n in range(200))) == [str(n) for n in range(200)]
    own = await redis.client_id()
    clients = {int(one["id"]) for one in await redis.client_list()} - {own}
    await cache.close()
    assert 1 <= len(clients) <= 3


async def test_an_error_answer_counts_as_away(cache: RedisCache, redis: Redis) -> None:
    await redis.rpush("t:list", "x")
    with capture_logs() as logs:
        assert await cache.get("list") is None
    assert [line["event"] for line in logs] == ["redis_away"]


async def test_a_frozen_redis_costs_half_a_second_once(fragile: ValkeyProcess) -> None:
    cache = RedisCache(fragile.url)
    await cache.set("key", "value", seconds=60)
    with capture_logs() as logs:
        fragile.freeze()
        # Everybody who is under way when it freezes waits, but together, and no longer than the patience.
        answers = await asyncio.gather(*(took(cache.get("key")) for _ in range(120)))
        assert {answer for answer, _ in answers} == {None}
        assert max(seconds for _, seconds in answers) < ONE_WAIT
        for call, otherwise in (
            (cache.get("key"), None),
            (cache.set("key", "v", seconds=1), None),
            (cache.delete("key"), None),
            (cache.claim("lock", "me", seconds=1), True),
            (cache.release("lock", "me"), None),
            (cache.healthy(), False),
        ):
            answer, seconds = await took(call)
            assert answer is otherwise
            assert seconds < AT_ONCE
    assert [line["event"] for line in logs] == ["redis_away"]
    fragile.thaw()
    await back(cache)
    assert await cache.get("key") == "value"
    await cache.close()


async def test_waiting_for_a_connection_counts_into_the_half_second(fragile: ValkeyProcess) -> None:
    cache = RedisCache(fragile.url, pool_size=1)
    fragile.freeze()
    first = asyncio.create_task(took(cache.get("key")))
    await asyncio.sleep(PATIENCE / 10)  # the second gets the only connection late, when the first lets go of it
    assert (await took(cache.get("key")))[1] < ONE_WAIT
    assert (await first)[1] < ONE_WAIT
    fragile.thaw()
    await cache.close()


@pytest.mark.parametrize(
    ("name", "otherwise"), [("get", None), ("set", None), ("delete", None), ("claim", True), ("release", None)]
)
async def test_the_first_call_on_a_frozen_redis_takes_half_a_second(
    fragile: ValkeyProcess, name: str, otherwise: object
) -> None:
    cache = RedisCache(fragile.url)
    calls = {
        "get": lambda: cache.get("k"),
        "set": lambda: cache.set("k", "v", seconds=5),
        "delete": lambda: cache.delete("k"),
        "claim": lambda: cache.claim("k", "me", seconds=5),
        "release": lambda: cache.release("k", "me"),
    }
    fragile.freeze()
    answer, seconds = await took(calls[name]())
    assert answer is otherwise
    assert seconds < ONE_WAIT
    fragile.thaw()
    await cache.close()


async def test_an_answer_that_comes_after_the_thaw_is_not_taken_for_another_calls(fragile: ValkeyProcess) -> None:
    cache = RedisCache(fragile.url, pool_size=4)
    for n in range(8):
        await cache.set(f"key {n}", f"value {n}", seconds=60)
    fragile.freeze()
    await asyncio.gather(*(cache.get(f"key {n}") for n in range(8)))
    fragile.thaw()
    await back(cache)
    for _ in range(3):
        assert await asyncio.gather(*(cache.get(f"key {n}") for n in range(8))) == [f"value {n}" for n in range(8)]
    await cache.close()


async def test_while_redis_stays_frozen_only_one_caller_at_a_time_finds_out(fragile: ValkeyProcess) -> None:
    cache = RedisCache(fragile.url)
    fragile.freeze()
    await cache.get("key")
    await asyncio.sleep(PAUSE)  # the pause is the fact in question
    waits = sorted([seconds for _, seconds in await asyncio.gather(*(took(cache.get("key")) for _ in range(20)))])
    assert waits[-1] < ONE_WAIT
    assert waits[-2] < AT_ONCE
    fragile.thaw()
    await cache.close()


async def test_a_killed_redis_comes_back_by_itself_and_is_logged_twice(fragile: ValkeyProcess) -> None:
    cache = RedisCache(fragile.url)
    await asyncio.gather(*(cache.set(f"key {n}", "old", seconds=60) for n in range(10)))  # several open connections
    with capture_logs() as logs:
        fragile.kill()
        for _ in range(3):
            answer, seconds = await took(cache.claim("lock", "me", seconds=5))
            assert answer is True
            assert seconds < ONE_WAIT
        assert not await cache.healthy()
        fragile.start()
        await back(cache)
        await asyncio.gather(*(cache.set(f"key {n}", "new", seconds=60) for n in range(10)))
        assert await asyncio.gather(*(cache.get(f"key {n}") for n in range(10))) == ["new"] * 10
    assert [line["event"] for line in logs] == ["redis_away", "redis_back"]
    await cache.close()


async def test_a_restart_between_two_calls_is_not_noticed(fragile: ValkeyProcess) -> None:
    cache = RedisCache(fragile.url)
    await cache.set("key", "old", seconds=60)
    await asyncio.to_thread(fragile.kill)  # the loop goes on meanwhile, as in life
    await asyncio.to_thread(fragile.start)
    await cache.set("key", "new", seconds=60)
    assert await cache.get("key") == "new"
    await cache.close()


async def test_where_there_never_was_a_redis_nobody_waits() -> None:
    cache = RedisCache("unix:///tmp/there-is-no-valkey-here.sock")
    answer, seconds = await took(cache.claim("lock", "me", seconds=5))
    assert answer is True
    assert seconds < AT_ONCE
    await cache.close()


def test_an_address_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="scheme"):
        RedisCache("localhost:6379")
