"""Notices (通知): community news for everybody; composing, sending, stopping and accounting for them for staff."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from domain import notice as rules
from domain.duty import Duty
from domain.errors import IllegalMove, NotFound, NoticeRefused, UploadRefused
from miniprogram_api import notices_schemas as told
from miniprogram_api.attachments import settle_picture
from miniprogram_api.notices_schemas import (
    Asked,
    Estimate,
    Figures,
    NewNotice,
    News,
    NewsItem,
    Notice,
    NoticeAction,
    NoticePage,
    Report,
    ReportLine,
)
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import Nothing, Region
from services.notices import NoticeView
from services.notices_audience import Estimate as Expected
from services.notices_draft import More
from services.notices_figures import Figures as Counted
from web.paging import Paging

TAG = "Notices"


async def news(call: Call[Nothing, Paging]) -> News:
    items, following = await call.desk.notices.news.latest(call.by, cursor=call.query.cursor, limit=call.query.limit)
    return News(
        items=[
            NewsItem(
                id=one.id,
                title=one.title,
                text=one.text,
                link=one.link,
                picture=one.picture,
                urgent=one.urgent,
                region=Region(code=one.region_code, name=one.region),
                sent_at=one.sent_at,
                expires_at=one.expires_at,
            )
            for one in items
        ],
        next=following,
    )


async def managed(call: Call[Nothing, Paging]) -> NoticePage:
    notices, by = call.desk.notices, call.by
    numbers, following = await notices.news.managed(by, cursor=call.query.cursor, limit=call.query.limit)
    return NoticePage(items=[_notice(await notices.one(by, number)) for number in numbers], next=following)


async def picture(call: Call[NewNotice, Nothing]) -> None:
    await settle_picture(call.by, call.desk, call.body.picture)


async def compose(call: Call[NewNotice, Nothing]) -> Notice:
    given = call.body
    more = More(
        title=given.title,
        link=given.link,
        picture=given.picture,
        urgent=given.urgent,
        starts_at=given.starts_at,
        expires_at=given.expires_at,
        audience=_audience(given.audience),
    )
    return _notice(await call.desk.notices.compose(call.by, given.region, given.text, more))


async def estimate(call: Call[Asked, Nothing]) -> Estimate:
    given = call.body
    return _estimate(await call.desk.notices.estimate(call.by, given.region, _audience(given.audience)))


async def show(call: Call[Nothing, Nothing]) -> Notice:
    return _notice(await call.desk.notices.one(call.by, call.id))


async def act(call: Call[NoticeAction, Nothing]) -> Notice:
    notices, by, number, note = call.desk.notices, call.by, call.id, call.body.note
    steps: Mapping[str, Callable[[], Awaitable[NoticeView]]] = {
        "send": lambda: notices.send(by, number),
        "show_me": lambda: notices.show_me(by, number),
        "approve": lambda: notices.approve(by, number),
        "refuse": lambda: notices.refuse(by, number, note),
        "pause": lambda: notices.pause(by, number),
        "resume": lambda: notices.resume(by, number),
        "cancel": lambda: notices.cancel(by, number, note),
        "recall": lambda: notices.recall(by, number, note),
    }
    return _notice(await steps[call.body.action]())


async def figures(call: Call[Nothing, Nothing]) -> Figures:
    await call.desk.notices.one(call.by, call.id)
    return counted(call.id, await call.desk.notices.figures.now(call.id))


async def report(call: Call[Nothing, Nothing]) -> Report:
    await call.desk.notices.one(call.by, call.id)
    lines = await call.desk.notices.figures.report(call.id)
    return Report(
        id=call.id,
        items=[
            ReportLine(
                sent=sum(one.sent.values()),
                channels=dict(one.sent),
                reasons=dict(one.reasons),
                **{name: getattr(one, name) for name in _IN_A_LINE},
            )
            for one in lines
        ],
    )


_IN_A_LINE = (
    *("code", "village", "people", "inbox", "failed", "uncertain", "recalled", "expired", "left"),
    *("opened", "visited", "unvisited"),
)


def counted(number: int, one: Counted) -> Figures:
    """The figures of notice *number*, as the answer and the live stream say them."""
    given: dict[str, Any] = {name: getattr(one, name) for name in Figures.model_fields if name != "id"}
    return Figures(id=number, **{**given, "channels": dict(one.channels), "reasons": dict(one.reasons)})


def _audience(given: told.Audience) -> rules.Audience:
    return rules.Audience(frozenset(Duty(duty) for duty in given.duties), given.open_case_of)


def _estimate(one: Expected) -> Estimate:
    return Estimate(**{name: getattr(one, name) for name in Estimate.model_fields})


def _notice(one: NoticeView) -> Notice:
    return Notice(
        id=one.id,
        state=one.state.value,
        title=one.title,
        text=one.text,
        link=one.link,
        picture=one.picture,
        region=Region(code=one.region_code, name=one.region),
        audience=told.NoticeAudience(
            duties=sorted(duty.value for duty in one.audience.duties), open_case_of=one.audience.open_case_of
        ),
        urgent=one.urgent,
        author=one.author,
        mine=one.mine,
        reach=one.reach,
        estimate=_estimate(one.estimate) if one.estimate is not None else None,
        created_at=one.created_at,
        starts_at=one.starts_at,
        expires_at=one.expires_at,
        sent_at=one.sent_at,
        ended_at=one.ended_at,
    )


NEWS = Route(
    name="list_notices",
    method="GET",
    path="/notices",
    tag=TAG,
    summary="Community news of where I live or serve, the newest first",
    body=Nothing,
    query=Paging,
    answer=News,
    handle=news,
    more="What went to everybody of my grid, or of a region above it. What was for some people only is in their inbox.",
)
MANAGED = Route(
    name="list_managed_notices",
    method="GET",
    path="/notices/managed",
    tag=TAG,
    summary="The notices of my regions, the newest first, for those who send them",
    body=Nothing,
    query=Paging,
    answer=NoticePage,
    handle=managed,
)
COMPOSE = Route(
    name="compose_notice",
    method="POST",
    path="/notices",
    tag=TAG,
    summary="Write a notice: a preview with the number of people it would reach",
    body=NewNotice,
    query=Nothing,
    answer=Notice,
    handle=compose,
    before=picture,
    status=201,
    repeatable=True,
    refusals=(NotFound, UploadRefused),
    more="Nothing is sent before the action `send`.",
)
ESTIMATE = Route(
    name="estimate_notice",
    method="POST",
    path="/notices/estimate",
    tag=TAG,
    summary="How many people a notice would reach now, by channel",
    body=Asked,
    query=Nothing,
    answer=Estimate,
    handle=estimate,
    refusals=(NotFound,),
)
SHOW = Route(
    name="show_notice",
    method="GET",
    path="/notices/{id}",
    tag=TAG,
    summary="One notice of my regions",
    body=Nothing,
    query=Nothing,
    answer=Notice,
    handle=show,
)
ACT = Route(
    name="act_on_notice",
    method="POST",
    path="/notices/{id}/actions",
    tag=TAG,
    summary="Send, agree to, pause, resume, cancel or recall a notice",
    body=NoticeAction,
    query=Nothing,
    answer=Notice,
    handle=act,
    refusals=(IllegalMove, NoticeRefused),
    more="`send` leads to `sending`, to `scheduled` (at its time, or after the quiet hours) or to `awaiting`: above "
    "the town's number of people a second person must `approve` or `refuse`, never the author. `pause` counts from the "
    "next batch of messages on. `recall`: what has not gone out never does. `show_me` sends a preview to my own phone.",
)
FIGURES = Route(
    name="notice_figures",
    method="GET",
    path="/notices/{id}/figures",
    tag=TAG,
    summary="How a notice is going",
    body=Nothing,
    query=Nothing,
    answer=Figures,
    handle=figures,
    more="Ask here where the stream of `GET /notices/{id}/live` is not possible.",
)
LIVE = Route(
    name="notice_live",
    method="GET",
    path="/notices/{id}/live",
    tag=TAG,
    summary="How a notice is going, as server-sent events",
    body=Nothing,
    query=Nothing,
    answer=None,
    handle=figures,
    more="An event `figures` about every two seconds, its data as in `GET /notices/{id}/figures`, until the notice has "
    "ended, or for ten minutes: then come again.",
    media_type="text/event-stream",
)
REPORT = Route(
    name="notice_report",
    method="GET",
    path="/notices/{id}/report",
    tag=TAG,
    summary="What became of a notice, by village",
    body=Nothing,
    query=Nothing,
    answer=Report,
    handle=report,
)
TABLE = Route(
    name="notice_report_csv",
    method="GET",
    path="/notices/{id}/report.csv",
    tag=TAG,
    summary="The same as a table for a spreadsheet, in UTF-8 with BOM",
    body=Nothing,
    query=Nothing,
    answer=None,
    handle=report,
    media_type="text/csv",
)
ROUTES: tuple[Route[Any, Any], ...] = (
    NEWS,
    MANAGED,
    COMPOSE,
    ESTIMATE,
    SHOW,
    ACT,
    FIGURES,
    LIVE,
    REPORT,
    TABLE,
)
