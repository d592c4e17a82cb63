"""The page behind a board's code: for whoever comes without WeChat, and for codes that lead nowhere."""

import re

import pytest

from app.bootstrap import House
from models import Person, Region
from sandbox.world import World
from services.transaction import rows
from tests.factories import GRID
from tests.pages.conftest import Visitor

WECHAT = {"User-Agent": "Mozilla/5.0 (iPhone) AppleWebKit/605 MicroMessenger/8.0.49"}
LINK = "/wxa/generate_urllink"


@pytest.fixture
async def scene(house: House, visitor: Visitor) -> str:
    made = (await house.desk.scenes.ticket_for(GRID)).scene
    mini = house.settings.wechat.miniprogram
    await house.cache.delete(f"wechat:token:{mini.appid}")
    await house.cache.delete(f"wangge:link:{mini.appid}:{mini.env_version}:{made}")
    return made


async def scanned(scene: str) -> dict[str, int]:
    found = await rows(
        "SELECT door, sum(count)::int AS n FROM scan_count c JOIN scene s ON s.id = c.scene_id WHERE s.scene = $1 "
        "GROUP BY door",
        scene,
    )
    return {one["door"]: one["n"] for one in found}


async def test_the_page_says_who_is_there_how_to_ask_and_holds_the_code(
    visitor: Visitor, house: House, scene: str
) -> None:
    await house.desk.board_facts.people(b"phone,office_phone\n13800000001,0519-8654 0013\n", {})
    await Region.filter(code=GRID).update(area="东至太滆路")
    page = await visitor.opens(f"/q/{scene}")
    assert page.status == 200
    for said in ("第一网格", "城西村", "李卫国", "赵建军", "东至太滆路", "在微信里打开", "<svg"):
        assert said in page.text
    assert 'href="tel:051986540013"' in page.text
    assert "138" not in re.sub(r"<svg.*?</svg>", "", page.text, flags=re.DOTALL)
    assert "script" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert await scanned(scene) == {"page": 1}


async def test_what_people_are_called_cannot_become_part_of_the_page(visitor: Visitor, scene: str) -> None:
    await Person.filter(name="李卫国").update(name="<img src=x>&李")
    page = await visitor.opens(f"/q/{scene}")
    assert "<img" not in page.text
    assert "&lt;img src=x&gt;&amp;李" in page.text


async def test_inside_wechat_it_goes_straight_on_into_the_mini_program(visitor: Visitor, scene: str) -> None:
    page = await visitor.opens(f"/q/{scene}", headers=WECHAT)
    assert page.status == 302
    assert page.headers["Location"].startswith("https://wxaurl.cn/")
    again = await visitor.opens(f"/q/{scene}/wechat")
    assert (again.status, again.headers["Location"]) == (302, page.headers["Location"])
    assert await scanned(scene) == {"page": 1}


async def test_where_wechat_gives_no_link_the_page_says_to_press_on_the_code(
    visitor: Visitor, world: World, scene: str
) -> None:
    world.faults.order({"path": LINK, "errcode": 48001, "times": 9})
    page = await visitor.opens(f"/q/{scene}", headers=WECHAT)
    assert page.status == 200
    assert "长按上面的码" in page.text
    assert "在微信里打开" not in (await visitor.opens(f"/q/{scene}")).text
    back = await visitor.opens(f"/q/{scene}/wechat")
    assert (back.status, back.headers["Location"]) == (302, f"/q/{scene}")


async def test_a_retired_code_is_gone_and_says_whose_it_was(visitor: Visitor, house: House, scene: str) -> None:
    await house.desk.scenes.retire(GRID)
    for path in (f"/q/{scene}", f"/q/{scene}/wechat"):
        page = await visitor.opens(path)
        assert page.status == 410
        assert "城西村第一网格" in page.text
        assert "停用" in page.text
    assert await scanned(scene) == {}


async def test_an_unknown_code_is_not_found_with_words_that_help(visitor: Visitor) -> None:
    for name in ("w10j9", "w10j8", "x", "%00", "%ff", "%F0%9F%98%80", "w" + "1" * 300, "网格"):
        page = await visitor.opens(f"/q/{name}")
        assert page.status == 404, name
        assert "12345" in page.text


async def test_a_look_by_a_program_does_not_count(visitor: Visitor, scene: str) -> None:
    page = await visitor.opens(f"/q/{scene}", method="HEAD")
    assert page.status == 200
    assert await scanned(scene) == {}


async def test_when_wechat_gives_no_code_yet_the_page_asks_to_come_again(
    visitor: Visitor, world: World, house: House, scene: str
) -> None:
    await rows("UPDATE scene SET url = '' WHERE scene = $1", scene)
    world.faults.order({"path": "/cgi-bin/qrcode/create", "errcode": 45009, "times": 1})
    page = await visitor.opens(f"/q/{scene}")
    assert page.status == 503
    assert page.headers["Retry-After"] == "5"
    assert "过几分钟再试" in page.text
