"""Every bad row is named: file, line, column and why, all of them at once, and no phone in full."""

import codecs
import string
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.duty import Duty
from models import Department, HeldDuty
from services.desk import Desk
from services.imports import REGIONS as R
from services.imports import STAFF as S
from services.imports import BadRows, Problem, which
from services.imports_regions import COLUMNS
from services.imports_table import read
from services.imports_words import WORDS, words
from tests.factories import GRID, REGIONS, STAFF, TOWN, VILLAGE, Town

REGION_HEAD = "code,name,level,parent_code,kind\n"
STAFF_HEAD = "name,phone,duty,region_code,cover_phone\n"

Found = tuple[str, int, str, str]


async def problems(desk: Desk, regions: str | bytes | None, staff: str | bytes | None = None) -> list[Problem]:
    with pytest.raises(BadRows) as refused:
        await desk.imports.run(
            regions.encode() if isinstance(regions, str) else regions,
            staff.encode() if isinstance(staff, str) else staff,
        )
    for problem in refused.value.problems:
        line = words(problem, problem.file)
        assert "{" not in line
        assert "\n" not in line
    return list(refused.value.problems)


def brief(found: list[Problem]) -> list[Found]:
    return [(one.file, one.line, one.column, one.code) for one in found]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (f",某网格,grid,{VILLAGE},", [("code", "empty")]),
        (f"G1,,grid,{VILLAGE},", [("name", "empty")]),
        (f"G1,某网格,,{VILLAGE},", [("level", "empty")]),
        (f"G1,某网格,hamlet,{VILLAGE},", [("level", "unknown_level")]),
        (f"G1,某网格,网格,{VILLAGE},", [("level", "unknown_level")]),
        (f"G1,某网格,grid,{VILLAGE},special", [("kind", "unknown_kind")]),
        ("G1,某网格,grid,999,", [("parent_code", "unknown_parent")]),
        ("G1,某网格,grid,,", [("parent_code", "grid_without_parent")]),
        (f"G1,某网格,grid,{GRID},", [("parent_code", "parent_not_above")]),
        (f"V1,某村,village,{VILLAGE},", [("parent_code", "parent_not_above")]),
        (f"V1,某镇,town,{VILLAGE},", [("parent_code", "parent_not_above")]),
        ("T1,某镇,town,T1,", [("parent_code", "cycle")]),
        (f"{GRID},某网格,grid,{VILLAGE},", [("code", "repeated_code")]),
        (f"G 1,某网格,grid,{VILLAGE},", [("code", "bad_code")]),
        (f"G/1,某网格,grid,{VILLAGE},", [("code", "bad_code")]),
        (f"..,某网格,grid,{VILLAGE},", [("code", "bad_code")]),
        (f"3.20412E+13,某网格,grid,{VILLAGE},", [("code", "spoilt_by_excel")]),
        (f"{'9' * 41},某网格,grid,{VILLAGE},", [("code", "too_long")]),
        (f"G1,{'长' * 61},grid,{VILLAGE},", [("name", "too_long")]),
        (f"G1,某\0网格,grid,{VILLAGE},", [("name", "nul")]),
        (f"G1,某\x07网格,grid,{VILLAGE},", [("name", "control")]),
        (f"G1,某\u2028网格,grid,{VILLAGE},", [("name", "control")]),
        (f"G1,某?网格,grid,{VILLAGE},", [("name", "lost_sign")]),
        (f"G1,某\ufffd网格,grid,{VILLAGE},", [("name", "lost_sign")]),
        (f'G1,"某"网格,grid,{VILLAGE},', [("", "broken_quote")]),
        (f'G1,"某网格,grid,{VILLAGE},', [("", "broken_quote")]),
        (f"G1,某网格,grid,{VILLAGE}", [("", "wrong_count")]),
        (f"G1,某网格,grid,{VILLAGE},,dedicated", [("", "wrong_count")]),
        ("G1,,hamlet,999,special", [
            ("name", "empty"), ("level", "unknown_level"), ("kind", "unknown_kind"), ("parent_code", "unknown_parent"),
        ]),
    ],
)  # fmt: skip
async def test_a_bad_row_of_regions_is_named(desk: Desk, row: str, expected: list[tuple[str, str]]) -> None:
    found = await problems(desk, REGIONS + row + "\n", STAFF)
    assert brief(found) == [(R, 10, column, code) for column, code in expected]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (f",13900000001,volunteer,{GRID},", [("name", "empty")]),
        (f"甲,,volunteer,{GRID},", [("phone", "empty")]),
        (f"甲,13900000001,,{GRID},", [("duty", "empty")]),
        ("甲,13900000001,volunteer,,", [("region_code", "empty")]),
        (f"甲,1390000000,volunteer,{GRID},", [("phone", "bad_phone")]),
        (f"甲,12900000001,volunteer,{GRID},", [("phone", "bad_phone")]),
        (f"甲,86543210,volunteer,{GRID},", [("phone", "bad_phone")]),
        (f"甲,没有,volunteer,{GRID},", [("phone", "bad_phone")]),
        (f"甲,1.39E+10,volunteer,{GRID},", [("phone", "spoilt_by_excel")]),
        (f"甲,13900000001,网格员,{GRID},", [("duty", "unknown_duty")]),
        ("甲,13900000001,volunteer,999,", [("region_code", "unknown_region")]),
        (f"甲,13900000001,grid_worker,{VILLAGE},", [("duty", "wrong_level")]),
        (f"甲,13900000001,commander,{GRID},", [("duty", "wrong_level")]),
        (f"甲,13900000001,village_secretary,{TOWN},", [("duty", "wrong_level")]),
        (f"甲,13900000001,volunteer,{GRID},13900000001", [("cover_phone", "cover_is_self")]),
        (f"甲,13900000001,volunteer,{GRID},+86 139-0000-0001", [("cover_phone", "cover_is_self")]),
        (f"甲,13900000001,volunteer,{GRID},13900000002", [("cover_phone", "unknown_cover")]),
        (f"甲,13900000001,volunteer,{GRID},139", [("cover_phone", "bad_phone")]),
        (f"李卫国,13800000001,grid_worker,{GRID},13800000002", [("", "repeated_duty")]),
        (f"别人,13800000001,volunteer,{GRID},", [("name", "other_name")]),
        (f"{'长' * 41},13900000001,volunteer,{GRID},", [("name", "too_long")]),
        (f"甲\0,13900000001,volunteer,{GRID},", [("name", "nul")]),
        (f"张?,13900000001,volunteer,{GRID},", [("name", "lost_sign")]),
        (f"甲,13900000001,volunteer,{GRID}", [("", "wrong_count")]),
        (f'"甲,13900000001,volunteer,{GRID},', [("", "broken_quote")]),
    ],
)  # fmt: skip
async def test_a_bad_row_of_staff_is_named(desk: Desk, row: str, expected: list[tuple[str, str]]) -> None:
    found = await problems(desk, REGIONS, STAFF + row + "\n")
    assert brief(found) == [(S, 9, column, code) for column, code in expected]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", (0, "", "empty_file")),
        (b"\xef\xbb\xbf", (0, "", "empty_file")),
        (b"\n \n", (0, "", "empty_file")),
        (b"PK\x03\x04 a workbook", (0, "", "broken_workbook")),
        (b"\xd0\xcf\x11\xe0 an old one", (0, "", "old_excel")),
        (REGIONS.encode("utf-16"), (0, "", "is_utf16")),
        (REGIONS.replace(",", ";").encode(), (1, "", "not_commas")),
        (REGIONS.replace(",", "\t").encode(), (1, "", "not_commas")),
        (REGIONS.replace(",", "，").encode(), (1, "", "not_commas")),
        (REGIONS.replace(",kind", "").encode(), (1, "kind", "missing_column")),
        (b'"code,name\n', (1, "", "broken_quote")),
    ],
)
async def test_a_file_that_is_no_such_table_is_one_problem_and_not_one_for_each_row_that_leans_on_it(
    desk: Desk, data: bytes, expected: tuple[int, str, str]
) -> None:
    found = await problems(desk, data, STAFF)
    assert brief(found) == [(R, *expected)]


async def test_columns_too_many_or_twice_are_named(desk: Desk) -> None:
    head, *rows = REGIONS.splitlines()
    extra = "\n".join([f"{head},备注", *(f"{row},x" for row in rows)])
    assert brief(await problems(desk, extra)) == [(R, 1, "备注", "extra_column")]
    twice = "\n".join([f"{head},name", *(f"{row},x" for row in rows)])
    assert brief(await problems(desk, twice)) == [(R, 1, "name", "repeated_column")]


@pytest.mark.parametrize(
    ("before", "after", "encoding"),
    [
        ("第二网格".encode(), b"\xe7\xac\xac\xe4\xba\x8c\xe7\xbd\xff\xe6\xa0\xbc", "UTF-8"),
        (b"comprehensive", b"\xff", "UTF-8"),
    ],
)
async def test_a_byte_that_cannot_be_read_is_named_with_its_line(
    desk: Desk, before: bytes, after: bytes, encoding: str
) -> None:
    found = await problems(desk, REGIONS.encode().replace(before, after, 1))
    line = REGIONS.encode()[: REGIONS.encode().index(before)].count(b"\n") + 1
    assert brief(found) == [(R, line, "", "undecodable")]
    assert found[0].facts["encoding"] == encoding


async def test_a_byte_that_cannot_be_read_in_a_gbk_file_is_named_with_its_line(desk: Desk) -> None:
    found = await problems(desk, REGIONS.encode("gbk").replace("第二".encode("gbk"), b"\xb5\xda\xff", 1))
    assert brief(found) == [(R, 8, "", "undecodable")]
    assert found[0].facts["encoding"] == "GBK"


async def test_every_bad_row_of_both_files_is_named_and_not_only_the_first(desk: Desk) -> None:
    regions = REGIONS + "".join(f"G{n},某网格,hamlet,{VILLAGE},\n" for n in range(300))
    staff = STAFF + "".join(f"甲{n},1390000{n:04},janitor,{GRID},\n" for n in range(300))
    found = await problems(desk, regions, staff)
    assert brief(found) == [(R, 10 + n, "level", "unknown_level") for n in range(300)] + [
        (S, 9 + n, "duty", "unknown_duty") for n in range(300)
    ]


async def test_who_leans_on_a_bad_row_is_not_called_wrong_for_it(desk: Desk) -> None:
    regions = REGIONS.replace("城西村", "").replace("第二网格", '"第二"网格').replace("东一网格", "东\0一")
    staff = STAFF.replace("李卫国", "李\0卫国")
    found = await problems(desk, regions, staff)
    assert brief(found) == [
        (R, 5, "name", "empty"),
        (R, 8, "", "broken_quote"),
        (R, 9, "name", "nul"),
        (S, 2, "name", "nul"),
    ]


async def test_a_ring_of_parents_is_named_at_each_of_its_members(desk: Desk) -> None:
    ring = REGION_HEAD + "A,甲市,city,C,\nB,乙县,county,A,\nC,丙镇,town,B,\nD,丁村,village,C,\n"
    found = await problems(desk, ring)
    assert brief(found) == [(R, line, "parent_code", "cycle") for line in (2, 3, 4)]


async def test_a_region_may_not_sink_below_its_children_or_its_duties(town: Town) -> None:
    found = await problems(town.desk, REGION_HEAD + f"{VILLAGE},城西村,grid,{TOWN},\n")
    assert brief(found) == [
        (R, 2, "level", "not_above_child"),
        (R, 2, "level", "not_above_child"),
        (R, 2, "level", "duty_does_not_fit"),
    ]
    assert [one.facts["child"] for one in found[:2]] == [GRID, GRID[:-1] + "2"]
    assert found[2].facts["duty"] == Duty.VILLAGE_SECRETARY


async def test_a_cover_who_has_left_is_not_a_cover(town: Town) -> None:
    yesterday = town.desk.clock.now().date() - timedelta(days=2)
    await HeldDuty.filter(person__name="王秀兰").update(to_date=yesterday)
    found = await problems(town.desk, None, STAFF_HEAD + f"甲,13900000001,volunteer,{GRID},13800000002\n")
    assert brief(found) == [(S, 2, "cover_phone", "unknown_cover")]


async def test_a_cover_may_stand_later_in_the_file(desk: Desk) -> None:
    staff = STAFF_HEAD + f"甲,13900000001,volunteer,{GRID},13900000002\n乙,13900000002,volunteer,{GRID},\n"
    assert (await desk.imports.run(REGIONS.encode(), staff.encode())).staff.new == 2


async def test_no_message_shows_a_phone_in_full(desk: Desk) -> None:
    staff = STAFF + (
        f"甲,13912345678,volunteer,{GRID},13912345678\n"
        f"甲,13912345678,volunteer,{GRID},13987654321\n"
        f"乙,139123456789,volunteer,{GRID},1398765432100\n"
        "13912345678,13912345678,volunteer,13912345678,\n"
        f"13912345678?,13912345678,13987654321,{GRID},\n"
        f'"丙,13912345678,volunteer,{GRID},\n'
    )
    found = await problems(desk, REGIONS, staff)
    assert {one.code for one in found} >= {"cover_is_self", "unknown_cover", "repeated_duty", "bad_phone"}
    shown = " ".join(words(one, one.file) for one in found)
    for number in ("13912345678", "13987654321", "139123456789", "1398765432100"):
        assert number not in shown
    assert "139****5678" in shown


def test_a_message_names_the_clerks_own_file_the_line_the_column_and_the_reason() -> None:
    assert (
        words(Problem(S, 7, "phone", "bad_phone", {"phone": "138****567"}), "人员.csv")
        == "人员.csv 第 7 行 phone 列：“138****567”不是电话号码。手机号写 11 位，座机要带区号。"
    )


def test_every_kind_of_problem_has_words_without_a_leftover() -> None:
    for code, text in WORDS.items():
        names = [name for _, name, _, _ in string.Formatter().parse(text) if name]
        assert words(Problem(R, 1, "code", code, dict.fromkeys(names, "x")), "f").endswith("。")


SIGNS = st.lists(
    st.sampled_from(
        [*',,,;"\n\r\t \0?甲乙\ufeff\u202d０1９-.', "code", "name", "level", "parent_code", "kind", "grid", "\r\n"]
    ),
    max_size=60,
).map("".join)


@given(text=SIGNS, codec=st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]))
def test_whatever_text_a_file_holds_is_read_or_complained_about(text: str, codec: str) -> None:
    table = read(R, text.encode(codec), COLUMNS)
    assert table.rows or table.problems or not text.replace("\ufeff", "").partition("\n")[2].strip()
    assert which(text.encode(codec)) in {R, S, ""}


BLANK = b" \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"
"""What makes an empty line of a text; bytes know only some of them."""


@given(st.binary(max_size=200))
@example(b"\x1c")
def test_whatever_bytes_a_file_holds_are_read_or_complained_about(data: bytes) -> None:
    table = read(R, REGION_HEAD.encode() + data, COLUMNS)
    assert table.rows or table.problems or not data.removeprefix(codecs.BOM_UTF8).translate(None, b'",').strip(BLANK)


async def test_a_department_stands_with_an_officer_and_nowhere_else(town: Town) -> None:
    head = STAFF_HEAD.strip() + ",department\n"
    rows = [
        f"何队长,13900000021,department_officer,{TOWN},,{'长' * 61}",
        f"孙指挥,13900000022,commander,{TOWN},,城管办",
        f"马站长,13900000023,department_officer,{TOWN},,水务?",
        f"好队长,13900000024,department_officer,{TOWN},,环保所",
        f"坏岗位,13900000025,officer,{TOWN},,环保所",
        f"少一格,13900000026,department_officer,{TOWN},",
    ]
    found = await problems(town.desk, None, head + "\n".join(rows))
    assert brief(found) == [
        (S, 2, "department", "too_long"),
        (S, 3, "department", "not_an_officer"),
        (S, 4, "department", "lost_sign"),
        (S, 6, "duty", "unknown_duty"),
        (S, 7, "", "wrong_count"),
    ]
    assert words(found[1], "人员.csv") == (
        "人员.csv 第 3 行 department 列：部门“城管办”只能写在 department_officer 这一行，这里的岗位是 commander。"
        "请把这一格清空。"
    )
    assert await Department.all().count() == 0
    twice = await problems(town.desk, None, STAFF_HEAD.strip() + ",department,department\n")
    assert brief(twice) == [(S, 1, "department", "repeated_column")]
