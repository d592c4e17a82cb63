"""The notice board 公示牌 of a grid (Y art. 22, X 五(三), C), A4 upright or A3."""

from qrcodes import parts
from qrcodes.drawing import Drawn
from qrcodes.faces import Stock
from qrcodes.facts import Facts, Somebody
from qrcodes.look import Look
from qrcodes.paint import Sheet, scaled

WIDTH, HEIGHT = 210.0, 297.0
SIZES = {"a4": 1.0, "a3": 2**0.5}
MOST_PEOPLE = 6

_LEFT, _RIGHT, _INNER = 15.0, 195.0, 180.0
_HEADER, _FOOTER = 38.0, 279.0
_PANEL, _PANEL_HEIGHT, _CODE = 84.0, 88.0, 80.0
_PEOPLE, _PEOPLE_HEIGHT, _IN_A_ROW, _GAP = 178.5, 46.0, 3, 6.0
_DUTIES, _MOST_DUTIES = 237.0, 4
_FACE = 34.0
_SIGNS_ALONE = 2


def board(facts: Facts, look: Look, drawn: Drawn, stock: Stock, *, size: str = "a4", bleed: float = 0) -> Sheet:
    """Draw the board of *facts* with *bleed* millimetres beyond its edges; raises MissingGlyph.

    All measures are those of A4; A3 is the same drawn larger.
    """
    factor = SIZES[size]
    sheet = Sheet(WIDTH, HEIGHT, stock, f"{facts.place} {facts.grid}", bleed / factor)
    painter = _Board(sheet, facts, look, drawn)
    painter.header()
    painter.name()
    painter.panel()
    painter.people()
    painter.duties()
    painter.footer()
    return sheet if factor == 1 else scaled(sheet, factor)


class _Board:
    def __init__(self, sheet: Sheet, facts: Facts, look: Look, drawn: Drawn) -> None:
        self.sheet = sheet
        self.facts = facts
        self.look = look
        self.drawn = drawn
        self.main, self.ink, self.quiet = (look.colours[name] for name in ("main", "ink", "quiet"))
        self.places = {"grid": facts.grid, "village": facts.village, "town": facts.town}

    def header(self) -> None:
        sheet, edge = self.sheet, self.sheet.bleed
        sheet.box(-edge, -edge, WIDTH + 2 * edge, _HEADER + edge, self.main)
        with_emblem = parts.emblem(sheet, self.look, _LEFT, 8, 22, self.main)
        left = _LEFT + (28 if with_emblem else 0)
        middle, within = (left + _RIGHT) / 2 if with_emblem else WIDTH / 2, _RIGHT - left
        title = self.look.say("title", **self.places)
        sheet.fitted(middle, 21.5, title, 15, "#ffffff", within=within, bold=True, at=0.5)
        sheet.fitted(middle, 31.5, self.facts.place, 6, "#ffffff", within=within, at=0.5)

    def name(self) -> None:
        sheet, facts = self.sheet, self.facts
        right = max(
            sheet.stock.width(text, 4.4) for text in (facts.code, f"{self.look.words['code']} ", self._kind() or " ")
        )
        sheet.fitted(_LEFT, 61, facts.grid, 18, self.main, within=_INNER - right - 8, bold=True)
        sheet.words(_RIGHT, 51, self._kind() or self.look.words["code"], 4.4, self.quiet, at=1)
        if self._kind():
            sheet.words(_RIGHT, 57, self.look.words["code"], 4.4, self.quiet, at=1)
        sheet.words(_RIGHT, 63, facts.code, 4.4, self.ink, at=1)
        sheet.box(_LEFT, 67.5, _INNER, 0.5, self.main)
        if facts.area:
            label = f"{self.look.words['area']}  "
            wide = sheet.words(_LEFT, 76.5, label, 5, self.quiet)
            sheet.fitted(_LEFT + wide, 76.5, facts.area, 5, self.ink, within=_INNER - wide, least=0.8)

    def _kind(self) -> str:
        return str(self.look.words[self.facts.kind]) if self.facts.kind in {"comprehensive", "dedicated"} else ""

    def panel(self) -> None:
        """The code with what to do with it: the one thing that must work from two metres."""
        sheet, look = self.sheet, self.look
        sheet.box(_LEFT, _PANEL, _INNER, _PANEL_HEIGHT, look.colours["ground"], 4)
        sheet.box(_LEFT + 4, _PANEL + 4, _CODE, _CODE, "#ffffff", 3)
        parts.code(sheet, look, self.drawn, _LEFT + 4, _PANEL + 4, _CODE)
        left, within = _LEFT + _CODE + 12, _INNER - _CODE - 18
        headline = look.say("headline", **self.places).split("\n")[:2]
        y = _PANEL + 16
        for line in headline:
            sheet.fitted(left, y, line, 12.3, self.main, within=within, bold=True)
            y += 15
        y += 1.5
        for number, step in enumerate(look.words["steps"][:3], 1):
            sheet.box(left, y - 6.1, 7.6, 7.6, self.main, 3.8)
            sheet.words(left + 3.8, y - 0.45, str(number), 5, "#ffffff", bold=True, at=0.5)
            sheet.fitted(left + 11, y - 0.3, step, 6.1, self.ink, within=within - 11)
            y += 10.8
        if self.facts.address and look.show["address"]:
            sheet.words(left, _PANEL + 79, look.words["address"], 3.6, self.quiet)
            sheet.fitted(left, _PANEL + 84.2, self.facts.address, 3.6, self.quiet, within=within, least=0.5)

    def people(self) -> None:
        shown = list(self.facts.people)[:MOST_PEOPLE]
        if not any(one.duty != "grid_chief" for one in shown):
            shown = [*shown, Somebody(self.look.words["vacant"], "")][:MOST_PEOPLE]
        columns = min(len(shown), _IN_A_ROW)
        rows = -(-len(shown) // _IN_A_ROW)
        width = (_INNER - _GAP * (columns - 1)) / columns
        height = (_PEOPLE_HEIGHT - 3 * (rows - 1)) / rows
        for at, one in enumerate(shown):
            row, column = divmod(at, _IN_A_ROW)
            self._somebody(one, _LEFT + column * (width + _GAP), _PEOPLE + row * (height + 3), width, height)

    def _somebody(self, one: Somebody, x: float, y: float, width: float, height: float) -> None:
        sheet, look = self.sheet, self.look
        if not one.duty:
            self._nobody(one, x, y, width, height)
            return
        # In one row there is room for the phone below the face, large enough to be read in passing.
        below = height == _PEOPLE_HEIGHT
        face_height = _FACE if below else height
        face_width, unit = face_height * 5 / 7, 1.0 if below else 0.75
        parts.face(sheet, look, one, x, y, face_width, face_height)
        left, within = x + face_width + 3.5, width - face_width - 3.5
        name = one.name if len(one.name) != _SIGNS_ALONE else "　".join(one.name)
        duty = str(look.words.get(one.duty, ""))
        step = face_height / _FACE
        sheet.fitted(left, y + (11 if below else 8) * step, duty, 5 * unit, self.quiet, within=within)
        line = y + (24.5 if below else 19) * step
        sheet.fitted(left, line, name, 9.4 * unit, self.ink, within=within, bold=True, least=0.45)
        phone = one.phone or look.words["no_phone"]
        colour, bold = (self.main, True) if one.phone else (self.quiet, False)
        if below:
            sheet.fitted(x, y + _FACE + 9.5, phone, 7, colour, within=width, bold=bold, least=0.5)
        else:
            sheet.fitted(left, y + 30.5 * step, phone, 5.6 * unit, colour, within=within, bold=bold, least=0.5)

    def _nobody(self, one: Somebody, x: float, y: float, width: float, height: float) -> None:
        sheet, look = self.sheet, self.look
        middle, within, half = x + width / 2, width - 8, y + height / 2
        sheet.box(x, y, width, height, look.colours["ground"], 4)
        sheet.fitted(middle, half, one.name, 8, self.main, within=within, bold=True, at=0.5)
        sheet.fitted(middle, half + 9, look.words["vacant_hint"], 4.6, self.ink, within=within, at=0.5)

    def duties(self) -> None:
        sheet, look, facts = self.sheet, self.look, self.facts
        y = _DUTIES
        if look.show["duties"]:
            sheet.box(_LEFT, y - 5.2, 1.6, 6.6, self.main)
            sheet.words(_LEFT + 4.5, y, look.words["duties"], 6.2, self.main, bold=True)
            said = list(facts.duties or look.words["default_duties"])[:_MOST_DUTIES]
            wide = _INNER / 2 - 4
            for at, duty in enumerate(said):
                row, column = divmod(at, 2)
                left, line = _LEFT + column * (wide + 8), y + 11 + row * 10.5
                sheet.box(left + 0.6, line - 2.9, 2, 2, look.colours["accent"], 1)
                sheet.fitted(left + 5, line, duty, 5.4, self.ink, within=wide - 5)
            y += 32
        if look.show["periods"]:
            text = look.say("periods", accept=f"{facts.accept_hours:g}", resolve=f"{facts.resolve_days:g}")
            sheet.fitted(_LEFT, min(y + 4, _FOOTER - 8), text, 5, self.quiet, within=_INNER)

    def footer(self) -> None:
        sheet, facts, edge = self.sheet, self.facts, self.sheet.bleed
        sheet.box(-edge, _FOOTER, WIDTH + 2 * edge, HEIGHT - _FOOTER + edge, self.main)
        if facts.supervision_phone:
            label = f"{self.look.words['supervision']}  "
            wide = sheet.words(_LEFT, _FOOTER + 11.6, label, 6, "#ffffff")
            sheet.fitted(_LEFT + wide, _FOOTER + 11.9, facts.supervision_phone, 8.4, "#ffffff", within=88, bold=True)
        if facts.version:
            version = f"{self.look.words['version']} {facts.version}"
            sheet.words(_RIGHT, _FOOTER + 11.2, version, 3.2, "#ffffff", at=1)
