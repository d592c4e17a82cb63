"""One aiohttp application with every door in it."""

from aiohttp import web

import miniprogram_api.api
from adapters.storage_local import LocalStorage
from adapters.storage_local_door import StoreDoor
from app import console_door
from app.accounts import mini_account
from app.bootstrap import House, proxies
from app.migrations import is_current
from bot.callback import Callback
from bot.mini_events import MiniEvents
from pages.board import BoardPage
from pages.frame import Frame
from pages.notice import NoticePage
from services import status
from web import health, request_log
from web.errors import problem_documents
from web.limits import Limits, RedisRate
from web.metrics import Metrics


def site(house: House) -> web.Application:
    """Build the application; whoever runs it owns the house. Raises SettingsError."""
    app = web.Application(middlewares=[request_log.request_log, problem_documents("/api/")])
    given = house.settings.limits
    request_log.setup(app)
    metrics = Metrics()

    async def look() -> bool:
        appid = house.settings.wechat.official.appid
        metrics.show_shut(appid, await status.shut_channels(appid, house.desk.clock.now()))
        return True

    checks = {"database": status.database_answers, "redis": house.cache.healthy, "schema": is_current}
    health.setup(app, checks, metrics, look=look)
    callback = Callback(house.desk, house.account, per_minute=given.messages_per_minute, body_bytes=given.body_bytes)
    app.add_routes(callback.routes())
    app.add_routes(MiniEvents(house.desk, mini_account(house.settings), body_bytes=given.body_bytes).routes())
    if isinstance(house.storage, LocalStorage):
        app.add_routes(StoreDoor(house.storage, house.desk.uploads.check_wanted).routes())
    rate = RedisRate(house.redis_url)
    limits = Limits(
        rate, proxies(house.settings), per_person=given.api_per_minute, per_address=given.api_per_minute_and_address
    )
    miniprogram_api.api.setup(app, house.desk, limits=limits, longest_body=given.body_bytes)
    frame = Frame(limits)
    app.add_routes([*BoardPage(house.desk, frame).routes(), *NoticePage(house.desk, frame).routes()])
    console_door.setup(app, house, limits)

    async def drain(_app: web.Application) -> None:
        await callback.close()

    async def close(_app: web.Application) -> None:
        await rate.close()

    app.on_shutdown.append(drain)
    app.on_cleanup.append(close)
    return app
