"""What a resident has said so far and not filed yet: one draft a person, kept in the database word by word."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from domain.case import Status
from domain.errors import NothingToFile
from models import Attachment, Case, CaseMessage
from services.people import Heard
from services.ports import Clock, Queue
from services.transaction import row, rows, transaction

TITLE_LENGTH = 24


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a resident, whatever its kind: text | photo | voice | video | place."""

    kind: str
    text: str = ""
    media_id: str = ""
    latitude: float | None = None
    longitude: float | None = None


_ADD = """
WITH d AS (
    INSERT INTO "case" (resident_id, status, level, grid_id, title, description, source, event_type, category, urgent,
                        address, created_at, touched_at, rating_note, reopened)
    VALUES ($1, 'draft', 1, $2, '', '', 'chat', '', '', FALSE, '', $3, $3, '', 0)
    ON CONFLICT (resident_id) WHERE status = 'draft' DO UPDATE SET touched_at = excluded.touched_at
    RETURNING id
)
INSERT INTO case_message (case_id, person_id, at, kind, text, attachment_id, latitude, longitude)
SELECT d.id, $1, $3, $4, $5, $6, $7, $8 FROM d RETURNING case_id
"""
_KEEP_MEDIUM = """
INSERT INTO attachment (id, person_id, case_id, event_id, kind, media_id, state, key, media_type, size, sha256,
                        created_at)
VALUES ($1, $2, $3, $4, $5, $6, 'pending', '', '', 0, '', $7)
ON CONFLICT (media_id) DO NOTHING RETURNING id
"""


class Drafts:
    def __init__(self, clock: Clock, queue: Queue) -> None:
        self._clock = clock
        self._queue = queue

    async def add(self, heard: Heard, said: Said) -> Mapping[str, int]:
        """Keep *said* in the speaker's draft and return how much it holds now, by kind."""
        now = self._clock.now()
        async with transaction():
            attachment_id = await self.keep_media(heard.person_id, said, now)
            added = await row(
                _ADD,
                heard.person_id,
                heard.grid_id,
                now,
                said.kind,
                said.text,
                attachment_id,
                said.latitude,
                said.longitude,
            )
            if heard.draft_id is None:
                return {said.kind: 1}
            return await holds(added["case_id"])

    async def begin(self, heard: Heard) -> None:
        """Open an empty draft, so that what follows is a new matter and not an addition to an open case."""
        now = self._clock.now()
        async with transaction():
            if heard.draft_id is None:
                await Case.create(
                    resident_id=heard.person_id,
                    status=Status.DRAFT,
                    grid_id=heard.grid_id,
                    created_at=now,
                    touched_at=now,
                )

    async def keep_media(
        self, person_id: int, said: Said, now: datetime, *, case_id: int | None = None, event_id: int | None = None
    ) -> str | None:
        """Note the medium and have it fetched: WeChat keeps its copy for three days only."""
        if not said.media_id:
            return None
        known = await rows(_KEEP_MEDIUM, uuid4(), person_id, case_id, event_id, said.kind, said.media_id, now)
        if known:
            attachment_id = str(known[0]["id"])
            await self._queue.defer("fetch_media", {"attachment": attachment_id})
            return attachment_id
        # The same medium once more, from whoever forwarded or repeated it: one copy is enough.
        return str((await Attachment.get(media_id=said.media_id)).id)

    async def urge(self, person_id: int, *, urgent: bool) -> bool:
        """Mark the draft as urgent, or not; returns whether there are words in it."""
        async with transaction():
            draft = await Case.filter(resident_id=person_id, status=Status.DRAFT).select_for_update().get()
            draft.urgent = urgent
            await draft.save(update_fields=["urgent"])
            return bool(await holds(draft.id))

    async def drop(self, person_id: int) -> bool:
        """Delete the draft and what it holds; ``False`` when there is none."""
        async with transaction():
            draft = await Case.filter(resident_id=person_id, status=Status.DRAFT).select_for_update().get_or_none()
            if draft is None:
                return False
            await CaseMessage.filter(case_id=draft.id).delete()
            await draft.delete()
        return True


def counted(held: str | None, kind: str) -> dict[str, int]:
    """What a draft holds with one more message of *kind*; *held* is JSON from the database."""
    counts: dict[str, int] = json.loads(held) if held else {}
    counts[kind] = counts.get(kind, 0) + 1
    return counts


async def holds(case_id: int) -> dict[str, int]:
    """How many messages of each kind a case holds."""
    found = await rows("SELECT kind, count(*) AS n FROM case_message WHERE case_id = $1 GROUP BY kind", case_id)
    return {item["kind"]: item["n"] for item in found}


async def take(person_id: int) -> Case:
    """The person's draft, locked, with its words gathered into title and description.

    Raises NothingToFile when there is no draft, or neither words nor a photo in it, or no grid to send it to.
    """
    draft = await Case.filter(resident_id=person_id, status=Status.DRAFT).select_for_update().get_or_none()
    if draft is None:
        raise NothingToFile("there is no draft", has="nothing")
    messages = await CaseMessage.filter(case_id=draft.id).order_by("id")
    words = [message.text for message in messages if message.kind in {"text", "voice"} and message.text]
    media = [message.attachment_id for message in messages if message.attachment_id]
    if not words and not media:
        raise NothingToFile("the draft has no words yet", has="no_words")
    if draft.grid_id is None:
        raise NothingToFile("the draft has no grid yet", has="no_grid")
    draft.description = "\n".join(words)
    draft.title = shorten(words[0] if words else "")
    for message in messages:
        if message.kind == "place":
            draft.latitude, draft.longitude, draft.address = message.latitude, message.longitude, message.text[:200]
    if media:
        await Attachment.filter(id__in=media).update(case_id=draft.id)
    return draft


def shorten(text: str, length: int = TITLE_LENGTH) -> str:
    """The first line of *text*, cut to *length* characters with an ellipsis."""
    line = text.strip().splitlines()[0].strip() if text.strip() else ""
    return line if len(line) <= length else line[: length - 1] + "…"
