"""What the chat says of a worker's score: short, and first of all what is still missing."""

from collections.abc import Sequence

from bot.wording import cut
from domain.assessment_rules import NAMES, Part, Reason
from domain.event_list import NAMES as CATEGORIES
from domain.event_list import Category
from services.assessments import Score
from services.awards import Listed

_MOST = 3
_PARTS = (Part.EVENTS, Part.VISITS, Part.BASE_DATA)


def not_assessed() -> str:
    return "每月考核只算专职网格员，您现在的岗位没有得分。"


def score(one: Score, awards: Sequence[Listed], *, others: int) -> str:
    parts = "，".join(f"{NAMES[part]} {one.got.points[part]}" for part in _PARTS)
    lines = [f"{one.month.month}月到现在 {_number(one.score)} 分（{one.grid}）", f"原始分：{parts}"]
    if one.got.points[Part.DEDUCTIONS]:
        lines.append(f"已扣 {-one.got.points[Part.DEDUCTIONS]} 分：{_deducted(one)}")
    lines.append(_missing(one))
    if awards:
        lines.append(f"今年的奖励：{'，'.join(_award(each) for each in awards[:_MOST])}")
    if others:
        lines.append(f"您还有 {others} 个网格，到小程序里看。")
    return "\n".join(lines)


def _award(one: Listed) -> str:
    """「救火 5 分」, 「3月优秀」; beside the score, never in it."""
    names = {"month": f"{one.period.month}月优秀", "year": "年度十佳"}
    name = names.get(one.kind) or f"{cut(one.title, 20)} {_number(one.score)} 分"
    return f"{name}（公示中）" if one.state == "public" else name


def _deducted(one: Score) -> str:
    found = {
        Reason.UNQUALIFIED: ("不合格记录", "条"),
        Reason.FALSE: ("虚假记录", "条"),
        Reason.IDLE_DAY: ("没巡查也没请假", "天"),
    }
    counted = {reason: sum(line.reason is reason for line in one.got.lines) for reason in found}
    return "，".join(f"{found[reason][0]} {count} {found[reason][1]}" for reason, count in counted.items() if count)


def _missing(one: Score) -> str:
    left = {missing.what: missing.left for missing in one.got.missing if missing.left}
    short = [f"{name} {left[what]} {unit}" for what, name, unit in _WANTED if what in left]
    if not short:
        return "这个月要求的件数都够了。"
    categories = sorted(((count, what) for what, count in left.items() if what in CATEGORIES), reverse=True)
    shown = "、".join(f"{CATEGORIES[Category(what)]} {count} 件" for count, what in categories[:_MOST])
    tail = f"\n缺得最多的：{shown}" if shown and Part.EVENTS in left else ""
    return f"月底前还差：{'，'.join(short)}{tail}"


_WANTED = ((Part.EVENTS, "有效事件", "件"), ("services", "服务记录", "条"))


def _number(hundredths: int) -> str:
    """「46.4」, without a tail of noughts."""
    return f"{hundredths / 100:.2f}".rstrip("0").rstrip(".")
