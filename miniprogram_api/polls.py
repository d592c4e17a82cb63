"""Polls (民意征集): asked by staff, answered by whoever lives there, the result open to all of them."""

from domain.errors import BadInput, Conflict, NotFound, UploadRefused
from miniprogram_api import schemas_polls as told
from miniprogram_api.attachments import settle_picture
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import Nothing, Region
from miniprogram_api.schemas_polls import PollAction, PollEnded, PollOption, PollPage, Vote
from services import polls
from services.polls import PollView
from web.paging import Paging

TAG = "Polls"
_DIGITS = 19


async def listed(call: Call[Nothing, Paging]) -> PollPage:
    cursor = call.query.cursor
    if cursor is not None and not (cursor.isascii() and cursor.isdecimal() and len(cursor) < _DIGITS):
        raise BadInput("this is no cursor of this list", field="cursor")
    before = int(cursor) if cursor is not None else None
    found, following = await call.desk.polls.listed(call.by, before=before, limit=call.query.limit)
    return PollPage(items=[_poll(one) for one in found], next=str(following) if following is not None else None)


async def picture(call: Call[told.NewPoll, Nothing]) -> None:
    await settle_picture(call.by, call.desk, call.body.picture)


async def ask(call: Call[told.NewPoll, Nothing]) -> told.Poll:
    given = call.body
    return _poll(
        await call.desk.polls.ask(
            call.by,
            polls.NewPoll(
                region=given.region,
                title=given.title,
                text=given.text,
                options=given.options,
                most=given.most,
                closes_at=given.closes_at,
                picture=given.picture,
            ),
        )
    )


async def vote(call: Call[Vote, Nothing]) -> told.Poll:
    return _poll(await call.desk.polls.vote(call.by, call.id, call.body.options))


async def act(call: Call[PollAction, Nothing]) -> PollEnded:
    ended = await call.desk.polls.end(call.by, call.id, call.body.action)
    return PollEnded(
        state="closed" if ended is not None else "withdrawn", poll=_poll(ended) if ended is not None else None
    )


def _poll(one: PollView) -> told.Poll:
    return told.Poll(
        region=Region(code=one.region_code, name=one.region),
        options=[PollOption(number=each.number, text=each.text, votes=each.votes) for each in one.options],
        **{name: getattr(one, name) for name in told.Poll.model_fields if name not in {"region", "options"}},
    )


LIST = Route(
    name="list_polls",
    method="GET",
    path="/polls",
    tag=TAG,
    summary="The polls of where I live and serve, the newest first",
    body=Nothing,
    query=Paging,
    answer=PollPage,
    handle=listed,
    more="`votes` are told once I have voted or it is closed, so that nobody is swayed.",
)
ASK = Route(
    name="ask_poll",
    method="POST",
    path="/polls",
    tag=TAG,
    summary="Put a question to the residents of a region of mine",
    body=told.NewPoll,
    query=Nothing,
    answer=told.Poll,
    handle=ask,
    before=picture,
    status=201,
    repeatable=True,
    refusals=(NotFound, UploadRefused),
)
VOTE = Route(
    name="vote",
    method="POST",
    path="/polls/{id}/votes",
    tag=TAG,
    summary="Vote, once",
    body=Vote,
    query=Nothing,
    answer=told.Poll,
    handle=vote,
    status=201,
    repeatable=True,
    refusals=(NotFound, Conflict),
    more="`conflict` with `facts.why`: `closed`, `voted` (also from a second device) or `elsewhere` (I do not live "
    "there). Kept is that I have voted, and how many chose what; never what I chose.",
)
ACT = Route(
    name="act_on_poll",
    method="POST",
    path="/polls/{id}/actions",
    tag=TAG,
    summary="Close a poll before its time, or withdraw it",
    body=PollAction,
    query=Nothing,
    answer=PollEnded,
    handle=act,
    repeatable=True,
    refusals=(NotFound, Conflict),
    more="For whoever may send notices there.",
)
EVERY = (LIST, ASK, VOTE, ACT)
