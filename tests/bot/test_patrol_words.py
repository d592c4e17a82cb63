"""What is left to walk, as the chat says it."""

from datetime import date

import pytest

from bot.replies_patrols import covered
from domain.coverage import Part
from services.coverages import GridCovered


@pytest.mark.parametrize(
    ("days", "share", "missing", "said"),
    [
        (5, 0.0, tuple(Part), "5 天内网格还没有走过的路线。"),
        (5, 0.158, tuple(Part)[:6], "5 天内网格走到了 16%，还有不少地方没走到。"),
        (5, 0.62, (Part.NORTH_WEST, Part.EAST), "5 天内网格走到了 62%，西北角、东边还没怎么走到。"),
        (1, 0.997, (), "今天网格走到了 99%，各处都走到了。"),
        (1, 1.0, (), "今天网格走到了 100%，各处都走到了。"),
    ],
)
def test_a_worker_reads_how_much_of_the_grid_is_walked_and_where_to_go_next(
    days: int, share: float, missing: tuple[Part, ...], said: str
) -> None:
    one = GridCovered("1", "第一网格", "李卫国", date(2027, 3, 1), days, share, missing)
    assert covered([one]) == f"\n{said}"
    assert covered([]) == ""
