"""Exit in the chat: what is said to the worker, and how they are heard."""

from datetime import UTC, datetime
from pathlib import Path

from models import ExitProposal, Objection, Person, Region
from tests.bot.transcript import Stage
from tests.factories import TOWN, make_town
from tests.phone import Wechat

WORDS = """# 退出前的说明
登场> 网格员、居民（第一网格）
网格员> 异议
< 请把原因写在“异议”后面，例如：异议 去年下半年照顾住院的母亲
网格员> 我有异议：去年下半年照顾住院的母亲
< 记下了，原话转给镇里。指挥长看过才定，结果会在这里告诉您。
网格员> 异议 还有一句
< 您的说明镇里已经收到了，正在看。还有要补充的，请直接找指挥长。
"""


async def test_a_worker_is_heard_once_and_word_for_word(wechat: Wechat, tmp_path: Path) -> None:
    town = await make_town(wechat.desk)
    now = datetime(2028, 1, 1, tzinfo=UTC)
    await ExitProposal.create(
        town_id=(await Region.get(code=TOWN)).id,
        person_id=(await Person.get(name="李卫国")).id,
        year=2027,
        made_at=now,
        object_until=now,
    )
    written = tmp_path / "exits.txt"
    written.write_text(WORDS, "utf-8")
    await Stage(wechat, town).play(written)
    assert [one.reason for one in await Objection.all()] == ["去年下半年照顾住院的母亲"]
