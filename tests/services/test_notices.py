"""Notices: each resident of the subtree once."""

import pytest

from adapters.queue import ProcrastinateQueue
from domain.errors import BadInput, IllegalMove, NotFound
from domain.notice import Quiet, Rules
from models import Delivery, HeldDuty, Identity, Notice, Person
from services.by_place import ByPlace
from services.notices import Notices
from services.notices_audience import Templates
from services.notices_draft import LONGEST
from services.transaction import rows
from tests.factories import GRID, TOWN, VILLAGE
from tests.services.conftest import Street, at_once

OTHER_VILLAGE, OTHER_GRID = "320412101202", "32041210120201"


async def released(street: Street, who: str, code: str, text: str = "明天停水") -> int:
    actor = await street.actor(who)
    preview = await street.desk.notices.compose(actor, code, text)
    await street.desk.notices.send(actor, preview.id)
    return preview.id


async def test_each_resident_of_the_subtree_gets_it_once_and_nobody_else(street: Street) -> None:
    here = [await street.follower(f"本村{one}", grid=GRID) for one in range(3)]
    elsewhere = await street.follower("外村", grid=OTHER_GRID)
    nowhere = await street.follower("没扫过码")
    preview = await street.desk.notices.compose(await street.actor("chief"), VILLAGE, " 明天停水 ")
    assert (preview.reach, preview.text, preview.region) == (3, "明天停水", "城西村")
    await street.desk.notices.send(await street.actor("chief"), preview.id)
    await street.work()
    for one in here:
        assert [("城西村" in text, "明天停水" in text) for text in street.shown(one)] == [(True, True)]
    assert (street.shown(elsewhere), street.shown(nowhere)) == ([], [])
    assert (await Notice.get(id=preview.id)).reach == 3


async def test_somebody_with_two_accounts_gets_it_once(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    for number in range(2):
        await Identity.create(person_id=one.person_id, appid="wx-mini", openid=f"m{number}", kind="mini")
    await released(street, "chief", GRID)
    await street.work()
    assert await Delivery.all().count() == 1
    assert len(street.shown(one)) == 1


async def test_spreading_twice_or_at_once_changes_nothing(street: Street) -> None:
    people = [await street.follower(f"居民{one}", grid=GRID) for one in range(5)]
    notice = await released(street, "chief", GRID)
    counts = await at_once(*(street.desk.notices.spread(notice) for _ in range(4)))
    assert sorted(counts) == [0, 0, 0, 5]
    assert await street.desk.notices.spread(notice) == 0
    await street.work()
    assert [len(street.shown(one)) for one in people] == [1] * 5


async def test_who_joins_later_does_not_get_it(street: Street) -> None:
    await street.follower("王阿姨", grid=GRID)
    await released(street, "chief", GRID)
    await street.work()
    later = await street.follower("后来的", grid=GRID)
    await street.work()
    assert street.shown(later) == []


async def test_releasing_twice_sends_it_once(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    chief = await street.actor("chief")
    preview = await street.desk.notices.compose(chief, GRID, "明天停水")
    answers = await at_once(*(street.desk.notices.send(chief, preview.id) for _ in range(3)))
    assert [type(answer) for answer in answers].count(IllegalMove) == 2
    await street.work()
    assert len(street.shown(one)) == 1


async def test_a_dropped_notice_is_never_sent(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    chief = await street.actor("chief")
    preview = await street.desk.notices.compose(chief, GRID, "明天停水")
    await street.desk.notices.cancel(chief, preview.id)
    for again in (street.desk.notices.send, street.desk.notices.cancel, street.desk.notices.recall):
        with pytest.raises(IllegalMove) as refused:
            await again(chief, preview.id)
        assert refused.value.facts["notice"] == preview.id
    await street.work()
    assert street.shown(one) == []


async def test_only_who_composed_it_may_send_or_drop_it(street: Street) -> None:
    preview = await street.desk.notices.compose(await street.actor("chief"), VILLAGE, "明天停水")
    for who in ("secretary", "commander", "worker"):
        with pytest.raises(NotFound):
            await street.desk.notices.send(await street.actor(who), preview.id)
        with pytest.raises(NotFound):
            await street.desk.notices.cancel(await street.actor(who), preview.id)
    assert (await Notice.get(id=preview.id)).state == "preview"


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("worker", GRID),
        ("inspector", TOWN),
        ("chief", TOWN),
        ("chief", OTHER_VILLAGE),
        ("secretary", OTHER_GRID),
        ("commander", "320412"),
        ("commander", "no-such-code"),
    ],
)
async def test_a_region_that_is_not_theirs_is_not_found(street: Street, who: str, code: str) -> None:
    with pytest.raises(NotFound):
        await street.desk.notices.compose(await street.actor(who), code, "明天停水")


async def test_who_has_lost_the_duty_meanwhile_may_no_longer_send(street: Street) -> None:
    preview = await street.desk.notices.compose(await street.actor("chief"), VILLAGE, "明天停水")
    await HeldDuty.filter(duty="grid_chief").delete()
    with pytest.raises(NotFound):
        await street.desk.notices.send(await street.actor("chief"), preview.id)


@pytest.mark.parametrize("text", ["", "  \n ", "一" * (LONGEST + 1), "🌧" * 451])
async def test_a_text_that_is_empty_or_does_not_fit_into_one_message_is_refused(street: Street, text: str) -> None:
    with pytest.raises(BadInput) as refused:
        await street.desk.notices.compose(await street.actor("chief"), VILLAGE, text)
    if text.strip():
        assert refused.value.facts["has"] == len(text)
        assert int(str(refused.value.facts["longest"])) < len(text)


@pytest.mark.parametrize("text", ["一" * LONGEST, "🌧" * 450])
async def test_the_longest_text_that_is_allowed_arrives_whole(street: Street, text: str) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    await released(street, "chief", VILLAGE, text)
    await street.work()
    (shown,) = street.shown(one)
    assert text in shown


async def test_what_was_released_but_whose_job_got_lost_is_spread_by_the_sweep(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    await released(street, "chief", GRID)
    await rows("DELETE FROM procrastinate_jobs RETURNING 1")
    await street.desk.notices.sweep()
    assert not await Delivery.all().exists()
    await street.advance(16)
    await rows("DELETE FROM procrastinate_jobs RETURNING 1")
    await street.desk.notices.sweep()
    await street.desk.notices.sweep()
    await street.work()
    assert len(street.shown(one)) == 1


async def test_a_large_notice_becomes_jobs_of_one_chunk_each_behind_everything_else(street: Street) -> None:
    grid = await street.region(GRID)
    await rows(
        "WITH p AS (INSERT INTO person (name, phone, grid_id, created_at) SELECT 'p' || n, '', $1, now() "
        "FROM generate_series(1, 12345) n RETURNING id) INSERT INTO identity "
        "(person_id, appid, openid, kind, subscribed, window_left, bind_tries) "
        "SELECT id, 'wx-mini', 'o' || id, 'mini', TRUE, 0, 0 FROM p RETURNING 1",
        grid.id,
    )
    given = Rules(chunk=1000, approval_above=-1, quiet=Quiet())
    queue = ProcrastinateQueue()
    notices = Notices(
        street.desk.clock, queue, street.desk.deliveries, ByPlace(given), appid="wx", templates=Templates()
    )
    preview = await notices.compose(await street.actor("chief"), VILLAGE, "明天停水")
    assert preview.reach == 12345
    await notices.send(await street.actor("chief"), preview.id)
    assert await notices.spread(preview.id) == 12345
    assert await Delivery.filter(notice_id=preview.id).count() == 12345
    jobs = await rows("SELECT priority, args->'people' AS people FROM procrastinate_jobs WHERE task_name = 'deliver'")
    assert len(jobs) == 13
    assert {job["priority"] for job in jobs} == {-10}
    assert await Person.filter(grid_id=grid.id).count() == 12345
