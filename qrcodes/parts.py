"""What boards and cards have in common: the emblem, a face, a code with its frame."""

from io import BytesIO

from PIL import Image

from qrcodes.drawing import Drawn, Modules, emblem_side
from qrcodes.facts import Somebody
from qrcodes.look import Look
from qrcodes.paint import Code, Picture, Sheet

EMBLEM_PIXELS = 480


def jpeg(image: Image.Image, ground: str, pixels: int = EMBLEM_PIXELS) -> tuple[bytes, tuple[int, int]]:
    """*image* on *ground* as a JPEG no larger than *pixels*: PDF shows those as they are."""
    small = image.convert("RGBA")
    small.thumbnail((pixels, pixels), Image.Resampling.LANCZOS)
    flat = Image.new("RGB", small.size, ground)
    flat.paste(small, (0, 0), small)
    out = BytesIO()
    flat.save(out, "JPEG", quality=90)
    return out.getvalue(), flat.size


def emblem(sheet: Sheet, look: Look, x: float, y: float, side: float, ground: str) -> bool:
    """Put the town's emblem into a square; False where it has none."""
    if look.emblem is None:
        return False
    data, (wide, high) = jpeg(look.emblem, ground)
    scale = side / max(wide, high)
    left, top = x + (side - wide * scale) / 2, y + (side - high * scale) / 2
    sheet.items.append(Picture(left, top, wide * scale, high * scale, data, (wide, high)))
    return True


def code(sheet: Sheet, look: Look, drawn: Drawn, x: float, y: float, side: float) -> None:
    """Put a code of *side* with its quiet zone, and the emblem where it has been read back with it."""
    modules: Modules = drawn.modules
    sheet.items.append(Code(x, y, side, modules))
    if drawn.with_emblem:
        unit = side / len(modules)
        wide = emblem_side(modules) * unit
        at = (side - wide) / 2
        sheet.box(x + at, y + at, wide, wide, "#ffffff")
        emblem(sheet, look, x + at + unit / 2, y + at + unit / 2, wide - unit, "#ffffff")


def face(sheet: Sheet, look: Look, one: Somebody, x: float, y: float, width: float, height: float) -> None:
    """The photo of *one*, or the first character of their name on a quiet ground."""
    radius = width * 0.09
    if one.photo and look.show["photos"]:
        sheet.items.append(Picture(x, y, width, height, one.photo, one.pixels, radius))
        return
    sheet.box(x, y, width, height, look.colours["ground"], radius)
    size = width * 0.55
    initial = one.name[:1] or "·"
    sheet.words(x + width / 2, y + height / 2 + size * 0.37, initial, size, look.colours["main"], bold=True, at=0.5)
