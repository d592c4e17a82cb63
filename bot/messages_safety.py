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
    "held_medium": lambda f: (
        f"{cut(str(f.get('grid') or ''), 40)}的 №{_n(f)} 里有一张照片或一段录音要请您先看一看，别人暂时看不到它；"
        f"事情照常在办。\n请到小程序的“待审”里看，再选“可以看”或者“不给看”。"
    ),
    "medium_not_shown": lambda f: (
        f"您在 №{_n(f)} 里发的一张照片或一段录音，镇里看过后没有公开，别人看不到它。\n"
        f"事情照常在办；需要的话，换一张照片，或者用文字说给我们听就行。"
    ),
    "let_go_on": lambda f: (
        f"您反映的 №{_n(f)} 已经看过，转给{cut(str(f.get('holder') or f.get('unit') or ''), 40) or '值班人员'}办理，"
        f"最晚 {moment(f.get('accept_due'))} 受理。"
    ),
}
HEADLINES = {
    "held": "有一件要先看一看",
    "held_medium": "有照片要先看一看",
    "medium_not_shown": "有一张照片没有公开",
    "let_go_on": "看过了，已转去办理",
}
