"""A worker that was killed: its jobs go on, and nothing that it leaves behind stands in anybody's way."""

import asyncio

from procrastinate import App
from procrastinate.jobs import Job

from jobs import tasks
from jobs.tasks import MOST_RESCUES, STALLED_AFTER, rescue
from services.transaction import rows
from tests.services.conftest import Street, at_once


async def take(queue: App, *, dies: bool = True) -> Job:
    """As a worker that takes the next job, and then perhaps is heard of no more."""
    worker = await queue.job_manager.register_worker()
    job = await queue.job_manager.fetch_job(queues=None, worker_id=worker)
    assert job is not None
    if dies:
        await rows(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute' WHERE id = $1 RETURNING 1",
            worker,
        )
    return job


async def status(job: Job) -> str:
    found = await rows("SELECT status FROM procrastinate_jobs WHERE id = $1", job.id)
    return found[0]["status"] if found else "gone"


async def rescues(queue: App, street: Street) -> None:
    await queue.tasks["retry_stalled"].defer_async(timestamp=0)
    await street.work()


async def test_the_job_of_a_dead_worker_is_done_by_another(street: Street, queue: App) -> None:
    one = await street.follower("王阿姨")
    await street.work()
    await street.owes(one, "一")
    await take(queue)
    await street.work()
    assert street.shown(one) == []
    await rescues(queue, street)
    assert street.shown(one) == ["一"]


async def test_the_job_of_a_dead_worker_whose_row_is_gone_is_done_too(street: Street, queue: App) -> None:
    """Any worker that starts removes the rows of dead ones."""
    one = await street.follower("王阿姨")
    await street.work()
    await street.owes(one, "一")
    await take(queue)
    await queue.job_manager.prune_stalled_workers(STALLED_AFTER)
    await rescues(queue, street)
    assert street.shown(one) == ["一"]


async def test_the_job_of_a_living_worker_is_left_to_it(street: Street, queue: App) -> None:
    one = await street.follower("王阿姨")
    await street.work()
    await street.owes(one, "一")
    job = await take(queue, dies=False)
    await rescues(queue, street)
    assert (await status(job), street.shown(one)) == ("doing", [])


async def test_a_dead_periodic_job_whose_next_run_waits_does_not_stop_the_rescue_of_the_others(
    street: Street, queue: App
) -> None:
    one = await street.follower("王阿姨")
    await street.work()
    await queue.tasks["sweep_deadlines"].defer_async(timestamp=1)
    periodic = await take(queue)
    await street.owes(one, "一")
    other = await take(queue)
    await queue.tasks["sweep_deadlines"].defer_async(timestamp=2)
    for job in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        await rescue(queue, job)
    assert (await status(periodic), await status(other)) == ("gone", "todo")
    assert [job["status"] for job in await street.jobs("sweep_deadlines")] == ["todo"]
    await street.work()
    assert street.shown(one) == ["一"]


async def test_a_dead_periodic_job_does_not_keep_the_next_from_being_queued_and_run(street: Street, queue: App) -> None:
    case = await street.files()
    await street.work()
    await queue.tasks["sweep_deadlines"].defer_async(timestamp=1)
    dead = await take(queue)
    await street.advance(4 * 86400)
    await rows("DELETE FROM procrastinate_jobs WHERE task_name = 'sweep' RETURNING 1")
    await queue.tasks["sweep_deadlines"].defer_async(timestamp=2)
    await street.work()
    assert (await street.desk.queues.one(await street.actor("chief"), case.number or 0)).case.level == 2
    assert await status(dead) == "doing"


async def test_a_rescue_that_was_killed_itself_does_not_stop_the_next(street: Street, queue: App) -> None:
    one = await street.follower("王阿姨")
    await street.work()
    await queue.tasks["retry_stalled"].defer_async(timestamp=1)
    await take(queue)
    await street.owes(one, "一")
    await take(queue)
    await rescues(queue, street)
    assert street.shown(one) == ["一"]
    assert await street.jobs("retry_stalled") == []


async def test_many_who_rescue_at_once_hand_a_job_out_once(street: Street, queue: App) -> None:
    one = await street.follower("王阿姨")
    await street.work()
    await street.owes(one, "一")
    job = await take(queue)
    done = await at_once(*(rescue(queue, job) for _ in range(3)))
    assert done == [None] * 3
    assert await status(job) == "todo"
    await street.work()
    await rescue(queue, job)
    assert street.shown(one) == ["一"]


async def test_a_job_that_takes_every_worker_down_with_it_is_given_up(street: Street, queue: App) -> None:
    await street.owes(await street.follower("王阿姨"), "一")
    await rows("UPDATE procrastinate_jobs SET attempts = $1 RETURNING 1", MOST_RESCUES)
    job = await take(queue)
    await rescue(queue, job)
    assert await status(job) == "failed"


async def test_a_worker_that_is_stopped_in_the_middle_finishes_what_it_has_begun(street: Street) -> None:
    one = await street.follower("王阿姨")
    await street.work()
    street.fails("/cgi-bin/message/custom/send", delay=0.5)
    await street.owes(one, "一")
    working = asyncio.create_task(street.work())
    async with asyncio.timeout(5):
        while not await rows("SELECT 1 FROM delivery WHERE state = 'sending'"):
            await asyncio.sleep(0.01)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert [row.state for row in await street.rows(one)] == ["sent"]
    assert await street.jobs("deliver") == []


def test_no_periodic_job_has_a_lock_that_a_dead_one_could_hold(queue: App) -> None:
    periodic = {entry.task.name: entry.task for entry in queue.periodic_registry.periodic_tasks.values()}
    assert set(periodic) == {
        "sweep_assessments",
        "sweep_exports",
        "send_daily_lists",
        "sweep_deliveries",
        "sweep_masses",
        "sweep_deadlines",
        "sweep_forgotten",
        "sweep_holders",
        "sweep_media",
        "sweep_notices",
        "forget_old",
        "count_villages",
        "recount_deadlines",
        "retry_stalled",
    }
    for name, task in periodic.items():
        assert (task.lock, task.queueing_lock) == (None, name)
    assert set(queue.tasks) - set(periodic) >= {"deliver", "fetch_media", "learn_unionid", "spread_notice", "sweep"}
    assert tasks.STALLED_AFTER > 2 * 2
