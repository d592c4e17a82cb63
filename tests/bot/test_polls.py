"""Polls in the chat, as a resident of seventy would answer them."""

from datetime import timedelta
from pathlib import Path

from models import Person, PollVoter
from services.polls import NewPoll
from tests.bot.transcript import Stage
from tests.factories import VILLAGE, make_town
from tests.phone import Wechat

FIRST = """# 回“投票”一项一项地看，回数字就投；不记名，不能改。
登场> 网格员、居民（第一网格）
居民> 投票
< 【城西村】大扫除放在哪天？
| 两天都有志愿者。
| 1. 周六上午
| 2. 周日上午
| 选哪个就回前面的数字。… 截止；投票不记名，投了不能改。
| 还有 1 项，投完这项再给您看。
居民> 3
< 请回前面的数字，选一项：
| 1. 周六上午
| 2. 周日上午
| 先不投也没关系，想投的时候再回：投票
居民> ２
< 已经投好了，谢谢您！到现在：
| 大扫除放在哪天？（1 人投了，… 截止）
| · 周六上午：0 票
| · 周日上午：1 票
| 还有 1 项等您投，请再回：投票
居民> 投票
< 【城西村】添哪几样健身器材？
| …（可以选 2 项，例如回：1 2）…
居民> 1、3
< 已经投好了，谢谢您！到现在：
| …单杠：1 票
| …
居民> 投票
< 投票的结果：
|
| 添哪几样健身器材？（1 人投了，…
| …
网格员> 投票
< 现在没有要大家投票的事。有了会在社区动态里告诉您。
"""


async def test_one_question_after_the_other_and_a_number_answers_it(wechat: Wechat, tmp_path: Path) -> None:
    town = await make_town(wechat.desk)
    await ask(wechat, "大扫除放在哪天？", ("周六上午", "周日上午"), text="两天都有志愿者。")
    await ask(wechat, "添哪几样健身器材？", ("单杠", "乒乓球桌", "跑步机"), most=2)
    written = tmp_path / "polls.txt"
    written.write_text(FIRST, "utf-8")
    await Stage(wechat, town).play(written)
    assert await PollVoter.all().count() == 2


async def ask(wechat: Wechat, title: str, options: tuple[str, ...], *, most: int = 1, text: str = "") -> None:
    desk = wechat.desk
    closes = desk.clock.now() + timedelta(days=3)
    actor = await desk.people.actor((await Person.get(name="赵建军")).id)
    await desk.polls.ask(actor, NewPoll(VILLAGE, title, options, closes, text=text, most=most))
