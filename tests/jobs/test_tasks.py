"""What each job does, and that an error in one loses nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from procrastinate import App

from adapters.queue import ProcrastinateQueue
from domain.case import Action
from jobs.alone import Alone
from models import Attachment, Case, DeadlineRules, HeldDuty, Idempotency, Inbound, Notice, Session
from services.transaction import rows, transaction
from tests.factories import GRID
from tests.services.conftest import Street


@asynccontextmanager
async def table_fails(table: str, *, times: int) -> AsyncIterator[None]:
    """The first *times* writes to *table* are refused by the database itself."""
    await rows("CREATE SEQUENCE refusals")
    await rows(f"""CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('refusals') <= {times} THEN RAISE EXCEPTION 'refused for a test'; END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$""")
    await rows(
        f"CREATE TRIGGER refuse BEFORE INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    try:
        yield
    finally:
        await rows(f"DROP TRIGGER refuse ON {table}")
        await rows("DROP FUNCTION refuse")
        await rows("DROP SEQUENCE refusals")


async def run(street: Street, queue: App, name: str) -> None:
    await queue.tasks[name].defer_async(timestamp=0)
    await street.work()


async def later(street: Street) -> None:
    """Let the queue's own waits pass: it runs by the real clock."""
    await rows("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo' RETURNING 1")
    await street.work()


async def test_a_delivery_job_that_breaks_leaves_its_rows_and_comes_again(street: Street) -> None:
    one = await street.follower("王阿姨")
    await street.owes(one, "一")
    async with table_fails("delivery", times=1):
        await street.work()
        assert ([row.state for row in await street.rows(one)], street.shown(one)) == (["owed"], [])
        (job,) = await street.jobs("deliver")
        assert job["status"] == "todo"
        await later(street)
    assert street.shown(one) == ["一"]


async def test_a_delivery_job_that_breaks_for_good_is_made_up_for_by_the_sweep(street: Street, queue: App) -> None:
    one = await street.follower("王阿姨")
    await street.owes(one, "一")
    async with table_fails("delivery", times=6):
        for _ in range(6):
            await later(street)
    (job,) = await street.jobs("deliver")
    assert (job["status"], street.shown(one)) == ("failed", [])
    await run(street, queue, "sweep_deliveries")
    assert street.shown(one) == ["一"]


async def test_a_notice_job_that_breaks_comes_again_and_nobody_gets_it_twice(street: Street) -> None:
    people = [await street.follower(f"居民{one}", grid=GRID) for one in range(3)]
    chief = await street.actor("chief")
    await street.work()
    preview = await street.desk.notices.compose(chief, GRID, "停水")
    await street.desk.notices.send(chief, preview.id)
    async with table_fails("delivery", times=1):
        await street.work()
        assert (await Notice.get(id=preview.id)).fixed is False
        await later(street)
    await street.work()
    assert [len(street.shown(one)) for one in people] == [1] * 3


async def test_a_unionid_that_wechat_would_not_tell_is_asked_for_again(street: Street) -> None:
    street.fails("/cgi-bin/user/info", status=503, times=1)
    one = await street.follower("王阿姨")
    await street.work()
    assert (await street.identity(one)).unionid is None
    await later(street)
    assert (await street.identity(one)).unionid == one.phone.unionid


async def test_the_sweeps_do_what_they_are_named_for(street: Street, queue: App) -> None:
    await street.at("2027-03-01 10:30")
    late, unrated = await street.files(), await street.files()
    worker = await street.actor("worker")
    await street.at("2027-03-01 15:01")
    await run(street, queue, "sweep_deadlines")
    assert (await street.told(worker)).count("due_soon") == 2
    assert not await DeadlineRules.exists()
    await run(street, queue, "recount_deadlines")
    assert await DeadlineRules.filter(id=1).count() == 1
    await street.desk.cases.act(worker, unrated.number or 0, Action.RESOLVE, note="好了")
    await street.advance(8 * 86400)
    await rows("DELETE FROM procrastinate_jobs RETURNING 1")
    await run(street, queue, "sweep_deadlines")
    assert [(await Case.get(id=case.id)).level for case in (late, unrated)] == [2, 1]
    await run(street, queue, "sweep_forgotten")
    assert (await Case.get(id=unrated.id)).status == "closed"
    await HeldDuty.filter(duty="grid_chief").update(to_date="2020-01-01", from_date="2019-01-01")
    await run(street, queue, "sweep_holders")
    assert (await Case.get(id=late.id)).holder_id == (await street.actor("secretary")).person_id


async def test_every_night_what_was_kept_for_a_time_is_forgotten_though_one_part_fails(
    street: Street, queue: App
) -> None:
    now = street.desk.clock.now()
    person = await street.resident()
    await Inbound.create(key="k", at=now, answer="")
    await Idempotency.create(key="k", body_hash="", at=now)
    await Session.create(token_hash="k", person_id=person.person_id, created_at=now, expires_at=now)
    await Attachment.create(person_id=person.person_id, kind="photo", state="lost", created_at=now)
    await street.work()
    await rows("INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('default', 'x') RETURNING 1")
    for status in ("doing", "failed"):
        await rows(f"UPDATE procrastinate_jobs SET status = '{status}' WHERE task_name = 'x' RETURNING 1")
    await rows("UPDATE procrastinate_events SET at = now() - interval '2 days' RETURNING 1")
    await street.advance(timedelta(days=8).total_seconds())
    await rows("DELETE FROM procrastinate_jobs WHERE task_name = 'sweep' RETURNING 1")
    async with table_fails("inbound", times=1):
        await run(street, queue, "forget_old")
    left = [await one.all().count() for one in (Inbound, Idempotency, Session, Attachment)]
    assert left == [1, 0, 0, 0]
    assert await street.jobs("x") == []
    await run(street, queue, "forget_old")
    assert await Inbound.all().count() == 0


async def test_a_sweep_is_not_joined_by_its_next_run() -> None:
    alone, runs, gate = Alone(), [], asyncio.Event()

    async def slow() -> None:
        runs.append("begun")
        await gate.wait()

    first = asyncio.create_task(alone.run("a", slow))
    await asyncio.sleep(0)
    await alone.run("a", slow)
    second = asyncio.create_task(alone.run("b", slow))
    await asyncio.sleep(0)
    assert runs == ["begun", "begun"]
    gate.set()
    await asyncio.gather(first, second)
    await alone.run("a", slow)
    assert runs == ["begun"] * 3


async def test_a_part_that_fails_stops_neither_the_rest_nor_the_next_run() -> None:
    alone, runs = Alone(), []

    async def breaks() -> None:
        runs.append("breaks")
        raise RuntimeError("broken")

    async def works() -> None:
        runs.append("works")

    for _ in range(2):
        with pytest.raises(RuntimeError, match="broken"):
            await alone.run("a", breaks, works)
    assert runs == ["breaks", "works"] * 2


async def test_a_sweep_that_is_stuck_is_broken_off() -> None:
    alone, runs = Alone(longest=0.05), []

    async def stuck() -> None:
        await asyncio.Event().wait()

    async def works() -> None:
        runs.append("works")

    with pytest.raises(TimeoutError):
        await alone.run("a", stuck, works)
    await alone.run("a", works)
    assert runs == ["works", "works"]


async def test_a_job_must_be_put_into_a_transaction(street: Street) -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"):
        await ProcrastinateQueue().defer("deliver", {"people": []})
    assert await street.jobs("deliver") == []


async def test_jobs_carry_their_arguments_and_their_place_in_the_line(street: Street) -> None:
    async with transaction():
        await ProcrastinateQueue().defer("learn_unionid", {"openid": "甲"}, {"openid": "乙"}, priority=-3)
        await ProcrastinateQueue().defer("learn_unionid")
    jobs = await street.jobs("learn_unionid")
    assert [(job["args"], job["priority"], job["status"]) for job in jobs] == [
        ('{"openid": "甲"}', -3, "todo"),
        ('{"openid": "乙"}', -3, "todo"),
    ]
