"""Template ids, how a filled template looks as a card, and the limits of its fields."""

import re
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.refusals import Refused
from sandbox.store import Store

KIND = "template"
UNKNOWN, BAD_FIELD = 40037, 47003
REJECTED_WORD = "unknown"
DEFAULT_TITLE = "服务通知"
# The ids that a service uses here as long as it has no real ones.
TITLES = {"sandbox-template-case": "诉求进展提醒", "sandbox-template-notice": "社区通知"}
FIELDS = {
    "sandbox-template-case": {"thing1": "诉求", "thing2": "进展", "thing3": "经办人", "thing4": "时限"},
    "sandbox-template-notice": {"thing1": "地区", "thing2": "内容"},
}

LIMITS = {
    "thing": 20,
    "character_string": 32,
    "number": 32,
    "letter": 32,
    "phrase": 5,
    "name": 20,
    "phone_number": 17,
    "symbol": 5,
    "car_number": 8,
    "const": 20,
}
CHINESE_NAME = 10
LABELS = {
    "thing": "事项",
    "character_string": "编号",
    "number": "数量",
    "letter": "代号",
    "phrase": "状态",
    "name": "姓名",
    "phone_number": "电话",
    "symbol": "符号",
    "time": "时间",
    "date": "日期",
    "amount": "金额",
    "const": "类别",
    "car_number": "车牌",
    "keyword": "内容",
}
_STEM = re.compile(r"^(.*?)\d*$")
_IN_CONTENT = re.compile(r"(?:^|\n)\s*([^:：\n]*)[:：]\s*\{\{(\w+)\.DATA\}\}")


@dataclass(slots=True)
class Template:
    """One template: its title, and the label of each field."""

    template_id: str
    title: str = DEFAULT_TITLE
    fields: dict[str, str] = field(default_factory=dict)


class Templates:
    """What is known. As long as nobody named any, every id is known but those that begin with ``unknown``."""

    def __init__(self, store: Store, ids: tuple[str, ...]) -> None:
        self._store = store
        self._known = {key: Template(**body) for key, body in store.items(KIND)}
        self._strict = bool(ids)
        for template_id in ids:
            self._known.setdefault(template_id, Template(template_id))

    def learn(self, template: Template) -> None:
        self._known[template.template_id] = template
        self._store.put(KIND, template.template_id, asdict(template))

    def list(self) -> list[Template]:
        return list(self._known.values())

    def be_strict(self, *, strict: bool) -> None:
        """Whether ids that nobody named are unknown (40037)."""
        self._strict = strict

    def find(self, template_id: object) -> Template:
        """The template, or :exc:`Refused` with 40037."""
        name = str(template_id or "")
        known = self._known.get(name)
        if known is not None:
            return known
        if self._strict or not name or name.startswith(REJECTED_WORD):
            raise Refused(UNKNOWN)
        return Template(name, TITLES.get(name, DEFAULT_TITLE), FIELDS.get(name, {}))

    def card(self, body: dict[str, Any]) -> dict[str, Any]:
        """What the phone shows of a template or subscription message.

        Raises Refused: 40037 for the id, 47003 for a field that is empty, too long or of the wrong sort.
        """
        template = self.find(body.get("template_id"))
        data = body.get("data")
        if not isinstance(data, dict) or not data:
            raise Refused(BAD_FIELD, "data is empty")
        rows = []
        for name, given in data.items():
            value = given.get("value") if isinstance(given, dict) else given
            _check(name, value)
            rows.append({"key": name, "label": template.fields.get(name, _label(name)), "value": str(value)})
        return {
            "template_id": template.template_id,
            "title": template.title,
            "fields": rows,
            "url": str(body.get("url") or ""),
            "miniprogram": body.get("miniprogram") or None,
            "page": str(body.get("page") or ""),
        }


def as_text(card: dict[str, Any]) -> str:
    """A card as plain words, one field a line."""
    return "\n".join([f"【{card['title']}】", *(f"{row['label']}：{row['value']}" for row in card["fields"])])


def fields_of(content: str) -> dict[str, str]:
    """Read the labels from a template's content, as ``诉求编号:{{character_string1.DATA}}``."""
    return {name: label.strip() for label, name in _IN_CONTENT.findall(content)}


def _stem(name: str) -> str:
    found = _STEM.match(name)
    return (found.group(1) if found else name).rstrip("_")


def _label(name: str) -> str:
    return LABELS.get(_stem(name), name)


def _check(name: str, value: object) -> None:
    stem, text = _stem(name), "" if value is None else str(value)
    if stem in LIMITS and not text:
        raise Refused(BAD_FIELD, f"data.{name}.value is empty")
    limit = CHINESE_NAME if stem == "name" and not text.isascii() else LIMITS.get(stem)
    wrong = (limit is not None and len(text) > limit) or (
        (stem in ("letter", "character_string", "phone_number") and not text.isascii())
        or (stem == "number" and not re.fullmatch(r"-?\d+(\.\d+)?", text))
        or (stem in ("time", "date") and not re.search(r"\d", text))
    )
    if wrong:
        raise Refused(BAD_FIELD, f"data.{name}.value invalid")
