"""QR codes as PNG, SVG and PDF, drawn from a string: the url that WeChat gave for a scene, unchanged.

Error correction is level Q (a quarter of the code may be lost): a board hangs outdoors, gets wet, scratched and pasted
over. A WeChat url of about 45 characters stays at 33 modules a side, as it would on level M. A code that carries an
emblem has level H, and is handed out only where the reader still gets its text.
The white border is 4 modules, the quiet zone that ISO/IEC 18004 asks for.
Every code is read back by zxing-cpp, which shares no line with the library that drew it, before it is handed out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import zxingcpp
from PIL import Image
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_Q
from qrcode.image.svg import SvgPathFillImage
from qrcode.main import QRCode

QUIET_ZONE = 4
LONGEST = 1663
"""Bytes that the largest code holds on level Q (ISO/IEC 18004, table 7)."""
LONGEST_WITH_EMBLEM = 1273
"""The same on level H."""
EMBLEM_SHARE = 0.22
"""Of the code's side without its border: some 5 % of the area, of the 30 % that level H can do without."""

_READ_AT = 4
"""Pixels a module for reading back."""
_WHITE = 255
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)

Modules = Sequence[Sequence[bool]]


class Unreadable(Exception):  # noqa: N818 - a plain fact
    """A code that was drawn does not give its text back."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A code that has been read back: its rows with the quiet zone, and whether there is room for the emblem."""

    modules: Modules
    with_emblem: bool


def matrix(data: str, *, border: int = QUIET_ZONE) -> list[list[bool]]:
    """Return the rows of modules, True for dark, *border* light ones around them.

    Raises ValueError where *data* is empty, longer than 1,663 characters, or not printable ASCII: how a reader takes
    other bytes is not settled, and a url can always be percent-encoded.
    """
    return [[bool(dark) for dark in row] for row in _code(data, border=border).get_matrix()]


def drawn(data: str, emblem: Image.Image | None = None) -> Drawn:
    """Draw *data* and read it back, with *emblem* in the middle where it still reads with it.

    Raises ValueError as :func:`matrix` does, and Unreadable.
    """
    if emblem is not None and len(data) <= LONGEST_WITH_EMBLEM:
        modules = _code(data, level=ERROR_CORRECT_H).get_matrix()
        if reads(picture(modules, _READ_AT, emblem), data):
            return Drawn(modules, with_emblem=True)
    modules = _code(data).get_matrix()
    _sure(picture(modules, _READ_AT), data)
    return Drawn(modules, with_emblem=False)


def picture(modules: Modules, box: int, emblem: Image.Image | None = None) -> Image.Image:
    """Return *modules* as an image of *box* pixels each: black and white, or grey with an *emblem* in the middle."""
    side = len(modules)
    small = Image.frombytes("L", (side, side), bytes(0 if dark else _WHITE for row in modules for dark in row))
    image = small.resize((side * box, side * box), Image.Resampling.NEAREST)
    if emblem is None:
        return image
    wide = emblem_side(modules) * box
    at = (side * box - wide) // 2
    image = image.convert("RGB")
    image.paste(Image.new("RGB", (wide, wide), "white"), (at, at))
    inner = emblem.convert("RGBA")
    inner.thumbnail((wide - box, wide - box))
    image.paste(inner, (at + (wide - inner.width) // 2, at + (wide - inner.height) // 2), inner)
    return image


def emblem_side(modules: Modules) -> int:
    """Modules that the white square under an emblem takes: odd like the code's side, so that it sits in the middle."""
    wide = round((len(modules) - 2 * QUIET_ZONE) * EMBLEM_SHARE)
    return wide if wide % 2 else wide + 1


def read(image: Image.Image) -> str | None:
    """Return the text of the one QR code in *image*; ``None`` where there is none, or more than one."""
    found = zxingcpp.read_barcodes(image, formats=_QR)
    return found[0].text if len(found) == 1 else None


def reads(image: Image.Image, data: str) -> bool:
    """Whether a reader that finds a code in *image* gets exactly *data*."""
    return read(image) == data


def png(data: str, *, box: int = 10, border: int = QUIET_ZONE, emblem: Image.Image | None = None) -> bytes:
    """Return a PNG, *box* pixels a module; raises ValueError as :func:`matrix` does, and Unreadable."""
    if emblem is not None:
        done = drawn(data, emblem)
        image = picture(done.modules, box, emblem if done.with_emblem else None)
    else:
        image = picture(_code(data, border=border).get_matrix(), box)
        if border >= QUIET_ZONE:
            _sure(image, data)
    out = BytesIO()
    (image if image.mode == "RGB" else image.convert("1")).save(out, "PNG")
    return out.getvalue()


def words_png(text: str, *, box: int = 6) -> bytes:
    """Chinese words (UTF-8) as a PNG for a screen: WeChat's scanner shows them to be copied. Raises Unreadable."""
    code: QRCode[Any] = QRCode(error_correction=ERROR_CORRECT_Q, border=QUIET_ZONE)
    code.add_data(text.encode("utf-8"), optimize=0)
    code.make()
    image = picture(code.get_matrix(), box)
    _sure(image, text)
    out = BytesIO()
    image.convert("1").save(out, "PNG")
    return out.getvalue()


def svg(data: str) -> bytes:
    """Return an SVG with its own white ground, 1 mm a module; raises ValueError as :func:`matrix` does, Unreadable."""
    code = _code(data)
    _sure(picture(code.get_matrix(), _READ_AT), data)
    out = BytesIO()
    code.make_image(image_factory=SvgPathFillImage).save(out)
    return out.getvalue()


def _sure(image: Image.Image, data: str) -> None:
    if not reads(image, data):
        raise Unreadable(f"the code for {data} cannot be read back")


def _code(data: str, *, border: int = QUIET_ZONE, level: int = ERROR_CORRECT_Q) -> QRCode[Any]:
    if not data or len(data) > LONGEST or not (data.isascii() and data.isprintable()):
        raise ValueError(
            f"a QR code here holds 1 to {LONGEST} characters of plain ASCII: percent-encode the url, or shorten it"
        )
    code: QRCode[Any] = QRCode(error_correction=level, border=border)
    code.add_data(data, optimize=0)
    code.make()
    return code
