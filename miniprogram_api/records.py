"""Base data 基础数据: kept by the grid's worker, and what of it is a resident's own."""

from collections.abc import Mapping

from domain.errors import BadInput, Conflict, NotFound
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import Nothing, Region
from miniprogram_api.schemas_records import (
    BaseRecord,
    BaseRecordFilters,
    BaseRecordPage,
    FieldName,
    NewRecord,
    OwnRecord,
    OwnRecordPage,
    ProposalDecision,
    ProposedRecord,
    ProposedRecordPage,
    RecordChange,
    RecordHistory,
    RecordLook,
    RecordProposal,
    RecordStep,
    Withdrawal,
)
from services.access import Actor
from services.desk import Desk
from services.own_records import VOLUNTARY, Own
from services.records import Kind, Shown

TAG = "Base data"


async def listed(call: Call[Nothing, BaseRecordFilters]) -> BaseRecordPage:
    wanted = call.query
    kind = Kind(wanted.kind) if wanted.kind is not None else None
    items, following = await call.desk.records.listed(call.by, kind=kind, cursor=wanted.cursor, limit=wanted.limit)
    return BaseRecordPage(items=[_record(one) for one in items], next=following)


async def add(call: Call[NewRecord, Nothing]) -> BaseRecord:
    given = call.body
    return _record(
        await call.desk.records.add(
            call.by, given.grid, Kind(given.kind), given.place, _given(given.fields), migrant=given.migrant
        )
    )


async def look(call: Call[RecordLook, Nothing]) -> BaseRecord:
    return _record(await call.desk.records.look(call.by, call.id, call.body.reason))


async def change(call: Call[RecordChange, Nothing]) -> BaseRecord:
    given = call.body
    return _record(await call.desk.records.change(call.by, call.id, _given(given.fields), version=given.version))


async def history(call: Call[Nothing, Nothing]) -> RecordHistory:
    found = await call.desk.records.history(call.by, call.id)
    return RecordHistory(items=[RecordStep(at=one.at, change=one.change, fields=[*one.fields]) for one in found])


async def mine(call: Call[Nothing, Nothing]) -> OwnRecordPage:
    return OwnRecordPage(items=[_own(one) for one in await call.desk.own_records.mine(call.by)])


async def propose(call: Call[RecordProposal, Nothing]) -> OwnRecord:
    return _own(await call.desk.own_records.propose(call.by, call.id, _given(call.body.fields)))


async def withdraw(call: Call[Withdrawal, Nothing]) -> OwnRecordPage:
    await call.desk.own_records.withdraw(call.by, call.id, call.body.field)
    return OwnRecordPage(items=[_own(one) for one in await call.desk.own_records.mine(call.by)])


async def asked(call: Call[Nothing, Nothing]) -> ProposedRecordPage:
    return await _asked(call.desk, call.by)


async def _asked(desk: Desk, by: Actor) -> ProposedRecordPage:
    return ProposedRecordPage(
        items=[
            ProposedRecord(
                id=one.id,
                at=one.at,
                record=one.record,
                kind=Kind(one.kind).value,
                place=one.place,
                grid=Region(code=one.grid, name=one.grid_name),
                now=dict(one.now),
                wished=dict(one.wished),
            )
            for one in await desk.own_records.asked(by)
        ]
    )


async def decide(call: Call[ProposalDecision, Nothing]) -> ProposedRecordPage:
    await call.desk.own_records.decide(call.by, call.id, take=call.body.take, answer=call.body.answer)
    return await _asked(call.desk, call.by)


def _given(fields: Mapping[FieldName, str]) -> dict[str, str]:
    return {str(name): value for name, value in fields.items()}


def _record(one: Shown) -> BaseRecord:
    return BaseRecord(
        id=one.id,
        kind=Kind(one.kind).value,
        place=one.place,
        grid=Region(code=one.grid, name=one.grid_name) if one.grid else None,
        fields=dict(one.fields),
        version=one.version,
    )


def _own(one: Own) -> OwnRecord:
    return OwnRecord(
        id=one.id,
        kind=Kind(one.kind).value,
        place=one.place,
        fields=dict(one.fields),
        waiting=dict(one.waiting),
        voluntary=sorted(VOLUNTARY & {*one.fields}),
    )


LIST = Route(
    name="list_records",
    method="GET",
    path="/records",
    tag=TAG,
    summary="The base data of my grids, masked",
    body=Nothing,
    query=BaseRecordFilters,
    answer=BaseRecordPage,
    handle=listed,
    refusals=(BadInput,),
)
ADD = Route(
    name="add_record",
    method="POST",
    path="/records",
    tag=TAG,
    summary="Write down a household, rental, organisation or facility of my grid",
    body=NewRecord,
    query=Nothing,
    answer=BaseRecord,
    handle=add,
    status=201,
    repeatable=True,
    refusals=(NotFound,),
    more="What identifies a person is sealed, and masked in lists. There is no field for belief, petitions, views, "
    "health or record.",
)
LOOK = Route(
    name="look_at_record",
    method="POST",
    path="/records/{id}/look",
    tag=TAG,
    summary="One of them in full, with a reason",
    body=RecordLook,
    query=Nothing,
    answer=BaseRecord,
    handle=look,
    refusals=(NotFound,),
    more="Who looked, when and why is noted before it is told.",
)
CHANGE = Route(
    name="change_record",
    method="PUT",
    path="/records/{id}",
    tag=TAG,
    summary="Change fields of one of them",
    body=RecordChange,
    query=Nothing,
    answer=BaseRecord,
    handle=change,
    refusals=(NotFound, Conflict),
    more="Only the fields that are sent change. `conflict`: somebody has changed it since `version`.",
)
HISTORY = Route(
    name="show_record_history",
    method="GET",
    path="/records/{id}/history",
    tag=TAG,
    summary="Which fields of one of them were changed, and when",
    body=Nothing,
    query=Nothing,
    answer=RecordHistory,
    handle=history,
    refusals=(NotFound,),
)
ASKED = Route(
    name="list_proposed_records",
    method="GET",
    path="/record-proposals",
    tag=TAG,
    summary="What residents of my grids say is wrong in their records",
    body=Nothing,
    query=Nothing,
    answer=ProposedRecordPage,
    handle=asked,
)
DECIDE = Route(
    name="decide_proposed_record",
    method="POST",
    path="/record-proposals/{id}/decision",
    tag=TAG,
    summary="Take it over, or say why not",
    body=ProposalDecision,
    query=Nothing,
    answer=ProposedRecordPage,
    handle=decide,
    refusals=(NotFound, Conflict),
    more="The resident is told. What the fields held before is kept, sealed.",
)
MINE = Route(
    name="list_my_records",
    method="GET",
    path="/me/records",
    tag=TAG,
    summary="What the base data holds of me and my household",
    body=Nothing,
    query=Nothing,
    answer=OwnRecordPage,
    handle=mine,
    more="Found by the number that I have let be kept (`POST /me/phone`), in my own grid; empty without.",
)
PROPOSE = Route(
    name="propose_record",
    method="POST",
    path="/me/records/{id}/proposals",
    tag=TAG,
    summary="Say what is right in one of mine",
    body=RecordProposal,
    query=Nothing,
    answer=OwnRecord,
    handle=propose,
    status=201,
    repeatable=True,
    refusals=(NotFound,),
    more="It waits for the grid's worker.",
)
WITHDRAW = Route(
    name="withdraw_from_record",
    method="POST",
    path="/me/records/{id}/withdrawals",
    tag=TAG,
    summary="Take back what is voluntary in one of mine",
    body=Withdrawal,
    query=Nothing,
    answer=OwnRecordPage,
    handle=withdraw,
    refusals=(NotFound,),
    more="At once, and out of the history as well. Without a number of mine in it, a record is found as mine no more.",
)
EVERY = (LIST, ADD, LOOK, CHANGE, HISTORY, ASKED, DECIDE, MINE, PROPOSE, WITHDRAW)
