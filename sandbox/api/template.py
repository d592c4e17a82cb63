"""Template messages: shown whenever the person follows; the outcome comes later as an event."""

from sandbox.api.gate import OK, Answer, Call, call
from sandbox.bubbles import Bubble
from sandbox.phones import Phone
from sandbox.refusals import Refused
from sandbox.templates import Template, as_text, fields_of

LONGEST_CLIENT_ID = 64
BAD_ARGUMENTS = 40097


@call("POST", "/cgi-bin/message/template/send")
async def send(one: Call) -> Answer:
    """One card. With ``client_msg_id`` a second call within ten minutes shows nothing and answers the same msgid."""
    body = one.json()
    world = one.world
    phone = one.follower(body.get("touser"))
    card = world.templates.card(body)
    client_id = str(body.get("client_msg_id") or "")
    if len(client_id) > LONGEST_CLIENT_ID:
        raise Refused(BAD_ARGUMENTS)
    now = one.clock.now()
    known = world.repeats.msgid(phone.id, client_id, now)
    if known is not None:
        world.counts.repeats["template"] += 1
        return OK | {"msgid": known}
    msgid = world.msgids.next()
    world.repeats.remember(phone.id, client_id, msgid, now)
    if not phone.blocked:
        raw = "" if phone.bulk else one.raw.decode("utf-8", "replace")
        world.show(
            phone, "template", Bubble("template", as_text(card), card), raw=raw, client_id=client_id, msgid=msgid
        )
    _tell(one, phone, msgid)
    return OK | {"msgid": msgid}


def _tell(one: Call, phone: Phone, msgid: int) -> None:
    """Push TEMPLATESENDJOBFINISH, unless the sandbox was told to keep quiet about jobs."""
    wanted = one.world.options.job_finish_events
    if not wanted or (wanted == "failed" and not phone.blocked):
        return
    status = "failed:user block" if phone.blocked else "success"
    fields = one.world.envelope(phone, "event", Event="TEMPLATESENDJOBFINISH", MsgID=msgid, Status=status)
    one.world.pusher.later(phone, fields)


@call("GET", "/cgi-bin/template/get_all_private_template")
async def all_templates(one: Call) -> Answer:
    listed = [
        {
            "template_id": template.template_id,
            "title": template.title,
            "primary_industry": "政府",
            "deputy_industry": "行政",
            "content": "\n".join(f"{label}:{{{{{name}.DATA}}}}" for name, label in template.fields.items()),
            "example": "",
        }
        for template in one.world.templates.list()
    ]
    return {"template_list": listed}


@call("POST", "/cgi-bin/template/api_add_template")
async def add_template(one: Call) -> Answer:
    """Take a template from the library; the sandbox knows any short id, and takes an optional title and content."""
    body = one.json()
    short = str(body.get("template_id_short") or "")
    if not short:
        raise Refused(BAD_ARGUMENTS)
    template = Template(f"{short}-{one.world.msgids.next()}", str(body.get("title") or "服务通知"))
    template.fields = fields_of(str(body.get("content") or ""))
    one.world.templates.learn(template)
    await one.world.store.saved()
    return OK | {"template_id": template.template_id}
