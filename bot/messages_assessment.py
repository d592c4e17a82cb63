"""Messages about a worker's own work: what an inspector found of a record, what became of an objection, an exit."""

from collections.abc import Callable, Mapping

from bot.wording import cut, moment
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


def _points(hundredths: object) -> str:
    return f"{int(str(hundredths)) / 100:.2f}".rstrip("0").rstrip(".")


def _proposed(facts: Facts) -> str:
    """No verdict: what the figures say, that nothing is decided, and how to be heard."""
    years = facts.get("years")
    found = [f"{year}年 {_points(mean)} 分" for year, mean in years] if isinstance(years, list) else []
    means = f"（{'，'.join(found)}）" if found else ""
    until = moment(facts.get("until"))
    when = f"请在 {until} 以前" if until else "请早一点"
    return (
        f"您连续两年的考核月平均分{means}没有到 {facts.get('pass', 0)} 分。"
        "按规定，镇里要商量您是不是接着做专职网格员。\n"
        "现在什么都没有定，您的岗位照旧。生病、家里有事、网格难走，这些分数里看不出来，镇里想先听您说。\n"
        f"有话要说，{when}回复“异议”加上原因，例如：异议 去年下半年照顾住院的母亲。"
        "对哪个月的分数有疑问，可以请指挥长一条一条核对。"
    )


def _exit_decided(facts: Facts) -> str:
    answer = cut(str(facts.get("answer") or ""), _LONGEST)
    said = f"\n理由：“{answer}”" if answer else ""
    looked = "镇里看过您两年的考核，也考虑了您的情况，决定"
    if facts.get("ended") is True:
        return f"{looked}您不再担任专职网格员，手上的诉求已经转给同事。谢谢您这些年的辛苦。{said}"
    return f"{looked}您继续担任专职网格员。{said}"


TEXTS: dict[str, Callable[[Facts], str]] = {
    "record_checked": _checked,
    "objection_decided": _decided,
    "exit_proposed": _proposed,
    "exit_decided": _exit_decided,
}
HEADLINES = {
    "record_checked": "督察看了您的记录",
    "objection_decided": "申诉有结果了",
    "exit_proposed": "两年考核，镇里想听您说",
    "exit_decided": "岗位的事有结果了",
}
EXAMPLE: Mapping[str, object] = {
    "record_kind": "case",
    "record": "1024",
    "verdict": "unqualified",
    "ground": "missing",
    "upheld": True,
    "years": [[2026, -350], [2027, -1240]],
    "pass": 0,
    "until": "2028-01-16T16:00:00+00:00",
}
