"""Admission in the chat: the list, and a word about what is not on it."""

from pathlib import Path

from domain.admission import Every, Move, Wish
from models import Person, UnadmittedTask
from tests.bot.transcript import Stage
from tests.factories import TOWN, VILLAGE, make_town
from tests.phone import Wechat

STAFF = f"""name,phone,duty,region_code,cover_phone,department
城管小陈,13800000021,department_officer,{TOWN},,城管办
县指挥,13800000024,commander,320412,,
"""
WORDS = """# 准入清单
登场> 网格员、居民（第一网格）
网格员> 准入
< 部门可以请网格做的事：
| · 城管办：查九小场所（每季）
|   依据：消防法第六条
| 有部门要您做单子上没有的事，请回：没有准入 哪个部门要您做什么
网格员> 没有准入
< 请写清楚哪个部门要您做什么，例如：没有准入 城管办要我贴罚单
网格员> 没有准入 城管办要我贴罚单
< 记下了，已经转给镇里核实。没有准入的事，您可以先不做。
"""


async def test_a_worker_sees_the_list_and_reports_what_is_not_on_it(wechat: Wechat, tmp_path: Path) -> None:
    town, desk = await make_town(wechat.desk), wechat.desk
    await desk.imports.run(None, STAFF.encode())
    officer, commander, above = [
        await desk.people.actor((await Person.get(name=name)).id) for name in ("城管小陈", "孙指挥", "县指挥")
    ]
    wish = Wish(VILLAGE, "查九小场所", "每季查一遍", "消防法第六条", Every.QUARTER, "每户 5 元")
    item = await desk.admissions.ask(officer, wish)
    await desk.admissions.move(commander, item.id, Move.REVIEW)
    await desk.admissions.move(above, item.id, Move.ADMIT)
    written = tmp_path / "admission.txt"
    written.write_text(WORDS, "utf-8")
    await Stage(wechat, town).play(written)
    assert [one.text for one in await UnadmittedTask.all()] == ["城管办要我贴罚单"]
