"""Notices (通知): composed, agreed to, sent to each recipient once, stopped and taken back.

Every move is one transaction on the notice's row: its state, its history, and the job that brings the recipients' rows
in line with it (:mod:`services.notices_spread`). The sweep finds what a job has forgotten.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain import notice as rules
from domain.duty import SENDS_NOTICES
from domain.errors import BadInput, IllegalMove, NotFound, NoticeRefused
from domain.notice import Action, Audience, Role, Rules, Status
from models import Notice, Person, Region
from services import access, notices_audience
from services.access import Actor
from services.by_place import ByPlace
from services.deliveries import Deliveries, Owed
from services.mass_sends import MassSends
from services.notices_audience import Estimate, Templates
from services.notices_draft import LONGEST_TITLE, More, check_parts, check_picture, check_text
from services.notices_figures import NoticeFigures
from services.notices_news import NoticeNews
from services.notices_retention import Thinning
from services.notices_rows import shortened
from services.notices_spread import Spreading
from services.notices_visits import NoticeVisits
from services.ports import Clock, Queue
from services.transaction import transaction

LONGEST_NOTE = 200
_LAST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice as its senders see it."""

    id: int
    state: Status
    title: str
    text: str
    link: str
    picture: UUID | None
    region: str
    region_code: str
    audience: Audience
    urgent: bool
    author: str
    reach: int
    created_at: datetime
    starts_at: datetime | None
    expires_at: datetime | None
    sent_at: datetime | None
    ended_at: datetime | None
    estimate: Estimate | None = None
    """While it has not begun."""
    mine: bool = False
    asked: int = 0
    """How many were asked to agree."""


class Notices:
    def __init__(
        self,
        clock: Clock,
        queue: Queue,
        deliveries: Deliveries,
        given: ByPlace[Rules],
        *,
        appid: str,
        templates: Templates,
        public_url: str = "",
        mass: MassSends | None = None,
    ) -> None:
        """*appid* is the official account's; *templates* are those of notices."""
        self._clock = clock
        self._deliveries = deliveries
        self._rules = given
        self._appid = appid
        self._templates = templates
        self._public_url = public_url.rstrip("/")
        self._spreading = Spreading(clock, queue, deliveries, self._rules, mass=mass)
        self.figures = NoticeFigures(clock)
        self.news = NoticeNews(clock)
        self.visits = NoticeVisits(clock)
        self.retention = Thinning(clock, given.standard)

    # Composing.

    async def compose(self, by: Actor, region_code: str, text: str, more: More | None = None) -> NoticeView:
        """Keep a notice and say how many people it would reach. Nothing is sent.

        Raises NotFound for a region that is not theirs, BadInput for a text that is empty or too long, or for times,
        link, picture or event type that cannot be.
        """
        more, text, now = more or More(), text.strip(), self._clock.now()
        check_text(text, more)
        rules.check_times(now, more.starts_at, more.expires_at)
        async with transaction():
            region = await access.region_for_notices(by, region_code)
            await check_parts(by, more)
            notice = await Notice.create(
                author_id=by.person_id,
                region=region,
                title=" ".join(more.title.split()),
                text=text,
                link=more.link.strip(),
                picture_id=more.picture,
                audience=more.audience.as_json(),
                urgent=more.urgent,
                token=uuid.uuid4(),
                state=Status.PREVIEW,
                created_at=now,
                starts_at=more.starts_at,
                expires_at=more.expires_at,
            )
            return await self._view(notice, by)

    async def estimate(self, by: Actor, region_code: str, audience: Audience) -> Estimate:
        """How many a notice would reach now, and how. Raises NotFound for a region that is not theirs."""
        return await self._estimate(await access.region_for_notices(by, region_code), audience)

    async def plan(
        self, by: Actor, notice_id: int, *, starts_at: datetime | None = None, expires_at: datetime | None = None
    ) -> NoticeView:
        """Say of a preview when it starts, and when it expires; what is ``None`` stays. Raises as :meth:`compose`."""
        async with transaction():
            notice = await self._waiting(by, notice_id)
            starts_at, expires_at = starts_at or notice.starts_at, expires_at or notice.expires_at
            rules.check_times(self._clock.now(), starts_at, expires_at)
            notice.starts_at, notice.expires_at = starts_at, expires_at
            await notice.save(update_fields=["starts_at", "expires_at"])
            return await self._view(notice, by)

    async def illustrate(self, by: Actor, notice_id: int, picture: UUID | None) -> NoticeView:
        """Give a preview another picture, or none. Raises NotFound, IllegalMove, BadInput for a photo of others."""
        async with transaction():
            notice = await self._waiting(by, notice_id)
            if picture is not None:
                await check_picture(by, picture)
            notice.picture_id = picture
            await notice.save(update_fields=["picture_id"])
            return await self._view(notice, by)

    async def show_me(self, by: Actor, notice_id: int) -> NoticeView:
        """Send a preview to its author's own phone, as people will see it. Raises NotFound, IllegalMove."""
        async with transaction():
            notice = await self._waiting(by, notice_id)
            link = f"{self._public_url}/n/{shortened(notice.token)}" if self._public_url and notice.token else ""
            facts = {"text": notice.text, "headline": notice.title, "region": notice.region.name, "url": link}
            more = bool(notice.link or notice.picture_id)
            await self._told(by.person_id, "notice", {**facts, "more": more})
            return await self._view(notice, by)

    # Sending.

    async def send(self, by: Actor, notice_id: int) -> NoticeView:
        """Release a preview: at once, or at its time, or after the quiet hours, or to be agreed to by somebody else.

        Raises NotFound (also when its region is theirs no more), IllegalMove, NoticeRefused where nobody could agree.
        """
        now = self._clock.now()
        async with transaction():
            notice = await self._waiting(by, notice_id)
            expected = await self._estimate(notice.region, Audience.read(notice.audience))
            notice.reach = expected.people
            if notice.starts_at is not None and notice.starts_at <= now:
                notice.starts_at = None
            if notice.expires_at is None:
                notice.expires_at = (notice.starts_at or now) + timedelta(days=self._holds(notice).expire_days)
            rules.check_times(now, notice.starts_at, notice.expires_at)
            if not expected.people:
                raise NoticeRefused("it would reach nobody", why="nobody", notice=notice.id)
            asked: list[int] = []
            if self._holds(notice).needs_approval(expected.people):
                asked = await self._ask(notice, by)
            else:
                await self._let_go(notice, {Role.AUTHOR}, by.person_id)
            return await self._view(notice, by, asked=len(asked))

    async def approve(self, by: Actor, notice_id: int) -> NoticeView:
        """Agree to somebody else's notice; it goes out, or is scheduled. Raises NotFound, IllegalMove."""
        async with transaction():
            notice, roles = await self._locked(by, notice_id)
            if notice.state != Status.AWAITING:
                raise IllegalMove("nobody asks any more", status=notice.state, action="approve", notice=notice.id)
            await self._let_go(notice, roles, by.person_id)
            facts = {"by": by.name, "state": notice.state, "starts_at": _iso(notice.starts_at), "reach": notice.reach}
            await self._told(notice.author_id, "notice_agreed", {**_about(notice), **facts})
            return await self._view(notice, by)

    async def refuse(self, by: Actor, notice_id: int, note: str) -> NoticeView:
        """Do not agree. Raises NotFound, IllegalMove, BadInput without a reason."""
        note = _note(note)
        if not note:
            raise BadInput("a refusal needs a reason", field="note", notice=notice_id)
        async with transaction():
            notice, roles = await self._locked(by, notice_id)
            await self._move(notice, Action.REFUSE, roles, by.person_id, note)
            await self._told(notice.author_id, "notice_refused", {**_about(notice), "by": by.name, "note": note})
            return await self._view(notice, by)

    async def cancel(self, by: Actor, notice_id: int, note: str = "") -> NoticeView:
        """Drop it before anything has gone out: a preview, what waits to be agreed to, what is scheduled."""
        return await self._act(by, notice_id, Action.CANCEL, note)

    # Stopping.

    async def pause(self, by: Actor, notice_id: int) -> NoticeView:
        """No sender takes any more of it from now on; what is under way at this moment still arrives."""
        return await self._act(by, notice_id, Action.PAUSE)

    async def resume(self, by: Actor, notice_id: int) -> NoticeView:
        """Go on; in quiet hours, after them."""
        return await self._act(by, notice_id, Action.RESUME)

    async def recall(self, by: Actor, notice_id: int, note: str = "") -> NoticeView:
        """What has not gone out never does; before anything has, the notice is cancelled."""
        return await self._act(by, notice_id, Action.RECALL, note)

    async def _act(self, by: Actor, notice_id: int, action: Action, note: str = "") -> NoticeView:
        """Raises NotFound, IllegalMove."""
        async with transaction():
            notice, roles = await self._locked(by, notice_id)
            if action is Action.RECALL and notice.state in _NOT_BEGUN:
                action = Action.CANCEL
            await self._move(notice, action, roles, by.person_id, _note(note))
            if action is Action.RESUME:
                await self._spreading.goes_on(notice)
            return await self._view(notice, by)

    async def one(self, by: Actor, notice_id: int) -> NoticeView:
        """Raises NotFound, also for what is not theirs to send."""
        notice, _ = await self._found(by, notice_id)
        return await self._view(notice, by)

    # By jobs and by the clock.

    async def spread(self, notice_id: int) -> int:
        """Bring the recipients' rows in line with the notice; returns how many recipients it has written down."""
        return await self._spreading.spread(notice_id)

    async def keep_hours(self) -> int:
        """Let what is going out or rests keep to quiet hours that have changed; returns how many notices that moved."""
        return await self._spreading.keep_hours()

    async def sweep(self) -> int:
        """Start, rest, go on, expire and finish what is due, and spread what was forgotten; returns how many."""
        return await self._spreading.sweep()

    # Below.

    async def _ask(self, notice: Notice, by: Actor) -> list[int]:
        now = self._clock.now()
        asked = await notices_audience.approvers(notice.region, sorted(SENDS_NOTICES), by.person_id, now)
        if not asked:
            raise NoticeRefused("nobody is there who could agree", why="nobody_agrees", notice=notice.id)
        await self._move(notice, Action.ASK, {Role.AUTHOR}, by.person_id)
        facts = {"by": by.name, "region": notice.region.name, "reach": notice.reach, "text": notice.text}
        facts |= {"starts_at": _iso(notice.starts_at), "urgent": notice.urgent}
        for person_id in asked:
            await self._told(person_id, "notice_asked", {**_about(notice), **facts})
        return asked

    async def _let_go(self, notice: Notice, roles: set[Role], person_id: int) -> None:
        """It goes out at its first possible moment: now, or later."""
        now = self._clock.now()
        wanted = max(now, notice.starts_at or now)
        start = self._holds(notice).quiet.first_moment(wanted, urgent=notice.urgent)
        if start > now:
            notice.starts_at = start
            await self._move(notice, Action.SCHEDULE, roles, person_id)
        else:
            await self._move(notice, Action.SEND, roles, person_id)

    def _holds(self, notice: Notice) -> Rules:
        """The rules of the place that it is for: a county's notice keeps the county's, also in a town with others."""
        return self._rules.at(notice.region.path)

    async def _move(
        self, notice: Notice, action: Action, roles: set[Role], person_id: int | None, note: str = ""
    ) -> None:
        try:
            await self._spreading.move(notice, action, roles, person_id, note)
        except IllegalMove as refusal:
            refusal.facts["notice"] = notice.id
            raise

    async def _told(self, person_id: int, kind: str, facts: Mapping[str, object]) -> None:
        await self._deliveries.owe(Owed(person_id, kind, facts))

    async def _waiting(self, by: Actor, notice_id: int) -> Notice:
        """The author's own preview, locked."""
        notice, _ = await self._locked(by, notice_id)
        if notice.state != Status.PREVIEW:
            raise IllegalMove("it is sent already", status=notice.state, action=str(Action.SEND), notice=notice.id)
        return notice

    async def _locked(self, by: Actor, notice_id: int) -> tuple[Notice, set[Role]]:
        return await self._found(by, notice_id, lock=True)

    async def _found(self, by: Actor, notice_id: int, *, lock: bool = False) -> tuple[Notice, set[Role]]:
        query = Notice.filter(id=notice_id)
        if lock:
            query = query.select_for_update()
        notice = await query.get_or_none() if 0 < notice_id <= _LAST_ID else None
        if notice is not None:
            await notice.fetch_related("region")
            roles = roles_in(by, notice)
            if roles:
                return notice, roles
        raise NotFound("there is no such notice", notice=notice_id)

    async def _estimate(self, region: Region, audience: Audience) -> Estimate:
        now = self._clock.now()
        return await notices_audience.estimate(region, audience, now, appid=self._appid, templates=self._templates)

    async def _view(self, notice: Notice, by: Actor, *, asked: int = 0) -> NoticeView:
        state, audience = Status(notice.state), Audience.read(notice.audience)
        expected = await self._estimate(notice.region, audience) if state in _NOT_BEGUN else None
        author = by.name if notice.author_id == by.person_id else (await Person.get(id=notice.author_id)).name
        return NoticeView(
            id=notice.id,
            state=state,
            title=notice.title,
            text=notice.text,
            link=notice.link,
            picture=notice.picture_id,
            region=notice.region.name,
            region_code=notice.region.code,
            audience=audience,
            urgent=notice.urgent,
            author=author,
            reach=expected.people if expected is not None else notice.reach,
            created_at=notice.created_at,
            starts_at=notice.starts_at,
            expires_at=notice.expires_at,
            sent_at=notice.sent_at,
            ended_at=notice.ended_at,
            estimate=expected,
            mine=notice.author_id == by.person_id,
            asked=asked,
        )


_NOT_BEGUN = frozenset({Status.PREVIEW, Status.AWAITING, Status.SCHEDULED})


def roles_in(by: Actor, notice: Notice) -> set[Role]:
    """What *by* is to *notice*, whose region is fetched; a preview is its author's alone."""
    if not any(notice.region.path.startswith(path) for path in by.paths(SENDS_NOTICES)):
        return set()
    if notice.author_id == by.person_id:
        return {Role.AUTHOR}
    return set() if notice.state == Status.PREVIEW else {Role.COLLEAGUE}


def _about(notice: Notice) -> dict[str, object]:
    about = notice.title or notice.text[:LONGEST_TITLE]
    return {"notice": notice.id, "about": about, "text": about}


def _note(text: str) -> str:
    note = " ".join(text.split())
    if len(note) > LONGEST_NOTE:
        raise BadInput("this is too long", field="note", longest=LONGEST_NOTE)
    return note


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
