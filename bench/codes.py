"""``python -m bench.codes``: codes and boards, fast enough, in flat memory, and every one of them read back.

``--check N`` draws N codes, prints each at three sizes, damages 7 % of each print, and reads all of them back with
zxing-cpp, which shares no line with the library that drew them. ``run`` is the part that ``make bench`` shows: against
the ``qrcode`` library alone with the same settings, in as many processes.
"""

import argparse
import asyncio
import io
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import qrcode
from PIL import Image, ImageFilter
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.image.pil import PilImage

from bench.report import Report
from qrcodes import drawing
from qrcodes.faces import Faces
from qrcodes.facts import Facts, Somebody
from qrcodes.look import look
from qrcodes.press import Job, Output, drawn_all
from qrcodes.scenes import encode

DAMAGED = 0.07
SIZES_MM = {"badge": 30.0, "door card": 66.0, "board": 80.0}
"""Side of the printed code with its border, as ``qrcodes/cards.py`` and ``qrcodes/board.py`` print it."""
SEEN_AT = {"badge": 6.0, "door card": 5.0, "board": 4.0}
"""Pixels a millimetre in a phone's picture: a small code is held nearer to it."""
EXPOSURES = (1.0, 1.3, 0.7)
AGAIN = "damaged prints that took a second or third picture, as a phone takes them"
FLOOR, FLATNESS = 0.8, 1.25
_FINDER = 8
"""Modules of a finder pattern with the separator that belongs to it."""
_A_PART = 250
_BLUR = 0.6
_BOX = 10


def url(number: int) -> str:
    """An address as WeChat gives them, another for each scene."""
    dice = random.Random(encode(number + 1))
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return "http://weixin.qq.com/q/02" + "".join(dice.choices(letters, k=20))


def seen(modules: Image.Image, where: str) -> Image.Image:
    """The print as a camera sees it: not on whole pixels, and a little out of focus."""
    pixels = round(SIZES_MM[where] * SEEN_AT[where])
    large = modules.resize((modules.width * 6, modules.width * 6), Image.Resampling.NEAREST)
    return large.resize((pixels, pixels), Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(_BLUR))


def damaged(modules: Image.Image, dice: random.Random) -> Image.Image:
    """Cover 7 % of the code: a stain, a strip of tape or two stickers, black, white or grey, wherever it falls.

    The three finder patterns in the corners, with the white line around them, are spared: without all three a reader
    sees no code, and there is nothing to correct.
    """
    side = modules.width
    first, last = drawing.QUIET_ZONE, side - drawing.QUIET_ZONE
    area = (last - first) ** 2 * DAMAGED
    spoilt = modules.copy()
    for share, shape in dice.choice((((1, 1),), ((1, 4),), ((1, 0.25),), ((0.5, 1), (0.5, 1.5)))):
        wide = round((area * share * shape) ** 0.5)
        high = round(area * share / wide)
        while True:
            x, y = dice.randint(first, last - wide), dice.randint(first, last - high)
            low, far = first + _FINDER, last - _FINDER
            left, right, top, bottom = x < low, x + wide > far, y < low, y + high > far
            if not (left and top) and not (right and top) and not (left and bottom):
                break
        spoilt.paste(dice.choice((0, 255, 128)), (x, y, x + wide, y + high))
    return spoilt


def checked(numbers: Sequence[int]) -> Counter[str]:
    """Draw these, read each from every size clean and damaged; how many came back letter for letter."""
    right: Counter[str] = Counter()
    for number in numbers:
        data = url(number)
        dice = random.Random(number)
        with Image.open(io.BytesIO(drawing.png(data))) as file:
            handed_out = file.convert("L")
        right["drawn"] += drawing.reads(handed_out, data)
        clean = handed_out.resize((handed_out.width // _BOX, handed_out.width // _BOX), Image.Resampling.NEAREST)
        for where in SIZES_MM:
            right[f"{where}, clean"] += drawing.reads(seen(clean, where), data)
            pictures = _pictures(seen(damaged(clean, dice), where), data)
            right[f"{where}, damaged"] += pictures > 0
            right[AGAIN] += pictures > 1
    return right


def _pictures(image: Image.Image, data: str) -> int:
    """How many pictures a phone takes until it has the text, each a little lighter or darker; 0: it never has."""
    for count, light in enumerate(EXPOSURES, start=1):
        if drawing.reads(image.point([min(255, round(value * light)) for value in range(256)]), data):
            return count
    return 0


def _with_processes(work: object, parts: Sequence[object]) -> tuple[list[object], float]:
    """What *work* makes of *parts* in every core, and the seconds it took once the processes are there."""
    with ProcessPoolExecutor(_cores(), mp_context=get_context("spawn")) as pool:
        list(pool.map(_nothing, range(_cores() * 4)))
        began = time.perf_counter()
        return list(pool.map(work, parts)), time.perf_counter() - began  # type: ignore[arg-type]


def _nothing(number: int) -> int:
    time.sleep(0.2)
    return number


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def check(count: int, report: Report) -> None:
    parts = [range(at, min(at + _A_PART, count)) for at in range(0, count, _A_PART)]
    found, seconds = _with_processes(checked, parts)
    right: Counter[str] = Counter()
    for one in found:
        assert isinstance(one, Counter)
        right += one
    report.say(f"{count} codes, each drawn, printed at three sizes, and damaged over {DAMAGED:.0%} of its area:")
    again = right.pop(AGAIN, 0)
    for what, held in right.items():
        report.check(held == count, f"{what}: {held} of {count} read back", f"{count - held} did not")
    report.say(f"    {AGAIN}: {again} of {count * len(SIZES_MM)}")
    report.say(f"  {seconds:.0f} s on {_cores()} cores")


def ours(numbers: range) -> int:
    """Codes as the command hands them out: drawn, written as PNG, read back."""
    return sum(len(drawing.png(url(number))) > 0 for number in numbers)


def library(numbers: range) -> int:
    """The same PNG by the library alone, nothing read back."""
    for number in numbers:
        code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, box_size=10, border=4)
        code.add_data(url(number), optimize=0)
        code.make()
        code.make_image(image_factory=PilImage).save(io.BytesIO())
    return len(numbers)


def speed(report: Report, count: int, rounds: int) -> None:
    parts = [range(at, at + 25) for at in range(0, count, 25)]
    took: dict[str, list[float]] = {"the qrcode library alone": [], "drawn and read back": []}
    for _ in range(rounds):
        for name, work in (("the qrcode library alone", library), ("drawn and read back", ours)):
            took[name].append(_with_processes(work, parts)[1])
    best = {name: count / min(seconds) for name, seconds in took.items()}
    report.say(f"Codes as PNG, level Q, {_cores()} processes, best of {rounds} turns of {count}:")
    report.table(["", "codes/s"], [[name, f"{rate:.0f}"] for name, rate in best.items()])
    report.aim("of the library's codes a second", best["drawn and read back"] / best["the qrcode library alone"], FLOOR)


async def facts(count: int) -> AsyncIterator[Facts]:
    """Boards with people and photos, as many as wanted, made one by one."""
    out = io.BytesIO()
    Image.effect_noise((500, 700), 60).convert("RGB").save(out, "JPEG", quality=80)
    photo = out.getvalue()
    people = [
        Somebody("赵建军", "grid_chief", "0519-86540012", photo, (500, 700)),
        Somebody("李卫国", "grid_worker", "0519-86540013", photo[:-2] + b"\0\0\xff\xd9", (500, 700)),
    ]
    plain = Facts("", "", "comprehensive", "城西村", "雪堰镇", "东至太滆路", people, [], "0519-86540000", 4, 3, "")
    for number in range(count):
        yield replace(plain, code=f"{32041210120101 + number}", grid=f"第{number}网格", url=url(number))


async def boards(count: int, folder: Path) -> int:
    """Print *count* boards into one PDF and one ZIP; the most memory that this process took, in bytes."""
    chosen = look()
    texts = [text async for one in facts(1) for text in one.texts]
    with Faces() as faces:
        stock = faces.stock("".join([*chosen.texts, *texts, "0123456789·…　 "]))
    job = Job("board", "pdf", chosen, stock)
    output = Output(folder, "boards", job, title="bench")
    async for done in drawn_all(job, facts(count), max(count, 100)):
        assert not done.problem, done
        output.add(done)
    output.keep()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def memory(report: Report, few: int, many: int) -> None:
    most, seconds = {}, {}
    for count in (few, many):
        began = time.perf_counter()
        # A process of its own: the most memory it ever took is told only once, at its end.
        done = subprocess.run(
            [sys.executable, "-m", "bench.codes", "--boards", str(count)], capture_output=True, text=True, check=True
        )
        most[count], seconds[count] = int(done.stdout.split()[-1]), time.perf_counter() - began
    report.say("Boards as one PDF and a ZIP, memory of the process that writes them:")
    lines = [[str(count), f"{most[count] / 2**20:.0f} MiB", f"{count / seconds[count]:.0f}"] for count in most]
    report.table(["boards", "memory", "boards/s"], lines)
    report.aim(
        f"times the memory for {many // few} times the boards, turned round", most[few] / most[many], 1 / FLATNESS
    )


def run(report: Report, *, rounds: int = 3, codes: int = 600, few: int = 100, many: int = 10_000) -> None:
    report.say("\n## Codes and boards")
    speed(report, codes, rounds)
    memory(report, few, many)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.codes", description=__doc__)
    parser.add_argument("--check", type=int, metavar="N", help="draw N codes and read all of them back")
    parser.add_argument("--boards", type=int, metavar="N", help=argparse.SUPPRESS)
    parser.add_argument("--many", type=int, default=10_000, help="boards of the larger run")
    given = parser.parse_args()
    if given.boards:
        with tempfile.TemporaryDirectory(prefix="wg-boards-") as folder:
            print(asyncio.run(boards(given.boards, Path(folder))))
        return 0
    report = Report()
    if given.check:
        check(given.check, report)
    else:
        run(report, many=given.many)
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
