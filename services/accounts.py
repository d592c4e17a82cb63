"""A person's own account: who they are by phone, what is kept of them, and the end of it (docs/privacy.md)."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from tortoise.expressions import Q, Subquery

from domain.case import Action, Status
from domain.complaint import CASE
from domain.delivery import Verdict
from domain.errors import BadInput, NotAllowed, NotSignedIn, Unavailable
from models import Attachment, BoardPerson, Case, CaseMessage, HeldDuty, Identity, Look, Person, SavedFilter, Session
from services import phones
from services.access import Actor
from services.cases import Cases
from services.merging import hand_over
from services.people import People
from services.ports import Cipher, Clock, WeChat, WeChatError
from services.transaction import row, rows, transaction

log = structlog.get_logger(__name__)

MOST_CASES = 1000
"""Of a person's own, the newest, in the copy of what is kept of them."""
_CODE_REFUSED = frozenset({40029, 40163, 42003})
_WITHDRAWN = (Status.SUBMITTED, Status.ACCEPTED, Status.SUSPENDED)


@dataclass(frozen=True, slots=True)
class OwnCase:
    """A case that somebody filed, with their own words."""

    case: Case
    words: Sequence[CaseMessage]


@dataclass(frozen=True, slots=True)
class Agreed:
    """Messages of one template that somebody has agreed to and not had yet."""

    account: str
    template_id: str
    left: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything that is kept of a person."""

    person: Person
    phone: str
    grid: str
    accounts: Sequence[Identity]
    sessions: Sequence[Session]
    filters: Sequence[SavedFilter]
    cases: Sequence[OwnCase]
    draft: Sequence[str]
    messages: int
    attachments: Sequence[Attachment]
    looks: Sequence[Look]
    agreed: Sequence[Agreed]
    office_phone: str
    """On the board of the grid, with or without a photo; of staff only."""


class Accounts:
    def __init__(
        self, clock: Clock, people: People, cases: Cases, wechat: WeChat, cipher: Cipher, *, mini_appid: str
    ) -> None:
        self._clock = clock
        self._people = people
        self._cases = cases
        self._wechat = wechat
        self._cipher = cipher
        self._mini_appid = mini_appid

    async def recognise(self, by: Actor, code: str, *, keep: bool = False) -> Actor:
        """Become the member of staff whose number WeChat vouches for; anybody else's is kept only if they wish it.

        *code* is of ``getPhoneNumber`` (single use, five minutes). Raises BadInput for one that WeChat does not take,
        Unavailable when WeChat does not answer.
        """
        number = phones.plain(await self._number(code))
        index = self._cipher.index(number) if number is not None else None
        async with transaction():
            identity = (
                await Identity.filter(person_id=by.person_id, appid=self._mini_appid)
                .order_by("id")
                .select_for_update()
                .first()
            )
            if identity is None:
                raise NotSignedIn("the account has just changed: sign in again")
            staff = await Person.get_or_none(phone_index=index) if index is not None else None
            if staff is None or not await HeldDuty.filter(person_id=staff.id).exists():
                if keep and number is not None and staff is None:
                    # Staff who were imported keep the number of the town's list, by which they are found.
                    await Person.filter(id=by.person_id, phone_index=None).update(phone=self._cipher.seal(number))
                return by
            if staff.id != by.person_id:
                await hand_over(identity, staff.id)
            return await self._people.actor(staff.id)

    async def kept(self, by: Actor) -> Kept:
        """What is kept of them: their own copy (PIPL art. 45)."""
        person = await Person.get(id=by.person_id).prefetch_related("grid")
        cases = await Case.filter(resident_id=by.person_id, number__isnull=False).order_by("-id").limit(MOST_CASES)
        words: dict[int, list[CaseMessage]] = {}
        mine = {case.id: case for case in cases}
        draft = await Case.get_or_none(resident_id=by.person_id, status=Status.DRAFT)
        wanted = [*mine, *([draft.id] if draft is not None else [])]
        for said in await CaseMessage.filter(case_id__in=wanted, person_id=by.person_id).order_by("id"):
            words.setdefault(said.case_id, []).append(said)
        count = await row("SELECT count(*) AS n FROM delivery WHERE person_id = $1", by.person_id)
        agreed = await rows(_AGREED, by.person_id)
        board = await BoardPerson.get_or_none(person_id=by.person_id)
        return Kept(
            person=person,
            phone=self._cipher.open(person.phone) if person.phone else "",
            grid=person.grid.name if person.grid is not None else "",
            accounts=await Identity.filter(person_id=by.person_id).order_by("id"),
            sessions=await Session.filter(person_id=by.person_id).order_by("id"),
            filters=await SavedFilter.filter(person_id=by.person_id).order_by("name"),
            cases=[OwnCase(case, words.get(case.id, [])) for case in cases],
            draft=[said.text for said in words.get(draft.id, [])] if draft is not None else [],
            messages=int(count["n"]),
            attachments=await Attachment.filter(person_id=by.person_id).order_by("-created_at", "id").limit(MOST_CASES),
            looks=await _looks(by.person_id),
            agreed=[Agreed(one["kind"], one["template_id"], one["left_over"]) for one in agreed],
            office_phone=board.office_phone if board is not None else "",
        )

    async def delete(self, by: Actor) -> None:
        """End the account for good. Raises NotAllowed for whoever holds a duty: that ends first, by the town.

        What they filed stays, as the town's record of its work, with nobody's name to it. What still waits to be done
        is withdrawn, and its holder told; an urgent case and a complaint go on. Name, phone, grid, WeChat accounts,
        sign-ins, draft, filters and messages go.
        """
        if by.duties:
            raise NotAllowed("whoever holds a duty cannot end their account: the town ends the duty first", why="duty")
        now = self._clock.now()
        async with transaction():
            await rows("SELECT id FROM identity WHERE person_id = $1 ORDER BY id FOR UPDATE", by.person_id)
            waiting = await Case.filter(
                resident_id=by.person_id, status__in=_WITHDRAWN, kind=CASE, urgent=False
            ).order_by("id")
            for case in waiting:
                await self._cases.act(by, case.number or 0, Action.WITHDRAW)
            await _erase(by.person_id)
        log.info("account_ended", at=now.isoformat(), withdrawn=len(waiting))

    async def _number(self, code: str) -> str:
        try:
            return await self._wechat.phone_number(code)
        except WeChatError as error:
            if error.errcode in _CODE_REFUSED:
                raise BadInput("WeChat does not take this code: ask for a new one", field="code") from None
            log.warning("phone_number_failed", reason=error.reason, errcode=error.errcode)
            if error.verdict is Verdict.MISCONFIGURED:
                raise Unavailable("phone numbers are not set up on this server", retry_after=300) from None
            raise Unavailable("WeChat does not answer at the moment: try again shortly", retry_after=10) from None


_AGREED = """
SELECT i.kind, s.template_id, s.left_over FROM identity i
JOIN subscription s ON s.appid = i.appid AND s.openid = i.openid
WHERE i.person_id = $1 ORDER BY i.id, s.id
"""


async def _looks(person_id: int) -> list[Look]:
    """Whoever was another person once has looks that only their cases lead to."""
    cases = Subquery(Case.filter(resident_id=person_id).values("id"))
    return await Look.filter(Q(person_id=person_id) | Q(case_id__in=cases)).order_by("-id").limit(MOST_CASES)


# Whatever leads to a person. Their cases, and the words in them, stay with the town.
_DRAFT = "case_id IN (SELECT id FROM \"case\" WHERE resident_id = $1 AND status = 'draft')"
_THEIR_WECHAT = "(appid, openid) IN (SELECT appid, openid FROM identity WHERE person_id = $1)"
_ERASED = (
    f"UPDATE attachment SET case_id = NULL WHERE {_DRAFT} RETURNING 1",
    f"DELETE FROM case_message WHERE {_DRAFT} RETURNING 1",
    "DELETE FROM \"case\" WHERE resident_id = $1 AND status = 'draft' RETURNING 1",
    "DELETE FROM delivery WHERE person_id = $1 RETURNING 1",
    "DELETE FROM saved_filter WHERE person_id = $1 RETURNING 1",
    "DELETE FROM poll_voter WHERE person_id = $1 RETURNING 1",
    # For a board that shows whoever serves; and whoever has gone covers for nobody.
    "DELETE FROM board_person WHERE person_id = $1 RETURNING 1",
    "UPDATE held_duty SET cover_id = NULL WHERE cover_id = $1 RETURNING 1",
    # That there was a patrol is the town's record; where exactly somebody went is not.
    "DELETE FROM patrol_batch b USING patrol p WHERE p.id = b.patrol_id AND p.person_id = $1 RETURNING 1",
    "DELETE FROM patrol_ground g USING patrol p WHERE p.id = g.patrol_id AND p.person_id = $1 RETURNING 1",
    "DELETE FROM grid_coverage WHERE person_id = $1 RETURNING 1",
    # Neither of these knows a person, but both know their WeChat.
    f"DELETE FROM subscription WHERE {_THEIR_WECHAT} RETURNING 1",
    f"DELETE FROM send_report WHERE {_THEIR_WECHAT} RETURNING 1",
    "DELETE FROM record_proposal WHERE person_id = $1 RETURNING 1",
    "DELETE FROM daily_list WHERE person_id = $1 RETURNING 1",
    "DELETE FROM session WHERE person_id = $1 RETURNING 1",
    "DELETE FROM staff_login WHERE person_id = $1 RETURNING 1",
    "DELETE FROM second_factor WHERE person_id = $1 RETURNING 1",
    "DELETE FROM sign_in_scene WHERE person_id = $1 RETURNING 1",
    "DELETE FROM invite WHERE person_id = $1 RETURNING 1",
    "DELETE FROM identity WHERE person_id = $1 RETURNING 1",
    "UPDATE person SET name = '', phone = '', phone_index = NULL, grid_id = NULL WHERE id = $1 RETURNING 1",
)


async def _erase(person_id: int) -> None:
    for statement in _ERASED:
        await rows(statement, person_id)
