"""What the chat says of base data: to a resident about themselves, to a worker about what residents want corrected."""

from collections.abc import Mapping, Sequence

from services.own_records import Own, Proposed
from services.phones import masked

NAMES: Mapping[str, str] = {
    "head": "户主",
    "phone": "电话",
    "people": "人数",
    "registered_address": "户籍地址",
    "owner": "房东",
    "owner_phone": "房东电话",
    "tenant": "租客",
    "tenant_phone": "租客电话",
    "name": "名称",
    "contact": "联系人",
    "keeper": "管护人",
}
_MOST = 5


def own(found: Sequence[Own]) -> str:
    if not found:
        return (
            "没有查到和您有关的登记信息。\n我们按您在小程序里留的手机号，在您所在的网格里找；"
            "还没留号码的，先到小程序“我的”里留一个，再回：我的信息"
        )
    parts = []
    for one in found[:_MOST]:
        lines = [f"{one.place}："]
        lines += [f"{NAMES.get(name, name)}：{shown(name, value)}" for name, value in one.fields.items() if value]
        if one.waiting:
            asked = "，".join(f"{NAMES.get(name, name)} {shown(name, value)}" for name, value in one.waiting.items())
            lines.append(f"（您要更正的：{asked}，等网格员核实）")
        parts.append("\n".join(lines))
    return "\n".join([*parts, "哪里不对回：更正信息；电话、人数不想留了，随时可以回：撤掉信息"])


def proposed(found: Sequence[Proposed]) -> str:
    if not found:
        return "没有居民要求更正的信息。\n新登记一处回：登记；改一处回：改登记 地方，例如：改登记 3 幢 201"
    lines = [f"居民要求更正 {len(found)} 处，核实以后回“更正 1 同意”，或者“更正 1 不同意 原因”："]
    for number, one in enumerate(found[:_MOST], 1):
        changes = "，".join(_change(name, one.now.get(name, ""), value) for name, value in one.wished.items())
        lines.append(f"{number}. {one.place}：{changes}")
    return "\n".join(lines)


def decided(*, take: bool) -> str:
    return "改好了，居民会收到消息。" if take else "没有改，原因会告诉居民。"


def decided_already() -> str:
    return "这一处已经定过了，不用再回。看还有哪些请回：基础数据"


def decide_how() -> str:
    return "请先回“基础数据”看名单，再回“更正 1 同意”，或者“更正 1 不同意 原因”。"


def nobody_keeps() -> str:
    return "基础数据由专职网格员管自己网格的，您现在的岗位没有。"


def _change(name: str, now: str, wished: str) -> str:
    return f"{NAMES.get(name, name)} {shown(name, now) or '（空）'} → {shown(name, wished) or '（空）'}"


def shown(name: str, value: str) -> str:
    return masked(value) if name.endswith("phone") else value
