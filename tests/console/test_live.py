"""Pages that are open all day: their numbers move by themselves, and only for whoever may still see them."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from app.bootstrap import House
from app.site import site
from console import live
from models import HeldDuty, Notice, Person
from services.workbench import Workbench
from tests.console.clerk import Clerk
from tests.console.rows import a_notice
from tests.factories import GRID, VILLAGE
from tests.services.conftest import NAMES, Street

ComesIn = Callable[[str], Awaitable[Clerk]]


async def events(clerk: Clerk, path: str) -> AsyncIterator[tuple[str, str]]:
    """Name and data of each event, until the stream ends."""
    async with clerk._session.get(f"{clerk.service}{path}") as answer:
        assert (answer.status, answer.content_type) == (200, "text/event-stream")
        name = ""
        async for raw in answer.content:
            line = raw.decode().rstrip("\r\n")
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, line.removeprefix("data: ")
            elif line.startswith("data:"):
                yield name, ""


async def test_a_notices_figures_move_until_it_has_ended(street: Street, comes_in: ComesIn) -> None:
    await street.at("2027-03-02 10:00")
    number = await a_notice(street)
    clerk = await comes_in("commander")
    seen = []
    async with asyncio.timeout(20):
        async for name, data in events(clerk, f"/console/notices/{number}/live"):
            told = json.loads(data)
            seen.append((name, told["settled"], told["people"], told["over"]))
            if len(seen) == 1:
                await street.work()
    assert seen[0] == ("figures", 0, 1, False)
    assert seen[-1] == ("figures", 1, 1, True)


async def ends_by_signing_out(clerk: Clerk) -> None:
    page = await clerk.opens("/console/cases")
    await clerk.sends("/console/sign-out", page.hidden("/console/sign-out"))


async def ends_with_the_duty(clerk: Clerk) -> None:
    del clerk
    person = await Person.get(name=NAMES["commander"])
    await HeldDuty.filter(person_id=person.id).delete()


@pytest.mark.parametrize("ends", [ends_by_signing_out, ends_with_the_duty])
async def test_whoever_may_see_it_no_more_is_told_nothing_more(
    street: Street, comes_in: ComesIn, ends: Callable[[Clerk], Awaitable[None]]
) -> None:
    await street.at("2027-03-02 10:00")
    number = await a_notice(street)
    clerk = await comes_in("commander")
    names = []
    async with asyncio.timeout(20):
        async for name, _ in events(clerk, f"/console/notices/{number}/live"):
            names.append(name)
            if len(names) == 1:
                await ends(clerk)
    assert names == ["figures", "ended"]


async def test_a_stream_ends_where_the_notice_is_theirs_no_more(street: Street, comes_in: ComesIn) -> None:
    await street.at("2027-03-02 10:00")
    number = await a_notice(street)
    clerk = await comes_in("commander")
    seen = []
    async with asyncio.timeout(20):
        async for seen_one in events(clerk, f"/console/notices/{number}/live"):
            seen.append(seen_one)
            if len(seen) == 1:
                elsewhere = await street.region("320412101202")
                await Notice.filter(id=number).update(region_id=elsewhere.id)
                commander = await Person.get(name=NAMES["commander"])
                village = await street.region(VILLAGE)
                await HeldDuty.filter(person_id=commander.id).update(region_id=village.id)
    assert seen[1:] == [("ended", "")]


async def test_one_that_is_paused_is_not_over_before_anybody_is_written_down(street: Street, comes_in: ComesIn) -> None:
    await street.at("2027-03-02 10:00")
    await street.follower("居民", grid=GRID)
    by = await street.actor("commander")
    preview = await street.desk.notices.compose(by, GRID, "明天停水")
    await street.desk.notices.send(by, preview.id)
    await street.desk.notices.pause(by, preview.id)
    clerk = await comes_in("commander")
    async with asyncio.timeout(20):
        async for _, data in events(clerk, f"/console/notices/{preview.id}/live"):
            told = json.loads(data)
            assert (told["state"], told["settled"], told["people"], told["over"]) == ("paused", 0, 1, False)
            break
    page = await clerk.opens(f"/console/notices/{preview.id}")
    assert "0 / 1 人" in page.words


async def test_no_stream_holds_up_a_service_that_stops(street: Street, comes_in: ComesIn, house: House) -> None:
    await street.at("2027-03-02 10:00")
    number = await a_notice(street)
    clerk = await comes_in("commander")
    other = web.AppRunner(site(house), access_log=None, shutdown_timeout=30, auto_decompress=False)
    await other.setup()
    await web.TCPSite(other, "127.0.0.1", 0).start()
    clerk.service = f"http://127.0.0.1:{other.addresses[0][1]}"
    names = []
    async with asyncio.timeout(15):
        async for name, _ in events(clerk, f"/console/notices/{number}/live"):
            names.append(name)
            if len(names) == 1:
                await other.cleanup()
    assert names == ["figures"]


async def test_one_person_has_a_handful_of_streams(
    street: Street, comes_in: ComesIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST", 1)
    clerk = await comes_in("commander")
    async with clerk._session.get(f"{clerk.service}/console/live") as first:
        assert first.status == 200
        await first.content.readline()
        assert (await clerk.opens("/console/live")).status == 429
    del street


async def test_the_workbench_is_counted_once_for_all_who_watch_the_same(
    street: Street, comes_in: ComesIn, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    del house
    asked = 0
    real = Workbench.counts

    async def counted(self: Workbench, by: object) -> object:
        nonlocal asked
        asked += 1
        return await real(self, by)  # type: ignore[arg-type]

    monkeypatch.setattr(Workbench, "counts", counted)
    await street.files(urgent=True, grid=GRID)
    clerk = await comes_in("commander")
    before = asked

    async def first() -> dict[str, int]:
        async for name, data in events(clerk, "/console/live"):
            assert name == "counts"
            return dict(json.loads(data)["counts"])
        raise AssertionError("nothing was told")

    told = await asyncio.gather(*(first() for _ in range(5)))
    assert [one["urgent"] for one in told] == [1] * 5
    assert asked - before == 1
