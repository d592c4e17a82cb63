"""A callback is worked on once, whoever repeats it, and whatever goes wrong."""

import asyncio

import pytest

from domain.errors import BadInput, Refusal
from models import Inbound, Person
from services.transaction import rows, transaction
from tests.services.conftest import Street, at_once


class Work:
    """Writes a row and answers; may be told to fail or to refuse."""

    def __init__(self, *, fails: int = 0, refuses: int = 0) -> None:
        self.runs = self.refusals = 0
        self._fails = fails
        self._refuses = refuses

    async def __call__(self) -> str:
        self.runs += 1
        number = self.runs
        await Person.create(name="写下的")
        await asyncio.sleep(0.05)
        if number <= self._fails:
            raise RuntimeError("broken")
        if number <= self._refuses:
            raise BadInput("no")
        return f"answer {number}"

    async def refused(self, refusal: Refusal) -> str:
        self.refusals += 1
        await Person.create(name="拒绝")
        return f"refused: {refusal.code}"


async def written(name: str = "写下的") -> int:
    return await Person.filter(name=name).count()


async def test_repeats_in_many_connections_join_the_first_and_get_its_answer(empty: Street) -> None:
    work = Work()
    answers = await at_once(*(empty.desk.inbounds.once("k", work, work.refused) for _ in range(8)))
    assert answers == ["answer 1"] * 8
    assert (work.runs, await written()) == (1, 1)


async def test_different_messages_do_not_wait_for_each_other(empty: Street) -> None:
    work = Work()
    answers = await at_once(*(empty.desk.inbounds.once(f"k{one}", work, work.refused) for one in range(4)))
    assert sorted(answers) == ["answer 1", "answer 2", "answer 3", "answer 4"]


async def test_a_repeat_after_a_crash_is_worked_on_and_nothing_of_the_first_is_left(empty: Street) -> None:
    work = Work(fails=1)
    with pytest.raises(RuntimeError):
        await empty.desk.inbounds.once("k", work, work.refused)
    assert (await written(), await Inbound.all().count()) == (0, 0)
    assert await empty.desk.inbounds.once("k", work, work.refused) == "answer 2"


async def test_of_two_at_once_the_second_takes_over_when_the_first_breaks(empty: Street) -> None:
    work = Work(fails=1)
    answers = await at_once(*(empty.desk.inbounds.once("k", work, work.refused) for _ in range(3)))
    assert sorted(map(str, answers)) == ["answer 2", "answer 2", "broken"]
    assert await written() == 1


async def test_a_refusal_undoes_the_work_and_its_answer_is_kept(empty: Street) -> None:
    work = Work(refuses=9)
    answers = await at_once(*(empty.desk.inbounds.once("k", work, work.refused) for _ in range(5)))
    assert answers == ["refused: bad_input"] * 5
    assert (await written(), await written("拒绝")) == (0, 1)
    assert await empty.desk.inbounds.once("k", work, work.refused) == "refused: bad_input"


async def test_two_that_get_into_each_others_way_are_both_answered(empty: Street) -> None:
    """A deadlock: the database undoes one of the two, and that one is simply done again."""
    first, second = await Person.create(name="甲"), await Person.create(name="乙")

    def work(one: Person, other: Person):
        async def run() -> str:
            for person in (one, other):
                await rows("UPDATE person SET name = name WHERE id = $1 RETURNING 1", person.id)
                await asyncio.sleep(0.2)
            return one.name

        return run

    async def refused(_refusal: Refusal) -> str:
        return "refused"

    answers = await at_once(
        empty.desk.inbounds.once("k1", work(first, second), refused),
        empty.desk.inbounds.once("k2", work(second, first), refused),
    )
    assert answers == ["甲", "乙"]


async def test_answers_are_forgotten_after_three_days(empty: Street) -> None:
    work = Work()
    await empty.desk.inbounds.once("old", work, work.refused)
    await empty.advance(2 * 86400)
    await empty.desk.inbounds.once("new", work, work.refused)
    assert await empty.desk.inbounds.forget_old() == 0
    await empty.advance(86400 + 1)
    assert await empty.desk.inbounds.forget_old() == 1
    assert await Inbound.all().values_list("key", flat=True) == ["new"]


async def test_forgetting_goes_on_past_one_portion(empty: Street) -> None:
    await rows(
        "INSERT INTO inbound (key, at, answer) SELECT 'k' || n, $1, '' FROM generate_series(1, 25000) n RETURNING 1",
        empty.desk.clock.now(),
    )
    await empty.advance(4 * 86400)
    assert await empty.desk.inbounds.forget_old() == 25000


async def test_a_use_case_inside_another_commits_or_fails_with_it(empty: Street) -> None:
    async def inner() -> None:
        async with transaction():
            await Person.create(name="写下的")

    async def outer() -> None:
        async with transaction():
            await inner()
            raise RuntimeError("later")

    with pytest.raises(RuntimeError):
        await outer()
    assert await written() == 0
    await inner()
    assert await written() == 1


async def test_a_job_exists_if_and_only_if_its_transaction_commits(empty: Street) -> None:
    async def jobs() -> int:
        return int((await rows("SELECT count(*) AS n FROM procrastinate_jobs"))[0]["n"])

    async def owe(*, breaks: bool) -> None:
        async with transaction():
            await empty.owes((await Person.create()).id, "一")
            if breaks:
                raise RuntimeError("later")

    with pytest.raises(RuntimeError):
        await owe(breaks=True)
    assert await jobs() == 0
    await owe(breaks=False)
    assert await jobs() == 1
