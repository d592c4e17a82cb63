"""Serving the phone page, its scripts and style, and the pictures on it."""

import html
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from string import Template

from aiohttp import web

from sandbox.clock import CHINA, rfc3339
from sandbox.world import WORLD, World

routes = web.RouteTableDef()

HERE = Path(__file__).parent
STATIC = {
    "phone.js": "text/javascript",
    "bubbles.js": "text/javascript",
    "sheets.js": "text/javascript",
    "phone.css": "text/css",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: http: https:;"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
SLOTS = (("1", "一"), ("2", "二"))


@routes.get("/sandbox")
async def without_slash(_request: web.Request) -> web.Response:
    raise web.HTTPFound("/sandbox/")


@routes.get("/sandbox/")
async def page(request: web.Request) -> web.Response:
    """Two phones side by side, drawn here as far as they can be without knowing who holds them."""
    text = render(request.app[WORLD])
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return web.Response(text=text, content_type="text/html", headers=headers)


def render(world: World) -> str:
    """The page as HTML; every word that a person or the account chose is escaped."""
    account = html.escape(world.options.name)
    now = world.clock.now()
    people = "".join(
        f'<li><button type="button" data-person="{phone.id}"{" data-scanned" if phone.scene else ""}>'
        f"{html.escape(phone.name)}</button></li>"
        for phone in world.phones
        if not phone.bulk
    )
    phone = Template((HERE / "phone.html").read_text("utf-8"))
    phones = "".join(
        phone.substitute(slot=slot, slot_name=name, account=account, people=people) for slot, name in SLOTS
    )
    whole = Template((HERE / "page.html").read_text("utf-8"))
    shown = datetime.fromtimestamp(now, CHINA).strftime("%Y-%m-%d %H:%M:%S")
    return whole.substitute(account=account, now=rfc3339(now), now_text=shown, phones=phones)


@routes.get("/sandbox/static/{name}")
async def static(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in STATIC:
        return web.Response(status=HTTPStatus.NOT_FOUND, text="no such file")
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    text = (HERE / name).read_text("utf-8")
    return web.Response(text=text, content_type=STATIC[name], charset="utf-8", headers=headers)


@routes.get("/sandbox/media/{media_id}")
async def media(request: web.Request) -> web.Response:
    """A picture, voice or film. The type is read off the bytes, and nothing that a browser would run is one."""
    world = request.app[WORLD]
    medium = world.media.known(request.match_info["media_id"])
    if medium is None:
        return web.Response(status=HTTPStatus.NOT_FOUND, text="no such file")
    headers = {
        "Content-Type": medium.media_type,
        "Cache-Control": "private, max-age=86400",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    if not medium.media_type.startswith(("image/", "video/", "audio/")):
        headers["Content-Disposition"] = "attachment"
    return web.Response(body=await world.media.read(medium), headers=headers)


def add_routes(app: web.Application) -> None:
    app.add_routes(routes)
