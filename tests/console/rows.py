"""Rows that the console's pages are opened by."""

from datetime import date, timedelta

from domain.admission import Every, Wish
from domain.assessment import Kind, Verdict
from domain.assessment_rules import Ground
from domain.case import Action
from domain.duty import Duty
from domain.event_list import Category
from models import Award, Department, EventType, ExitProposal, HeldDuty, Objection
from services.event_types import Proposal
from tests.factories import GRID, TOWN, VILLAGE
from tests.services.conftest import Street


async def a_notice(street: Street) -> int:
    """One that is under way to a resident of the first grid, and has not been sent yet."""
    await street.follower("收通知的", grid=GRID)
    by = await street.actor("commander")
    preview = await street.desk.notices.compose(by, GRID, "明天八点到十二点停水，请提前备水。")
    await street.desk.notices.send(by, preview.id)
    await street.desk.notices.spread(preview.id)
    return preview.id


async def a_preview(street: Street) -> int:
    """One that the commander has written and not sent."""
    by = await street.actor("commander")
    return (await street.desk.notices.compose(by, GRID, "后天上午开居民会。")).id


async def an_export(street: Street) -> int:
    """One that the commander has asked for."""
    by = await street.actor("commander")
    return (await street.desk.exports.ask(by, "cases", "csv", VILLAGE, date(2027, 2, 1), date(2027, 2, 28))).id


async def an_event_type(street: Street) -> None:
    now = street.desk.clock.now()
    await EventType.create(code="light", name="路灯", category="city_management", created_at=now)


async def a_proposal(street: Street) -> str:
    """A type that an officer of the county asks for, by its code."""
    wish = Proposal("parking", "乱停车", Category.CITY_MANAGEMENT, "门口天天堵")
    return (await street.desk.event_types.propose(await street.actor("county"), wish)).code


async def a_leave(street: Street) -> int:
    """One that a worker has asked for."""
    by, now = await street.actor("cover"), street.desk.clock.now()
    return (await street.desk.leaves.ask(by, now + timedelta(days=3), now + timedelta(days=4), "看病")).id


async def an_award(street: Street) -> int:
    """The worker's place on last month's list, while it is public."""
    worker, now = await street.actor("worker"), street.desk.clock.now()
    award = await Award.create(
        town_id=(await street.region(TOWN)).id,
        kind="month",
        period=date(2027, 2, 1),
        person_id=worker.person_id,
        region_id=(await street.region(GRID)).id,
        rank=1,
        score=4640,
        public_until=now + timedelta(days=2),
    )
    return award.id


async def a_resolved_case(street: Street, *, who: str = "worker", grid: str = GRID) -> int:
    """The worker's, by its number; or that of *who* in *grid*."""
    number = (await street.files(grid=grid)).number or 0
    await street.desk.cases.act(await street.actor(who), number, Action.RESOLVE, note="修好了")
    return number


async def an_objection(street: Street) -> int:
    """Of the worker, to what an inspector found of a case of theirs."""
    number = await a_resolved_case(street)
    inspector, worker = await street.actor("inspector"), await street.actor("worker")
    found = await street.desk.spot_checks.mark(
        inspector, Kind.CASE, str(number), Verdict.UNQUALIFIED, Ground.MISSING, "没有照片"
    )
    await street.desk.spot_checks.object_to(worker, found.id, "照片在第二条消息里")
    return (await Objection.all())[0].id


async def an_exit(street: Street) -> int:
    """Of the worker, whose time to object is over; without scores, so that it cannot end anything."""
    now = street.desk.clock.now()
    proposal = await ExitProposal.create(
        town_id=(await street.region(TOWN)).id,
        person_id=(await street.actor("worker")).person_id,
        year=now.year - 1,
        made_at=now - timedelta(days=20),
        object_until=now - timedelta(days=5),
    )
    return proposal.id


async def an_application(street: Street) -> int:
    """The worker's, for an award, with a case of theirs."""
    evidence = [("case", str(await a_resolved_case(street)))]
    worker = await street.actor("worker")
    return (await street.desk.award_applications.apply(worker, GRID, "抢险", "连夜排水", evidence)).id


async def an_admission(street: Street) -> int:
    """What the county's officer has asked for in their department's name."""
    county = await street.region("320412")
    department, _ = await Department.get_or_create(region_id=county.id, name="安监局")
    await HeldDuty.filter(region_id=county.id, duty=Duty.DEPARTMENT_OFFICER).update(department_id=department.id)
    wish = Wish(VILLAGE, "查招牌", "每月看一遍", "城市管理条例", Every.MONTHLY, "每块 1 元")
    return (await street.desk.admissions.ask(await street.actor("county"), wish)).id


async def a_report(street: Street) -> int:
    """Of the worker, that something not admitted was asked of them."""
    return await street.desk.admissions.report(await street.actor("worker"), "城管办要我贴罚单")
