"""Whatever the covers, leaves and ended duties: the holder is somebody who is there, if anybody in the line is."""

import random
from datetime import date, timedelta

from domain.calendar import SHANGHAI
from domain.case import Level
from domain.duty import HOLDS, Duty
from models import HeldDuty, Identity, Leave, Person, Region
from services.routing import holder_of
from tests.factories import GRID
from tests.services.conftest import Street

TOWNS = 60


async def test_a_holder_is_there_and_can_be_reached_if_anybody_in_the_line_is(street: Street) -> None:
    now = street.desk.clock.now()
    today = now.astimezone(SHANGHAI).date()
    grid = await street.region(GRID)
    line = await Region.filter(id__in=[int(part) for part in grid.path.strip("/").split("/")])
    elsewhere = await street.region("32041210120201")
    people = [await Person.create(name=f"员工{number}") for number in range(8)]
    for seed in range(TOWNS):
        dice = random.Random(seed)
        await HeldDuty.all().delete()
        await Leave.all().delete()
        await Identity.all().delete()
        ids = [one.id for one in people]
        away = {one for one in ids if dice.random() < 0.4}
        lost = {one for one in ids if dice.random() < 0.3}
        held: list[tuple[int, Region, Duty, date | None, int | None]] = []
        for one in ids:
            for region in dice.sample([*line, elsewhere], dice.choice([0, 1, 1, 2])):
                duty = dice.choice([Duty.VOLUNTEER, *HOLDS[Level(region.level)]])
                ended = today - timedelta(days=1) if dice.random() < 0.3 else None
                held.append((one, region, duty, ended, dice.choice([None, *ids])))
        for one, region, duty, ended, cover in held:
            await HeldDuty.create(
                person_id=one, duty=duty, region=region, cover_id=cover, from_date=date(2020, 1, 1), to_date=ended
            )
        for one in away:
            await Leave.create(person_id=one, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(days=1))
        for one in lost:
            await Identity.create(person_id=one, appid="wx", openid=f"{seed}-{one}", kind="official", subscribed=False)
        in_post = {one for one, _, _, ended, _ in held if ended is None}
        there = in_post - away
        posts = [
            (one, ended, cover)
            for one, region, duty, ended, cover in held
            if region in line
            and (duty in HOLDS[Level(region.level)] or (duty is Duty.GRID_CHIEF and region.level == Level.VILLAGE))
        ]
        at_post = {one for one, ended, _ in posts if ended is None and one in there}
        covering = {cover for one, _, cover in posts if cover in there and cover != one}
        found = await holder_of(grid, now)
        if at_post | covering:
            assert found in there, (seed, found)
            if (at_post | covering) - lost:
                assert found not in lost, (seed, found)
        else:
            assert found is None or found in there, (seed, found)
