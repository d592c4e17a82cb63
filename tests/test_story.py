"""The main job from the board on the wall to the rating, through the real doors."""

from tests.factories import GRID, Town
from tests.phone import Wechat


async def test_a_resident_is_helped_and_everybody_concerned_is_told_once(wechat: Wechat, town: Town) -> None:
    worker = await wechat.staff("李卫国", await town.invitation("worker"))
    resident = await wechat.phone("王阿姨", follow=False)
    scene = (await wechat.desk.scenes.ticket_for(GRID)).scene
    greeting = await resident.scan(scene)
    assert "第一网格" in greeting
    assert "李卫国" in greeting
    assert "1段文字" in await resident.say("路灯坏了，晚上看不见")
    assert "1张照片" in await resident.photo()
    filed = await resident.say("提交")
    assert "№1001" in filed
    await wechat.jobs()
    assert any("№1001" in text and "新诉求" in text for text in await worker.news())
    assert "№1001" in await worker.say("待办")
    assert "已受理" in await worker.say("受理 1001")
    await wechat.jobs()
    assert any("受理" in text for text in await resident.news())
    assert "已转给居民" in await worker.say("回复 1001 明天上午去修")
    assert "已办结" in await worker.say("办结1001：修好了")
    await wechat.jobs()
    told = await resident.news()
    assert [("明天上午去修" in text, "办好了" in text) for text in told] == [(True, False), (False, True)]
    assert "谢谢" in await resident.say("5")
    await wechat.jobs()
    assert ["5 分" in text for text in await worker.news()] == [True]
