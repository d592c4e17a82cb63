"""The towns' notices, held cases and attachments: what docs/access.py has its later tables for."""

from collections.abc import Mapping
from datetime import timedelta
from json import dumps
from uuid import UUID, uuid4

from domain.case import Action
from domain.safety import Found
from models import Attachment, Case, CaseEvent, Delivery, MediaCheck, Notice, Person, Region, TrainingCourse
from services.access import Actor
from services.cases import Filing
from services.desk import Desk
from services.polls import NewPoll
from services.ports import Judgement
from tests.miniprogram_api.access_town import GRIDS, POSTS, Rows

REGIONS = {**GRIDS, "village": "A1", "village_2": "A2", "town": "A", "town_b": "B"}
GOING_OUT = ("grid", "next_grid", "village", "village_2", "town", "town_b")
WORKERS = {"duties": ["grid_worker"]}


async def add(desk: Desk, made: Rows, actors: Mapping[str, Actor]) -> None:
    """Add the rows to *made*."""
    made.regions = {one.code: one.id for one in await Region.all()}
    homes = {"filer": "A11", "neighbour": "A11", "somebody": "B11"}
    for who, grid in homes.items():
        await Person.filter(id=made.people[who].person["id"]).update(grid_id=made.regions[grid])
    await _notices(desk, made, actors)
    await _polls(desk, made, actors)
    await _trainings(desk, made, actors)
    await _not_reached(desk, made)
    await _held(desk, made, actors)
    await _attachments(desk, made)


async def _notices(desk: Desk, made: Rows, actors: Mapping[str, Actor]) -> None:
    now = desk.clock.now()

    async def notice(author: Actor, region: str, state: str, audience: Mapping[str, object] | None = None) -> int:
        sent = now if state in {"sending", "sent", "recalled"} else None
        return (
            await Notice.create(
                author_id=author.person_id,
                region_id=made.regions[region],
                text="明天停水",
                state=state,
                audience=audience or {},
                token=uuid4(),
                created_at=now,
                sent_at=sent,
            )
        ).id

    for who, actor in actors.items():
        place = POSTS[who][1] if who in POSTS else "A11"
        made.notices[who, "own"] = await notice(actor, place, "preview")
        made.notices[who, "own_over"] = await notice(actor, place, "recalled")
        made.notices[who, "own_asked"] = await notice(actor, place, "awaiting")
    # By somebody who has no duty any more: whoever finds these, finds them by their own.
    author = actors["somebody"]
    made.notices["preview"] = await notice(author, "A1", "preview")
    made.notices["awaiting"] = await notice(author, "A1", "awaiting")
    for row in GOING_OUT:
        made.notices[row] = await notice(author, REGIONS[row], "sending")
        made.notices[f"{row}_over"] = await notice(author, REGIONS[row], "sent")
    made.notices["workers"] = await notice(author, "A1", "sending", WORKERS)
    made.visited = await notice(author, "D", "sent")


async def _polls(desk: Desk, made: Rows, actors: Mapping[str, Actor]) -> None:
    closes = desk.clock.now() + timedelta(days=3)
    for row in GOING_OUT:
        new = NewPoll(REGIONS[row], "哪天大扫除？", ("周六", "周日"), closes)
        made.polls[row] = (await desk.polls.ask(actors["city"], new)).id


async def _trainings(desk: Desk, made: Rows, actors: Mapping[str, Actor]) -> None:
    """Courses, each begun by whoever is to take it: a first answer is what comes next."""
    question = {"text": "火警电话？", "options": ["119", "114"], "right": "A", "points": 100}
    held = {
        "workers": ("A1", "grid_worker"),
        "volunteers": ("A", "volunteer"),
        "workers_b": ("B", "grid_worker"),
        "induction": ("A", "grid_worker"),
    }
    for row, (region, duty) in held.items():
        course = {"code": row, "title": row, "hours": 1, "duties": [duty], "questions": [question]}
        course |= {"induction": "yes" if row == "induction" else "no"}
        await desk.training_keeping.import_(region, "c.json", dumps([course]).encode())
        made.trainings[row] = (await TrainingCourse.get(code=row)).id
    for actor in actors.values():
        for one in (await desk.trainings.listed(actor))[0]:
            await desk.trainings.start(actor, one.id)


async def _not_reached(desk: Desk, made: Rows) -> None:
    now, people = desk.clock.now(), [*made.people.values()]
    rows = [*GRIDS.items(), *((f"{row}_told", grid) for row, grid in GRIDS.items())]
    for (row, grid), mini in zip(rows, people, strict=False):
        told = row.endswith("_told")
        if told:
            made.attachments[row] = uuid4()
        delivery = await Delivery.create(
            person_id=mini.person["id"],
            kind="notice",
            facts={},
            state="inbox",
            notice_id=made.visited,
            grid_id=made.regions[grid],
            created_at=now,
            next_at=now,
            visited_at=now if told else None,
            visit_photo_id=made.attachments[row] if told else None,
        )
        made.visits[row] = delivery.id


async def _held(desk: Desk, made: Rows, actors: Mapping[str, Actor]) -> None:
    risky = Judgement(Found.RISKY, "word 代开发票")
    for row, grid in (("held", "grid"), ("held_b", "town_b")):
        filing = Filing(grid=GRIDS[grid], description="代开发票", judged=risky)
        made.cases[row] = (await desk.cases.file(actors["filer"], filing)).number or 0


async def _attachments(desk: Desk, made: Rows) -> None:
    now = desk.clock.now()

    async def attached(
        person_id: int, case_id: int | None = None, event_id: int | None = None, one: UUID | None = None
    ) -> UUID:
        one = one or uuid4()
        await Attachment.create(
            id=one,
            person_id=person_id,
            case_id=case_id,
            event_id=event_id,
            kind="photo",
            state="kept",
            key=f"2026/03/{one}",
            media_type="image/jpeg",
            size=1,
            created_at=now,
        )
        return one

    worker = made.people["worker"].person["id"]
    left = made.people["somebody"].person["id"]
    for row in GRIDS:
        await attached(left, one=made.attachments[f"{row}_told"])
    cases = {one.number: one for one in await Case.filter(number__isnull=False)}
    for row, number in made.cases.items():
        made.attachments[row] = await attached(cases[number].resident_id, cases[number].id)
    for who, mini in {**made.people, "other": made.people["somebody"]}.items():
        made.attachments[who] = await attached(mini.person["id"])
    for row, of in (("media", "grid"), ("media_b", "town_b")):
        case = cases[made.cases[of]]
        made.attachments[row] = await attached(case.resident_id, case.id)
        await Attachment.filter(id=made.attachments[row]).update(state="held")
        await MediaCheck.create(attachment_id=made.attachments[row], case_id=case.id, state="held", at=now, next_at=now)
    case = cases[made.cases["grid"]]
    said = await CaseEvent.create(
        case_id=case.id,
        at=now,
        person_id=worker,
        role="holder",
        action=Action.REPLY,
        from_status=case.status,
        to_status=case.status,
        from_level=case.level,
        to_level=case.level,
        note="内部",
        hidden=True,
    )
    made.attachments["inside"] = await attached(worker, case.id, said.id)
