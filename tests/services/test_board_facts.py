"""Office phones, photos and areas: taken as a whole, and never somebody's own number."""

from io import BytesIO

import pytest
from PIL import Image

from models import BoardPerson, Region
from services.imports import BadRows
from tests.factories import GRID, VILLAGE
from tests.services.conftest import Street


def photo(*, camera: bool = False) -> bytes:
    image, out = Image.new("RGB", (900, 1200), "green"), BytesIO()
    exif = Image.Exif()
    if camera:
        exif[0x010F] = "Camera of somebody"
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


async def problems(street: Street, text: str, photos: dict[str, bytes] | None = None) -> list[tuple[int, str, str]]:
    with pytest.raises(BadRows) as bad:
        await street.desk.board_facts.people(text.encode(), photos or {})
    assert await BoardPerson.all().count() == 0
    return [(one.line, one.column, one.code) for one in bad.value.problems]


async def test_the_same_file_again_changes_nothing_and_no_photo_in_a_row_leaves_the_one_that_is_there(
    street: Street,
) -> None:
    text = "phone,office_phone,photo\n13800000001,0519-86540013,li.jpg\n13800000003,0519-86540012,\n"
    assert await street.desk.board_facts.people(text.encode(), {"li.jpg": photo()}) == 2
    assert await street.desk.board_facts.people(text.encode(), {"li.jpg": photo()}) == 0
    assert await street.desk.board_facts.people(b"phone,office_phone\n13800000001,0519-86540099\n", {}) == 1
    kept = await BoardPerson.get(office_phone="0519-86540099")
    assert kept.photo.startswith("board/")


async def test_a_photo_is_kept_without_what_the_camera_wrote_into_it(street: Street) -> None:
    text = b"phone,office_phone,photo\n13800000001,,li.jpg\n"
    await street.desk.board_facts.people(text, {"li.jpg": photo(camera=True)})
    [one] = await BoardPerson.all()
    [facts] = [version async for version in street.desk.prints.versions([GRID])]
    kept = (await street.desk.prints.facts(facts)).people[1].photo
    assert one.photo
    assert b"Camera" in photo(camera=True)
    assert b"Camera" not in kept


async def test_every_bad_row_is_named_and_none_is_taken(street: Street) -> None:
    text = (
        "phone,office_phone,photo\n"
        "13800000002,0519-86540013,\n"
        "13912345678,0519-86540013,\n"
        "138,0519-86540013,\n"
        "13800000001,13800000001,\n"
        "13800000003,tomorrow,\n"
        "13800000004,,nowhere.jpg\n"
        "13800000005,,no.jpg\n"
        "13800000002,0519-86540014,\n"
    )
    assert await problems(street, text, {"no.jpg": b"no picture"}) == [
        (3, "phone", "unknown_staff"),
        (4, "phone", "bad_phone"),
        (5, "office_phone", "private_phone"),
        (6, "office_phone", "bad_phone"),
        (7, "photo", "no_photo"),
        (8, "photo", "no_photo"),
        (9, "phone", "repeated_person"),
    ]


async def test_areas_are_taken_as_a_whole_or_refused(street: Street) -> None:
    facts = street.desk.board_facts
    assert await facts.areas(f"region_code,area\n{GRID},东至太滆路\n".encode()) == 1
    assert await facts.areas(f"region_code,area\n{GRID},东至太滆路\n".encode()) == 0
    text = f"region_code,area\n{GRID},西至漕桥河\n{VILLAGE},全村\nnowhere,哪里\n{GRID},{'长' * 61}\n"
    with pytest.raises(BadRows) as bad:
        await facts.areas(text.encode())
    assert [(one.line, one.code) for one in bad.value.problems] == [
        (3, "unknown_region"),
        (4, "unknown_region"),
        (5, "too_long"),
    ]
    assert (await Region.get(code=GRID)).area == "东至太滆路"
