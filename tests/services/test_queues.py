"""Lists of cases: complete, in order, page by page, and only what is theirs to see."""

import pytest

from domain.case import Action, Status
from domain.errors import BadInput
from models import Case
from services.access import Actor
from services.cases import Filing
from services.queues import Filters, Line
from tests.factories import GRID, VILLAGE
from tests.services.conftest import Street

OTHER_GRID = "32041210120201"


async def every_page(street: Street, who: Actor, *, limit: int, wanted: Filters | None = None) -> list[Line]:
    lines: list[Line] = []
    cursor = None
    for _ in range(50):
        page = (
            await street.desk.queues.mine(who, cursor=cursor, limit=limit)
            if wanted is None
            else await street.desk.queues.listed(who, wanted, cursor=cursor, limit=limit)
        )
        assert len(page.items) <= limit
        lines += page.items
        cursor = page.next
        if cursor is None:
            return lines
    raise AssertionError("the pages have no end")


def numbers(lines: list[Line]) -> list[int]:
    return [line.number for line in lines]


async def town_full(street: Street) -> None:
    """Cases of every kind: of two villages, urgent, reported up, accepted, resolved, with the same deadline."""
    worker, resident = await street.actor("worker"), await street.resident("张叔")
    for number in range(12):
        case = await street.files(resident, urgent=number % 4 == 0, grid=OTHER_GRID if number % 5 == 0 else GRID)
        if number % 5 == 0:
            continue
        for action in [(), (Action.ACCEPT,), (Action.REPORT_UP,), (Action.RESOLVE,)][number % 4]:
            await street.desk.cases.act(worker, case.number or 0, action, note="意见")
    some = await Case.filter(status="submitted").order_by("id").limit(4)
    await Case.filter(id__in=[case.id for case in some]).update(next_due=some[0].next_due)


async def test_the_queue_is_what_the_models_query_says_in_order_and_without_gaps(street: Street) -> None:
    await town_full(street)
    every = await Case.filter(status__in=["submitted", "accepted"]).order_by("next_due", "id")
    for who in ("worker", "cover", "chief", "secretary", "commander", "county", "inspector"):
        actor = await street.actor(who)
        seats = {held.region_id for held in actor.duties if held.duty != "inspector"}
        expected = [
            case.number
            for case in every
            if case.holder_id == actor.person_id or seats & {case.unit_id, case.alert_unit_id}
        ]
        for limit in (1, 3, 50):
            assert numbers(await every_page(street, actor, limit=limit)) == expected, (who, limit)


async def test_a_resident_has_no_queue(street: Street) -> None:
    await street.files()
    assert (await street.desk.queues.mine(await street.resident("路人"))).items == []


async def test_late_cases_are_marked_and_stand_first(street: Street) -> None:
    first = await street.files()
    await street.advance(86400 * 3)
    second = await street.files()
    lines = (await street.desk.queues.mine(await street.actor("worker"))).items
    assert [(line.number, line.overdue) for line in lines] == [(first.number, True), (second.number, False)]


async def test_the_list_of_staff_is_their_part_of_the_tree_newest_first(street: Street) -> None:
    await town_full(street)
    every = await Case.filter(number__isnull=False).order_by("-id").prefetch_related("grid", "unit")
    for who in ("worker", "chief", "commander", "county", "inspector"):
        actor = await street.actor(who)
        paths = [held.path for held in actor.duties if held.duty != "inspector"]
        expected = [
            case.number
            for case in every
            if case.holder_id == actor.person_id
            or any(place.path.startswith(path) for place in (case.grid, case.unit) if place for path in paths)
        ]
        for limit in (2, 50):
            assert numbers(await every_page(street, actor, limit=limit, wanted=Filters())) == expected, (who, limit)


async def test_a_resident_lists_their_own_and_nothing_else(street: Street) -> None:
    await town_full(street)
    resident = await street.resident("王阿姨")
    mine = [await street.files(resident) for _ in range(3)]
    assert numbers(await every_page(street, resident, limit=2, wanted=Filters())) == [
        case.number for case in reversed(mine)
    ]
    await street.desk.cases.act(resident, mine[0].number or 0, Action.WITHDRAW)
    assert numbers([*await street.desk.queues.open_of(resident.person_id)]) == [mine[2].number, mine[1].number]


async def test_each_filter_leaves_what_it_says(street: Street) -> None:
    await town_full(street)
    await street.advance(3600)
    actor = await street.actor("county")
    every = await every_page(street, actor, limit=50, wanted=Filters())

    async def left(**wanted: object) -> list[int]:
        return numbers(await every_page(street, actor, limit=50, wanted=Filters(**wanted)))  # type: ignore[arg-type]

    for status in (Status.SUBMITTED, Status.ACCEPTED, Status.RESOLVED, Status.CLOSED):
        assert await left(statuses=(status,)) == [line.number for line in every if line.status is status], status
    assert await left(level=2) == [line.number for line in every if line.level == 2] != []
    assert await left(region=OTHER_GRID) == [line.number for line in every if line.grid == OTHER_GRID] != []
    assert await left(region=VILLAGE) == [line.number for line in every if line.grid != OTHER_GRID]
    assert await left(region="no-such-region") == []
    assert await left(overdue=True) == [line.number for line in every if line.overdue] != []
    assert await left(overdue=False) == [line.number for line in every if not line.overdue]
    assert await left(event_type="none") == []


@pytest.mark.parametrize("words", ["100%", "a_b", "\\", "50%_\\"])
async def test_signs_that_sql_knows_are_only_signs_in_a_search(street: Street, words: str) -> None:
    resident = await street.resident()
    await street.files(resident)
    wanted = await street.desk.cases.file(resident, Filing(grid=GRID, description=f"写着{words}的牌子"))
    page = await street.desk.queues.listed(resident, Filters(words=words))
    assert [line.number for line in page.items] == [wanted.number]


@pytest.mark.parametrize("cursor", ["x", "", "MTIz", "////", "bm90IGEgZGF0ZXwx", "9" * 50, "OTk5" * 3000, "中"])
async def test_a_cursor_that_is_not_ours_is_refused(street: Street, cursor: str) -> None:
    with pytest.raises(BadInput) as refused:
        await street.desk.queues.mine(await street.actor("worker"), cursor=cursor)
    assert refused.value.facts == {"field": "cursor"}


async def test_a_case_that_changes_between_two_pages_is_not_shown_twice_in_the_list(street: Street) -> None:
    resident = await street.resident()
    filed = [await street.files(resident) for _ in range(4)]
    actor = await street.actor("worker")
    first = await street.desk.queues.listed(actor, Filters(), limit=2)
    await street.files(resident)
    second = await street.desk.queues.listed(actor, Filters(), cursor=first.next, limit=2)
    assert numbers([*first.items, *second.items]) == [case.number for case in reversed(filed)]
