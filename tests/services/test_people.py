"""Who is who: first contact, two accounts of one person, and what becomes of everything when they are joined."""

import asyncio

import pytest

from domain.errors import NotFound
from models import Case, CaseEvent, CaseMessage, Delivery, Identity, Person, Session
from services.cases import Filing
from services.drafts import Said
from services.merging import merge
from services.people import MINI, OFFICIAL
from services.ports import TryLater
from tests.factories import GRID
from tests.services.conftest import Follower, Street, at_once

USER_INFO = "/cgi-bin/user/info"


def appids(street: Street) -> tuple[str, str]:
    wechat = street.house.settings.wechat
    return wechat.official.appid, wechat.miniprogram.appid


async def signs_in(street: Street, one: Follower) -> int:
    """Open the mini program; returns the person."""
    now = street.world.clock.now()
    one.phone.mini_seen_at = now
    code = street.world.logins.make(one.phone.id, "login", now)
    return (await street.desk.sessions.sign_in(code.text)).actor.person_id


async def test_the_first_word_makes_one_person_however_often_it_comes_at_once(street: Street) -> None:
    phone = street.world.phones.make("王阿姨")
    phone.following = True
    before = await Person.all().count()
    heard = await at_once(*(street.desk.people.hear(phone.openid) for _ in range(6)))
    assert not [one for one in heard if isinstance(one, BaseException)]
    assert len({one.person_id for one in heard}) == 1
    assert await Person.all().count() == before + 1
    assert await Identity.filter(openid=phone.openid).count() == 1


async def test_a_new_person_is_known_since_the_services_own_now(street: Street) -> None:
    await street.advance(86400)
    one = await street.follower("王阿姨")
    person = await Person.get(id=one.person_id)
    assert abs((street.desk.clock.now() - person.created_at).total_seconds()) < 60


async def test_the_chat_first_and_the_mini_program_later_are_one_person(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    await street.work()
    assert (await street.identity(one)).unionid == one.phone.unionid
    assert await signs_in(street, one) == one.person_id
    assert await Identity.filter(person_id=one.person_id).count() == 2


async def test_the_mini_program_first_and_the_chat_later_are_one_person(street: Street) -> None:
    phone = street.world.phones.make("王阿姨")
    phone.following = True
    first = await signs_in(street, Follower(phone, 0))
    await street.desk.people.hear(phone.openid)
    await street.work()
    assert {one.person_id for one in await Identity.filter(unionid=phone.unionid)} == {first}
    assert await Identity.filter(person_id=first).count() == 2


async def test_both_doors_at_the_same_moment_make_one_person(street: Street) -> None:
    for number in range(4):
        one = await street.follower(f"居民{number}")
        done = await at_once(street.desk.people.learn_unionid(one.openid), signs_in(street, one))
        assert not [answer for answer in done if isinstance(answer, BaseException)], done
        identities = await Identity.filter(unionid=one.phone.unionid)
        assert len(identities) == 2
        assert len({identity.person_id for identity in identities}) == 1


async def test_learning_the_same_many_times_at_once_makes_one_person(street: Street) -> None:
    for number in range(3):
        one = await street.follower(f"居民{number}")
        mini = await street.desk.people.known(f"mini{number}", appids(street)[1], MINI)
        works = [street.desk.people.join(await Identity.get(id=mini.id), one.phone.unionid) for _ in range(3)]
        works += [street.desk.people.learn_unionid(one.openid) for _ in range(3)]
        done = await at_once(*works)
        assert not [answer for answer in done if isinstance(answer, BaseException)], done
        identities = await Identity.filter(unionid=one.phone.unionid)
        assert sorted(identity.openid for identity in identities) == sorted([one.openid, f"mini{number}"])
        assert {identity.person_id for identity in identities} == {one.person_id}


async def test_a_wechat_that_does_not_answer_is_asked_again_later(street: Street) -> None:
    one = await street.follower("王阿姨")
    street.fails(USER_INFO, status=503, times=1)
    with pytest.raises(TryLater):
        await street.desk.people.learn_unionid(one.openid)
    await street.desk.people.learn_unionid(one.openid)
    assert (await street.identity(one)).unionid == one.phone.unionid


async def test_a_refusal_for_good_is_not_asked_again(street: Street) -> None:
    one = await street.follower("王阿姨")
    street.fails(USER_INFO, errcode=40003)
    await street.desk.people.learn_unionid(one.openid)
    assert (await street.identity(one)).unionid is None


async def test_about_who_comes_back_wechat_is_asked_once_more(street: Street) -> None:
    street.fails(USER_INFO, errcode=40003, times=1)
    one = await street.follower("王阿姨")
    await street.work()
    await street.desk.people.unfollow(one.openid)
    assert (await street.identity(one)).unionid is None
    await street.taps(one)
    await street.work()
    assert (await street.identity(one)).unionid == one.phone.unionid


async def test_three_accounts_of_one_person_become_one(street: Street) -> None:
    """Two of them belong together already when the third is learnt."""
    official, mini = appids(street)
    known = [
        await street.desk.people.known(f"o{number}", appid, kind)
        for number, (appid, kind) in enumerate([(official, OFFICIAL), (mini, MINI), ("wx-other", MINI)])
    ]
    await Identity.filter(id__in=[known[1].id, known[2].id]).update(unionid="u1", person_id=known[1].person_id)
    await street.desk.people.join(await Identity.get(id=known[0].id), "u1")
    assert {one.person_id for one in await Identity.filter(unionid="u1")} == {known[0].person_id}
    assert not await Person.filter(id=known[1].person_id).exists()


async def test_a_resident_who_is_staff_in_the_other_account_becomes_the_member_of_staff(street: Street) -> None:
    worker = await street.binds("worker")
    await street.work()
    assert await signs_in(street, worker) == worker.person_id == (await street.actor("worker")).person_id


async def test_two_members_of_staff_are_never_made_one(street: Street) -> None:
    worker = await street.binds("worker")
    await street.work()
    cover = await Person.get(name="王秀兰")
    official, mini = appids(street)
    other = await Identity.create(person=cover, appid=mini, openid="m1", kind=MINI)
    await street.desk.people.join(other, worker.phone.unionid)
    assert (await Identity.get(id=other.id)).person_id == cover.id
    assert await Person.filter(phone_index__isnull=False, id__in=[cover.id, worker.person_id]).count() == 2
    assert official


async def filled(street: Street, name: str, said: str) -> Follower:
    """Somebody with a case, a draft, a photo, a message owed, and a sign-in."""
    one = await street.follower(name, grid=GRID)
    actor = await street.desk.people.actor(one.person_id)
    case = await street.desk.cases.file(actor, Filing(grid=GRID, description=said))
    await street.desk.cases.add(actor, case.number or 0, Said("text", f"{said}！"))
    await street.desk.cases.add(actor, case.number or 0, Said("photo", media_id=f"media-{name}"))
    heard = await street.desk.people.hear(one.openid)
    await street.desk.drafts.add(heard, Said("text", f"{said}的草稿"))
    await street.desk.drafts.add(heard, Said("photo", media_id=f"draft-{name}"))
    await street.owes(one, said)
    await Session.create(
        token_hash=name,
        person_id=one.person_id,
        created_at=street.desk.clock.now(),
        expires_at=street.desk.clock.now(),
    )
    return one


async def test_everything_of_the_one_becomes_the_others(street: Street) -> None:
    keep, drop = await filled(street, "王阿姨", "路灯坏了"), await filled(street, "王阿姨二号", "井盖没了")
    await merge(keep=keep.person_id, drop=drop.person_id)
    assert not await Person.filter(id=drop.person_id).exists()
    mine = keep.person_id
    assert sorted(await Case.filter(number__isnull=False).values_list("resident_id", flat=True)) == [mine, mine]
    draft = await Case.get(resident_id=mine, status="draft")
    words = await CaseMessage.filter(case_id=draft.id, kind="text").order_by("id").values_list("text", flat=True)
    assert words == ["路灯坏了的草稿", "井盖没了的草稿"]
    assert set(await CaseMessage.all().values_list("person_id", flat=True)) == {mine}
    assert set(await CaseEvent.all().values_list("person_id", flat=True)) == {mine}
    assert set(await Session.all().values_list("person_id", flat=True)) == {mine}
    assert await Delivery.filter(kind="answer").order_by("id").values_list("person_id", flat=True) == [mine, mine]
    assert await Identity.filter(person_id=mine).count() == 2
    filed = await street.desk.cases.submit(mine)
    view = await street.desk.queues.one(await street.desk.people.actor(mine), filed.number or 0)
    assert (filed.description, len(view.attachments)) == ("路灯坏了的草稿\n井盖没了的草稿", 2)


async def test_a_notice_that_both_had_stays_once(street: Street) -> None:
    keep, drop = [await street.follower(name, grid=GRID) for name in ("王阿姨", "王阿姨二号")]
    chief = await street.actor("chief")
    preview = await street.desk.notices.compose(chief, GRID, "明天停水")
    await street.desk.notices.send(chief, preview.id)
    await street.desk.notices.spread(preview.id)
    await merge(keep=keep.person_id, drop=drop.person_id)
    assert await Delivery.filter(notice_id=preview.id).count() == 1


async def test_the_place_last_scanned_goes_along(street: Street) -> None:
    keep, drop = await street.follower("王阿姨"), await street.follower("王阿姨二号", grid=GRID)
    await merge(keep=keep.person_id, drop=drop.person_id)
    assert (await Person.get(id=keep.person_id)).grid_id == (await street.region(GRID)).id


async def test_joining_while_both_talk_loses_no_word(street: Street) -> None:
    for number in range(4):
        one, other = await street.follower(f"甲{number}", grid=GRID), await street.follower(f"乙{number}", grid=GRID)

        async def says(who: Follower, word: str) -> str:
            async def work() -> str:
                heard = await street.desk.people.hear(who.openid)
                await asyncio.sleep(0.01)
                await street.desk.drafts.add(heard, Said("text", word))
                return "ok"

            async def refused(_refusal: Exception) -> str:
                return "refused"

            return await street.desk.inbounds.once(f"{who.openid}{word}", work, refused)

        done = await at_once(
            says(one, "一"), says(other, "二"), merge(keep=one.person_id, drop=other.person_id), says(other, "三")
        )
        assert not [answer for answer in done if isinstance(answer, BaseException)], done
        draft = await Case.get(resident_id=one.person_id, status="draft")
        words = await CaseMessage.filter(case_id=draft.id).values_list("text", flat=True)
        assert sorted(words) == ["一", "三", "二"]


async def test_nobody_can_be_asked_for_who_is_not_there(street: Street) -> None:
    with pytest.raises(NotFound):
        await street.desk.people.actor(10**9)
