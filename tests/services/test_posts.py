"""Vacant posts, and workers whom WeChat has lost."""

from datetime import timedelta

from domain.calendar import SHANGHAI
from domain.case import Action
from models import Case, CaseEvent, Concerned, Delivery, HeldDuty, Identity, Person, Region
from services.routing import holder_of
from tests.factories import GRID, PHONES, VILLAGE
from tests.services.conftest import Follower, Street, at_once


async def holder(street: Street, code: str = GRID) -> str:
    found = await holder_of(await street.region(code), street.desk.clock.now())
    return "" if found is None else (await Person.get(id=found)).name


async def leaves_post(street: Street, who: str) -> None:
    """Their duties ended yesterday; nobody covers for them."""
    yesterday = street.desk.clock.now().astimezone(SHANGHAI).date() - timedelta(days=1)
    await HeldDuty.filter(person_id=(await street.actor(who)).person_id).update(to_date=yesterday, cover_id=None)


async def unfollows(street: Street, one: Follower) -> None:
    await street.desk.people.unfollow(one.openid)
    await street.work()


async def test_a_worker_who_unfollows_hands_over_the_chief_is_told_and_following_again_brings_it_back(
    street: Street,
) -> None:
    worker, chief = await street.binds("worker"), await street.actor("chief")
    cover = await street.actor("cover")
    one, two = await street.files(), await street.files()
    await unfollows(street, worker)
    for case in (one, two):
        assert (await Case.get(id=case.id)).holder_id == cover.person_id
    assert await street.told(chief) == ["worker_lost"]
    # Nothing is written to somebody whom it cannot reach.
    assert "handed_over" not in await street.told(worker)
    facts = (await Delivery.filter(kind="worker_lost").get()).facts
    assert (facts["person"], facts["region"]) == ("李卫国", "第一网格")
    # Once, however often it is looked at, and by however many.
    await at_once(*(street.desk.posts.look() for _ in range(3)))
    assert await street.told(chief) == ["worker_lost"]
    assert (await street.files()).holder_id == cover.person_id
    await street.taps(worker)
    assert (await street.files()).holder_id == worker.person_id
    await street.desk.posts.look()
    assert (await Person.get(id=worker.person_id)).lost_since is None
    assert (await Case.get(id=one.id)).holder_id == cover.person_id
    # And it is news again when it happens again.
    await unfollows(street, worker)
    assert await street.told(chief) == ["worker_lost", "worker_lost"]


async def test_nobody_is_lost_who_never_bound_or_has_another_wechat(street: Street) -> None:
    assert await holder(street) == "李卫国"
    first, second = await street.binds("worker", wechat="旧微信"), await street.binds("worker", wechat="新微信")
    await unfollows(street, first)
    assert await holder(street) == "李卫国"
    await unfollows(street, second)
    assert await holder(street) == "王秀兰"
    # A WeChat that has become somebody else's.
    await street.binds("cover", wechat="搭档")
    assert await holder(street) == "王秀兰"
    mine = await street.binds("chief", wechat="公用手机")
    await street.desk.people.bind(
        (await street.identity(mine)).id, await street.desk.people.invite(PHONES["secretary"])
    )
    assert not await Identity.filter(person_id=(await street.actor("chief")).person_id).exists()
    assert await holder(street, VILLAGE) == "钱书记"


async def test_where_wechat_reaches_nobody_the_post_keeps_what_is_its(street: Street) -> None:
    bound = [await street.binds(who) for who in ("worker", "cover", "chief", "secretary", "commander", "county")]
    case = await street.files()
    for one in bound:
        await street.desk.people.unfollow(one.openid)
    await street.work()
    await street.desk.posts.look()
    assert await holder(street) == "李卫国"
    kept = await Case.get(id=case.id)
    assert kept.holder_id is not None
    # Nobody passes it round and round.
    count = await CaseEvent.filter(case_id=case.id).count()
    for _ in range(3):
        await street.desk.cases.rehome()
    assert await CaseEvent.filter(case_id=case.id).count() == count


async def test_a_post_that_becomes_vacant_is_told_once_to_the_level_above_and_shown_there(street: Street) -> None:
    chief, commander = await street.binds("chief"), await street.binds("commander")
    # What the import itself named as vacant needs no message; it is shown all the same.
    await street.desk.posts.look()
    assert "post_vacant" not in await street.told(chief) + await street.told(commander)
    found, count = await street.desk.posts.mine(await street.actor("commander"))
    assert ([one.name for one in found], count) == (["东一网格", "城东村"], 2)
    assert await street.desk.posts.mine(await street.actor("chief")) == ([], 0)

    await leaves_post(street, "worker")
    await leaves_post(street, "cover")
    await at_once(*(street.desk.posts.look() for _ in range(4)))
    assert (await street.told(chief)).count("post_vacant") == 1
    assert "post_vacant" not in await street.told(commander)
    facts = (await Delivery.filter(kind="post_vacant").get()).facts
    assert (facts["regions"], facts["count"], facts["yours"]) == (["第一网格", "第二网格"], 2, True)
    found, count = await street.desk.posts.mine(await street.actor("chief"))
    assert ([(one.name, one.taken_by) for one in found], count) == (
        [("第一网格", "赵建军"), ("第二网格", "赵建军")],
        2,
    )
    # The whole subtree, page by page.
    page, following = await street.desk.posts.vacant_below(await street.actor("commander"), limit=3)
    rest, end = await street.desk.posts.vacant_below(await street.actor("commander"), cursor=following, limit=3)
    assert [one.code for one in page + rest] == sorted(one.code for one in page + rest)
    assert {one.name for one in page + rest} == {"第一网格", "第二网格", "城东村", "东一网格"}
    assert (len(page), len(rest), end) == (3, 1, None)
    assert await street.desk.posts.vacant_below(await street.resident()) == ([], None)
    # Filled again, and vacant again: that is news.
    today = street.desk.clock.now().astimezone(SHANGHAI).date()
    await HeldDuty.filter(person_id=(await street.actor("worker")).person_id).update(to_date=None)
    await street.desk.posts.look()
    assert (await Region.get(code=GRID)).vacant_since is None
    await HeldDuty.filter(person_id=(await street.actor("worker")).person_id).update(to_date=today - timedelta(days=1))
    await street.desk.posts.look()
    assert (await street.told(chief)).count("post_vacant") == 2


async def test_in_a_village_with_one_grid_the_chief_is_its_worker(street: Street) -> None:
    """C: such a grid is not vacant while the village has a chief."""
    await street.desk.imports.run(
        None,
        "name,phone,duty,region_code,cover_phone\n周东,13800000088,grid_chief,320412101202,\n".encode(),
    )
    assert await street.desk.posts.mine(await street.actor("commander")) == ([], 0)


async def test_a_new_grid_without_anybody_is_told_when_it_is_imported(street: Street) -> None:
    chief = await street.binds("chief")
    await street.desk.imports.run(
        b"code,name,level,parent_code,kind\n32041210120103,\xe7\xac\xac\xe4\xb8\x89\xe7\xbd\x91\xe6\xa0\xbc,grid,"
        b"320412101201,comprehensive\n",
        None,
    )
    assert (await street.told(chief))[-1] == "post_vacant"


async def test_a_worker_moved_to_another_grid_leaves_the_old_cases_behind(street: Street) -> None:
    case = await street.files()
    worker = await street.actor("worker")
    today = street.desk.clock.now().astimezone(SHANGHAI).date()
    await leaves_post(street, "worker")
    await HeldDuty.create(
        person_id=worker.person_id,
        duty="grid_worker",
        region=await street.region("32041210120201"),
        from_date=today,
    )
    assert await street.desk.cases.rehome() == 1
    assert (await Case.get(id=case.id)).holder_id == (await street.actor("chief")).person_id
    assert await street.desk.cases.rehome() == 0
    # Whoever became chief of the same village keeps what they had begun.
    other = await street.files()
    chief = await street.actor("chief")
    assert other.holder_id == chief.person_id
    await leaves_post(street, "chief")
    await HeldDuty.create(
        person_id=chief.person_id, duty="village_secretary", region=await street.region(VILLAGE), from_date=today
    )
    assert await street.desk.cases.rehome() == 0


async def test_a_suspended_case_and_one_at_its_deadline_go_to_who_is_there(street: Street) -> None:
    await street.at("2027-03-01 09:00")
    waiting, late = await street.files(), await street.files()
    worker, cover = await street.actor("worker"), await street.actor("cover")
    await Case.filter(id=waiting.id).update(
        status="suspended", next_due=None, sweep_at=None, suspended_until=street.desk.clock.now() + timedelta(days=9)
    )
    await street.advance(3 * 86400)  # the time to accept it is long over
    await Case.filter(id=late.id).update(resolve_due=street.desk.clock.now() + timedelta(days=2))
    await leaves_post(street, "worker")
    await HeldDuty.filter(person_id=worker.person_id).update(cover_id=cover.person_id)
    await street.desk.cases.climb_overdue()
    kept = await Case.get(id=late.id)
    assert (kept.level, kept.holder_id) == (1, cover.person_id)
    assert kept.accept_due is not None
    assert kept.accept_due > street.desk.clock.now()
    await street.desk.cases.rehome()
    kept = await Case.get(id=waiting.id)
    assert (kept.status, kept.holder_id, kept.next_due, kept.sweep_at) == (
        "suspended",
        cover.person_id,
        None,
        None,
    )
    assert [one.action for one in await CaseEvent.filter(case_id=waiting.id).order_by("id")][-1] == "assign"


async def test_a_word_from_a_colleague_takes_nothing_over_but_an_answer_that_accepts_does(street: Street) -> None:
    case = await street.files()
    number, worker, chief = case.number or 0, await street.actor("worker"), await street.actor("chief")
    await street.desk.cases.act(worker, number, Action.ACCEPT)
    await street.desk.cases.act(chief, number, Action.REPLY, note="已联系供电所")
    assert (await Case.get(id=case.id)).holder_id == worker.person_id
    assert await street.told(worker) == ["new_case"]
    other = await street.files()
    await street.desk.cases.act(chief, other.number or 0, Action.REPLY, note="我去看")
    assert (await Case.get(id=other.id)).holder_id == chief.person_id
    assert await street.told(worker) == ["new_case", "new_case", "taken_over"]


async def test_a_complaint_never_goes_to_whom_it_is_about_nor_to_a_grid(street: Street) -> None:
    case = await street.files()
    commander, inspector = await street.actor("commander"), await street.actor("inspector")
    second = await Person.create(name="二督察")
    town = await Region.get(code="320412101")
    today = street.desk.clock.now().astimezone(SHANGHAI).date()
    await HeldDuty.create(person_id=second.id, duty="inspector", region=town, from_date=today)
    await Case.filter(id=case.id).update(kind="complaint", unit_id=town.id, level=3, holder_id=inspector.person_id)
    await Concerned.create(case_id=case.id, person_id=commander.person_id)
    await leaves_post(street, "inspector")
    assert await street.desk.cases.rehome() == 1
    assert (await Case.get(id=case.id)).holder_id == second.id
    await HeldDuty.filter(person_id=second.id).update(to_date=today - timedelta(days=1), from_date=today - timedelta(9))
    # The commander would be next, but it concerns them: it waits until an inspector is there again.
    assert await street.desk.cases.rehome() == 0
    assert (await Case.get(id=case.id)).holder_id == second.id


async def test_of_sweeps_and_acts_at_once_each_case_moves_once_and_nothing_is_lost(street: Street) -> None:
    worker, cover = await street.actor("worker"), await street.actor("cover")
    cases = [await street.files() for _ in range(6)]
    await leaves_post(street, "worker")
    await HeldDuty.filter(person_id=worker.person_id).update(cover_id=cover.person_id)
    actor = await street.desk.people.actor(worker.person_id)
    answers = await at_once(
        *(street.desk.cases.rehome() for _ in range(3)),
        *(street.desk.cases.act(actor, case.number or 0, Action.RESOLVE, note="好了") for case in cases[:3]),
        street.desk.posts.look(),
    )
    unexpected = [one for one in answers if isinstance(one, BaseException) and type(one).__module__ != "domain.errors"]
    assert not unexpected
    await street.desk.cases.rehome()
    numbers: list[int] = []
    for one in await Delivery.filter(person_id=worker.person_id, kind="handed_over"):
        numbers += one.facts["numbers"]  # type: ignore[arg-type]
    for case in cases:
        kept = await Case.get(id=case.id)
        moved = await CaseEvent.filter(case_id=case.id, action="assign").count()
        assert (kept.status, moved) in {("resolved", 0), ("submitted", 1), ("resolved", 1)}
        assert numbers.count(case.number or 0) == moved
        if kept.status == "submitted":
            assert kept.holder_id == cover.person_id
