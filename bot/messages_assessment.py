"""Messages about a worker's own records: what an inspector found of one, and what became of an objection."""

from collections.abc import Callable, Mapping

from bot.wording import cut
from domain.assessment_rules import NAMES, Ground

Facts = Mapping[str, object]
_LONGEST = 200
_KINDS = {"case": "№", "visit": "走访记录 ", "base": "基础数据 "}
_VERDICTS = {"unqualified": "不合格", "false": "虚假记录"}


def _record(facts: Facts) -> str:
    record = cut(str(facts.get("record") or ""), 20)
    return f"{_KINDS.get(str(facts.get('record_kind')), '')}{record}" if record else "您的一条记录"


def _checked(facts: Facts) -> str:
    verdict = str(facts.get("verdict"))
    if verdict not in _VERDICTS:
        return f"督察看过{_record(facts)}，没有问题。"
    ground = str(facts.get("ground") or "")
    why = f"，原因：{NAMES[ground]}" if ground in {*Ground} else ""
    note = cut(str(facts.get("note") or ""), _LONGEST)
    said = f"\n“{note}”" if note else ""
    return f"督察看过{_record(facts)}，判定为{_VERDICTS[verdict]}{why}。{said}\n觉得不对，可以在小程序里申诉一次。"


def _decided(facts: Facts) -> str:
    answer = cut(str(facts.get("answer") or ""), _LONGEST)
    said = f"\n“{answer}”" if answer else ""
    if facts.get("upheld") is True:
        return f"您对{_record(facts)}的申诉成立，这一条不再扣分。{said}"
    return f"您对{_record(facts)}的申诉没有通过。{said}"


TEXTS: dict[str, Callable[[Facts], str]] = {"record_checked": _checked, "objection_decided": _decided}
HEADLINES = {"record_checked": "督察看了您的记录", "objection_decided": "申诉有结果了"}
EXAMPLE: Mapping[str, object] = {
    "record_kind": "case",
    "record": "1024",
    "verdict": "unqualified",
    "ground": "missing",
    "upheld": True,
}
