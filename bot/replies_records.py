"""What the chat says of base data: to a resident about themselves, to a worker about what residents want corrected."""

from collections.abc import Mapping, Sequence

from services.own_records import Own, Proposed
from services.phones import masked

_NAMES: Mapping[str, str] = {
    "head": "户主",
    "phone": "电话",
    "people": "人数",
    "registered_address": "户籍地址",
    "owner": "房东",
    "owner_phone": "房东电话",
    "tenant": "租客",
    "tenant_phone": "租客电话",
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
        lines += [f"{_NAMES.get(name, name)}：{_shown(name, value)}" for name, value in one.fields.items() if value]
        if one.waiting:
            asked = "，".join(f"{_NAMES.get(name, name)} {_shown(name, value)}" for name, value in one.waiting.items())
            lines.append(f"（您要更正的：{asked}，等网格员核实）")
        parts.append("\n".join(lines))
    return "\n".join([*parts, "哪里不对，或者电话、人数不想留了，到小程序“我的信息”里改，电话和人数可以随时撤掉。"])


def proposed(found: Sequence[Proposed]) -> str:
    if not found:
        return "没有居民要求更正的信息。新登记和修改，请到小程序“基础数据”里办。"
    lines = [f"居民要求更正 {len(found)} 处，核实以后回“更正 1 同意”，或者“更正 1 不同意 原因”："]
    for number, one in enumerate(found[:_MOST], 1):
        changes = "，".join(_change(name, one.now.get(name, ""), value) for name, value in one.wished.items())
        lines.append(f"{number}. {one.place}：{changes}")
    return "\n".join(lines)


def decided(*, take: bool) -> str:
    return "改好了，居民会收到消息。" if take else "没有改，原因会告诉居民。"


def decide_how() -> str:
    return "请先回“基础数据”看名单，再回“更正 1 同意”，或者“更正 1 不同意 原因”。"


def nobody_keeps() -> str:
    return "基础数据由专职网格员管自己网格的，您现在的岗位没有。"


def _change(name: str, now: str, wished: str) -> str:
    return f"{_NAMES.get(name, name)} {_shown(name, now) or '（空）'} → {_shown(name, wished) or '（空）'}"


def _shown(name: str, value: str) -> str:
    return masked(value) if name.endswith("phone") else value
