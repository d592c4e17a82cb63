"""What the chat says about training (培训), to somebody who has been on their feet all day."""

from collections.abc import Sequence

from bot.wording import cut, cut_bytes, listed
from domain.training import LETTERS, Ask, Form, Standing, Year
from services.training import AttemptView, TrainingView

GONE = "这门培训现在没有了，可能已经截止。看还有哪些，请回：培训"
LEFT = "好，先放一放。答过的题都记着，想接着考随时回：培训"
_WHY = {
    "passed": "这门考试您已经合格了，不用再考。看还有哪些，请回：培训",
    "no_tries": "这门考试的机会用完了，还没有合格。请联系镇里负责培训的同志，请他重开考试。",
    "no_test": "这门课没有考试，上完课由镇里登记学时。",
}


def hours(minutes: int) -> str:
    return f"{minutes / 60:.1f}".removesuffix(".0")


def due(courses: Sequence[TrainingView], year: Year) -> str:
    """What is to be taken, and how many hours of the year there are."""
    had = f"今年已有 {hours(year.done)} 学时"
    if year.wanted:
        had += f"，还差 {hours(year.missing)} 学时" if year.missing else f"，{hours(year.wanted)} 学时已经满了"
    if not courses:
        return f"现在没有要您参加的培训。{had}。"
    parts = [f"{number}. {_line(one)}" for number, one in enumerate(courses, 1)]
    return listed(f"要参加的培训（{had}）：", parts, "看哪一门就回前面的数字。")


def _line(one: TrainingView) -> str:
    marks = "岗前，" if one.induction else "必修，" if one.compulsory else ""
    last = f"，{one.last_day.month}月{one.last_day.day}日前" if one.last_day else ""
    if one.standing is Standing.FAILED:
        how = "，没有合格，要请镇里重开"
    elif one.under_way:
        how = "，考到一半"
    else:
        how = "，面授" if one.form is Form.CLASSROOM else ""
    return f"{cut(one.title, 30)}（{marks}{hours(one.minutes)} 学时{how}{last}）"


def no_such_number(most: int) -> str:
    return f"请回 1 到 {most} 中的一个数字。" if most > 1 else "请回数字 1。"


def page(one: TrainingView, number: int) -> str:
    """A page of a course's text, and what can be done next."""
    count = len(one.pages)
    head = f"《{one.title}》" + (f"第 {number + 1} 页，共 {count} 页" if count > 1 else "")
    text = f"\n{cut_bytes(one.pages[number], 1500)}" if count else ""
    link = f"\n{one.link}" if one.link and number == 0 else ""
    steps = []
    if number + 1 < count:
        steps.append("往下看请回：下一页")
    if number:
        steps.append("往回看请回：上一页")
    steps.append(_next(one))
    return f"{head}{link}{text}\n{'；'.join(step for step in steps if step)}"


def _next(one: TrainingView) -> str:
    if one.standing is Standing.FAILED:
        return _WHY["no_tries"]
    if one.questions and one.left + one.under_way:
        return f"看完了，{'接着考' if one.under_way else f'{one.questions} 道题，考试'}请回：考试"
    return "这是面授课，上完课由镇里登记学时。" if one.form is Form.CLASSROOM and not one.attended else ""


def question(told: AttemptView) -> str:
    """The question that is to be answered."""
    asked = told.next
    if asked is None:
        return over(told)
    options = "\n".join(f"{LETTERS[place]}. {text}" for place, text in enumerate(asked.options))
    many = asked.ask is Ask.MULTIPLE
    how = "多选，选哪几个就回字母，例如：AC" if many else "选哪个就回字母"
    return (
        f"第 {asked.number} 题，共 {len(told.questions)} 题（{asked.points} 分{'，多选' if many else ''}）\n"
        f"{asked.text}\n{options}\n{how}。想停下请回：退出"
    )


def not_so(*, one: bool) -> str:
    return "这题只选一个，请回一个字母。" if one else "没有这个选项，请回题目下面的字母。"


def over(told: AttemptView) -> str:
    """The test is over: the points, and what now."""
    if told.passed:
        got = f"记 {hours(told.minutes)} 学时" if told.minutes else "上完面授课就记学时"
        return f"考完了，《{told.title}》{told.points} 分，合格，{got}。看还有哪些，请回：培训"
    if told.left:
        return (
            f"考完了，《{told.title}》{told.points} 分，还没有合格。还可以考 {told.left} 次，"
            "不着急，先看看内容，准备好了请回：再考一次"
        )
    return f"考完了，《{told.title}》{told.points} 分，没有合格，机会用完了。请联系镇里负责培训的同志，请他重开考试。"


def refused(why: object) -> str:
    return _WHY.get(str(why), GONE)
