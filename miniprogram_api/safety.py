"""What a person of the town looks at first (待审)."""

from domain.errors import Conflict, IllegalMove, NotFound
from miniprogram_api.attachments import shown as shown_attachment
from miniprogram_api.cases import TAG, shown
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import Case, Nothing
from miniprogram_api.schemas_attachments import Attachment
from miniprogram_api.schemas_safety import HeldCase, HeldCases, HeldDecision, HeldMedia, HeldMedium, MediumDecision


async def waiting(call: Call[Nothing, Nothing]) -> HeldCases:
    found = await call.desk.cases.held_for(call.by)
    return HeldCases(
        items=[
            HeldCase(
                number=one.number,
                title=one.title,
                description=one.description,
                grid_name=one.grid or None,
                state=one.state,
                why=one.why,
                at=one.at,
            )
            for one in found
        ]
    )


async def decide(call: Call[HeldDecision, Nothing]) -> Case:
    given = call.body
    cases = call.desk.cases
    if given.release:
        return shown(await call.desk.queues.after(call.by, await cases.release(call.by, call.number)))
    return shown(await call.desk.queues.after(call.by, await cases.turn_down(call.by, call.number, given.reason)))


async def media(call: Call[Nothing, Nothing]) -> HeldMedia:
    found = await call.desk.media_checks.held_for(call.by)
    return HeldMedia(
        items=[
            HeldMedium(
                number=one.number,
                grid_name=one.grid,
                attachment=shown_attachment(one.attachment, one.link),
                state=one.state,
                why=one.why,
                at=one.at,
            )
            for one in found
        ]
    )


async def decide_medium(call: Call[MediumDecision, Nothing]) -> Attachment:
    found = await call.desk.media_checks.decide(call.by, call.attachment, show=call.body.show)
    return shown_attachment(found, call.desk.uploads.link(found))


WAITING = Route(
    name="list_held",
    method="GET",
    path="/held",
    tag=TAG,
    summary="What waits for me to look at it first",
    body=Nothing,
    query=Nothing,
    answer=HeldCases,
    handle=waiting,
    more="For the town's staff. Words that the moderator or the town's list finds risky are held: the case lies with "
    "the town, and the grid's worker sees it once it is released. `marked` ones were urgent or found late, and "
    "went on; `unchecked` ones went on because the moderator did not answer.",
)
DECIDE = Route(
    name="decide_held",
    method="POST",
    path="/held/{number}/decision",
    tag=TAG,
    summary="Release a held case, or turn it down with a reason",
    body=HeldDecision,
    query=Nothing,
    answer=Case,
    handle=decide,
    repeatable=True,
    refusals=(NotFound, IllegalMove),
    more="Released, it goes to the grid as if it had just been filed. Turned down, it is declined: its resident reads "
    "the reason and may appeal once. `illegal_move` with `facts.why` `not_held`: it does not wait (any more).",
)
MEDIA = Route(
    name="list_held_media",
    method="GET",
    path="/held/media",
    tag=TAG,
    summary="Photos and recordings that wait for me to look at them first",
    body=Nothing,
    query=Nothing,
    answer=HeldMedia,
    handle=media,
    more="For the town's staff and above. WeChat looks at what residents send from the mini program; what it finds "
    "risky is `held`: nobody else sees it until it is decided on. Its case goes on meanwhile. `unchecked` ones are "
    "seen by all; WeChat did not look at them.",
)
DECIDE_MEDIUM = Route(
    name="decide_held_medium",
    method="POST",
    path="/held/media/{attachment}/decision",
    tag=TAG,
    summary="Show a held photo or recording, or do not",
    body=MediumDecision,
    query=Nothing,
    answer=Attachment,
    handle=decide_medium,
    repeatable=True,
    refusals=(NotFound, Conflict),
)
EVERY = (WAITING, DECIDE, MEDIA, DECIDE_MEDIUM)
