"""What the chat says to whoever scans the code on the console's sign-in page."""

from bot.wording import cut, moment
from services.scan_sign_ins import Seen

NOT_THEIRS = (
    "这是管理后台的登录码。您的微信还没有绑定能用后台的岗位，登不了。\n"
    "您是工作人员的话：先向镇里要邀请码，回“绑定 邀请码”，再扫一次。"
)
OVER = "这个登录码过时了，或者已经用过。请在电脑上重新打开一个再扫。"
DONE = "好了。电脑上点“继续”，就登录进去了。"
REFUSED = "好，没有登录。登录页不是您打开的，请告诉镇里的管理员。"


def is_it_you(seen: Seen) -> str:
    """Where and when the sign-in was asked for: whoever was sent somebody else's code sees that it is not theirs."""
    where = cut(seen.asked_from, 80) or "一台认不出的电脑"
    return (
        f"要用您的身份登录网格通管理后台：\n时间：{moment(seen.asked_at)}\n从：{where}\n"
        "就是您眼前的这台，回 1 登录；不是，回 2。\n别人发来的码，千万不要回 1。两分钟内有效。"
    )
