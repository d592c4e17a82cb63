"""A form with photos in it, read part by part: nothing is read that is too large, or that nobody vouches for."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from console.forms import MOST_FIELDS, Form
from domain.errors import BadInput, Refusal, TooLarge

PATIENCE = 180.0
"""Seconds for everything: four photos over an office's slow line."""
MOST_FILES = 4
_SOON = 15.0
"""Seconds for the fields of somebody whose sign-in has ended."""
_LONGEST_FIELD = 16384
_ROOM = 65536
"""Of what stands around the photos: boundaries, headers, the other fields."""


class _EnoughError(Exception):
    """The fields are read, and no file is wanted."""


@dataclass(frozen=True, slots=True)
class File:
    """What came in a field for files. Its name is the sender's own say, and is not kept."""

    name: str
    """Of the field."""
    data: bytes = field(repr=False)


async def read_files(
    request: web.Request, vouched: Callable[[Form], None], *, longest: int
) -> tuple[Form, tuple[File, ...]]:
    """The fields and files of a ``multipart/form-data`` body; a file has at most *longest* bytes.

    *vouched* is asked about the fields before the first file is read, and raises what it has to say: the page puts its
    hidden fields first. A field for a file that was left empty is none.

    Raises BadInput, TooLarge, and aiohttp's 400, 408 and 415.
    """
    if request.content_type != "multipart/form-data":
        raise web.HTTPUnsupportedMediaType(text="send the form as a browser does")
    if (request.content_length or 0) > MOST_FILES * longest + _ROOM:
        raise TooLarge("the form is too large", longest=longest, kind="photo")
    try:
        async with asyncio.timeout(PATIENCE):
            return await _read(request, vouched, longest)
    except TimeoutError:
        raise web.HTTPRequestTimeout(text="the form did not arrive in time") from None
    except web.RequestPayloadError:
        raise web.HTTPBadRequest(text="the form ends too early") from None
    except (ValueError, AssertionError, HttpProcessingError):  # how aiohttp says that it is no multipart body
        raise BadInput("the form cannot be read", field="", why="unreadable") from None


async def read_fields(request: web.Request, *, longest: int) -> Form:
    """The fields that stand before the first file, to be shown again to whoever may send nothing.

    No file is read. A body that cannot be read has none.
    """
    found = Form({})

    def enough(form: Form) -> None:
        nonlocal found
        found = form
        raise _EnoughError

    with suppress(_EnoughError, Refusal, web.HTTPException, TimeoutError):
        async with asyncio.timeout(_SOON):
            await read_files(request, enough, longest=longest)
    return found


async def _read(request: web.Request, vouched: Callable[[Form], None], longest: int) -> tuple[Form, tuple[File, ...]]:
    values: dict[str, str] = {}
    files: list[File] = []
    asked = False
    parts = 0
    room = _ROOM
    async for part in await request.multipart():
        parts += 1
        if not isinstance(part, BodyPartReader) or part.name is None or parts > MOST_FIELDS:
            raise BadInput("the form cannot be read", field="", why="unreadable")
        if part.filename is None:
            said = await _bytes(part, min(_LONGEST_FIELD, room), kind="words")
            room -= len(said)
            text = said.decode("utf-8").replace("\r\n", "\n")
            if any(sign < " " and sign not in "\t\n" for sign in part.name + text):
                raise BadInput("the form holds a control character", field=part.name[:40], why="control")
            values[part.name] = text
            continue
        if not asked:
            vouched(Form(values))
            asked = True
        data = await _bytes(part, longest, kind="photo")
        if data or part.filename:  # a browser sends a field without a choice with neither
            if len(files) == MOST_FILES:
                raise BadInput(f"at most {MOST_FILES} photos at once", field="photos", why="many", longest=MOST_FILES)
            files.append(File(part.name, data))
    if not asked:
        vouched(Form(values))
    return Form(values), tuple(files)


async def _bytes(part: BodyPartReader, longest: int, *, kind: str) -> bytes:
    """Raises TooLarge as soon as it is."""
    found = bytearray()
    while chunk := await part.read_chunk():
        found += chunk
        if len(found) > longest:
            raise TooLarge(f"more than {longest} bytes", longest=longest, kind=kind)
    return bytes(found)
