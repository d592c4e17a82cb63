"""XML as WeChat writes and reads it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

Fields = Mapping[str, Any]


class NotXml(Exception):  # noqa: N818 - a plain fact, like every error here
    """A text is not the flat XML that WeChat understands."""


def write(fields: Fields) -> str:
    """Write *fields* in their order: whole numbers bare, words in CDATA, mappings nested, lists repeated.

    Control characters go out as they are, because WeChat's do.
    """
    return f"<xml>{_children(fields)}</xml>"


def _children(fields: Fields) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: object) -> str:
    if isinstance(value, Mapping):
        return f"<{name}>{_children(value)}</{name}>"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "".join(_element(name, one) for one in value)
    if isinstance(value, str):
        return f"<{name}><![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]></{name}>"
    return f"<{name}>{value}</{name}>"


_DECLARATION = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def read(text: str) -> dict[str, Any]:
    """Read a reply: a word for each element, a dict for one with children, a list where ``item`` repeats.

    Raises NotXml.
    """
    if _DECLARATION.search(text):
        raise NotXml("a document type is not allowed")
    try:
        root = ET.fromstring(text)  # noqa: S314 - declarations, hence entities, are refused above
    except ET.ParseError as error:
        raise NotXml(str(error)) from error
    if root.tag != "xml":
        raise NotXml(f"the outermost element is <{root.tag}>, not <xml>")
    return {child.tag: _value(child) for child in root}


def _value(element: ET.Element) -> Any:
    if len(element) == 0:
        return element.text or ""
    if all(child.tag == "item" for child in element):
        return [_value(child) for child in element]
    return {child.tag: _value(child) for child in element}
