"""What the chat answers at once, in the words of a friendly clerk. Every answer ends with what can be done next."""

from collections.abc import Mapping, Sequence

from bot import replies_event_types, replies_safety
from bot.replies_keeping import kept
from bot.wording import cut, holding, listed, moment, state, step
from domain.case import Role
from domain.safety import HELD
from models import Case
from services.queues import CaseView, Line

SLOW = "系统这会儿有点慢，还没确认收到您刚才这条。处理好了会马上告诉您；要是十分钟还没有消息，请再发一次。"
DOWN = "对不起，系统暂时出了故障，您刚才这条恐怕没有记下来。请过几分钟再发一次；急事请直接打村（社区）电话或 12345。"
TOO_FAST = "您发得太快了，刚才这条没能接住。请歇一分钟再发一次。"
UNREADABLE = "这种消息我这里打不开，没有记下。请用文字、语音、照片或者位置告诉我们。"
EMPTY = "没看到您写的内容。有什么事直接说就行，打字、发语音、拍照都可以。"

UNTITLED = "（没有文字）"


# Arriving.


def welcome(grid: str, village: str, worker: str) -> str:
    who = f"这里的事由{worker}负责" if worker else "网格员正在安排，村里会有人接"
    place = grid if grid.startswith(village) else village + grid
    return (
        f"您好，这里是{place}，{who}。\n有什么事直接说：打字、发语音、拍照、发位置都行，"
        "说完回“提交”，就派人去办。\n想看办到哪了，回“进度”。"
    )


def draft_goes_here(*, moved: bool) -> str:
    if moved:
        return "您前面说的还没提交，回“提交”就派到这里来；要是还想派给原来的网格，请再扫一次那边的码。"
    return "您前面说的还记着，回“提交”就派给这里的网格员。"


def case_elsewhere(number: int) -> str:
    return f"您的 №{number} 还在办。接下来您直接说，我会问您是接着说它，还是这里的一件新事。"


def case_goes_on(number: int) -> str:
    return f"您的 №{number} 正在办，要补充直接说；说另一件事，请先回“新诉求”。"


def strange_code() -> str:
    return "这张码认不出来，可能印坏了或者已经停用。请扫楼道里或公示牌上的网格码；有事也可以直接在这里说。"


def retired_code(grid: str, village: str) -> str:
    place = grid if grid.startswith(village) else village + grid
    return f"这张码已经停用了，它原来是{place}的。请扫楼道里或公示牌上的新码；有事也可以直接在这里说。"


def hello(*, has_grid: bool) -> str:
    say = "您好，这里是网格通。有什么事直接说：打字、发语音、拍照、发位置都行，说完回“提交”，就派人去办。"
    return say if has_grid else f"{say}\n请先扫一下楼道里或公示牌上的网格码，才知道派给哪位网格员。"


# Help.


def help_resident(*, has_grid: bool, number: int | None) -> str:
    n = number or 1024
    scan = "" if has_grid else "\n您还没扫过网格码：扫一下公示牌上的码，才知道该找谁。"
    return (
        f"有什么事直接说，打字、语音、照片、位置都可以。\n常用的，回前面的数字也行：\n{choices(RESIDENT_CHOICES)}\n"
        f"催一催：催办 {n}\n不用办了：撤回 {n}\n办好了，打个分（5 最满意）：评价 {n} 5 谢谢\n"
        f"没办好：不满意 {n} 原因\n很急的事：提交前回“紧急”\n投诉工作人员：投诉 {n} 原因\n村里征求意见：投票{scan}"
    )


RESIDENT_CHOICES = (
    ("提交", "说完了，派人去办"),
    ("取消", "不提了"),
    ("进度", "看办到哪了"),
    ("消息", "看收到过的消息"),
    ("新诉求", "说另一件事"),
)
"""A word and what it is for; in the help each has a number."""


def choices(words: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"{number} {word}：{meaning}" for number, (word, meaning) in enumerate(words, 1))


def not_for_residents() -> str:
    return "“待办”是工作人员用的。看您自己的事办到哪了，请回“进度”；工作人员请先绑定：绑定 邀请码"


def you_are_welcome(*, thanked: bool, number: int | None = None) -> str:
    first = "不客气。" if thanked else "好的。"
    if number is None:
        return f"{first}有事随时在这里说，说完回“提交”就行。"
    return f"{first}№{number} 有进展会马上告诉您，想看办到哪了回“进度”。"


def please_rate(number: int) -> str:
    return f"谢谢您！请给 №{number} 打个分：回 1 到 5，5 最满意。没办好请回：不满意 {number} 原因"


def inbox(texts: Sequence[str]) -> str:
    if not texts:
        return "目前没有给您的消息。想看您的事办到哪了，回“进度”。"
    return listed("最近的消息，新的在前：", texts, between="\n\n———\n")


# Telling: the draft.


def drafted(counts: Mapping[str, int], *, has_grid: bool) -> str:
    scan = "" if has_grid else "\n还差一步：请扫一下楼道里或公示牌上的网格码，才知道派给谁。"
    return f"记下了，现在有{holding(counts)}。\n还有要说的接着说；说完请回“提交”，不提了回“取消”。{scan}"


def complaint(kept: str) -> str:
    return (
        f"{kept}\n要是举报的是网格员或其他工作人员，请别在这里提交（提交后网格员会看到）："
        "先回“取消”，再写：投诉 是谁、怎么回事。会直接交给负责监督的人，被投诉的人看不到。"
    )


def still_open(counts: Mapping[str, int]) -> str:
    held = holding(counts)
    has = f"您说的都记着，现在有{held}" if held else "好的，请说说是什么事"
    return f"{has}。还有要说的接着说；说完请回“提交”，不提了回“取消”。"


def first_finish(counts: Mapping[str, int]) -> str:
    return f"前面说的还没提交（{holding(counts)}）。请先回“提交”派人去办，或者回“取消”，再说新的一件。"


def begun() -> str:
    return "好的，请说说这件新的事。说完回“提交”。"


def how_to_tell() -> str:
    return "请直接说是什么事：打字、发语音、拍照、发位置都行，一条一条发没关系。说完回“提交”，就派人去办。"


def dropped(*, was: bool, number: int | None) -> str:
    if was:
        return "好的，刚才没提交的都删掉了。有事随时再说。"
    if number is not None:
        return f"现在没有等着提交的内容。要撤回已经提交的 №{number}，请回：撤回 {number}"
    return "现在没有等着提交的内容，不用取消。有事直接说就行。"


def already_filed(number: int) -> str:
    return f"№{number} 已经提交了，您后来补充的也都在里面，不用再提交。要说另一件事，请先回“新诉求”。"


def filed(case: Case, holder: str, unit: str) -> str:
    who = f"{unit}的{holder}" if holder else unit
    return (
        f"已收到，编号 №{case.number}，交给{who}办理。\n最晚 {moment(case.accept_due)} 受理，"
        f"{moment(case.resolve_due)} 前办好。\n有进展会告诉您；想补充，直接在这里说。"
    )


# Telling: a case that is open.


def added(number: int, *, rate: bool = False) -> str:
    if rate:
        return f"已补充到 №{number}，会转给办理的人。办好了请回 1 到 5 打个分；没办好请回：不满意 {number} 原因"
    return f"已补充到 №{number}，会转给办理的人。要说的是另一件事，请先回“新诉求”。"


def which(number: int, counts: Mapping[str, int]) -> str:
    return f"先记下了（{holding(counts)}）。\n接着说 №{number} 的事，请回 1；\n是另一件新的事，请回 2。"


def new_matter() -> str:
    return "好的，算新的一件事。还有要说的接着说，说完回“提交”。"


def cannot_add(number: int) -> str:
    return f"№{number} 已经不能补充了。您刚才说的还记着：当作新的一件事，请回“提交”；不提了回“取消”。"


# Cases.


def progress(lines: Sequence[Line]) -> str:
    if not lines:
        return "您现在没有正在办的事。有事直接在这里说，说完回“提交”。"
    parts = [f"№{line.number} {title(line)}\n{_state(line)}" for line in lines]
    return listed("", parts, f"\n看某一件的经过，回编号就行，例如：{lines[0].number}", between="\n\n")


def title(line: Line, longest: int = 16) -> str:
    return cut(line.title, longest) or UNTITLED


def _state(line: Line) -> str:
    who = f"{line.unit}{line.holder}"
    if line.original is not None:
        return f"和 №{line.original} 一起办，有结果会告诉您"
    if line.status == "resolved":
        return f"{who}已办结，请您打个分：评价 {line.number} 5"
    late = "，已超过时限" if line.overdue else ""
    until = f"，{moment(line.due)} 前" if line.due and not line.overdue else ""
    return f"{state(line.status)} · {who}{until}{late}"


def one(view: CaseView) -> str:
    """A case in full, as far as one message holds: what, where it stands, what has happened, what can be done."""
    case = view.case
    staff = bool(view.roles & {Role.HOLDER, Role.OVERSEER})
    head = [
        f"№{case.number} {cut(case.description or case.title, 150) or UNTITLED}",
        f"{state(case.status)} · {view.unit.name if view.unit else ''}{view.department}{view.holder}",
    ]
    if staff and view.grid is not None:
        head.append(f"网格：{view.grid.name}")
    if view.event_type is not None:
        head += replies_event_types.of_case(case, view.event_type, staff=staff)
    if case.address:
        head.append(f"位置：{cut(case.address, 60)}")
    if view.attachments:
        head.append(f"附件：{len(view.attachments)} 个")
    head += kept(view, staff=staff)
    if view.overdue:
        head.append("已超过时限")
    elif case.next_due is not None:
        head.append(f"时限：{moment(case.next_due)}")
    steps = [
        f"{moment(one_.at)} {step(one_.action)}{f'（{one_.by}）' if one_.by else ''}"
        f"{'〔内部〕' if one_.hidden and one_.note else ''}"
        f"{f'：{cut(one_.note, 40)}' if one_.note and one_.action != 'submit' else ''}"
        for one_ in view.timeline[-5:]
    ]
    if Role.HELPER in view.roles and not staff:
        steps.append(f"会办的意见请回：回复 {case.number} 意见（只有主办人看得到）")
        return listed("\n".join([*head, ""]), steps)
    return listed("\n".join([*head, ""]), steps, _next_steps(case, staff=staff))


def _next_steps(case: Case, *, staff: bool) -> str:
    n = case.number
    if case.kind == HELD and staff and case.status == "submitted":
        return replies_safety.next_steps(n)
    steps = {
        ("submitted", True): f"可以回：受理 {n} / 回复 {n} 内容 / 办结 {n} 结果 / 上报 {n} 意见",
        ("accepted", True): f"可以回：回复 {n} 内容 / 办结 {n} 结果 / 上报 {n} 意见",
        ("submitted", False): f"可以回：催办 {n} / 撤回 {n}；要补充直接说",
        ("accepted", False): f"可以回：催办 {n} / 撤回 {n}；要补充直接说",
        ("declined", False): "" if case.appealed else f"不认可可以请镇里复核一次：不满意 {n} 原因",
        ("suspended", True): f"可以回：恢复 {n} / 回复 {n} 内容 / 办结 {n} 结果 / 挂起 {n} 3天 原因（改日子）",
        ("suspended", False): f"可以回：催办 {n} / 撤回 {n}；要补充直接说",
        ("merged", False): f"要补充直接说；不是一回事请回：不满意 {n} 原因",
        ("resolved", False): f"请您打个分：评价 {n} 5 谢谢；没办好请回：不满意 {n} 原因",
    }.get((case.status, staff), "")
    return f"\n{steps}" if steps else ""


def no_such_number(digits: str) -> str:
    shown = cut(digits, 20)
    return (
        f"没有找到 №{shown}，请看看编号对不对。您的编号，回“进度”能看到（工作人员回“待办”）。\n"
        f"“{shown}”要是您想说的内容（门牌、电话），请连着多写几个字再发，例如：{shown}室"
    )


def done_by_resident(action: str, number: int, *, unit: str, holder: str) -> str:
    return {
        "withdraw": f"№{number} 已撤回。以后有事随时说。",
        "remind": f"已替您催了，№{number} 办理的人会收到提醒。",
        "rate": f"谢谢您的评价，№{number} 到这里就办完了。以后有事随时说。",
        "reopen": f"对不起，没让您满意。№{number} 已请{unit}的{holder or '值班人员'}重新办理，有结果马上告诉您。",
    }[action]


def appealed(number: int, *, unit: str, holder: str) -> str:
    return f"好的，№{number} 已请{unit}的{holder or '值班人员'}复核，有结果马上告诉您。"


def say_the_rating(number: int, *, telling: bool = False) -> str:
    first = f"您是给 №{number} 打分吗？是的话再回一次" if telling else f"给 №{number} 打几分？请回"
    return f"{first} 1 到 5（5 最满意）；没办好请回：不满意 {number} 原因"


def say_the_reason(number: int) -> str:
    return f"对不起。№{number} 哪里没办好？请直接说，会转给办理的人重新办。"


def say_which(word: str, lines: Sequence[Line]) -> str:
    head = f"要{word}哪一件？回编号就行：" if len(lines) > 1 else f"要{word}这一件吗？是的话请回编号："
    return listed(head, [f"№{line.number} {title(line)}" for line in lines])


def none_to(word: str) -> str:
    return f"您现在没有可以{word}的事。想看都有哪些，回“进度”；有事直接说就行。"
