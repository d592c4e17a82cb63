"""What is drawn can be read back: by a real reader, from the PNG and from the shapes in the SVG and the PDF."""

import base64
import re
import zlib
from io import BytesIO
from string import ascii_letters, digits, printable
from xml.etree import ElementTree as ET

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from qrcodes.drawing import LONGEST, matrix, pdf, png, svg

URL = "http://weixin.qq.com/q/02kbq8N6YkfQk10000w07D"
wechat_urls = st.text(ascii_letters + digits + "-_", min_size=18, max_size=60).map("http://weixin.qq.com/q/02{}".format)
own_urls = st.text(ascii_letters + digits, min_size=1, max_size=15).map("https://wangge.example.gov.cn/q/{}".format)
anything = st.text([char for char in printable if char.isprintable()], min_size=1, max_size=200)
payloads = st.one_of(wechat_urls, own_urls, anything)
few = settings(max_examples=60, deadline=None)

Box = tuple[float, float, float, float]


def read(image: Image.Image) -> tuple[str, str]:
    """Return text and error correction level of the one code in *image*."""
    [found] = zxingcpp.read_barcodes(image)
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    return found.bytes.decode("ascii"), found.ec_level


def painted(boxes: list[Box], width: float, height: float, scale: float) -> Image.Image:
    """Return black *boxes* (left, top, right, bottom) on white paper."""
    image = Image.new("L", (round(width * scale), round(height * scale)), 255)
    draw = ImageDraw.Draw(image)
    for left, top, right, bottom in boxes:
        draw.rectangle(
            (round(left * scale), round(top * scale), round(right * scale) - 1, round(bottom * scale) - 1), fill=0
        )
    return image


def svg_boxes(data: bytes) -> tuple[list[Box], float]:
    """Return the squares of the path and the side of the picture, both in the units of its view box."""
    root = ET.fromstring(data)
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    assert (left, top, width) == (0, 0, height)
    assert root.attrib["width"] == f"{width:g}mm"
    path = root.find(".//{*}path")
    assert path is not None
    steps = path.attrib["d"].split("z")
    assert steps.pop() == ""
    boxes = []
    for step in steps:
        numbers = re.fullmatch(r"M(\d+),(\d+)H(\d+)V(\d+)H(\d+)", step)
        assert numbers is not None, step
        x, y, right, bottom, back = map(float, numbers.groups())
        assert back == x
        boxes.append((x, y, right, bottom))
    return boxes, width


def pdf_page(data: bytes) -> tuple[str, float, float]:
    """Return the drawing commands of the only page, its width and its height in points."""
    assert data.count(b"/MediaBox") == 1
    size = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", data)
    stream = re.search(rb"stream\r?\n(.*?)endstream", data, re.DOTALL)
    assert size is not None
    assert stream is not None
    commands = zlib.decompress(base64.a85decode(b"<~" + stream[1].strip(), adobe=True))
    return commands.decode("latin-1"), float(size[1]), float(size[2])


def pdf_boxes(data: bytes) -> tuple[list[Box], float, float]:
    """Return the rectangles on the page with the origin at its top left."""
    commands, width, height = pdf_page(data)
    number = r"(-?[\d.]+)"
    boxes = []
    for x, y, wide, high in re.findall(rf"{number} {number} {number} {number} re\b", commands):
        left, bottom = float(x), float(y)
        boxes.append((left, height - bottom - float(high), left + float(wide), height - bottom))
    return boxes, width, height


@few
@given(payloads)
def test_a_reader_gets_exactly_the_text_out_of_the_png(data: str) -> None:
    assert read(Image.open(BytesIO(png(data)))) == (data, "Q")


@few
@given(payloads)
def test_a_reader_gets_exactly_the_text_out_of_the_svg(data: str) -> None:
    boxes, side = svg_boxes(svg(data))
    assert read(painted(boxes, side, side, 4)) == (data, "Q")


@few
@given(payloads)
def test_a_reader_gets_exactly_the_text_out_of_the_pdf(data: str) -> None:
    boxes, width, height = pdf_boxes(pdf(data, "城东社区第一网格"))
    assert read(painted(boxes, width, height, 4)) == (data, "Q")


def test_png_and_svg_show_the_same_modules() -> None:
    modules = matrix(URL)
    boxes, side = svg_boxes(svg(URL))
    dark = {(int(y), int(x)) for x, y, _, _ in boxes}
    assert side == len(modules)
    assert all((right - x, bottom - y) == (1, 1) for x, y, right, bottom in boxes)
    assert dark == {(y, x) for y, row in enumerate(modules) for x, on in enumerate(row) if on}
    image = Image.open(BytesIO(png(URL, box=1))).convert("L")
    assert [[image.getpixel((x, y)) == 0 for x in range(image.width)] for y in range(image.height)] == modules


def test_the_quiet_zone_is_four_modules_wide() -> None:
    modules = matrix(URL)
    edge = [*modules[:4], *modules[-4:], *(row[:4] for row in modules), *(row[-4:] for row in modules)]
    assert not any(any(part) for part in edge)
    assert modules[4][4]
    assert len(modules) == 33 + 2 * 4


def test_the_svg_brings_its_own_white_ground() -> None:
    ground = ET.fromstring(svg(URL))[0]
    assert ground.tag.endswith("rect")
    assert (ground.attrib["fill"], ground.attrib["width"], ground.attrib["height"]) == ("white", "100%", "100%")


def test_box_and_border_set_the_size_of_the_png() -> None:
    assert Image.open(BytesIO(png(URL))).size == (410, 410)
    assert Image.open(BytesIO(png(URL, box=3, border=6))).size == (3 * 45, 3 * 45)


def test_a_code_with_an_eighth_torn_off_can_still_be_read() -> None:
    image = Image.open(BytesIO(png(URL))).convert("L")
    inside = 33 * 10
    ImageDraw.Draw(image).rectangle(
        (40 + inside // 2, 40 + inside // 2, 40 + inside - 1, 40 + inside * 3 // 4), fill=255
    )
    assert read(image) == (URL, "Q")


def test_the_sheet_is_a6_with_the_code_85_mm_wide() -> None:
    boxes, width, height = pdf_boxes(pdf(URL, "城东社区第一网格"))
    point = 25.4 / 72
    assert (round(width * point), round(height * point)) == (105, 148)
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    assert (right - left) * point == pytest.approx(85 * 33 / 41, abs=0.1)
    assert left == pytest.approx(width - right, abs=0.1)


def test_the_title_stands_below_the_code_in_a_font_that_is_not_embedded() -> None:
    data = pdf(URL, "城东社区第一网格 A&B <1>")
    commands, _, height = pdf_page(data)
    assert b"/BaseFont /STSong-Light" in data
    assert b"/FontFile" not in data
    assert shown(commands) == "城东社区第一网格 A&B <1>"
    lowest = max(box[3] for box in pdf_boxes(data)[0])
    origin = re.search(r"1 0 0 1 \S+ (\S+) cm\nq\nBT", commands)
    assert origin is not None
    assert 0 < float(origin[1]) < height - lowest


def shown(commands: str) -> str:
    """Return the text on the page: two bytes a character, with the escapes of PDF strings."""
    text = b""
    for raw in re.findall(r"\(((?:\\.|[^\\()])*)\) Tj", commands, re.DOTALL):
        plain = re.sub(
            r"\\([0-7]{3}|.)",
            lambda found: (
                chr(int(found[1], 8)) if len(found[1]) == 3 else {"n": "\n", "r": "\r"}.get(found[1], found[1])
            ),
            raw,
            flags=re.DOTALL,
        )
        text += plain.encode("latin-1")
    return text.decode("utf-16-be")


def test_a_sheet_without_a_title_has_no_text() -> None:
    assert "Tj" not in pdf_page(pdf(URL))[0]


def test_a_character_that_the_font_lacks_is_shown_as_missing() -> None:
    assert shown(pdf_page(pdf(URL, "𠮷祥里"))[0]) == "〓祥里"


@few
@given(st.text(max_size=40))
def test_any_short_title_gives_a_sheet_that_reads(title: str) -> None:
    boxes, width, height = pdf_boxes(pdf(URL, title))
    assert read(painted(boxes, width, height, 3)) == (URL, "Q")


def test_a_long_title_gets_smaller_and_an_endless_one_is_refused() -> None:
    def size(title: str) -> float:
        found = re.search(
            r"/F\d+ ([\d.]+) Tf \d+ TL|/F[2-9] ([\d.]+) Tf", pdf_page(pdf(URL, title))[0].split("cm", 2)[2]
        )
        assert found is not None
        return float(found[1] or found[2])

    assert size("一" * 10) == 20
    assert size("一" * 60) == 16
    assert size("一" * 200) == 9
    with pytest.raises(ValueError, match="shorten it"):
        pdf(URL, "一" * 1000)


def test_the_same_sheet_has_the_same_bytes() -> None:
    assert pdf(URL, "一网格") == pdf(URL, "一网格")
    assert pdf(URL, "一网格") != pdf(URL, "二网格")


def test_the_longest_code_can_be_read() -> None:
    data = "aB" * (LONGEST // 2) + "c"
    assert read(Image.open(BytesIO(png(data, box=3)))) == (data, "Q")


@pytest.mark.parametrize("data", ["", "a" * (LONGEST + 1), "http://网格.中国/", "a\nb", "a\x00", "é"])
def test_what_a_reader_might_not_get_back_is_refused(data: str) -> None:
    for draw in (png, svg, pdf, matrix):
        with pytest.raises(ValueError, match="plain ASCII"):
            draw(data)
