"""What the tests of boards share: fonts opened once, a board's facts, and pages seen as a printer's software does."""

from collections.abc import Iterator
from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from qrcodes.faces import Faces, Stock
from qrcodes.facts import Facts, Somebody
from qrcodes.look import Look, look

URL = "http://weixin.qq.com/q/02kbq8N6YkfQk10000w07D"


def portrait(colour: str = "#9cc3e6") -> bytes:
    image = Image.new("RGB", (500, 700), colour)
    ImageDraw.Draw(image).ellipse((150, 140, 350, 400), fill="#f1c9a5")
    out = BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


FACTS = Facts(
    code="32041210120101",
    grid="第一网格",
    kind="comprehensive",
    village="城西村",
    town="雪堰镇",
    area="东至太滆路，西至漕桥河",
    people=[
        Somebody("赵建军", "grid_chief", "0519-86540012", portrait(), (500, 700)),
        Somebody("李卫国", "grid_worker", "0519-86540013", portrait("#cfe3d4"), (500, 700)),
        Somebody("𠮷芳", "part_time_worker"),
    ],
    duties=["每天巡查", "代办帮办"],
    supervision_phone="0519-86540000",
    accept_hours=4,
    resolve_days=3,
    url=URL,
    address="wangge.example.gov.cn/q/w104",
    version="3f9a2c7b · 2026-11-24",
)
MORE = "0123456789…·　 第二三四五网格一号 abcdefghijklmnopqrstuvwxyz-/:."


@pytest.fixture(scope="session")
def faces() -> Iterator[Faces]:
    with Faces() as opened:
        yield opened


@pytest.fixture(scope="session")
def plain_look() -> Look:
    return look()


@pytest.fixture(scope="session")
def stock(faces: Faces, plain_look: Look) -> Stock:
    return faces.stock("".join([*plain_look.texts, *FACTS.texts, MORE]))


class Paper:
    """A PDF, opened by pdfium."""

    def __init__(self, data: bytes) -> None:
        self._document = pypdfium2.PdfDocument(data)

    def __len__(self) -> int:
        return len(self._document)

    def text(self, page: int = 0) -> str:
        opened = self._document[page].get_textpage()
        said = str(opened.get_text_range())
        opened.close()
        return said.replace("\r\n", "\n")

    def size(self, page: int = 0) -> tuple[int, int]:
        """Millimetres."""
        width, height = self._document[page].get_size()
        return round(width * 25.4 / 72), round(height * 25.4 / 72)

    def image(self, page: int = 0, dots: float = 100) -> Image.Image:
        """As printed with *dots* an inch."""
        return self._document[page].render(scale=dots / 72).to_pil()  # type: ignore[no-any-return]

    def codes(self, page: int = 0, dots: float = 100) -> list[str]:
        return [
            found.text
            for found in zxingcpp.read_barcodes(self.image(page, dots), formats=zxingcpp.BarcodeFormat.QRCode)
        ]

    def close(self) -> None:
        self._document.close()


@pytest.fixture
def papers() -> Iterator[list[Paper]]:
    """Closed in the end, in the order that pdfium wants."""
    opened: list[Paper] = []
    yield opened
    for one in opened:
        one.close()
