"""The use cases of a case (诉求): file it, add to it, move it on."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from domain import case as rules
from domain.case import Action, Level, Role, Status
from domain.duty import SEES_SUBTREE
from domain.errors import BadInput, NotFound, NothingToFile
from domain.safety import Found, refuse_while_held
from models import Attachment, Case, CaseEvent, CaseMessage, Region
from services import access, alerts, case_birth, drafts, likeness, nagging, urgency, waking
from services.access import Actor
from services.attaching import Attaching
from services.case_asked import Asked, check_complete
from services.case_filing import Filed, Filing
from services.case_history import names_of, record
from services.case_news import News
from services.case_places import Places, Policy
from services.case_steps import Steps
from services.complaints import Complaints, checked_words
from services.deadline_rules import RulesChange
from services.deliveries import Deliveries
from services.drafts import Drafts, Said
from services.event_list import EventList
from services.followers import TOGETHER, Followers
from services.handing import Handing
from services.held import Held, HeldLine, decided, listed
from services.overdue import Overdue
from services.pauses import Pauses
from services.ports import Clock, Judgement
from services.rehoming import Rehoming
from services.reminders import Reminders
from services.safety import PASSED, Safety, mark, said
from services.transaction import row, transaction

__all__ = ["NOTE_LENGTH", "Cases", "Filed", "Filing", "Policy"]

NOTE_LENGTH = 1000
_WITHOUT_ATTACHMENTS = frozenset({Action.MERGE, Action.WITHDRAW, Action.RATE, Action.REMIND})
_NOT_BY_HAND = frozenset({Action.CLIMB, Action.CLOSE, Action.ASSIGN, Action.SUBMIT, Action.ADD})


class Cases:
    def __init__(
        self,
        clock: Clock,
        deliveries: Deliveries,
        kept: Drafts,
        policy: Policy,
        events: EventList,
        attaching: Attaching | None = None,
        safety: Safety | None = None,
    ) -> None:
        self._clock = clock
        self._attaching = attaching or Attaching()
        self._safety = safety
        self._drafts = kept
        self._events = events
        self._places = Places(policy)
        self._handing = Handing(self._places)
        self._news = News(deliveries)
        self._steps = Steps(clock, self._places, self._news, Pauses(policy))
        self._followers = Followers(self._steps, self._news)
        self._complaints = Complaints(self._places, self._news)
        self._held = Held(self._places, self._news)
        self._rehoming = Rehoming(clock, self._steps, deliveries)
        self._overdue = Overdue(clock, self._steps, self._news, self._rehoming, policy.periods)
        self._reminders = Reminders(clock, policy, self._rehoming, self._news)
        self._rules = RulesChange(clock, policy, self._news)

    async def submit(self, person_id: int) -> Case:
        """File the person's draft. Raises NothingToFile."""
        async with transaction():
            draft = await drafts.take(person_id)
            words = said(draft.title, draft.description)
            return await self._file(draft, self._safety.by_list(words) if self._safety is not None else PASSED)

    async def file(self, by: Actor, filing: Filing) -> Case:
        """File a case in one go. Raises NotFound for an unknown grid, BadInput without a description.

        And what :meth:`services.attaching.Attaching.take` raises.
        """
        return (await self.file_named(by, filing)).case

    async def file_named(self, by: Actor, filing: Filing) -> Filed:
        """The same as :meth:`file`, with the names that an answer needs."""
        if not filing.description.strip():
            raise BadInput("description must say in a few words what is wrong", field="description")
        now = self._clock.now()
        async with transaction():
            grid = await case_birth.grid_called(filing.grid)
            if grid is None:
                raise NotFound("there is no grid with this code", grid=filing.grid)
            case = Case(
                resident_id=by.person_id,
                status=Status.SUBMITTED,
                grid_id=grid.id,
                title=filing.title or drafts.shorten(filing.description),
                description=filing.description,
                source=filing.source,
                taken_by_id=filing.taken_by,
                event_type=filing.event_type,
                urgent=filing.urgent,
                latitude=filing.latitude,
                longitude=filing.longitude,
                address=filing.address,
                created_at=now,
            )
            if filing.judged.found is not Found.PASSED:
                # Held, or noted for the town: the general way, which knows what that means.
                await self._file(case, filing.judged)
                await self._attaching.with_words(by.person_id, filing.attachments, case, now)
                return Filed(case, grid, (await names_of(case))["holder"] or "")
            await self._prepare(case, grid)
            names = await names_of(case)
            kind, facts = self._news.to_first_holder(case, names, await likeness.alike(case))
            await case_birth.create(case, case.submitted_at or now, kind, facts)
            if case.holder_id is not None:
                await self._news.going_to(case.holder_id)
            await self._raise_alarm(case)
            await self._attaching.with_words(by.person_id, filing.attachments, case, now)
            return Filed(case, grid, names["holder"] or "")

    async def _file(self, case: Case, judged: Judgement) -> Case:
        held = await self._prepare(case, judged=judged)
        case.number = (await row("SELECT nextval('case_number') AS number"))["number"]
        await case.save()
        if self._safety is not None:
            await self._safety.note(case, judged, held=held)
        before, now = (Status.DRAFT, Level.GRID), case.touched_at
        await record(case, Action.SUBMIT, Role.RESIDENT, case.resident_id, now, before=before, note="")
        if held:
            await self._held.tell(case, judged.why)
            return case
        await self._news.moved(
            case,
            Action.SUBMIT,
            old_holder=None,
            actor_id=case.resident_id,
            note="",
            alike=await likeness.alike(case),
        )
        await self._raise_alarm(case)
        return case

    async def _prepare(self, case: Case, grid: Region | None = None, *, judged: Judgement = PASSED) -> bool:
        """Type, holder, clocks and who watches it, in memory; whether the town looks at it first."""
        now = self._clock.now()
        case.status = Status.SUBMITTED
        case.submitted_at = case.touched_at = now
        await self._events.give(case)
        held = judged.found is Found.RISKY and not case.urgent
        if held:
            await self._held.place(case, now)
        else:
            await self._places.file(case, now, grid)
        await alerts.watch(case)
        return held

    async def _raise_alarm(self, case: Case) -> None:
        if case.urgent:
            besides = {case.holder_id or 0, case.resident_id}
            await urgency.tell_chain(case, case.touched_at, self._news, besides=besides)

    async def add(
        self, by: Actor, number: int, said: Said, attachments: Sequence[UUID] = (), judged: Judgement | None = None
    ) -> Case:
        """The resident adds words, *attachments* or both to a case; it reaches its holder, *judged* risky or not.

        Raises NotFound, IllegalMove, and what :meth:`services.attaching.Attaching.take` raises.
        """
        async with transaction():
            case, before = await self._addable(by, number)
            now = self._clock.now()  # not before it was this one's turn: the history is in order of time
            attachment_id = await self._drafts.keep_media(by.person_id, said, now, case_id=case.id)
            if said.text or not attachments:
                await CaseMessage.create(
                    case_id=case.id,
                    person_id=by.person_id,
                    at=now,
                    kind=said.kind,
                    text=said.text,
                    attachment_id=attachment_id,
                    latitude=said.latitude,
                    longitude=said.longitude,
                )
            taken = await self._attaching.with_words(by.person_id, attachments, case, now)
            kind = said.kind if said.text or not taken else taken[0].kind
            return await self._added(case, by, now, before, said=kind, note=said.text, judged=judged)

    async def add_draft(self, by: Actor, number: int) -> Case:
        """What lies in the draft belongs to case *number*. Raises NotFound, IllegalMove, NothingToFile."""
        async with transaction():
            case, before = await self._addable(by, number)
            now = self._clock.now()  # not before it was this one's turn: the history is in order of time
            draft = await Case.filter(resident_id=by.person_id, status=Status.DRAFT).select_for_update().get_or_none()
            if draft is None:
                raise NothingToFile("there is no draft", has="nothing")
            words = await CaseMessage.filter(case_id=draft.id).order_by("id")
            if not words:
                raise NothingToFile("the draft is empty", has="no_words")
            note = "\n".join(message.text for message in words if message.text)
            media = [message.attachment_id for message in words if message.attachment_id]
            await CaseMessage.filter(case_id=draft.id).update(case_id=case.id)
            await Attachment.filter(id__in=media).update(case_id=case.id)
            await draft.delete()
            return await self._added(case, by, now, before, said="text" if note else words[-1].kind, note=note)

    async def _addable(self, by: Actor, number: int) -> tuple[Case, tuple[Status, Level]]:
        case, roles = await access.case_for(by, number, lock=True)
        before = (Status(case.status), Level(case.level))
        case.status = rules.move(before[0], Action.ADD, by=roles)
        return case, before

    async def _added(
        self,
        case: Case,
        by: Actor,
        now: datetime,
        before: tuple[Status, Level],
        *,
        said: str,
        note: str,
        judged: Judgement | None = None,
    ) -> Case:
        case.touched_at = now
        await case.save(update_fields=["touched_at", "status"])
        await record(case, Action.ADD, Role.RESIDENT, by.person_id, now, before=before, note=note)
        await mark(self._safety, case, judged, note)
        original = await Case.get_or_none(id=case.merged_into_id) if case.merged_into_id is not None else None
        holder_id = case.holder_id if original is None else original.holder_id
        if holder_id is not None and holder_id != by.person_id:
            kind = "case_added" if original is None else "follower_added"
            await self._news.tell(case, {holder_id: kind}, said=said, note=note)
        return case

    async def attach(self, by: Actor, number: int, said: Said) -> Case:
        """A photo that the holder sends right after a move goes to the same case. Raises NotFound."""
        now = self._clock.now()
        async with transaction():
            case, _ = await access.case_for(by, number, lock=True)
            last = await CaseEvent.filter(case_id=case.id, person_id=by.person_id).order_by("-id").first()
            await self._drafts.keep_media(
                by.person_id, said, now, case_id=case.id, event_id=last.id if last is not None else None
            )
        return case

    async def complain(
        self, by: Actor, text: str, *, number: int | None = None, attachments: Sequence[UUID] = ()
    ) -> Case:
        """Make a complaint of its own (Y art. 22); see :meth:`services.complaints.Complaints.make`.

        Raises NotFound, IllegalMove, NothingToFile, BadInput, Conflict, UploadRefused.
        """
        text = checked_words(text, NOTE_LENGTH)
        async with transaction():
            now = self._clock.now()
            made = await self._complaints.make(by, text, number, now)
            await self._attaching.with_words(by.person_id, attachments, made, now)
            return made

    async def held_for(self, by: Actor, most: int = 50) -> list[HeldLine]:
        """What waits for *by* to look at it, and what was found risky or not checked in the last week."""
        return await listed(by, by.paths(SEES_SUBTREE), self._clock.now() - timedelta(days=7), most)

    async def release(self, by: Actor, number: int) -> Case:
        """Let a held case go on. Raises NotFound, IllegalMove."""
        async with transaction():
            case, roles = await access.case_for(by, number, lock=True)
            return await self._held.release(case, roles, by, self._clock.now())

    async def turn_down(self, by: Actor, number: int, reason: str) -> Case:
        """Decline a held case; its resident is told why, and may appeal. Raises NotFound, IllegalMove, BadInput."""
        _check(Action.DECLINE, reason.strip(), None, ())
        async with transaction():
            case, roles = await access.case_for(by, number, lock=True)
            self._held.check(case, roles)
            # Whoever may let it go on may turn it down, also from above: of what is held both are one answer.
            roles |= {Role.HOLDER}
            case = await self._steps.take(case, roles, by.person_id, Action.DECLINE, note=reason.strip())
            await decided(case, "turned_down", by, self._clock.now())
            return case

    async def mark_urgent(self, by: Actor, number: int, *, note: str = "") -> Case:
        """Staff find it urgent: other clocks, the town's queue, all are told. Raises NotFound, IllegalMove."""
        async with transaction():
            case, roles = await access.case_for(by, number, lock=True)
            now = self._clock.now()
            return await urgency.mark(
                case, roles, by.person_id, now, note.strip()[:NOTE_LENGTH], self._places, self._news
            )

    async def act(
        self,
        by: Actor,
        number: int,
        action: Action,
        *,
        note: str = "",
        rating: int | None = None,
        to: str = "",
        others: Sequence[str] = (),
        into: int | None = None,
        until: date | None = None,
        hidden: bool | None = None,
        attachments: Sequence[UUID] = (),
    ) -> Case:
        """Take *action* on case *number*.

        *to* and *others* name departments or regions (dispatch, transfer; co-handle), *into* the original (merge),
        *until* a day in China (suspend); *hidden* keeps the opinion among staff, ``None`` does what is usual for the
        action; *attachments* are uploads that go with it. The status, its history row, what is owed to people and the
        jobs for it are written together or not at all.

        To complain answers with the complaint that was made.

        Raises NotFound (also when it is not theirs to see), IllegalMove, BadInput, NobodyThere, TooMany (remind).
        """
        if action is Action.COMPLAIN:
            return await self.complain(by, note, number=number, attachments=attachments)
        note = note.strip()
        asked = Asked(to.strip(), [name.strip() for name in others if name.strip()], into, until, hidden)
        check_complete(action, asked)
        _check(action, note, rating, attachments)
        async with transaction():
            if action in TOGETHER:
                await self._followers.lock(number, into)
            case, roles = await access.case_for(by, number, lock=True)
            refuse_while_held(case.kind, case.status, action)
            if action is Action.MERGE:
                return await self._followers.merge(by, case, roles, into, note)
            told: dict[str, object] = {}
            if action is Action.REMIND:
                rules.move(Status(case.status), action, by=roles)
                told["waited"] = await nagging.waited(case, self._clock.now())
            of_resident = roles == {Role.RESIDENT}
            taken = [] if of_resident else await self._attaching.take(by.person_id, attachments, case)
            case = await self._steps.take(
                case, roles, by.person_id, action, note=note, rating=rating, asked=asked, **told
            )
            if of_resident:
                await self._attaching.with_words(by.person_id, attachments, case, self._clock.now())
            await self._attaching.to_step(by.person_id, taken, case)
            if action is Action.WITHDRAW:
                await self._followers.release(case)
            return case

    async def names_among(self, by: Actor, number: int, words: Sequence[str]) -> int:
        """How many of *words*, from the first one on, name somebody who can be asked to co-handle. Raises NotFound."""
        case, _ = await access.case_for(by, number)
        for known, word in enumerate(words):
            if not await self._handing.is_helper(case, word):
                return known
        return len(words)

    async def climb_overdue(self, batch: int = 50) -> int:
        """Move every case whose deadline has passed one level up; see :meth:`services.overdue.Overdue.climb`."""
        return await self._overdue.climb(batch)

    async def remind_due(self, batch: int = 50) -> int:
        """Tell holders that a deadline comes near; see :meth:`services.reminders.Reminders.remind`."""
        return await self._reminders.remind(batch)

    async def apply_rules(self) -> int:
        """Count deadlines anew under changed rules; see :meth:`services.deadline_rules.RulesChange.apply`."""
        return await self._rules.apply()

    async def close_unrated(self, batch: int = 100) -> int:
        """Close what nobody rated in time; see :meth:`services.overdue.Overdue.close_unrated`."""
        return await self._overdue.close_unrated(batch)

    async def rehome(self, person_id: int | None = None) -> int:
        """Give what nobody has, or somebody who is not there, to whoever is; see :class:`services.rehoming.Rehoming`.

        With *person_id* only what that person holds. Returns how many cases found a new holder.
        """
        return await (self._rehoming.all() if person_id is None else self._rehoming.of(person_id))

    async def wake_suspended(self, batch: int = 50) -> int:
        """Resume what was suspended until now; see :func:`services.waking.wake`."""
        return await waking.wake(self._clock, self._steps, batch)


def _check(action: Action, note: str, rating: int | None, attachments: Sequence[UUID]) -> None:
    """What can be told without looking at the case. Raises BadInput."""
    if attachments and action in _WITHOUT_ATTACHMENTS:
        raise BadInput(f"no attachments go with {action}", field="attachments", action=str(action))
    if action in rules.NEEDS_NOTE and not note:
        raise BadInput(f"{action} needs a few words", field="note", action=str(action))
    if len(note) > NOTE_LENGTH:
        raise BadInput(f"note is longer than {NOTE_LENGTH} characters", field="note", longest=NOTE_LENGTH)
    if action in _NOT_BY_HAND:
        raise BadInput(f"{action} is not an action that a person takes", field="action")
    if action is Action.RATE and rating not in rules.RATINGS:
        raise BadInput("a rating is a whole number from 1 to 5", field="rating")
