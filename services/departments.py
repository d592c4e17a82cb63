"""Departments (职能部门): who of them is there, and what stands in their name."""

from models import Department, Region
from services.transaction import row, rows

_NEAREST = """
SELECT d.id FROM department d JOIN region r ON r.id = d.region_id
WHERE d.region_id = ANY ($1) AND (d.name = $2 OR r.name || d.name = $2) ORDER BY r.level LIMIT 1
"""


async def department_of(units: list[int], name: str) -> Department | None:
    """The department *name* (「城管办」, also 「雪堰镇城管办」) of one of *units*, the lowest first."""
    found = await rows(_NEAREST, units, name)
    return await Department.get(id=found[0]["id"]) if found else None


_BELOW = """
SELECT name FROM (
    SELECT 0 AS place, name FROM department WHERE region_id = $1
    UNION ALL
    SELECT 1, name FROM region WHERE parent_id = $1 AND level <= 2
) known ORDER BY place, name LIMIT 6
"""


async def names_below(unit_id: int) -> list[str]:
    """Some of those to whom *unit_id* may dispatch: its departments, then the villages or grids right below it."""
    return [found["name"] for found in await rows(_BELOW, unit_id)]


_NAMED = "SELECT (SELECT name FROM region WHERE id = $1) AS unit, (SELECT name FROM department WHERE id = $2) AS own"


async def place_name(unit_id: int | None, department_id: int | None) -> str:
    """「雪堰镇」, or 「雪堰镇城管办」 where it lies with a department."""
    found = await row(_NAMED, unit_id, department_id)
    return f"{found['unit'] or ''}{found['own'] or ''}"


def line_of(region: Region) -> list[int]:
    """The region and everything above it, by id."""
    return [int(part) for part in region.path.strip("/").split("/")]
