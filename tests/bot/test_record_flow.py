"""Records in the chat: what people write is understood, waits sealed, and is written down once."""

import json
from pathlib import Path

import pytest

from bot.record_words import ORDER, value_of, values_of
from models import BaseRecord, Identity, Person, RecordProposal
from services.records import Kind
from tests.bot.transcript import Stage
from tests.factories import GRID, make_town
from tests.phone import Wechat

ENTER = "登场> 网格员、居民（第一网格）\n"
HALF_WAY = """网格员> 登记户
< …
网格员> 3幢201
< …
网格员> 王建国 13811112222
< 常住几口人？…
"""
THE_REST = """网格员> 登记
< 常住几口人？…
网格员> 3
< 户籍地址…
网格员> 无
< 是新来的…
网格员> 否
< 要登记的户：3幢201…
网格员> 确认
< 登记好了…
网格员> 确认
< …
"""
CORRECTS = """居民> 更正信息
< 3幢201：
| 1. 户主：王建国
| 2. 电话：138****2222
| 3. 人数：3
| 4. 户籍地址：（空）
| 哪一项不对，回前面的数字；不改了回：取消
居民> 3
< 正确的人数是什么？…
居民> 路灯坏了
< 人数请回数字，例如：3。换一项回：上一步；要说别的事，先回：取消
居民> 我家四口人
< 人数请回数字…
居民> 四口人
< 您要更正：人数 → 4…
居民> 确认
< 记下了，网格员核实以后会告诉您结果。…
居民> 我的信息
< 3幢201：…（您要更正的：人数 4，等网格员核实）…
网格员> 基础数据
< 居民要求更正 1 处，…
| 1. 3幢201：人数 3 → 4
网格员> 更正 1 不同意
< 请先回“基础数据”看名单…
网格员> 更正 1 同意
< 改好了，居民会收到消息。
居民< 您要更正的信息（3幢201），网格员核实过，已经改好了。…
网格员> 更正 1 同意
< 这一处已经定过了，不用再回。…
居民> 撤掉信息
< 3幢201：
| 1. 电话：138****2222
| 2. 人数：4
| …
居民> 2
< 撤掉人数，马上就删…
居民> 确认
< 人数已经删掉了…
居民> 撤掉信息
< …
居民> 算了
< 好的，没有改动。
居民> 路灯坏了
< 记下了，现在有1段文字。…
"""


@pytest.mark.parametrize(
    ("field", "said", "value"),
    [
        ("phone", "电话 138-1111-2222", "13811112222"),
        ("owner_phone", "房东的电话是0519 8312 3456", "051983123456"),
        ("phone", "12", None),
        ("people", "一共 12 口人", "12"),
        ("people", "十二个人", "12"),
        ("people", "两口", "2"),
        ("people", "路灯坏了", None),
        ("head", "  王　建国 ", "王 建国"),
    ],
)
def test_a_value_is_understood_as_people_write_it(field: str, said: str, value: str | None) -> None:
    assert value_of(field, said) == value


def test_several_things_at_once_go_where_they_belong() -> None:
    rental, household = ORDER[Kind.RENTAL], ORDER[Kind.HOUSEHOLD]
    assert values_of(rental, "陈芳，13833334444，刘强，13855556666，2人") == {
        "owner": "陈芳",
        "owner_phone": "13833334444",
        "tenant": "刘强",
        "tenant_phone": "13855556666",
        "people": "2",
    }
    assert values_of(household, "王建国 138 1111 2222") == {"head": "王建国", "phone": "13811112222"}
    assert values_of(household[3:], "雪堰镇，城西村 12 号") == {"registered_address": "雪堰镇，城西村 12 号"}
    assert values_of(household[1:], "不知道怎么写") is None


async def test_a_record_is_begun_goes_on_and_is_corrected_by_whom_it_is_about(wechat: Wechat, tmp_path: Path) -> None:
    stage = Stage(wechat, await make_town(wechat.desk))
    played = tmp_path / "play.txt"

    async def plays(text: str) -> None:
        played.write_text(text, "utf-8")
        await stage.play(played)

    await plays(ENTER + HALF_WAY)
    # What waits is about somebody: nothing of it can be read in the database.
    kept = json.dumps([one.pending for one in await Identity.exclude(pending=None)], ensure_ascii=False)
    assert "sealed" in kept
    assert "王建国" not in kept
    assert "13811112222" not in kept
    await plays(THE_REST)
    record = await BaseRecord.get()
    values = wechat.desk.records.opened_values(record.sealed)
    assert values == {"head": "王建国", "phone": "13811112222", "people": "3"}
    sealed = wechat.desk.own_records._cipher.seal("13811112222")
    await Person.filter(grid__code=GRID, name="").update(phone=sealed)
    await plays(CORRECTS)
    assert wechat.desk.records.opened_values((await BaseRecord.get()).sealed) == {
        "head": "王建国",
        "phone": "13811112222",
    }
    assert [one.state for one in await RecordProposal.all()] == ["taken"]
