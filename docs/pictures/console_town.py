"""A town with two months behind it, for the pictures of the console; nobody in it is real.

Everything that people do goes through the services, each at its own moment of the moved clock, so that the story of a
case, the figures, the audit trail and the scores fit together. Only what phones would send (tracks, photos) is written
as rows. The same every time: chance has a seed, and the days are fixed.
"""
# ruff: noqa: INP001, PLR2004, S101 - beside its pictures; a story is full of numbers

import os
import uuid
from datetime import date, datetime, time, timedelta
from pathlib import Path

from console_story import (
    COMMANDER,
    FIRST,
    GRIDS,
    INSPECTOR,
    NOW,
    PLACES,
    RESIDENTS,
    SAID,
    SECRETARIES,
    SETTLED,
    TODAY,
    TOWN,
    WORKERS,
    Story,
    moment,
    opening,
    photo,
    tables,
)

from app.bootstrap import engines, opened
from app.keys import privacy_cipher
from app.migrations import migrate
from app.settings import Settings, load
from domain.assessment import Kind as Scored
from domain.assessment import Verdict
from domain.assessment_rules import MINIMUMS, Ground
from domain.calendar import SHANGHAI
from domain.case import Action, Level
from models import Attachment, Case, EventType, Export, HeldDuty, Patrol, Person, Region, Subject, Visit
from services.case_filing import Filing
from services.notices_draft import More
from services.phone_desk import Call, PhoneDesk
from services.records import Kind as Recorded
from tests.browser.service import TOWN as DEMO


async def fill(folder: Path) -> None:
    """Fill the database in *folder*; the service must not run yet."""
    os.environ |= {"WANGGE__DATA__DIR": str(folder), "WANGGE__SANDBOX__ENABLED": "true"}
    settings = load()
    async with engines(settings) as (database_url, _):
        await migrate(database_url)
        await _tell(settings)


async def _tell(settings: Settings) -> None:
    async with opened(settings) as house:
        story = Story(house)
        moved = house.desk.moved_clock
        assert moved is not None
        await moved.set_to(datetime.combine(FIRST, time(8), SHANGHAI) - timedelta(days=1))
        regions, staff = tables()
        await house.desk.imports.run(regions.encode(), staff.encode())
        await HeldDuty.all().update(from_date=date(2026, 3, 1))
        await house.desk.event_types.import_((DEMO / "event_types.csv").read_bytes())
        story.people = {one.name: one.id for one in await Person.all()}
        story.areas = {one.name: one.code for one in await Region.filter(level=1)}
        for name in RESIDENTS:
            grid = await Region.get(code=story.chance.choice([*story.areas.values()]))
            story.people[name] = (await Person.create(name=name, grid_id=grid.id)).id
        await _plan(story)
        await story.tell()
        await _files(story)


async def _plan(story: Story) -> None:
    chance, day = story.chance, FIRST
    while day <= TODAY:
        for hour in (0, 9, 12, 15, 18, 21):
            story.at(moment(day, hour, 5), lambda: _clockwork(story))
        for _ in range(chance.choice((4, 5, 5, 6, 7)) if day.weekday() < 5 else 2):
            _plan_case(story, moment(day, chance.randint(7, 19), chance.randint(0, 59)))
        for name in WORKERS:
            if chance.random() < 0.98:
                story.at(moment(day, 8, 20), lambda name=name, day=day: _patrol(story, name, day))
            if chance.random() < 0.45:
                story.at(moment(day, 16, chance.randint(0, 59)), lambda name=name: _visit(story, name))
            if chance.random() < 0.2:
                story.at(moment(day, 17, chance.randint(0, 59)), lambda name=name: _record(story, name))
        day += timedelta(days=1)
    for at in (moment(date(2026, 10, 1), 0, 30), moment(date(2026, 11, 1), 0, 30), moment(date(2026, 11, 9), 0, 30)):
        story.at(at, lambda: _months(story))
    story.at(moment(date(2026, 9, 1), 7), lambda: _minimums(story))
    story.at(moment(date(2026, 10, 27), 10), lambda: _checks(story))
    story.at(moment(date(2026, 10, 28), 9), lambda: _object(story))
    story.at(moment(date(2026, 11, 3), 9, 30), lambda: _leaves(story))
    story.at(moment(date(2026, 11, 5), 9, 30), lambda: _rules(story))
    story.at(moment(date(2026, 11, 6), 10), lambda: _notices(story))
    story.at(moment(TODAY, 9, 40), lambda: _phoned(story))
    story.at(moment(TODAY, 14, 2), lambda: _preview(story))
    story.at(moment(TODAY, 14, 10), lambda: _today(story))
    story.at(moment(TODAY, 14, 15), lambda: _count(story))
    story.at(moment(date(2026, 11, 9), 10), lambda: _bad_weather(story))


def _plan_case(story: Story, at: datetime) -> None:
    chance = story.chance
    village = chance.choices([*GRIDS], (6, 4, 2, 2))[0]
    grid = story.areas[village + chance.choice(GRIDS[village][: 1 if village == "新塘村" else 3])]
    kind, words, done = SAID[chance.choices(range(len(SAID)), (9, 8, 7, 5, 4, 4, 4, 2, 3, 3))[0]]
    place = chance.choice(PLACES[village])
    resident = chance.choice(RESIDENTS)

    async def file() -> None:
        known = kind if kind and await EventType.exists(code=kind) else ""
        filing = Filing(
            grid=grid,
            description=words.format(place),
            event_type=known,
            address=f"{village}{place}",
            source=chance.choice(("chat", "chat", "mini")),
        )
        case = await story.house.desk.cases.file(await story.actor(resident), filing)
        wait = timedelta(minutes=chance.randint(6, 150)) * (1 if chance.random() < 0.9 else 8)
        story.at(opening(story.house.desk.clock.now() + wait), lambda: _accept(story, case.number or 0, resident, done))

    story.at(at, file)


async def _accept(story: Story, number: int, resident: str, done: str) -> None:
    chance, now = story.chance, story.house.desk.clock.now()
    case = await Case.get(number=number)
    holder = await Person.get_or_none(id=case.holder_id)
    if holder is None or case.status != "submitted":
        return
    desk, by = story.house.desk, await story.house.desk.people.actor(holder.id)
    before = await desk.uploads.take(by, photo(bright=False))
    await desk.cases.act(by, number, Action.ACCEPT, attachments=[before])
    if chance.random() < 0.3:
        words = "已经去看过了，正在联系人来修，办好马上告诉您。"
        story.at(opening(now + timedelta(hours=1)), lambda: _act(story, number, Action.REPLY, words))
    if chance.random() < 0.12:
        story.at(
            opening(now + timedelta(hours=2)),
            lambda: _act(story, number, Action.REPORT_UP, "需要村里请施工队，网格办不了"),
        )
        story.at(opening(now + timedelta(hours=5)), lambda: _act(story, number, Action.ACCEPT, ""))
    days = chance.choice((0.2, 0.3, 0.5, 0.9, 1, 1.5, 2, 2.6, 4, 8)) * (1 if chance.random() < 0.96 else 3)
    story.at(opening(now + timedelta(days=days)), lambda: _resolve(story, number, resident, done))


async def _act(story: Story, number: int, action: Action, note: str) -> None:
    case = await Case.get(number=number)
    wanted = "submitted" if action is Action.ACCEPT else "accepted"
    if case.holder_id is None or case.status != wanted or (action is Action.REPORT_UP and case.level > 1):
        return
    await story.house.desk.cases.act(await story.house.desk.people.actor(case.holder_id), number, action, note=note)


async def _resolve(story: Story, number: int, resident: str, done: str) -> None:
    chance, desk = story.chance, story.house.desk
    case = await Case.get(number=number)
    if case.status != "accepted" or case.holder_id is None:
        return
    holder = await desk.people.actor(case.holder_id)
    after = await desk.uploads.take(holder, photo(bright=True))
    await desk.cases.act(holder, number, Action.RESOLVE, note=done, attachments=[after])
    if chance.random() < 0.7:
        stars = chance.choice((5, 5, 5, 4, 4, 3))
        when = desk.clock.now() + timedelta(hours=chance.randint(1, 30))
        story.at(when, lambda: _rate(story, number, resident, stars))


async def _rate(story: Story, number: int, resident: str, stars: int) -> None:
    if (await Case.get(number=number)).status == "resolved":
        await story.house.desk.cases.act(await story.actor(resident), number, Action.RATE, rating=stars)


async def _clockwork(story: Story) -> None:
    """What the service does by itself, and what those above do about what has come up to them."""
    cases, now = story.house.desk.cases, story.house.desk.clock.now()
    while await cases.climb_overdue():
        pass
    await cases.close_unrated()
    if now < moment(TODAY, 8):
        for case in await Case.filter(status="submitted", level__gt=1, clock_from__lt=now - timedelta(hours=2)):
            resident, number = await Person.get(id=case.resident_id), case.number or 0
            later = opening(now + timedelta(minutes=story.chance.randint(10, 120)))
            story.at(later, lambda n=number, who=resident.name: _accept(story, n, who, SETTLED))


async def _minimums(story: Story) -> None:
    """A town of ten grids wants less a month than the rules' defaults."""
    rules = story.house.desk.assessments
    await rules.sweep()
    await rules.set_rules(
        TOWN, "2026-09", {"minimums": {**dict.fromkeys(MINIMUMS, 0), "city_management": 4}, "services": 8}
    )


async def _months(story: Story) -> None:
    await story.house.desk.assessments.sweep()


async def _count(story: Story) -> None:
    for _ in range(3):
        await story.house.desk.figure_counts.count()
    await story.house.desk.assessments.sweep()


async def _patrol(story: Story, name: str, day: date) -> None:
    start = story.house.desk.clock.now()
    long = story.chance.randint(3200, 6400)
    held = await HeldDuty.get(person_id=story.people[name], duty="grid_worker")
    await Patrol.create(
        person_id=held.person_id,
        region_id=held.region_id,
        day=day,
        started_at=start,
        ended_at=start + timedelta(seconds=long),
        ended_by="worker",
        source="mini",
        length_metres=long,
        seconds=long,
    )


async def _visit(story: Story, name: str) -> None:
    now = story.house.desk.clock.now()
    today = now.astimezone(SHANGHAI).date()
    held = await HeldDuty.get(person_id=story.people[name], duty="grid_worker")
    title = story.chance.choice(("王记面馆", "小学门口文具店", "老年活动室", "便民超市", "菜鸟驿站", "出租房3幢"))
    subject = await Subject.create(
        grid_id=held.region_id, kind="shop", title=title, every_days=30, next_due=today, created_at=now
    )
    in_time = story.chance.random() < 0.9
    visit = await Visit.create(
        person_id=held.person_id,
        region_id=held.region_id,
        subject_id=subject.id,
        at=now,
        due_on=today + timedelta(days=3 if in_time else -3),
        in_time=in_time,
        result="灭火器在有效期内，通道畅通。",
        next_date=today + timedelta(days=30),
        source="mini",
    )
    await Attachment.create(
        id=uuid.uuid4(), person_id=held.person_id, kind="photo", state="kept", created_at=now, visit_id=visit.id
    )


async def _record(story: Story, name: str) -> None:
    held = await HeldDuty.get(person_id=story.people[name], duty="grid_worker")
    region = await Region.get(id=held.region_id)
    place = f"{story.chance.randint(1, 30)}幢{story.chance.randint(1, 6)}0{story.chance.randint(1, 4)}"
    head = story.chance.choice("赵钱周吴冯褚卫蒋") + story.chance.choice(("某", "某某"))
    await story.house.desk.records.add(await story.actor(name), region.code, Recorded.HOUSEHOLD, place, {"head": head})


async def _checks(story: Story) -> None:
    inspector = await story.actor(INSPECTOR)
    done = await Case.filter(status__in=("resolved", "closed"), holder_id=story.people[WORKERS[0]]).order_by("-id")
    spot = story.house.desk.spot_checks
    await spot.mark(
        inspector, Scored.CASE, str(done[0].number), Verdict.UNQUALIFIED, Ground.MISSING, "只有处理后的照片"
    )
    await spot.mark(inspector, Scored.CASE, str(done[1].number), Verdict.QUALIFIED, None, "电话回访，居民满意")
    other = await Case.filter(status__in=("resolved", "closed"), holder_id=story.people[WORKERS[3]]).order_by("-id")
    await spot.mark(inspector, Scored.CASE, str(other[0].number), Verdict.UNQUALIFIED, Ground.MISSING, "没写怎么办的")


async def _object(story: Story) -> None:
    worker = await story.actor(WORKERS[0])
    found, _ = await story.house.desk.spot_checks.listed(worker)
    bad = next(one for one in found if one.verdict == Verdict.UNQUALIFIED)
    await story.house.desk.spot_checks.object_to(worker, bad.id, "处理前的照片在居民的第一条消息里，可以核对。")


async def _leaves(story: Story) -> None:
    leaves, secretary = story.house.desk.leaves, await story.actor(SECRETARIES[1])
    await leaves.enter(
        secretary, story.people[WORKERS[4]], moment(date(2026, 11, 9), 8), moment(date(2026, 11, 11), 18), "照顾家人"
    )
    await leaves.enter(
        await story.actor(SECRETARIES[0]),
        story.people[WORKERS[1]],
        moment(date(2026, 11, 17), 8),
        moment(date(2026, 11, 18), 18),
        "体检",
    )
    await leaves.ask(
        await story.actor(WORKERS[0]), moment(date(2026, 11, 23), 8), moment(date(2026, 11, 25), 18), "回老家办事"
    )


async def _rules(story: Story) -> None:
    commander = await story.actor(COMMANDER)
    await story.house.desk.event_type_changes.edit(
        commander, "shizheng-ludeng", {"accept_hours": "2", "resolve_days": "2"}
    )


async def _bad_weather(story: Story) -> None:
    commander, days = await story.actor(COMMANDER), story.house.desk.field_work.patrol_days
    await days.exempt(commander, TOWN, date(2026, 11, 4), "大风，蓝色预警")
    await days.exempt(commander, story.areas["石桥村第一网格"], date(2026, 11, 12), "山路塌方，正在抢修")


async def _notices(story: Story) -> None:
    notices, commander = story.house.desk.notices, await story.actor(COMMANDER)
    for title, words in (
        ("老年人免费体检", "本周六上午八点到十一点，镇卫生院给六十五岁以上老人免费体检，请空腹带身份证。"),
        ("秋冬防火提醒", "天气干燥，请不要在田里烧秸秆，电动车不要推进楼道充电。"),
    ):
        preview = await notices.compose(commander, TOWN, words, More(title=title))
        await notices.send(commander, preview.id)
        await notices.spread(preview.id)


async def _preview(story: Story) -> None:
    """Written and looked at, not sent."""
    words, village = "明天上午八点到十二点检修管道，请提前备水。", story.areas["清水村第一网格"][:-2]
    await story.house.desk.notices.compose(await story.actor(COMMANDER), village, words, More(title="停水通知"))


async def _phoned(story: Story) -> None:
    desk, commander = story.house.desk, await story.actor(COMMANDER)
    phone = PhoneDesk(privacy_cipher(story.house.settings), desk.cases)
    calls = (
        Call(
            story.areas["清水村第二网格"],
            "河边护栏断了一截，有小孩在那儿玩。",
            "施女士",
            "13912340001",
            "河滨步道",
            True,
        ),
        Call(story.areas["新塘村第二网格"], "老房子墙上裂了一道缝，想请人来看看。", "老范", "", "新塘南路18号"),
    )
    for call in calls:
        await phone.file(commander, call)


async def _today(story: Story) -> None:
    """What lies on the commander's own table."""
    cases, people = story.house.desk.cases, story.house.desk.people
    for one in await Case.filter(status="accepted", level=1, holder_id__isnull=False).order_by("-id").limit(4):
        number, holder = one.number or 0, await people.actor(one.holder_id or 0)
        await cases.act(holder, number, Action.REPORT_UP, note="要请施工队，网格里办不了")
        case = await Case.get(id=one.id)
        if case.level == Level.VILLAGE and case.holder_id:
            secretary = await people.actor(case.holder_id)
            await cases.act(secretary, number, Action.REPORT_UP, note="村里没有这笔钱，请镇里协调")


async def _files(story: Story) -> None:
    """A file that a job is making: as far as it has come, and no further while the picture is taken."""
    town = await Region.get(code=TOWN)
    await Export.create(
        by_id=story.people[COMMANDER],
        what="audit",
        file_format="xlsx",
        region_id=town.id,
        region_name=town.name,
        since=date(2026, 9, 1),
        until=date(2026, 10, 31),
        state="running",
        attempt=1,
        done_rows=1250,
        all_rows=1980,
        asked_at=NOW,
        beat_at=datetime.now(SHANGHAI) + timedelta(hours=1),
    )
