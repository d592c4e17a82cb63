"""People and the WeChat accounts they speak from: first contact, grid, binding, joining two identities."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from domain.case import OPEN
from domain.delivery import GIVE_UP_AFTER, MESSAGE_ALLOWANCE, Verdict, Window
from domain.errors import InviteRefused, NotFound, TooMany
from models import Identity, Invite, Person, Region
from services import access, phones
from services.access import Actor
from services.merging import hand_over, merge, which_stays
from services.ports import Cipher, Clock, Queue, TryLater, WeChat, WeChatError
from services.transaction import row, rows, transaction

log = structlog.get_logger(__name__)

OFFICIAL = "official"
MINI = "mini"

INVITE_LIFE = timedelta(days=7)
BIND_TRIES = 5
BIND_PAUSE = timedelta(hours=1)
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""No letter or digit that can be taken for another when it is read from paper."""


@dataclass(frozen=True, slots=True)
class OpenCase:
    id: int
    number: int
    status: str
    touched_at: datetime


@dataclass(frozen=True, slots=True)
class Heard:
    """Whoever has just spoken, with what the conversation needs to know at once."""

    identity_id: int
    person_id: int
    openid: str
    name: str
    grid_id: int | None
    staff: bool
    pending: dict[str, object] | None
    draft_id: int | None
    open_case: OpenCase | None

    @classmethod
    def resident(cls, openid: str, grid_id: int | None = None) -> "Heard":
        """Somebody who holds no duty, was asked nothing and has no case open: the commonest speaker."""
        return cls(0, 0, openid, "", grid_id, staff=False, pending=None, draft_id=None, open_case=None)


HOLDS_A_DUTY = "EXISTS (SELECT 1 FROM held_duty h WHERE h.person_id = p.id)"
_OPEN = ", ".join(f"'{status}'" for status in sorted(OPEN))
IS_THEIRS_AND_OPEN = f"""c.resident_id = p.id AND (c.status IN ({_OPEN}) OR (c.status = 'merged' AND EXISTS (
        SELECT 1 FROM "case" original WHERE original.id = c.merged_into_id AND original.status IN ({_OPEN}))))"""
"""What makes somebody more than a resident with at most a draft; :mod:`services.everyday` asks for the same."""

# Two statements for every message that comes in. The first opens the window and takes the person's row, so that one
# person's messages are worked on one after the other. Only the second, which sees what the one before has left behind,
# may fetch what the routing needs: a single statement would look at the moment before it began to wait.
_OPEN_WINDOW = """
UPDATE identity SET window_until = $3, window_left = $4, last_inbound_at = $5, subscribed = $6
WHERE appid = $1 AND openid = $2
RETURNING id, person_id, pending
"""
_WHO = f"""
SELECT p.name, p.grid_id, {HOLDS_A_DUTY} AS staff,
       (SELECT c.id FROM "case" c WHERE c.resident_id = p.id AND c.status = 'draft') AS draft_id,
       o.id AS open_id, o.number, o.status, o.touched_at
FROM person p
LEFT JOIN LATERAL (
    SELECT c.id, c.number, c.status, c.touched_at FROM "case" c
    WHERE {IS_THEIRS_AND_OPEN}
    ORDER BY c.touched_at DESC LIMIT 1
) o ON TRUE
WHERE p.id = $1
"""

# What could not be sent while no WeChat was bound, for the cases that still wait for this person: the newest word of
# each, as many as one window takes. The rest stands in the queue.
_STILL_WAITING = f"""
UPDATE delivery SET state = 'owed', next_at = $2, reason = '' WHERE id IN (
    SELECT id FROM (
        SELECT DISTINCT ON (d.case_id) d.id FROM delivery d JOIN "case" c ON c.id = d.case_id
        WHERE d.person_id = $1 AND d.state = 'inbox' AND d.created_at > $3
          AND c.holder_id = $1 AND c.status IN ('submitted', 'accepted')
        ORDER BY d.case_id, d.id DESC
    ) newest ORDER BY id DESC LIMIT {MESSAGE_ALLOWANCE}
)
RETURNING id
"""
_NOTE_UNIONID = "UPDATE identity SET unionid = $2 WHERE id = $1 RETURNING person_id"
_WORKER = """
SELECT i.person_id FROM identity i WHERE i.appid = $1 AND i.openid = $2
AND EXISTS (SELECT 1 FROM held_duty d WHERE d.person_id = i.person_id)
"""
_NEVER = frozenset({Verdict.FINAL, Verdict.CHANNEL_CLOSED})


class People:
    """Who is who."""

    def __init__(
        self, clock: Clock, queue: Queue, wechat: WeChat, cipher: Cipher, *, appid: str, mini_appid: str
    ) -> None:
        self._clock = clock
        self._queue = queue
        self._wechat = wechat
        self._cipher = cipher
        self._appid = appid
        self._mini_appid = mini_appid

    async def hear(self, openid: str) -> Heard:
        """Somebody has sent a message: open their window, make them known if they are new."""
        now = self._clock.now()
        window = Window().after_message(now)
        async with transaction():
            heard = await self._who(openid, window, now)
            if heard is None:
                await self.known(openid, self._appid, OFFICIAL)
                heard = await self._who(openid, window, now)
        assert heard is not None  # noqa: S101 - it has just been made
        return heard

    async def tap(self, openid: str) -> Heard:
        """Somebody has scanned, followed or tapped the menu: a shorter window, the rest as in :meth:`hear`."""
        now = self._clock.now()
        async with transaction():
            identity = await self.known(openid, self._appid, OFFICIAL, lock=True)
            if not identity.subscribed and identity.unionid is None:
                # Back again: what WeChat did not tell then, it may tell now.
                await self._queue.defer("learn_unionid", {"openid": openid})
            window = Window(identity.window_until, identity.window_left).after_tap(now)
            heard = await self._who(openid, window, now)
        assert heard is not None  # noqa: S101 - its row is locked
        return heard

    async def silent(self, openid: str) -> Heard:
        """An event that the person has not caused by speaking or tapping: it opens no window."""
        async with transaction():
            identity = await self.known(openid, self._appid, OFFICIAL, lock=True)
            window = Window(identity.window_until, identity.window_left)
            heard = await self._who(openid, window, identity.last_inbound_at, subscribed=identity.subscribed)
        assert heard is not None  # noqa: S101 - its row is locked
        return heard

    async def _who(
        self, openid: str, window: Window, heard_at: datetime | None, *, subscribed: bool = True
    ) -> Heard | None:
        taken = await row(_OPEN_WINDOW, self._appid, openid, window.until, window.left, heard_at, subscribed)
        if taken is None:
            return None
        return _heard({**taken, **await row(_WHO, taken["person_id"])}, openid)

    async def known(
        self, openid: str, appid: str, kind: str, *, unionid: str | None = None, lock: bool = False
    ) -> Identity:
        """The identity, made together with a person when it is the first time. Two at once make only one."""
        async with transaction():
            query = Identity.filter(appid=appid, openid=openid)
            found = await (query.select_for_update() if lock else query).get_or_none()
            if found is None:
                await rows("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"{appid}:{openid}")
                found = await query.get_or_none()
            if found is None:
                person = await Person.create(created_at=self._clock.now())
                found = await Identity.create(person=person, appid=appid, openid=openid, kind=kind)
                if kind == OFFICIAL and unionid is None:
                    # The openid alone cannot be joined with the mini program's; WeChat tells the unionid on request.
                    await self._queue.defer("learn_unionid", {"openid": openid})
            if unionid and found.unionid != unionid:
                await self.join(found, unionid)
        return found

    async def learn_unionid(self, openid: str) -> None:
        """Ask WeChat who this is in the other accounts. Raises TryLater when WeChat does not tell this time."""
        try:
            follower = await self._wechat.follower(openid)
        except WeChatError as error:
            if error.verdict in _NEVER:
                return
            raise TryLater(str(error)) from error
        if follower.unionid:
            async with transaction():
                found = await Identity.get_or_none(appid=self._appid, openid=openid)
                if found is not None and found.unionid != follower.unionid:
                    await self.join(found, follower.unionid)

    async def join(self, identity: Identity, unionid: str) -> None:
        """Note the unionid; where another account's identity has it too, both become one person."""
        async with transaction():
            # Two accounts of one person that learn it at the same moment would each find themselves alone.
            await rows("SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", unionid)
            now = await row(_NOTE_UNIONID, identity.id, unionid)
            # Whose it was when it was read may have been made somebody else's in the meantime.
            identity.person_id, identity.unionid = now["person_id"], unionid
            others = await rows("SELECT person_id FROM identity WHERE unionid = $1 ORDER BY id", unionid)
            for other in dict.fromkeys(found["person_id"] for found in others):
                if other == identity.person_id:
                    continue
                which = await which_stays(identity.person_id, other)
                if which is None:
                    log.warning("two_staff_one_wechat", persons=[identity.person_id, other])
                    continue
                keep, drop = which
                await merge(keep=keep, drop=drop)
                identity.person_id = keep

    async def unfollow(self, openid: str) -> None:
        """They follow the account no longer. What a worker holds is looked at right away."""
        async with transaction():
            await Identity.filter(appid=self._appid, openid=openid).update(subscribed=False, window_left=0)
            for one in await rows(_WORKER, self._appid, openid):
                await self._queue.defer("look_at_person", {"person": one["person_id"]})

    async def ask(self, identity_id: int, pending: dict[str, object] | None) -> None:
        """Remember the question that the chat has asked (``None``: it is answered)."""
        await Identity.filter(id=identity_id).update(pending=pending)

    async def settle_in(self, person_id: int, grid_id: int) -> None:
        """A scan binds the resident to the grid; a draft that waits for a place gets it too."""
        async with transaction():
            await Person.filter(id=person_id).update(grid_id=grid_id)
            await rows(
                "UPDATE \"case\" SET grid_id = $2 WHERE resident_id = $1 AND status = 'draft' RETURNING id",
                person_id,
                grid_id,
            )

    async def actor(self, person_id: int) -> Actor:
        return await access.actor(person_id, self._clock.now())

    async def staff_of(self, phone: str) -> Actor:
        """The member of staff with this number, for the command line. Raises NotFound."""
        person = await Person.get_or_none(phone_index=self._cipher.index(phones.plain(phone) or phone))
        found = await self.actor(person.id) if person is not None else None
        if found is None or not found.duties:
            raise NotFound("nobody of the staff has this number", phone=phones.masked(phone))
        return found

    async def invite(self, phone: str) -> str:
        """A new one-time code for the member of staff with *phone*; earlier ones stop working. Raises NotFound."""
        person = await Person.get_or_none(phone_index=self._cipher.index(phones.plain(phone) or phone))
        if person is None:
            raise NotFound("nobody with this phone number has been imported", phone=phone)
        letters = "".join(secrets.choice(_ALPHABET) for _ in range(8))
        code = f"{letters[:4]}-{letters[4:]}"
        now = self._clock.now()
        async with transaction():
            # Two invitations at once: the later one counts, and there is one code, not two.
            await Person.select_for_update().get(id=person.id)
            await Invite.filter(person_id=person.id, used_at=None).delete()
            await Invite.create(person=person, code_hash=code_hash(code), created_at=now, expires_at=now + INVITE_LIFE)
        return code

    async def bind(self, identity_id: int, code: str) -> Actor:
        """Make the WeChat *identity_id* that of the invited member of staff.

        What was said and filed from this WeChat goes along, unless it was another member of staff's: then only the
        WeChat changes hands. Messages about cases that wait for them are sent now, if they are not too old.

        Raises InviteRefused; TooMany after five wrong codes within an hour (counted in the database: a code must not
        become guessable because Redis is away).
        """
        return await self._bind(identity_id, code_hash=code_hash(code))

    async def bind_invited(self, identity_id: int, invite_id: int) -> Actor:
        """As :meth:`bind`, where the code was scanned before and the chat has asked whether it is them."""
        return await self._bind(identity_id, id=invite_id)

    def check_tries(self, identity: Identity) -> None:
        """Raises TooMany after five wrong codes within an hour."""
        now, since = self._clock.now(), identity.bind_tries_since
        if since is not None and now - since < BIND_PAUSE and identity.bind_tries >= BIND_TRIES:
            raise TooMany("too many wrong codes", retry_after=int((since + BIND_PAUSE - now).total_seconds()))

    async def _bind(self, identity_id: int, **which: object) -> Actor:
        now = self._clock.now()
        async with transaction():
            identity = await Identity.select_for_update().get(id=identity_id)
            self.check_tries(identity)
            invite = await Invite.select_for_update().get_or_none(**which)
            if invite is None or invite.used_at is not None or invite.expires_at <= now:
                raise InviteRefused("unknown, used or expired code")
            invite.used_at = now
            await invite.save(update_fields=["used_at"])
            if identity.person_id != invite.person_id:
                await hand_over(identity, invite.person_id)
            await Identity.filter(id=identity_id).update(bind_tries=0, bind_tries_since=None)
            if await rows(_STILL_WAITING, invite.person_id, now, now - GIVE_UP_AFTER):
                await self._queue.defer("deliver", {"people": [invite.person_id]})
            return await self.actor(invite.person_id)

    async def count_wrong_code(self, identity_id: int) -> None:
        """Called after :exc:`InviteRefused`, in a transaction of its own, since the refusal undid the other."""
        now = self._clock.now()
        await rows(
            "UPDATE identity SET bind_tries = CASE WHEN bind_tries_since > $2 THEN bind_tries + 1 ELSE 1 END, "
            "bind_tries_since = CASE WHEN bind_tries_since > $2 THEN bind_tries_since ELSE $3 END "
            "WHERE id = $1 RETURNING id",
            identity_id,
            now - BIND_PAUSE,
            now,
        )


def code_hash(code: str) -> str:
    """What is kept of an invitation's code, however carelessly it was typed."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def _heard(found: Any, openid: str) -> Heard:
    pending = found["pending"]
    open_case = (
        OpenCase(found["open_id"], found["number"], found["status"], found["touched_at"]) if found["open_id"] else None
    )
    return Heard(
        identity_id=found["id"],
        person_id=found["person_id"],
        openid=openid,
        name=found["name"],
        grid_id=found["grid_id"],
        staff=found["staff"],
        pending=json.loads(pending) if isinstance(pending, str) else pending,
        draft_id=found["draft_id"],
        open_case=open_case,
    )


async def grid_of(person_id: int) -> Region | None:
    person = await Person.get(id=person_id).prefetch_related("grid")
    return person.grid
