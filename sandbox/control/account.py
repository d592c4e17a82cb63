"""The clock, the account as the phone page shows it, and what can be changed while it runs."""

from datetime import datetime
from http import HTTPStatus
from typing import Any, cast

from aiohttp import web

from sandbox.clock import rfc3339
from sandbox.control.body import answer, number, read, word, world_of
from sandbox.control.people import phone_json
from sandbox.refusals import NotPossible
from sandbox.settings import BadOption, Mode
from sandbox.templates import Template, fields_of
from sandbox.world import World

routes = web.RouteTableDef()

CLOCK = "/sandbox/api/clock"
SETTINGS = "/sandbox/api/settings"
LONGEST_LEAP_SECONDS = 10 * 366 * 86400


@routes.get(CLOCK)
async def tell(request: web.Request) -> web.Response:
    return answer(_time(world_of(request)))


@routes.post(CLOCK)
async def move(request: web.Request) -> web.Response:
    """``{"advance_seconds": N}`` or ``{"now": "RFC 3339 with offset"}``; the clock runs on from there."""
    world = world_of(request)
    body = await read(request)
    if "advance_seconds" in body:
        seconds = number(body, "advance_seconds")
        if abs(seconds) > LONGEST_LEAP_SECONDS:
            raise NotPossible("the clock moves at most ten years at once", HTTPStatus.BAD_REQUEST)
        world.clock.advance(seconds)
    else:
        world.clock.set(_moment(word(body, "now")))
    world.move_clock()
    await world.store.saved()
    return answer(_time(world))


def _time(world: World) -> dict[str, Any]:
    return {"now": rfc3339(world.clock.now()), "offset_seconds": round(world.clock.offset, 3)}


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise NotPossible(f"now is not RFC 3339: {error}", HTTPStatus.BAD_REQUEST) from error
    if moment.tzinfo is None:
        raise NotPossible("now needs an offset, as 2026-03-05T08:00:00+08:00", HTTPStatus.BAD_REQUEST)
    return moment


@routes.get("/sandbox/api/state")
async def state(request: web.Request) -> web.Response:
    """Everything the phone page needs to begin."""
    world = world_of(request)
    return answer(
        {
            "account": {"name": world.options.name, "original_id": world.options.original_id},
            "now": rfc3339(world.clock.now()),
            "menu": world.menu,
            "phones": [phone_json(world, phone) for phone in world.phones if not phone.bulk],
        }
    )


@routes.get(SETTINGS)
async def settings(request: web.Request) -> web.Response:
    return answer(_settings(world_of(request)))


@routes.post(SETTINGS)
async def change(request: web.Request) -> web.Response:
    """Change ``mode``, ``callback_url``, ``deadline``, ``retries`` or ``job_finish_events`` until the next start."""
    world = world_of(request)
    options, body = world.options, await read(request)
    unknown = set(body) - set(_settings(world))
    if unknown:
        raise NotPossible(f"unknown setting: {', '.join(sorted(unknown))}", HTTPStatus.BAD_REQUEST)
    before = _settings(world)
    try:
        options.mode = cast("Mode", word(body, "mode", options.mode))
        options.callback_url = word(body, "callback_url", options.callback_url)
        options.deadline = number(body, "deadline", options.deadline)
        options.retries = int(number(body, "retries", options.retries))
        told = body.get("job_finish_events", options.job_finish_events)
        options.job_finish_events = "failed" if told == "failed" else told is True
        options.check()
    except BadOption as error:
        for name, value in before.items():
            setattr(options, name, value)
        raise NotPossible(str(error), HTTPStatus.BAD_REQUEST) from error
    return answer(_settings(world))


def _settings(world: World) -> dict[str, Any]:
    options = world.options
    return {
        "mode": options.mode,
        "callback_url": options.callback_url,
        "deadline": options.deadline,
        "retries": options.retries,
        "job_finish_events": options.job_finish_events,
    }


@routes.post("/sandbox/api/templates")
async def templates(request: web.Request) -> web.Response:
    """Name a template: ``template_id``, ``title``, and ``fields`` (name to label) or ``content``; ``strict``."""
    world = world_of(request)
    body = await read(request)
    if "strict" in body:
        world.templates.be_strict(strict=body["strict"] is True)
    if "template_id" in body:
        given = body.get("fields")
        fields = given if isinstance(given, dict) else fields_of(word(body, "content", ""))
        named = {str(name): str(label) for name, label in fields.items()}
        world.templates.learn(Template(word(body, "template_id"), word(body, "title", "服务通知"), named))
        await world.store.saved()
    return answer({"template_ids": [one.template_id for one in world.templates.list()]})


@routes.post("/sandbox/api/verify")
async def verify(request: web.Request) -> web.Response:
    """Ask the callback to echo, as WeChat does when its url is entered."""
    fine, said = await world_of(request).pusher.verify()
    return answer({"ok": fine, "said": said})
