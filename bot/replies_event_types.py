"""What the chat says about a case's type (事项清单), and about the photos that a type wants."""

from collections.abc import Mapping, Sequence

from bot.wording import listed, moment
from domain.event_list import NAMES, Category, Photos
from models import Case, EventType
from services.event_types import Choice


def how() -> str:
    return "请写上编号，例如：归类 1024。想按名字找，就在后面写个词：归类 1024 路灯"


def choices(number: int, found: Sequence[Choice]) -> str:
    """Numbered; whoever answers with a digit has chosen."""
    parts = [f"{at} {one.type.name}（{NAMES[one.type.category]}）{_why(one)}" for at, one in enumerate(found, 1)]
    tail = f"都不对，就写个词再找，例如：归类 {number} 路灯"
    return listed(f"№{number} 归到哪一类？回前面的数字就行：", parts, tail)


def _why(choice: Choice) -> str:
    return "：提到" + "".join(f"“{word}”" for word in choice.words[:2]) if choice.words else ""


def nothing_found(number: int, words: str) -> str:
    if words:
        return f"事项清单里没有找到和“{words[:20]}”相近的，请换个词再试，例如：归类 {number} 路灯"
    return f"从 №{number} 的内容看不出还能归到哪一类，请写个词来找，例如：归类 {number} 路灯"


def classified(case: Case, name: str, department: str) -> str:
    whose = f"，归{department}管" if department else ""
    accept = f"{moment(case.accept_due)} 前受理，" if case.accepted_at is None else ""
    due = f"时限按这一类算：{accept}{moment(case.resolve_due)} 前办好。" if case.next_due is not None else ""
    return f"№{case.number} 已归为“{name}”（{_category(case.category)}{whose}）。{due}"


def _category(code: str) -> str:
    return NAMES[Category(code)] if code in set(Category) else code


def of_case(case: Case, kind: EventType, *, staff: bool) -> list[str]:
    """The lines about the type when a case is looked at."""
    if not staff:
        return [f"事项：{kind.name}"]
    whose = f"（{kind.department}）" if kind.department else ""
    lines = [f"事项：{kind.name}{whose}，不对请回：归类 {case.number}"]
    if case.resolved_at is None and kind.photos != Photos.NONE:
        before = "办之前、办好以后各一张" if kind.photos == Photos.BOTH else "办好以后一张"
        lines.append(f"照片：办结前要有{before}")
    return lines


def needs_photo(facts: Mapping[str, object]) -> str:
    """Why it is not resolved yet, and the next step."""
    missing = facts.get("missing")
    missing = missing if isinstance(missing, list) else []
    which = {
        ("before", "after"): "办之前和办好以后的照片各一张",
        ("before",): "一张办之前的照片，手机里存着的也行",
    }.get(tuple(missing), "一张办好以后的照片")
    about = f"№{facts['number']} " if facts.get("number") else "这件事"
    kind = f"“{facts['event_type']}”这类事" if facts.get("event_type") else "这类事"
    return f"{about}还没办结：{kind}要有{which}。\n请现在就把照片发过来，再回“办结”，刚才写的结果不用重写。"


def photo_kept(number: int) -> str:
    return f"照片已归到 №{number}，还有就接着发。照片齐了请回“办结”，结果不用重写。"
