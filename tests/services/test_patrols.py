"""Patrols: what a phone may do to us, in whatever order it comes, and what is measured in the end."""

import random
from datetime import datetime, timedelta

import pytest

from domain.errors import BadInput, Conflict, NotAllowed, NotFound
from domain.track import Point
from models import Identity, Patrol, PatrolBatch
from services.access import Actor
from services.merging import merge
from services.patrol_clock import Batch
from services.patrol_points import MOST_IN_BATCH, packed, unpacked
from services.patrols import End, Patrols, PatrolView, Start
from tests.domain.test_track import ALONG, LATITUDE, LONGITUDE, UP, walked
from tests.factories import GRID, TOWN, VILLAGE
from tests.services.conftest import Street, at_once

ROUND = [(0.0, 0.0), (700.0, 0.0), (700.0, 500.0), (0.0, 500.0)]
METRES = 1900


@pytest.fixture
async def worker(street: Street) -> Actor:
    await street.at("2027-03-01 09:00")
    return await street.actor("worker")


@pytest.fixture
def patrols(street: Street) -> Patrols:
    return street.desk.field_work.patrols


def way(start: datetime, seed: int = 1) -> list[Point]:
    """A round through the grid at a walk, from *start* on."""
    first = start.timestamp()
    return [
        Point(first + one.at, one.latitude, one.longitude, one.accuracy)
        for one in walked(ROUND, random.Random(seed), noise=2.0)
    ]


def batches(points: list[Point], size: int = 60, **more: object) -> list[Batch]:
    return [
        Batch(number, points[first : first + size], **more)  # type: ignore[arg-type]
        for number, first in enumerate(range(0, len(points), size), 1)
    ]


async def begun(patrols: Patrols, by: Actor) -> PatrolView:
    return await patrols.start(by, Start())


async def test_a_patrol_is_measured_and_says_who_where_and_when(
    street: Street, patrols: Patrols, worker: Actor
) -> None:
    view = await patrols.start(worker, Start(content="查消防"))
    for batch in batches(way(view.patrol.started_at)):
        assert await patrols.add_points(worker, view.patrol.id, batch)
    await street.advance(3600)
    ended = await patrols.end(worker, view.patrol.id, End(result="通道堵了一处，已清"))
    assert (ended.person, ended.region.code, ended.patrol.day.isoformat()) == ("李卫国", GRID, "2027-03-01")
    assert ended.patrol.length_metres == pytest.approx(METRES, rel=0.05)
    assert ended.patrol.seconds == pytest.approx(3600, abs=5)
    assert (ended.patrol.content, ended.patrol.result, ended.doubts) == ("查消防", "通道堵了一处，已清", ())
    track = (await patrols.one(worker, view.patrol.id)).track
    assert track is not None
    assert track.metres == pytest.approx(METRES, rel=0.05)


async def test_batches_twice_shuffled_and_late_come_to_the_same(
    street: Street, patrols: Patrols, worker: Actor
) -> None:
    view = await begun(patrols, worker)
    sent = batches(way(view.patrol.started_at))
    await street.advance(3600)
    await patrols.end(worker, view.patrol.id, End())
    assert (await Patrol.get(id=view.patrol.id)).length_metres == 0
    late = [*sent, *sent]
    random.Random(7).shuffle(late)
    taken = [await patrols.add_points(worker, view.patrol.id, batch) for batch in late]
    assert taken.count(True) == len(sent)
    # At once for whoever looks, and by the next sweep for every list.
    assert (await patrols.one(worker, view.patrol.id)).patrol.length_metres == pytest.approx(METRES, rel=0.05)
    assert (await patrols.measure_late(), await patrols.measure_late()) == (1, 0)
    measured = await Patrol.get(id=view.patrol.id)
    assert (measured.points, await PatrolBatch.filter(patrol_id=view.patrol.id).count()) == (
        sum(len(batch.points) for batch in sent),
        len(sent),
    )
    assert measured.length_metres == pytest.approx(METRES, rel=0.05)


async def test_the_same_batch_at_the_same_moment_is_kept_once(patrols: Patrols, worker: Actor) -> None:
    view = await begun(patrols, worker)
    batch = batches(way(view.patrol.started_at))[0]
    done = await at_once(*(patrols.add_points(worker, view.patrol.id, batch) for _ in range(4)))
    assert sorted(map(str, done)) == ["False", "False", "False", "True"]
    assert (await Patrol.get(id=view.patrol.id)).points == len(batch.points)


async def test_other_points_under_a_known_number_are_refused_and_another_phone_counts_for_itself(
    street: Street, patrols: Patrols, worker: Actor
) -> None:
    view = await begun(patrols, worker)
    points = way(view.patrol.started_at)
    await patrols.add_points(worker, view.patrol.id, Batch(1, points))
    other = way(view.patrol.started_at, seed=2)[:100]
    with pytest.raises(Conflict) as refused:
        await patrols.add_points(worker, view.patrol.id, Batch(1, other))
    assert refused.value.facts["why"] == "batch"
    assert await patrols.add_points(worker, view.patrol.id, Batch(1, other, device="second"))
    await street.advance(3600)
    ended = await patrols.end(worker, view.patrol.id, End())
    # Two phones in one bag: one walk, not two, and nothing of a zigzag between them.
    assert ended.patrol.length_metres == pytest.approx(METRES, rel=0.05)
    assert ended.doubts == ()


@pytest.mark.parametrize(("hours", "doubted"), [(3, ("clock",)), (-3, ("clock",)), (0.05, ())])
async def test_a_phone_whose_clock_is_wrong_is_set_right(
    street: Street, patrols: Patrols, worker: Actor, hours: float, doubted: tuple[str, ...]
) -> None:
    view = await begun(patrols, worker)
    await street.advance(3600)
    now = street.desk.clock.now()
    wrong = timedelta(hours=hours)
    for batch in batches(way(view.patrol.started_at + wrong), sent_at=now + wrong):
        await patrols.add_points(worker, view.patrol.id, batch)
    ended = await patrols.end(worker, view.patrol.id, End(ended_at=now + wrong, sent_at=now + wrong))
    assert ended.patrol.length_metres == pytest.approx(METRES, rel=0.05)
    assert ended.patrol.seconds == pytest.approx(3600, abs=5)
    assert ended.doubts == doubted


async def test_a_retry_from_a_wrong_clock_is_still_the_same_batch(
    street: Street, patrols: Patrols, worker: Actor
) -> None:
    view = await begun(patrols, worker)
    points = way(view.patrol.started_at)[:50]
    off = timedelta(hours=2)
    assert await patrols.add_points(worker, view.patrol.id, Batch(1, points, sent_at=street.desk.clock.now() + off))
    await street.advance(60)
    again = Batch(1, points, sent_at=street.desk.clock.now() + off)
    assert not await patrols.add_points(worker, view.patrol.id, again)


async def test_a_patrol_without_signal_is_told_of_afterwards(street: Street, patrols: Patrols, worker: Actor) -> None:
    now = street.desk.clock.now()
    begun_at, ended_at = now - timedelta(hours=2), now - timedelta(hours=1)
    view = await patrols.start(worker, Start(started_at=begun_at))
    for batch in batches(way(begun_at)):
        await patrols.add_points(worker, view.patrol.id, batch)
    ended = await patrols.end(worker, view.patrol.id, End(ended_at=ended_at))
    assert (ended.patrol.started_at, ended.patrol.ended_at, ended.patrol.seconds) == (begun_at, ended_at, 3600)
    with pytest.raises(Conflict) as refused:
        await patrols.start(worker, Start(started_at=begun_at + timedelta(minutes=5)))
    assert refused.value.facts["why"] == "overlaps"
    for bad in (now - timedelta(hours=25), now + timedelta(hours=1)):
        with pytest.raises(BadInput):
            await patrols.start(worker, Start(started_at=bad))


async def test_two_phones_that_start_at_once_start_one_patrol(patrols: Patrols, worker: Actor) -> None:
    done = await at_once(*(patrols.start(worker, Start()) for _ in range(3)))
    (made,) = [one for one in done if isinstance(one, PatrolView)]
    assert [one.facts["patrol"] for one in done if isinstance(one, Conflict)] == [made.patrol.id] * 2


async def test_nobody_ended_it_so_the_clock_does_with_the_last_point(
    street: Street, patrols: Patrols, worker: Actor
) -> None:
    view = await begun(patrols, worker)
    await street.advance(3600)
    points = way(view.patrol.started_at)
    await patrols.add_points(worker, view.patrol.id, Batch(1, points))
    await street.advance(2 * 3600)
    await street.desk.field_work.patrols.end_forgotten()
    assert (await Patrol.get(id=view.patrol.id)).ended_at is None
    await street.advance(3600)
    assert await patrols.end_forgotten() == 1
    ended = await Patrol.get(id=view.patrol.id)
    assert ended.ended_at is not None
    assert (ended.ended_by, ended.ended_at.timestamp()) == ("clock", pytest.approx(points[-1].at, abs=1))
    assert ended.length_metres == pytest.approx(METRES, rel=0.05)
    # The phone, back on line, knows better when it was.
    real = view.patrol.started_at + timedelta(minutes=70)
    told = await patrols.end(worker, view.patrol.id, End(ended_at=real, result="都好"))
    assert (told.patrol.ended_at, told.patrol.ended_by, told.patrol.result) == (real, "worker", "都好")


async def test_one_without_any_point_ends_where_it_began_and_the_next_can_begin(
    street: Street, patrols: Patrols, worker: Actor
) -> None:
    view = await begun(patrols, worker)
    await street.advance(4 * 3600)
    assert await patrols.end_forgotten() == 1
    assert (await Patrol.get(id=view.patrol.id)).seconds == 0
    assert (await begun(patrols, worker)).patrol.id != view.patrol.id


async def test_ending_twice_is_ending_once_and_adds_only_words_that_were_missing(
    street: Street, patrols: Patrols, worker: Actor
) -> None:
    view = await begun(patrols, worker)
    await street.advance(600)
    first = await patrols.end(worker, view.patrol.id, End(content="看井盖"))
    await street.advance(600)
    again = await patrols.end(worker, view.patrol.id, End(content="别的", result="都好"))
    assert again.patrol.ended_at == first.patrol.ended_at
    assert (again.patrol.content, again.patrol.result) == ("看井盖", "都好")
    await street.advance(3 * 86_400)
    with pytest.raises(Conflict) as refused:
        await patrols.add_points(worker, view.patrol.id, batches(way(view.patrol.started_at))[0])
    assert refused.value.facts["why"] == "over"


async def test_a_duty_that_ends_meanwhile_does_not_lose_the_patrol(
    street: Street, patrols: Patrols, worker: Actor
) -> None:
    view = await begun(patrols, worker)
    left = Actor(worker.person_id, worker.name)
    await street.advance(600)
    assert await patrols.add_points(left, view.patrol.id, batches(way(view.patrol.started_at))[0])
    assert (await patrols.end(left, view.patrol.id, End())).patrol.seconds == pytest.approx(600, abs=5)
    assert [one.patrol.id for one in (await patrols.listed(left))[0]] == [view.patrol.id]
    with pytest.raises(NotAllowed):
        await patrols.start(left, Start())


async def test_made_up_places_are_doubted_and_not_taken_away(street: Street, patrols: Patrols, worker: Actor) -> None:
    view = await begun(patrols, worker)
    first = view.patrol.started_at.timestamp()
    points = [Point(first + 5 * n, LATITUDE, LONGITUDE + 6.5 * n * ALONG, 5, mock=True) for n in range(200)]
    await patrols.add_points(worker, view.patrol.id, Batch(1, points))
    await street.advance(3600)
    ended = await patrols.end(worker, view.patrol.id, End())
    assert ended.doubts == ("mock", "regular")
    assert ended.patrol.length_metres == pytest.approx(1294, rel=0.02)


async def test_coverage_is_known_once_the_grid_has_a_boundary(street: Street, patrols: Patrols, worker: Actor) -> None:
    commander = await street.actor("commander")
    corners = [(0, 0), (700, 0), (700, 500), (0, 500)]
    ring = [(LONGITUDE + east * ALONG, LATITUDE + north * UP) for east, north in corners]
    view = await begun(patrols, worker)
    await patrols.add_points(worker, view.patrol.id, Batch(1, way(view.patrol.started_at)))
    await street.advance(3600)
    assert (await patrols.end(worker, view.patrol.id, End())).patrol.coverage is None
    with pytest.raises(NotFound):
        await street.desk.field_work.patrol_days.bound(worker, GRID, ring)
    await street.desk.field_work.patrol_days.bound(commander, GRID, ring)
    late = [Point(one.at + 0.5, one.latitude, one.longitude, one.accuracy) for one in way(view.patrol.started_at)[:2]]
    await patrols.add_points(worker, view.patrol.id, Batch(2, late))
    await patrols.measure_late()
    # Along three sides of the four, thirty metres inwards: 2 x 700 x 30 + 440 x 30 of 350,000.
    coverage = (await Patrol.get(id=view.patrol.id)).coverage
    assert coverage == pytest.approx((2 * 700 * 30 + 440 * 30) / 350_000, abs=0.02)


async def test_a_worker_sees_the_grids_a_chief_the_villages_and_a_stranger_none(
    street: Street, patrols: Patrols, worker: Actor
) -> None:
    view = await begun(patrols, worker)
    for who in ("chief", "secretary", "commander", "inspector"):
        seen = await street.actor(who)
        assert (await patrols.one(seen, view.patrol.id)).person == "李卫国"
        assert [one.patrol.id for one in (await patrols.listed(seen))[0]] == [view.patrol.id]
    for stranger in (await street.actor("cover"), await street.resident()):
        with pytest.raises(NotFound):
            await patrols.one(stranger, view.patrol.id)
        assert (await patrols.listed(stranger))[0] == []
    for other in ("chief", "commander"):
        with pytest.raises(NotFound):
            await patrols.end(await street.actor(other), view.patrol.id, End())


async def test_patrols_are_where_ones_duty_is(street: Street, patrols: Patrols, worker: Actor) -> None:
    chief = await street.actor("chief")
    assert (await patrols.start(chief, Start(region=GRID))).region.code == GRID
    for code in (VILLAGE, "32041210120102", "nowhere"):
        with pytest.raises(NotFound):
            await patrols.start(worker, Start(region=code))
    for who in ("commander", "inspector"):
        with pytest.raises(NotAllowed):
            await patrols.start(await street.actor(who), Start(region=TOWN))


async def test_a_list_goes_on_where_its_page_ended(street: Street, patrols: Patrols, worker: Actor) -> None:
    made = []
    for _ in range(5):
        made.append((await begun(patrols, worker)).patrol.id)
        await patrols.end(worker, made[-1], End())
    seen: list[int] = []
    cursor = None
    while True:
        page, cursor = await patrols.listed(worker, cursor=cursor, limit=2)
        seen += [one.patrol.id for one in page]
        if cursor is None:
            break
    assert seen == made[::-1]
    with pytest.raises(BadInput):
        await patrols.listed(worker, cursor="AA")


async def test_tracks_are_sealed_and_go_while_the_figures_stay(street: Street, patrols: Patrols, worker: Actor) -> None:
    view = await begun(patrols, worker)
    points = way(view.patrol.started_at)
    await patrols.add_points(worker, view.patrol.id, Batch(1, points))
    (kept,) = await PatrolBatch.filter(patrol_id=view.patrol.id)
    assert packed(points) not in kept.sealed
    await street.advance(3600)
    await patrols.end(worker, view.patrol.id, End())
    assert await patrols.forget_tracks() == 0
    await street.advance(181 * 86_400)
    assert await patrols.forget_tracks() == 1
    assert (await Patrol.get(id=view.patrol.id)).length_metres == pytest.approx(METRES, rel=0.05)


async def test_two_accounts_on_patrol_that_become_one_are_on_one_patrol(street: Street, patrols: Patrols) -> None:
    one, two = await street.actor("worker"), await street.actor("cover")
    first, second = await begun(patrols, one), await begun(patrols, two)
    await Identity.filter(person_id=two.person_id).delete()
    await merge(keep=one.person_id, drop=two.person_id)
    assert {p.id: p.ended_by for p in await Patrol.filter(person_id=one.person_id)} == {
        first.patrol.id: "",
        second.patrol.id: "clock",
    }


async def test_a_batch_holds_one_to_a_thousand_points(patrols: Patrols, worker: Actor) -> None:
    view = await begun(patrols, worker)
    many = [Point(n, LATITUDE, LONGITUDE, 5) for n in range(MOST_IN_BATCH + 1)]
    for bad in ([], many):
        with pytest.raises(BadInput):
            await patrols.add_points(worker, view.patrol.id, Batch(1, bad))
    assert await patrols.add_points(worker, view.patrol.id, Batch(1, many[1:]))


def test_packing_keeps_a_tenth_of_a_metre() -> None:
    points = [Point(1_800_000_000.123, 31.1234567, -120.7654321, 12.34, mock=True), Point(0, -90, 180, 0)]
    for before, after in zip(points, unpacked(packed(points)), strict=True):
        assert after.at == pytest.approx(before.at, abs=1e-3)
        assert (after.latitude, after.longitude) == pytest.approx((before.latitude, before.longitude), abs=1e-6)
        assert after.accuracy == pytest.approx(before.accuracy, abs=0.05)
        assert after.mock == before.mock
