"""A sheet as SVG. Letters are outlines: it looks the same where no Chinese font is installed, as with a sign maker."""

import base64
from html import escape
from itertools import groupby

from qrcodes.drawing import Modules
from qrcodes.faces import UNITS
from qrcodes.paint import Box, Code, Item, Picture, Sheet, Words


def svg(sheet: Sheet) -> bytes:
    """*sheet* with its real measures; the words are kept beside the outlines, for whoever cannot see them."""
    used: dict[tuple[int, str], str] = {}
    clips: list[str] = []
    body = "".join(_item(sheet, item, used, clips) for item in sheet.items)
    glyphs = "".join(
        f'<path id="{name}" d="{sheet.stock.glyphs[weight][char].path}"/>' for (weight, char), name in used.items()
    )
    edge, width, height = sheet.bleed, sheet.width, sheet.height
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" '
        f'width="{_n(width + 2 * edge)}mm" height="{_n(height + 2 * edge)}mm" '
        f'viewBox="{_n(-edge)} {_n(-edge)} {_n(width + 2 * edge)} {_n(height + 2 * edge)}" role="img">'
        f"<title>{escape(sheet.title)}</title><defs>{glyphs}{''.join(clips)}</defs>{body}</svg>\n"
    ).encode()


def _item(sheet: Sheet, item: Item, used: dict[tuple[int, str], str], clips: list[str]) -> str:
    match item:
        case Box():
            return (
                f'<rect x="{_n(item.x)}" y="{_n(item.y)}" width="{_n(item.width)}" height="{_n(item.height)}"'
                f'{_round(item.radius)} fill="{item.colour}"/>'
            )
        case Words():
            return _words(sheet, item, used)
        case Code():
            unit = item.side / len(item.modules)
            side = _n(item.side)
            return (
                f'<rect x="{_n(item.x)}" y="{_n(item.y)}" width="{side}" height="{side}" fill="#fff"/>'
                f'<path transform="translate({_n(item.x)} {_n(item.y)}) scale({unit:.6f})" d="{_runs(item.modules)}"/>'
            )
        case Picture():
            name = f"c{len(clips)}"
            place = f'x="{_n(item.x)}" y="{_n(item.y)}" width="{_n(item.width)}" height="{_n(item.height)}"'
            clips.append(f'<clipPath id="{name}"><rect {place}{_round(item.radius)}/></clipPath>')
            data = base64.b64encode(item.jpeg).decode()
            return (
                f'<image {place} clip-path="url(#{name})" preserveAspectRatio="xMidYMid slice" '
                f'href="data:image/jpeg;base64,{data}"/>'
            )


def _words(sheet: Sheet, item: Words, used: dict[tuple[int, str], str]) -> str:
    scale, at, parts = item.size / UNITS, 0, []
    for char in item.text:
        glyph = sheet.stock.glyph(char, item.text, item.weight)
        if glyph.path:
            name = used.setdefault((item.weight, char), f"g{len(used)}")
            parts.append(f'<use href="#{name}" x="{at}"/>')
        at += glyph.advance
    return (
        f'<g fill="{item.colour}" aria-label="{escape(item.text)}" '
        f'transform="translate({_n(item.x)} {_n(item.y)}) scale({scale:.6f} {-scale:.6f})">{"".join(parts)}</g>'
    )


def _runs(modules: Modules) -> str:
    # One path for all: drawn one by one, neighbours show hairlines between them on some screens and printers.
    path = []
    for y, row in enumerate(modules):
        x = 0
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                path.append(f"M{x},{y}h{length}v1h-{length}z")
            x += length
    return "".join(path)


def _round(radius: float) -> str:
    return f' rx="{_n(radius)}"' if radius else ""


def _n(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
