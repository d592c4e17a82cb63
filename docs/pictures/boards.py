"""``python docs/pictures/boards.py``: draws the pictures of docs/boards.md anew, from the PDF pages themselves.

Writes beside this file ``board.png`` (a notice board), ``door-card.png`` and ``badge.png``, with an emblem and two
portraits that are painted here. Needs ``make setup-dev``.
"""
# ruff: noqa: INP001, T201 - a script beside its pictures, which says what it has written

import io
import sys
import tempfile
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

from qrcodes.as_pdf import page, pdf  # noqa: E402 - only reachable from here on
from qrcodes.board import board  # noqa: E402
from qrcodes.cards import badge, door_card  # noqa: E402
from qrcodes.drawing import drawn, read  # noqa: E402
from qrcodes.faces import Faces  # noqa: E402
from qrcodes.facts import Facts, Somebody  # noqa: E402
from qrcodes.look import look  # noqa: E402
from qrcodes.paint import Sheet  # noqa: E402

COLOURS = 128
URL = "http://weixin.qq.com/q/02kbq8N6YkfQk10000w07D"


def main() -> int:
    """Draw all three. Returns the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        _emblem().save(Path(folder, "emblem.png"))
        template = Path(folder, "ours.toml")
        template.write_text('[emblem]\nfile = "emblem.png"\non_code = true\n', "utf-8")
        chosen = look(template)
    facts = _facts()
    with Faces() as faces:
        stock = faces.stock("".join([*chosen.texts, *facts.texts, "0123456789·…　 "]))
    code = drawn(facts.url, chosen.emblem)
    _keep("board.png", board(facts, chosen, code, stock), dots=92)
    _keep("door-card.png", door_card(facts, chosen, code, stock), dots=120)
    _keep("badge.png", badge(facts, facts.people[1], chosen, code, stock), dots=180)
    return 0


def _facts() -> Facts:
    people = [
        Somebody("赵建军", "grid_chief", "0519-86540012", _portrait("#9cc3e6", "#20354f"), (500, 700)),
        Somebody("李卫国", "grid_worker", "0519-86540013", _portrait("#cfe3d4", "#7a2f2f"), (500, 700)),
        Somebody("王芳", "part_time_worker"),
    ]
    return Facts(
        code="32041210120101",
        grid="第一网格",
        kind="comprehensive",
        village="城西村",
        town="雪堰镇",
        area="东至太滆路，西至漕桥河，南至村委会，北至锡宜公路",
        people=people,
        duties=[],
        supervision_phone="0519-86540000",
        accept_hours=4,
        resolve_days=3,
        url=URL,
        address="wangge.example.gov.cn/q/w104",
        version="3f9a2c7b · 2026-11-24",
    )


def _emblem() -> Image.Image:
    image = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.ellipse((0, 0, 399, 399), fill="#ffffff")
    pen.ellipse((20, 20, 379, 379), fill="#2f7d4f")
    pen.polygon([(60, 280), (160, 140), (220, 220), (270, 160), (345, 280)], fill="#ffffff")
    return image


def _portrait(ground: str, coat: str) -> bytes:
    """Nobody: a face without features, which is all that a public repository should hold."""
    image = Image.new("RGB", (1000, 1400), ground)
    pen = ImageDraw.Draw(image)
    pen.ellipse((90, 880, 910, 1900), fill=coat)
    pen.rounded_rectangle((430, 700, 570, 960), 60, fill="#e3b48c")
    pen.ellipse((300, 280, 700, 800), fill="#f1c9a5")
    pen.pieslice((285, 230, 715, 780), 180, 360, fill="#2b2b2b")
    out = io.BytesIO()
    image.resize((500, 700), Image.Resampling.LANCZOS).save(out, "JPEG", quality=90)
    return out.getvalue()


def _keep(name: str, sheet: Sheet, *, dots: float) -> None:
    document = pypdfium2.PdfDocument(pdf([page(sheet)], sheet.stock))
    picture = document[0].render(scale=dots / 72).to_pil()
    document.close()
    framed = Image.new("RGB", (picture.width + 2, picture.height + 2), "#c8ccd2")
    framed.paste(picture, (1, 1))
    framed.quantize(COLOURS, dither=Image.Dither.NONE).save(HERE / name, "PNG", optimize=True)
    with Image.open(HERE / name) as kept:
        reads = read(kept.convert("RGB")) == URL
    print(f"{name}: {framed.width} x {framed.height}, {(HERE / name).stat().st_size // 1000} kB, code reads: {reads}")


if __name__ == "__main__":
    sys.exit(main())
