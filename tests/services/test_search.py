"""The list of cases against a plain filter over the same rows in Python, for random towns and random wishes."""

import random
from dataclasses import fields, replace
from datetime import date, timedelta

import pytest

from domain.calendar import SHANGHAI
from domain.case import OPEN, Status
from domain.duty import SEES_SUBTREE, Duty
from domain.errors import BadInput, NotFound
from models import Case, CoHandler, Department, EventType, Person, Region
from services import access
from services.access import Actor
from services.case_search import Filters
from services.transaction import rows
from tests.services.conftest import Street, at_once

COUNT = 300
WISHES = 120
TYPES = {"road": None, "road.hole": "road", "road.hole.deep": "road.hole", "lamp": None}
WORDS = (
    "路灯",
    "井盖",
    "坏了",
    "东门",
    "Wi-Fi",
    "１号",
    "100%",
    "a_b",
    "很久没人来修",
    "灯",
    "№",
    "1007",
    "😀",
    "噪音 扰民",
)


class Town:
    """Random rows, and what a list of them should be by reading the models one by one."""

    def __init__(self, street: Street, dice: random.Random) -> None:
        self.street, self.dice = street, dice

    async def fill(self) -> None:
        dice, now = self.dice, self.street.desk.clock.now()
        self.now = now
        for code, parent in TYPES.items():
            above = await EventType.get(code=parent) if parent else None
            await EventType.create(code=code, name=code, category="livelihood", parent=above, created_at=now)
        self.regions = {region.id: region for region in await Region.all()}
        town = await self.street.region("320412101")
        self.departments = [await Department.create(name=name, region=town) for name in ("城管", "水务")]
        self.actors = [await self.street.actor(who) for who in ("worker", "chief", "commander", "county", "inspector")]
        self.actors += [await self.street.resident(name) for name in ("王阿姨", "张叔")]
        people = [actor.person_id for actor in self.actors]
        grids = [region for region in self.regions.values() if region.level == 1]
        made = []
        for number in range(COUNT):
            grid = dice.choice(grids)
            line = [int(part) for part in grid.path.strip("/").split("/")]
            status = dice.choice([one for one in Status if one != Status.DRAFT])
            filed = now - timedelta(hours=dice.randrange(24 * 9))
            running = status in {Status.SUBMITTED, Status.ACCEPTED}
            made.append(
                Case(
                    number=1001 + number,
                    resident_id=dice.choice(people),
                    holder_id=dice.choice([*people, None]),
                    status=status,
                    level=dice.randint(1, 5),
                    grid_id=grid.id,
                    unit_id=dice.choice(line),
                    kind="complaint" if dice.random() < 0.1 else "case",
                    title="".join(dice.sample(WORDS, 2)),
                    description=" ".join(dice.choices(WORDS, k=4)),
                    event_type=dice.choice(["", "gone", *TYPES]),
                    category=dice.choice(["", "livelihood", "public_safety"]),
                    urgent=dice.random() < 0.2,
                    department_id=dice.choice([None, None, *(one.id for one in self.departments)]),
                    next_due=now + timedelta(hours=dice.randint(-30, 30) + 0.5) if running else None,
                    created_at=filed,
                    touched_at=filed,
                    submitted_at=filed,
                )
            )
        await Case.bulk_create(made)
        await rows("SELECT setval('case_number', 2000)")
        await Case.create(resident_id=people[0], status="draft", created_at=now, touched_at=now)
        self.cases = await Case.filter(number__isnull=False).order_by("-id")
        self.helped: dict[int, set[int]] = {one: set() for one in people}
        for case in dice.sample(self.cases, 12):
            person = dice.choice(people)
            self.helped[person].add(case.id)
            await CoHandler.create(case_id=case.id, person_id=person, asked_at=now)
        self.staff = dict(await Person.filter(duties__id__isnull=False).values_list("name", "id"))
        self.names = {one.id: one.name for one in self.departments}

    def wish(self) -> Filters:
        """A few filters at a time; seldom one that fits nothing."""
        dice, today = self.dice, self.now.astimezone(SHANGHAI).date()
        all_of = Filters(
            statuses=tuple(dice.sample([*Status], dice.randint(1, 3))),
            open=dice.random() < 0.7,
            overdue=dice.random() < 0.7,
            urgent=dice.random() < 0.5,
            level=dice.randint(1, 5),
            region=dice.choice([*(one.code for one in self.regions.values()), "nowhere"]),
            event_type=dice.choice([*TYPES, "gone", "none"]),
            category=dice.choice(["livelihood", "public_safety"]),
            department=dice.choice(["城管", "水务", "没有的"]),
            holder=dice.choice([*self.staff, "王阿姨"]),
            mine=dice.choice(["filed", "held"]),
            since=today - timedelta(days=dice.randrange(10)),
            until=today - timedelta(days=dice.randrange(10)),
            words=self.words(),
        )
        some = dice.sample([one.name for one in fields(Filters)], dice.choice([0, 1, 1, 2, 3]))
        return replace(Filters(), **{name: getattr(all_of, name) for name in some})

    def words(self) -> str:
        """Pieces of what stands in some case, of any length, sometimes in other letters."""
        said = []
        for _ in range(self.dice.choice([1, 1, 2])):
            case = self.dice.choice(self.cases)
            text = case.title + case.description.replace(" ", "")
            begin = self.dice.randrange(len(text) - 1)
            said.append(text[begin : begin + self.dice.randint(1, 6)])
        return " ".join([*said, *self.dice.sample(["１", "№1007", "1033", "WI-FI"], self.dice.choice([0, 0, 0, 1]))])

    def sees(self, who: Actor, case: Case) -> bool:
        if who.person_id in (case.resident_id, case.holder_id):
            return True
        paths = [self.regions[place or 0].path for place in (case.grid_id, case.unit_id)]
        if case.kind == "complaint":
            return any(paths[1].startswith(mine) for mine in who.paths(frozenset({Duty.INSPECTOR})))
        under = any(path.startswith(mine) for mine in who.paths(SEES_SUBTREE) for path in paths)
        return under or (who.is_staff and case.id in self.helped[who.person_id])

    def fits(self, who: Actor, wanted: Filters, case: Case) -> bool:
        under = [one.path for one in self.regions.values() if one.code == wanted.region]
        places = [self.regions[place or 0].path for place in (case.grid_id, case.unit_id)]
        text = f"{case.title} {case.description}".lower()
        day = (case.submitted_at or self.now).astimezone(SHANGHAI).date()
        types = {wanted.event_type}
        for code, parent in TYPES.items():  # parents stand before their children
            types |= {code} if parent in types and parent is not None else set()
        return (
            (not wanted.statuses or Status(case.status) in wanted.statuses)
            and (wanted.open is None or wanted.open == (case.status in OPEN))
            and (wanted.overdue is None or wanted.overdue == (case.next_due is not None and case.next_due < self.now))
            and (wanted.urgent is None or wanted.urgent == case.urgent)
            and (wanted.level is None or wanted.level == case.level)
            and (wanted.region is None or any(place.startswith(path) for path in under for place in places))
            and (wanted.event_type is None or case.event_type in types)
            and (wanted.category is None or case.category == wanted.category)
            and (wanted.department is None or self.names.get(case.department_id or 0) == wanted.department)
            and (wanted.holder is None or case.holder_id == self.staff.get(wanted.holder, 0))
            and (
                wanted.mine is None or who.person_id == (case.resident_id if wanted.mine == "filed" else case.holder_id)
            )
            and (wanted.since is None or day >= wanted.since)
            and (wanted.until is None or day <= wanted.until)
            and all(
                word.lower() in text or word.lstrip("№") == str(case.number) for word in (wanted.words or "").split()
            )
        )

    def expected(self, who: Actor, wanted: Filters) -> list[int]:
        return [case.number or 0 for case in self.cases if self.sees(who, case) and self.fits(who, wanted, case)]


async def pages(street: Street, who: Actor, wanted: Filters, limit: int, *, files: Actor | None = None) -> list[int]:
    """Every page; *files* hands in another case between two of them."""
    found: list[int] = []
    cursor = None
    while True:
        page = await street.desk.queues.listed(who, wanted, cursor=cursor, limit=limit)
        assert len(page.items) <= limit
        found += [line.number for line in page.items]
        cursor = page.next
        if cursor is None:
            return found
        if files is not None:
            await street.files(files)


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_list_is_what_a_plain_filter_leaves_whatever_is_asked_and_however_large_a_page(
    street: Street, seed: int
) -> None:
    town = Town(street, random.Random(seed))
    await town.fill()
    some = 0
    for _ in range(WISHES):
        who, wanted, limit = town.dice.choice(town.actors), town.wish(), town.dice.choice([1, 7, 20, 100])
        # What lies within seconds of its deadline would be another case a moment later: none does, they are hours.
        expected = town.expected(who, wanted)
        if limit == 1:
            expected, limit = expected[:6], 6
            assert [
                line.number for line in (await street.desk.queues.listed(who, wanted, limit=limit)).items
            ] == expected
        else:
            assert await pages(street, who, wanted, limit) == expected, (who.name, wanted, limit)
        some += bool(expected)
    assert some > WISHES / 4, "most wishes fit nothing: they prove little"


async def test_what_is_filed_between_two_pages_neither_shifts_nor_repeats_anything(street: Street) -> None:
    town = Town(street, random.Random(3))
    await town.fill()
    (who,) = [actor for actor in town.actors if actor.name == "孙指挥"]
    for wanted in (Filters(), Filters(open=True), Filters(words="路灯")):
        expected = town.expected(who, wanted)
        assert await pages(street, who, wanted, 40, files=who) == expected
        town.cases = await Case.filter(number__isnull=False).order_by("-id")


async def test_the_list_and_the_case_itself_agree_on_who_may_see_it(street: Street) -> None:
    town = Town(street, random.Random(4))
    await town.fill()
    for who in town.actors:
        listed = set(await pages(street, who, Filters(), 100))
        for case in town.dice.sample(town.cases, 40):
            if case.kind == "case" and case.id not in town.helped[who.person_id]:
                assert (case.number in listed) == bool(await access.roles_in(case, who)), (who.name, case.number)


async def test_a_complaint_is_not_in_the_lists_of_those_around_the_worker(street: Street) -> None:
    resident, inspector = await street.resident(), await street.actor("inspector")
    case = await street.files(resident)
    worker = await street.actor("worker")
    await Case.filter(id=case.id).update(
        kind="complaint", holder_id=inspector.person_id, about_person_id=worker.person_id
    )
    for who in ("worker", "chief", "secretary", "commander"):
        assert await pages(street, await street.actor(who), Filters(), 20) == [], who
        assert await pages(street, await street.actor(who), Filters(words="路灯"), 20) == [], who
    for person in (resident, inspector):
        assert await pages(street, person, Filters(), 20) == [case.number]


FULL = Filters(
    statuses=(Status.SUSPENDED, Status.CLOSED),
    open=False,
    overdue=True,
    urgent=False,
    level=2,
    region="32",
    event_type="road",
    category="livelihood",
    department="城管",
    holder="李卫国",
    mine="held",
    due_today=True,
    returned=True,
    kind="case",
    since=date(2027, 3, 1),
    until=date(2027, 3, 31),
    words="路灯 东门",
)


async def test_a_saved_filter_comes_back_as_it_was_and_belongs_to_one_person(street: Street) -> None:
    worker, chief, saved = await street.actor("worker"), await street.actor("chief"), street.desk.searches
    assert all(getattr(FULL, field.name) is not None for field in fields(Filters))
    await saved.save(worker, "全部", FULL)
    await saved.save(worker, "逾期", Filters(overdue=True))
    await saved.save(worker, "逾期", Filters(overdue=True, urgent=True))
    assert [(one.name, one.wanted) for one in await saved.all(worker)] == [
        ("全部", FULL),
        ("逾期", Filters(overdue=True, urgent=True)),
    ]
    assert await saved.all(chief) == []
    for ask in (saved.one(chief, "全部"), saved.delete(chief, "全部")):
        with pytest.raises(NotFound):
            await ask
    await saved.delete(worker, "全部")
    assert [one.name for one in await saved.all(worker)] == ["逾期"]


async def test_nobody_keeps_more_than_twenty_also_when_saving_several_at_once(street: Street) -> None:
    worker, saved = await street.actor("worker"), street.desk.searches
    for number in range(18):
        await saved.save(worker, f"第{number:02}个", Filters(level=1))
    answers = await at_once(*(saved.save(worker, f"又{number}个", Filters(level=2)) for number in range(5)))
    refused = [answer for answer in answers if isinstance(answer, BadInput)]
    assert [answer.facts for answer in refused] == [{"field": "name", "most": 20}] * 3
    assert len(await saved.all(worker)) == 20
    await saved.save(worker, "第00个", Filters(level=3))
    assert (await saved.one(worker, "第00个")).wanted == Filters(level=3)


def test_what_a_later_version_does_not_know_any_more_is_left_out() -> None:
    kept = {"level": 2, "colour": "red", "statuses": ["closed", "eaten"]}
    assert Filters.read(kept) == Filters(level=2, statuses=(Status.CLOSED,))
