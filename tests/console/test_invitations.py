"""邀请绑微信 by a scan: whoever scans is asked, one yes binds, once; the code that is typed keeps working beside it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from io import BytesIO

from PIL import Image

from models import HeldDuty, Identity, Invite, Person
from qrcodes.drawing import reads
from services.people import INVITE_LIFE
from tests.console.clerk import Clerk
from tests.factories import GRID, PHONES
from tests.phone import Wechat
from tests.services.conftest import NAMES, Street

ComesIn = Callable[[str], Awaitable[Clerk]]


async def invited(street: Street, who: str = "worker") -> tuple[str, str]:
    """The code and the scene of a new invitation."""
    code, url = await street.desk.invitations.invite(PHONES[who])
    assert url
    return code, f"bind-{code.replace('-', '')}"


async def bound_to(who: str) -> int:
    person = await Person.get(name=NAMES[who])
    return await Identity.filter(person_id=person.id, kind="official").count()


async def test_the_posts_page_gives_a_code_of_the_invitations_life_and_a_scan_asks_before_it_binds(
    street: Street, wechat: Wechat, comes_in: ComesIn
) -> None:
    clerk = await comes_in("secretary")
    held = await HeldDuty.get(person__name=NAMES["worker"])
    path = f"/console/posts/{held.id}/invite"
    page = await clerk.sends(path, (await clerk.opens(f"/console/regions/{GRID}")).hidden(path))
    code = page.text.split("<b>绑定 ")[1][:9]
    scene = street.world.scenes.find(f"bind-{code.replace('-', '')}")
    assert scene is not None
    assert (scene.expires_at or 0) - scene.made_at == INVITE_LIFE.total_seconds()
    where = page.text.split('<img src="')[1].split('"')[0]
    async with clerk._session.get(f"{clerk.service}{where}") as answer:
        assert reads(Image.open(BytesIO(await answer.read())), scene.url)
    phone = await wechat.phone("路过的", follow=False)
    asked = await phone.scan(scene.scene)
    assert ("李**" in asked, "第一网格" in asked, NAMES["worker"] in asked, code in asked) == (True, True, False, False)
    assert await bound_to("worker") == 0
    assert "没有绑定" in await phone.say("2")
    assert (await bound_to("worker"), (await Invite.get()).used_at) == (0, None)
    street.world.clock.advance(1)  # the same event in the same second would be WeChat's own second try
    await phone.scan(scene.scene)
    assert f"{NAMES['worker']}，绑定好了" in await phone.say("1")
    assert await bound_to("worker") == 1
    street.world.clock.advance(1)
    assert "已经用过" in await (await wechat.phone("别人")).scan(scene.scene)


async def test_of_two_who_say_yes_at_once_one_is_bound_and_the_other_told(street: Street, wechat: Wechat) -> None:
    _, scene = await invited(street)
    phones = [await wechat.phone("甲"), await wechat.phone("乙")]
    for phone in phones:
        assert "回 1 绑定" in await phone.scan(scene)
    answers = await asyncio.gather(*(phone.say("1") for phone in phones))
    assert sorted("绑定好了" in one for one in answers) == [False, True]
    assert sum("已经用过" in one for one in answers) == 1
    assert (await bound_to("worker"), await Identity.filter(bind_tries__gt=0).count()) == (1, 0)


async def test_a_code_that_is_old_used_or_followed_by_another_binds_nobody(street: Street, wechat: Wechat) -> None:
    phone = await wechat.phone("李卫国")
    _, scene = await invited(street)
    await phone.scan(scene)
    code, newer = await invited(street)
    assert "已经用过，或者过期" in await phone.say("1")
    await phone.scan(newer)
    await wechat.staff("李卫国二号", code)
    assert "已经用过，或者过期" in await phone.say("1")
    _, late = await invited(street, "cover")
    await phone.scan(late)
    await street.advance(timedelta(minutes=11).total_seconds())
    assert "绑定好了" not in await phone.say("1")
    await Invite.filter(used_at=None).update(expires_at=street.desk.clock.now())  # WeChat would still take the code
    assert "已经用过，或者过期" in await phone.scan(late)
    assert await bound_to("cover") == 0


async def test_another_workers_wechat_is_told_whose_it_is_and_ones_own_has_nothing_to_do(
    street: Street, wechat: Wechat
) -> None:
    cover = await wechat.staff(NAMES["cover"], await street.desk.people.invite(PHONES["cover"]))
    _, own = await invited(street, "cover")
    assert "已经绑好了" in await cover.scan(own)
    _, scene = await invited(street)
    assert "现在绑的是王**" in await cover.scan(scene)
    assert "没有绑定" in await cover.say("不是")
    assert (await bound_to("cover"), await bound_to("worker")) == (1, 0)
    # Whoever has guessed codes waits, also where they scan one.
    for number in range(5):
        await cover.say(f"绑定 AAAA-AAA{number}")
    street.world.clock.advance(1)
    assert "回 1" not in await cover.scan(scene)
