"""Pictures drawn anew: upright, small enough for a phone, without a word on where and with what they were taken."""

import io
import struct
from dataclasses import dataclass

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from services.film_notes import NoFilm, without_notes
from services.ports import Media

LONGEST_EDGE = 2560
THUMB_EDGE = 400
MOST_PIXELS = 120_000_000
"""A phone's largest photos have 108 million; a small file can pretend to have far more."""
MOST_PIXELS_AT_ONCE = 40_000_000
"""Of a format that cannot be read at a smaller scale."""
BYTES = "application/octet-stream"

# One cut short on its way is still worth having.
ImageFile.LOAD_TRUNCATED_IMAGES = True
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


class Unreadable(Exception):  # noqa: N818 - a plain fact
    """It says that it is a picture or a film, and cannot be opened; where it was taken may stand in it all the same."""


@dataclass(frozen=True, slots=True)
class Drawn:
    media: Media
    thumb: bytes
    """A small JPEG of it; empty where there is nothing to draw."""


def drawn(media: Media) -> Drawn:
    """The picture upright, at most 2,560 pixels long, without EXIF, and a small one of it at most 400 long.

    What is not a picture at all is kept as it is, as plain bytes that no browser will run. Raises Unreadable.
    """
    try:
        with Image.open(io.BytesIO(media.data)) as picture:
            return _redrawn(picture)
    except UnidentifiedImageError:
        return Drawn(Media(media.data, BYTES), b"")
    except _BROKEN as error:
        raise Unreadable(f"the picture cannot be opened: {error}") from error


def without_place(media: Media) -> Media:
    """A film or recording without its notes. Raises Unreadable."""
    if media.data[4:8] != b"ftyp":
        return media
    try:
        return Media(without_notes(media.data), media.media_type)
    except NoFilm as error:
        raise Unreadable(f"the film cannot be opened: {error}") from error


_BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    struct.error,
    MemoryError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


def _redrawn(picture: Image.Image) -> Drawn:
    kind = picture.format
    width, height = picture.size
    if width * height > (MOST_PIXELS if kind in {"JPEG", "MPO"} else MOST_PIXELS_AT_ONCE):
        raise ValueError("it has too many pixels")
    picture.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))
    mode = "RGBA" if kind == "PNG" and picture.has_transparency_data else "RGB"
    upright = ImageOps.exif_transpose(picture).convert(mode)
    upright.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
    # Comments and other notes would be written out again; only the picture is to stay.
    upright.info.clear()
    thumb = _small(upright)
    out = io.BytesIO()
    if kind == "PNG":
        upright.save(out, "PNG")
        return Drawn(Media(out.getvalue(), "image/png"), thumb)
    upright.save(out, "JPEG", quality=85)
    return Drawn(Media(out.getvalue(), "image/jpeg"), thumb)


def _small(upright: Image.Image) -> bytes:
    small = upright.copy()
    small.thumbnail((THUMB_EDGE, THUMB_EDGE))
    if small.mode == "RGBA":
        # What is clear is white, as on the page where it is shown.
        white = Image.new("RGBA", small.size, "white")
        white.alpha_composite(small)
        small = white
    out = io.BytesIO()
    small.convert("RGB").save(out, "JPEG", quality=75)
    return out.getvalue()
