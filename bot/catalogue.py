"""The catalogue of messages that go out by themselves: to whom each goes, and when.

``python -m bot.catalogue`` prints ``docs/messages.md``: every message as a person gets it, with an example's facts.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from bot import messages_assessment, messages_records
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
    "dispatched": Entry(RESIDENT, "交办给部门或者下级"),
    "transferred": Entry(RESIDENT, "转派到所在的网格"),
    "suspended": Entry(RESIDENT, "办理人挂起，要等一等"),
    "resumed": Entry(RESIDENT, "挂起以后接着办"),
    "merged": Entry(RESIDENT, "和别人先反映的同一件事合并"),
    "date_moved": Entry(RESIDENT, "办结时间推后超过一个工作日"),
    "released": Entry(RESIDENT, "合并的那一件撤回了，自己这件单独办"),
    "follow_replied": Entry(FOLLOWER, "一起办的那一件有了回复"),
    "follow_resolved": Entry(FOLLOWER, "一起办的那一件办结了"),
    "follow_declined": Entry(FOLLOWER, "一起办的那一件不予受理"),
    "follow_closed": Entry(FOLLOWER, "一起办的那一件结束了"),
    "dispatched_to_you": Entry(HOLDER, "上面交办下来"),
    "transferred_to_you": Entry(HOLDER, "别的网格转派过来"),
    "back_from_department": Entry(HOLDER, "部门退回来"),
    "appealed": Entry(HOLDER, "居民不认可“不予受理”，请镇里复核"),
    "due_soon": Entry(HOLDER, "时限过了四分之三，或者时限改了已经过期"),
    "opinion": Entry(HOLDER, "会办的同事说了意见"),
    "follower_added": Entry(HOLDER, "合并进来的那位居民补充了内容"),
    "merged_in": Entry(HOLDER, "有一件并到手上这一件"),
    "came_apart": Entry(HOLDER, "并过的一件要单独办"),
    "woken": Entry(HOLDER, "挂起的日子到了"),
    "new_complaint": Entry(HOLDER, "居民投诉，由督察受理"),
    "urgent_alert": Entry(STAFF, "有重大紧急的事，从网格员到镇里都马上知道"),
    "notice_asked": Entry(STAFF, "人数多的通知要第二个人同意", about_no_case=True),
    "notice_agreed": Entry(STAFF, "第二个人同意了自己写的通知", about_no_case=True),
    "notice_refused": Entry(STAFF, "第二个人没有同意", about_no_case=True),
    "notice_expired": Entry(STAFF, "自己写的通知到了截止时间，还没发完", about_no_case=True),
    "let_go_on": Entry(RESIDENT, "镇里先看过，放行了"),
    "held": Entry(HOLDER, "有些话要镇里先看一看"),
    "held_medium": Entry(STAFF, "有照片或者录音要镇里先看一看"),
    "medium_not_shown": Entry(RESIDENT, "镇里看过，这张照片不公开"),
    "asked_to_help": Entry(STAFF, "被请去会办"),
    "help_over": Entry(STAFF, "会办的那一件结束了"),
    "handed_on": Entry(FORMER, "退回、交办、转派以后"),
    "merged_off": Entry(FORMER, "手上的一件并到别处"),
    "taken_over": Entry(FORMER, "同事接手了"),
    "gathered": Entry(STAFF, "等着告诉一个人的有三件以上，又都不紧急"),
    "handed_over": Entry(FORMER, "不在岗，手上的诉求转给同事", about_no_case=True),
    "leave_asked": Entry(STAFF, "有人请假，要批", about_no_case=True),
    "leave_approved": Entry(STAFF, "假准了", about_no_case=True),
    "leave_refused": Entry(STAFF, "假没有准", about_no_case=True),
    "leave_taken_back": Entry(STAFF, "请假的人撤回了", about_no_case=True),
    "leave_ended": Entry(STAFF, "请假的人提前回来", about_no_case=True),
    "you_cover": Entry(STAFF, "同事请假，由您替岗", about_no_case=True),
    "post_vacant": Entry(STAFF, "下面有岗位没有人", about_no_case=True),
    "worker_lost": Entry(STAFF, "工作人员取消关注或者解绑", about_no_case=True),
    "record_checked": Entry(STAFF, "督察看了自己的一条记录", about_no_case=True),
    "objection_decided": Entry(STAFF, "自己的申诉有了结果", about_no_case=True),
    "exit_proposed": Entry(STAFF, "自己连续两年考核不合格，镇里定之前先听说明", about_no_case=True),
    "exit_decided": Entry(STAFF, "镇里定了自己的岗位还做不做", about_no_case=True),
    "daily_list": Entry(STAFF, "工作日一早，有要走访、要办的事", about_no_case=True),
    "own_record_decided": Entry(RESIDENT, "网格员看过居民要更正的信息", about_no_case=True),
    "notice": Entry(ANYBODY, "镇、村发通知"),
    "answer": Entry(ANYBODY, "上一句话的答复来晚了，补发一次"),
}

EXAMPLE: Mapping[str, object] = {
    **messages_assessment.EXAMPLE,
    **messages_records.EXAMPLE,
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
    "original": 1020,
    "suspended_until": "2026-03-09T00:30:00+00:00",
    "person": "李卫国",
    "by": "何队长",
    "cover": "王秀兰",
    "to": ["王秀兰"],
    "numbers": [1024, 1025],
    "count": 2,
    "regions": ["第三网格"],
    "starts_at": "2026-03-03T16:00:00+00:00",
    "ends_at": "2026-03-06T16:00:00+00:00",
    "reason": "家里有事",
    "answer": "这几天人手不够",
    "text": "明天上午九点到十二点停水，请提前备水。",
    "notice": 12,
    "reach": 1200,
    "about": "明天上午九点到十二点停水，请提前备水。",
    "items": [
        ["new_case", {"number": 1024, "title": "路灯不亮", "accept_due": "2026-03-02T07:00:00+00:00"}],
        ["due_soon", {"number": 1025, "title": "楼道堆物", "due": "2026-03-02T09:30:00+00:00"}],
        ["rated", {"number": 1019, "title": "井盖松动"}],
    ],
}

_HEAD = """# Messages

What people get without having asked, word for word: made from `bot/messages.py` and `bot/catalogue.py` by
`python -m bot.catalogue > docs/messages.md`. The example is case №1024, 路灯不亮. A message goes
out as a customer-service message while WeChat's window is open, else as a template message (its fields stand in the
last column, at most {most} characters each), and always stands in the person's inbox.

Three or more that wait for one member of staff come as one, `gathered`, unless they are urgent or hold somebody's own
words (`services/delivery_gathering.py`).

| kind | to | when | text | template |
| --- | --- | --- | --- | --- |
"""


def example(kind: str) -> Mapping[str, object]:
    """Facts such as a message of *kind* carries."""
    if CATALOGUE[kind].about_no_case:
        return {name: value for name, value in EXAMPLE.items() if name not in {"number", "title", "text"}}
    return EXAMPLE


def page() -> str:
    """``docs/messages.md`` as it must be."""
    messages = Messages()
    lines = []
    for kind, entry in CATALOGUE.items():
        facts = example(kind)
        text = messages.text(kind, facts).replace("\n", "<br>").replace("|", "\\|")
        fields = messages.fields(kind, facts)
        template = "<br>".join(value.replace("|", "\\|") for value in fields.values())
        lines.append(f"| `{kind}` | {entry.to} | {entry.when} | {text} | {template} |")
    return _HEAD.format(most=THING) + "\n".join(lines) + "\n"


def missing() -> frozenset[str]:
    """Kinds that the catalogue does not explain yet, or explains although they are gone."""
    return KINDS ^ CATALOGUE.keys()


if __name__ == "__main__":
    sys.stdout.write(page())
