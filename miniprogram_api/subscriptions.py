"""Messages that I have agreed to: WeChat asks, the mini program tells what was answered."""

from pydantic import BaseModel, Field

from domain.errors import BadInput
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import Nothing
from services.subscriptions import Asked
from web.bodies import GivenJson

TAG = "Me"


class Subscription(BaseModel):
    template_id: str
    left: int = Field(description="messages that I have agreed to and not had yet, as far as is known")


class Subscriptions(BaseModel):
    items: list[Subscription]


class Accepted(GivenJson):
    accepted: list[str] = Field(max_length=3, description="ids of the templates for which WeChat answered `accept`")


async def show(call: Call[Nothing, Nothing]) -> Subscriptions:
    return _subscriptions(await call.desk.subscriptions.of(call.by))


async def agree(call: Call[Accepted, Nothing]) -> Subscriptions:
    return _subscriptions(await call.desk.subscriptions.agreed_in_mini(call.by, call.body.accepted))


def _subscriptions(found: list[Asked]) -> Subscriptions:
    return Subscriptions(items=[Subscription(template_id=one.template_id, left=one.left) for one in found])


SHOW = Route(
    name="list_subscriptions",
    method="GET",
    path="/me/subscriptions",
    tag=TAG,
    summary="The templates that the mini program may ask me about, and how many messages of each I have agreed to",
    body=Nothing,
    query=Nothing,
    answer=Subscriptions,
    handle=show,
)
AGREE = Route(
    name="agree_to_messages",
    method="POST",
    path="/me/subscriptions",
    tag=TAG,
    summary="Tell what was answered to wx.requestSubscribeMessage",
    body=Accepted,
    query=Nothing,
    answer=Subscriptions,
    handle=agree,
    refusals=(BadInput,),
    repeatable=True,
    more="Each template in `accepted` counts one message more; send an `Idempotency-Key`, so that none counts twice.",
)
