"""What the chat answers about patrols and visits."""

from collections.abc import Sequence
from datetime import date, datetime

from bot.wording import cut, lasted, listed, short_moment
from domain.coverage import NAMES
from domain.patrol import Judged, Owed
from services.coverages import GridCovered
from services.patrols import PatrolView
from services.visits import Due, VisitView

SUBJECTS = {
    "hazard": "隐患点",
    "supported": "帮扶户",
    "care": "关爱对象",
    "household": "住户",
    "rental": "出租房",
    "shop": "门店",
}
_KM = 1000
_MOST_GRIDS, _MOST_PARTS = 3, 5


def nobody_patrols() -> str:
    return "巡查由网格和村里的工作人员来记，您现在的岗位不用记。"


def begun(view: PatrolView, grids: Sequence[GridCovered]) -> str:
    return (
        f"{view.region.name}的巡查开始了，从 {_clock(view.patrol.started_at)} 算起。"
        "路上发来的照片、位置都记在这次巡查里。\n"
        "走完请回：结束巡查 看了什么、结果怎样\n"
        f"聊天里记不下走过的路线，里程也就算不出来；要记路线，下次请在小程序里开始巡查。{covered(grids)}"
    )


def covered(grids: Sequence[GridCovered]) -> str:
    """How much of each grid the cycle has covered, and where to go next; lines of their own."""
    return "".join(f"\n{_covered(one, named=len(grids) > 1)}" for one in grids[:_MOST_GRIDS])


def _covered(one: GridCovered, *, named: bool) -> str:
    when = f"{one.days} 天内" if one.days > 1 else "今天"
    where = cut(one.region_name, 20) if named else "网格"
    if not one.share:
        return f"{when}{where}还没有走过的路线。"
    # All but a little is not all.
    share = f"{min(99, round(one.share * 100)) if one.share < 1 else 100}%"
    if len(one.missing) > _MOST_PARTS:
        return f"{when}{where}走到了 {share}，还有不少地方没走到。"
    left = f"，{'、'.join(NAMES[part] for part in one.missing)}还没怎么走到" if one.missing else "，各处都走到了"
    return f"{when}{where}走到了 {share}{left}。"


def goes_on(started_at: datetime, grids: Sequence[GridCovered]) -> str:
    return f"{short_moment(started_at)}开始的巡查还没结束。走完请回：结束巡查 看了什么、结果怎样{covered(grids)}"


def kept(kind: str) -> str:
    what = {"photo": "照片", "video": "视频", "voice": "语音"}.get(kind, "位置")
    return f"{what}记到这次巡查里了。"


def kept_of_visit() -> str:
    return "照片记到这次走访里了，还有就接着发。"


def ended(view: PatrolView, left: Sequence[Judged], grids: Sequence[GridCovered]) -> str:
    patrol = view.patrol
    until = patrol.ended_at or patrol.started_at
    metres = f"，走了{_far(patrol.length_metres)}" if patrol.length_metres else ""
    said = f"这次巡查记好了：{_clock(patrol.started_at)} 到 {_clock(until)}，{lasted(patrol.seconds)}{metres}。"
    wanted = "" if patrol.content or patrol.result else "\n看了什么、结果怎样，接着回一句就记进去；照片也可以接着发。"
    return f"{said}{wanted}{_missing(left)}{covered(grids)}"


def not_on_patrol() -> str:
    return "现在没有在巡查。要开始请回：巡查"


def words_kept() -> str:
    return "记进这次巡查了。"


_OWED = {
    Owed.MORNING: "上午巡查一次满 {}",
    Owed.AFTERNOON: "下午巡查一次满 {}",
    Owed.DAY_METRES: "再走{}",
}


def _missing(left: Sequence[Judged]) -> str:
    """What today still lacks; nothing about a morning that is over is of use to anybody."""
    parts = []
    for one in left:
        if one.met or one.owed not in _OWED:
            continue
        much = _far(one.wanted - one.done) if one.owed is Owed.DAY_METRES else lasted(one.wanted)
        parts.append(_OWED[one.owed].format(much))
    return f"\n今天还差：{'、'.join(parts)}。" if parts else ""


def nobody_visits() -> str:
    return "走访由网格和村里的工作人员来记，您现在的岗位不用记。"


def due(items: Sequence[Due], *, overdue: int, more: bool) -> str:
    if not items:
        return "这一周没有到期要走访的。走访名单在小程序里添加。"
    head = f"这一周要走访的{f'，{overdue} 处已经过期' if overdue else ''}："
    parts = [f"{number}. {_due(one)}" for number, one in enumerate(items, 1)]
    tail = "走访完请带上前面的数字，例如：走访 1 门口的灯换好了"
    return listed(head, [*parts, *(["后面还有，办完再回“走访”看。"] if more else [])], tail)


def visits_line(overdue: int, today: int) -> str:
    parts = [*([f"{overdue} 处过期"] if overdue else []), *([f"{today} 处今天要去"] if today else [])]
    return f"走访：{'、'.join(parts)}，回“走访”看。" if parts else ""


def _due(one: Due) -> str:
    subject = one.view.subject
    days = one.days_over
    when = f"过期 {days} 天" if days > 0 else "今天" if days == 0 else f"{_day(subject.next_due)}前"
    address = one.view.known.get("address", "")
    where = f"，{cut(address, 24)}" if address else ""
    return f"{cut(subject.title, 20)}（{SUBJECTS.get(subject.kind, subject.kind)}）{when}{where}"


def visit_how() -> str:
    return "要记哪一处？先回“走访”看名单，再带上数字和情况，例如：走访 1 门口的灯换好了"


def visited(view: VisitView) -> str:
    visit = view.visit
    if visit.due_on is None:
        how = "离上次走访还近，记下了，不算这一轮的"
    else:
        how = "按时" if visit.in_time else f"比 {_day(visit.due_on)} 晚了"
    return f"{cut(view.title, 20)}的走访记好了，{how}。下次请在 {_day(visit.next_date)}前。有照片接着发。"


def off_the_list() -> str:
    return "这一处已经不在走访名单里了，没有记。回“走访”看现在的名单。"


def _clock(at: datetime) -> str:
    return short_moment(at).partition("日")[2]


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _far(metres: int) -> str:
    return f" {metres / _KM:.1f} 公里" if metres >= _KM else f" {metres} 米"
