"""The smallest TrueType file that a PDF may embed: chosen glyphs, and nothing but how to draw and space them."""

import struct
from collections.abc import Sequence

from qrcodes.faces import UNITS, Glyph

ASCENT, DESCENT = 880, -120
"""Of Noto Sans CJK's square."""
_VERSION = 0x00010000
_HEAD_MAGIC = 0x5F0F3CF5
_CHECKSUM_OF_ALL = 0xB1B0AFBA
_WORD = 0xFFFFFFFF


def true_type(glyphs: Sequence[Glyph]) -> bytes:
    """A font of *glyphs*, numbered from 1 in their order; 0 is empty."""
    every = [Glyph(UNITS, "", b"", (0, 0, 0, 0)), *glyphs]
    offsets, outlines = [0], bytearray()
    for glyph in every:
        outlines += glyph.outline + b"\0" * (-len(glyph.outline) % 4)
        offsets.append(len(outlines))
    box = (
        min(glyph.box[0] for glyph in every),
        min(glyph.box[1] for glyph in every),
        max(glyph.box[2] for glyph in every),
        max(glyph.box[3] for glyph in every),
    )
    widest = max(glyph.advance for glyph in every)
    tables = {
        b"glyf": bytes(outlines),
        b"head": struct.pack(
            ">IIIIHHqqhhhhHHhhh", _VERSION, _VERSION, 0, _HEAD_MAGIC, 3, UNITS, 0, 0, *box, 0, 8, 2, 1, 0
        ),
        b"hhea": struct.pack(
            ">IhhhHhhhhhhhhhhhH", _VERSION, ASCENT, DESCENT, 0, widest, 0, 0, box[2], 1, *[0] * 7, len(every)
        ),
        b"hmtx": b"".join(struct.pack(">Hh", glyph.advance, glyph.box[0]) for glyph in every),
        b"loca": struct.pack(f">{len(offsets)}I", *offsets),
        b"maxp": struct.pack(">IHHHHHHHHHHHHHH", _VERSION, len(every), *_largest(every), 0, 0, 2, *[0] * 8),
    }
    return _file(tables)


def _largest(glyphs: Sequence[Glyph]) -> tuple[int, int]:
    """The most points and contours of one glyph."""
    points = contours = 0
    for glyph in glyphs:
        if glyph.outline:
            (count,) = struct.unpack_from(">h", glyph.outline)
            (last,) = struct.unpack_from(">H", glyph.outline, 10 + 2 * (count - 1))
            points, contours = max(points, last + 1), max(contours, count)
    return points, contours


def _file(tables: dict[bytes, bytes]) -> bytes:
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    head = struct.pack(">IHHHH", _VERSION, count, power * 16, power.bit_length() - 1, (count - power) * 16)
    at, directory, body = len(head) + 16 * count, b"", b""
    for name, data in sorted(tables.items()):
        directory += struct.pack(">4sIII", name, _sum(data), at + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    whole = bytearray(head + directory + body)
    (head_at,) = (
        struct.unpack_from(">I", directory, 16 * number + 8)[0]
        for number in range(count)
        if directory[16 * number : 16 * number + 4] == b"head"
    )
    struct.pack_into(">I", whole, head_at + 8, (_CHECKSUM_OF_ALL - _sum(bytes(whole))) & _WORD)
    return bytes(whole)


def _sum(data: bytes) -> int:
    padded = data + b"\0" * (-len(data) % 4)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) & _WORD
