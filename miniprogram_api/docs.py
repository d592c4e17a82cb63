"""The documentation page, made from the OpenAPI document. Nothing is fetched from elsewhere and no script runs."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from importlib.resources import files
from typing import Any

from web.errors import TITLES

_CODE = re.compile(r"`([^`]+)`")
_FIRST_REFUSAL = 400

_CSS = (files("miniprogram_api") / "docs.css").read_text("utf-8")

_STYLE_HASH = base64.b64encode(hashlib.sha256(_CSS.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The page's Content-Security-Policy: its own style sheet and nothing else."""


def page(document: Mapping[str, Any], where: str) -> str:
    """The page for *document*, which is to be had at *where*."""
    info = document["info"]
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(info['title'])}</title>",
            f"<style>{_CSS}</style></head><body><main>",
            f"<h1>{escape(info['title'])}</h1>",
            *(f"<p>{_prose(text)}</p>" for text in info["description"].split("\n\n")),
            f'<p>As OpenAPI 3.1: <a href="{escape(where)}"><code>{escape(where)}</code></a></p>',
            *_contents(document),
            *_calls(document),
            *_schemas(document),
            *_problems(),
            "</main></body></html>\n",
        ]
    )


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def _contents(document: Mapping[str, Any]) -> Iterator[str]:
    yield '<nav aria-label="Calls"><ul>'
    for method, path, operation in _operations(document):
        yield (
            f'<li><a href="#{escape(operation["operationId"])}"><span class="method">{escape(method)}</span>'
            f"<code>{escape(path)}</code></a></li>"
        )
    yield '</ul><p><a href="#schemas">Schemas</a> · <a href="#problems">Problems</a></p></nav>'


def _calls(document: Mapping[str, Any]) -> Iterator[str]:
    for tag in document["tags"]:
        yield f"<h2>{escape(tag['name'])}</h2>"
        for method, path, operation in _operations(document):
            if tag["name"] in operation["tags"]:
                yield from _call(document, method, path, operation)


def _call(document: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    where = f"{document['servers'][0]['url']}{path}"
    yield f'<section class="call" id="{escape(operation["operationId"])}"><header>'
    if not operation["security"]:
        yield '<span class="open">no sign-in needed</span>'
    yield f'<h3><span class="method">{escape(method)}</span><code>{escape(where)}</code></h3></header><div>'
    yield f"<p>{_prose(operation['summary'])}. {_prose(operation.get('description', ''))}</p>"
    if operation.get("parameters"):
        yield "<h4>Parameters</h4><table><tr><th>Name</th><th>In</th><th>Type</th><th></th></tr>"
        for given in operation["parameters"]:
            yield (
                f"<tr><td><code>{escape(given['name'])}</code></td><td>{escape(given['in'])}</td>"
                f"<td>{_type(given['schema'])}</td><td>{_prose(given.get('description', ''))}</td></tr>"
            )
        yield "</table>"
    if "requestBody" in operation:
        body = _schema(operation["requestBody"])
        yield f"<h4>Body: {_type(body)}</h4>"
        yield from _fields(document["components"]["schemas"][_name(body)])
        yield _example(operation["requestBody"])
    yield from _answers(operation["responses"])
    yield "</div></section>"


def _answers(responses: Mapping[str, Any]) -> Iterator[str]:
    refused = []
    for status, answer in responses.items():
        if int(status) < _FIRST_REFUSAL:
            what = f": {_type(_schema(answer))}" if "content" in answer else ", nothing in it"
            yield f"<h4>Answer {escape(status)}{what}</h4>"
            if "content" in answer:
                yield _example(answer)
        else:
            codes = _CODE.findall(answer["description"])
            refused += [f'{escape(status)} <a href="#{escape(code)}"><code>{escape(code)}</code></a>' for code in codes]
    yield f"<h4>Or a problem</h4><p>{' · '.join(refused)}</p>"


def _example(holder: Mapping[str, Any]) -> str:
    (content,) = holder["content"].values()
    found = content["example"]
    text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False, indent=2)
    return f"<details><summary>Example</summary><pre><code>{escape(text.strip())}</code></pre></details>"


def _name(schema: Mapping[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _schema(holder: Mapping[str, Any]) -> Mapping[str, Any]:
    (content,) = holder["content"].values()
    schema: Mapping[str, Any] = content["schema"]
    return schema


def _fields(schema: Mapping[str, Any]) -> Iterator[str]:
    yield "<table><tr><th>Field</th><th>Type</th><th></th></tr>"
    for field, found in schema["properties"].items():
        needed = "" if field in schema.get("required", []) else "may be left out"
        said = "; ".join(part for part in (_prose(found.get("description", "")), needed) if part)
        yield f"<tr><td><code>{escape(field)}</code></td><td>{_type(found)}</td><td>{said}</td></tr>"
    yield "</table>"


def _schemas(document: Mapping[str, Any]) -> Iterator[str]:
    yield '<h2 id="schemas">Schemas</h2>'
    for name, schema in document["components"]["schemas"].items():
        yield f'<section class="call" id="schema-{escape(name)}"><header><h3>{escape(name)}</h3></header><div>'
        yield f"<p>{_prose(schema.get('description', ''))}</p>"
        if "properties" in schema:
            yield from _fields(schema)
        else:
            yield f"<p>{_type(schema)}</p>"
        yield "</div></section>"


def _problems() -> Iterator[str]:
    yield '<h2 id="problems">Problems</h2><table><tr><th>Code</th><th>Meaning</th></tr>'
    for code, title in sorted(TITLES.items()):
        yield f'<tr id="{escape(code)}"><td><code>{escape(code)}</code></td><td>{escape(title)}</td></tr>'
    yield "</table>"


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return f'<a href="#schema-{escape(_name(schema))}">{escape(_name(schema))}</a>'
    if "anyOf" in schema:
        return " or ".join(_type(choice) for choice in schema["anyOf"])
    if "enum" in schema:
        return " · ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    limits = [f"{word} {escape(str(schema[key]))}" for key, word in _LIMITS.items() if key in schema]
    if schema.get("default", "") not in {"", None}:
        limits.append(f"default {escape(json.dumps(schema['default'], ensure_ascii=False))}")
    kind = escape(str(schema.get("format", schema.get("type", "anything"))))
    return f"{kind} ({', '.join(limits)})" if limits else kind


_LIMITS = {
    "minLength": "at least this long:",
    "maxLength": "at most this long:",
    "minimum": "from",
    "maximum": "to",
}


def _prose(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", escape(text))
