"""Reading a file out of a multipart form."""

from aiohttp import BodyPartReader, web


class NoFile(Exception):  # noqa: N818 - a plain fact, like every error here
    """The form holds no file, or is no form."""


async def read_file(request: web.Request, name: str) -> tuple[bytes, str, dict[str, str]]:
    """Return the bytes and file name of the part *name* (or of any part with a file name), and the form's words.

    Raises NoFile.
    """
    words: dict[str, str] = {}
    body, file_name = b"", ""
    try:
        form = await request.multipart()
        while (part := await form.next()) is not None:
            if not isinstance(part, BodyPartReader):
                raise NoFile
            content = bytes(await part.read(decode=True))
            if part.name == name or part.filename:
                body, file_name = content, part.filename or ""
            elif part.name:
                words[part.name] = content.decode("utf-8", "replace")
    except (ValueError, AssertionError) as error:
        raise NoFile from error
    if not body:
        raise NoFile
    return body, file_name, words
