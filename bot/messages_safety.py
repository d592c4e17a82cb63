"""Messages about what is looked at first, made from kind and facts."""

from collections.abc import Callable, Mapping

from bot.wording import cut, moment

Facts = Mapping[str, object]


def _n(facts: Facts) -> str:
    return cut(str(facts.get("number", "")), 20)


TEXTS: dict[str, Callable[[Facts], str]] = {
    "held": lambda f: (
        f"{cut(str(f.get('grid') or ''), 40)}新来的 №{_n(f)} 里有些话要请您先看一看，网格员现在还看不到。\n"
        f"看内容回 {_n(f)}；没问题请回：放行 {_n(f)}；不合适请回：不放行 {_n(f)} 原因"
    ),
    "let_go_on": lambda f: (
        f"您反映的 №{_n(f)} 已经看过，转给{cut(str(f.get('holder') or f.get('unit') or ''), 40) or '值班人员'}办理，"
        f"最晚 {moment(f.get('accept_due'))} 受理。"
    ),
}
HEADLINES = {"held": "有一件要先看一看", "let_go_on": "看过了，已转去办理"}
