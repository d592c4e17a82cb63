"""Access tokens: ``stable_token`` and ``token``."""

from sandbox.api.gate import Answer, Call, call
from sandbox.refusals import Refused

BAD_GRANT = 40002


@call("POST", "/cgi-bin/stable_token", "nobody")
async def stable_token(one: Call) -> Answer:
    body = one.json()
    if body.get("grant_type") != "client_credential":
        raise Refused(BAD_GRANT)
    app = one.world.tokens.login(body.get("appid"), body.get("secret"))
    now = one.clock.now()
    token = one.world.tokens.stable(app, now, force=body.get("force_refresh") is True)
    one.world.counts.token_fetches[f"stable {app}"] += 1
    await one.world.store.saved()
    return {"access_token": token.text, "expires_in": int(token.expires_at - now)}


@call("GET", "/cgi-bin/token", "nobody")
async def token(one: Call) -> Answer:
    if one.query.get("grant_type") != "client_credential":
        raise Refused(BAD_GRANT)
    app = one.world.tokens.login(one.query.get("appid"), one.query.get("secret"))
    now = one.clock.now()
    made = one.world.tokens.plain(app, now)
    one.world.counts.token_fetches[f"plain {app}"] += 1
    await one.world.store.saved()
    return {"access_token": made.text, "expires_in": int(made.expires_at - now)}
