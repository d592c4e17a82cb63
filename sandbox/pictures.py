"""Pictures and sounds that are made here, for people who send a photo without having one."""

import html
import random
import struct
import zlib

WIDTH, HEIGHT = 360, 270
LIT, DARK = 0.35, 0.55

Colour = tuple[int, int, int]


class Canvas:
    """A small picture in memory that can be written as PNG."""

    def __init__(self, width: int = WIDTH, height: int = HEIGHT) -> None:
        self.width, self.height = width, height
        self._rows = [bytearray(width * 3) for _ in range(height)]

    def bar(self, left: float, top: float, width: float, height: float, colour: Colour) -> None:
        """Fill a rectangle; what lies outside is cut off."""
        first, last = max(0, round(left)), min(self.width, round(left + width))
        if first >= last:
            return
        line = bytes(colour) * (last - first)
        for y in range(max(0, round(top)), min(self.height, round(top + height))):
            self._rows[y][first * 3 : last * 3] = line

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        for step in range(-int(radius), int(radius) + 1):
            half = (radius * radius - step * step) ** 0.5
            self.bar(x - half, y + step, 2 * half, 1, colour)

    def png(self) -> bytes:
        raw = b"".join(b"\0" + row for row in self._rows)
        head = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        return (
            b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(raw, 6)) + _chunk(b"IEND", b"")
        )


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def street(seed: int) -> bytes:
    """A street at dusk with a lamp that is out: what a resident would photograph. As PNG; *seed* varies it."""
    dice = random.Random(seed)  # noqa: S311 - only the look depends on it
    canvas = Canvas()
    horizon = 190
    for y in range(horizon):
        part = y / horizon
        canvas.bar(0, y, WIDTH, 1, (round(58 + 150 * part), round(84 + 82 * part), round(130 - 4 * part)))
    canvas.disc(dice.randint(220, 320), dice.randint(100, 150), 26, (250, 214, 150))
    left = -10
    while left < WIDTH:
        width, height = dice.randint(38, 70), dice.randint(45, 110)
        shade = dice.randint(44, 70)
        canvas.bar(left, horizon - height, width, height, (shade, shade + 6, shade + 20))
        for row in range(2, height // 18):
            for column in range(width // 16):
                lit = dice.random() < LIT
                window = (247, 217, 128) if lit else (shade + 16, shade + 20, shade + 34)
                canvas.bar(left + 6 + column * 16, horizon - row * 18, 8, 9, window)
        left += width + dice.randint(2, 10)
    canvas.bar(0, horizon, WIDTH, HEIGHT - horizon, (72, 76, 84))
    canvas.bar(0, horizon, WIDTH, 14, (122, 124, 128))
    for mark in range(0, WIDTH, 60):
        canvas.bar(mark + 10, horizon + 46, 30, 4, (196, 196, 190))
    pole = dice.randint(70, 150)
    canvas.bar(pole, 62, 6, 136, (34, 37, 42))
    canvas.bar(pole, 62, 52, 5, (34, 37, 42))
    canvas.bar(pole + 36, 66, 24, 8, (34, 37, 42))
    canvas.bar(pole + 39, 74, 18, 4, (92, 96, 100))
    canvas.bar(pole - 5, 194, 16, 8, (34, 37, 42))
    return canvas.png()


def sun_code(scene: str) -> bytes:
    """A round picture in place of a mini program's code. It cannot be scanned; it differs with the scene."""
    dice = random.Random(scene)  # noqa: S311 - only the look depends on it
    size = 280
    canvas = Canvas(size, size)
    canvas.bar(0, 0, size, size, (255, 255, 255))
    for radius in range(132, 56, -9):
        canvas.disc(size / 2, size / 2, radius, (20, 20, 20) if dice.random() < DARK else (255, 255, 255))
        canvas.disc(size / 2, size / 2, radius - 4, (255, 255, 255))
    canvas.disc(size / 2, size / 2, 44, (7, 193, 96))
    return canvas.png()


def ticket_card(scene: str, url: str) -> str:
    """An SVG that says what a code holds, for ``showqrcode``. It is a card with words, not a code to scan."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="430" height="430" viewBox="0 0 430 430">'
        '<rect width="430" height="430" fill="#fff"/><rect x="25" y="25" width="380" height="380" rx="16" fill="none"'
        ' stroke="#07c160" stroke-width="6"/><g font-family="sans-serif" text-anchor="middle" fill="#222">'
        f'<text x="215" y="185" font-size="40">{html.escape(scene)}</text>'
        f'<text x="215" y="250" font-size="17">{html.escape(url)}</text></g></svg>'
    )


def silence(seconds: int) -> bytes:
    """An AMR file with nothing to hear, 50 frames a second."""
    return b"#!AMR\n" + (b"\x3c" + bytes(31)) * (50 * seconds)


def film() -> bytes:
    """The smallest thing that calls itself MP4."""
    kind = b"ftyp" + b"isom" + struct.pack(">I", 512) + b"isomiso2mp41"
    return struct.pack(">I", len(kind) + 4) + kind + struct.pack(">I", 8) + b"free"
