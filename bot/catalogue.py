"""The catalogue of messages that go out by themselves: to whom each goes, and when.

``python -m bot.catalogue`` prints ``docs/messages.md``: every message as a person gets it, with an example's facts.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from bot.messages import KINDS, THING, Messages

RESIDENT, FOLLOWER, HOLDER, FORMER, STAFF, ANYBODY = (
    "居民",
    "同一问题的居民",
    "办理人",
    "原办理人",
    "工作人员",
    "收到的人",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """Who gets the message, and when; in Chinese, as it stands on the page."""

    to: str
    when: str
    about_no_case: bool = False


CATALOGUE: Mapping[str, Entry] = {
    "accepted": Entry(RESIDENT, "办理人受理了诉求"),
    "replied": Entry(RESIDENT, "办理人回复了一句话"),
    "resolved": Entry(RESIDENT, "办理人办结，请居民评价"),
    "reported_up": Entry(RESIDENT, "办理人报到上一级"),
    "climbed": Entry(RESIDENT, "超过时限，自动转到上一级"),
    "returned": Entry(RESIDENT, "上一级转回下一级办理"),
    "declined": Entry(RESIDENT, "不予受理，告诉原因"),
    "closed_unrated": Entry(RESIDENT, "办结后七天没有评价"),
    "new_case": Entry(HOLDER, "有新诉求，或者原来的办理人不在岗"),
    "case_added": Entry(HOLDER, "居民补充了内容"),
    "came_up": Entry(HOLDER, "下一级报上来"),
    "climbed_to_you": Entry(HOLDER, "下一级超时，自动转来"),
    "came_back": Entry(HOLDER, "上一级退回来"),
    "reopened": Entry(HOLDER, "居民不满意，要重新办理"),
    "climbed_from_you": Entry(FORMER, "超时，已自动转走"),
    "reopened_above": Entry(FORMER, "居民第二次不满意，转到上一级"),
    "overdue_top": Entry(HOLDER, "超时，上面没有可以转的单位"),
    "rated": Entry(HOLDER, "居民评价了"),
    "withdrawn": Entry(HOLDER, "居民撤回了"),
    "reminded": Entry(HOLDER, "居民催办"),
    "notice": Entry(ANYBODY, "镇、村发通知"),
    "answer": Entry(ANYBODY, "上一句话的答复来晚了，补发一次"),
}

EXAMPLE: Mapping[str, object] = {
    "number": 1024,
    "title": "路灯不亮",
    "unit": "潘家村",
    "grid": "第一网格",
    "region": "潘家村",
    "holder": "李卫国",
    "urgent": False,
    "accept_due": "2026-03-02T07:00:00+00:00",
    "resolve_due": "2026-03-05T10:00:00+00:00",
    "rating": 5,
    "note": "明天上午来看",
    "text": "明天上午九点到十二点停水，请提前备水。",
}

_HEAD = """# Messages

What people get without having asked, word for word: made from `bot/messages.py` and `bot/catalogue.py` by
`python -m bot.catalogue > docs/messages.md`. The example is case №1024, 路灯不亮. A message goes
out as a customer-service message while WeChat's window is open, else as a template message (its fields stand in the
last column, at most {most} characters each), and always stands in the person's inbox.

| kind | to | when | text | template |
| --- | --- | --- | --- | --- |
"""


def page() -> str:
    """``docs/messages.md`` as it must be."""
    messages = Messages()
    lines = []
    for kind, entry in CATALOGUE.items():
        text = messages.text(kind, EXAMPLE).replace("\n", "<br>").replace("|", "\\|")
        fields = messages.fields(kind, EXAMPLE)
        template = "<br>".join(value.replace("|", "\\|") for value in fields.values())
        lines.append(f"| `{kind}` | {entry.to} | {entry.when} | {text} | {template} |")
    return _HEAD.format(most=THING) + "\n".join(lines) + "\n"


def missing() -> frozenset[str]:
    """Kinds that the catalogue does not explain yet, or explains although they are gone."""
    return KINDS ^ CATALOGUE.keys()


if __name__ == "__main__":
    sys.stdout.write(page())
