"""What the chat asks, one thing at a time, of whoever writes down a record or says what is right of their own."""

from collections.abc import Mapping, Sequence

from bot.replies_records import NAMES, shown
from bot.wording import cut
from services.own_records import Own
from services.records import Kind, Shown

KINDS: Mapping[Kind, str] = {
    Kind.HOUSEHOLD: "户",
    Kind.RENTAL: "出租房",
    Kind.ORGANISATION: "单位",
    Kind.FACILITY: "设施",
}
_ASKED: Mapping[str, str] = {
    "head": "户主叫什么？后面几样也可以一起说，例如：王建国，13812345678，3口人",
    "phone": "电话是多少？",
    "people": "常住几口人？",
    "registered_address": "户籍地址是哪里？",
    "owner": "房东叫什么？",
    "owner_phone": "房东电话是多少？",
    "tenant": "租客叫什么？",
    "tenant_phone": "租客电话是多少？",
    "contact": "联系人是谁？",
    "keeper": "谁管护？",
}
_CANNOT: Mapping[str, str] = {
    "people": "人数请回数字，例如：3",
    "phone": "电话看不出是手机还是座机，座机要带区号，例如：13812345678、0519-83123456",
}
_WAYS = "没有就回：跳过；说错了回：上一步；不登记了回：取消"


def ask_kind() -> str:
    return f"要登记哪一类？回前面的数字：\n{_numbered(list(KINDS.values()))}\n不登记了回：取消"


def ask_grid(names: Sequence[str]) -> str:
    return f"是哪个网格的？回前面的数字：\n{_numbered(names)}"


def ask_place(kind: Kind) -> str:
    return f"登记{KINDS[kind]}。在什么地方？例如：3 幢 201。这里不要写人的姓名。"


def ask_field(kind: Kind, field: str) -> str:
    if field == "name":
        return f"{'单位' if kind is Kind.ORGANISATION else '设施'}叫什么？\n{_WAYS}"
    return f"{_ASKED[field]}\n{_WAYS}"


def ask_migrant() -> str:
    return "是新来的流动人口吗？回：是 或 不是"


def ask_confirm(kind: Kind, place: str, values: Mapping[str, str], *, migrant: bool) -> str:
    lines = [f"{NAMES[name]}：{shown(name, value)}" for name, value in values.items() if value]
    lines += ["新来的流动人口"] if migrant else []
    return "\n".join([f"要登记的{KINDS[kind]}：{place}", *lines, "对的话回：确认；要改回：上一步；不登记了回：取消"])


def cannot(field: str) -> str:
    said = _CANNOT.get("phone" if field.endswith("phone") else field, "太长了，或者看不清，请再说一遍")
    return f"{said}。没有就回：跳过；要说别的事，先回：取消"


def added(kind: Kind, place: str) -> str:
    return f"登记好了：{place}（{KINDS[kind]}）。再登记一个回：登记；要改回：改登记 {place}"


def dropped() -> str:
    return "好的，不登记了，刚才说的没有留下。"


def change_how() -> str:
    return "要改哪一处的登记？请带上地方，例如：改登记 3 幢 201"


def nothing_there(place: str) -> str:
    return f"您管的网格里没有找到“{cut(place, 20)}”。换个说法再试，例如：改登记 3 幢；要新登记回：登记"


def which_record(found: Sequence[Shown], *, more: bool) -> str:
    lines = [f"{one.place}（{KINDS[Kind(one.kind)]}，{one.grid_name}）" for one in found]
    tail = "\n还有别的，地方再说细一点就能找到。" if more else ""
    return f"是哪一个？回前面的数字：\n{_numbered(lines)}{tail}\n不改了回：取消"


def which_field(one: Shown, fields: Sequence[str]) -> str:
    lines = [f"{NAMES[name]}：{one.fields.get(name) or '（空）'}" for name in fields]
    return (
        f"{one.place}（{KINDS[Kind(one.kind)]}）现在是：\n{_numbered(lines)}\n要改哪一项，回前面的数字；不改了回：取消"
    )


def new_value(field: str) -> str:
    return f"{NAMES[field]}改成什么？要清空回：清空；换一项改回：上一步；不改了回：取消"


def confirm_change(place: str, field: str, value: str) -> str:
    said = f"{place}的{NAMES[field]}改成：{shown(field, value) or '（空）'}"
    return f"{said}\n对的话回：确认；重新说回：上一步；不改了回：取消"


def changed(place: str) -> str:
    return f"{place}改好了。还要改别的，接着回数字；不改了回：取消"


def same() -> str:
    return "和现在的一样，没有改。"


def changed_by_another() -> str:
    return "刚才有人改过这一条，您的还没有改上。请看看现在的内容："


def gone() -> str:
    return "这一条现在不归您管，或者已经没有了。要看名单回：基础数据"


def stopped() -> str:
    return "好的，没有再改。"


# A resident about themselves.


def nothing_own() -> str:
    return "没有查到和您有关的登记信息，所以没有可改的。详细的请回：我的信息"


def which_own(found: Sequence[Own]) -> str:
    return f"是哪一处的信息？回前面的数字：\n{_numbered([one.place for one in found])}\n不改了回：取消"


def which_own_field(one: Own, fields: Sequence[str], *, withdraw: bool) -> str:
    if withdraw and not fields:
        return "这一处没有可以撤掉的：您自愿留的电话和人数，现在都是空的。"
    lines = [f"{NAMES[name]}：{shown(name, one.fields.get(name, '')) or '（空）'}" for name in fields]
    ask = "要撤掉哪一项" if withdraw else "哪一项不对"
    return f"{one.place}：\n{_numbered(lines)}\n{ask}，回前面的数字；不改了回：取消"


def right_value(field: str) -> str:
    return f"正确的{NAMES[field]}是什么？直接发来；换一项回：上一步；不改了回：取消"


def confirm_own(field: str, value: str) -> str:
    return f"您要更正：{NAMES[field]} → {shown(field, value)}\n对的话回：确认；重新说回：上一步；不改了回：取消"


def confirm_withdrawal(field: str) -> str:
    tail = "撤掉以后，我们就认不出这是您的信息了。" if field.endswith("phone") else ""
    return f"撤掉{NAMES[field]}，马上就删，以前留的也一起删。{tail}\n确定的话回：确认；不撤了回：取消"


def cannot_own(field: str) -> str:
    said = _CANNOT.get("phone" if field.endswith("phone") else field, "太长了，或者看不清，请再说一遍")
    return f"{said}。换一项回：上一步；要说别的事，先回：取消"


def proposed() -> str:
    return "记下了，网格员核实以后会告诉您结果。在这之前，登记的还是原来的。看现在的内容回：我的信息"


def withdrawn(field: str) -> str:
    return f"{NAMES[field]}已经删掉了，以前留的也删了。看现在的内容回：我的信息"


def not_yours() -> str:
    return "这一处现在不是您的信息，或者这一项不能在这里改。看现在的内容回：我的信息"


def own_stopped() -> str:
    return "好的，没有改动。"


def _numbered(lines: Sequence[str]) -> str:
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
