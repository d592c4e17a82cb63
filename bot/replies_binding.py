"""What the chat says to whoever scans the code of an invitation."""

from bot.wording import DUTIES
from services.invitations import Invited

OVER = "这个邀请码已经用过，或者过期了。还没绑上的，请向镇里再要一个，重新扫。"
YOURS = "您的微信已经绑好了，不用再扫。回“待办”看手上的事，回“帮助”看怎么用。"
NOT_THEM = "好，没有绑定。码是给本人的，请把它交给本人，或者告诉镇里。"
_MOST = 5


def is_it_you(invited: Invited) -> str:
    """Whose duty it is, with so little of the name that only they know themselves by it."""
    duties = [f"· {held.region_name} {DUTIES.get(held.duty, held.duty)}" for held in invited.duties[:_MOST]]
    posts = "\n".join(duties) or "· 目前没有在岗的岗位"
    before = (
        f"\n您的微信现在绑的是{invited.bound_to}。回 1 就改绑，{invited.bound_to}的消息不再发到这里。"
        if invited.bound_to
        else ""
    )
    return (
        f"镇里请{invited.name}把微信绑到岗位：\n{posts}{before}\n"
        "是您本人，回 1 绑定；不是，回 2。\n不是您的岗位，千万不要回 1。十分钟内有效。"
    )
