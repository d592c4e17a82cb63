"""What the official account may know about its followers."""

from itertools import islice
from typing import Any

from sandbox.api.gate import BAD_OPENID, Answer, Call, call
from sandbox.phones import Phone
from sandbox.refusals import Refused

A_PAGE = 10_000
MOST_AT_ONCE = 100
BAD_ARGUMENTS = 40097


@call("GET", "/cgi-bin/user/info")
async def info(one: Call) -> Answer:
    return _info(_known(one, one.query.get("openid")), one.query.get("lang", "zh_CN"))


@call("POST", "/cgi-bin/user/info/batchget")
async def batch(one: Call) -> Answer:
    listed = one.json().get("user_list")
    if not isinstance(listed, list) or len(listed) > MOST_AT_ONCE:
        raise Refused(BAD_ARGUMENTS)
    asked = [item for item in listed if isinstance(item, dict)]
    return {
        "user_info_list": [_info(_known(one, item.get("openid")), str(item.get("lang", "zh_CN"))) for item in asked]
    }


@call("GET", "/cgi-bin/user/get")
async def followers(one: Call) -> Answer:
    """The followers' openids, 10,000 at a time, in the order in which they came to be."""
    following = [phone.openid for phone in one.world.phones if phone.following]
    start = 0
    after = one.query.get("next_openid", "")
    if after:
        _known(one, after)
        start = following.index(after) + 1 if after in following else len(following)
    page = list(islice(following, start, start + A_PAGE))
    answer: dict[str, Any] = {"total": len(following), "count": len(page), "next_openid": page[-1] if page else ""}
    return answer | ({"data": {"openid": page}} if page else {})


def _known(one: Call, openid: object) -> Phone:
    phone = one.world.phones.by_openid(str(openid or ""))
    if phone is None:
        raise Refused(BAD_OPENID)
    return phone


def _info(phone: Phone, language: str) -> dict[str, Any]:
    """Nickname and picture have been empty since December 2021."""
    if not phone.following:
        return {"subscribe": 0, "openid": phone.openid, "unionid": phone.unionid}
    return {
        "subscribe": 1,
        "openid": phone.openid,
        "nickname": "",
        "sex": 0,
        "language": language,
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": "",
        "subscribe_time": int(phone.followed_at),
        "unionid": phone.unionid,
        "remark": "",
        "groupid": 0,
        "tagid_list": [],
        "subscribe_scene": "ADD_SCENE_QR_CODE" if phone.scene else "ADD_SCENE_SEARCH",
        "qr_scene": int(phone.scene) if phone.scene.isascii() and phone.scene.isdecimal() else 0,
        "qr_scene_str": phone.scene,
    }
