"""Boards of a village by one command: what lies in the folder, what is printed again, and what one bad grid costs."""

import zipfile
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp

from app import bootstrap
from app.settings import load
from models import BoardPrint, Person, Scene
from tests.app.commands import Command, Done
from tests.factories import GRID, TOWN, VILLAGE, make_town

SECOND, EAST = GRID[:-1] + "2", "32041210120201"


@pytest.fixture
async def town(command: Command, database: str, redis_url: str) -> Command:
    settings = bootstrap.effective(load(environ=command.environment({})))
    async with bootstrap.house(settings, database, redis_url) as house:
        await make_town(house.desk)
    return command


def pages(data: bytes | Path) -> list[tuple[str, list[str]]]:
    """Text and codes of every page."""
    document = pypdfium2.PdfDocument(data)
    found = []
    for page in document:
        words = page.get_textpage()
        image = page.render(scale=1).to_pil()
        found.append(
            (
                str(words.get_text_range()),
                [one.text for one in zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)],
            )
        )
        words.close()
    document.close()
    return found


async def urls() -> dict[str, str]:
    return {(await row.region).code: row.url for row in await Scene.all()}


async def test_a_village_becomes_one_pdf_and_a_zip_and_afterwards_only_what_has_changed(town: Command) -> None:
    done = await town.run("qr", VILLAGE, "--under", VILLAGE, "--board", "-o", "out")
    assert done.out.splitlines() == ["out/boards.zip", "out/boards.pdf"], done.err
    assert (done.code, f"{VILLAGE} 不是网格" in done.err) == (1, True)
    known = await urls()
    printed = pages(town.folder / "out/boards.pdf")
    assert [codes for _, codes in printed] == [[known[GRID]], [known[SECOND]]]
    assert ["李卫国" in printed[0][0], "王秀兰" in printed[1][0]] == [True, True]
    assert "138" not in printed[0][0]
    with zipfile.ZipFile(town.folder / "out/boards.zip") as packed:
        assert packed.namelist() == [f"{GRID}.pdf", f"{SECOND}.pdf"]
        assert pages(packed.read(f"{SECOND}.pdf"))[0][1] == [known[SECOND]]
    assert sorted(one.name for one in (town.folder / "out").iterdir()) == ["boards.pdf", "boards.zip"]

    await Person.filter(name="李卫国").update(name="李𪚥")  # nobody's font has it
    await Person.filter(name="王秀兰").update(name="王𠮷兰")
    listed = await town.run("qr", "--under", TOWN, "--list-reprint")
    assert [line.split()[0] for line in listed.out.splitlines()] == [GRID, SECOND]
    assert "还有 1 个网格没印过" in listed.err
    partly = await town.run("qr", "--under", TOWN, "--board", "--changed", "-o", "partly")
    assert partly.code == 1
    assert "“李𪚥”里的“𪚥”（U+2A6A5）" in partly.err
    known = await urls()
    printed = pages(town.folder / "partly/boards.pdf")
    assert [codes for _, codes in printed] == [[known[SECOND]], [known[EAST]]]
    assert "王𠮷兰" in printed[0][0]
    assert {(await one.region).code for one in await BoardPrint.filter(kind="board")} == {GRID, SECOND, EAST}


def said(done: Done, *told: str) -> None:
    assert (done.code, done.out) == (1, "")
    assert "Traceback" not in done.err
    for part in told:
        assert part in done.err


async def test_a_bad_template_is_refused_with_the_place_and_nothing_is_written(town: Command) -> None:
    bad = town.write("ours.toml", "[colours]\n# ours\nmain = 'red'\n")
    done = await town.run("qr", GRID, "--board", "-o", "out", board__template=str(bad))
    said(done, "第 3 行", "colours.main", "#rrggbb")
    assert not (town.folder / "out").exists()
    assert await BoardPrint.all().count() == 0


async def test_new_codes_for_old(town: Command) -> None:
    done = await town.run("qr", GRID, "--reissue")
    [new] = await Scene.all()
    assert done.out.splitlines() == [f"{GRID} （没有码） → {new.scene}"]


async def test_facts_for_the_boards_come_out_of_a_csv_but_never_a_private_number(town: Command) -> None:
    file = town.write("people.csv", "phone,office_phone\n13800000001,13800000001\n")
    said(await town.run("board-facts", file), "第 2 行 office_phone 列", "138****0001", "不能写到公示牌上")
