"""The OpenAPI document and the page made from it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, Strict, TypeAdapter

from miniprogram_api.api import BASE, ROUTES
from miniprogram_api.docs import page
from miniprogram_api.openapi import document
from tests.factories import GRID
from tests.miniprogram_api.mini import Api
from web.errors import TITLES


def _every(node: Any, key: str) -> Iterator[Any]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield value
            yield from _every(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from _every(value, key)


async def test_the_document_describes_every_route_and_no_other(api: Api) -> None:
    answer = await api.call("GET", "/openapi.json")
    assert answer.status == 200
    assert answer.body["openapi"] == "3.1.0"
    described = {(method.upper(), path) for path, methods in answer.body["paths"].items() for method in methods}
    assert described == {(route.method, route.path) for route in ROUTES}
    for method, path in described:
        known = path.replace("{code}", GRID).replace("{number}", "1").replace("{id}", "1").replace("{name}", "a")
        known = known.replace("{attachment}", "00000000-0000-4000-8000-000000000000").replace("{month}", "2026-03")
        reached = await api.call(method, known)
        assert reached.status not in {404, 405, 500}, (method, path)


async def test_every_reference_leads_somewhere_and_every_name_is_once(api: Api) -> None:
    found = (await api.call("GET", "/openapi.json")).body
    schemas = found["components"]["schemas"]
    references = set(_every(found, "$ref"))
    assert references
    assert references == {f"#/components/schemas/{name}" for name in schemas}
    names = list(_every(found["paths"], "operationId"))
    assert len(names) == len(set(names)) == len(ROUTES)


_KINDS = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict}


def _fits(value: Any, schema: dict[str, Any], schemas: dict[str, Any]) -> bool:
    """As much of JSON Schema as our answers use."""
    if "$ref" in schema:
        return _fits(value, schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in schema:
        return any(_fits(value, choice, schemas) for choice in schema["anyOf"])
    if schema["type"] == "null":
        return value is None
    fits = isinstance(value, _KINDS[schema["type"]]) and value in schema.get("enum", [value])
    if isinstance(value, list):
        return fits and all(_fits(item, schema["items"], schemas) for item in value)
    if isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        complete = set(schema.get("required", [])) <= set(value) <= set(known)
        return fits and complete and all(_fits(item, known[name], schemas) for name, item in value.items())
    return fits


async def test_the_answers_are_what_the_document_promises(api: Api) -> None:
    found = (await api.call("GET", "/openapi.json")).body
    schemas = found["components"]["schemas"]

    def promised(path: str, method: str, status: int) -> dict[str, Any]:
        (content,) = found["paths"][path][method]["responses"][str(status)]["content"].values()
        return dict(content["schema"])

    resident = await api.sign_in("王阿姨")
    await resident.file(place={"latitude": 1, "longitude": 2})
    worker = await api.staff("worker")
    answers = [
        ("/me", "get", await worker.get("/me")),
        ("/grids/{code}", "get", await api.call("GET", f"/grids/{GRID}")),
        ("/cases", "get", await resident.get("/cases")),
        ("/cases/{number}", "get", await worker.get("/cases/1001")),
        ("/cases/{number}/actions", "post", await worker.act(1001, "accept")),
        ("/cases/{number}/actions", "post", await worker.act(1001, "accept")),
        ("/cases/{number}/messages", "post", await resident.post("/cases/1001/messages", {"text": "谢谢"})),
        ("/cases/{number}/messages", "post", await resident.post("/cases/1001/messages", {})),
        ("/queue", "get", await worker.get("/queue")),
        ("/queue", "get", await api.call("GET", "/queue")),
        ("/leaves/asked", "get", await worker.get("/leaves/asked")),
    ]
    assert [answer.status for _, _, answer in answers] == [200, 200, 200, 200, 200, 409, 201, 422, 200, 401, 200]
    for path, method, answer in answers:
        assert _fits(answer.body, promised(path, method, answer.status), schemas), (path, answer.body)


def test_the_document_says_what_text_must_hold_and_within_which_bounds_numbers_lie() -> None:
    schemas = document(ROUTES, BASE)["components"]["schemas"]
    words = schemas["NewCase"]["properties"]["description"]["pattern"]
    assert re.search(words, " 路灯\n坏了 ")
    assert not re.search(words, " \n")
    assert not re.search(words, "路\x07灯")
    assert schemas["NewEventType"]["properties"]["code"]["pattern"] == r"^\w[\w.-]*$"
    usual = schemas["NewEventType"]["properties"]["usual_level"]
    assert (usual["minimum"], usual["maximum"]) == (1, 5)
    sums = schemas["NewAttachment"]["properties"]["sha256"]["pattern"]
    assert [bool(re.search(sums, one)) for one in ("0a" * 32, "", "0a" * 31, "zz" * 32)] == [True, False, False, False]
    rating, null = schemas["NewAction"]["properties"]["rating"]["anyOf"]
    assert (rating["minimum"], rating["maximum"], null) == (1, 5, {"type": "null"})


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id" and value:
                assert value not in self.ids
                self.ids.add(value)
            if name in {"href", "src"} and value:
                self.links.add(value)


async def test_the_page_stands_alone_and_its_links_lead_somewhere(api: Api) -> None:
    answer = await api.call("GET", "/api/docs")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    parsed = _Page()
    parsed.feed(answer.body)
    assert not parsed.tags & {"script", "link", "img", "iframe"}
    inside = {link[1:] for link in parsed.links if link.startswith("#")}
    assert inside <= parsed.ids
    assert parsed.links - {f"#{name}" for name in inside} == {"/api/v1/openapi.json"}
    assert {route.name for route in ROUTES} | set(TITLES) <= parsed.ids


async def test_the_type_of_a_problem_is_explained_on_the_page(api: Api) -> None:
    where, _, anchor = (await api.call("GET", "/cases")).body["type"].partition("#")
    assert f'id="{anchor}"' in (await api.call("GET", where)).body


def test_what_the_document_says_is_escaped_on_the_page() -> None:
    described = document(ROUTES, BASE)
    described["paths"]["/me"]["get"]["summary"] = "<script>alert(1)</script>"
    assert not re.search("<script", page(described, "/x"))


def _whole_numbers(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, Any]]:
    """Each whole number of a body, nested ones too, with the type that reads it alone."""
    for name, field in model.model_fields.items():
        yield from _whole_in(
            Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation, f"{path}{name}"
        )


def _whole_in(kind: Any, path: str) -> Iterator[tuple[str, Any]]:
    bare, *more = get_args(kind) if get_origin(kind) is Annotated else (kind,)
    if bare is int:
        yield path, Annotated[int, *(one for one in more if isinstance(one, BeforeValidator)), Strict()]
    elif isinstance(bare, type) and issubclass(bare, BaseModel):
        yield from _whole_numbers(bare, f"{path}.")
    else:
        for inner in get_args(bare):
            yield from _whole_in(inner, path)


def test_a_whole_number_of_a_body_may_be_written_with_a_point_as_the_document_says() -> None:
    found = {f"{route.name} {path}": kind for route in ROUTES for path, kind in _whole_numbers(route.body)}
    assert {"announce_attachment size", "vote options", "record_visits recipients"} <= set(found)
    for where, kind in found.items():
        assert TypeAdapter(kind).validate_python(3.0) == 3, where
