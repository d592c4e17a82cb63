"""My account: recognised by phone, signed in on several devices, what is kept of me, and the end of it."""

from domain.errors import NotAllowed, NotFound
from miniprogram_api import me
from miniprogram_api.filters import shown as filter_shown
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import Nothing, Person
from miniprogram_api.schemas_account import (
    EndOfAccount,
    LookAtPhone,
    OwnAgreement,
    OwnAttachment,
    OwnCase,
    OwnData,
    OwnLook,
    PhoneCode,
    PhoneShown,
    SignIn,
    SignIns,
)
from services import accounts
from services.sessions import SignedInSince

TAG = "Me"


async def phone(call: Call[PhoneCode, Nothing]) -> Person:
    return me.person(await call.desk.accounts.recognise(call.by, call.body.code, keep=call.body.keep))


async def data(call: Call[Nothing, Nothing]) -> OwnData:
    kept = await call.desk.accounts.kept(call.by)
    saved = await call.desk.searches.all(call.by)
    return OwnData(
        id=kept.person.id,
        name=kept.person.name,
        phone=kept.phone,
        grid=kept.grid,
        duties=me.person(call.by).duties,
        since=kept.person.created_at,
        wechat_accounts=[one.kind for one in kept.accounts],
        sign_ins=[_sign_in(one) for one in await call.desk.sessions.every(call.by, call.token)],
        filters=[filter_shown(one) for one in saved],
        cases=[_case(one) for one in kept.cases],
        draft=[*kept.draft],
        messages_received=kept.messages,
        attachments=[
            OwnAttachment(id=one.id, kind=one.kind, state=one.state, size=one.size, created_at=one.created_at)
            for one in kept.attachments
        ],
        looks_at_my_number=[OwnLook(at=one.at, reason=one.reason) for one in kept.looks],
        agreed_messages=[
            OwnAgreement(account=one.account, template_id=one.template_id, left=one.left) for one in kept.agreed
        ],
        office_phone=kept.office_phone,
    )


async def end(call: Call[EndOfAccount, Nothing]) -> None:
    await call.desk.accounts.delete(call.by)


async def sign_ins(call: Call[Nothing, Nothing]) -> SignIns:
    return SignIns(items=[_sign_in(one) for one in await call.desk.sessions.every(call.by, call.token)])


async def end_sign_in(call: Call[Nothing, Nothing]) -> None:
    await call.desk.sessions.end(call.by, call.id)


async def look(call: Call[LookAtPhone, Nothing]) -> PhoneShown:
    return PhoneShown(phone=await call.desk.looks.phone_of_resident(call.by, call.number, call.body.reason))


def _sign_in(one: SignedInSince) -> SignIn:
    return SignIn(id=one.id, created_at=one.created_at, expires_at=one.expires_at, current=one.current)


def _case(one: accounts.OwnCase) -> OwnCase:
    case = one.case
    return OwnCase(
        number=case.number or 0,
        title=case.title,
        description=case.description,
        status=case.status,
        created_at=case.created_at,
        address=case.address,
        latitude=case.latitude,
        longitude=case.longitude,
        rating=case.rating,
        rating_note=case.rating_note,
        messages=[said.text for said in one.words if said.text],
    )


PHONE = Route(
    name="tell_phone",
    method="POST",
    path="/me/phone",
    tag=TAG,
    summary="Be recognised as staff by my phone number, or leave it for those who work my cases",
    body=PhoneCode,
    query=Nothing,
    answer=Person,
    handle=phone,
    more="The code works once, for five minutes. A member of staff's number makes this account theirs; the token stays "
    "valid. Anybody else's number is kept only with `keep`, encrypted, and shown only to whoever works a case of mine.",
)
DATA = Route(
    name="show_my_data",
    method="GET",
    path="/me/data",
    tag=TAG,
    summary="Everything that is kept of me",
    body=Nothing,
    query=Nothing,
    answer=OwnData,
    handle=data,
)
END = Route(
    name="delete_me",
    method="DELETE",
    path="/me",
    tag=TAG,
    summary="End my account, for good",
    body=EndOfAccount,
    query=Nothing,
    answer=None,
    handle=end,
    status=204,
    refusals=(NotAllowed,),
    more="Name, number, grid, WeChat accounts, sign-ins, draft, filters and messages go at once. What I filed stays as "
    "the town's record, with nobody's name to it; what still waits is withdrawn, unless it is urgent or a complaint. "
    "Whoever holds a duty is refused.",
)
SIGN_INS = Route(
    name="list_sessions",
    method="GET",
    path="/sessions",
    tag="Sessions",
    summary="Where I am signed in",
    body=Nothing,
    query=Nothing,
    answer=SignIns,
    handle=sign_ins,
)
END_SIGN_IN = Route(
    name="end_session",
    method="DELETE",
    path="/sessions/{id}",
    tag="Sessions",
    summary="Sign one of my devices out",
    body=Nothing,
    query=Nothing,
    answer=None,
    handle=end_sign_in,
    status=204,
    refusals=(NotFound,),
)
LOOK = Route(
    name="look_at_phone",
    method="POST",
    path="/cases/{number}/phone",
    tag="Cases",
    summary="The whole number that the resident has left",
    body=LookAtPhone,
    query=Nothing,
    answer=PhoneShown,
    handle=look,
    refusals=(NotAllowed, NotFound),
    more="For whoever works the case. Who looked, when and why is noted first. `not_found` also where none was left.",
)
EVERY = (PHONE, DATA, END, SIGN_INS, END_SIGN_IN, LOOK)
