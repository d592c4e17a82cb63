"""Polls: one vote a person, secret, the result open; whoever ends one ends it for votes under way too."""

from datetime import timedelta

import pytest

from domain.errors import BadInput, Conflict, NotFound
from models import Person, PollOption, PollVoter
from services.access import Actor
from services.polls import NewPoll, PollView
from services.transaction import rows
from tests.factories import GRID, VILLAGE
from tests.services.conftest import Street, at_once


async def asked(street: Street, *, most: int = 1, options: tuple[str, ...] = ("周六", "周日", "都行")) -> PollView:
    chief = await street.actor("chief")
    closes = street.desk.clock.now() + timedelta(days=3)
    return await street.desk.polls.ask(chief, NewPoll(VILLAGE, "大扫除放在哪天？", options, closes, most=most))


async def resident(street: Street, name: str) -> Actor:
    actor = await street.resident(name)
    await Person.filter(id=actor.person_id).update(grid_id=(await street.region(GRID)).id)
    return actor


def votes(seen: PollView) -> list[int | None]:
    return [one.votes for one in seen.options]


async def test_a_vote_counts_once_however_often_and_from_however_many_phones_it_comes(street: Street) -> None:
    poll, wang = await asked(street, most=2), await resident(street, "王阿姨")
    answers = await at_once(*(street.desk.polls.vote(wang, poll.id, [1, 3]) for _ in range(4)))
    refused = [one for one in answers if isinstance(one, Conflict)]
    assert len(refused) == 3
    assert {one.facts["why"] for one in refused} == {"voted"}
    seen = await street.desk.polls.one(wang, poll.id)
    assert (votes(seen), seen.voters, seen.voted, seen.may_vote) == ([1, 0, 1], 1, True, False)


async def test_no_row_says_who_chose_what(street: Street) -> None:
    poll = await asked(street)
    for name, choice in (("王阿姨", 1), ("李大爷", 2)):
        await street.desk.polls.vote(await resident(street, name), poll.id, [choice])
    columns = await rows(
        "SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_name LIKE 'poll_%'"
    )
    assert {one["c"] for one in columns if one["t"] == "poll_voter"} == {"id", "poll_id", "person_id"}
    assert "person_id" not in {one["c"] for one in columns if one["t"] == "poll_option"}
    assert await PollVoter.filter(poll_id=poll.id).count() == 2
    assert await PollOption.filter(poll_id=poll.id).order_by("place").values_list("votes", flat=True) == [1, 1, 0]


async def test_the_count_is_told_to_whoever_has_voted_and_to_all_once_it_is_closed(street: Street) -> None:
    poll = await asked(street)
    wang, li = await resident(street, "王阿姨"), await resident(street, "李大爷")
    assert votes(await street.desk.polls.vote(wang, poll.id, [2])) == [0, 1, 0]
    assert votes(await street.desk.polls.one(li, poll.id)) == [None] * 3
    await street.advance(4 * 86400)
    over = await street.desk.polls.one(li, poll.id)
    assert (over.state, votes(over), over.may_vote) == ("closed", [0, 1, 0], False)
    with pytest.raises(Conflict) as late:
        await street.desk.polls.vote(li, poll.id, [1])
    assert late.value.facts["why"] == "closed"


async def test_votes_and_the_one_who_ends_it_at_the_same_moment_agree_on_the_result(street: Street) -> None:
    poll, chief = await asked(street), await street.actor("chief")
    people = [await resident(street, f"居民{number}") for number in range(6)]
    answers = await at_once(
        *(street.desk.polls.vote(one, poll.id, [1]) for one in people), street.desk.polls.end(chief, poll.id, "close")
    )
    counted = sum(isinstance(one, PollView) for one in answers[:-1])
    assert all(isinstance(one, PollView) or one.facts["why"] == "closed" for one in answers[:-1])
    seen = await street.desk.polls.one(chief, poll.id)
    assert (seen.state, votes(seen)[0], seen.voters) == ("closed", counted, counted)
    assert await PollVoter.filter(poll_id=poll.id).count() == counted
    with pytest.raises(Conflict):
        await street.desk.polls.end(chief, poll.id, "close")


async def test_whoever_lives_elsewhere_sees_nothing_and_whoever_only_serves_there_may_not_vote(street: Street) -> None:
    poll = await asked(street)
    stranger = await street.resident("外村人")
    for try_it in (street.desk.polls.one(stranger, poll.id), street.desk.polls.vote(stranger, poll.id, [1])):
        with pytest.raises(NotFound):
            await try_it
    assert (await street.desk.polls.listed(stranger, before=None, limit=20))[0] == []
    worker = await street.actor("worker")
    await Person.filter(id=worker.person_id).update(grid_id=None)
    (seen,), _ = await street.desk.polls.listed(worker, before=None, limit=20)
    assert not seen.may_vote
    with pytest.raises(Conflict) as refused:
        await street.desk.polls.vote(worker, poll.id, [1])
    assert refused.value.facts["why"] == "elsewhere"
    await Person.filter(id=worker.person_id).update(grid_id=(await street.region(GRID)).id)
    assert (await street.desk.polls.vote(worker, poll.id, [1])).voters == 1


async def test_a_question_that_was_a_mistake_is_taken_back_and_found_by_nobody(street: Street) -> None:
    poll, chief, wang = await asked(street), await street.actor("chief"), await resident(street, "王阿姨")
    with pytest.raises(NotFound):
        await street.desk.polls.end(wang, poll.id, "withdraw")
    assert await street.desk.polls.end(chief, poll.id, "withdraw") is None
    for who in (chief, wang):
        with pytest.raises(NotFound):
            await street.desk.polls.one(who, poll.id)
    with pytest.raises(NotFound):
        await street.desk.polls.ask(
            wang, NewPoll(VILLAGE, "我也问一个", ("好", "不好"), street.desk.clock.now() + timedelta(days=1))
        )


@pytest.mark.parametrize("chosen", [[], [0], [4], [1, 1], [1, 2]], ids=str)
async def test_what_is_no_choice_of_this_poll_is_refused_and_the_vote_is_not_spent(
    street: Street, chosen: list[int]
) -> None:
    poll, wang = await asked(street), await resident(street, "王阿姨")
    with pytest.raises(BadInput):
        await street.desk.polls.vote(wang, poll.id, chosen)
    assert (await street.desk.polls.vote(wang, poll.id, [3])).voters == 1


@pytest.mark.parametrize(
    ("options", "most", "days", "field"),
    [
        (("一个",), 1, 1, "options"),
        (("好", "好"), 1, 1, "options"),
        (("好", "x" * 61), 1, 1, "options"),
        (("好", "坏"), 3, 1, "most"),
        (("好", "坏"), 1, 0, "closes_at"),
        (("好", "坏"), 1, 91, "closes_at"),
    ],
    ids=str,
)
async def test_a_poll_that_cannot_be_held_is_refused_by_its_field(
    street: Street, options: tuple[str, ...], most: int, days: int, field: str
) -> None:
    closes = street.desk.clock.now() + timedelta(days=days)
    with pytest.raises(BadInput) as refused:
        await street.desk.polls.ask(await street.actor("chief"), NewPoll(VILLAGE, "哪天？", options, closes, most=most))
    assert refused.value.facts["field"] == field
