"""The OpenAPI 3.1 document, made from the routes."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from domain.errors import BadInput, NotFound, NotSignedIn, Refusal, TooLarge, TooMany, Unavailable
from miniprogram_api import examples
from miniprogram_api.endpoint import KEY_HEADER
from miniprogram_api.routes import JSON, Route
from miniprogram_api.schemas import HIGHEST_NUMBER, LONGEST_NAME, Nothing, Problem
from services.idempotency import IdempotencyMismatch
from web.bodies import TEXT_PATTERN, WORDS_PATTERN
from web.errors import CONTENT_TYPE, TITLES

VERSION = "1.1"
_REF = "#/components/schemas/{model}"
_ABOUT = """\
The mini program's door to 网格通. Everything is JSON in UTF-8.

Sign in with `POST /sessions` and send the token as `Authorization: Bearer …`. \
A list answers `{"items": [], "next": null}`; `next` is the `cursor` of the following page. \
Times are RFC 3339 with an offset. Errors are problem documents (RFC 9457) with a stable `code`. \
A POST marked for it takes an `Idempotency-Key`: sent again within a day with the same body, it is not done again, \
and the first answer comes back with `Idempotency-Replayed: true`. \
Every answer to a GET has an `ETag`; send it as `If-None-Match` and get a 304 while nothing has changed. \
An `X-Request-ID` of yours (8 to 64 letters, digits, dots, dashes) comes back with the answer and stands in our log.\
"""
_PATH_PARAMETERS: Mapping[str, Mapping[str, object]] = {
    "number": {"type": "integer", "minimum": 1, "maximum": HIGHEST_NUMBER},
    "id": {"type": "integer", "minimum": 1, "maximum": HIGHEST_NUMBER},
    "attachment": {"type": "string", "format": "uuid"},
    "code": {"type": "string", "maxLength": LONGEST_NAME},
    "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
    "month": {"type": "string", "pattern": "^20[0-9]{2}-(0[1-9]|1[0-2])$"},
}


def document(routes: Iterable[Route[Any, Any]], base: str) -> dict[str, Any]:
    """The document for *routes*, whose paths all begin with *base*."""
    routes = list(routes)
    bodies: list[type[BaseModel]] = [route.body for route in routes if route.body is not Nothing]
    answers: list[type[BaseModel]] = [route.answer for route in routes if route.answer is not None]
    inputs: list[tuple[type[BaseModel], Any]] = [(model, "validation") for model in dict.fromkeys(bodies)]
    answers.append(Problem)
    outputs: list[tuple[type[BaseModel], Any]] = [(model, "serialization") for model in dict.fromkeys(answers)]
    _, definitions = models_json_schema([*inputs, *outputs], ref_template=_REF)
    schemas = _plain(definitions["$defs"])
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "网格通 · mini-program API",
            "version": VERSION,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base}],
        "tags": [{"name": name} for name in dict.fromkeys(route.tag for route in routes)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route[Any, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"operationId": route.name, "tags": [route.tag], "summary": route.summary}
    if route.more:
        found["description"] = route.more
    found["security"] = [{"token": []}] if route.signed_in else []
    parameters = [*_path_parameters(route), *_query_parameters(route), *_headers(route)]
    if parameters:
        found["parameters"] = parameters
    if route.body is not Nothing:
        found["requestBody"] = {"required": True, "content": _json(route.body, schemas)}
    found["responses"] = _responses(route, schemas)
    return found


def _path_parameters(route: Route[Any, Any]) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": dict(schema)}
        for name, schema in _PATH_PARAMETERS.items()
        if f"{{{name}}}" in route.path
    ]


def _query_parameters(route: Route[Any, Any]) -> list[dict[str, Any]]:
    properties = _plain(route.query.model_json_schema(), optional=True).get("properties", {})
    found = []
    for name, schema in properties.items():
        parameter = {"name": name, "in": "query", "required": False}
        if "description" in schema:
            parameter["description"] = schema.pop("description")
        if schema.get("type") == "array":
            parameter |= {"style": "form", "explode": False}
        found.append({**parameter, "schema": schema})
    return found


def _headers(route: Route[Any, Any]) -> list[dict[str, Any]]:
    if not route.repeatable:
        return []
    schema = {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"}
    said = "a fresh random text for each matter; the same one when you try again"
    return [{"name": KEY_HEADER, "in": "header", "required": False, "description": said, "schema": schema}]


def _responses(route: Route[Any, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "Done"}
    if route.media_type != JSON:
        good["content"] = {
            route.media_type: {"schema": {"type": "string"}, "example": examples.OTHER[route.media_type]}
        }
    elif route.answer is not None:
        good["content"] = _json(route.answer, schemas)
    found = {str(route.status): good}
    if route.method == "GET":
        found["304"] = {"description": "It is still what the `ETag` in `If-None-Match` stands for"}
    codes: dict[int, list[str]] = {}
    for status, code in _refusals(route):
        if code not in codes.setdefault(status, []):
            codes[status].append(code)
    for status in sorted(codes):
        said = "; ".join(f"`{code}`: {TITLES[code]}" for code in codes[status])
        content = {"schema": _ref(Problem), "example": examples.problem(status, codes[status][0])}
        found[str(status)] = {"description": said, "content": {CONTENT_TYPE: content}}
    return found


def _refusals(route: Route[Any, Any]) -> list[tuple[int, str]]:
    kinds: list[type[Refusal]] = [*route.refusals, BadInput, TooMany, Unavailable]
    if route.signed_in:
        kinds.append(NotSignedIn)
    if route.repeatable:
        kinds.append(IdempotencyMismatch)
    if "{" in route.path:
        kinds.append(NotFound)
    more = [(500, "internal")]
    if route.body is not Nothing:
        kinds.append(TooLarge)
        more += [(400, "bad_request"), (408, "too_slow"), (415, "unsupported_media_type")]
    return [*((kind.status, kind.code) for kind in kinds), *more]


def _json(model: type[BaseModel], schemas: Mapping[str, Any]) -> dict[str, Any]:
    return {JSON: {"schema": _ref(model), "example": examples.example(model.__name__, schemas)}}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}


_BOUNDS = {"ge": "minimum", "le": "maximum"}
"""As pydantic calls them where something is looked at before the number is."""


def _plain(schema: Any, *, optional: bool = False) -> Any:
    """Without what only repeats a field's name, and with what text must hold.

    *optional*: a null only says that it may be left out, as in a query, where nobody can send one.
    """
    if isinstance(schema, list):
        return [_plain(item, optional=optional) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {
        _BOUNDS.get(name, name): _plain(value, optional=optional)
        for name, value in schema.items()
        if name != "properties"
    }
    if found.get("pattern") == TEXT_PATTERN and found.get("minLength"):
        found["pattern"] = WORDS_PATTERN
    if "properties" in schema:
        fields = {name: _plain(_field(one, optional), optional=optional) for name, one in schema["properties"].items()}
        found["properties"] = fields
    return found


def _field(schema: dict[str, Any], optional: bool) -> dict[str, Any]:  # noqa: FBT001 - handed on
    found = {name: value for name, value in schema.items() if name != "title"}
    if found.get("default", "") is None:
        del found["default"]
        choices = [choice for choice in found.get("anyOf", []) if choice != {"type": "null"}]
        if optional and len(choices) == 1:
            del found["anyOf"]
            found = {**choices[0], **found}
    return found
