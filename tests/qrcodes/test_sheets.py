"""Boards and cards as pages: right size, right words as text, embedded type, and a code that reads from the page."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from qrcodes.as_pdf import page, pdf
from qrcodes.as_svg import svg
from qrcodes.board import board
from qrcodes.cards import badge, door_card, slip
from qrcodes.drawing import drawn
from qrcodes.faces import MissingGlyph, Stock
from qrcodes.facts import Somebody
from qrcodes.look import Look, look
from qrcodes.paint import Sheet
from tests.qrcodes.conftest import FACTS, URL, Paper

Draw = Callable[[Look, Stock], Sheet]
CODE = drawn(URL)
KINDS: dict[str, tuple[Draw, tuple[int, int], int]] = {
    "a4": (lambda look, stock: board(FACTS, look, CODE, stock), (210, 297), 60),
    "a3": (lambda look, stock: board(FACTS, look, CODE, stock, size="a3"), (297, 420), 60),
    "door": (lambda look, stock: door_card(FACTS, look, CODE, stock), (148, 105), 80),
    "badge": (lambda look, stock: badge(FACTS, FACTS.people[1], look, CODE, stock), (70, 105), 150),
    "slip": (lambda _look, stock: slip(URL, "第一网格", stock), (105, 148), 60),
}


def paper(papers: list[Paper], *sheets: Sheet, crop_marks: bool = False) -> Paper:
    one = Paper(pdf([page(sheet, crop_marks=crop_marks) for sheet in sheets], sheets[0].stock))
    papers.append(one)
    return one


@pytest.mark.parametrize("kind", KINDS)
def test_a_reader_finds_the_one_code_on_the_printed_page(
    kind: str, plain_look: Look, stock: Stock, papers: list[Paper]
) -> None:
    draw, size, dots = KINDS[kind]
    printed = paper(papers, draw(plain_look, stock))
    assert (len(printed), printed.size()) == (1, size)
    assert printed.codes(dots=dots) == [URL]


def test_the_board_holds_every_public_fact_as_text(plain_look: Look, stock: Stock, papers: list[Paper]) -> None:
    said = paper(papers, board(FACTS, plain_look, CODE, stock)).text()
    for fact in (
        *("第一网格", "32041210120101", "雪堰镇 · 城西村", "综合网格", "东至太滆路，西至漕桥河"),
        *("赵建军", "0519-86540012", "李卫国", "0519-86540013", "𠮷　芳", "网格长", "网格员", "兼职网格员"),
        *("每天巡查", "代办帮办", "监督电话", "0519-86540000", "wangge.example.gov.cn/q/w104", "3f9a2c7b"),
        "4 个工作小时内受理，网格里能办的 3 个工作日内办结",
    ):
        assert fact in said, fact


@pytest.mark.parametrize("kind", KINDS)
def test_the_font_is_embedded_and_nothing_is_left_to_the_printers_machine(
    kind: str, plain_look: Look, stock: Stock
) -> None:
    data = pdf([page(KINDS[kind][0](plain_look, stock))], stock)
    assert data.count(b"/Subtype /Type0") == data.count(b"/FontFile2 ") == 2
    assert b"/Subtype /Type1" not in data
    assert b"STSong" not in data


def test_a_board_without_a_worker_says_so_kindly(plain_look: Look, stock: Stock, papers: list[Paper]) -> None:
    alone = replace(FACTS, people=FACTS.people[:1])
    assert "网格员正在选配" in paper(papers, board(alone, plain_look, CODE, stock)).text()
    nobody = replace(FACTS, people=[])
    printed = paper(papers, board(nobody, plain_look, CODE, stock), door_card(nobody, plain_look, CODE, stock))
    assert all("网格员正在选配" in printed.text(number) for number in range(2))
    assert "赵建军" not in printed.text()


def test_six_people_have_room_and_a_seventh_is_left_out(plain_look: Look, stock: Stock, papers: list[Paper]) -> None:
    people = [Somebody(f"第{number}网格", "grid_worker", "0519-86540013") for number in "一二三四五"]
    many = replace(FACTS, people=[FACTS.people[0], *people, Somebody("第六", "grid_worker")])
    said = paper(papers, board(many, plain_look, CODE, stock)).text()
    assert [name in said for name in ("第一网格", "第五网格", "第六")] == [True, True, False]


def test_long_words_get_smaller_and_never_leave_the_page(plain_look: Look, stock: Stock) -> None:
    long = replace(
        FACTS,
        grid="第一网格" * 15,
        village="城西村" * 20,
        area="东至太滆路" * 12,
        people=[Somebody("李卫国" * 13, "grid_worker", "0519-86540013")] * 3,
        duties=["每天巡查" * 15] * 6,
        supervision_phone="0519-86540000" * 3,
    )
    for sheet in (
        board(long, plain_look, CODE, stock),
        door_card(long, plain_look, CODE, stock),
        badge(long, long.people[0], plain_look, CODE, stock),
    ):
        for item in sheet.items:
            if hasattr(item, "text"):
                assert item.x >= 0, item
                assert item.x + stock.width(item.text, item.size, item.weight) <= sheet.width + 0.01, item


def test_bleed_and_crop_marks_are_there_only_when_asked_for(
    plain_look: Look, stock: Stock, papers: list[Paper]
) -> None:
    sheet = board(FACTS, plain_look, CODE, stock, bleed=3)
    marked = paper(papers, sheet, crop_marks=True)
    assert marked.size() == (210 + 20, 297 + 20)
    image = marked.image(dots=254)  # ten dots a millimetre
    main = (20, 80, 140)
    assert image.getpixel((100 - 25, 110)) == main  # the ground reaches beyond the cut
    assert image.getpixel((100 - 45, 110)) == (255, 255, 255)
    assert min(image.crop((20, 98, 50, 103)).convert("L").get_flattened_data()) < 200  # and a mark shows the cut
    assert paper(papers, board(FACTS, plain_look, CODE, stock)).size() == (210, 297)


@pytest.mark.parametrize("kind", KINDS)
def test_the_svg_has_the_same_measures_needs_no_font_and_its_code_reads(
    kind: str, plain_look: Look, stock: Stock
) -> None:
    draw, (width, height), _ = KINDS[kind]
    root = ET.fromstring(svg(draw(plain_look, stock)))
    assert (float(root.attrib["width"][:-2]), float(root.attrib["height"][:-2])) == pytest.approx(
        (width, height), abs=0.5
    )
    assert root.find(".//{*}text") is None
    defined = {one.attrib["id"] for one in root.iterfind(".//{*}defs/{*}path")}
    used = {one.attrib["href"][1:] for one in root.iterfind(".//{*}use")}
    assert used == defined
    labels = [one.attrib["aria-label"] for one in root.iterfind("{*}g")]
    assert "第一网格" in labels
    [code] = list(root.iterfind("{*}path"))
    assert read_path(code.attrib["d"]) == URL


def read_path(path: str) -> str:
    image = Image.new("L", (41 * 5, 41 * 5), 255)
    for x, y, run in re.findall(r"M(\d+),(\d+)h(\d+)", path):
        left, top = int(x) * 5, int(y) * 5
        ImageDraw.Draw(image).rectangle((left, top, left + int(run) * 5 - 1, top + 4), fill=0)
    [found] = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    return found.text


def test_an_emblem_stands_in_the_header_and_in_the_code_and_the_page_still_reads(
    tmp_path: Path, stock: Stock, papers: list[Paper]
) -> None:
    mark = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    ImageDraw.Draw(mark).ellipse((0, 0, 299, 299), fill="#c2410c")
    mark.save(tmp_path / "mark.png")
    (tmp_path / "ours.toml").write_text('[emblem]\nfile = "mark.png"\non_code = true\n', "utf-8")
    ours = look(tmp_path / "ours.toml")
    code = drawn(URL, ours.emblem)
    assert code.with_emblem
    for sheet in (
        board(FACTS, ours, code, stock),
        door_card(FACTS, ours, code, stock),
        badge(FACTS, FACTS.people[1], ours, code, stock),
    ):
        printed = paper(papers, sheet)
        assert printed.codes(dots=200) == [URL]
        colours = {colour for _, colour in printed.image(dots=50).getcolors(10**6) or []}
        assert any(red > 170 and 40 < green < 90 and blue < 60 for red, green, blue in colours)


def test_a_character_without_a_glyph_stops_the_sheet_and_is_named(plain_look: Look, stock: Stock) -> None:
    lacking = replace(FACTS, people=[Somebody("李𪚥", "grid_worker")])
    with pytest.raises(MissingGlyph) as caught:
        board(lacking, plain_look, CODE, stock)
    assert (caught.value.char, caught.value.text) == ("𪚥", "李　𪚥")


def test_the_same_sheet_has_the_same_bytes(plain_look: Look, stock: Stock) -> None:
    once, again = (pdf([page(board(FACTS, plain_look, CODE, stock))], stock) for _ in range(2))
    assert once == again
    assert once != pdf([page(board(replace(FACTS, grid="第二网格"), plain_look, CODE, stock))], stock)


def test_a_long_title_gets_smaller_and_an_endless_one_is_refused(stock: Stock) -> None:
    def size(title: str) -> float:
        return next(item.size for item in slip(URL, title, stock).items if hasattr(item, "size"))

    assert [size("一" * count) for count in (10, 60, 200)] == [7.0, 5.6, 3.2]
    with pytest.raises(ValueError, match="shorten it"):
        slip(URL, "一" * 1000, stock)
