"""The mini program: login, phone number, its code, and the check of what people write."""

import base64
import hashlib
import re
import secrets
from typing import Any

from aiohttp import web

from sandbox.api.gate import BAD_OPENID, Answer, Call, call, reply
from sandbox.looking import looked_at
from sandbox.pictures import sun_code
from sandbox.refusals import Refused

BAD_GRANT, BAD_SCENE, BAD_PAGE, TOO_LONG, NOT_ACTIVE = 40002, 40169, 41030, 45002, 61010
BAD_PATH, BAD_QUERY = 40165, 40212
VERSIONS = ("release", "trial", "develop")
LONGEST_QUERY, LONGEST_LINK_DAYS = 1024, 30
ACTIVE_SECONDS = 2 * 3600
LONGEST_CHECKED = 2500
SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
# The documentation's own example of what is found risky, and a word for demonstrations.
RISKY = ("特3456书yuuo莞6543李zxcz蒜7782法fgnv级", "【违规内容】")
REVIEW = ("【存疑内容】",)


@call("GET", "/sns/jscode2session", "nobody")
async def session(one: Call) -> Answer:
    """Exchange a login code; WeChat answers it as plain text."""
    if one.world.tokens.login(one.query.get("appid"), one.query.get("secret")) != "mini":
        raise Refused(40013)
    if one.query.get("grant_type", "authorization_code") != "authorization_code":
        raise Refused(BAD_GRANT)
    now = one.clock.now()
    number = one.world.logins.use(one.query.get("js_code"), "login", now)
    phone = one.world.phones.find(str(number))
    phone.mini_seen_at = now
    one.world.phones.keep(phone)
    await one.world.store.saved()
    key = base64.b64encode(hashlib.sha256(f"{phone.mini_openid}{now}".encode()).digest()[:16]).decode()
    response = reply({"session_key": key, "openid": phone.mini_openid, "unionid": phone.unionid})
    response.headers["Content-Type"] = "text/plain"
    return response


@call("POST", "/wxa/business/getuserphonenumber", "mini")
async def phone_number(one: Call) -> Answer:
    now = one.clock.now()
    number = one.world.logins.use(one.json().get("code"), "number", now)
    phone = one.world.phones.find(str(number))
    await one.world.store.saved()
    return {
        "errcode": 0,
        "errmsg": "ok",
        "phone_info": {
            "phoneNumber": phone.number,
            "purePhoneNumber": phone.number,
            "countryCode": "86",
            "watermark": {"timestamp": int(now), "appid": one.world.options.mini.appid},
        },
    }


@call("POST", "/wxa/getwxacodeunlimit", "mini")
async def code(one: Call) -> Answer:
    """A picture in place of the round code; errors are JSON."""
    body = one.json()
    scene, page = body.get("scene"), str(body.get("page") or "")
    if not isinstance(scene, str) or not SCENE.fullmatch(scene):
        raise Refused(BAD_SCENE)
    if page.startswith("/") or "?" in page or body.get("env_version", "release") not in VERSIONS:
        raise Refused(BAD_PAGE)
    return web.Response(body=sun_code(scene), content_type="image/png")


@call("POST", "/wxa/generate_urllink", "mini")
async def link(one: Call) -> Answer:
    """An address that a phone would open the mini program with; here it leads to a page that says so."""
    body = one.json()
    path, query = str(body.get("path") or ""), str(body.get("query") or "")
    if path.startswith("/") or "?" in path:
        raise Refused(BAD_PATH)
    if len(query) > LONGEST_QUERY or body.get("env_version", "release") not in VERSIONS:
        raise Refused(BAD_QUERY)
    if body.get("expire_type") == 1 and body.get("expire_interval") not in range(1, LONGEST_LINK_DAYS + 1):
        raise Refused(BAD_QUERY)
    name = hashlib.sha256(f"{path}?{query}{secrets.token_hex(4)}".encode()).hexdigest()[:11]
    return {"errcode": 0, "errmsg": "ok", "url_link": f"https://wxaurl.cn/{name}"}


@call("POST", "/wxa/msg_sec_check", "mini")
async def check_text(one: Call) -> Answer:
    """Version 2: needs the mini program's openid of somebody who used it within two hours."""
    body = one.json()
    content = str(body.get("content") or "")
    if len(content) > LONGEST_CHECKED:
        raise Refused(TOO_LONG)
    risky = any(word in content for word in RISKY)
    if body.get("version") != 2:  # noqa: PLR2004 - the number of the interface
        return {"errcode": 87014, "errmsg": "risky content"} if risky else {"errcode": 0, "errmsg": "ok"}
    phone = one.world.phones.by_mini_openid(str(body.get("openid") or ""))
    if phone is None:
        raise Refused(BAD_OPENID)
    if one.clock.now() - phone.mini_seen_at >= ACTIVE_SECONDS:
        raise Refused(NOT_ACTIVE)
    suggest, label = ("risky", 20006) if risky else ("pass", 100)
    if not risky and any(word in content for word in REVIEW):
        suggest, label = "review", 21000
    found: dict[str, Any] = {"strategy": "content_model", "errcode": 0, "suggest": suggest, "label": label, "prob": 90}
    return {
        "errcode": 0,
        "errmsg": "ok",
        "detail": [found],
        "trace_id": secrets.token_hex(12),
        "result": {"suggest": suggest, "label": label},
    }


@call("POST", "/wxa/media_check_async", "mini")
async def check_medium(one: Call) -> Answer:
    """Version 2: what was found is told to the mini program's callback later, under the trace that is answered here."""
    body = one.json()
    phone = one.world.phones.by_mini_openid(str(body.get("openid") or ""))
    if phone is None:
        raise Refused(BAD_OPENID)
    if one.clock.now() - phone.mini_seen_at >= ACTIVE_SECONDS:
        raise Refused(NOT_ACTIVE)
    url = str(body.get("media_url") or "")
    if body.get("version") != 2 or body.get("media_type") not in (1, 2) or not url.startswith(("http://", "https://")):  # noqa: PLR2004
        raise Refused(BAD_QUERY)
    trace = secrets.token_hex(12)
    suggest, label, errcode = await looked_at(url)
    one.world.mini_pusher.later(
        phone,
        {
            "ToUserName": one.world.options.mini_original_id,
            "FromUserName": phone.mini_openid,
            "CreateTime": int(one.clock.now()),
            "MsgType": "event",
            "Event": "wxa_media_check",
            "appid": one.world.options.mini.appid,
            "trace_id": trace,
            "version": 2,
            "errcode": errcode,
            "errmsg": "ok" if errcode == 0 else "media download failed",
            **({"result": {"suggest": suggest, "label": label}} if errcode == 0 else {}),
        },
    )
    return {"errcode": 0, "errmsg": "ok", "trace_id": trace}
