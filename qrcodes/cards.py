"""What is smaller than a board: the door card, a worker's badge, and one code on a slip of paper."""

from qrcodes import parts
from qrcodes.drawing import Drawn, drawn
from qrcodes.faces import REGULAR, Stock
from qrcodes.facts import Facts, Somebody
from qrcodes.look import Look
from qrcodes.paint import Code, Sheet

DOOR = (148.0, 105.0)
"""Millimetres: A6 lying."""
BADGE = (70.0, 105.0)
SLIP = (105.0, 148.0)
_SLIP_MARGIN, _SLIP_TITLE_SIZES, _SLIP_ROOM = 10.0, (7.0, 5.6, 4.2, 3.2), 43.0


def door_card(facts: Facts, look: Look, drawn: Drawn, stock: Stock, *, bleed: float = 0) -> Sheet:
    """A card for every front door: the code, whose grid this is, whom to ask. Raises MissingGlyph."""
    width, height = DOOR
    sheet = Sheet(width, height, stock, f"{facts.place} {facts.grid}", bleed)
    main, ink, quiet = (look.colours[name] for name in ("main", "ink", "quiet"))
    sheet.box(-bleed, -bleed, width + 2 * bleed, 22 + bleed, main)
    with_emblem = parts.emblem(sheet, look, 8, 4, 14, main)
    left = 26 if with_emblem else 8
    places = {"grid": facts.grid, "village": facts.village, "town": facts.town}
    headline = look.say("card_headline", **places).replace("\n", " ")
    wide = sheet.fitted(left, 14.6, headline, 9.2, "#ffffff", within=80, bold=True)
    sheet.fitted(width - 8, 14, facts.place, 4.4, "#ffffff", within=width - 8 - left - wide - 6, at=1)
    parts.code(sheet, look, drawn, 5, 26, 66)
    x, within = 76, width - 76 - 7
    sheet.fitted(x, 41, facts.grid, 10.5, main, within=within, bold=True)
    sheet.box(x, 45.5, within, 0.4, main)
    y = 56.0
    for one in _first(facts):
        duty = str(look.words.get(one.duty, ""))
        sheet.fitted(x, y, duty, 4, quiet, within=22, least=0.8)
        sheet.fitted(x + 23, y + 0.5, one.name, 6.4, ink, within=within - 23, bold=True)
        if one.phone:
            sheet.fitted(x + 23, y + 7.6, one.phone, 4.8, main, within=within - 23, bold=True)
        y += 17
    if not _first(facts):
        sheet.fitted(x, y, look.words["vacant"], 6, ink, within=within, bold=True)
        sheet.fitted(x, y + 8, look.words["vacant_hint"], 3.8, quiet, within=within)
    sheet.fitted(38, 97.5, look.words["card_hint"], 4.6, ink, within=62, at=0.5)
    if facts.supervision_phone:
        text = f"{look.words['supervision']} {facts.supervision_phone}"
        sheet.fitted(x, 92.5, text, 4, quiet, within=within)
    version = f"{facts.code}  {look.words['version']} {facts.version}" if facts.version else facts.code
    sheet.fitted(x, 98.5, version, 2.8, quiet, within=within)
    return sheet


def _first(facts: Facts) -> list[Somebody]:
    """The worker first: it is their door to knock on."""
    workers = [one for one in facts.people if one.duty != "grid_chief"][:1]
    return [*workers, *(one for one in facts.people if one.duty == "grid_chief")][:2]


def badge(facts: Facts, one: Somebody, look: Look, drawn: Drawn, stock: Stock, *, bleed: float = 0) -> Sheet:
    """What a worker wears at somebody's door; the code leads to the grid's public page. Raises MissingGlyph."""
    width, height = BADGE
    sheet = Sheet(width, height, stock, f"{facts.place} {facts.grid} {one.name}", bleed)
    main, ink, quiet = (look.colours[name] for name in ("main", "ink", "quiet"))
    sheet.box(-bleed, -bleed, width + 2 * bleed, 25 + bleed, main)
    with_emblem = parts.emblem(sheet, look, 4, 5, 12, main)
    middle, within = (43, 46) if with_emblem else (width / 2, width - 12)
    sheet.fitted(middle, 11.6, look.words["badge_title"], 6, "#ffffff", within=within, bold=True, at=0.5)
    sheet.fitted(middle, 19.6, facts.place, 3.8, "#ffffff", within=within, at=0.5)
    sheet.box(4.6, 29.6, 26.8, 37.2, look.colours["ground"], 3)
    parts.face(sheet, look, one, 5, 30, 26, 36.4)
    x, within = 35.0, width - 39.0
    name = one.name if len(one.name) != 2 else "　".join(one.name)  # noqa: PLR2004 - two signs stand apart
    sheet.fitted(x, 40, name, 8, ink, within=within, bold=True, least=0.4)
    sheet.fitted(x, 48.6, str(look.words.get(one.duty, "")), 4.6, main, within=within, bold=True)
    sheet.fitted(x, 56.6, facts.grid, 4.6, ink, within=within)
    if one.phone:
        sheet.fitted(x, 64.4, one.phone, 4.2, ink, within=within, least=0.5)
    sheet.box(5, 70, width - 10, 0.3, main)
    parts.code(sheet, look, drawn, 3.5, 71.5, 30)
    for at, line in enumerate(sheet.lines(look.words["badge_hint"], 4.2, within, 3)):
        sheet.words(x, 79 + at * 6, line, 4.2, ink)
    sheet.fitted(x, 97.4, facts.code, 2.7, quiet, within=within)
    if facts.version:
        sheet.fitted(x, 101, f"{look.words['version']} {facts.version}", 2.7, quiet, within=within)
    return sheet


def slip(data: str, title: str, stock: Stock) -> Sheet:
    """A6 with the code 85 mm wide and *title* below it.

    Raises ValueError as :func:`qrcodes.drawing.matrix` does, and for a title that does not fit in the smallest size;
    Unreadable, MissingGlyph.
    """
    width, height = SLIP
    sheet = Sheet(width, height, stock, title or data)
    side = width - 2 * _SLIP_MARGIN
    sheet.items.append(Code(_SLIP_MARGIN, _SLIP_MARGIN, side, drawn(data).modules))
    for size in _SLIP_TITLE_SIZES:
        lines = sheet.lines(title, size, side, most=10**6)
        if len(lines) * size * 1.4 <= _SLIP_ROOM and all(
            stock.width(line, size, REGULAR) <= side + size for line in lines
        ):
            for at, line in enumerate(lines):
                sheet.words(width / 2, _SLIP_MARGIN + side + size * (1 + 1.4 * at), line, size, at=0.5)
            return sheet
    raise ValueError(f"the title of {len(title)} characters does not fit below the code: shorten it")
