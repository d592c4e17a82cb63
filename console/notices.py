"""通知: composed, looked at as residents will see it, sent or agreed to, stopped, and followed to its end."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from aiohttp import web

from console.case_actions import done_before, once
from console.forms import Form
from console.frame import ROOT
from console.gate import Gate, Visit
from console.live import Live, Told
from domain import notice as rules
from domain.calendar import SHANGHAI
from domain.duty import Duty
from domain.errors import BadInput, IllegalMove, NotAllowed, NotFound, Refusal
from domain.notice import Action, Audience, Role, Status
from services.access import Actor
from services.desk import Desk
from services.idempotency import Idempotencies
from services.notices import LONGEST_NOTE, NoticeView
from services.notices_desk import NoticeDesk
from services.notices_draft import LONGEST, LONGEST_LINK, LONGEST_TITLE, More
from services.notices_figures import Figures
from services.notices_table import table
from services.ports import Wording

NOTICES = f"{ROOT}/notices"
PAGE = 25
EVERY = 1.0
"""Seconds between two figures of a notice under way."""
_FIELD = "%Y-%m-%dT%H:%M"
"""As a browser's own field for a moment has it."""
_NUMBER = "{number:[0-9]{1,18}}"
_SHOWN = {
    Action.PAUSE: "pause",
    Action.RESUME: "resume",
    Action.RECALL: "recall",
    Action.CANCEL: "cancel",
    Action.REFUSE: "refuse",
}
_TO_STAFF = (
    Duty.GRID_WORKER,
    Duty.PART_TIME_WORKER,
    Duty.VOLUNTEER,
    Duty.GRID_CHIEF,
    Duty.LIAISON,
    Duty.VILLAGE_SECRETARY,
    Duty.VILLAGE_AGENT,
    Duty.TOWN_AGENT,
    Duty.COMMANDER,
    Duty.DEPARTMENT_OFFICER,
)
_VILLAGES = 60
"""Lines of the report on the page; the table to download has all."""


class NoticePages:
    def __init__(
        self, gate: Gate, desk: Desk, notices: NoticeDesk, wording: Wording, idempotencies: Idempotencies, live: Live
    ) -> None:
        self._gate = gate
        self._desk = desk
        self._notices = notices
        self._wording = wording
        self._idempotencies = idempotencies
        self._live = live

    def routes(self) -> list[web.RouteDef]:
        one = f"{NOTICES}/{_NUMBER}"
        return [
            web.get(NOTICES, self._gate.shows(self.listed), name="console.notices"),
            web.get(f"{NOTICES}/new", self._gate.shows(self.blank), name="console.new_notice"),
            web.post(
                f"{NOTICES}/new",
                self._gate.takes_files(self.compose, unread=self.uncomposed),
                name="console.compose_notice",
            ),
            web.get(one, self._gate.shows(self.one), name="console.notice"),
            web.post(f"{one}/actions", self._gate.takes(self.act), name="console.act_on_notice"),
            web.post(
                f"{one}/picture",
                self._gate.takes_files(self.illustrate, unread=self._no),
                name="console.illustrate_notice",
            ),
            web.get(f"{one}/live", self._gate.shows(self.live), name="console.notice_live"),
            web.get(f"{one}/report.csv", self._gate.shows(self.report), name="console.notice_report"),
        ]

    async def listed(self, visit: Visit) -> web.StreamResponse:
        _may_send(visit.actor)
        before = visit.request.query.get("before", "")
        found, following = await self._notices.listed(visit.actor, before=_whole(before), limit=PAGE)
        address = f"{NOTICES}?{urlencode({'before': following})}" if following is not None else ""
        return self._gate.page(visit, "notices.html", lines=found, following=address, later=bool(before))

    async def blank(self, visit: Visit) -> web.StreamResponse:
        """An empty form, or one filled in as ``?like=`` a notice that there is already."""
        _may_send(visit.actor)
        like = _whole(visit.request.query.get("like", ""))
        typed: dict[str, str] = {}
        if like is not None:
            seen = await self._desk.notices.one(visit.actor, like)
            typed = {
                "region": seen.region_code,
                "title": seen.title,
                "text": seen.text,
                "link": seen.link,
                "type": seen.audience.open_case_of,
                **{f"duty-{duty}": "yes" for duty in seen.audience.duties},
            }
            if await self._notices.own_picture(visit.actor, seen.picture) is not None:
                typed["kept"] = str(seen.picture)
            typed = {name: value for name, value in typed.items() if value}
            # A colleague's picture is theirs: who writes anew chooses one of their own.
            return await self._form(visit, typed, again=seen.picture is not None)
        return await self._form(visit, typed)

    async def compose(self, visit: Visit) -> web.StreamResponse:
        _may_send(visit.actor)
        picture = _kept(visit.form)
        try:
            await self._notices.check_place(visit.actor, visit.form["region"])
            picture = await self._uploaded(visit) or picture
            return await once(self._idempotencies, visit, lambda: self._compose(visit, picture))
        except Refusal as refused:
            return await self._refilled(visit, refused, picture)

    async def uncomposed(self, visit: Visit, refused: Refusal) -> web.StreamResponse:
        """A picture that was refused while it was read: the words are here, nothing is written."""
        _may_send(visit.actor)
        return await self._refilled(visit, refused, _kept(visit.form))

    async def one(self, visit: Visit) -> web.StreamResponse:
        return await self._sheet(visit, done=visit.request.query.get("done", ""))

    async def act(self, visit: Visit) -> web.StreamResponse:
        try:
            return await once(self._idempotencies, visit, lambda: self._act(visit))
        except NotFound:
            raise
        except Refusal as refused:
            return await self._no(visit, refused)

    async def illustrate(self, visit: Visit) -> web.StreamResponse:
        """Another picture for what is a preview still."""
        number = visit.number
        seen = await self._desk.notices.one(visit.actor, number)

        async def work() -> str:
            if picture is None:
                raise BadInput("no picture is chosen", field="picture", why="none")
            await self._desk.notices.illustrate(visit.actor, number, picture)
            return f"{NOTICES}/{number}?done=picture"

        try:
            known = await done_before(self._idempotencies, visit)
            if not known and (seen.state is not Status.PREVIEW or not seen.mine):
                raise IllegalMove("it is sent already", status=seen.state, action="picture")
            picture = await self._uploaded(visit)
            return await once(self._idempotencies, visit, work)
        except NotFound:
            raise
        except Refusal as refused:
            return await self._no(visit, refused)

    async def live(self, visit: Visit) -> web.StreamResponse:
        """Figures while it runs, counted once for all who watch."""
        number = visit.number
        await self._desk.notices.one(visit.actor, number)

        async def ask(actor: Actor) -> Told:
            await self._desk.notices.one(actor, number)
            return await self._live.shared(("notice", number), EVERY, lambda: self._figures(number))

        return await self._live.stream(visit, "figures", ask, every=EVERY)

    async def report(self, visit: Visit) -> web.StreamResponse:
        seen = await self._desk.notices.one(visit.actor, visit.number)
        lines = await self._desk.notices.figures.report(seen.id)
        headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="notice-{seen.id}.csv"'}
        return web.Response(body=table(lines), content_type="text/csv", charset="utf-8", headers=headers)

    async def _no(self, visit: Visit, refused: Refusal) -> web.StreamResponse:
        return await self._sheet(visit, status=refused.status, refusal=refused)

    async def _uploaded(self, visit: Visit) -> UUID | None:
        """The picture that a form brings, looked at and kept before any transaction begins; of a form that is known
        already, none. Raises BadInput for more than one, and as :meth:`services.uploads.Uploads.take`.
        """
        files = [one.data for one in visit.files if one.name == "picture"]
        if len(files) > 1:
            raise BadInput("a notice has one picture", field="picture", why="many")
        if not files or await done_before(self._idempotencies, visit):
            return None
        return await self._desk.uploads.take(visit.actor, files[0])

    async def _compose(self, visit: Visit, picture: UUID | None) -> str:
        form = visit.form
        audience = Audience(
            duties=frozenset(duty for duty in _TO_STAFF if form.checked(f"duty-{duty}")), open_case_of=form["type"]
        )
        more = More(
            title=form["title"],
            link=form["link"],
            picture=picture,
            urgent=form.checked("urgent"),
            starts_at=_moment(form["starts_at"], "starts_at"),
            expires_at=_moment(form["expires_at"], "expires_at"),
            audience=audience,
        )
        made = await self._desk.notices.compose(visit.actor, form["region"], form["text"], more)
        return f"{NOTICES}/{made.id}?done=composed"

    async def _act(self, visit: Visit) -> str:
        notices, by, number, note = self._desk.notices, visit.actor, visit.number, visit.form["note"]
        match visit.form["action"]:
            case "send":
                await notices.send(by, number)
            case "show_me":
                await notices.show_me(by, number)
            case "approve":
                await notices.approve(by, number)
            case "refuse":
                await notices.refuse(by, number, note)
            case "pause":
                await notices.pause(by, number)
            case "resume":
                await notices.resume(by, number)
            case "recall":
                await notices.recall(by, number, note)
            case "cancel":
                await notices.cancel(by, number, note)
            case "drop_picture":
                await notices.illustrate(by, number, None)
            case _:
                raise BadInput("this is no action", field="action")
        return f"{NOTICES}/{number}?done={visit.form['action']}"

    async def _refilled(self, visit: Visit, refused: Refusal, picture: UUID | None) -> web.Response:
        """The form as it was sent, with why it could not be, and with its picture where that was kept."""
        typed = {name: value for name, value in visit.form.typed().items() if name not in {"kept", "drop"}}
        if picture is not None:
            typed["kept"] = str(picture)
        again = bool(visit.files) or picture is not None or refused.code == "too_large"
        return await self._form(visit, typed, refused.status, refused, again=again)

    async def _form(
        self,
        visit: Visit,
        typed: Mapping[str, str],
        status: int = 200,
        refusal: Refusal | None = None,
        *,
        again: bool = False,
    ) -> web.Response:
        """*again*: there was a picture, which has to be chosen once more unless it is among what was *typed*."""
        now = self._desk.clock.now().astimezone(SHANGHAI)
        return self._gate.page(
            visit,
            "new_notice.html",
            status,
            places=await self._notices.places(visit.actor),
            types=[(one.code, one.name) for one in await self._desk.event_types.listed()],
            duties=_TO_STAFF,
            given=Form(typed),
            picture=await self._notices.own_picture(visit.actor, _picture(typed.get("kept", ""))),
            again=again,
            picture_mb=self._desk.uploads.longest_photo // 1048576,
            narrowed=any(name in {"type", "starts_at", "expires_at"} or name.startswith("duty-") for name in typed),
            refusal=refusal,
            earliest=now.strftime(_FIELD),
            furthest=(now + rules.FURTHEST).strftime(_FIELD),
            latest=(now + timedelta(days=365)).strftime(_FIELD),
            longest={"title": LONGEST_TITLE, "text": LONGEST, "link": LONGEST_LINK},
        )

    async def _sheet(
        self, visit: Visit, *, status: int = 200, done: str = "", refusal: Refusal | None = None
    ) -> web.Response:
        seen = await self._desk.notices.one(visit.actor, visit.number)
        begun = seen.state in rules.RUNNING or seen.ended_at is not None or seen.sent_at is not None
        figures = await self._desk.notices.figures.now(seen.id) if begun else None
        report = await self._desk.notices.figures.report(seen.id) if begun else []
        names = {one.code: one.name for one in await self._desk.event_types.listed()} if _narrowed(seen) else {}
        shown = {
            "text": seen.text,
            "headline": seen.title,
            "region": seen.region,
            "url": "（这里是各人自己的链接）",
            "more": bool(seen.link or seen.picture),
        }
        return self._gate.page(
            visit,
            "notice.html",
            status,
            notice=seen,
            picture=await self._notices.picture(seen),
            picture_mb=self._desk.uploads.longest_photo // 1048576,
            figures=figures,
            report=report[:_VILLAGES],
            villages=len(report),
            type_name=names.get(seen.audience.open_case_of, seen.audience.open_case_of),
            as_shown=self._wording.text("notice", shown),
            actions=_actions(seen),
            moves=figures is not None and not _is_over(figures),
            done=done,
            refusal=refusal,
            typed=visit.form,
            longest_note=LONGEST_NOTE,
        )

    async def _figures(self, number: int) -> Told:
        found = await self._desk.notices.figures.now(number)
        return Told(told_of(found), over=_is_over(found))


def told_of(found: Figures) -> dict[str, object]:
    """What the bar and the numbers beside it show."""
    names = ("people", "sent", "inbox", "failed", "uncertain", "left", "opened", "seconds_left", "reasons")
    settled = max(found.people - found.left, 0)
    told = {name: getattr(found, name) for name in names}
    return {"state": str(found.state), "settled": settled, "over": _is_over(found), **told}


def _is_over(found: Figures) -> bool:
    """Nothing of it moves any more. One that rests or is paused may have written nobody down yet."""
    return not found.left and found.state not in {Status.RESTING, Status.PAUSED}


def _actions(seen: NoticeView) -> list[str]:
    """What whoever sees *seen* may do to it, in the order of the page."""
    roles = {Role.AUTHOR} if seen.mine else {Role.COLLEAGUE}
    allowed = {action for (status, action), (_, who) in rules.MOVES.items() if status is seen.state and who & roles}
    first = []
    if seen.state is Status.PREVIEW:
        first = ["show_me", "send"]
    elif seen.state is Status.AWAITING and Action.SEND in allowed:
        first = ["approve"]
    return [*first, *(name for action, name in _SHOWN.items() if action in allowed)]


def _narrowed(seen: NoticeView) -> bool:
    return bool(seen.audience.open_case_of)


def _may_send(actor: Actor) -> None:
    if not actor.sends_notices:
        raise NotAllowed("notices are for those who run a town or a village")


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None  # noqa: PLR2004 - as far as numbers go


def _picture(text: str) -> UUID | None:
    """What a form has kept of its picture; whose it is, the service asks."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _kept(form: Form) -> UUID | None:
    """The picture that came with this form before, until another takes its place."""
    return None if form.checked("drop") else _picture(form["kept"])


def _moment(text: str, field: str) -> datetime | None:
    """A moment as a browser's own field gives it, in China. Raises BadInput."""
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=SHANGHAI)
    except ValueError:
        raise BadInput("this is no moment", field=field, why="unreadable") from None
