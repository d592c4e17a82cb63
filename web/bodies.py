"""What a client sends, read strictly: every mistake gets an answer that names the field and the mend."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeVar

from aiohttp import web
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from domain.errors import BadInput, TooLarge

PATIENCE = 15.0
"""Seconds within which a body must have arrived."""
MOST_FAULTS = 20

M = TypeVar("M", bound=BaseModel)


def _storable(text: str) -> str:
    """Neither NUL, which PostgreSQL cannot keep, nor other control characters, which nobody types."""
    for sign in text:
        if (sign < " " and sign not in "\t\n\r") or sign == "\x7f" or "\ud800" <= sign <= "\udfff":
            raise PydanticCustomError(
                "control_character", "must not hold the control character {sign}", {"sign": ascii(sign)}
            )
    return text


_CONTROLS = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f"
TEXT_PATTERN = f"^[^{_CONTROLS}]*$"
"""The same for JSON Schema."""
WORDS_PATTERN = rf"^[^{_CONTROLS}]*[^\s{_CONTROLS}][^{_CONTROLS}]*$"
"""And where something must stand there that is not a space."""

Text = Annotated[str, AfterValidator(_storable), Field(json_schema_extra={"pattern": TEXT_PATTERN})]
"""Text as people write it. Every text of a body or a query is of this type."""


def _whole(given: object) -> object:
    return int(given) if isinstance(given, float) and given.is_integer() else given


Whole = Annotated[int, BeforeValidator(_whole)]
"""A whole number of a body. To JSON 3.0 is one; not every language writes it as 3."""


class Given(BaseModel):
    """What a query holds: unknown parameters are refused, for a misspelt filter must not look like an empty list."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class GivenJson(Given):
    """What a body holds: as above, and no guessing: ``"5"`` is not a number."""

    model_config = ConfigDict(strict=True)


async def read_json(request: web.Request, model: type[M], *, longest: int) -> M:
    """The body as *model*. *longest* is in bytes.

    A packed body (Content-Encoding) is refused: nobody needs one for a few hundred bytes, and what it unpacks to can
    be without end. Give the server ``auto_decompress=False``, so that it does not even try.

    Raises BadInput with the faults, TooLarge, and aiohttp's 400, 408 and 415.
    """
    if request.content_type != "application/json" or (request.charset or "utf-8").lower() not in {"utf-8", "utf8"}:
        raise web.HTTPUnsupportedMediaType(text="send the body as Content-Type: application/json, in UTF-8")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise web.HTTPUnsupportedMediaType(text="send the body as it is, without Content-Encoding")
    body = await read_body(request, longest)
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        if faults[0]["type"] == "json_invalid":
            raise web.HTTPBadRequest(text=f"the body is not JSON: {faults[0]['ctx']['error']}") from None
        raise refusal(faults, model) from None


async def read_body(request: web.Request, longest: int) -> bytes:
    """At most *longest* bytes. Raises TooLarge, and aiohttp's 400 and 408."""
    if (request.content_length or 0) > longest:
        raise TooLarge(f"the body is longer than {longest} bytes", longest=longest)
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > longest:
                    raise TooLarge(f"the body is longer than {longest} bytes", longest=longest)
    except TimeoutError:
        raise web.HTTPRequestTimeout(text="the body did not arrive in time") from None
    except web.RequestPayloadError:
        raise web.HTTPBadRequest(text="the body ends too early or is not framed as HTTP wants it") from None
    return bytes(body)


def read_query(request: web.Request, model: type[M]) -> M:
    """The query as *model*. Raises BadInput with the faults."""
    given: Mapping[str, str] = request.query
    twice = sorted({name for name in request.query if len(request.query.getall(name)) > 1})
    if twice:
        raise BadInput(
            f"{twice[0][:40]}: is there more than once", errors=[_fault(twice[0], "is there more than once")]
        )
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        for fault in faults:
            fault["loc"] = fault["loc"][:1]  # whichever of several it is, they came in one parameter
        raise refusal(faults, model) from None


def refusal(faults: Iterable[ErrorDetails], model: type[BaseModel]) -> BadInput:
    """The faults that pydantic found, in words; the detail holds the first of them."""
    errors = [_fault(_place(fault["loc"]), _words(fault, model)) for fault in faults][:MOST_FAULTS]
    first = errors[0]
    return BadInput(f"{first['field']}: {first['detail']}" if first["field"] else first["detail"], errors=errors)


def _fault(field: str, detail: str) -> dict[str, str]:
    return {"field": _printable(field[:80]), "detail": detail}


def _place(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in loc)


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _words(fault: ErrorDetails, model: type[BaseModel]) -> str:
    context: dict[str, Any] = fault.get("ctx", {})
    kind = fault["type"]
    known = ", ".join(field.alias or name for name, field in model.model_fields.items())
    said = {
        "missing": "is missing",
        "extra_forbidden": f"is not known here; there is {known}" if known else "nothing is expected here",
        "string_too_long": f"is longer than {context.get('max_length')} characters",
        "literal_error": f"must be one of {context.get('expected')}",
        "enum": f"must be one of {context.get('expected')}",
        "value_error": str(context.get("error")),
    }
    if kind == "extra_forbidden" and len(fault["loc"]) > 1:
        return "is not known here"
    return said.get(kind) or fault["msg"][:1].lower() + fault["msg"][1:]
