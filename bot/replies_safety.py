"""What the chat answers about content that a person looks at first (待审)."""

from collections.abc import Sequence

from bot.wording import cut, listed
from services.held import HeldLine

_STATES = {"held": "等您看", "marked": "【已放行，请留意】", "unchecked": "【没来得及检查】"}


def filed(number: int | None) -> str:
    return (
        f"已收到，编号 №{number}。里面有些话要请镇里的工作人员先看一看，看过就转给网格员，结果马上告诉您。\n"
        f"要是人身安全这样的急事，请直接打 110、119、120；想补充，直接在这里说。"
    )


def waiting(found: Sequence[HeldLine]) -> str:
    if not found:
        return "现在没有要您先看的内容。"
    lines = [f"· №{one.number} {cut(one.title, 24)} {_STATES[one.state]}" for one in found]
    first = next((one.number for one in found if one.state == "held"), found[0].number)
    return listed(
        "要先看一看的：", lines, f"看内容回编号，例如：{first}；没问题：放行 {first}；不合适：不放行 {first} 原因"
    )


def released(number: int | None, holder: str) -> str:
    return f"№{number} 已放行，交给{holder or '值班人员'}办理，也告诉反映的人了。"


def turned_down(number: int | None) -> str:
    return f"№{number} 没有放行，原因已经告诉反映的人；不认可的话，可以请镇里复核一次。"


def say_why(number: int) -> str:
    return f"请写明原因，反映的人会看到，例如：不放行 {number} 里面有广告，请只说事情"


def next_steps(number: int | None) -> str:
    return f"\n这件网格员还看不到。可以回：放行 {number} / 不放行 {number} 原因"


def refused(why: object, number: object) -> str:
    """Empty for any other refusal."""
    said = {
        "held": f"№{number} 还在等人先看一看，请先回“放行 {number}”，或者：不放行 {number} 原因",
        "not_held": f"№{number} 现在不用先看，看详情请回：{number}",
    }
    return said.get(str(why), "")
