"""Reading and writing the controls' JSON."""

import json
import math
from http import HTTPStatus
from typing import Any

from aiohttp import web

from sandbox.phones import Phone
from sandbox.refusals import NotPossible
from sandbox.world import WORLD, World

MISSING = object()
HIGHEST = 1e15


def world_of(request: web.Request) -> World:
    return request.app[WORLD]


def phone_of(request: web.Request) -> Phone:
    """The person in the path: id, openid or name."""
    return world_of(request).phones.find(request.match_info["phone"])


async def read(request: web.Request) -> dict[str, Any]:
    """The JSON object in the body; an empty body is an empty object.

    Raises NotPossible (400).
    """
    raw = await request.read()
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise NotPossible(f"the body is not JSON: {error}", HTTPStatus.BAD_REQUEST) from error
    if not isinstance(body, dict):
        raise NotPossible("the body is not a JSON object", HTTPStatus.BAD_REQUEST)
    return body


def number(body: dict[str, Any], name: str, default: float | object = MISSING) -> float:
    """A finite number out of the body, or :exc:`NotPossible` (400)."""
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= HIGHEST:
        raise NotPossible(f"{name} must be a number", HTTPStatus.BAD_REQUEST)
    return float(value)


def word(body: dict[str, Any], name: str, default: str | None = None, *, longest: int = 20_000) -> str:
    """A string out of the body; without a default it must be there and not blank. :exc:`NotPossible` (400)."""
    value = body.get(name, default)
    if not isinstance(value, str) or (default is None and not value.strip()) or len(value) > longest:
        raise NotPossible(f"{name} must be a text of at most {longest} characters", HTTPStatus.BAD_REQUEST)
    return value


def query_number(request: web.Request, name: str, default: float) -> float:
    try:
        value = float(request.query.get(name, default))
    except ValueError:
        value = math.nan
    if not abs(value) <= HIGHEST:
        raise NotPossible(f"{name} must be a number", HTTPStatus.BAD_REQUEST)
    return value


def answer(body: Any, status: int = HTTPStatus.OK) -> web.Response:
    text = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return web.Response(body=text, status=int(status), content_type="application/json", charset="utf-8")
