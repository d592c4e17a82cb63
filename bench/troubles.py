"""What can go wrong with a service and what it leans on, each as one thing to do to a running one."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable

import redis

from tests.service.pretend import People
from tests.service.processes import below, end
from tests.service.whole import Whole

Trouble = Callable[[Whole, People, random.Random], Awaitable[None]]


async def killed(service: Whole, _people: People, _dice: random.Random) -> None:
    """Every process of the service, at once."""
    service.kill()
    service.start()


async def killed_with_engines(service: Whole, _people: People, _dice: random.Random) -> None:
    service.kill_everything()
    service.start()


async def killed_while_starting(service: Whole, _people: People, dice: random.Random) -> None:
    service.kill()
    service.start()
    await asyncio.sleep(dice.uniform(0.0, 4.0))
    service.kill()
    service.start()


async def supervisor_killed(service: Whole, _people: People, dice: random.Random) -> None:
    session = service.pid
    service.kill_supervisor()
    await asyncio.sleep(dice.uniform(0.0, 2.0))
    service.end_session(session)
    service.start()


async def web_killed(service: Whole, _people: People, _dice: random.Random) -> None:
    end(*service.parts("serve"))


async def jobs_killed(service: Whole, _people: People, _dice: random.Random) -> None:
    end(*service.parts("jobs"))


async def stopped_and_started(service: Whole, _people: People, _dice: random.Random) -> None:
    # Asked while Python still starts, it would simply be gone: what counts is that a running one stops in order.
    await service.ready(120)
    code, _ = await asyncio.to_thread(service.stop)
    assert code == 0, f"it ended with {code}; {service.last_words()}"
    service.start()


async def redis_killed(service: Whole, _people: People, _dice: random.Random) -> None:
    end(*_some(service.engine("valkey")))


async def redis_frozen(service: Whole, _people: People, dice: random.Random) -> None:
    await _stand_still(_some(service.engine("valkey")), dice.uniform(1.0, 6.0))


async def redis_emptied(service: Whole, _people: People, _dice: random.Random) -> None:
    for socket in service.home.glob("run/valkey.sock"):
        with redis.Redis(unix_socket_path=str(socket), socket_timeout=2) as valkey:
            valkey.flushall()


async def database_killed(service: Whole, _people: People, _dice: random.Random) -> None:
    end(*_some(service.engine("postgres")))


async def session_killed(service: Whole, _people: People, dice: random.Random) -> None:
    """One of the database's own processes: it restarts all of them by itself."""
    postmaster = service.engine("postgres")
    sessions = below(postmaster) if postmaster else []
    if sessions:
        end(dice.choice(sessions).pid)


async def database_frozen(service: Whole, _people: People, dice: random.Random) -> None:
    postmaster = _some(service.engine("postgres"))
    everyone = [*postmaster, *(one.pid for pid in postmaster for one in below(pid))]
    await _stand_still(everyone, dice.uniform(1.0, 12.0))


async def wechat_fails(_service: Whole, people: People, dice: random.Random) -> None:
    """WeChat refuses, breaks off or is slow for a while."""
    fault: dict[str, object] = dice.choice(
        [{"errcode": -1}, {"status": 502}, {"drop": "before"}, {"drop": "after"}, {"delay": 3.0}]
    )
    order = {"path": "/cgi-bin/message/*", "rate": 0.5, "seed": dice.randrange(2**31), **fault}
    await people.post("/faults", order)
    await asyncio.sleep(dice.uniform(2.0, 8.0))
    await people.drop("/faults")


async def tokens_die(_service: Whole, people: People, _dice: random.Random) -> None:
    await people.post("/tokens/invalidate", {})


ALL: tuple[Trouble, ...] = (
    killed,
    killed_with_engines,
    killed_while_starting,
    supervisor_killed,
    web_killed,
    jobs_killed,
    stopped_and_started,
    redis_killed,
    redis_frozen,
    redis_emptied,
    database_killed,
    session_killed,
    database_frozen,
    wechat_fails,
    tokens_die,
)


def _some(pid: int) -> list[int]:
    return [pid] if pid else []


async def _stand_still(pids: list[int], seconds: float) -> None:
    end(*pids, number=signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        end(*pids, number=signal.SIGCONT)
