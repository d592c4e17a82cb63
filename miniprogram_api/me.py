"""Who I am, and becoming staff."""

from domain.errors import InviteRefused
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import HeldDuty, Invitation, Nothing, Person, Region
from services.access import Actor

TAG = "Me"


async def show(call: Call[Nothing, Nothing]) -> Person:
    return person(call.by)


async def bind(call: Call[Invitation, Nothing]) -> Person:
    return person(await call.desk.sessions.bind(call.by, call.body.code))


def person(actor: Actor) -> Person:
    duties = [
        HeldDuty(duty=str(held.duty), region=Region(code=held.region_code, name=held.region_name))
        for held in actor.duties
    ]
    return Person(id=actor.person_id, name=actor.name, duties=duties)


SHOW = Route(
    name="show_me",
    method="GET",
    path="/me",
    tag=TAG,
    summary="Who I am, with the duties that I hold today",
    body=Nothing,
    query=Nothing,
    answer=Person,
    handle=show,
)
BIND = Route(
    name="bind_me",
    method="POST",
    path="/me/bind",
    tag=TAG,
    summary="Become the member of staff who was invited",
    body=Invitation,
    query=Nothing,
    answer=Person,
    handle=bind,
    refusals=(InviteRefused,),
    more="The code is the one that `wangge invite` printed; it works once. The token stays valid. "
    "After five wrong codes within an hour the answer is `too_many`.",
)
