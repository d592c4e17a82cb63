"""Mass messages to a list of openids."""

import asyncio
from typing import Any

from sandbox import bubbles
from sandbox.api.gate import OK, Answer, Call, call
from sandbox.bubbles import Bubble
from sandbox.masses import Mass, take
from sandbox.phones import Phone
from sandbox.refusals import Refused

FEWEST, MOST = 2, 10_000
BREATH = 500
BAD_LIST, BAD_KIND, EMPTY, TOO_LONG = 40130, 40008, 44004, 45002
LONGEST_TEXT = 2048


@call("POST", "/cgi-bin/message/mass/send")
async def send(one: Call) -> Answer:
    """Send to 2–10,000 openids; those who do not follow, block, or had four this month are left out."""
    body = one.json()
    listed = body.get("touser")
    if not isinstance(listed, list) or not FEWEST <= len(listed) <= MOST:
        raise Refused(BAD_LIST)
    bubble = _bubble(one, body)
    client_id = str(body.get("clientmsgid") or "")
    now = one.clock.now()
    one.world.masses.admit(client_id, now)
    mass = Mass(one.world.msgids.next(), now, client_id, total=len(listed))
    recipients = [phone for phone in map(one.world.phones.by_openid, dict.fromkeys(map(str, listed))) if phone]
    ready = [phone for phone in recipients if phone.following and not phone.blocked and take(phone, now)]
    one.world.masses.keep(mass)
    for index, phone in enumerate(ready):
        if index % BREATH == 0:
            await asyncio.sleep(0)
        one.world.phones.keep(phone)
        one.world.show(phone, "mass", bubble, client_id=client_id, msgid=mass.msg_id)
    mass.filtered = mass.sent = len(ready)
    mass.status = "SEND_SUCCESS" if ready else "SEND_FAIL"
    one.world.masses.keep(mass)
    await one.world.store.saved()
    if recipients and one.world.options.job_finish_events:
        one.world.pusher.later(recipients[0], _finished(one, recipients[0], mass))
    return {
        "errcode": 0,
        "errmsg": "send job submission success",
        "msg_id": mass.msg_id,
        "msg_data_id": mass.msg_id % 10**9,
    }


@call("POST", "/cgi-bin/message/mass/get")
async def get(one: Call) -> Answer:
    mass = one.world.masses.find(one.json().get("msg_id"))
    return {"msg_id": mass.msg_id, "msg_status": mass.status}


@call("POST", "/cgi-bin/message/mass/delete")
async def delete(one: Call) -> Answer:
    mass = one.world.masses.find(one.json().get("msg_id"))
    mass.status = "DELETE"
    one.world.masses.keep(mass)
    return OK


def _finished(one: Call, phone: Phone, mass: Mass) -> dict[str, Any]:
    return one.world.envelope(
        phone,
        "event",
        Event="MASSSENDJOBFINISH",
        MsgID=mass.msg_id,
        Status="send success" if mass.sent else "send fail",
        TotalCount=mass.total,
        FilterCount=mass.filtered,
        SentCount=mass.sent,
        ErrorCount=mass.failed,
    )


def _bubble(one: Call, body: dict[str, Any]) -> Bubble:
    kind = body.get("msgtype")
    part = body.get(kind) if isinstance(kind, str) else None
    if kind == "text" and isinstance(part, dict):
        content = part.get("content")
        if not isinstance(content, str) or not content:
            raise Refused(EMPTY)
        if len(content.encode("utf-8", "replace")) > LONGEST_TEXT:
            raise Refused(TOO_LONG)
        return bubbles.words(content)
    if kind in ("image", "voice", "mpvideo") and isinstance(body.get("images", part), dict):
        # The newer form of a picture message: {"images": {"media_ids": [...]}}.
        given = body.get("images") or part or {}
        ids = given.get("media_ids") or [given.get("media_id")]
        medium = one.world.media.live(ids[0], one.clock.now())
        return {"image": bubbles.image, "voice": bubbles.voice, "mpvideo": bubbles.video}[str(kind)](medium)
    raise Refused(BAD_KIND)
