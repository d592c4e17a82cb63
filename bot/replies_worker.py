"""What the chat answers to workers and the levels above: short, for people with many cases and little time."""

from collections.abc import Sequence
from datetime import datetime

from bot.replies import choices, title
from bot.wording import DUTIES, cut_bytes, listed, moment, state
from domain.calendar import SHANGHAI
from services.access import Actor
from services.queues import Line


def help_worker(*, sends_notices: bool) -> str:
    notice = "\n· 发通知：通知 区域编码 正文（先预览，回“发送”才发出）；看发得怎样：通知进度" if sends_notices else ""
    return (
        f"常用的，回前面的数字也行：\n{choices(WORKER_CHOICES)}\n办一件事（1024 是编号）：\n· 1024：看这一件\n"
        "· 受理 1024\n· 回复 1024 内容\n· 办结 1024 结果\n· 上报 1024 意见\n"
        "· 退回 1024 原因\n· 交办 1024 部门或网格 意见\n· 会办 1024 部门 意见\n· 转派 1024 网格 意见\n"
        "· 不予受理 1024 原因\n· 挂起 1024 3天 原因（恢复 1024）\n· 合并 1024 1020（1024 并到 1020）\n"
        f"· 紧急 1024{notice}\n"
        "· 查 路灯：按词查找；也可以查 逾期、查 挂起\n· 上门名单：哪些人没收到通知\n"
        "巡查完了：结束巡查 结果；走访完了：走访 1 情况\n"
        "· 我的得分：这个月的考核分，还差多少\n"
        "· 培训：要参加的课、考试、今年的学时\n"
        "· 准入：部门能要网格做哪些事；不在里面的，回：没有准入 谁要您做什么\n"
        "· 基础数据：居民要求更正的；登记：新登记一处；改登记 3 幢 201：改一处\n"
        "请假：请假 3天 原因；回来了：销假\n"
        "意见前面写“内部”，居民就看不到。\n办完一步接着发照片，会归到同一件。\n您自己有事要反映，直接说，再回“提交”。"
    )


WORKER_CHOICES = (
    ("待办", "手上的事"),
    ("消息", "收到过的消息"),
    ("进度", "自己反映的事"),
    ("巡查", "开始一次巡查"),
    ("走访", "要走访的"),
)


def bind_how() -> str:
    return "请把镇里给的邀请码一起发来，例如：绑定 ABCD-1234"


def bound(actor: Actor) -> str:
    posts = "\n".join(f"· {held.region_name} {DUTIES.get(held.duty, held.duty)}" for held in actor.duties)
    posts = posts or "· 目前没有在岗的岗位，请联系镇里"
    return f"{actor.name}，绑定好了。您的岗位：\n{posts}\n回“待办”看手上的事，回“帮助”看怎么用。"


# The queue.


def queue(lines: Sequence[Line], *, more: bool, now: datetime) -> str:
    if not lines:
        return "手上没有待办，都处理完了。"
    late = sum(line.overdue for line in lines)
    head = f"待办 {len(lines)}{'+' if more else ''} 件" + (f"，其中 {late} 件已超时：" if late else "：")
    parts = []
    for line in lines:
        flag = "【超时】" if line.overdue else "【今天到期】" if line.due and _same_day(line.due, now) else ""
        urgent = "【紧急】" if line.urgent else ""
        parts.append(
            f"{urgent}{flag}№{line.number} {title(line, 14)}\n"
            f"{state(line.status)} · {'原定 ' if line.overdue else ''}{moment(line.due)} 前"
        )
    return listed(head, parts, f"看详情回编号就行，例如：{lines[0].number}")


def _same_day(one: datetime, other: datetime) -> bool:
    return one.astimezone(SHANGHAI).date() == other.astimezone(SHANGHAI).date()


def choose_case(word: str, lines: Sequence[Line], *, rest: str = "") -> str:
    if not lines:
        return f"手上没有可以{word}的事。"
    parts = [f"№{line.number} {title(line)}" for line in lines]
    if not rest:
        return listed(f"要{word}哪一件？回编号就行：", parts)
    return listed(
        f"要{word}哪一件？这句还没有发出，回编号就发：", parts, "要是您自己有事反映，请回“新诉求”，这句会记进去。"
    )


def meant_a_reply(number: int, text: str) -> str:
    said = cut_bytes(text, 900)
    return f"这句还没有发出，也没有记下。要回复 №{number} 的居民，请回：\n回复 {number} {said}"


DONE = {
    "accept": "№{n} 已受理，会通知居民。办好后请回：办结 {n} 结果",
    "reply": "№{n} 的回复已转给居民。办好后请回：办结 {n} 结果",
    "resolve": "№{n} 已办结，结果会发给居民，等居民评价。有照片接着发就行。",
    "report_up": "№{n} 已上报到{unit}，由{holder}接着办，会通知居民。",
    "return": "№{n} 已退回{unit}，由{holder}办理。",
    "dispatch": "№{n} 已交办到{unit}，由{holder}办理，会通知居民。",
    "co_handle": "№{n} 已请他们会办，还是由您主办。他们的意见会发给您，居民看不到。",
    "transfer": "№{n} 已转派到{unit}，由{holder}办理，会通知居民。",
    "decline": "№{n} 已按不予受理处理，原因会发给居民。",
}


def done(action: str, number: int | None, *, unit: str, holder: str) -> str:
    return DONE[action].format(n=number, unit=unit, holder=holder or "值班人员")


def only_for_staff(number: int | None, *, to: str = "") -> str:
    if to:
        return f"№{number} 您的意见已转给主办的{to}，居民看不到。"
    return f"№{number} 记下了，这句只有工作人员看得到，没有发给居民。要答复居民请回：回复 {number} 内容"


def handing_how(word: str, number: int) -> str:
    example = {
        "交办": f"交办 {number} 部门或网格 意见",
        "会办": f"会办 {number} 部门 意见（几家一起就多写几个，空格隔开）",
        "转派": f"转派 {number} 网格 意见",
    }[word]
    return f"这句还没有发出。请写上编号，各项之间空一格，例如：\n{example}"


def photo_kept(number: int) -> str:
    return f"照片已归到 №{number}，还有就接着发。"
