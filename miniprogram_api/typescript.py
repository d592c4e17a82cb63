"""``python -m miniprogram_api.typescript``: a typed client for ``wx.request``, made from the OpenAPI document.

It is a file of a release and stands in no repository: what the server says and what the client knows cannot differ.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from miniprogram_api.api import BASE, ROUTES
from miniprogram_api.openapi import document

_HEAD = """\
// The mini program's client for 网格通, version {version}. Made by `python -m miniprogram_api.typescript`; do not edit.

type Method = "GET" | "POST" | "PUT" | "DELETE"

export interface Options {{
  /** Such as "https://wangge.example.gov.cn". */
  server: string
  /** The token of the sign-in, or "" before it. */
  token: () => string
  /** `wx.request`, or what stands in for it. */
  request: (asked: {{
    url: string
    method: Method
    data?: string
    header: Record<string, string>
    success: (got: {{ statusCode: number; data: unknown; header: Record<string, string> }}) => void
    fail: (why: {{ errMsg: string }}) => void
  }}) => unknown
}}

/** What the server refused; `problem.code` says why, and never changes. */
export class Refused extends Error {{
  constructor(readonly status: number, readonly problem: Problem) {{
    super(problem.detail)
  }}
}}

/** No answer came: the network, or the server, is away. It is safe to ask again with the same `idempotencyKey`. */
export class NoAnswer extends Error {{}}
"""
_TAIL = """\
export class Client {{
  constructor(private readonly options: Options) {{}}

  private call<T>(method: Method, path: string, query: object, body: unknown, key = ""): Promise<T> {{
    const asked = Object.entries(query).filter(([, value]) => value !== undefined && value !== null)
    const pairs = asked.map(([name, value]) => `${{name}}=${{encodeURIComponent(String(value))}}`)
    const token = this.options.token()
    const header: Record<string, string> = {{}}
    if (body !== undefined) header["Content-Type"] = "application/json"
    if (token) header["Authorization"] = `Bearer ${{token}}`
    if (key) header["Idempotency-Key"] = key
    return new Promise<T>((resolve, reject) => {{
      this.options.request({{
        url: this.options.server + "{base}" + path + (pairs.length ? "?" + pairs.join("&") : ""),
        method,
        data: body === undefined ? undefined : JSON.stringify(body),
        header,
        success: (got) => {{
          if (got.statusCode < 400) resolve(got.data as T)
          else reject(new Refused(got.statusCode, got.data as Problem))
        }},
        fail: (why) => reject(new NoAnswer(why.errMsg)),
      }})
    }})
  }}

{methods}
}}
"""
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def client() -> str:
    """The whole file."""
    described = document(ROUTES, BASE)
    schemas: Mapping[str, Any] = described["components"]["schemas"]
    methods = "\n\n".join(
        "\n".join(_method(method.upper(), path, operation))
        for path, found in described["paths"].items()
        for method, operation in found.items()
    )
    types = [f"export {_declared(name, schema)}" for name, schema in sorted(schemas.items())]
    head = _HEAD.format(version=described["info"]["version"])
    return "\n".join([head, *types, "", _TAIL.format(base=BASE, methods=methods)])


def _declared(name: str, schema: Mapping[str, Any]) -> str:
    said = _said(schema, "")
    if "properties" not in schema:
        return f"{said}type {name} = {_type(schema)}"
    required = set(schema.get("required", []))
    fields = [
        f"{_said(field, '  ')}  {json.dumps(key)}{'' if key in required else '?'}: {_type(field)}"
        for key, field in schema["properties"].items()
    ]
    return "\n".join([f"{said}interface {name} {{", *fields, "}"])


def _said(schema: Mapping[str, Any], indent: str) -> str:
    text = re.sub(r"\s+", " ", str(schema.get("description", ""))).replace("*/", "* /").strip()
    # After "export" a comment would be on the wrong side; types say it within.
    return f"{indent}/** {text} */\n" if text and indent else ""


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return json.dumps(schema["const"], ensure_ascii=False)
    if "enum" in schema:
        return " | ".join(json.dumps(one, ensure_ascii=False) for one in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(one) for one in schema["anyOf"]))
    if schema.get("type") == "array":
        return f"Array<{_type(schema.get('items', {}))}>"
    return _PLAIN.get(str(schema.get("type")), "Record<string, unknown>")


def _method(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    given = operation.get("parameters", [])
    named = {where: [one for one in given if one["in"] == where] for where in ("path", "query", "header")}
    arguments = [f"{one['name']}: {_type(one['schema'])}" for one in named["path"]]
    body = operation.get("requestBody")
    if body is not None:
        (content,) = body["content"].values()
        arguments.append(f"body: {_type(content['schema'])}")
    if named["query"]:
        fields = "; ".join(f"{one['name']}?: {_type(one['schema'])}" for one in named["query"])
        arguments.append(f"query: {{ {fields} }} = {{}}")
    if named["header"]:
        arguments.append('idempotencyKey = ""')
    answer = "void"
    for status, one in operation["responses"].items():
        if status.startswith("2") and "content" in one:
            (content,) = one["content"].values()
            answer = _type(content["schema"])
    where = re.sub(r"{(\w+)}", r"${encodeURIComponent(String(\1))}", path)
    sent = ["query" if named["query"] else "{}", "body" if body is not None else "undefined"]
    sent += ["idempotencyKey"] if named["header"] else []
    yield f"  /** {operation['summary']}. `{method} {path}` */"
    yield f"  {_camel(operation['operationId'])}({', '.join(arguments)}): Promise<{answer}> {{"
    yield f'    return this.call("{method}", `{where}`, {", ".join(sent)})'
    yield "  }"


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


if __name__ == "__main__":
    sys.stdout.write(client())
