"""Subscription messages: one for each time that the person agreed, to the official account or to the mini program."""

from sandbox.api.gate import BAD_OPENID, OK, Answer, Call, call
from sandbox.bubbles import Bubble
from sandbox.phones import Phone
from sandbox.refusals import Refused
from sandbox.templates import as_text

NO_CONSENT, BAD_PAGE = 43101, 41030


@call("POST", "/cgi-bin/message/subscribe/bizsend")
async def bizsend(one: Call) -> Answer:
    body = one.json()
    return _send(one, one.follower(body.get("touser")), "official")


@call("POST", "/cgi-bin/message/subscribe/send", "mini")
async def send(one: Call) -> Answer:
    phone = one.world.phones.by_mini_openid(str(one.json().get("touser") or ""))
    if phone is None:
        raise Refused(BAD_OPENID)
    return _send(one, phone, "mini")


def _send(one: Call, phone: Phone, app: str) -> Answer:
    body = one.json()
    world = one.world
    card = world.templates.card(body)
    if app == "mini" and str(body.get("page") or "").startswith("/"):
        raise Refused(BAD_PAGE)
    owned = dict(phone.subscriptions or {})
    name = f"{app}:{card['template_id']}"
    if owned.get(name, 0) < 1:
        raise Refused(NO_CONSENT)
    owned[name] -= 1
    phone.subscriptions = owned
    world.phones.keep(phone)
    msgid = world.msgids.next()
    raw = "" if phone.bulk else one.raw.decode("utf-8", "replace")
    world.show(phone, "subscribe", Bubble("subscribe", as_text(card), card | {"app": app}), raw=raw, msgid=msgid)
    return OK | {"msgid": msgid}
