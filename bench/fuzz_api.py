"""``python -m bench.fuzz_api --cases N``: schemathesis asks the whole service, all checks on, as people of every kind.

Fails with what schemathesis says of the first run in which a check does not hold.
"""

import argparse
import asyncio
import hashlib
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import app.demo_town as town_files
from app import bootstrap
from app.settings import load
from bench.fuzz import fuzz
from bench.ground import Ground, free_port, ground, service_environment
from bench.report import Report
from models import Person, Session
from sandbox.settings import Options
from services.cases import Filing
from services.desk import Desk

CASES = 20_000
_FIRST_ROUND = 40
_MOST_IN_A_ROUND = 400
_RESIDENTS = 2


@dataclass(frozen=True, slots=True)
class Role:
    name: str
    token: str


async def run(where: Ground, report: Report, *, cases: int, seed: int) -> None:
    """Round after round, each with a seed of its own, until there were enough."""
    report.say(f"Fuzzing the API: at least {cases:,} cases, every check of schemathesis, seeds from {seed}")
    began, asked, number = time.monotonic(), 0, 0
    url = await where.database("fuzz")
    service, wechat = free_port(), free_port()
    environment = _environment(where, url, service, wechat)
    roles = await _people(where, url, environment)
    async with (
        where.process("wechat", ["sandbox", "--port", str(wechat)], wechat),
        where.process("wangge", ["app", "serve"], service, environment),
    ):
        most = _FIRST_ROUND
        while asked < cases and not report.wrong:
            for role in roles:
                found = await fuzz(
                    f"http://127.0.0.1:{service}", role.token, most=most, seed=seed + number, folder=where.folder
                )
                asked, number = asked + found.cases, number + 1
                _judge(report, f"as {role.name}: {found.cases:,} cases, {asked:,} so far", found.said, found.failed)
                if report.wrong or asked >= cases:
                    break
            most = min(most * 2, _MOST_IN_A_ROUND)
        for role in roles if not report.wrong else ():
            found = await fuzz(
                f"http://127.0.0.1:{service}", role.token, most=5, seed=seed, folder=where.folder, ending=True
            )
            asked += found.cases
            _judge(report, f"as {role.name}, signing out: {found.cases:,} cases", found.said, found.failed)
    if not report.wrong:
        report.check(asked >= cases, f"{asked:,} cases, every check of each held", "too few cases")
    report.say(f"  {time.monotonic() - began:.0f} s")


def _judge(report: Report, fact: str, said: str, failed: bool) -> None:  # noqa: FBT001 - handed on
    report.check(not failed, fact, "see below")
    if failed:
        report.say(said)


def _environment(where: Ground, url: str, service: int, wechat: int) -> dict[str, str]:
    mini = Options().mini
    return {
        **service_environment(url, where.engines.redis_url, where.folder, service, f"http://127.0.0.1:{wechat}"),
        "WANGGE__WECHAT__MINIPROGRAM__APPID": mini.appid,
        "WANGGE__WECHAT__MINIPROGRAM__SECRET": mini.secret,
        # One program asks as fast as a whole town.
        "WANGGE__LIMITS__API_PER_MINUTE": "10000000",
        "WANGGE__LIMITS__API_PER_MINUTE_AND_ADDRESS": "10000000",
    }


async def _people(where: Ground, url: str, environment: dict[str, str]) -> list[Role]:
    """The demo's town with its event list, two residents with cases, and everybody signed in."""
    files = Path(next(iter(town_files.__path__)))
    settings = load(environ=environment)
    async with (
        bootstrap.database(url, 4),
        bootstrap.house(settings, url, where.engines.redis_url) as house,
    ):
        desk = house.desk
        await desk.imports.run((files / "regions.csv").read_bytes(), (files / "staff.csv").read_bytes())
        await desk.event_types.import_((files / "event_types.csv").read_bytes())
        for _ in range(_RESIDENTS):
            await Person.create(created_at=desk.clock.now())
        return [await _signed_in(desk, person) for person in await Person.all().order_by("-id")]


async def _signed_in(desk: Desk, person: Person) -> Role:
    actor = await desk.people.actor(person.id)
    token = f"fuzz-{person.id}"
    now = desk.clock.now()
    await Session.create(
        token_hash=hashlib.sha256(token.encode()).hexdigest(),
        person_id=person.id,
        created_at=now,
        expires_at=now + timedelta(days=2),
    )
    for words in ("路灯坏了", "井盖没了"):
        await desk.cases.file(actor, Filing(grid="32990110120101", description=words))
    return Role(str(actor.duties[0].duty) if actor.duties else "resident", token)


async def main(cases: int, seed: int) -> int:
    report = Report()
    async with ground() as where:
        await run(where, report, cases=cases, seed=seed)
    return 1 if report.wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz_api", description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    sys.exit(asyncio.run(main(given.cases, given.seed)))
