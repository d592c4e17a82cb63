"""What a file really is, told from its first bytes: neither its name nor what its sender says counts."""

from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    "image/jpeg": "photo",
    "image/png": "photo",
    "image/webp": "photo",
    "audio/mpeg": "voice",
    "audio/mp4": "voice",
    "audio/aac": "voice",
    "audio/amr": "voice",
    "video/mp4": "video",
}
"""The types that are taken, and what each is to people."""
ENDINGS: Mapping[str, str] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "audio/amr": "amr",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "video/mp4": "mp4",
}
ENOUGH = 16
"""Bytes from which the type can be told."""

_STARTS: Mapping[bytes, str] = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"#!AMR": "audio/amr",
    b"ID3": "audio/mpeg",
    b"\xff\xfb": "audio/mpeg",
    b"\xff\xf3": "audio/mpeg",
    b"\xff\xf2": "audio/mpeg",
    b"\xff\xfa": "audio/mpeg",
    b"\xff\xf1": "audio/aac",
    b"\xff\xf9": "audio/aac",
}
_SOUND_BRANDS = frozenset({b"M4A ", b"M4B ", b"M4P "})
# These hold pictures in a box that begins like a film's.
_PICTURE_BRANDS = frozenset({b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis", b"hevc", b"hevx"})


def told_by(data: bytes) -> str:
    """The media type by the first 16 bytes; empty where it is none that is taken."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        if brand in _PICTURE_BRANDS:
            return ""
        return "audio/mp4" if brand in _SOUND_BRANDS else "video/mp4"
    return next((kind for start, kind in _STARTS.items() if data.startswith(start)), "")


def kind_of(media_type: str) -> str:
    """Which of photo, voice and video it is, or empty for what is not taken."""
    return KINDS.get(media_type, "")


def same_kind(data: bytes, media_type: str) -> bool:
    """Whether what begins with *data* is a photo, voice or film as *media_type* says it is."""
    said = kind_of(media_type)
    return bool(said) and kind_of(told_by(data)) == said
