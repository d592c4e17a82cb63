"""The job part: takes jobs from the queue, any number of processes on any number of machines."""

import asyncio
import contextlib
import gc
import signal

import procrastinate
import psycopg
import structlog
from procrastinate import App, PsycopgConnector

from app.bootstrap import House, opened
from app.settings import Settings
from bot.menu import menu
from jobs import tasks
from jobs.watch import watch
from services.ports import WeChatError

log = structlog.get_logger(__name__)

CONCURRENCY = 20
"""More is slower: 100 gave less than 20 on two cores."""
HEARTBEAT_SECONDS = 2
_AGAIN_SECONDS = 0.5


async def run(settings: Settings, concurrency: int = CONCURRENCY) -> None:
    """Work until SIGTERM or SIGINT; a job under way is finished first. A database that goes away is waited for."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with opened(settings) as house:
        # What is there now stays: it need not be looked through whenever garbage is collected.
        gc.collect()
        gc.freeze()
        log.info("working", concurrency=concurrency)
        showing = asyncio.create_task(_show_menu(house))
        watching = asyncio.create_task(watch(lambda: house.desk))
        while not stop.is_set():
            try:
                await _work(house, concurrency, stop)
            except (psycopg.Error, procrastinate.exceptions.ProcrastinateException, OSError) as error:
                log.warning("queue_away", reason=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _AGAIN_SECONDS)
        showing.cancel()
        watching.cancel()
        await asyncio.gather(showing, watching, return_exceptions=True)
        log.info("stopping")


async def _show_menu(house: House) -> None:
    """Give the official account its menu: WeChat drops the console's own once a callback is set."""
    try:
        await house.wechat.set_menu(menu())
    except WeChatError as error:
        log.warning("menu_not_set", reason=error.reason, errcode=error.errcode)


async def _work(house: House, concurrency: int, stop: asyncio.Event) -> None:
    # Each round has a connector of its own: one whose database has crashed under it is not to be trusted.
    connector = PsycopgConnector(conninfo=house.database_url, min_size=1, max_size=6, timeout=5)
    app = App(connector=connector)
    tasks.register(app, lambda: house.desk)
    async with app.open_async():
        for name in (tasks.RECOUNT, tasks.SWEEP_DELIVERIES):
            with contextlib.suppress(procrastinate.exceptions.AlreadyEnqueued):
                await app.tasks[name].defer_async(timestamp=0)
        worker = asyncio.create_task(
            app.run_worker_async(
                concurrency=concurrency,
                install_signal_handlers=False,
                delete_jobs="successful",
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=3 * HEARTBEAT_SECONDS,
                fetch_job_polling_interval=2,
                shutdown_graceful_timeout=10,
            )
        )
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([worker, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not worker.done():
            worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await worker
