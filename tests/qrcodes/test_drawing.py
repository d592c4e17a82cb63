"""What is drawn can be read back: by a real reader, from the PNG and from the shapes in the SVG."""

import re
from io import BytesIO
from string import ascii_letters, digits, printable
from xml.etree import ElementTree as ET

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from qrcode.main import QRCode

from qrcodes.drawing import LONGEST, LONGEST_WITH_EMBLEM, Unreadable, drawn, matrix, picture, png, svg

URL = "http://weixin.qq.com/q/02kbq8N6YkfQk10000w07D"
wechat_urls = st.text(ascii_letters + digits + "-_", min_size=18, max_size=60).map("http://weixin.qq.com/q/02{}".format)
own_urls = st.text(ascii_letters + digits, min_size=1, max_size=15).map("https://wangge.example.gov.cn/q/{}".format)
anything = st.text([char for char in printable if char.isprintable()], min_size=1, max_size=200)
payloads = st.one_of(wechat_urls, own_urls, anything)
few = settings(max_examples=60, deadline=None)

Box = tuple[float, float, float, float]


def read(image: Image.Image) -> tuple[str, str]:
    """Return text and error correction level of the one code in *image*.

    Among all kinds of codes that it knows, the reader now and then sees another one in an emblem beside the modules.
    """
    [found] = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
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


@few
@given(payloads)
def test_a_reader_gets_exactly_the_text_out_of_the_png(data: str) -> None:
    assert read(Image.open(BytesIO(png(data)))) == (data, "Q")


@few
@given(payloads)
def test_a_reader_gets_exactly_the_text_out_of_the_svg(data: str) -> None:
    boxes, side = svg_boxes(svg(data))
    assert read(painted(boxes, side, side, 4)) == (data, "Q")


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


def test_the_longest_code_can_be_read() -> None:
    data = "aB" * (LONGEST // 2) + "c"
    assert read(Image.open(BytesIO(png(data, box=3)))) == (data, "Q")


@pytest.mark.parametrize("data", ["", "a" * (LONGEST + 1), "http://网格.中国/", "a\nb", "a\x00", "é"])
def test_what_a_reader_might_not_get_back_is_refused(data: str) -> None:
    for draw in (png, svg, drawn, matrix):
        with pytest.raises(ValueError, match="plain ASCII"):
            draw(data)


def emblem(colour: str = "#2f7d4f") -> Image.Image:
    image = Image.new("RGBA", (300, 200), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((0, 0, 299, 199), fill=colour)
    return image


@settings(max_examples=15, deadline=None)
@given(wechat_urls)
def test_a_code_with_the_emblem_in_its_middle_still_reads_and_has_the_highest_correction(data: str) -> None:
    done = drawn(data, emblem())
    assert done.with_emblem
    assert read(picture(done.modules, 6, emblem())) == (data, "H")
    assert read(Image.open(BytesIO(png(data, emblem=emblem())))) == (data, "H")


def test_a_code_too_long_for_an_emblem_is_drawn_without_one() -> None:
    data = "aB" * (LONGEST_WITH_EMBLEM // 2 + 1)
    done = drawn(data, emblem())
    assert not done.with_emblem
    assert read(picture(done.modules, 3)) == (data, "Q")


def test_an_emblem_with_which_the_code_does_not_read_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    # No emblem of the size that we allow is that bad: one over half of the code stands in for it.
    monkeypatch.setattr("qrcodes.drawing.EMBLEM_SHARE", 0.7)
    done = drawn(URL, emblem("#000000"))
    assert not done.with_emblem
    assert read(picture(done.modules, 4)) == (URL, "Q")


def test_a_code_that_cannot_be_read_back_is_not_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    # As a library with a fault would draw it: the finder pattern in one corner is missing.
    def spoilt(self: object) -> list[list[bool]]:
        rows = right(self)
        return [[dark and not (x < 14 and y < 14) for x, dark in enumerate(row)] for y, row in enumerate(rows)]

    right = QRCode.get_matrix
    monkeypatch.setattr(QRCode, "get_matrix", spoilt)
    for draw in (png, svg, drawn):
        with pytest.raises(Unreadable, match="cannot be read back"):
            draw(URL)
