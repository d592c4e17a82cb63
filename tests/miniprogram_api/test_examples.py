"""The examples in the OpenAPI document: there for every call, and such as the API takes and gives."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from miniprogram_api import examples
from miniprogram_api.api import BASE, ROUTES
from miniprogram_api.docs import page
from miniprogram_api.openapi import document
from miniprogram_api.schemas import Nothing

DOCUMENT = document(ROUTES, BASE)
CALLS = [
    pytest.param(operation, id=operation["operationId"])
    for methods in DOCUMENT["paths"].values()
    for operation in methods.values()
]


def contents(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    holders = [operation["requestBody"]] if "requestBody" in operation else []
    for holder in (*holders, *operation["responses"].values()):
        yield from holder.get("content", {}).items()


def strange(value: Any, schema: Any) -> list[str]:
    """What *schema* holds against *value*, formats included, and fields that it does not know."""
    whole = {**schema, "components": DOCUMENT["components"]}
    check = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    return [error.message for error in check.iter_errors(value)]


@pytest.mark.parametrize("operation", CALLS)
def test_every_body_and_answer_has_an_example_that_fits(operation: dict[str, Any]) -> None:
    found = list(contents(operation))
    assert found
    for media_type, content in found:
        assert strange(content["example"], content["schema"]) == [], (media_type, content["example"])


@pytest.mark.parametrize("route", [pytest.param(route, id=route.name) for route in ROUTES if route.body is not Nothing])
def test_the_api_itself_would_take_the_example_of_a_body(route: Any) -> None:
    given = examples.example(route.body.__name__, DOCUMENT["components"]["schemas"])
    route.body.model_validate_json(json.dumps(given))


def test_no_example_is_kept_of_what_is_gone() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    fields = {field for schema in schemas.values() for field in schema.get("properties", {})}
    of_schemas = {f"{name}.{field}" for name, schema in schemas.items() for field in schema.get("properties", {})}
    assert set(examples.FIELDS) - fields - of_schemas == set()
    assert set(examples.WHOLE) - set(schemas) == set()


def test_the_page_shows_them() -> None:
    shown = page(DOCUMENT, "/openapi.json")
    expected = sum(
        "content" in answer and int(status) < 400
        for methods in DOCUMENT["paths"].values()
        for operation in methods.values()
        for status, answer in operation["responses"].items()
    ) + sum(route.body is not Nothing for route in ROUTES)
    assert shown.count("<summary>Example</summary>") == expected
    assert "&quot;description&quot;: &quot;楼下路灯坏了三天了&quot;" in shown
