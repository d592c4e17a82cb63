"""What a person of the town looks at first (待审)."""

from domain.errors import IllegalMove, NotFound
from miniprogram_api.cases import TAG, shown
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import Case, Nothing
from miniprogram_api.schemas_safety import HeldCase, HeldCases, HeldDecision


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
