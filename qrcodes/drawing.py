"""QR codes as PNG, SVG and PDF, drawn from a string: the url that WeChat gave for a scene, unchanged.

Error correction is level Q (a quarter of the code may be lost): a board hangs outdoors, gets wet, scratched and pasted
over. A WeChat url of about 45 characters stays at 33 modules a side, as it would on level M.
The white border is 4 modules, the quiet zone that ISO/IEC 18004 asks for.
"""

from collections.abc import Iterator
from functools import cache
from html import escape
from io import BytesIO
from itertools import groupby
from typing import Any

from qrcode.constants import ERROR_CORRECT_Q
from qrcode.image.pil import PilImage
from qrcode.image.svg import SvgPathFillImage
from qrcode.main import QRCode
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A6
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

QUIET_ZONE = 4
LONGEST = 1663
"""Bytes that the largest code holds on level Q (ISO/IEC 18004, table 7)."""

_MARGIN = 10 * mm
_TITLE_HEIGHT = 43 * mm
_TITLE_SIZES = (20, 16, 12, 9)
_MISSING = "〓"
_BASIC_PLANE_END = 0xFFFF


def matrix(data: str, *, border: int = QUIET_ZONE) -> list[list[bool]]:
    """Return the rows of modules, True for dark, *border* light ones around them.

    Raises ValueError where *data* is empty, longer than 1,663 characters, or not printable ASCII: how a reader takes
    other bytes is not settled, and a url can always be percent-encoded.
    """
    return [[bool(dark) for dark in row] for row in _code(data, border=border).get_matrix()]


def png(data: str, *, box: int = 10, border: int = QUIET_ZONE) -> bytes:
    """Return a black and white PNG, *box* pixels a module; raises ValueError as :func:`matrix` does."""
    out = BytesIO()
    _code(data, box=box, border=border).make_image(image_factory=PilImage).save(out)
    return out.getvalue()


def svg(data: str) -> bytes:
    """Return an SVG with its own white ground, 1 mm a module; raises ValueError as :func:`matrix` does."""
    out = BytesIO()
    _code(data).make_image(image_factory=SvgPathFillImage).save(out)
    return out.getvalue()


def pdf(data: str, title: str | None = None) -> bytes:
    """Return a sheet of A6 with the code 85 mm wide and *title* below it. The same input gives the same bytes.

    The title is set in STSong-Light, which PDF readers bring along, so that no font file is needed. That font ends with
    Unicode's basic plane: a rarer character is printed as 〓, as printers do for a missing type.

    Raises ValueError as :func:`matrix` does, and for a title that does not fit on the sheet in the smallest size.
    """
    width, height = A6
    side = width - 2 * _MARGIN
    out = BytesIO()
    canvas = Canvas(out, pagesize=A6, pageCompression=1, invariant=1)
    canvas.setCreator("Wangge")
    canvas.setTitle(title or data)
    _paint(canvas, matrix(data), x=_MARGIN, top=height - _MARGIN, side=side)
    if title:
        caption, used = _caption(title, side)
        caption.drawOn(canvas, _MARGIN, height - _MARGIN - side - used)
    canvas.save()
    return out.getvalue()


def _code(data: str, *, box: int = 10, border: int = QUIET_ZONE) -> QRCode[Any]:
    if not data or len(data) > LONGEST or not (data.isascii() and data.isprintable()):
        raise ValueError(
            f"a QR code here holds 1 to {LONGEST} characters of plain ASCII: percent-encode the url, or shorten it"
        )
    code: QRCode[Any] = QRCode(error_correction=ERROR_CORRECT_Q, box_size=box, border=border)
    code.add_data(data, optimize=0)
    code.make()
    return code


def _runs(row: list[bool]) -> Iterator[tuple[int, int]]:
    """Yield where each run of dark modules begins, and its length."""
    at = 0
    for dark, run in groupby(row):
        length = len(list(run))
        if dark:
            yield at, length
        at += length


def _paint(canvas: Canvas, modules: list[list[bool]], *, x: float, top: float, side: float) -> None:
    # One path for all: filled one by one, neighbours show hairlines between them on some screens and printers.
    unit = side / len(modules)
    path = canvas.beginPath()
    for line, row in enumerate(modules, start=1):
        for at, length in _runs(row):
            path.rect(x + at * unit, top - line * unit, length * unit, unit)
    canvas.drawPath(path, stroke=0, fill=1)


def _caption(title: str, width: float) -> tuple[Paragraph, float]:
    """Return *title* in the largest size that fits below the code, and its height in points."""
    text = "".join(_MISSING if ord(char) > _BASIC_PLANE_END else char for char in title)
    for size in _TITLE_SIZES:
        style = ParagraphStyle(
            "caption", fontName=_song(), fontSize=size, leading=size * 1.4, alignment=TA_CENTER, wordWrap="CJK"
        )
        paragraph = Paragraph(escape(text), style)
        used = paragraph.wrap(width, _TITLE_HEIGHT)[1]
        if used <= _TITLE_HEIGHT:
            return paragraph, used
    raise ValueError(f"the title of {len(title)} characters does not fit below the code: shorten it")


@cache
def _song() -> str:
    font = UnicodeCIDFont("STSong-Light")
    registerFont(font)
    return str(font.fontName)
