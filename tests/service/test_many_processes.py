"""Two web processes behind one port and two job processes: a burst with every message sent twice at once."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.load import Prepared, drive
from bench.payloads import Payloads
from tests.service import audit
from tests.service.conftest import started
from tests.service.processes import below, lives
from tests.service.residents import staff
from tests.service.whole import STOP_SECONDS, Town, Whole

pytestmark = pytest.mark.service

RESIDENTS = 200
CONNECTIONS = 40


@pytest.fixture(scope="module")
def own() -> Iterator[tuple[Whole, Town]]:
    with started(server__processes="2") as found:
        yield found


@contextmanager
def _more_jobs(service: Whole) -> Iterator[int]:
    with service.log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "jobs"],
            cwd=service.folder,
            env=service.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield process.pid
    finally:
        process.terminate()
        assert process.wait(STOP_SECONDS) == 0


def _worked(pid: int) -> int:
    """How much processor time a process has used, in the kernel's ticks."""
    return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]))


async def _twice_at_once(service: Whole, payloads: Payloads, messages: list[Prepared]) -> dict[str, str]:
    """Send each message twice side by side; both must get the same answer. Returns the answers by message."""
    twice = [one for message in messages for one in (message, message)]
    got = await drive(service.port, iter(twice), connections=CONNECTIONS, keep=True)
    assert (got.done, got.failed, got.statuses) == (len(twice), 0, Counter({200: len(twice)}))
    answers: dict[str, set[str]] = {}
    for sign, body in got.samples:
        answers.setdefault(sign, set()).add(payloads.opened(body))
    assert all(len(said) == 1 for said in answers.values()), answers
    return {sign: said.pop() for sign, said in answers.items()}


async def test_each_message_is_kept_once_and_told_once(service: Whole, town: Town) -> None:
    openids = [f"oBurst{number:04}" for number in range(RESIDENTS)]
    payloads = Payloads(openids)
    web = [one.pid for pid in service.parts("serve --processes") for one in below(pid)]
    assert len(web) == 2
    async with service.wechat.people() as people:
        with _more_jobs(service) as jobs:
            worker = await staff(people, town)
            before = {pid: _worked(pid) for pid in web}
            began = time.monotonic()
            scans = [payloads.event(openid, "SCAN", town.scene) for openid in openids]
            greetings = await _twice_at_once(service, payloads, scans)
            kept = await _twice_at_once(service, payloads, payloads.make(RESIDENTS))
            filed = await _twice_at_once(service, payloads, [payloads.text(openid, "提交") for openid in openids])
            took = time.monotonic() - began
            shares = {pid: _worked(pid) - ticks for pid, ticks in before.items()}
            sent = await audit.deliveries_are_settled(service, people, seconds=90)
            told = [one["text"] for one in await worker.pushed()]
            assert lives(jobs)
    assert all("第一网格" in said for said in greetings.values())
    assert all("1段文字" in said for said in kept.values())
    numbers = Counter(number for said in filed.values() for number in audit.NUMBER.findall(said))
    assert len(numbers) == RESIDENTS
    assert set(numbers.values()) == {1}
    rows = await service.sql(
        "SELECT i.openid || ' ' || m.text AS sign FROM case_message m JOIN identity i USING (person_id)"
    )
    assert sorted(row["sign"] for row in rows) == sorted(kept)
    assert await service.one('SELECT count(*) FROM "case"') == RESIDENTS
    assert await service.one("SELECT count(*) FROM identity WHERE openid LIKE 'oBurst%'") == RESIDENTS
    new = await service.sql("SELECT facts->>'number' AS number FROM delivery WHERE kind = 'new_case'")
    assert sorted(row["number"] for row in new) == sorted(numbers)
    # Those that wait at the same moment come in one message, which as a template shows the first number only.
    assert {number for text in told for number in audit.NUMBER.findall(text)} <= numbers.keys()
    assert sum(map(audit.things_in, told)) == RESIDENTS
    assert all(shares.values()), f"one web process had nothing to do: {shares}"
    print(f"\n{6 * RESIDENTS} callbacks in {took:.1f} s, shared {sorted(shares.values())}; deliveries: {dict(sent)}")
