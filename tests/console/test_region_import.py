"""The lists by hand: every bad row beside its reason, nothing written before it is confirmed, nothing kept too long."""

from collections.abc import Awaitable, Callable
from io import BytesIO

import aiohttp
import pytest
from openpyxl import load_workbook
from redis.asyncio import Redis

from models import HeldDuty, Person, Region
from services.import_desk import MOST_BYTES
from tests.console.clerk import Clerk, Page
from tests.factories import GRID, PHONES, REGIONS, TOWN, VILLAGE
from tests.services.conftest import Street

ComesIn = Callable[[str], Awaitable[Clerk]]
IMPORT = "/console/regions/import"
CONFIRM = f"{IMPORT}/confirm"
HEAD = "code,name,level,parent_code,kind\n"
STAFF_HEAD = "name,phone,duty,region_code,cover_phone\n"
THIRD = HEAD + f"{VILLAGE}03,第三网格,grid,{VILLAGE},comprehensive\n"
NEW_WORKER = STAFF_HEAD + f"孙新人,13811112222,grid_worker,{VILLAGE}03,13800000001\n"


async def uploads(clerk: Clerk, *files: str | bytes, **fields: str) -> Page:
    given = (await clerk.opens(IMPORT)).hidden(IMPORT)
    body = aiohttp.FormData(default_to_multipart=True)
    for name, value in {**given, **fields}.items():
        body.add_field(name, value)
    for file in files:
        data = file.encode() if isinstance(file, str) else file
        body.add_field("files", BytesIO(data), filename="list.csv", content_type="text/csv")
    return await clerk._asks("POST", IMPORT, data=body)


async def test_nothing_is_written_before_it_is_confirmed_and_then_once(street: Street, comes_in: ComesIn) -> None:
    del street
    clerk = await comes_in("commander")
    page = await uploads(clerk, NEW_WORKER, THIRD)  # in any order
    assert page.status == 200
    assert "现在还没有写入" in page.words
    assert not await Region.filter(code=f"{VILLAGE}03").exists()
    assert not await Person.filter(name="孙新人").exists()
    assert "13811112222" not in page.text
    given = page.hidden(CONFIRM)
    done = await clerk.sends(CONFIRM, given)
    assert "导入好了" in done.words
    assert (await Region.get(code=f"{VILLAGE}03")).name == "第三网格"
    assert await HeldDuty.filter(person_id=(await Person.get(name="孙新人")).id).count() == 1
    again = await clerk.sends(CONFIRM, given)
    assert (again.path, again.status) == (done.path, 200)
    # The table is gone with it.
    fresh = await clerk.sends(CONFIRM, {**given, "once": "another"})
    assert fresh.status == 409
    assert "已经不在了" in fresh.words


async def test_what_waits_is_sealed_and_short_lived_and_can_be_dropped(
    street: Street, comes_in: ComesIn, redis_url: str
) -> None:
    del street
    clerk = await comes_in("commander")
    given = (await uploads(clerk, THIRD, NEW_WORKER)).hidden(CONFIRM)
    key = f"wangge:console:import:{given['table']}"
    async with Redis.from_url(redis_url) as redis:
        kept = await redis.get(key)
        assert kept
        assert b"13811112222" not in kept
        assert "孙新人".encode() not in kept
        assert 0 < await redis.ttl(key) <= 20 * 60
        assert (await clerk.sends(CONFIRM, {**given, "drop": "yes"})).path == IMPORT
        assert await redis.get(key) is None
    assert not await Region.filter(code=f"{VILLAGE}03").exists()


async def test_somebody_else_cannot_confirm_it_and_a_secretary_imports_nothing(
    street: Street, comes_in: ComesIn
) -> None:
    clerk, secretary = await comes_in("commander"), await comes_in("secretary")
    given = (await uploads(clerk, THIRD)).hidden(CONFIRM)
    assert "由镇里的指挥长或管理员" in (await secretary.opens(IMPORT)).words
    own = (await secretary.opens(f"/console/regions/{GRID}/appoint")).hidden(f"/console/regions/{GRID}/appoint")
    assert (await secretary.sends(CONFIRM, {**own, "table": given["table"]})).status == 403
    assert (await clerk.sends(CONFIRM, {**given, "csrf": "x" * 22})).status == 403
    assert (await uploads(clerk, THIRD, csrf="x" * 22)).status == 403
    clerk.forgets()
    body = aiohttp.FormData({"csrf": "x"}, default_to_multipart=True)
    assert (await clerk._asks("POST", IMPORT, data=body)).status == 401
    assert not await Region.filter(code=f"{VILLAGE}03").exists()
    assert await street.desk.cases.rehome() == 0


async def test_every_bad_row_stands_beside_its_reason_and_numbers_stay_masked(
    street: Street, comes_in: ComesIn
) -> None:
    del street
    clerk = await comes_in("commander")
    bad = STAFF_HEAD + (
        f"孙新人,1381111,grid_worker,{GRID},\n"
        f"好人,13811113333,grid_worker,{GRID},\n"
        f"周新人,13811114444,gird_worker,{GRID},\n"
        "吴新人,13811115555,grid_worker,nowhere,\n"
    )
    page = await uploads(clerk, bad)
    assert page.status == 422
    assert "有 3 处要改，一行也没有写入" in page.words
    for words in ("人员表第 2 行", "不是电话号码", "人员表第 4 行", "不是岗位", "人员表第 5 行", "找不到区域“nowhere”"):
        assert words in page.words
    assert "人员表第 3 行" not in page.words
    assert "<mark>gird_worker</mark>" in page.text
    assert "138****4444" in page.text
    assert "13811114444" not in page.text
    assert not await Person.filter(name="好人").exists()


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (b"PK\x03\x04excel", "这个文件打不开"),
        (b"", "文件是空的"),
        (HEAD.encode("utf-16"), "Unicode 文本"),
    ],
    ids=["xlsx", "empty", "utf16"],
)
async def test_what_is_no_list_is_told_how_to_become_one(
    comes_in: ComesIn, street: Street, file: bytes, words: str
) -> None:
    del street
    page = await uploads(await comes_in("commander"), file)
    assert page.status == 422
    assert words in page.words


async def test_a_file_that_is_too_large_or_missing_is_refused(comes_in: ComesIn, street: Street) -> None:
    del street
    clerk = await comes_in("commander")
    assert "还没选文件" in (await uploads(clerk)).words
    assert "各选一个" in (await uploads(clerk, THIRD, THIRD)).words
    page = await uploads(clerk, THIRD + "x" * MOST_BYTES)
    assert page.status == 413


async def test_a_town_takes_rows_of_its_own_places_only(street: Street, comes_in: ComesIn) -> None:
    await street.desk.imports.run(
        (HEAD + "9901,邻镇,town,320412,\n990101,邻村,village,9901,\n").encode(),
        (STAFF_HEAD + "邻书记,13900000009,village_secretary,990101,\n").encode(),
    )
    clerk = await comes_in("commander")
    assert "没有变化 " in (await uploads(clerk, REGIONS)).words
    for regions, staff, words in (
        ("9901,改名,town,320412,\n", "", "不归您管"),
        (f"{TOWN},改名,town,320412,\n", "", "不归您管"),
        ("990102,新村,village,9901,\n", "", "不归您管"),
        ("X1,新城,city,,\n", "", "不归您管"),
        ("", "新人,13811112222,village_agent,990101,\n", "找不到区域“990101”"),
        ("", f"新人,13811112222,admin,{VILLAGE},\n", "不归您管"),
        ("", f"新人,13811112222,town_agent,{TOWN},\n", "不归您管"),
        ("", f"改名,13900000009,grid_worker,{GRID},\n", "别处工作人员的号码"),
    ):
        files = [HEAD + regions] if regions else [STAFF_HEAD + staff]
        page = await uploads(clerk, *files)
        assert page.status == 422, (regions, staff)
        assert words in page.words, page.words
        assert "邻书记" not in page.text
    assert {one.name for one in await Region.filter(code__in=["9901", TOWN])} == {"邻镇", "雪堰镇"}


async def test_thousands_of_rows_are_looked_through_and_taken(street: Street, comes_in: ComesIn) -> None:
    del street
    clerk = await comes_in("commander")
    rows = "".join(f"{VILLAGE}G{n},网格{n},grid,{VILLAGE},\n" for n in range(900))
    staff = "".join(f"员{n},139{n:08d},grid_worker,{VILLAGE}G{n},\n" for n in range(900))
    page = await uploads(clerk, HEAD + rows, STAFF_HEAD + staff)
    assert page.status == 200
    assert await Region.all().count() == 8
    done = await clerk.sends(CONFIRM, page.hidden(CONFIRM))
    assert "导入好了" in done.words
    assert await Region.all().count() == 908
    assert PHONES["worker"] not in done.text


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/csv", b"a,b", 415),
        ("multipart/form-data", b"--x\r\n\r\n", 422),
        ("multipart/form-data; boundary=x", b"", 422),
        ("multipart/form-data; boundary=x", b"no boundary at all", 422),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nnameless\r\n--x--\r\n", 422),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n\xff\r\n--x--',
            422,
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"y" * 20000,
            413,
        ),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nend', 422),
    ],
    ids=["other", "no-boundary", "empty", "garbage", "nameless", "no-text", "long-field", "cut-off"],
)
async def test_a_form_that_is_none_is_refused_in_words(
    street: Street, comes_in: ComesIn, kind: str, body: bytes, status: int
) -> None:
    del street
    clerk = await comes_in("commander")
    page = await clerk._asks("POST", IMPORT, data=body, headers={"Content-Type": kind})
    assert page.status in {status, 403}, page.words
    assert "Traceback" not in page.text


async def test_the_preview_says_row_by_row_what_would_change(street: Street, comes_in: ComesIn) -> None:
    del street
    clerk = await comes_in("commander")
    second = f"32041210120102,第二网格,grid,{VILLAGE},comprehensive\n"
    regions = HEAD + f"{GRID},东门网格,grid,{VILLAGE},comprehensive\n" + second
    staff = STAFF_HEAD + (
        f"李卫国,13800000001,grid_worker,{GRID},13800000003\n"
        "王秀兰,13800000002,grid_worker,32041210120102,13800000001\n"
        f"孙新人,13811112222,volunteer,{GRID},\n"
    )
    page = await uploads(clerk, regions, staff)
    assert "名称：第一网格 → 东门网格" in page.words
    assert "AB 岗：138****0003" in page.words
    assert "孙新人 网格志愿者" in page.words
    assert page.text.count('<tr><td class="no">') == 3
    assert "13811112222" not in page.text


async def test_the_empty_lists_are_filled_in_and_come_back_and_the_page_says_which_sheet_it_read(
    street: Street, comes_in: ComesIn
) -> None:
    del street
    clerk = await comes_in("commander")
    page = await clerk.opens(IMPORT)
    filled = []
    for kind, line in (
        ("regions", [f"{VILLAGE}03", "第三网格", "grid", VILLAGE, "comprehensive"]),
        ("staff", ["孙新人", "13811112222", "grid_worker", f"{VILLAGE}03", "13800000001", ""]),
    ):
        assert f'href="{IMPORT}/{kind}.xlsx"' in page.text
        async with clerk._session.get(f"{clerk.service}{IMPORT}/{kind}.xlsx") as answer:
            assert answer.headers["Content-Disposition"] == f'attachment; filename="{kind}.xlsx"'
            book = load_workbook(BytesIO(await answer.read()))
        assert "320412" in " ".join(str(cell.value) for cell in book.worksheets[1][2])
        book.worksheets[0].append(line)
        out = BytesIO()
        book.save(out)
        filled.append(out.getvalue())
    looked = await uploads(clerk, *filled)
    assert (looked.status, "现在还没有写入" in looked.words) == (200, True), looked.words
    assert "人员表：读的是工作簿的第一张表“人员表”，没有看的：写法和样子" in looked.words
    assert "导入好了" in (await clerk.sends(CONFIRM, looked.hidden(CONFIRM))).words
    assert await HeldDuty.filter(person__name="孙新人").count() == 1
