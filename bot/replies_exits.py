"""What the chat says to a worker who objects to their exit."""

from services.exits import Own

NOTHING = "现在没有要听您说明的事。对督察的判定有意见，到小程序里申诉；对得分有疑问，先回：我的得分"
ALREADY = "您的说明镇里已经收到了，正在看。还有要补充的，请直接找指挥长。"
HEARD = "记下了，原话转给镇里。指挥长看过才定，结果会在这里告诉您。"


def how(open_: Own | None) -> str:
    if open_ is None:
        return NOTHING
    if open_.objected:
        return ALREADY
    return "请把原因写在“异议”后面，例如：异议 去年下半年照顾住院的母亲"


def too_much(longest: object) -> str:
    return f"太长了，请用 {longest} 个字以内说清楚，细节可以当面说。"
