"""The jobs: each is one line into a service. They may run twice, and any number of processes may run them."""

from collections.abc import Awaitable, Callable

import procrastinate
import structlog
from procrastinate import JobContext, RetryStrategy
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status

from jobs.alone import Alone
from services.delivery_senders import forget_old as forget_old_senders
from services.desk import Desk
from services.idempotency import Idempotencies

log = structlog.get_logger(__name__)

STALLED_AFTER = 6
"""Seconds without a heartbeat after which a worker counts as dead (it beats every two)."""
MOST_RESCUES = 60
"""A job that has taken so many workers down with it is given up; the sweeps find what it was about."""

RECOUNT = "recount_deadlines"
SWEEP_DELIVERIES = "sweep_deliveries"
"""Also deferred when a worker starts: what is due does not wait for the clock."""

AskDesk = Callable[[], Desk]


def register(app: procrastinate.App, desk: AskDesk) -> None:
    """Add all jobs to *app*; *desk* is asked when a job runs."""
    _register_jobs(app, desk)
    _register_sweeps(app, desk)
    _register_rescue(app)


def _register_jobs(app: procrastinate.App, desk: AskDesk) -> None:

    @app.task(name="deliver", retry=RetryStrategy(max_attempts=5, exponential_wait=2))
    async def deliver(people: list[int]) -> None:
        await desk().deliveries.send(people)

    # 40 tries in seven hours; after that an hourly sweep goes on, until WeChat has the medium no more.
    @app.task(name="fetch_media", retry=RetryStrategy(max_attempts=40, linear_wait=30))
    async def fetch_media(attachment: str) -> None:
        await desk().medias.fetch(attachment)

    @app.task(name="learn_unionid", retry=RetryStrategy(max_attempts=12, exponential_wait=2))
    async def learn_unionid(openid: str) -> None:
        await desk().people.learn_unionid(openid)

    @app.task(name="spread_notice", retry=RetryStrategy(max_attempts=5, wait=2))
    async def spread_notice(notice: int) -> None:
        await desk().notices.spread(notice)

    @app.task(name="send_masses", retry=RetryStrategy(max_attempts=5, wait=2))
    async def send_masses() -> None:
        await desk().mass_sends.send()

    @app.task(name="look_at_person", retry=RetryStrategy(max_attempts=5, exponential_wait=2))
    async def look_at_person(person: int) -> None:
        await desk().posts.look_at(person)

    @app.task(name="sweep")
    async def sweep() -> None:
        """Deferred when the sandbox's clock was moved: what is due is taken at once."""
        moved = desk().moved_clock
        if moved is not None:
            await moved.load()
        for part in (desk().posts.look, desk().cases.rehome, *_by_the_clock(desk()), desk().deliveries.send):
            await part()


def _by_the_clock(desk: Desk) -> tuple[Callable[[], Awaitable[object]], ...]:
    return (
        desk.cases.climb_overdue,
        desk.cases.wake_suspended,
        desk.cases.remind_due,
        desk.cases.close_unrated,
        desk.notices.sweep,
        desk.field_work.patrols.end_forgotten,
        desk.field_work.patrols.measure_late,
        desk.field_work.coverages.sweep,
        desk.assessments.sweep,
        desk.exits.sweep,
    )


def _register_sweeps(app: procrastinate.App, desk: AskDesk) -> None:
    """What runs by the clock: the queue is never trusted, the sweeps find what it forgot."""
    alone = Alone()

    @app.periodic(cron="* * * * * */5")
    @app.task(name=SWEEP_DELIVERIES, queueing_lock=SWEEP_DELIVERIES)
    async def sweep_deliveries(timestamp: int) -> None:
        del timestamp
        await alone.run("deliveries", desk().deliveries.sweep, desk().send_reports.apply)

    @app.periodic(cron="* * * * * */10")
    @app.task(name="sweep_deadlines", queueing_lock="sweep_deadlines")
    async def sweep_deadlines(timestamp: int) -> None:
        del timestamp
        cases = desk().cases
        await alone.run("deadlines", cases.climb_overdue, cases.wake_suspended, cases.remind_due)

    # Also deferred when a worker starts. A recount too long for one run goes on, in the next, where it was broken off.
    @app.periodic(cron="7 1 * * *")
    @app.task(name=RECOUNT, queueing_lock=RECOUNT, retry=RetryStrategy(max_attempts=40, wait=10))
    async def recount_deadlines(timestamp: int) -> None:
        """At 09:07 in China: the rules of deadlines may have changed, and a new year's holidays with a new release."""
        del timestamp
        towns, field = desk().town_settings, desk().field_work
        await alone.run(
            RECOUNT,
            desk().town_days.load,
            towns.load,
            desk().cases.apply_rules,
            field.subjects.keep_cycles,
            desk().notices.keep_hours,
        )

    _register_sweeps_of_notices(app, desk, alone)
    _register_slow_sweeps(app, desk, alone)
    _register_daily_lists(app, desk, alone)
    _register_assessment(app, desk, alone)
    _register_exports(app, desk, alone)


def _register_assessment(app: procrastinate.App, desk: AskDesk, alone: Alone) -> None:

    # Each minute: a month closes as soon as it is over, and what a killed worker has left is found again.
    @app.periodic(cron="* * * * *")
    @app.task(name="sweep_assessments", queueing_lock="sweep_assessments")
    async def sweep_assessments(timestamp: int) -> None:
        del timestamp
        await alone.run("assessments", desk().assessments.sweep, desk().exits.sweep)


def _register_exports(app: procrastinate.App, desk: AskDesk, alone: Alone) -> None:

    # What a killed worker leaves is handed out again and begins anew; what fails is tried some more times.
    @app.task(name="make_export", retry=RetryStrategy(max_attempts=3, wait=5))
    async def make_export(export: int) -> None:
        await desk().exports.make(export)

    # Each minute: a file whose time is over goes, and one that nobody makes any more is taken up.
    @app.periodic(cron="* * * * *")
    @app.task(name="sweep_exports", queueing_lock="sweep_exports")
    async def sweep_exports(timestamp: int) -> None:
        del timestamp
        await alone.run("exports", desk().exports.sweep)


def _register_daily_lists(app: procrastinate.App, desk: AskDesk, alone: Alone) -> None:

    # From the beginning of work on; whoever has had theirs costs nothing any more.
    @app.periodic(cron="*/5 * * * *")
    @app.task(name="send_daily_lists", queueing_lock="send_daily_lists")
    async def send_daily_lists(timestamp: int) -> None:
        del timestamp
        await alone.run("daily lists", desk().daily_lists.send)


def _register_sweeps_of_notices(app: procrastinate.App, desk: AskDesk, alone: Alone) -> None:

    @app.periodic(cron="* * * * * */10")
    @app.task(name="sweep_notices", queueing_lock="sweep_notices")
    async def sweep_notices(timestamp: int) -> None:
        del timestamp
        await alone.run("notices", desk().notices.sweep)

    @app.periodic(cron="* * * * * */15")
    @app.task(name="sweep_masses", queueing_lock="sweep_masses")
    async def sweep_masses(timestamp: int) -> None:
        del timestamp
        await alone.run("masses", desk().mass_sends.send, desk().mass_sends.ask)


def _register_slow_sweeps(app: procrastinate.App, desk: AskDesk, alone: Alone) -> None:

    @app.periodic(cron="* * * * *")
    @app.task(name="sweep_forgotten", queueing_lock="sweep_forgotten")
    async def sweep_forgotten(timestamp: int) -> None:
        del timestamp
        await alone.run("forgotten", desk().cases.close_unrated)
        await alone.run("safety", desk().safety.check_again, desk().media_checks.ask)
        field = desk().field_work
        await alone.run("patrols", field.patrols.end_forgotten, field.patrols.measure_late, field.coverages.sweep)

    @app.periodic(cron="* * * * *")
    @app.task(name="sweep_holders", queueing_lock="sweep_holders")
    async def sweep_holders(timestamp: int) -> None:
        del timestamp
        await alone.run("holders", desk().posts.look, desk().cases.rehome)

    @app.periodic(cron="41 * * * *")
    @app.task(name="sweep_media", queueing_lock="sweep_media")
    async def sweep_media(timestamp: int) -> None:
        del timestamp
        await alone.run("media", desk().medias.fetch_forgotten)

    @app.periodic(cron="23 * * * *")
    @app.task(name="count_villages", queueing_lock="count_villages")
    async def count_villages(timestamp: int) -> None:
        del timestamp
        await alone.run("statistics", desk().statistics.count, desk().figure_counts.count)

    @app.periodic(cron="17 3 * * *")
    @app.task(name="forget_old", queueing_lock="forget_old")
    async def forget_old(timestamp: int) -> None:
        """What is kept for a time only: answers, keys, sign-ins, media of nothing, recipients of notices, jobs."""
        del timestamp

        async def old_jobs() -> None:
            await app.job_manager.delete_old_jobs(nb_hours=24, include_failed=True, include_cancelled=True)

        await alone.run(
            "forget",
            desk().inbounds.forget_old,
            desk().send_reports.forget_old,
            forget_old_senders,
            Idempotencies(desk().clock).forget_old,
            desk().sessions.forget_old,
            desk().looks.forget_old,
            desk().field_work.patrols.forget_tracks,
            desk().field_work.coverages.forget_old,
            desk().field_work.subjects.forget_looks,
            desk().records.forget_looks,
            desk().daily_lists.forget_old,
            desk().medias.forget_loose,
            desk().notices.retention.thin,
            old_jobs,
        )


def _register_rescue(app: procrastinate.App) -> None:

    # Without a lock: a rescue that was itself killed must not stand in the way of the next.
    @app.periodic(cron="* * * * * */3")
    @app.task(name="retry_stalled", queueing_lock="retry_stalled", pass_context=True)
    async def retry_stalled(context: JobContext, timestamp: int) -> None:
        """A worker that was killed leaves its jobs behind as running: hand them out again."""
        del timestamp
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
            if context.job is None or job.id != context.job.id:
                await rescue(app, job)


async def rescue(app: procrastinate.App, job: Job) -> None:
    """Hand a stalled job out again; end it where its successor waits already, or where it was rescued too often."""
    log.warning("job_stalled", job=job.id, task=job.task_name, attempts=job.attempts)
    try:
        if job.attempts < MOST_RESCUES:
            await app.job_manager.retry_job(job)
        else:
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
    except UniqueViolation:
        # A periodic job of which the next run is queued: two of them cannot wait at once, and one is enough.
        await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
    except ConnectorException as error:
        # Somebody else has rescued it, or it has come to its end after all.
        log.info("job_not_rescued", job=job.id, reason=str(error))
