"""The event list out of a CSV file and back into one."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from domain.event_list import Category
from models import EventType
from services.imports import BadRows, Counts
from services.imports_event_types import COLUMNS
from tests.services.conftest import Street, at_once
from tests.services.snapshots import snapshot

STARTER = (Path(__file__).parents[2] / "app" / "demo_town" / "event_types.csv").read_bytes()
HEAD = ",".join(COLUMNS)
LAMP = "lamp,路灯不亮,,城市管理,C,grid,2,3,after,供电所,,路灯、灯+不亮,"
ROWS = {name: at for at, name in enumerate(COLUMNS)}


def changed(line: str, **cells: str) -> str:
    parts = line.split(",")
    for name, value in cells.items():
        parts[ROWS[name]] = value
    return ",".join(parts)


def file(*lines: str) -> bytes:
    return "\n".join([HEAD, *lines]).encode()


async def test_the_starter_list_goes_in_and_out_and_in_again_without_a_change(empty: Street) -> None:
    types = empty.desk.event_types
    count = len(STARTER.decode().splitlines()) - 1
    assert await types.import_(STARTER) == Counts(new=count)
    listed = await types.listed()
    assert len(listed) == count >= 60
    assert {one.category for one in listed} == set(Category)
    order = [one.code for one in listed]
    assert all(order.index(one.parent_code) < order.index(one.code) for one in listed if one.parent_code)
    before = await snapshot()
    written = await types.export()
    for again in (STARTER, written, written.decode("utf-8-sig").encode("gbk")):
        assert await types.import_(again) == Counts(same=count)
    assert await snapshot() == before
    assert await types.export() == written


async def test_rows_change_retire_and_come_back_and_what_the_file_leaves_out_stays(empty: Street) -> None:
    types = empty.desk.event_types
    road = changed(LAMP, code="road", name="道路破损", keywords="")
    await types.import_(file(LAMP, road))
    lamp_id = (await EventType.get(code="lamp")).id
    new = changed(
        LAMP, name="路灯故障", accept_hours="", resolve_days="1.5", photos="both", urgent="是", parent_code="road"
    )
    assert await types.import_(file(new), dry_run=True) == Counts(changed=1)
    assert (await EventType.get(code="lamp")).name == "路灯不亮"
    assert await types.import_(file(new)) == Counts(changed=1)
    lamp = await EventType.get(code="lamp").prefetch_related("parent")
    assert (lamp.id, lamp.name, lamp.accept_hours, lamp.resolve_days, lamp.photos, lamp.urgent) == (
        lamp_id, "路灯故障", None, 1.5, "both", True
    )  # fmt: skip
    assert lamp.parent is not None
    assert lamp.parent.code == "road"
    assert await types.import_(file(changed(new, state="retired"))) == Counts(changed=1)
    assert [one.code for one in await types.listed()] == ["road"]
    # A file that says nothing of the state brings nothing back to life.
    assert await types.import_(file(new)) == Counts(same=1)
    assert (await EventType.get(code="lamp")).decided_at is not None
    assert await types.import_(file(changed(new, state="approved"))) == Counts(changed=1)
    assert len(await types.listed()) == 2


async def test_every_bad_cell_is_named_with_its_line_and_column_and_nothing_is_written(empty: Street) -> None:
    types = empty.desk.event_types
    await types.import_(file(changed(LAMP, code="kept", name="原来的")))
    bad: Sequence[tuple[str, str, str]] = [
        (changed(LAMP, code="", name="一"), "code", "empty"),
        (changed(LAMP, code="a b", name="二"), "code", "bad_code"),
        (changed(LAMP, code="c", name=""), "name", "empty"),
        (changed(LAMP, code="d", name="四", category="城管"), "category", "unknown_value"),
        (changed(LAMP, code="e", name="五", category=""), "category", "empty"),
        (changed(LAMP, code="f", name="六", **{"class": "D"}), "class", "unknown_value"),
        (changed(LAMP, code="g", name="七", usual_level="6"), "usual_level", "unknown_value"),
        (changed(LAMP, code="h", name="八", accept_hours="0"), "accept_hours", "bad_period"),
        (changed(LAMP, code="i", name="九", resolve_days="三天"), "resolve_days", "bad_period"),
        (changed(LAMP, code="j", name="十", resolve_days="nan"), "resolve_days", "bad_period"),
        (changed(LAMP, code="k", name="十一", photos="前后"), "photos", "unknown_value"),
        (changed(LAMP, code="l", name="十二", urgent="急"), "urgent", "unknown_value"),
        (changed(LAMP, code="m", name="十三", state="gone"), "state", "unknown_value"),
        (changed(LAMP, code="n", name="十四", keywords="字" * 21), "keywords", "long_keyword"),
        (changed(LAMP, code="o", name="十五", parent_code="nobody"), "parent_code", "unknown_type"),
        (changed(LAMP, code="p", name="十六", parent_code="kept", category="社会治安"), "category", "other_category"),
        (changed(LAMP, code="q", name="十七", parent_code="r"), "parent_code", "cycle"),
        (changed(LAMP, code="r", name="十八", parent_code="q"), "parent_code", "cycle"),
        (changed(LAMP, code="kept", name="新的"), "", ""),
        (changed(LAMP, code="kept", name="更新的"), "code", "repeated_code"),
        (changed(LAMP, code="s", name="新的"), "name", "repeated_name"),
        (changed(LAMP, code="t", name="二十", department="科" * 61), "department", "too_long"),
        (changed(LAMP, code="u", name="坏?字"), "name", "lost_sign"),
    ]
    with pytest.raises(BadRows) as refused:
        await types.import_(file(*(line for line, _, _ in bad)))
    assert [(one.line, one.column, one.code) for one in refused.value.problems] == [
        (at, column, code) for at, (_, column, code) in enumerate(bad, 2) if code
    ]
    assert [(one.code, one.name) for one in await types.listed()] == [("kept", "原来的")]
    for broken in (b"", b"PK\x03\x04", b"code,name\n", HEAD.encode() + b"\n\xff\xff\xff"):
        with pytest.raises(BadRows):
            await types.import_(broken)


async def test_a_group_cannot_leave_its_children_behind_in_another_category(empty: Street) -> None:
    types = empty.desk.event_types
    child = changed(LAMP, code="child", name="孩子", parent_code="lamp")
    await types.import_(file(LAMP, child))
    with pytest.raises(BadRows) as refused:
        await types.import_(file(changed(LAMP, category="环境保护")))
    assert [(one.line, one.column, one.code) for one in refused.value.problems] == [(2, "category", "other_child")]
    both = [changed(line, category="环境保护") for line in (LAMP, child)]
    assert await types.import_(file(*both)) == Counts(changed=2)


async def test_two_imports_at_once_add_up(empty: Street) -> None:
    types = empty.desk.event_types
    both = await at_once(types.import_(file(LAMP)), types.import_(file(LAMP)))
    assert sorted(both, key=lambda one: one.new) == [Counts(same=1), Counts(new=1)]
