"""The controls under ``/sandbox/api/``: people and what they do, the clock, failures on order, what was seen."""

from aiohttp import web

from sandbox.control import account, actions, people, trouble, watch


def add_routes(app: web.Application) -> None:
    for part in (people, actions, watch, trouble, account):
        app.add_routes(part.routes)
