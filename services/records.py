"""Base data 基础数据 of a grid: households, rentals, organisations, facilities, kept by the grid's own worker.

What identifies a person is sealed, and shown masked. There is no field for religion, petitioning, views, health or
record, and no way to add one (DOMAIN §4).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.assessment_rules import Change
from domain.duty import Duty
from domain.errors import BadInput, Conflict, NotFound
from models import BaseRecord, RecordChange, RecordLook, Region
from services import access, cursors
from services.access import Actor
from services.phones import masked
from services.ports import Cipher, Clock
from services.transaction import rows, transaction

LONGEST, REASON_LENGTH = 100, 200
KEEPS = frozenset({Duty.GRID_WORKER})


class Kind(StrEnum):
    HOUSEHOLD = "household"
    RENTAL = "rental"
    ORGANISATION = "organisation"
    FACILITY = "facility"


FIELDS: Mapping[Kind, frozenset[str]] = {
    Kind.HOUSEHOLD: frozenset({"head", "phone", "people", "registered_address"}),
    Kind.RENTAL: frozenset({"owner", "owner_phone", "tenant", "tenant_phone", "people"}),
    Kind.ORGANISATION: frozenset({"name", "contact", "phone"}),
    Kind.FACILITY: frozenset({"name", "keeper", "phone"}),
}
"""The key fields of each kind, and all that there are."""
_TENANT = frozenset({"tenant", "tenant_phone"})
_ADDRESS = frozenset({"registered_address"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A record with its fields masked."""

    id: int
    kind: str
    place: str
    fields: Mapping[str, str]
    version: int = 1
    grid: str = ""
    grid_name: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    at: datetime
    by_id: int
    change: str
    fields: Sequence[str]


_LISTED = """
SELECT b.id, b.kind, b.place, b.sealed, b.version, r.code, r.name FROM base_record b JOIN region r ON r.id = b.region_id
WHERE b.region_id = ANY($1::int[]) AND b.id > $2 AND ($3::text IS NULL OR b.kind = $3)
ORDER BY b.id LIMIT $4
"""
_AT = """
SELECT b.id, b.kind, b.place, b.sealed, b.version, r.code, r.name FROM base_record b JOIN region r ON r.id = b.region_id
WHERE b.region_id = ANY($1::int[]) AND strpos(replace(b.place, ' ', ''), $2) > 0 ORDER BY b.id LIMIT $3
"""


class Records:
    def __init__(self, clock: Clock, cipher: Cipher, *, looks_kept: timedelta) -> None:
        """*looks_kept*: for how long it is known who has looked."""
        self._clock = clock
        self._cipher = cipher
        self._looks_kept = looks_kept

    async def grids_kept(self, by: Actor) -> set[int]:
        """The grids whose base data they keep: their own (D art. 5), and those of whom they cover on leave."""
        own = {held.region_id for held in by.duties if held.duty in KEEPS}
        return own | await access.covered_grids(by, self._clock.now())

    async def grids(self, by: Actor) -> list[tuple[str, str]]:
        """Code and name of each, in the order of the codes."""
        found = await Region.filter(id__in=await self.grids_kept(by)).order_by("code").values_list("code", "name")
        return [(str(code), str(name)) for code, name in found]

    async def at(self, by: Actor, place: str, most: int = 6) -> list[Shown]:
        """Those of their grids whose place holds *place*, masked, blanks or none; the oldest first."""
        found = await rows(_AT, [*await self.grids_kept(by)], "".join(place.split()), most)
        return [self._line(one) for one in found]

    async def one(self, by: Actor, record_id: int) -> Shown:
        """One of theirs, masked. Raises NotFound."""
        return self._shown(await self._mine(by, record_id))

    async def add(
        self, by: Actor, grid: str, kind: Kind, place: str, given: Mapping[str, str], *, migrant: bool = False
    ) -> Shown:
        """Write down what is new in the grid; *migrant* says that it is about a new migrant resident 流动人口.

        Raises NotFound for a grid that is not theirs, BadInput.
        """
        values, place = checked(kind, given), _line("place", place)
        if not place:
            raise BadInput("say where it is", field="place")
        if migrant and kind is not Kind.HOUSEHOLD:
            raise BadInput("a migrant resident is written down as a household", field="migrant")
        region = await Region.get_or_none(code=grid)
        if region is None or region.id not in await self.grids_kept(by):
            raise NotFound("this is no grid of yours", region=grid)
        change = Change.NEW_RENTAL if kind is Kind.RENTAL else Change.MIGRANT if migrant else Change.NEW
        async with transaction():
            record = await BaseRecord.create(
                region_id=region.id, kind=kind, place=place, sealed=self.sealed(values), created_at=self._clock.now()
            )
            await self._note(record, by, change, sorted(values))
        return self._shown(record)

    async def listed(
        self, by: Actor, *, kind: Kind | None = None, cursor: str | None = None, limit: int = 20
    ) -> tuple[list[Shown], str | None]:
        """Those of their own grids, the oldest first, masked. Raises BadInput for a cursor that is not ours."""
        (after,) = cursors.read(cursor, (0,))
        found = await rows(_LISTED, [*await self.grids_kept(by)], after, kind, limit + 1)
        shown = [self._line(one) for one in found[:limit]]
        return shown, cursors.written(shown[-1].id) if len(found) > limit else None

    async def look(self, by: Actor, record_id: int, reason: str) -> Shown:
        """One in full; who looked and why is noted first (Y art. 36). Raises NotFound, BadInput."""
        reason = " ".join(reason.split())
        if not reason or len(reason) > REASON_LENGTH:
            raise BadInput("reason must say why", field="reason", longest=REASON_LENGTH)
        async with transaction():
            record = await self._mine(by, record_id)
            await RecordLook.create(record_id=record.id, by_id=by.person_id, at=self._clock.now(), reason=reason)
        return Shown(record.id, record.kind, record.place, self._open(record), record.version)

    async def forget_looks(self) -> None:
        """Drop who has looked, once it is older than the town keeps it."""
        await RecordLook.filter(at__lt=self._clock.now() - self._looks_kept).delete()

    async def change(self, by: Actor, record_id: int, given: Mapping[str, str], *, version: int | None = None) -> Shown:
        """Change key fields. Another tenant counts as one, another registered address as one, anything else as a key
        field; the same values again are no change. What the fields held before is kept, sealed.

        Raises NotFound, BadInput, Conflict where somebody has written it since *version*.
        """
        async with transaction():
            record = await self._mine(by, record_id, lock=True)
            if version is not None and version != record.version:
                raise Conflict("somebody has changed it since", version=record.version)
            before = self._open(record)
            values = checked(Kind(record.kind), given)
            other = sorted(name for name, value in values.items() if before.get(name, "") != value)
            if other:
                record.sealed, record.version = self.sealed({**before, **values}), record.version + 1
                await record.save(update_fields=["sealed", "version"])
                what = {*other}
                change = Change.TENANT_CHANGED if what & _TENANT else Change.KEY_FIELD
                was = self.sealed({name: before.get(name, "") for name in other})
                await self._note(record, by, Change.ADDRESS_CHANGED if what & _ADDRESS else change, other, was)
        return self._shown(record)

    async def history(self, by: Actor, record_id: int) -> list[Changed]:
        """Who changed which fields, and when; never the values. Raises NotFound."""
        await self._mine(by, record_id)
        found = await RecordChange.filter(record_id=record_id).order_by("id")
        return [
            Changed(one.at, one.by_id, one.change, tuple(filter(None, one.fields_changed.split()))) for one in found
        ]

    async def _mine(self, by: Actor, record_id: int, *, lock: bool = False) -> BaseRecord:
        query = BaseRecord.filter(id=record_id)
        record = await (query.select_for_update() if lock else query).get_or_none()
        if record is None or record.region_id not in await self.grids_kept(by):
            raise NotFound("there is no such record in your grid")
        return record

    async def _note(
        self, record: BaseRecord, by: Actor, change: Change, names: Sequence[str], before: str = ""
    ) -> None:
        await RecordChange.create(
            record_id=record.id,
            at=self._clock.now(),
            by_id=by.person_id,
            change=change,
            fields_changed=" ".join(names),
            before=before,
        )

    def sealed(self, values: Mapping[str, str]) -> str:
        """Fields as they are kept, also those of a record that somebody is still writing down."""
        return self._cipher.seal(json.dumps(values, ensure_ascii=False, sort_keys=True))

    def _open(self, record: BaseRecord) -> dict[str, str]:
        return self.opened_values(record.sealed)

    def opened_values(self, sealed: str) -> dict[str, str]:
        """The fields of a record as they are, for a caller that has looked who may see them."""
        found: dict[str, str] = json.loads(self._cipher.open(sealed)) if sealed else {}
        return found

    def _line(self, one: Any) -> Shown:
        values = _all_masked(self.opened_values(one["sealed"]))
        return Shown(one["id"], one["kind"], one["place"], values, one["version"], one["code"], one["name"])

    def _shown(self, record: BaseRecord) -> Shown:
        return Shown(record.id, record.kind, record.place, _all_masked(self._open(record)), record.version)


def _all_masked(values: Mapping[str, str]) -> dict[str, str]:
    return {name: _masked(name, value) for name, value in values.items()}


def checked(kind: Kind, given: Mapping[str, str]) -> dict[str, str]:
    unknown = sorted(set(given) - FIELDS[kind])
    if unknown:
        raise BadInput(f"a {kind} has no field {unknown[0]}", field=unknown[0], fields=sorted(FIELDS[kind]))
    return {name: _line(name, value) for name, value in given.items()}


def _line(name: str, text: str) -> str:
    text = " ".join(text.split())
    if len(text) > LONGEST or not text.isprintable():
        raise BadInput(f"{name} is too long or cannot be read", field=name, longest=LONGEST)
    return text


def _masked(name: str, value: str) -> str:
    if name == "people":
        return value
    return masked(value) if name.endswith("phone") else value[:1] + "*" * max(0, len(value) - 1)
