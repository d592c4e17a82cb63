"""What people do with their phones. Each call waits for the callback's answer unless ``"wait": false``."""

import asyncio
import base64
import binascii
from http import HTTPStatus
from typing import Any

from aiohttp import web

from sandbox.actions import DEFAULT_SECONDS, Actions, Done
from sandbox.control.body import answer, number, phone_of, read, word, world_of
from sandbox.refusals import NotPossible
from sandbox.uploads import NoFile, read_file

routes = web.RouteTableDef()

PHONE = "/sandbox/api/phones/{phone}"


@routes.post(f"{PHONE}/follow")
async def follow(request: web.Request) -> web.Response:
    return await _finish(request, _hands(request).follow(phone_of(request)), await read(request))


@routes.post(f"{PHONE}/unfollow")
async def unfollow(request: web.Request) -> web.Response:
    return await _finish(request, _hands(request).unfollow(phone_of(request)), await read(request))


@routes.post(f"{PHONE}/scan")
async def scan(request: web.Request) -> web.Response:
    """``code`` (or ``scene``, ``ticket``, ``url``) names a code that ``qrcode/create`` made."""
    body = await read(request)
    given = next((body[name] for name in ("code", "scene", "ticket", "url") if body.get(name)), None)
    if not isinstance(given, str):
        raise NotPossible("scan needs a scene, a ticket or a url", HTTPStatus.BAD_REQUEST)
    return await _finish(request, _hands(request).scan(phone_of(request), given), body)


@routes.post(f"{PHONE}/say")
async def say(request: web.Request) -> web.Response:
    body = await read(request)
    menu_id = word(body, "menu_id", "")
    return await _finish(request, _hands(request).say(phone_of(request), word(body, "text"), menu_id), body)


@routes.post(f"{PHONE}/photo")
async def photo(request: web.Request) -> web.Response:
    """The picture as ``base64``, or a multipart form with ``photo``; none: one is drawn."""
    picture, body = await _file(request, "photo")
    return await _finish(request, _hands(request).photo(phone_of(request), picture, word(body, "name", "")), body)


@routes.post(f"{PHONE}/voice")
async def voice(request: web.Request) -> web.Response:
    sound, body = await _file(request, "voice")
    seconds = int(number(body, "seconds", DEFAULT_SECONDS))
    done = _hands(request).voice(phone_of(request), word(body, "recognition", ""), seconds, sound)
    return await _finish(request, done, body)


@routes.post(f"{PHONE}/video")
async def video(request: web.Request) -> web.Response:
    film, body = await _file(request, "video")
    return await _finish(request, _hands(request).video(phone_of(request), film), body)


@routes.post(f"{PHONE}/place")
async def place(request: web.Request) -> web.Response:
    body = await read(request)
    latitude, longitude = number(body, "latitude"), number(body, "longitude")
    done = _hands(request).place(phone_of(request), latitude, longitude, word(body, "label", ""))
    return await _finish(request, done, body)


@routes.post(f"{PHONE}/location")
async def location(request: web.Request) -> web.Response:
    """The LOCATION event that a phone sends by itself."""
    body = await read(request)
    latitude, longitude = number(body, "latitude"), number(body, "longitude")
    done = _hands(request).report_location(phone_of(request), latitude, longitude, number(body, "precision", 30.0))
    return await _finish(request, done, body)


@routes.post(f"{PHONE}/link")
async def link(request: web.Request) -> web.Response:
    body = await read(request)
    done = _hands(request).link(
        phone_of(request), word(body, "title"), word(body, "description", ""), word(body, "url")
    )
    return await _finish(request, done, body)


@routes.post(f"{PHONE}/menu")
async def menu(request: web.Request) -> web.Response:
    """Tap a button by its ``name``, or by any ``key`` (also one that the menu no longer has)."""
    body = await read(request)
    name, key = word(body, "name", ""), word(body, "key", "")
    button = next(
        (
            one
            for one in _buttons(world_of(request).menu)
            if (name and one.get("name") == name) or (key and one.get("key") == key)
        ),
        None,
    )
    if button is None:
        if not key:
            raise NotPossible(f"菜单里没有「{name}」。", HTTPStatus.NOT_FOUND)
        button = {"type": "click", "name": key, "key": key}
    return await _finish(request, _hands(request).tap(phone_of(request), button), body)


@routes.post(f"{PHONE}/subscribe")
async def subscribe(request: web.Request) -> web.Response:
    """Agree to (``accept`` false: refuse) one message of each of ``template_ids``, from ``app`` mini or official."""
    body = await read(request)
    app, ids = word(body, "app", "mini"), body.get("template_ids")
    if app not in ("mini", "official") or not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise NotPossible("subscribe needs template_ids, and app mini or official", HTTPStatus.BAD_REQUEST)
    accept = body.get("accept") is not False
    return await _finish(request, _hands(request).subscribe(phone_of(request), app, ids, accept=accept), body)


def _hands(request: web.Request) -> Actions:
    return Actions(world_of(request))


def _buttons(menu: dict[str, Any] | None) -> list[dict[str, Any]]:
    top = menu["button"] if menu else []
    return [one for button in top for one in (button.get("sub_button") or [button])]


async def _file(request: web.Request, name: str) -> tuple[bytes, dict[str, Any]]:
    """The file and the other fields, from a multipart form or from JSON with ``base64``."""
    if request.content_type.startswith("multipart/"):
        try:
            body, file_name, words = await read_file(request, name)
        except NoFile as error:
            raise NotPossible("没有选中文件。", HTTPStatus.BAD_REQUEST) from error
        fields: dict[str, Any] = {"name": file_name, **words}
        if words.get("seconds", "").isdecimal():
            fields["seconds"] = int(words["seconds"])
        fields["wait"] = words.get("wait") != "false"
        return body, fields
    fields = await read(request)
    try:
        return base64.b64decode(str(fields.get("base64") or ""), validate=True), fields
    except binascii.Error as error:
        raise NotPossible(f"base64 is not base64: {error}", HTTPStatus.BAD_REQUEST) from error


async def _finish(request: web.Request, done: Done, body: dict[str, Any]) -> web.Response:
    """Answer with what came of it: ``reply`` is the message shown in answer, or null."""
    await world_of(request).store.saved()
    shown = None if done.message is None else done.message.as_json()
    if done.push is None:
        return answer({"message": shown, "reply": None, "outcome": "none", "elapsed_ms": 0, "tries": 0})
    if body.get("wait") is False:
        return answer({"message": shown, "reply": None, "outcome": "waiting"}, HTTPStatus.ACCEPTED)
    # The push goes on even when the caller hangs up.
    push = await asyncio.shield(done.push)
    return answer(
        {
            "message": shown,
            "reply": None if push.shown is None else push.shown.as_json(),
            "outcome": push.outcome,
            "why": push.why or None,
            "elapsed_ms": push.elapsed_ms,
            "tries": len(push.tries),
            "push": push.id,
        }
    )
