"""A printed board through the real chat: who scans it years later is led to whoever is there now."""

from models import HeldDuty
from services.transaction import rows
from tests.factories import GRID, STAFF, TOWN
from tests.phone import Wechat


async def test_a_worker_is_replaced_the_printed_code_leads_to_the_successor_and_the_board_is_listed(
    wechat: Wechat, town: object
) -> None:
    desk = wechat.desk
    printed = await desk.scenes.ticket_for(GRID)
    codes = await desk.scenes.under(TOWN)
    await desk.prints.note({one.board.code: one.fingerprint async for one in desk.prints.versions(codes)})
    before = await wechat.phone("王阿姨", follow=False)
    assert "李卫国" in await before.scan(printed.url)

    staff = STAFF.replace("李卫国,13800000001,grid_worker", "孙小梅,13800000009,grid_worker")
    staff = staff.replace("32041210120102,13800000001", "32041210120102,13800000009")
    await desk.imports.run(None, staff.encode())
    today = desk.clock.now().date()
    await HeldDuty.filter(person__name="李卫国").delete()

    after = await wechat.phone("陈大叔", follow=False)
    said = await after.scan(printed.url)
    assert "孙小梅" in said
    assert "李卫国" not in said
    await after.say("路灯坏了")
    assert "孙小梅" in await after.say("提交")
    assert [one.board.code for one in await desk.prints.to_reprint(codes)] == [GRID]
    counted = await rows("SELECT door, day, sum(count)::int AS n FROM scan_count GROUP BY door, day")
    assert [(one["door"], one["n"]) for one in counted] == [("chat", 2)]
    assert abs((counted[0]["day"] - today).days) <= 1


async def test_a_retired_board_is_said_to_be_so_and_binds_nobody(wechat: Wechat, town: object) -> None:
    printed = await wechat.desk.scenes.ticket_for(GRID)
    await wechat.desk.scenes.retire(GRID)
    phone = await wechat.phone("王阿姨", follow=False)
    said = await phone.scan(printed.url)
    assert "停用" in said
    assert "城西村第一网格" in said
    assert "网格码" in await phone.say("路灯坏了") + await phone.say("提交")
    assert await rows("SELECT 1 FROM scan_count") == []
