"""网格: each sees their own subtree and nothing else; posts are filled from above, and what follows is said before."""

from collections.abc import Awaitable, Callable
from io import BytesIO

from PIL import Image

from bench.console_pages import MOST_BYTES, MOST_STATEMENTS, statements
from domain.case import Action
from models import Boundary, Case, HeldDuty, Person, Region
from qrcodes.drawing import read
from services.prints import Prints
from tests.console.clerk import Clerk, Page
from tests.factories import GRID, PHONES, TOWN, VILLAGE
from tests.services.conftest import NAMES, Street

ComesIn = Callable[[str], Awaitable[Clerk]]
EAST, EAST_VILLAGE, SECOND = "32041210120201", "320412101202", "32041210120102"


async def post_of(who: str) -> HeldDuty:
    return await HeldDuty.get(person_id=(await Person.get(name=NAMES[who])).id)


async def sends(clerk: Clerk, path: str, **fields: str) -> Page:
    page = await clerk.opens(path)
    return await clerk.sends(path, {**page.hidden(path), **fields})


async def test_everybody_sees_their_own_subtree_and_nothing_else(street: Street, comes_in: ComesIn) -> None:
    del street
    secretary, commander = await comes_in("secretary"), await comes_in("commander")
    town = await commander.opens("/console/regions")
    assert "雪堰镇" in town.words
    assert "城西村" in town.words
    assert "城东村" in town.words
    village = await secretary.opens("/console/regions")
    assert "第一网格" in village.words
    assert "李卫国" in village.words
    assert "城东村" not in village.words
    for code in (EAST, EAST_VILLAGE, TOWN, "3204", "none"):
        for path in ("", "/boards", "/appoint"):
            assert (await secretary.opens(f"/console/regions/{code}{path}")).status == 404, (code, path)
    assert (await commander.opens(f"/console/regions/{EAST}")).status == 200
    assert "没有人在岗" in (await commander.opens(f"/console/regions/{EAST}")).words
    assert (
        "东一网格" not in (await secretary.opens("/console/regions?q=东一")).text.split("<table")[-1].split("empty")[0]
    )
    assert "东一网格" in (await commander.opens("/console/regions?q=东一")).words
    grid = await secretary.opens(f"/console/regions/{GRID}")
    assert "138****0001" in grid.words
    assert PHONES["worker"] not in grid.text


async def test_a_grid_worker_has_no_console(street: Street, stranger: Clerk) -> None:
    del street
    for path in ("/console/regions", f"/console/regions/{GRID}", "/console/leaves", "/console/regions/import"):
        assert (await stranger.opens(path)).path.startswith("/console/sign-in"), path


async def test_nobody_appoints_above_themselves_nor_beside(street: Street, comes_in: ComesIn) -> None:
    clerk = await comes_in("secretary")
    village = await clerk.opens(f"/console/regions/{VILLAGE}/appoint")
    assert "不归您安排" in village.words
    token = (await clerk.opens(f"/console/regions/{GRID}/appoint")).hidden(f"/console/regions/{GRID}/appoint")
    given = {"name": "新人", "phone": "13811112222"}
    for code, duty, status in (
        (VILLAGE, "village_agent", 403),
        (GRID, "admin", 403),
        (TOWN, "commander", 404),
        (EAST, "grid_worker", 404),
    ):
        page = await clerk.sends(f"/console/regions/{code}/appoint", {**token, **given, "duty": duty})
        assert page.status == status, (code, duty, page.words)
    chief, boss = await post_of("chief"), await post_of("commander")
    assert (await clerk.opens(f"/console/posts/{chief.id}/replace")).status == 403
    assert (await clerk.opens(f"/console/posts/{boss.id}/end")).status == 404
    assert not await Person.filter(name="新人").exists()
    inspector = await comes_in("inspector")
    assert (await inspector.opens(f"/console/regions/{GRID}")).status == 200
    assert (await inspector.opens(f"/console/posts/{(await post_of('worker')).id}/end")).status == 403
    assert await street.desk.cases.rehome() == 0


async def test_a_replaced_workers_cases_and_board_are_the_new_ones_and_can_be_given_back(
    street: Street, comes_in: ComesIn
) -> None:
    first, second, beside = await street.files(), await street.files(), await street.files(grid=SECOND)
    worker = await street.actor("worker")
    await street.desk.cases.act(worker, first.number or 0, Action.ACCEPT)
    await street.desk.scenes.ticket_for(GRID)
    prints: Prints = street.desk.prints
    before = [one async for one in prints.versions([GRID])]
    await prints.note({GRID: before[0].fingerprint})
    held, clerk = await post_of("worker"), await comes_in("secretary")
    path = f"/console/posts/{held.id}/replace"
    assert "2 件在办会转给新来的人" in (await clerk.opens(path)).words

    new = {"name": "孙新人", "phone": "138 1111 2222"}
    page = await sends(clerk, path, **new)
    assert page.path.startswith(f"/console/regions/{GRID}?done=replaced")
    assert "2 件没办完的诉求已经转给现在在岗的人" in page.words
    person = await Person.get(name="孙新人")
    assert person.phone
    assert "13811112222" not in person.phone
    assert {(await Case.get(id=one.id)).holder_id for one in (first, second)} == {person.id}
    assert (await Case.get(id=beside.id)).holder_id == (await street.actor("cover")).person_id
    board = await street.desk.boards.of_grid(GRID)
    assert [one.name for one in board.workers] == ["孙新人"]
    assert [one.board.code for one in await prints.to_reprint([GRID])] == [GRID]
    assert (await post_of("cover")).cover_id == person.id

    undo = page.hidden(f"/console/posts/{(await HeldDuty.get(person_id=person.id)).id}/back")
    page = await clerk.sends(f"/console/posts/{(await HeldDuty.get(person_id=person.id)).id}/back", undo)
    assert "已经换回来了" in page.words
    assert {(await Case.get(id=one.id)).holder_id for one in (first, second)} == {worker.person_id}
    assert [one.name for one in (await street.desk.boards.of_grid(GRID)).workers] == [NAMES["worker"]]
    assert await prints.to_reprint([GRID]) == []
    assert (await post_of("cover")).cover_id == worker.person_id


async def test_the_same_form_twice_counts_once_and_a_forged_one_never(street: Street, comes_in: ComesIn) -> None:
    del street
    held, clerk = await post_of("worker"), await comes_in("secretary")
    path = f"/console/posts/{held.id}/replace"
    given = {**(await clerk.opens(path)).hidden(path), "name": "孙新人", "phone": "13811112222"}
    assert (await clerk.sends(path, {**given, "csrf": "x" * 22})).status == 403
    assert (await clerk.sends(path, given, **{"Sec-Fetch-Site": "cross-site"})).status == 403
    assert not await Person.filter(name="孙新人").exists()
    first = await clerk.sends(path, given)
    again = await clerk.sends(path, given)
    assert (again.path, again.status) == (first.path, 200)
    assert await HeldDuty.filter(region_id=held.region_id).count() == 2
    changed = await clerk.sends(path, {**given, "name": "别人"})
    assert changed.status == 422
    assert "刚才已经提交过" in changed.words


async def test_what_is_wrong_is_said_beside_what_was_typed(street: Street, comes_in: ComesIn) -> None:
    del street
    clerk, held = await comes_in("secretary"), await post_of("worker")
    path = f"/console/posts/{held.id}/replace"
    for fields, words in (
        ({"name": "", "phone": "13811112222"}, "还没写姓名"),
        ({"name": "孙新人", "phone": "1381"}, "电话号码不对"),
        ({"name": "孙新人", "phone": PHONES["chief"]}, "登记的是另一个名字"),
        ({"name": NAMES["worker"], "phone": PHONES["worker"]}, "本来就在这个岗位上"),
    ):
        page = await sends(clerk, path, **fields)
        assert page.status in {409, 422}, words
        assert words in page.words
        assert f'value="{fields["phone"]}"' in page.text
        assert NAMES["chief"] not in page.text
    appoint = f"/console/regions/{GRID}/appoint"
    page = await sends(clerk, appoint, duty="grid_worker", name="孙新人", phone="13811112222")
    assert "一格一员" in page.words
    assert not await Person.filter(name="孙新人").exists()


async def test_a_post_that_ends_leaves_its_cases_to_the_cover_and_is_reopened_by_one_click(
    street: Street, comes_in: ComesIn
) -> None:
    case = await street.files()
    held, clerk = await post_of("worker"), await comes_in("secretary")
    assert "1 件在办会转给王秀兰" in (await clerk.opens(f"/console/posts/{held.id}/end")).words
    page = await sends(clerk, f"/console/posts/{held.id}/end")
    assert "已经离岗" in page.words
    assert (await Case.get(id=case.id)).holder_id == (await street.actor("cover")).person_id
    assert (await Region.get(code=GRID)).vacant_since is not None
    page = await clerk.sends(f"/console/posts/{held.id}/back", page.hidden(f"/console/posts/{held.id}/back"))
    assert "已经回到岗位上" in page.words
    assert [one.duty.value for one in (await street.actor("worker")).duties] == ["grid_worker"]
    assert (await Region.get(code=GRID)).vacant_since is None


async def test_without_a_code_to_scan_an_invitation_is_words_and_their_picture(
    street: Street, comes_in: ComesIn
) -> None:
    street.world.faults.order({"path": "/cgi-bin/qrcode/create", "errcode": 45009, "times": 1})
    clerk, held = await comes_in("secretary"), await post_of("worker")
    path = f"/console/posts/{held.id}/invite"
    given = (await clerk.opens(f"/console/regions/{GRID}")).hidden(path)
    page, again = await clerk.sends(path, given), await clerk.sends(path, given)
    code = page.text.split('<b class="no">')[1][:9]
    assert code in again.text
    assert "给不出能直接扫的码" in again.words
    where = page.text.split('<img src="')[1].split('"')[0]
    async with clerk._session.get(f"{clerk.service}{where}") as answer:
        assert answer.headers["Content-Type"] == "image/png"
        assert read(Image.open(BytesIO(await answer.read()))) == f"绑定 {code}"
    one = await street.follower("李卫国")
    bound = await street.desk.people.bind((await street.identity(one)).id, code)
    assert bound.name == NAMES["worker"]
    clerk.forgets()
    assert (await clerk.opens(where)).path.startswith("/console/sign-in")


async def test_a_page_of_many_villages_costs_a_dozen_statements_at_most(street: Street, comes_in: ComesIn) -> None:
    lines = ["code,name,level,parent_code,kind"]
    for village in range(60):
        lines.append(f"V{village:03d},新村{village},village,{TOWN},")
        lines += [f"V{village:03d}G{grid:02d},第{grid}网格,grid,V{village:03d},comprehensive" for grid in range(15)]
    await street.desk.imports.run("\n".join(lines).encode(), None)
    rings = [[120 + 0.01 * (n % 20), 31 + 0.01 * (n // 20)] for n in range(150)]
    grids = await Region.filter(code__startswith="V00", level=1).order_by("code").limit(150)
    await Boundary.bulk_create(
        [
            Boundary(region_id=one.id, ring=[[x, y], [x + 0.01, y], [x + 0.01, y + 0.01], [x, y + 0.01]])
            for one, (x, y) in zip(grids, rings, strict=True)
        ]
    )
    await street.files()
    clerk = await comes_in("commander")
    held = await post_of("worker")
    cost = {}
    for path in (
        "regions",
        f"regions/{TOWN}?after=V010",
        "regions?q=新村1",
        "regions/V000",
        "regions/V000G01",
        f"regions/{GRID}",
        "regions/V000/boards",
        f"regions/{TOWN}/boards",
        f"posts/{held.id}/replace",
        f"posts/{held.id}/leave",
        "leaves",
        "regions/import",
    ):
        with statements() as count:
            page = await clerk.opens(f"/console/{path}")
        assert page.status == 200, path
        assert len(page.text.encode()) < MOST_BYTES, path
        cost[path] = count[0]
    assert min(cost.values()) >= 1
    assert {where: times for where, times in cost.items() if times > MOST_STATEMENTS} == {}
    assert "下一页" in (await clerk.opens("/console/regions")).words
    assert (await clerk.opens("/console/regions/V000")).text.count("<path") == 15
