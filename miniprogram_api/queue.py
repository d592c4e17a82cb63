"""What I have to work on."""

from miniprogram_api.cases import page
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import CasePage, Nothing
from web.paging import Paging


async def show(call: Call[Nothing, Paging]) -> CasePage:
    return page(await call.desk.queues.mine(call.by, cursor=call.query.cursor, limit=call.query.limit))


SHOW = Route(
    name="show_queue",
    method="GET",
    path="/queue",
    tag="Queue",
    summary="The cases that I hold or whose queue I work, oldest deadline first",
    body=Nothing,
    query=Paging,
    answer=CasePage,
    handle=show,
)
