"""What the chat answers to whoever sends notices, agrees to them or stops them, and to those who pass them on."""

from collections.abc import Mapping, Sequence

from bot.wording import cut, cut_bytes, listed, moment
from domain.errors import Refusal
from domain.notice import Status
from services.access import Held
from services.notices import NoticeView
from services.notices_audience import Estimate
from services.notices_figures import Figures
from services.notices_visits import NotReached, ToTell

STATES = {
    "preview": "还没发",
    "awaiting": "等人同意",
    "scheduled": "定好了时间，还没到",
    "sending": "正在发",
    "resting": "休息时间先停着，到点接着发",
    "paused": "暂停了",
    "sent": "发完了",
    "cancelled": "取消了",
    "refused": "没有同意发",
    "recalled": "撤回了",
    "expired": "过期了",
}
WHY = {
    "no_wechat": "没绑定微信",
    "not_following": "没关注公众号",
    "declined": "不接收提醒",
    "window_closed": "很久没来说过话",
    "gave_up": "试了三天没发到",
    "answer_lost": "不确定收到没有",
    "recalled": "撤回了",
    "expired": "过期了",
    "other": "其他原因",
}
_BAR = 10


def how(held: Sequence[Held]) -> str:
    code = held[0].region_code if held else "区域编码"
    return f"这句没有发出。发通知请写成（编码和正文之间空一格）：\n通知 {code} 明天上午停水\n{_yours(held)}"


def region_unknown(code: str, held: Sequence[Held]) -> str:
    return f"没有找到您负责的区域“{cut(code, 30)}”，通知没有发出。\n{_yours(held)}"


def _yours(held: Sequence[Held]) -> str:
    yours = "\n".join(f"· {one.region_name} {one.region_code}" for one in held[:8])
    return f"您可以发给这些区域和它们下面的各级：\n{yours}"


def preview(view: NoticeView) -> str:
    head = f"{'【紧急】' if view.urgent else ''}【预览】将发给{view.region}的 {view.reach} 人：\n\n"
    tail = f"\n\n{_channels(view.estimate)}{_times(view)}确认请回“发送”，不发了回“取消”。\n{_more(view)}"
    return head + cut_bytes(view.text, 2000 - len(f"{head}{tail}".encode())) + tail


def _channels(expected: Estimate | None) -> str:
    if expected is None:
        return ""
    parts = [
        (expected.custom, "直接收到全文"),
        (expected.template + expected.subscription, "收到提醒，点开看"),
        (expected.inbox, "要自己回“消息”才看得到"),
        (expected.nothing, "没绑微信，要上门说"),
    ]
    said = "；".join(f"{count} 人{what}" for count, what in parts if count)
    return f"现在发的话：{said}。\n" if said else ""


def _times(view: NoticeView) -> str:
    starts = f"{moment(view.starts_at)} 开始发" if view.starts_at else ""
    ends = f"{moment(view.expires_at)} 以后不再发" if view.expires_at else ""
    return f"{'，'.join(one for one in (starts, ends) if one)}。\n" if starts or ends else ""


def _more(view: NoticeView) -> str:
    later = "" if view.starts_at else "；晚点再发回“定时 明天9点”"
    return f"想先发到自己手机上看看，回“预览”{later}。"


def shown_to_you() -> str:
    return "已发到您手机上，大家看到的就是那样。确认请回“发送”，不发了回“取消”。"


def when_how(word: str) -> str:
    return f"没看懂是什么时候，请这样写：{word} 明天9点；{word} 3月5日 下午3点；{word} 2小时后"


def sent(view: NoticeView) -> str:
    n = view.id
    if view.state is Status.AWAITING:
        return (
            f"这条是 {n} 号通知，要发给 {view.reach} 人，人数多，要另一位同事看过才发。"
            f"已经请了 {view.asked} 位，有人同意就发，会告诉您。\n不发了请回：撤回 {n}"
        )
    if view.state is Status.SCHEDULED:
        return f"定好了：{n} 号通知 {moment(view.starts_at)} 开始发，共 {view.reach} 人。\n不发了请回：撤回 {n}"
    return (
        f"开始发送，共 {view.reach} 人，每人一条。微信里一时收不到的，本人回“消息”就能看到。\n"
        f"这条是 {n} 号通知：看进度回“通知进度”，发错了回“暂停 {n}”或“撤回 {n}”。"
    )


def dropped() -> str:
    return "好的，这条通知没有发出。"


def none_waiting() -> str:
    return "现在没有等着发送的通知。要发通知，请写成：通知 区域编码 正文"


# Stopping, agreeing.


def agreed(view: NoticeView) -> str:
    when = f"{moment(view.starts_at)} 开始发" if view.state is Status.SCHEDULED else "已经开始发"
    return f"好的，{view.id} 号通知{when}，共 {view.reach} 人，会告诉{view.author or '写通知的同事'}。"


def disagreed(view: NoticeView) -> str:
    return f"好的，{view.id} 号通知不发，原因会告诉{view.author or '写通知的同事'}。"


def say_why(number: int) -> str:
    return f"请写一句原因，好让写通知的同事知道，例如：不同意 {number} 时间写错了"


def nothing_asked() -> str:
    return "现在没有等您同意的通知。"


def which(views: Sequence[NoticeView], word: str) -> str:
    parts = [f"· {one.id} 号：{title(one)}（{one.region}，{one.author}）" for one in views]
    return listed(f"有几条通知等着，请带上编号，例如：{word} {views[0].id}", parts)


def paused(view: NoticeView) -> str:
    return f"{view.id} 号通知暂停了，还没发出的先不发。\n接着发请回：继续 {view.id}；不发了请回：撤回 {view.id}"


def resumed(view: NoticeView) -> str:
    if view.state is Status.RESTING:
        return f"好的，现在是休息时间，{view.id} 号通知 {moment(view.starts_at)} 接着发。"
    return f"好的，{view.id} 号通知接着发。"


def recalled(view: NoticeView) -> str:
    if view.state is Status.CANCELLED:
        return f"好的，{view.id} 号通知取消了，一条也没有发出。"
    return (
        f"{view.id} 号通知撤回了，还没发出的不再发。已经到了手机上的收不回来，要更正请再发一条。\n"
        f"看发出了多少回：通知进度 {view.id}"
    )


def unknown(number: int) -> str:
    return f"没有找到 {number} 号通知，请看看编号对不对。最近的通知，回“通知进度”能看到。"


def refused(refusal: Refusal) -> str:
    """A refusal about a notice; empty where it is about something else."""
    facts = refusal.facts
    n, why = facts.get("notice"), facts.get("why")
    if refusal.code == "notice_refused":
        return {
            "nobody": "这条通知现在一个人也发不到，没有发出。请看看区域对不对。",
            "nobody_agrees": "人数多的通知要另一位同事同意，可现在没有别人在岗能看，没有发出。请先联系镇里。",
        }.get(str(why), "这条通知没有发出。")
    if refusal.code == "bad_input" and facts.get("field") in {"starts_at", "expires_at"}:
        return _bad_time(str(facts["field"]), str(why))
    if refusal.code == "illegal_move" and n is not None:
        return _illegal(n, facts)
    return unknown(int(str(n))) if refusal.code == "not_found" and n is not None else ""


def _bad_time(field: str, why: str) -> str:
    if why == "before_start":
        return "截止的时间要在开始发的时间以后，请改一下。"
    if why == "far":
        return "这个时间太远了，最多提前 90 天，请看看日子对不对。"
    return f"这个时间已经过去了，请写以后的时间，例如：{'定时' if field == 'starts_at' else '截止'} 明天9点"


def _illegal(number: object, facts: Mapping[str, object]) -> str:
    status, action = str(facts.get("status")), str(facts.get("action"))
    if facts.get("who"):
        if status == Status.AWAITING and action in {"send", "schedule", "refuse"}:
            return f"{number} 号通知是您自己写的，要另一位同事来同意。不发了请回：撤回 {number}"
        return f"{number} 号通知要写它的同事自己来撤。"
    said = f"{number} 号通知现在是“{STATES.get(status, status)}”"
    if status in {Status.AWAITING, Status.SCHEDULED}:
        return f"{said}，一条也还没发。不发了请回：撤回 {number}"
    return f"{said}，不用再回。看发得怎么样：通知进度 {number}"


# How it goes.


def title(view: NoticeView) -> str:
    return cut(view.title or view.text, 16)


def progress(view: NoticeView, figures: Figures) -> str:
    n, people = view.id, figures.people
    lines = [f"{n} 号通知「{title(view)}」{STATES.get(view.state, view.state)}"]
    if view.state in {Status.PREVIEW, Status.AWAITING, Status.SCHEDULED}:
        lines += [f"要发给{view.region}的 {view.reach} 人", _times(view).strip()]
    else:
        done = people - figures.left
        lines += [
            f"{_bar(done, people)} {_percent(done, people)}%",
            f"共 {people} 人，发到 {figures.sent} 人{_left(figures)}",
        ]
        missed = "、".join(f"{WHY.get(why, why)} {count}" for why, count in figures.reasons.items())
        lines += [f"没发到的：{missed}" if missed else ""]
        lines += [f"点开看过 {figures.opened} 人" if figures.opened else ""]
        lines += [f"已上门告知 {figures.visited} 人" if figures.visited else ""]
    return "\n".join(one for one in [*lines, _can_do(view)] if one)


def _bar(done: int, people: int) -> str:
    full = _BAR * done // people if people else 0
    return "■" * full + "□" * (_BAR - full)


def _percent(done: int, people: int) -> int:
    return 100 * done // people if people else 0


def _left(figures: Figures) -> str:
    if not figures.left:
        return ""
    seconds = figures.seconds_left
    eta = "" if seconds is None else f"，大约还要 {max(1, round(seconds / 60))} 分钟"
    return f"，还剩 {figures.left} 人{eta}"


def _can_do(view: NoticeView) -> str:
    n = view.id
    return {
        Status.AWAITING: f"不发了请回：撤回 {n}" if view.mine else f"可以发请回：同意 {n}；不能发请回：不同意 {n} 原因",
        Status.SCHEDULED: f"不发了请回：撤回 {n}",
        Status.SENDING: f"可以回：暂停 {n} / 撤回 {n}",
        Status.RESTING: f"可以回：暂停 {n} / 撤回 {n}",
        Status.PAUSED: f"可以回：继续 {n} / 撤回 {n}",
    }.get(view.state, "")


def none_yet() -> str:
    return "还没有发过通知。要发请写成：通知 区域编码 正文"


def others(views: Sequence[NoticeView]) -> str:
    if not views:
        return ""
    return "\n\n别的通知：\n" + "\n".join(f"· {one.id} 号「{title(one)}」{STATES.get(one.state, '')}" for one in views)


# Telling in person.


def to_tell(notices: Sequence[ToTell], first: Sequence[NotReached]) -> str:
    if not notices:
        return "您这里的居民都通知到了，没有要上门说的。"
    one = notices[0]
    parts = [
        f"{place}. {who.name or '没留名字'}（{who.grid}，{WHY.get(who.why, '没发到')}）"
        for place, who in enumerate(first, 1)
    ]
    more = "".join(f"\n还有 {other.notice} 号「{cut(other.title, 12)}」{other.people} 人" for other in notices[1:4])
    return listed(
        f"{one.notice} 号通知「{cut(one.title, 16)}」还有 {one.people} 人没收到，请上门或打电话说一声：",
        parts,
        f"说过以后请回：已告知 1（几个人一起就写：已告知 1 2，都说了写：已告知 全部）{more}",
    )


def told(count: int, left: int) -> str:
    if not count:
        return "这几位已经记过了。还有谁没通知到，回：上门名单"
    return f"记下了，{count} 人已告知。" + (f"还有 {left} 人，回“上门名单”接着看。" if left else "都通知到了，辛苦了。")


def told_how() -> str:
    return "请写上名单里的号码，例如：已告知 1 2；都说了写：已告知 全部。看名单回：上门名单"
