"""Sheets as PDF: one by one, or thousands in one file that is written page by page.

A PDF library keeps the whole document until it is saved. Here a page is written as soon as it is there, so ten
thousand boards take the memory of a hundred; the two weights of the font are embedded once, at the end, with the
glyphs that the pages have used (docs/adr/0012-print-sheets.md). Text stays text: it can be searched and read aloud.
"""

import hashlib
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from itertools import groupby
from typing import BinaryIO

from qrcodes.faces import UNITS, WEIGHTS, Stock
from qrcodes.paint import MM, Box, Code, Item, Picture, Sheet, Words
from qrcodes.truetype import ASCENT, DESCENT, true_type

_ROUND = 0.5523
"""How far the handles of a curve lie that makes a quarter of a circle."""
_MARK, _MARK_AWAY, _MARK_THICK = 5.0, 2.0, 0.25
"""Millimetres: how long a crop mark is, how far it stays away from the cut, how thick it is in points."""
_NAMES = {weight: f"F{weight}" for weight in WEIGHTS}
_FONT = "WanggeBoard"


@dataclass(frozen=True, slots=True)
class Page:
    """A page ready to be written into a file: what it draws, with which pictures and which glyphs."""

    title: str
    media: tuple[float, float]
    trim: tuple[float, float, float, float]
    content: bytes
    """Compressed."""
    pictures: Mapping[str, Picture] = field(repr=False)
    glyphs: Mapping[int, frozenset[int]] = field(repr=False)
    """Numbers in the stock, by weight."""


def page(sheet: Sheet, *, crop_marks: bool = False) -> Page:
    """*sheet* as a page, its bleed around it; *crop_marks* show where to cut. Raises MissingGlyph."""
    room = sheet.bleed + (_MARK + _MARK_AWAY if crop_marks else 0)
    width, height = sheet.width + 2 * room, sheet.height + 2 * room
    drawing = _Drawing(sheet.stock, height - room, room)
    for item in sheet.items:
        drawing.add(item)
    if crop_marks:
        drawing.marks(sheet)
    trim = (room * MM, room * MM, (width - room) * MM, (height - room) * MM)
    return Page(
        sheet.title,
        (width * MM, height * MM),
        trim,
        zlib.compress("\n".join(drawing.out).encode("ascii"), 6),
        drawing.pictures,
        {weight: frozenset(used) for weight, used in drawing.glyphs.items()},
    )


def pdf(pages: Iterable[Page], stock: Stock, *, title: str = "") -> bytes:
    """A whole file of a few pages."""
    out = BytesIO()
    book = Book(out, stock, title=title)
    for one in pages:
        book.add(one)
    book.close()
    return out.getvalue()


class Book:
    """A PDF file that grows page by page. The same pages give the same bytes."""

    def __init__(self, file: BinaryIO, stock: Stock, *, title: str = "") -> None:
        self._file = file
        self._stock = stock
        self._title = title
        self._at = 0
        self._places: list[int] = []
        self._pages: list[int] = []
        self._pictures: dict[str, int] = {}
        self._used: dict[int, set[int]] = {weight: set() for weight in WEIGHTS}
        self._write(b"%PDF-1.7\n%\xe7\xbd\x91\xe6\xa0\xbc\n")
        self._catalog, self._tree, self._info = self._number(), self._number(), self._number()
        self._fonts = {weight: self._number() for weight in WEIGHTS}

    def add(self, one: Page) -> None:
        for name, shown in one.pictures.items():
            if name not in self._pictures:
                self._pictures[name] = self._stream(
                    f"/Type /XObject /Subtype /Image /Width {shown.pixels[0]} /Height {shown.pixels[1]} "
                    "/ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode",
                    shown.jpeg,
                )
        for weight, numbers in one.glyphs.items():
            self._used[weight] |= numbers
        content = self._stream("/Filter /FlateDecode", one.content)
        fonts = " ".join(f"/{_NAMES[weight]} {number} 0 R" for weight, number in self._fonts.items())
        images = " ".join(f"/{name} {self._pictures[name]} 0 R" for name in one.pictures)
        trim = " ".join(map(_n, one.trim))
        number = self._number()
        self._object(
            number,
            f"<< /Type /Page /Parent {self._tree} 0 R /MediaBox [0 0 {_n(one.media[0])} {_n(one.media[1])}] "
            f"/TrimBox [{trim}] /Contents {content} 0 R "
            f"/Resources << /Font << {fonts} >> /XObject << {images} >> >> >>",
        )
        self._pages.append(number)

    def close(self) -> None:
        """Write the fonts and the table of contents; the file itself stays open."""
        for weight, number in self._fonts.items():
            self._font(weight, number)
        kids = " ".join(f"{number} 0 R" for number in self._pages)
        self._object(self._tree, f"<< /Type /Pages /Count {len(self._pages)} /Kids [{kids}] >>")
        shown = "/ViewerPreferences << /DisplayDocTitle true >>"
        self._object(self._catalog, f"<< /Type /Catalog /Pages {self._tree} 0 R /Lang (zh-CN) {shown} >>")
        self._object(self._info, f"<< /Title <{_utf16(self._title)}> /Creator (Wangge) >>")
        start = self._at
        self._write(f"xref\n0 {len(self._places) + 1}\n0000000000 65535 f \n".encode())
        for place in self._places:
            self._write(b"%010d 00000 n \n" % place)
        count = len(self._places) + 1
        self._write(
            f"trailer\n<< /Size {count} /Root {self._catalog} 0 R /Info {self._info} 0 R >>\n"
            f"startxref\n{start}\n%%EOF\n".encode()
        )

    def _font(self, weight: int, number: int) -> None:
        used = sorted(self._used[weight])
        chars = [self._stock.chars[one] for one in used]
        glyphs = [self._stock.glyphs[weight][char] for char in chars]
        data = true_type(glyphs)
        file = self._stream(f"/Filter /FlateDecode /Length1 {len(data)}", zlib.compress(data, 6))
        # The pages name glyphs by their number in the stock, the file has only those that are used.
        place = bytearray(2 * (max(used, default=0) + 1))
        for at, one in enumerate(used, start=1):
            place[2 * one : 2 * one + 2] = at.to_bytes(2, "big")
        numbers = self._stream("/Filter /FlateDecode", zlib.compress(bytes(place), 6))
        meaning = self._stream("/Filter /FlateDecode", zlib.compress(_to_unicode(used, chars), 6))
        name = f"AAAAAA+{_FONT}-{weight}"
        descriptor, descendant = self._number(), self._number()
        self._object(
            descriptor,
            f"<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [-1000 -400 3000 1200] /ItalicAngle 0 "
            f"/Ascent {ASCENT} /Descent {DESCENT} /CapHeight 733 /StemV {weight // 5} /FontFile2 {file} 0 R >>",
        )
        widths = " ".join(
            f"{one} [{glyph.advance}]" for one, glyph in zip(used, glyphs, strict=True) if glyph.advance != UNITS
        )
        self._object(
            descendant,
            f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDSystemInfo << /Registry (Adobe) "
            f"/Ordering (Identity) /Supplement 0 >> /FontDescriptor {descriptor} 0 R /DW {UNITS} /W [{widths}] "
            f"/CIDToGIDMap {numbers} 0 R >>",
        )
        self._object(
            number,
            f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H "
            f"/DescendantFonts [{descendant} 0 R] /ToUnicode {meaning} 0 R >>",
        )

    def _number(self) -> int:
        self._places.append(0)
        return len(self._places)

    def _stream(self, about: str, data: bytes) -> int:
        number = self._number()
        self._places[number - 1] = self._at
        self._write(f"{number} 0 obj\n<< {about} /Length {len(data)} >>\nstream\n".encode())
        self._write(data)
        self._write(b"\nendstream\nendobj\n")
        return number

    def _object(self, number: int, text: str) -> None:
        self._places[number - 1] = self._at
        self._write(f"{number} 0 obj\n{text}\nendobj\n".encode("ascii"))

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._at += len(data)


class _Drawing:
    """The operators of one page."""

    def __init__(self, stock: Stock, top: float, left: float) -> None:
        self._stock = stock
        self._top = top
        self._left = left
        self.out: list[str] = []
        self.pictures: dict[str, Picture] = {}
        self.glyphs: dict[int, set[int]] = {weight: set() for weight in WEIGHTS}

    def add(self, item: Item) -> None:
        match item:
            case Box():
                self.out += [_colour(item.colour), self._path(item), "f"]
            case Words():
                self._words(item)
            case Code():
                self._code(item)
            case Picture():
                self._picture(item)

    def marks(self, sheet: Sheet) -> None:
        """Two short lines at each corner, outside of the bleed."""
        self.out += ["0 G", f"{_MARK_THICK} w"]
        first = sheet.bleed + _MARK_AWAY
        for x, out in ((0.0, -1), (sheet.width, 1)):
            for y in (0.0, sheet.height):
                self._line(x + out * first, y, x + out * (first + _MARK), y)
        for y, out in ((0.0, -1), (sheet.height, 1)):
            for x in (0.0, sheet.width):
                self._line(x, y + out * first, x, y + out * (first + _MARK))

    def _line(self, x: float, y: float, to_x: float, to_y: float) -> None:
        self.out.append(f"{self._x(x)} {self._y(y)} m {self._x(to_x)} {self._y(to_y)} l S")

    def _words(self, item: Words) -> None:
        numbers = []
        for char in item.text:
            self._stock.glyph(char, item.text, item.weight)
            numbers.append(self._stock.numbers[char])
        self.glyphs[item.weight].update(numbers)
        shown = "".join(f"{number:04x}" for number in numbers)
        self.out += [
            _colour(item.colour),
            f"BT /{_NAMES[item.weight]} {_n(item.size * MM)} Tf {self._x(item.x)} {self._y(item.y)} Td <{shown}> Tj ET",
        ]

    def _code(self, item: Code) -> None:
        unit = item.side / len(item.modules)
        self.add(Box(item.x, item.y, item.side, item.side, "#ffffff"))
        self.out.append("0 g")
        # One path for all: filled one by one, neighbours show hairlines between them on some screens and printers.
        for line, row in enumerate(item.modules):
            at = 0
            for dark, run in groupby(row):
                length = len(list(run))
                if dark:
                    self.out.append(self._path(Box(item.x + at * unit, item.y + line * unit, length * unit, unit, "")))
                at += length
        self.out.append("f")

    def _picture(self, item: Picture) -> None:
        name = f"P{hashlib.sha256(item.jpeg).hexdigest()[:16]}"
        self.pictures[name] = item
        matrix = f"{_n(item.width * MM)} 0 0 {_n(item.height * MM)} {self._x(item.x)} {self._y(item.y + item.height)}"
        clip = self._path(Box(item.x, item.y, item.width, item.height, "", item.radius))
        self.out.append(f"q {clip} W n {matrix} cm /{name} Do Q")

    def _path(self, box: Box) -> str:
        if not box.radius:
            return f"{self._x(box.x)} {self._y(box.y + box.height)} {_n(box.width * MM)} {_n(box.height * MM)} re"
        x, y, right, bottom, r = box.x, box.y, box.x + box.width, box.y + box.height, box.radius
        h = r * (1 - _ROUND)
        corners = (
            ((right - r, y), (right - h, y), (right, y + h), (right, y + r)),
            ((right, bottom - r), (right, bottom - h), (right - h, bottom), (right - r, bottom)),
            ((x + r, bottom), (x + h, bottom), (x, bottom - h), (x, bottom - r)),
            ((x, y + r), (x, y + h), (x + h, y), (x + r, y)),
        )
        steps = [f"{self._x(x + r)} {self._y(y)} m"]
        for start, *handles in corners:
            steps.append(f"{self._x(start[0])} {self._y(start[1])} l")
            steps.append(" ".join(f"{self._x(px)} {self._y(py)}" for px, py in handles) + " c")
        return " ".join(steps) + " h"

    def _x(self, x: float) -> str:
        return _n((self._left + x) * MM)

    def _y(self, y: float) -> str:
        return _n((self._top - y) * MM)


def _colour(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return f"{_n(red)} {_n(green)} {_n(blue)} rg"


def _to_unicode(numbers: list[int], chars: list[str]) -> bytes:
    pairs = [f"<{number:04x}> <{_utf16(char, mark=False)}>" for number, char in zip(numbers, chars, strict=True)]
    parts = [pairs[at : at + 100] for at in range(0, len(pairs), 100)]
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Wangge-UCS2 def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        + "".join(f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar\n" for part in parts)
        + "endcmap end end\n"
    ).encode("ascii")


def _utf16(text: str, *, mark: bool = True) -> str:
    return ("\ufeff" * mark + text).encode("utf-16-be").hex()


def _n(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
