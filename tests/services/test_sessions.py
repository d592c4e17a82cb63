"""Sign-ins of the mini program, at the service."""

import asyncio

import pytest

from app.bootstrap import House
from domain.errors import NotSignedIn
from models import Identity, Person, Session
from sandbox.world import World
from services.desk import Desk
from services.people import MINI, OFFICIAL
from tests.factories import Town


def login_code(world: World, phone: int) -> str:
    return world.logins.make(phone, "login", world.clock.now()).text


async def test_signing_in_again_is_the_same_person_with_another_token(desk: Desk, world: World) -> None:
    phone = world.phones.make("王阿姨").id
    one = await desk.sessions.sign_in(login_code(world, phone))
    other = await desk.sessions.sign_in(login_code(world, phone))
    assert one.actor.person_id == other.actor.person_id
    assert one.token != other.token
    assert len(one.token) >= 43
    assert (await desk.sessions.who(one.token)).person_id == (await desk.sessions.who(other.token)).person_id


async def test_many_first_sign_ins_at_once_make_one_person(desk: Desk, world: World) -> None:
    phone = world.phones.make("王阿姨").id
    made = await asyncio.gather(*(desk.sessions.sign_in(login_code(world, phone)) for _ in range(8)))
    assert len({one.actor.person_id for one in made}) == 1
    assert await Person.all().count() == 1
    assert await Identity.all().count() == 1


async def test_who_chats_and_opens_the_mini_program_is_one_person(desk: Desk, world: World, house: House) -> None:
    phone = world.phones.make("王阿姨")
    appid = house.settings.wechat.official.appid
    in_chat = await desk.people.known(phone.openid, appid, OFFICIAL, unionid=phone.unionid)
    signed_in = await desk.sessions.sign_in(login_code(world, phone.id))
    assert signed_in.actor.person_id == in_chat.person_id
    kinds = await Identity.filter(person_id=in_chat.person_id).values_list("kind", flat=True)
    assert sorted(str(kind) for kind in kinds) == [MINI, OFFICIAL]


async def test_a_token_follows_its_owner_when_two_accounts_become_one(desk: Desk, world: World, town: Town) -> None:
    signed_in = await desk.sessions.sign_in(login_code(world, world.phones.make("李卫国").id))
    assert not signed_in.actor.is_staff
    await desk.sessions.bind(signed_in.actor, await town.invitation("worker"))
    who = await desk.sessions.who(signed_in.token)
    assert (who.name, who.is_staff) == ("李卫国", True)
    assert who.person_id != signed_in.actor.person_id


async def test_an_unknown_token_is_nobody(desk: Desk) -> None:
    for token in ("", "x", "\ud800", "路灯"):
        with pytest.raises(NotSignedIn):
            await desk.sessions.who(token)


async def test_what_has_expired_is_forgotten_and_the_rest_is_not(desk: Desk, world: World) -> None:
    assert desk.moved_clock is not None
    phone = world.phones.make("王阿姨").id
    await desk.sessions.sign_in(login_code(world, phone))
    await desk.moved_clock.advance(20 * 86400)
    later = await desk.sessions.sign_in(login_code(world, world.phones.make("李奶奶").id))
    assert await desk.sessions.forget_old() == 0
    await desk.moved_clock.advance(11 * 86400)
    assert await desk.sessions.forget_old() == 1
    assert await Session.all().count() == 1
    assert (await desk.sessions.who(later.token)).person_id == later.actor.person_id
