"""Where the letters of boards and cards come from: font files, asked for single glyphs.

The font is Noto Sans CJK SC, all weights in one file, out of the package manimgx-fonts-cjk (SIL OFL 1.1): 20,976
ideographs of Unicode's basic plane, the 6,582 of extension A that GB 18030-2005 has, and 2,310 of the extensions B to
G. A town adds files of its own for what is rarer still.
"""

import importlib.util
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont, TTLibError

UNITS = 1000
"""Units of a glyph's square here, whatever its file has."""
REGULAR, BOLD = 400, 700
WEIGHTS = (REGULAR, BOLD)

_PACKAGE, _FILE, _FACE = "manimgx_fonts_cjk", "NotoSansCJK-VF.otf.ttc", "Noto Sans CJK SC"
_FULL_NAME = 4
_TOLERANCE = 1.0
"""Units that a quadratic curve may lie beside the cubic one: a hundredth of a millimetre in letters of 1 cm."""


class BadFont(Exception):  # noqa: N818 - a plain fact
    """A font file that cannot be used; the text names it."""


class MissingGlyph(Exception):  # noqa: N818 - a plain fact
    """No font here has a character."""

    def __init__(self, char: str, text: str) -> None:
        super().__init__(f"no font has {char} (U+{ord(char):04X}) of {text}")
        self.char = char
        self.text = text

    def __reduce__(self) -> tuple[type["MissingGlyph"], tuple[str, str]]:
        return MissingGlyph, (self.char, self.text)


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character in one weight: how far it moves on, its outline for SVG (y up) and for TrueType."""

    advance: int
    path: str
    outline: bytes
    box: tuple[int, int, int, int]


class Stock:
    """The glyphs that one run needs, each with its number; small enough to be sent to every process."""

    def __init__(self, glyphs: Mapping[int, Mapping[str, Glyph]]) -> None:
        """*glyphs* by weight and character."""
        self.glyphs = glyphs
        self.numbers = {char: number for number, char in enumerate(sorted(glyphs[REGULAR]), start=1)}
        self.chars = {number: char for char, number in self.numbers.items()}

    def width(self, text: str, size: float, weight: int = REGULAR) -> float:
        """How wide *text* is at *size*, in the units of *size*. Raises MissingGlyph."""
        return sum(self.glyph(char, text, weight).advance for char in text) * size / UNITS

    def glyph(self, char: str, text: str, weight: int) -> Glyph:
        try:
            return self.glyphs[weight][char]
        except KeyError:
            raise MissingGlyph(char, text) from None


class Faces:
    """Open font files: Noto's, and the town's own for what it lacks."""

    def __init__(self, more: Sequence[Path] = ()) -> None:
        """Raises BadFont."""
        self._fonts = [_noto()]
        try:
            self._fonts += [_opened(file) for file in more]
        except BadFont:
            self.close()
            raise
        self._cmaps = [font.getBestCmap() for font in self._fonts]

    def close(self) -> None:
        for font in self._fonts:
            font.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def missing(self, text: str) -> list[str]:
        """The characters of *text* that no file has, each once, in their order."""
        return [char for char in dict.fromkeys(text) if not any(ord(char) in cmap for cmap in self._cmaps)]

    def stock(self, chars: Iterable[str]) -> Stock:
        """Take out the glyphs of *chars* in both weights; characters that no file has are left out."""
        wanted = sorted({*chars, " "})
        return Stock({weight: self._taken(wanted, weight) for weight in WEIGHTS})

    def _taken(self, chars: Sequence[str], weight: int) -> dict[str, Glyph]:
        sets = [font.getGlyphSet(location={"wght": weight}) for font in self._fonts]
        scales = [UNITS / font["head"].unitsPerEm for font in self._fonts]
        found = {}
        for char in chars:
            for cmap, glyphs, scale in zip(self._cmaps, sets, scales, strict=True):
                if ord(char) in cmap:
                    found[char] = _glyph(glyphs, cmap[ord(char)], scale)
                    break
        return found


def _glyph(glyphs: Any, name: str, scale: float) -> Glyph:
    source = glyphs[name]
    svg, true_type = SVGPathPen(None, ntos=lambda value: str(round(value))), TTGlyphPen(None)
    # A composite glyph is taken apart first: its parts would point to glyphs that are not taken out.
    plain = DecomposingRecordingPen(glyphs)
    source.draw(plain)
    plain.replay(TransformPen(svg, (scale, 0, 0, scale, 0, 0)))
    plain.replay(TransformPen(Cu2QuPen(true_type, _TOLERANCE), (scale, 0, 0, scale, 0, 0)))
    outline = true_type.glyph()
    box = (0, 0, 0, 0)
    if outline.numberOfContours:
        outline.recalcBounds(None)
        box = (outline.xMin, outline.yMin, outline.xMax, outline.yMax)
    data = outline.compile(None) if outline.numberOfContours else b""
    return Glyph(round(source.width * scale), svg.getCommands(), data, box)


def _noto() -> TTFont:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise BadFont(f"the package {_PACKAGE.replace('_', '-')} with the Chinese font is not installed")
    file = Path(spec.origin).with_name(_FILE)
    return _face(file, _FACE)


def _face(file: Path, name: str) -> TTFont:
    with TTCollection(file, lazy=True) as collection:
        for number, font in enumerate(collection.fonts):
            if str(font["name"].getDebugName(_FULL_NAME)) == name:
                return TTFont(file, fontNumber=number, lazy=True)
    raise BadFont(f"{file} holds no {name}")


def _opened(file: Path) -> TTFont:
    try:
        source = file.open("rb")
    except OSError as error:
        raise BadFont(f"{file}: {error.strerror}") from None
    try:
        font = TTFont(source, fontNumber=0, lazy=True)
        font.getBestCmap()
        font.getGlyphSet()
    except (OSError, TTLibError, KeyError, AttributeError) as error:
        source.close()
        raise BadFont(f"{file} is no font that can be used: {error}") from None
    return font
