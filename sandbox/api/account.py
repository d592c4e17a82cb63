"""Small things about the account itself."""

from sandbox.api.gate import OK, Answer, Call, call
from sandbox.clock import month
from sandbox.refusals import Refused

CLEARS_A_MONTH = 10
NO_MORE_CLEARS, BAD_APPID = 48006, 40013


@call("GET", "/cgi-bin/getcallbackip", "any")
async def callback_addresses(one: Call) -> Answer:
    """Where pushes come from."""
    return {"ip_list": [one.world.options.host]}


@call("GET", "/cgi-bin/get_api_domain_ip", "any")
async def api_addresses(one: Call) -> Answer:
    return {"ip_list": [one.world.options.host]}


@call("POST", "/cgi-bin/clear_quota", "any")
async def clear_quota(one: Call) -> Answer:
    """Ten times a month."""
    options = one.world.options
    appid = one.json().get("appid")
    if appid != (options.official if one.app == "official" else options.mini).appid:
        raise Refused(BAD_APPID)
    this_month = f"{one.app} {month(one.clock.now())}"
    if one.world.clears.get(this_month, 0) >= CLEARS_A_MONTH:
        raise Refused(NO_MORE_CLEARS)
    one.world.clears[this_month] = one.world.clears.get(this_month, 0) + 1
    return OK
