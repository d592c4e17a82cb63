"""Notes in a film or recording (MP4, ISO 14496-12): phones write there where it was taken."""

from collections.abc import Iterator

_NOTES = frozenset({b"udta", b"meta", b"uuid"})
"""Boxes with notes: places in ``udta`` (``©xyz``, ``loci``) and ``meta`` (QuickTime's keys), XMP in ``uuid``."""
_HOLDERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"moof", b"traf"})
_HEAD, _LONG_HEAD = 8, 16
_DEEPEST = 8


class NoFilm(Exception):  # noqa: N818 - a plain fact
    """The boxes do not fit into each other: what it holds cannot be told."""


def without_notes(data: bytes) -> bytes:
    """The same film with every box of notes emptied. Nothing moves, so that no index into it must be written anew.

    Raises NoFilm.
    """
    film = bytearray(data)
    for kind, start, body, end in _boxes(film, 0, len(film), 0):
        if kind in _NOTES:
            film[start + 4 : start + _HEAD] = b"free"
            film[body:end] = bytes(end - body)
    return bytes(film)


def _boxes(film: bytearray, start: int, end: int, depth: int) -> Iterator[tuple[bytes, int, int, int]]:
    while start + _HEAD <= end:
        length, kind = int.from_bytes(film[start : start + 4], "big"), bytes(film[start + 4 : start + _HEAD])
        body = start + _HEAD
        if length == 1:
            length, body = int.from_bytes(film[body : body + _HEAD], "big"), start + _LONG_HEAD
        elif length == 0:  # to the end of the file
            length = end - start
        if length < body - start or start + length > end:
            raise NoFilm("a box is longer than what holds it")
        if kind in _HOLDERS:
            if depth == _DEEPEST:
                raise NoFilm("boxes lie too deep in each other")
            yield from _boxes(film, body, start + length, depth + 1)
        else:
            yield kind, start, body, start + length
        start += length
