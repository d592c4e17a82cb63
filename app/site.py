"""One aiohttp application with every door in it."""

from aiohttp import web

import miniprogram_api.api
from adapters.storage_local import LocalStorage
from adapters.storage_local_door import StoreDoor
from app.bootstrap import House, proxies
from app.migrations import is_current
from bot.callback import Callback
from domain.errors import NotFound
from pages.board import BoardPage
from services import status
from services.desk import Desk
from web import health, notice_page, request_log
from web.errors import problem_documents
from web.limits import Limits, RedisRate
from web.metrics import Metrics


def notice_pages(desk: Desk) -> tuple[notice_page.Look, notice_page.Picture]:
    """What the pages behind notices' links are made of."""

    async def look(token: str, count: bool) -> notice_page.Page | None:  # noqa: FBT001 - as the page asks
        return await desk.notices.news.page(token, count=count)

    async def picture(token: str) -> tuple[bytes, str] | None:
        found = await desk.notices.news.picture(token)
        try:
            return None if found is None else (await desk.medias.read(found), found.media_type)
        except NotFound:
            return None

    return look, picture


def site(house: House) -> web.Application:
    """Build the application; whoever runs it owns the house. Raises SettingsError."""
    app = web.Application(middlewares=[request_log.request_log, problem_documents("/api/")])
    given = house.settings.limits
    request_log.setup(app)
    health.setup(
        app,
        {"database": status.database_answers, "redis": house.cache.healthy, "schema": is_current},
        Metrics(),
    )
    callback = Callback(house.desk, house.account, per_minute=given.messages_per_minute, body_bytes=given.body_bytes)
    app.add_routes(callback.routes())
    if isinstance(house.storage, LocalStorage):
        app.add_routes(StoreDoor(house.storage, house.desk.uploads.check_wanted).routes())
    notice_page.setup(app, *notice_pages(house.desk))
    rate = RedisRate(house.redis_url)
    limits = Limits(
        rate, proxies(house.settings), per_person=given.api_per_minute, per_address=given.api_per_minute_and_address
    )
    miniprogram_api.api.setup(app, house.desk, limits=limits, longest_body=given.body_bytes)
    app.add_routes(BoardPage(house.desk, limits).routes())

    async def drain(_app: web.Application) -> None:
        await callback.close()

    async def close(_app: web.Application) -> None:
        await rate.close()

    app.on_shutdown.append(drain)
    app.on_cleanup.append(close)
    return app
