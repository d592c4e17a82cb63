"""The lists of field work find their rows by an index, as PostgreSQL plans them over twenty thousand rows."""

from datetime import date

import pytest

from services import patrols, subjects, visits
from services.cursors import before
from services.transaction import rows
from tests.models.test_indexes import COUNT, NOW, analyze, plan
from tests.services.conftest import Street

GRIDS = 200


@pytest.fixture
async def full(street: Street) -> int:
    """Returns the id of one of two hundred grids."""
    await rows(
        "INSERT INTO region (code, name, level, kind, area, path) SELECT 'g' || n, 'g', 1, '', '', '/9/' || n || '/' "
        "FROM generate_series(1, $1::int) n RETURNING 1",
        GRIDS,
    )
    (first,) = await rows("SELECT id FROM region WHERE code = 'g1'")
    grid = int(first["id"])
    await rows(
        "INSERT INTO subject (grid_id, kind, title, sealed, every_days, next_due, created_at, active) "
        "SELECT $2 + n % $3, 'shop', 'x', '', 30, date '2027-03-01' + n % 30, now(), n % 10 > 0 "
        "FROM generate_series(1, $1::int) n RETURNING 1",
        COUNT,
        grid,
        GRIDS,
    )
    await rows(
        "INSERT INTO patrol (person_id, region_id, day, started_at, ended_at, ended_by, source, length_metres, "
        "seconds, suspicious, content, result, points, clock_off, stale) "
        "SELECT (SELECT min(id) FROM person), $2 + n % $3, date '2027-03-01' + n % 300, now(), now(), 'worker', "
        "'mini', 0, 0, '', '', '', 0, FALSE, n % 5000 = 0 FROM generate_series(1, $1::int) n RETURNING 1",
        COUNT,
        grid,
        GRIDS,
    )
    await rows(
        "INSERT INTO visit (person_id, region_id, subject_id, at, in_time, result, next_date, source) "
        "SELECT (SELECT min(id) FROM person), s.grid_id, s.id, now(), TRUE, '', '2027-03-01', 'mini' FROM subject s "
        "RETURNING 1"
    )
    await analyze("region", "subject", "patrol", "visit", "person")
    return grid


async def test_lists_of_one_grid_and_sweeps_read_no_table_from_end_to_end(full: int) -> None:
    nobody = 2**40
    lists = (
        (visits._DUE, ([full], date(2027, 3, 5), date.min, 0, 21), "subject"),
        (visits._COUNTS, ([full], date(2027, 3, 5)), "subject"),
        (visits._LISTED, (before(None), nobody, [full], None, 21), "visit"),
        (subjects._LISTED, (0, [full], None, None, 21), "subject"),
        (patrols._LISTED, (before(None), nobody, [full], None, None, None, 21), "patrol"),
    )
    for sql, values, table in lists:
        _, whole = await plan(sql, *values)
        assert table not in whole, sql

    # And the sweeps look only at what they are for.
    for sql, moments, index in (
        (patrols._STALE, (), "patrol_stale"),
        (patrols._FORGOTTEN, (NOW, NOW), "patrol_going_on"),
    ):
        used, whole = await plan(sql, *moments)
        assert "patrol" not in whole, sql
        assert used & {index, "patrol_open"}, (sql, used)
