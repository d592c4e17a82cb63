"""The public board of a grid, at the service."""

from datetime import timedelta

import pytest

from adapters.cipher import FieldCipher
from app.bootstrap import House
from domain.calendar import SHANGHAI
from domain.deadlines import Limits
from domain.duty import Duty
from domain.errors import NotFound
from models import HeldDuty, Person, Region
from services.boards import Boards
from services.by_place import ByPlace
from services.case_places import Periods
from services.desk import Desk
from tests.factories import GRID, TOWN, VILLAGE, Town


async def test_the_board_names_the_place_its_chief_and_its_worker(desk: Desk, town: Town) -> None:
    board = await desk.boards.of_grid(GRID)
    assert (board.code, board.grid, board.village, board.town) == (GRID, "第一网格", "城西村", "雪堰镇")
    assert board.chief is not None
    assert (board.chief.name, board.chief.duty, board.chief.phone) == ("赵建军", Duty.GRID_CHIEF, "138****0003")
    assert [(one.name, one.duty, one.phone) for one in board.workers] == [("李卫国", Duty.GRID_WORKER, "138****0001")]


async def test_a_grid_without_people_has_a_board_without_people(desk: Desk, town: Town) -> None:
    board = await desk.boards.of_grid("32041210120201")
    assert (board.chief, [*board.workers]) == (None, [])


async def test_a_chief_of_the_grid_itself_comes_before_the_villages(desk: Desk, town: Town) -> None:
    grid = await Region.get(code=GRID)
    own = await Person.create(name="郑网格长")
    await HeldDuty.create(person=own, duty=Duty.GRID_CHIEF, region=grid, from_date="2020-01-01")
    board = await desk.boards.of_grid(GRID)
    assert board.chief is not None
    assert (board.chief.name, board.chief.phone) == ("郑网格长", "")


async def test_only_duties_of_today_stand_on_it(desk: Desk, town: Town) -> None:
    grid = await Region.get(code=GRID)
    today = desk.clock.now().astimezone(SHANGHAI).date()
    day = timedelta(days=1)
    for name, begins, ends in (
        ("昨天的", today - 9 * day, today - day),
        ("明天的", today + day, None),
        ("今天的", today, today),
    ):
        person = await Person.create(name=name)
        await HeldDuty.create(person=person, duty=Duty.PART_TIME_WORKER, region=grid, from_date=begins, to_date=ends)
    board = await desk.boards.of_grid(GRID)
    assert [one.name for one in board.workers] == ["李卫国", "今天的"]


async def test_volunteers_are_not_put_on_show(desk: Desk, town: Town) -> None:
    volunteer = await Person.create(name="志愿者")
    grid = await Region.get(code=GRID)
    await HeldDuty.create(person=volunteer, duty=Duty.VOLUNTEER, region=grid, from_date="2020-01-01")
    assert "志愿者" not in str(await desk.boards.of_grid(GRID))


async def test_what_is_no_grid_has_no_board(desk: Desk, town: Town) -> None:
    for code in (VILLAGE, TOWN, "nowhere", ""):
        with pytest.raises(NotFound):
            await desk.boards.of_grid(code)


async def test_the_towns_own_periods_and_words_stand_on_it(house: House, town: Town) -> None:
    boards = Boards(
        house.desk.clock,
        FieldCipher.from_keys([FieldCipher.new_key()]),
        periods=ByPlace(Periods(Limits(accept_hours=2, resolve_days={1: 1.5, 2: 2, 3: 3, 4: 4, 5: 5}))),
        duties=["每天巡查"],
        supervision_phone="0519-12345678",
    )
    board = await boards.of_grid("32041210120201")
    assert (board.accept_hours, board.resolve_days) == (2, 1.5)
    assert ([*board.duties], board.supervision_phone) == (["每天巡查"], "0519-12345678")
