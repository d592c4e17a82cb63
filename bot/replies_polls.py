"""What the chat says about polls (民意征集)."""

from collections.abc import Sequence

from bot.wording import cut, cut_bytes, listed, moment
from services.polls import PollView

NONE = "现在没有要大家投票的事。有了会在社区动态里告诉您。"
_WHY = {
    "voted": "这一项您已经投过了，投了就不能改，因为没有人记着您选的是什么。",
    "closed": "这一项刚刚截止，没来得及算上您这一票，抱歉。看结果请回：投票",
    "elsewhere": "这一项只请住在那里的居民投票。",
}


def question(poll: PollView, more: int) -> str:
    """An open poll, for whoever may vote."""
    text = f"\n{cut_bytes(poll.text, 900)}" if poll.text else ""
    many = f"（可以选 {poll.most} 项，例如回：1 2）" if poll.most > 1 else ""
    rest = f"\n还有 {more} 项，投完这项再给您看。" if more else ""
    return (
        f"【{cut(poll.region, 30)}】{poll.title}{text}\n{_numbered(poll)}\n"
        f"选哪个就回前面的数字{many}。{moment(poll.closes_at)} 截止；投票不记名，投了不能改。{rest}"
    )


def results(polls: Sequence[PollView]) -> str:
    """What can be seen of those that are over, or where one has voted."""
    return listed("投票的结果：", [result(poll) for poll in polls], between="\n\n")


def result(poll: PollView) -> str:
    over = "已截止" if poll.state == "closed" else f"{moment(poll.closes_at)} 截止"
    lines = "\n".join(f"· {cut(one.text, 40)}：{one.votes or 0} 票" for one in poll.options)
    return f"{poll.title}（{poll.voters} 人投了，{over}）\n{lines}"


def voted(poll: PollView, more: int) -> str:
    rest = f"\n还有 {more} 项等您投，请再回：投票" if more else ""
    return f"已经投好了，谢谢您！到现在：\n{result(poll)}{rest}"


def not_so(poll: PollView) -> str:
    """The numbers do not fit."""
    many = f"最多选 {poll.most} 项" if poll.most > 1 else "选一项"
    return f"请回前面的数字，{many}：\n{_numbered(poll)}\n先不投也没关系，想投的时候再回：投票"


def refused(why: object) -> str:
    return _WHY.get(str(why), _WHY["closed"])


def _numbered(poll: PollView) -> str:
    return "\n".join(f"{one.number}. {one.text}" for one in poll.options)
