"""How the chat says no: why, and what can be done instead. Whatever names a case holds its number as №N."""

from collections.abc import Callable, Mapping

from bot import replies_event_types, replies_keeping, replies_leave, replies_notices, replies_safety
from bot.wording import cut, state, step
from domain.errors import Refusal

Facts = Mapping[str, object]


def refused(refusal: Refusal) -> str:
    facts = refusal.facts
    said = replies_safety.refused(facts.get("why"), facts.get("number", 1024))
    said = said or _of_handing(refusal) or replies_keeping.refused(refusal.code, facts)
    said = said or replies_notices.refused(refusal)
    if said:
        return said
    words = _REFUSED.get(refusal.code)
    return words(refusal.facts) if words else "这一步没有办成，请换个说法再试，或者回“帮助”看看怎么用。"


def _about(facts: Facts) -> str:
    return f"№{facts['number']} " if facts.get("number") else "这件事"


def _not_found(facts: Facts) -> str:
    if "number" in facts:
        return f"没有找到 №{facts['number']}，请看看编号对不对。您的编号，回“进度”能看到（工作人员回“待办”）。"
    if "region" in facts:
        return f"没有找到您负责的区域“{cut(str(facts['region']), 30)}”，请看看区域编码对不对。"
    return "没有找到，可能已经处理过了。回“待办”或“进度”看看现在有哪些。"


_FORBIDDEN: dict[str, Callable[[str, str, object], str]] = {
    "same_place": lambda about, to, _: f"{about}已经在{to}了，不用再交办。",
    "same_grid": lambda about, to, _: f"{about}本来就在{to}，不用转派。",
    "other_town": lambda about, to, n: f"{to} 不在本镇，{about}不能直接转过去。请上报，由上级来转：上报 {n} 意见",
    "nobody_there": lambda about, to, n: f"{to}现在没有人在岗能接，{about}没有动。请换一个，或者上报：上报 {n} 意见",
    "final": lambda about, _to, _: f"{about}镇里已经复核过，这是最后的答复，不能再申请了。您可以打 12345 再反映。",
}


def _of_handing(refusal: Refusal) -> str:
    facts = refusal.facts
    why, field, number = facts.get("why"), facts.get("field"), facts.get("number", 1024)
    if refusal.code == "illegal_move" and why in _FORBIDDEN:
        return _FORBIDDEN[str(why)](_about(facts), cut(str(facts.get("to", "")), 30), number)
    if refusal.code == "bad_input" and field in {"to", "others"}:
        return _no_such_place(facts)
    if refusal.code == "bad_input" and field == "hidden":
        return f"不予受理的原因要让居民看到，请去掉“内部”两个字再发，例如：不予受理 {number} 不在受理范围"
    return ""


def _illegal_move(facts: Facts) -> str:
    action = step(str(facts.get("action", "这样处理")))
    about = _about(facts)
    if facts.get("who"):
        return f"{about}现在不归您{action}。看这件事的经过，直接回编号。"
    if facts.get("action") in {"rate", "reopen"} and facts.get("number"):
        if facts.get("status") in {"submitted", "accepted", "suspended"}:
            return f"{about}还没办结，办好了会请您评价。想催一催，请回：催办 {facts['number']}"
        return f"{about}已经是“{state(str(facts.get('status')))}”，不能再评价了。要是又有变化，请回“新诉求”重新说。"
    if facts.get("action") == "accept" and facts.get("status") == "accepted":
        return f"{about}已经受理过了。办好后请回：办结 {facts.get('number', '编号')} 结果"
    if "level" in facts:
        return f"{about}已经在最基层了，没有下一级可以退回，请继续办理或上报。"
    return f"{about}现在是“{state(str(facts.get('status', '')))}”，不能{action}。看这件事的经过，直接回编号。"


_EXAMPLES = {
    "reply": "明天上午去看",
    "resolve": "已经修好",
    "report_up": "需要上级协调",
    "return": "属于村里处理的事",
    "decline": "不在受理范围，请联系供电公司",
    "dispatch": "城管办 请尽快处理",
    "co_handle": "城管办 派出所 请一起看看",
    "transfer": "网格编码 地点在那边",
    "suspend": "3天 等配件",
    "complain": "三天没人来看",
}


def _bad_input(facts: Facts) -> str:
    field, longest, number = facts.get("field"), facts.get("longest"), facts.get("number", 1024)
    if field == "rating":
        return f"评价请用 1 到 5 的数字，5 最满意，例如：评价 {number} 5 谢谢"
    if field == "text":
        if longest:
            return f"通知最多 {longest} 字，现在有 {facts.get('has')} 字，请删短一些再发。"
        return "请写上正文，例如：通知 区域编码 明天上午停水"
    if longest:
        return f"写得太长了，请控制在 {longest} 字以内再发一次。"
    action = str(facts.get("action", "reply"))
    return f"请在编号后面写几句，例如：{step(action)} {number} {_EXAMPLES.get(action, '写几句说明')}"


def _no_such_place(facts: Facts) -> str:
    number, action = facts.get("number", 1024), str(facts.get("action", "dispatch"))
    example = f"{step(action)} {number} {_EXAMPLES.get(action, '')}".rstrip()
    known = facts.get("known")
    names = "、".join(cut(str(one), 20) for one in known) if isinstance(known, list) else ""
    to = cut(str(facts.get("to", "")), 30)
    if facts.get("why") == "ambiguous":
        return f"叫“{to}”的不止一个，请写编码：{names}。例如：{step(action)} {number} {names.partition('、')[0]} 意见"
    if facts.get("longest"):
        return f"一次最多请 {facts['longest']} 家，请少写几家再发。"
    if not to:
        return f"请写明给谁，中间空一格，例如：{example}"
    there = f"可以给：{names}。" if names else ""
    return f"没有找到“{to}”，№{number} 没有动。{there}名称和意见之间空一格，例如：{example}"


def _nothing_to_file(facts: Facts) -> str:
    return {
        "no_words": "还差一句话：请用文字或语音说说是什么事，再回“提交”。",
        "no_grid": "内容都记着呢，还差一步：请扫一下楼道里或公示牌上的网格码，才知道派给谁，扫完再回“提交”。",
    }.get(str(facts.get("has")), "还没有要提交的内容。有什么事直接说，说完再回“提交”。")


_REFUSED: dict[str, Callable[[Facts], str]] = {
    "not_found": _not_found,
    "illegal_move": _illegal_move,
    "bad_input": _bad_input,
    "nothing_to_file": _nothing_to_file,
    "needs_photo": replies_event_types.needs_photo,
    "top_level": lambda facts: f"{_about(facts)}上面没有可以接手的单位了，请继续办理。",
    "leave_refused": replies_leave.refused,
    "invite_refused": lambda _: "这个邀请码不对，或者已经用过、过期了。请向镇里要一个新的，再回：绑定 邀请码",
    "too_many": lambda _: "试的次数太多了，请过一小时再试。",
}
