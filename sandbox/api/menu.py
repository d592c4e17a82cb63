"""The menu under the chat."""

from typing import Any

from sandbox.api.gate import OK, Answer, Call, call
from sandbox.refusals import Refused

MOST_BUTTONS, MOST_BELOW = 3, 5
LONGEST_NAME_BYTES, LONGEST_NAME_BELOW_BYTES, LONGEST_KEY_BYTES = 16, 60, 128
NO_MENU, BAD_COUNT, BAD_NAME, BAD_KEY = 46003, 40016, 40018, 40019
BAD_SUB_COUNT, BAD_TYPE, BAD_URL = 40023, 40017, 40020


@call("POST", "/cgi-bin/menu/create")
async def create(one: Call) -> Answer:
    """Take a menu of at most three buttons with at most five below each."""
    body = one.json()
    buttons = body.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= MOST_BUTTONS:
        raise Refused(BAD_COUNT)
    for button in buttons:
        _check(button, LONGEST_NAME_BYTES, top=True)
    one.world.menu = {"button": buttons}
    await one.world.store.saved()
    return OK


@call("GET", "/cgi-bin/menu/get")
async def get(one: Call) -> Answer:
    if one.world.menu is None:
        raise Refused(NO_MENU)
    return {"menu": one.world.menu}


@call("GET", "/cgi-bin/menu/delete")
async def delete(one: Call) -> Answer:
    one.world.menu = None
    await one.world.store.saved()
    return OK


def _check(button: Any, longest: int, *, top: bool) -> None:
    if not isinstance(button, dict):
        raise Refused(BAD_TYPE)
    name = button.get("name")
    # Four Chinese characters at the top and eight below are what fits; WeChat counts bytes.
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= longest:
        raise Refused(BAD_NAME)
    below = button.get("sub_button")
    if below and top:
        if not isinstance(below, list) or len(below) > MOST_BELOW:
            raise Refused(BAD_SUB_COUNT)
        for one in below:
            _check(one, LONGEST_NAME_BELOW_BYTES, top=False)
        return
    kind = button.get("type")
    if kind in ("view", "miniprogram"):
        if not str(button.get("url") or "").startswith(("http://", "https://")):
            raise Refused(BAD_URL)
    elif kind in ("click", "scancode_push", "scancode_waitmsg", "location_select", "pic_photo_or_album"):
        if not 1 <= len(str(button.get("key") or "").encode()) <= LONGEST_KEY_BYTES:
            raise Refused(BAD_KEY)
    else:
        raise Refused(BAD_TYPE)
