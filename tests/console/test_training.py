"""培训: whose hours stand where, what is missing, and whom the gate keeps out of a post."""

from collections.abc import Awaitable, Callable
from datetime import date

from models import Export, HeldDuty, TrainingCourse, TrainingRecord
from tests.console.clerk import Clerk
from tests.factories import GRID, TOWN
from tests.services.conftest import Street

ComesIn = Callable[[str], Awaitable[Clerk]]
TRAINING = "/console/training"


async def course(street: Street, code: str, title: str, *, induction: bool = False) -> TrainingCourse:
    return await TrainingCourse.create(
        region=await street.region(TOWN),
        code=code,
        title=title,
        minutes=120,
        form="online",
        duties=["grid_worker"],
        compulsory=True,
        induction=induction,
        pages=[],
        questions=[],
        first_day=date(2027, 1, 1),
        created_at=street.desk.clock.now(),
    )


async def test_the_town_reads_and_takes_home_the_hours_of_its_workers(street: Street, comes_in: ComesIn) -> None:
    await street.at("2027-03-02 09:00")
    worker = await street.actor("worker")
    passed = await course(street, "S1", "安全用电")
    await course(street, "S2", "消防常识")
    await TrainingRecord.create(course=passed, person_id=worker.person_id, credited_on=date(2027, 2, 1), minutes=120)
    clerk = await comes_in("commander")
    page = await clerk.opens(TRAINING)
    assert "李卫国 第一网格 2 18 安全用电 消防常识" in page.words
    assert "王秀兰 第二网格 0 20 没有 安全用电、消防常识" in page.words
    assert "李卫国 第一网格 0 20" in (await clerk.opens(f"{TRAINING}?year=2026")).words
    assert "没有更多了" in (await clerk.opens(f"{TRAINING}?cursor=OTk5OTk5")).words
    asked = await clerk.sends("/console/exports", {**page.hidden("/console/exports"), "region": TOWN, "format": "csv"})
    assert asked.status == 200
    await street.work()
    made = await Export.get()
    assert (made.what, made.state) == ("training", "done")
    _, parts = await street.desk.exports.open(await street.actor("commander"), made.id)
    lines = (b"".join([part async for part in parts])).decode("utf-8-sig").splitlines()
    assert lines[1] == f"李卫国,专职网格员,{GRID},第一网格,2.0,18.0,安全用电,消防常识"
    # Elsewhere, and at the village, nobody reads them.
    assert (await (await comes_in("secretary")).opens(TRAINING)).status == 403
    other = await street.region("320412101202")
    await HeldDuty.filter(person__name="孙指挥").update(region_id=other.id)
    assert "李卫国" not in (await (await comes_in("commander")).opens(TRAINING)).words


async def test_nobody_is_put_into_the_full_time_post_without_the_induction(street: Street, comes_in: ComesIn) -> None:
    await street.at("2027-03-02 09:00")
    await course(street, "X1", "岗前培训", induction=True)
    held = await HeldDuty.get(person__name="李卫国", duty="grid_worker")
    clerk, where = await comes_in("commander"), f"/console/posts/{held.id}/replace"
    fields = {"name": "新来的", "phone": "13877770001"}
    page = await clerk.sends(where, {**(await clerk.opens(where)).hidden(where), **fields})
    assert page.status == 409
    assert "新来的的岗前培训还没有合格，不能上岗做专职网格员：岗前培训" in page.words
    assert (await HeldDuty.get(id=held.id)).to_date is None
    # Who works in another grid already is past the gate.
    fields = {"name": "王秀兰", "phone": "13800000002"}
    page = await clerk.sends(where, {**(await clerk.opens(where)).hidden(where), **fields})
    assert page.status == 200
    assert (await HeldDuty.get(id=held.id)).to_date is not None
