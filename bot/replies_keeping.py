"""What the chat answers about suspending, merging, urgent matters and complaints."""

from collections.abc import Mapping
from datetime import datetime

from bot.wording import cut, lasted, moment, state, step
from services.queues import CaseView


def suspended(number: int | None, until: datetime | None) -> str:
    return (
        f"№{number} 已挂起，到 {moment(until)} 自动恢复，这段时间不计时，原因会告诉居民。\n"
        f"要提前接着办，回：恢复 {number}；要改日子，再回一次：挂起 {number} 3天 原因"
    )


def resumed(number: int | None, due: datetime | None) -> str:
    return f"№{number} 已恢复办理，请在 {moment(due)} 前办结，会通知居民。办好后请回：办结 {number} 结果"


def merged(number: int | None, into: int) -> str:
    return f"№{number} 已并入 №{into}，以后只办 №{into} 就行，两边的居民都会收到结果。"


def merge_how(number: int) -> str:
    return f"请写明并到哪一件，前面是重复的，后面是原来的，例如：合并 {number} 1020"


def how(word: str, number: int) -> str:
    return {
        "挂起": f"挂起要写编号、日子和原因，例如：\n挂起 {number} 3天 等配件\n挂起 {number} 到5月6日 等居民提供材料",
        "恢复": f"要恢复哪一件？请带上编号，例如：恢复 {number}",
        "合并": merge_how(number),
        "紧急": f"要把哪一件标成紧急？请带上编号，例如：紧急 {number}",
    }[word]


def suspended_line(count: int) -> str:
    return f"另有 {count} 件挂起"


def marked_urgent(number: int | None, accept_due: datetime | None) -> str:
    until = f"要在 {moment(accept_due)} 前受理，" if accept_due else ""
    return f"№{number} 已标为紧急：{until}不分昼夜计时。镇里已经看到，这一片从网格到镇上的人都通知了。"


def draft_urgent(*, has_words: bool) -> str:
    then = "说完回“提交”就发出。" if has_words else "请说说是什么事，说完回“提交”就发出。"
    return (
        f"记下了，这件按紧急的办：一提交，网格员和镇里同时收到，15 分钟内要有人受理，白天晚上都一样。{then}\n"
        "要是不急，请回“不紧急”。有人受伤、着火、打架，请马上打 120、119、110。"
    )


def draft_not_urgent() -> str:
    return "好的，这件不按紧急的办。还有要说的接着说，说完回“提交”。"


# Complaints.


def complaint_filed(number: int | None, *, waits: bool) -> str:
    to = "正在安排没有关系的人来处理" if waits else "已直接交给负责监督的人"
    return (
        f"您的投诉收到了，编号 №{number}，{to}，被投诉的人看不到。处理结果会在这里告诉您；"
        f"想看进展，回“进度”；要补充，直接在这里说。"
    )


def complain_how(number: int | None) -> str:
    example = f"投诉 {number} 原因" if number is not None else "投诉网格员 原因"
    return (
        f"您要投诉工作人员吗？请直接说是谁、怎么回事，也可以写：{example}\n"
        "投诉直接交给负责监督的人，被投诉的人看不到。\n要说的是别的事，请先回“新诉求”。"
    )


def complaint_or_not() -> str:
    return (
        "先记下了，还没有发出。\n投诉的是工作人员，请回 1：直接交给负责监督的人，被投诉的人看不到；\n"
        "是别的事要人去办，请回 2。"
    )


def complaint_again() -> str:
    return (
        "这句还没有发出，因为前面有话还没提交。\n投诉工作人员，请回 1：这句直接交给负责监督的人，被投诉的人看不到；\n"
        "是别的事，请回 2：和前面说的记在一起。"
    )


def complaint_needs_grid() -> str:
    return (
        "还不知道您说的是哪里的人：请先扫一下楼道里或公示牌上的网格码，再说一次；也可以打镇（街道）监督电话或 12345。"
    )


# A case in full.


def kept(view: CaseView, *, staff: bool) -> list[str]:
    """Lines for a case in full: what it follows, what follows it, until when it rests, what may be the same."""
    case, lines = view.case, []
    if view.original is not None:
        lines.append(f"已并入 №{view.original.number}（{state(view.original.status)}），那边有结果会告诉您")
    if case.suspended_until is not None:
        lines.append(f"挂起到 {moment(case.suspended_until)}")
    if staff and view.about is not None:
        lines.append(f"投诉的是 №{view.about} 的办理")
    if staff and view.followers:
        lines.append("并进来的：" + "、".join(f"№{one}" for one in view.followers[:5]))
    if staff and view.alike:
        lines.append(hint(case.number or 0, view.alike))
    return lines


def hint(number: int, alike: object) -> str:
    """The order to merge what may be the same: the newer one into the older."""
    others = [one for one in alike if isinstance(one, int)] if isinstance(alike, (list, tuple)) else []
    said = [f"合并 {max(number, one)} {min(number, one)}" for one in others]
    shown = "、".join(f"№{one}" for one in others)
    return f"可能和 {shown} 是同一件事；是的话请回：{' 或 '.join(said)}" if others else ""


# Refusals.


def refused(code: str, facts: Mapping[str, object]) -> str:
    """Words for a refusal of one of these steps; empty for any other."""
    said = ""
    match code, facts:
        case "too_many", {"last": _}:
            said = refused_reminder(facts)
        case "bad_input", {"field": "until"}:
            said = refused_day(facts)
        case "bad_input", {"field": "into"}:
            said = f"一件事不能并到它自己。{merge_how(int(str(facts.get('number', 1024))))}"
        case "illegal_move", {"into": _}:
            said = refused_merge(facts)
        case "illegal_move", {"kind": "complaint"}:
            said = of_complaint(facts.get("number", ""), step(str(facts.get("action", ""))))
        case "illegal_move", {"rated": stars}:
            said = f"№{facts.get('number')} 您已经评过 {stars} 分了，谢谢您。要是又有变化，请回“新诉求”重新说。"
        case "illegal_move", {"urgent": True}:
            said = f"№{facts.get('number')} 已经是紧急的了，镇里和这一片的人都通知过了。"
        case "illegal_move", {"status": "merged"}:
            said = (
                f"№{facts.get('number')} 已经和另一件并在一起办，那边有结果会告诉您。看详情回编号；"
                f"不是一回事请回：不满意 {facts.get('number')} 原因"
            )
    return said


def refused_merge(facts: Mapping[str, object]) -> str:
    into, number = facts.get("into"), facts.get("number", "编号")
    if facts.get("follows"):
        return f"№{into} 自己已经并入 №{facts['follows']} 了，请回：合并 {number} {facts['follows']}"
    return f"№{into} 现在是“{state(str(facts.get('into_status', '')))}”，不能再并进去了。№{number} 请单独办理。"


def refused_reminder(facts: Mapping[str, object]) -> str:
    return (
        f"№{facts.get('number')} {moment(facts.get('last'))} 刚催过，话已经带到了，一小时里催一次就够。"
        f"大约{lasted(facts.get('retry_after'))}后可以再催；要补充情况，直接在这里说。"
    )


def refused_day(facts: Mapping[str, object]) -> str:
    number, most = facts.get("number", 1024), facts.get("most", 30)
    why = f"挂起的日子要在明天到 {most} 天之内" if facts.get("given") else "请写明挂起到哪一天"
    return f"{why}，例如：挂起 {number} 3天 等配件，或者：挂起 {number} 到5月6日 等居民提供材料"


def of_complaint(number: object, action: str) -> str:
    return f"№{cut(str(number), 20)} 是投诉，不能{action}。请回复、办结，或者上报给上一级负责监督的人。"
