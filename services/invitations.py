"""An invitation as a code to scan: WeChat's own passing scene, which leads the invited person into the chat.

The way of one, and what may fail at each step:

1. somebody of the town asks: the one-time code, and a scene of the same life around it   -> no scene: words to send
2. whoever scans is told whose duty it is, with the name masked, and asked                -> over, used, too many tries
3. they answer yes in the chat: the same checks as for the code that is typed             -> somebody else was first
4. the WeChat is theirs, and the code is used up

Between asking and answering the chat keeps the invitation's number and not the code.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from domain.errors import InviteRefused
from domain.notice import masked
from models import Identity, Invite, Person
from services import access
from services.access import Actor, Held
from services.people import INVITE_LIFE, People, code_hash
from services.ports import Clock, WeChat, WeChatError

PREFIX = "bind-"
_FOLLOWED = "qrscene_"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Invited:
    """Who is meant by a code that somebody has scanned."""

    invite_id: int
    name: str
    """Masked: whoever scans may be somebody else."""
    duties: Sequence[Held]
    mine: bool
    """This WeChat is theirs already."""
    bound_to: str
    """Of another member of staff whose WeChat this is until now, the masked name; else empty."""


class Invitations:
    def __init__(self, clock: Clock, wechat: WeChat, people: People) -> None:
        self._clock = clock
        self._wechat = wechat
        self._people = people

    async def invite(self, phone: str) -> tuple[str, str]:
        """A new one-time code for the member of staff with *phone*, and what its QR code holds.

        The latter is empty where the official account cannot make one now: then the code is sent by hand. Must not be
        called inside a transaction. Raises NotFound.
        """
        code = await self._people.invite(phone)
        try:
            made = await self._wechat.create_passing_scene(
                PREFIX + code.replace("-", ""), seconds=int(INVITE_LIFE.total_seconds())
            )
        except WeChatError as error:
            log.warning("invitation_without_scene", errcode=error.errcode)
            return code, ""
        return code, made.url

    async def scanned(self, identity_id: int, code: str) -> Invited:
        """Whom the code invites; it is not used by that. Raises InviteRefused, TooMany."""
        identity = await Identity.get(id=identity_id)
        now = self._clock.now()
        self._people.check_tries(identity)
        invite = await Invite.get_or_none(code_hash=code_hash(code))
        if invite is None or invite.used_at is not None or invite.expires_at <= now:
            raise InviteRefused("unknown, used or expired code")
        invited = await access.actor(invite.person_id, now)
        mine = identity.person_id == invite.person_id
        before = None if mine else await Person.get(id=identity.person_id)
        return Invited(
            invite.id,
            masked(invited.name),
            invited.duties,
            mine,
            masked(before.name) if before is not None and before.phone_index is not None else "",
        )

    async def accept(self, identity_id: int, invite_id: int) -> Actor:
        """They say that it is them, and are bound as by :meth:`People.bind`. Raises InviteRefused, TooMany."""
        return await self._people.bind_invited(identity_id, invite_id)


def from_event_key(key: str) -> str | None:
    """The code in the EventKey of a subscribe or SCAN event, ``None`` where it is none of these."""
    scene = key.removeprefix(_FOLLOWED)
    return scene.removeprefix(PREFIX) if scene.startswith(PREFIX) else None
