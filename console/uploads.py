"""A form with files, read with care: part by part, so much and no more."""

import asyncio
from collections.abc import Sequence

from aiohttp import BodyPartReader, web

from console.forms import Form
from domain.errors import BadInput, TooLarge

PATIENCE = 60.0
"""Seconds within which a form with files must have arrived: an office's line may be slow."""
MOST_PARTS = 12
LONGEST_FIELD = 4096


async def read_upload(request: web.Request, *, longest: int) -> tuple[Form, Sequence[bytes]]:
    """The fields and the files (those that were chosen) of a multipart form; *longest* bytes for each file.

    Raises BadInput, TooLarge, and aiohttp's 408 and 415.
    """
    if request.content_type != "multipart/form-data":
        raise web.HTTPUnsupportedMediaType(text="send the form as a browser does")
    try:
        return await asyncio.wait_for(_read(request, longest), PATIENCE)
    except TimeoutError:
        raise web.HTTPRequestTimeout(text="the file took too long to arrive") from None
    except (ValueError, AssertionError):
        # What aiohttp says of a boundary that is none and of headers that cannot be read.
        raise BadInput("the form cannot be read", field="", why="unreadable") from None


async def _read(request: web.Request, longest: int) -> tuple[Form, Sequence[bytes]]:
    values: dict[str, str] = {}
    files: list[bytes] = []
    parts = 0
    async for part in await request.multipart():
        parts += 1
        if not isinstance(part, BodyPartReader) or not part.name or parts > MOST_PARTS:
            raise BadInput("the form cannot be read", field="", why="unreadable")
        if part.filename is None:
            text = (await _bytes(part, LONGEST_FIELD)).decode("utf-8")
            if not text.isprintable():
                raise BadInput("the form holds a control character", field=part.name[:40], why="control")
            values[part.name] = text
        else:
            data = await _bytes(part, longest)
            if data or part.filename:
                files.append(data)
    return Form(values), files


async def _bytes(part: BodyPartReader, longest: int) -> bytes:
    found = bytearray()
    while chunk := await part.read_chunk():
        found += chunk
        if len(found) > longest:
            raise TooLarge("the file is too large", longest=longest)
    return bytes(found)
