"""A board knows the version that it shows, and is told apart from what is true today."""

from io import BytesIO

import pytest
from PIL import Image

from models import BoardPerson, Person, Region
from services.prints import Kind, Version
from tests.factories import GRID, STAFF, TOWN, VILLAGE
from tests.services.conftest import A_DAY, Street

SECOND = GRID[:-1] + "2"
KINDS: tuple[Kind, ...] = ("board", "card", "badge")


async def version(street: Street, kind: Kind = "board", code: str = GRID) -> Version:
    [one] = [one async for one in street.desk.prints.versions([code], kind)]
    return one


async def printed(street: Street) -> None:
    """All grids of the town, in every kind."""
    codes = await street.desk.scenes.under(TOWN)
    for code in codes:
        await street.desk.scenes.ticket_for(code)
    for kind in KINDS:
        now = {one.board.code: one.fingerprint async for one in street.desk.prints.versions(codes, kind)}
        await street.desk.prints.note(now, kind)


async def stale(street: Street) -> dict[str, list[str]]:
    codes = await street.desk.scenes.under(TOWN)
    return {kind: [one.board.code for one in await street.desk.prints.to_reprint(codes, kind)] for kind in KINDS}


NONE: dict[str, list[str]] = {"board": [], "card": [], "badge": []}


async def test_what_was_printed_and_is_still_so_is_not_listed(street: Street) -> None:
    assert await stale(street) == NONE  # never printed: nothing hangs that could be wrong
    await printed(street)
    await street.advance(A_DAY * 40)
    assert await stale(street) == NONE
    one = await version(street)
    assert (one.printed, one.stale) == (one.fingerprint, False)
    assert one.printed_at is not None


async def test_another_worker_makes_the_prints_of_that_grid_stale_until_printed_again(street: Street) -> None:
    await printed(street)
    staff = STAFF.replace("李卫国,13800000001,grid_worker", "孙小梅,13800000009,grid_worker")
    await street.desk.imports.run(None, staff.encode())
    await (await Person.get(name="李卫国")).duties.all().delete()
    assert await stale(street) == {"board": [GRID], "card": [GRID], "badge": [GRID]}
    await printed(street)
    assert await stale(street) == NONE


async def test_the_villages_chief_stands_on_every_board_of_the_village_and_on_no_badge(street: Street) -> None:
    await printed(street)
    await Person.filter(name="赵建军").update(name="赵建国")
    assert await stale(street) == {"board": [GRID, SECOND], "card": [GRID, SECOND], "badge": []}


async def test_a_new_area_changes_the_board_alone_and_a_new_code_everything(street: Street) -> None:
    await printed(street)
    await Region.filter(code=SECOND).update(area="东至太滆路")
    assert await stale(street) == {"board": [SECOND], "card": [], "badge": []}
    await street.desk.scenes.reissue(GRID)
    assert await stale(street) == {"board": [GRID, SECOND], "card": [GRID], "badge": [GRID]}


async def test_a_private_number_changes_no_fingerprint_and_is_on_nothing_that_is_printed(street: Street) -> None:
    before = await version(street)
    worker = await Person.get(name="李卫国")
    await Person.filter(id=worker.id).update(phone="")
    assert (await version(street)).fingerprint == before.fingerprint
    facts = await street.desk.prints.facts(before)
    assert "138" not in str(facts)
    assert [one.phone for one in facts.people] == ["", ""]


async def test_an_office_phone_and_a_photo_are_on_the_board_and_in_the_api_only_the_phone(street: Street) -> None:
    before = await version(street)
    out = BytesIO()
    Image.new("RGB", (600, 800), "red").save(out, "JPEG")
    data = b"phone,office_phone,photo\n13800000001,0519-86540013,li.jpg\n"
    assert await street.desk.board_facts.people(data, {"li.jpg": out.getvalue()}) == 1
    after = await version(street)
    assert after.fingerprint != before.fingerprint
    worker = (await street.desk.prints.facts(after)).people[1]
    assert (worker.name, worker.phone, worker.pixels) == ("李卫国", "0519-86540013", (500, 700))
    with Image.open(BytesIO(worker.photo)) as photo:
        assert photo.size == worker.pixels
    assert (await street.desk.boards.of_grid(GRID)).workers[0].phone == "0519-86540013"


async def test_a_photo_that_is_gone_from_the_store_does_not_stop_the_board(street: Street) -> None:
    worker = await Person.get(name="李卫国")
    await BoardPerson.create(person=worker, photo="board/gone.jpg")
    assert (await street.desk.prints.facts(await version(street))).people[1].photo == b""


async def test_what_is_no_grid_is_left_out_and_the_order_is_kept(street: Street) -> None:
    wanted = [SECOND, VILLAGE, "nowhere", GRID]
    assert [one.board.code async for one in street.desk.prints.versions(wanted)] == [SECOND, GRID]


@pytest.mark.parametrize("kind", KINDS)
async def test_the_same_facts_have_the_same_fingerprint(street: Street, kind: Kind) -> None:
    await street.desk.scenes.ticket_for(GRID)
    assert (await version(street, kind)).fingerprint == (await version(street, kind)).fingerprint
    assert len({(await version(street, one)).fingerprint for one in KINDS}) == 3
