"""Signing in and out."""

from domain.errors import NotAllowed
from miniprogram_api.me import person
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import NewSession, Nothing, Session

TAG = "Sessions"


async def sign_in(call: Call[NewSession, Nothing]) -> Session:
    made = await call.desk.sessions.sign_in(call.body.code)
    return Session(token=made.token, expires_at=made.expires_at, person=person(made.actor))


async def sign_out(call: Call[Nothing, Nothing]) -> None:
    await call.desk.sessions.sign_out(call.token)


SIGN_IN = Route(
    name="sign_in",
    method="POST",
    path="/sessions",
    tag=TAG,
    summary="Sign in with a wx.login code",
    body=NewSession,
    query=Nothing,
    answer=Session,
    handle=sign_in,
    status=201,
    signed_in=False,
    refusals=(NotAllowed,),
    more="The code works once, for five minutes. The token works for 30 days.",
)
SIGN_OUT = Route(
    name="sign_out",
    method="DELETE",
    path="/sessions",
    tag=TAG,
    summary="Sign out: the token stops working",
    body=Nothing,
    query=Nothing,
    answer=None,
    handle=sign_out,
    status=204,
)
