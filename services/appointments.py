"""Who holds a post from when to when: appointed, ended, replaced, brought back; their cases go along (DOMAIN §1)."""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

from domain.calendar import SHANGHAI
from domain.case import Level
from domain.duty import MAY_BE_AT, Duty
from domain.errors import BadInput, Conflict, NotAllowed, NotFound
from models import HeldDuty, Person, Region
from services import access, phones
from services.access import Actor
from services.cases import Cases
from services.invitations import Invitations
from services.ports import Cache, Cipher, Clock
from services.posts import Posts
from services.routing import AWAY, LOST, TODAY, holder_of
from services.training import gated, untrained
from services.transaction import rows, transaction

LONGEST_NAME = 40
SHOWN_AFTER = timedelta(days=30)
"""For so long somebody who has left is listed, and may be brought back by one click."""
INVITE_SHOWN = 15 * 60
"""Seconds for which an invitation's picture can be fetched."""
_MOST = 60

_OF_REGION = f"""
SELECT d.id, d.person_id, p.name, p.phone, d.duty, d.from_date, d.to_date, coalesce(c.name, '') AS cover,
       coalesce(u.name, '') AS department, {AWAY.format(who="d.person_id")} AS away,
       ({LOST.format(who="d.person_id")}) AS lost,
       EXISTS (SELECT 1 FROM identity i WHERE i.person_id = p.id AND i.kind = 'official') AS bound,
       d.to_date IS NOT NULL AND d.to_date < {TODAY} AS ended
FROM held_duty d JOIN person p ON p.id = d.person_id
LEFT JOIN person c ON c.id = d.cover_id LEFT JOIN department u ON u.id = d.department_id
WHERE d.region_id = $1 AND (d.to_date IS NULL OR d.to_date >= {TODAY} - $3::int)
ORDER BY ended, d.duty, d.id LIMIT {_MOST}
"""
_HELD_HERE = """
SELECT count(*) AS n FROM "case" c
WHERE c.holder_id = $1 AND c.unit_id = $2 AND c.status IN ('submitted', 'accepted', 'suspended')
"""
_COVERS_FOLLOW = """
UPDATE held_duty d SET cover_id = $2 FROM region r
WHERE r.id = d.region_id AND r.parent_id = $3 AND d.cover_id = $1 AND d.person_id <> $2 RETURNING 1
"""


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody in a post, or who has left it lately. *phone* is masked."""

    id: int
    person_id: int
    name: str
    phone: str
    duty: Duty
    from_date: date
    to_date: date | None
    cover: str
    department: str
    away: bool
    lost: bool
    bound: bool
    ended: bool
    mine: bool
    """Whoever asks may change it."""
    below: bool
    """Whoever asks may enter a leave for them."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A post with what would follow if its holder left: *cases* are theirs here, *next* takes them meanwhile."""

    held: HeldDuty
    person: Person
    region: Region
    duty: Duty
    ended: bool
    cases: int
    next: str


@dataclass(frozen=True, slots=True)
class Newcomer:
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was written: the post that runs now (or has ended), at which region, and how many cases went along."""

    held_id: int
    region_code: str
    cases: int


@dataclass(frozen=True, slots=True)
class Invitation:
    """A code, the *token* under which its picture is shown for a while, whose it is, and at which region."""

    code: str
    token: str
    name: str
    region_code: str
    scannable: bool
    """Whether the picture is a code that leads into the chat; else it holds the words to send."""


class Appointments:
    def __init__(
        self, clock: Clock, cipher: Cipher, cache: Cache, cases: Cases, posts: Posts, invitations: Invitations
    ) -> None:
        self._clock = clock
        self._cache = cache
        self._invitations = invitations
        self._cipher = cipher
        self._cases = cases
        self._posts = posts

    async def of_region(self, by: Actor, region: Region) -> list[Holder]:
        """Who is in post at *region*, which *by* sees, and who has left within a month."""
        found = await rows(_OF_REGION, region.id, self._clock.now(), SHOWN_AFTER.days)
        below = access.works_above(by, region.path)
        return [
            Holder(
                id=one["id"],
                person_id=one["person_id"],
                name=one["name"],
                phone=phones.masked(self._cipher.open(one["phone"])) if one["phone"] else "",
                duty=Duty(one["duty"]),
                from_date=one["from_date"],
                to_date=one["to_date"],
                cover=one["cover"],
                department=one["department"],
                away=one["away"],
                lost=one["lost"],
                bound=one["bound"],
                ended=one["ended"],
                mine=access.appoints(by, region.path, Duty(one["duty"])),
                below=below and one["person_id"] != by.person_id,
            )
            for one in found
        ]

    def may_fill(self, by: Actor, region: Region) -> list[Duty]:
        """The duties that *by* may give somebody at *region*; empty: none."""
        at = Level(region.level)
        # An officer belongs to a department, which the staff list names.
        some = [duty for duty in Duty if at in MAY_BE_AT[duty] and duty is not Duty.DEPARTMENT_OFFICER]
        return [duty for duty in some if access.appoints(by, region.path, duty)]

    async def seat(self, by: Actor, held_id: int) -> Seat:
        """A post that *by* may change. Raises NotFound, NotAllowed where they see it and it is not theirs to change."""
        return await self._seat(by, held_id)

    async def appoint(self, by: Actor, code: str, duty: Duty, who: Newcomer) -> Outcome:
        """Give *who* the post from today on.

        They are known again by their number; somebody new is written down. Raises NotFound, NotAllowed, BadInput
        (``field``: name | phone | duty; ``why``: missing | long | bad | other_name | wrong_level), Conflict
        (``why``: held by them already | taken: one grid, one worker, C, D art. 5 | untrained: without the induction
        ``courses``, Y art. 43).
        """
        region = await access.region_seen(by, code)
        if not access.appoints(by, region.path, duty):
            raise NotAllowed("this post is not theirs to fill")
        if Level(region.level) not in MAY_BE_AT[duty]:
            raise BadInput("this duty is not held at this level", field="duty", why="wrong_level")
        async with transaction():
            await self._locked(region)
            await self._free(region, duty)
            new = await self._person(who)
            await self._check_trained(region, duty, new)
            held = await self._begin(region, duty, new)
            cases = await self._look(region, None)
        return Outcome(held.id, region.code, cases)

    async def end(self, by: Actor, held_id: int) -> Outcome:
        """The post ends with yesterday; what its holder had here goes to whoever is there. Raises NotFound,
        NotAllowed, Conflict (``why``: ended).
        """
        async with transaction():
            seat = await self._seat(by, held_id, lock=True, running=True)
            await self._stop(seat.held)
            cases = await self._look(seat.region, seat.person.id)
        return Outcome(seat.held.id, seat.region.code, cases)

    async def replace(self, by: Actor, held_id: int, who: Newcomer) -> Outcome:
        """*who* takes over the post today, with its cover, its place as cover in the village, and its open cases.

        Raises as :meth:`appoint` and :meth:`end` do.
        """
        async with transaction():
            seat = await self._seat(by, held_id, lock=True, running=True)
            new = await self._person(who)
            await self._check_trained(seat.region, seat.duty, new)
            return await self._hand_over(seat, new)

    async def bring_back(self, by: Actor, held_id: int) -> Outcome:
        """Undo: of a post that has ended, its holder is back; of one that runs, whoever held it before.

        Cases go back along with the post. Raises NotFound (nobody held it before), NotAllowed, Conflict (taken).
        """
        async with transaction():
            seat = await self._seat(by, held_id, lock=True)
            if seat.ended:
                await self._free(seat.region, seat.duty)
                held = await self._begin(seat.region, seat.duty, seat.person)
                return Outcome(held.id, seat.region.code, await self._look(seat.region, None))
            before = (
                await HeldDuty.filter(region_id=seat.region.id, duty=seat.duty, to_date__lt=self._today())
                .exclude(person_id=seat.person.id)
                .order_by("-to_date", "-id")
                .first()
            )
            if before is None:
                raise NotFound("nobody held this post before")
            return await self._hand_over(seat, await Person.get(id=before.person_id))

    async def invite(self, by: Actor, held_id: int, once: str) -> Invitation:
        """A one-time code with which the holder binds their WeChat; the same for the same form, *once*.

        Raises NotFound, NotAllowed, Conflict (``why``: ended | no_phone).
        """
        seat = await self._seat(by, held_id)
        if seat.ended or not seat.person.phone:
            raise Conflict("nobody to invite", why="ended" if seat.ended else "no_phone")
        token = hashlib.sha256(f"{by.person_id}/{held_id}/{once}".encode()).hexdigest()[:32]
        code, url = await self.invitation(token)
        if not code:
            code, url = await self._invitations.invite(self._cipher.open(seat.person.phone))
            sealed = self._cipher.seal(f"{code} {url}")
            await self._cache.set(f"console:invite:{token}", sealed, seconds=INVITE_SHOWN)
        return Invitation(code, token, seat.person.name, seat.region.code, scannable=bool(url))

    async def invitation(self, token: str) -> tuple[str, str]:
        """The code that was made a moment ago under *token*, which nobody can guess, and what its QR code holds.

        Both are empty once it is shown no more; only the latter where the account could not make a code to scan.
        """
        sealed = await self._cache.get(f"console:invite:{token}")
        code, _, url = self._cipher.open(sealed).partition(" ") if sealed else ("", "", "")
        return code, url

    async def _hand_over(self, seat: Seat, new: Person) -> Outcome:
        if new.id == seat.person.id:
            raise Conflict("they hold it already", why="held", person=new.name)
        cover = seat.held.cover_id if seat.held.cover_id != new.id else None
        await self._stop(seat.held)
        held = await self._begin(seat.region, seat.duty, new, cover_id=cover)
        if seat.region.parent_id is not None:
            await rows(_COVERS_FOLLOW, seat.person.id, new.id, seat.region.parent_id)
        return Outcome(held.id, seat.region.code, await self._look(seat.region, seat.person.id))

    async def _seat(self, by: Actor, held_id: int, *, lock: bool = False, running: bool = False) -> Seat:
        query = HeldDuty.filter(id=held_id)
        held = await (query.select_for_update() if lock else query).get_or_none()
        if held is None:
            raise NotFound("there is no such post among yours")
        region = await Region.get(id=held.region_id)
        await access.region_seen(by, region.code)
        duty = Duty(held.duty)
        if not access.appoints(by, region.path, duty):
            raise NotAllowed("this post is not theirs to change")
        ended = held.to_date is not None and held.to_date < self._today()
        if running and ended:
            raise Conflict("it has ended already", why="ended")
        person = await Person.get(id=held.person_id)
        cases = (await rows(_HELD_HERE, person.id, region.id))[0]["n"]
        holder = None if lock else await holder_of(region, self._clock.now(), besides=(person.id,))
        following = (await Person.get(id=holder)).name if holder is not None else ""
        return Seat(held, person, region, duty, ended, cases, following)

    async def _locked(self, region: Region) -> None:
        """Two who fill the same post at once would each find it free."""
        await Region.select_for_update().get(id=region.id)

    async def _free(self, region: Region, duty: Duty) -> None:
        if duty is not Duty.GRID_WORKER:
            return
        running = [one for one in await HeldDuty.filter(region_id=region.id, duty=duty) if not self._over(one)]
        if running:
            name = (await Person.get(id=running[0].person_id)).name
            raise Conflict("one grid, one worker", why="taken", person=name)

    async def _person(self, who: Newcomer) -> Person:
        name, phone = " ".join(who.name.split()), phones.plain(who.phone)
        if not name:
            raise BadInput("who it is must be said", field="name", why="missing")
        if len(name) > LONGEST_NAME:
            raise BadInput("the name is too long", field="name", why="long", longest=LONGEST_NAME)
        if phone is None:
            raise BadInput("this is no phone number", field="phone", why="bad")
        index = self._cipher.index(phone)
        known = await Person.get_or_none(phone_index=index)
        if known is None:
            return await Person.create(
                name=name, phone=self._cipher.seal(phone), phone_index=index, created_at=self._clock.now()
            )
        if known.name != name:
            if known.name and await HeldDuty.filter(person_id=known.id).exists():
                # Whose number it is, is not said: it may be somebody's of another town.
                raise BadInput("this number is known under another name", field="name", why="other_name")
            known.name = name
            await known.save(update_fields=["name"])
        return known

    async def _check_trained(self, region: Region, duty: Duty, who: Person) -> None:
        """The gate before the full-time duty, as at an import. Whoever is brought back was past it."""
        if not gated(duty) or who.phone_index is None:
            return
        key = (who.phone_index, region.code)
        missing = await untrained([key], self._today())
        if missing:
            raise Conflict("not trained for it yet", why="untrained", person=who.name, courses="、".join(missing[key]))

    async def _begin(self, region: Region, duty: Duty, who: Person, *, cover_id: int | None = None) -> HeldDuty:
        held = await HeldDuty.get_or_none(person_id=who.id, duty=duty, region_id=region.id)
        if held is None:
            return await HeldDuty.create(
                person_id=who.id, duty=duty, region_id=region.id, cover_id=cover_id, from_date=self._today()
            )
        if not self._over(held):
            raise Conflict("they hold it already", why="held", person=who.name)
        held.from_date, held.to_date = self._today(), None
        held.cover_id = cover_id if cover_id is not None else held.cover_id
        await held.save(update_fields=["from_date", "to_date", "cover_id"])
        return held

    async def _stop(self, held: HeldDuty) -> None:
        held.to_date = self._today() - timedelta(days=1)
        await held.save(update_fields=["to_date"])

    async def _look(self, region: Region, person_id: int | None) -> int:
        """The cases of whoever has left find somebody who is there; a vacancy is noticed at once.

        What nobody holds anywhere is looked at by the clock, as always.
        """
        moved = await self._cases.rehome(person_id) if person_id is not None else 0
        await self._posts.look_for_vacant(region.id)
        return moved

    def _over(self, held: HeldDuty) -> bool:
        return held.to_date is not None and held.to_date < self._today()

    def _today(self) -> date:
        return self._clock.now().astimezone(SHANGHAI).date()
