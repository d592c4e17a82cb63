"""A page as a list of what is on it, in millimetres from its top left corner: written as PDF or SVG alike."""

from dataclasses import dataclass, field, replace

from qrcodes.drawing import Modules
from qrcodes.faces import BOLD, REGULAR, Stock

MM = 72 / 25.4
"""Points in a millimetre."""
_ELLIPSIS = "…"
_SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of one colour (``#rrggbb``), its corners round by *radius*."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    radius: float = 0


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; *y* is its baseline, *size* the square of a Chinese character."""

    x: float
    y: float
    text: str
    size: float
    colour: str = "#000000"
    weight: int = REGULAR


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code with its quiet zone on white."""

    x: float
    y: float
    side: float
    modules: Modules


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG, its corners round by *radius*; *pixels* are its width and height."""

    x: float
    y: float
    width: float
    height: float
    jpeg: bytes = field(repr=False)
    pixels: tuple[int, int]
    radius: float = 0


Item = Box | Words | Code | Picture


@dataclass(slots=True)
class Sheet:
    """One page. *bleed* is how far the ground reaches beyond the edge, for printers who cut."""

    width: float
    height: float
    stock: Stock
    title: str = ""
    bleed: float = 0
    items: list[Item] = field(default_factory=list)

    def box(self, x: float, y: float, width: float, height: float, colour: str, radius: float = 0) -> None:
        self.items.append(Box(x, y, width, height, colour, radius))

    def words(
        self, x: float, y: float, text: str, size: float, colour: str = "#000000", *, bold: bool = False, at: float = 0
    ) -> float:
        """Write *text* on the baseline *y*: *at* 0 begins at *x*, 0.5 is centred on it, 1 ends there.

        Returns how wide it is. Raises MissingGlyph.
        """
        weight = BOLD if bold else REGULAR
        width = self.stock.width(text, size, weight)
        self.items.append(Words(x - width * at, y, text, size, colour, weight))
        return width

    def fitted(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        colour: str = "#000000",
        *,
        within: float,
        bold: bool = False,
        at: float = 0,
        least: float = 0.55,
    ) -> float:
        """Write *text* no wider than *within*: smaller down to *least* of its size, then cut with an ellipsis."""
        weight = BOLD if bold else REGULAR
        wide = self.stock.width(text, size, weight)
        if wide > within:
            size = max(size * within / wide, size * least)
        while len(text) > 1 and self.stock.width(text, size, weight) > within + _SLACK:
            text = text.rstrip(_ELLIPSIS)[:-1] + _ELLIPSIS
        return self.words(x, y, text, size, colour, bold=bold, at=at)

    def lines(self, text: str, size: float, within: float, most: int, *, bold: bool = False) -> list[str]:
        """Break *text* into at most *most* lines no wider than *within*; no line begins with a closing mark."""
        weight = BOLD if bold else REGULAR
        lines, line = [], ""
        for char in text:
            if line and self.stock.width(line + char, size, weight) > within and char not in "，。；：、！？）”》":
                lines.append(line)
                line = ""
            line += char
        lines.append(line)
        if len(lines) > most:
            lines = [*lines[: most - 1], lines[most - 1][:-1] + _ELLIPSIS]
        return lines


def scaled(sheet: Sheet, factor: float) -> Sheet:
    """*sheet* drawn larger or smaller."""
    items: list[Item] = []
    for item in sheet.items:
        x, y = item.x * factor, item.y * factor
        match item:
            case Box() | Picture():
                width, height, radius = item.width * factor, item.height * factor, item.radius * factor
                items.append(replace(item, x=x, y=y, width=width, height=height, radius=radius))
            case Words():
                items.append(replace(item, x=x, y=y, size=item.size * factor))
            case Code():
                items.append(replace(item, x=x, y=y, side=item.side * factor))
    measures = [value * factor for value in (sheet.width, sheet.height, sheet.bleed)]
    return Sheet(measures[0], measures[1], sheet.stock, sheet.title, measures[2], items)
