"""Films: where they were taken is emptied out, and nothing else moves."""

import struct

import pytest

from services.film_notes import NoFilm, without_notes
from services.media_kinds import told_by

PLACE = b"+31.6700+119.9500/"


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def film(data: bytes = b"pictures and sound") -> bytes:
    """The boxes of a phone's film, with its place as Android and as an iPhone writes it, and XMP."""
    return b"".join(
        [
            box(b"ftyp", b"isom", bytes(4), b"isommp42"),
            struct.pack(">I", 1) + b"mdat" + struct.pack(">Q", len(data) + 16) + data,
            box(
                b"moov",
                box(b"mvhd", bytes(100)),
                box(b"trak", box(b"tkhd", bytes(84)), box(b"udta", box(b"name", b"home"))),
                box(b"udta", box(b"\xa9xyz", struct.pack(">HH", len(PLACE), 0x15C7), PLACE)),
                box(b"meta", b"com.apple.quicktime.location.ISO6709", PLACE),
            ),
            box(b"uuid", bytes(16), b"<x:xmpmeta>", PLACE),
        ]
    )


def test_the_place_and_other_notes_are_gone_and_all_else_stays_where_it_was() -> None:
    before, after = film(), without_notes(film())
    assert before.count(PLACE) == 3
    assert PLACE not in after
    assert b"home" not in after
    assert len(after) == len(before)
    for kept in (b"mvhd", b"tkhd", b"pictures and sound"):
        assert after.index(kept) == before.index(kept)
    assert told_by(after) == "video/mp4"
    assert without_notes(after) == after


@pytest.mark.parametrize(
    "data",
    [
        box(b"ftyp", b"isom") + struct.pack(">I", 1000) + b"moov",
        box(b"ftyp", b"isom") + struct.pack(">I", 4) + b"moov",
        box(b"ftyp", b"isom") + struct.pack(">I", 1) + b"moov" + struct.pack(">Q", 3),
        box(b"moov", struct.pack(">I", 64) + b"trak"),
    ],
    ids=["longer than the file", "shorter than its head", "long and shorter", "longer than its holder"],
)
def test_boxes_that_do_not_fit_are_no_film(data: bytes) -> None:
    with pytest.raises(NoFilm):
        without_notes(data)


def test_boxes_nested_without_end_are_no_film() -> None:
    data = b""
    for _ in range(50):
        data = box(b"moov", data)
    with pytest.raises(NoFilm):
        without_notes(data)


@pytest.mark.parametrize(
    ("start", "media_type"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"RIFF....WEBPVP8 ", "image/webp"),
        (b"RIFF....WAVEfmt ", ""),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xf1", "audio/aac"),
        (b"#!AMR\n", "audio/amr"),
        (b"....ftypM4A ", "audio/mp4"),
        (b"....ftypisom", "video/mp4"),
        (b"....ftypheic", ""),
        (b"<svg xmlns=", ""),
        (b"GIF89a", ""),
        (b"MZ\x90\x00", ""),
        (b"PK\x03\x04", ""),
        (b"", ""),
    ],
)
def test_the_type_is_told_from_the_first_bytes(start: bytes, media_type: str) -> None:
    assert told_by(start) == media_type
