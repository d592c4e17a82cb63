"""Mass messages for notices: each person once, whatever gets lost, and one by one where WeChat takes no more."""

import pytest

from models import Delivery, MassSend, Notice
from services.mass_sends import CLAIM, MassSends
from services.transaction import rows
from tests.factories import GRID
from tests.services.conftest import Follower, Street

MASS, GET = "/cgi-bin/message/mass/send", "/cgi-bin/message/mass/get"
TEXT = "明天停水"


@pytest.fixture
def masses(street: Street) -> MassSends:
    """Everybody by mass message first, three at once; WeChat's own word of the end is turned off."""
    own = street.desk.mass_sends
    own._order, own._wanted, own._chunk = "first", True, 3
    street.world.options.job_finish_events = False
    return own


async def released(street: Street, people: int) -> list[Follower]:
    """A notice to so many residents, spread, with its mass messages planned and not sent yet."""
    here = [await street.follower(f"居民{one}", grid=GRID) for one in range(people)]
    chief = await street.actor("chief")
    preview = await street.desk.notices.compose(chief, GRID, TEXT)
    await street.desk.notices.send(chief, preview.id)
    await street.desk.notices.spread(preview.id)
    return here


def saw(street: Street, one: Follower) -> list[str]:
    return [message.channel for message in street.world.conversation.after(one.phone) if message.channel != "event"]


async def states() -> set[tuple[str, str | None]]:
    return set(await Delivery.all().values_list("state", "channel"))


@pytest.mark.parametrize(("people", "sizes"), [(1, []), (2, [2]), (3, [3]), (4, [2, 2]), (6, [3, 3]), (7, [3, 2, 2])])
async def test_no_chunk_has_one_person_and_everybody_gets_it_once(
    street: Street, masses: MassSends, people: int, sizes: list[int]
) -> None:
    here = await released(street, people)
    assert await MassSend.all().order_by("chunk").values_list("size", flat=True) == sizes
    await masses.send()
    await street.desk.deliveries.send()
    assert [saw(street, one) for one in here] == [["mass" if sizes else "custom"]] * people
    assert {state for state, _ in await states()} == {"sent"}
    assert await masses.send() == 0


@pytest.mark.parametrize("how", [{"drop": "after"}, {"drop": "before"}, {"errcode": -1}, {"status": 502}])
async def test_a_lost_answer_is_asked_again_under_the_same_number_and_shown_once(
    street: Street, masses: MassSends, how: dict[str, object]
) -> None:
    here = await released(street, 3)
    street.fails(MASS, times=2, **how)
    for _ in range(3):
        await masses.send()
        await street.advance(5)
    assert [saw(street, one) for one in here] == [["mass"]] * 3
    assert await states() == {("sent", "mass")}
    assert (await MassSend.get()).msg_id is not None


async def test_a_process_that_died_in_the_middle_is_followed_by_another(street: Street, masses: MassSends) -> None:
    here = await released(street, 3)
    street.fails(MASS, drop="after", times=1)
    await masses.send()
    await rows("UPDATE mass_send SET state = 'sending', claimed_until = now() - interval '1 s' RETURNING 1")
    assert await street.desk.deliveries.recover() == 0, "what goes with a mass message is not a dead sender's"
    await masses.send()
    assert [saw(street, one) for one in here] == [["mass"]] * 3


@pytest.mark.parametrize("errcode", [45028, 45009, 48001])
async def test_what_wechat_refuses_goes_one_by_one(street: Street, masses: MassSends, errcode: int) -> None:
    here = await released(street, 3)
    street.fails(MASS, errcode=errcode)
    await masses.send()
    await street.desk.deliveries.send()
    assert [saw(street, one) for one in here] == [["custom"]] * 3
    assert (await MassSend.get()).state == "refused"


async def test_a_refusal_after_a_lost_answer_makes_uncertain_and_is_not_sent_again(
    street: Street, masses: MassSends
) -> None:
    here = await released(street, 3)
    street.fails(MASS, drop="after", times=1)
    street.fails(MASS, errcode=45028)
    await masses.send()
    await street.advance(5)
    await masses.send()
    await street.desk.deliveries.send()
    assert [saw(street, one) for one in here] == [["mass"]] * 3
    assert await states() == {("uncertain", "mass")}


async def test_wechats_word_of_the_end_is_noted_once_and_a_failure_sends_it_one_by_one(
    street: Street, masses: MassSends
) -> None:
    await released(street, 6)
    await masses.send()
    good, bad = await MassSend.all().order_by("chunk")
    for _ in range(2):
        await masses.finished(good.msg_id or 0, "send success", sent=2, failed=1)
        await masses.finished(bad.msg_id or 0, "err(30003)", sent=0, failed=0)
    await masses.finished(1, "send success", sent=9, failed=9)
    assert await MassSend.all().order_by("chunk").values_list("state", "sent", "failed") == [
        ("finished", 2, 1),
        ("failed", None, None),
    ]
    assert await Delivery.filter(mass_id=bad.id).values_list("state", flat=True) == ["owed"] * 3
    await street.desk.deliveries.send()
    assert set(await Delivery.all().values_list("mass_id", "state", "channel")) == {
        (good.id, "sent", "mass"),
        (bad.id, "sent", "custom"),
    }


async def test_what_wechat_does_not_tell_is_asked_for(street: Street, masses: MassSends) -> None:
    await released(street, 3)
    await masses.send()
    assert await masses.ask() == 0
    await street.advance(121)
    street.fails(GET, errcode=-1, times=1)
    assert [await masses.ask(), await masses.ask()] == [0, 0]
    await street.advance(121)
    assert await masses.ask() == 1
    assert (await MassSend.get()).state == "finished"
    assert await masses.ask() == 0


async def test_the_fifth_of_a_month_goes_another_way(street: Street, masses: MassSends) -> None:
    here = await released(street, 2)
    await masses.send()
    [first] = await Delivery.filter(person_id=here[0].person_id)
    await rows(
        "INSERT INTO delivery (person_id, kind, facts, state, channel, reason, openid, attempts, created_at, next_at, "
        "sent_at) SELECT person_id, kind, '{}', 'sent', 'mass', '', openid, 1, created_at, next_at, sent_at "
        "FROM delivery, generate_series(1, 3) RETURNING 1"
    )
    chief = await street.actor("chief")
    preview = await street.desk.notices.compose(chief, GRID, TEXT)
    await street.desk.notices.send(chief, preview.id)
    await street.desk.notices.spread(preview.id)
    assert await MassSend.all().count() == 1
    assert first.mass_id is not None


async def test_a_mass_message_does_not_overtake_what_was_owed_before(street: Street, masses: MassSends) -> None:
    waiting = await street.follower("等的人", grid=GRID)
    await street.owes(waiting, "先说的")
    here = [waiting, *await released(street, 2)]
    await masses.send()
    await street.desk.deliveries.send()
    assert [saw(street, one) for one in here] == [["custom", "custom"], ["mass"], ["mass"]]


async def test_last_takes_only_those_whom_no_other_way_reaches(street: Street, masses: MassSends) -> None:
    masses._order = "last"
    people = [await street.follower(f"静默{one}", grid=GRID, speaks=False) for one in range(2)]
    here = await released(street, 2)
    await masses.send()
    await street.desk.deliveries.send()
    assert [saw(street, one) for one in (*people, *here)] == [["mass"], ["mass"], ["custom"], ["custom"]]


async def test_what_is_planned_for_a_notice_that_stops_does_not_go_out_and_goes_out_once_when_it_goes_on(
    street: Street, masses: MassSends
) -> None:
    here = await released(street, 4)
    chief, notice = await street.actor("chief"), (await Notice.get()).id
    await street.desk.notices.pause(chief, notice)
    assert await masses.send() == 0  # from this moment on, not only when the rows have followed
    await street.desk.notices.spread(notice)
    assert await states() == {("held", "")} or await states() == {("held", None)}
    await street.desk.notices.resume(chief, notice)
    await street.desk.notices.spread(notice)
    assert await masses.send() == 2
    await street.desk.deliveries.send()
    assert [saw(street, one) for one in here] == [["mass"]] * 4
    assert len(set(await MassSend.all().values_list("client_id", flat=True))) == 4


async def test_a_recall_takes_back_what_no_mass_message_has_carried_yet(street: Street, masses: MassSends) -> None:
    here = await released(street, 4)
    await masses._send_one((await rows(CLAIM, street.desk.clock.now()))[0])
    chief, notice = await street.actor("chief"), (await Notice.get()).id
    await street.desk.notices.recall(chief, notice)
    await street.desk.notices.spread(notice)
    await masses.send()
    await street.work()
    shown = [saw(street, one) for one in here]
    assert shown.count(["mass"]) == shown.count([]) == 2
    assert {state for state, _ in await states()} == {"sent", "recalled"}
