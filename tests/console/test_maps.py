"""Maps: what is drawn is what is true, at China's latitudes, and small enough."""

from math import cos, radians, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.maps import EDGE, HEIGHT, MOST_CORNERS, drawing, simplified
from models import Boundary, Case, Region
from services.region_tree import Outline
from tests.console.test_regions import ComesIn
from tests.factories import GRID
from tests.services.conftest import Street

SQUARE_METRES = [
    [120.0, 31.5],
    [120.0 + 0.01 / cos(radians(31.505)), 31.5],
    [120.0 + 0.01 / cos(radians(31.505)), 31.51],
    [120.0, 31.51],
]


def round_ring(corners: int, x: float = 120.0) -> list[list[float]]:
    return [[x + 0.01 * cos(6.2831 * n / corners), 31.5 + 0.01 * sin(6.2831 * n / corners)] for n in range(corners)]


def corners_of(d: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (one.split(" ") for one in d[1:-1].split("L"))]


def test_a_square_on_the_ground_is_a_square_on_the_map_with_north_above() -> None:
    shown = drawing([Outline("G", "网格", False, SQUARE_METRES)], point=(120.0, 31.51))
    assert shown is not None
    corners = corners_of(shown.shapes[0].d)
    wide = max(x for x, _ in corners) - min(x for x, _ in corners)
    high = max(y for _, y in corners) - min(y for _, y in corners)
    assert abs(wide - high) < 0.5
    assert high == pytest.approx(HEIGHT - 2 * EDGE, abs=0.2)
    assert shown.point == pytest.approx((min(x for x, _ in corners), EDGE), abs=0.2)


def test_a_town_of_finely_drawn_grids_stays_small() -> None:
    town = [Outline(f"G{n}", f"第{n}网格", n % 7 == 0, round_ring(800, 120 + 0.02 * n)) for n in range(300)]
    shown = drawing(town)
    assert shown is not None
    assert len(shown.shapes) == 300
    assert sum(len(corners_of(one.d)) for one in shown.shapes) <= MOST_CORNERS
    assert sum(len(one.d) for one in shown.shapes) < 90_000
    assert all(len(corners_of(one.d)) >= 3 for one in shown.shapes)


def test_without_an_outline_there_is_no_map() -> None:
    assert drawing([]) is None


@given(
    st.lists(st.tuples(st.floats(0, 800), st.floats(0, 500)), min_size=3, max_size=60, unique=True),
    st.floats(0.1, 1000),
)
def test_simplifying_keeps_corners_of_the_ring_in_their_order_and_at_least_three(
    ring: list[tuple[float, float]], tolerance: float
) -> None:
    thin = simplified(ring, tolerance)
    assert 3 <= len(thin) <= len(ring)
    places = [ring.index(one) for one in thin]
    assert places == sorted(places)


async def test_a_cases_page_shows_its_place_on_its_grid_and_none_without_an_outline(
    street: Street, comes_in: ComesIn
) -> None:
    case = await street.files()
    clerk = await comes_in("secretary")
    where = f"/console/cases/{case.number}"
    assert 'class="sketch"' not in (await clerk.opens(where)).text
    await Boundary.create(region_id=(await Region.get(code=GRID)).id, ring=SQUARE_METRES)
    assert "<circle" not in (await clerk.opens(where)).text
    await Case.filter(id=case.id).update(longitude=120.005, latitude=31.505)
    page = await clerk.opens(where)
    assert "第一网格的范围，红点是居民说的地方" in page.words
    assert "<circle" in page.text
    await Case.filter(id=case.id).update(longitude=12.0, latitude=31.505)
    assert "<circle" not in (await clerk.opens(where)).text
