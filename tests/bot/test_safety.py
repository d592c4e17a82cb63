"""What is looked at first, in the chat."""

from pathlib import Path

import pytest

from app.settings import Settings
from tests.bot.transcript import Stage
from tests.factories import make_town
from tests.phone import Wechat

STORY = """# 有些话镇里先看一看：居民知道，网格员看不到，放行以后照常办。
登场> 网格员、指挥长、居民（第一网格）
居民> 有人在楼道贴代 开 发 票的广告
居民> 提交
< 已收到，编号 №1001。里面有些话要请镇里的工作人员先看一看，看过就转给网格员，结果马上告诉您。…
指挥长< 第一网格新来的 №1001 里有些话要请您先看一看，网格员现在还看不到。
| …
网格员> 1001
< 没有找到 №1001…
网格员> 待审
< 现在没有要您先看的内容。
指挥长> 待审
< 要先看一看的：
| · №1001 有人在楼道贴代 开 发 票的广告 等您看
| …放行 1001；不合适：不放行 1001 原因
指挥长> 受理 1001
< №1001 还在等人先看一看，请先回“放行 1001”…
指挥长> 不放行 1001
< 请写明原因…
指挥长> 放行 1001
< №1001 已放行，交给李卫国办理，也告诉反映的人了。
网格员< 新诉求 №1001…
居民< 您反映的 №1001 已经看过，转给李卫国办理，最晚 … 受理。
指挥长> 放行 1001
< №1001 现在不用先看…
居民> 新诉求 代开发票找我
居民> 提交
< 已收到，编号 №1002。里面有些话…
指挥长< 第一网格新来的 №1002 里…
| …
指挥长> 不放行 1002 这是广告
< №1002 没有放行，原因已经告诉反映的人…
居民< …№1002…没有受理…
| …
"""


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    words = tmp_path / "words.txt"
    words.write_text("代开发票\n", "utf-8")
    return Settings.model_validate({**settings.model_dump(), "safety": {"words": words}})


async def test_the_town_looks_first_and_everybody_is_told_how_it_stands(wechat: Wechat, tmp_path: Path) -> None:
    written = tmp_path / "safety.txt"
    written.write_text(STORY, "utf-8")
    await Stage(wechat, await make_town(wechat.desk)).play(written)
