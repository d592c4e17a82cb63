"""Base data 基础数据 of a grid: households, rentals, organisations, facilities, kept by the grid's own worker.

What identifies a person is sealed, and shown masked. There is no field for religion, petitioning, views, health or
record, and no way to add one (DOMAIN §4).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.assessment_rules import Change
from domain.duty import Duty
from domain.errors import BadInput, NotFound
from models import BaseRecord, RecordChange, Region
from services.access import Actor
from services.phones import masked
from services.ports import Cipher, Clock
from services.transaction import transaction

LONGEST = 100
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


@dataclass(frozen=True, slots=True)
class Changed:
    at: datetime
    by_id: int
    change: str
    fields: Sequence[str]


class Records:
    def __init__(self, clock: Clock, cipher: Cipher) -> None:
        self._clock = clock
        self._cipher = cipher

    async def add(
        self, by: Actor, grid: str, kind: Kind, place: str, given: Mapping[str, str], *, migrant: bool = False
    ) -> Shown:
        """Write down what is new in the grid; *migrant* says that it is about a new migrant resident 流动人口.

        Raises NotFound for a grid that is not theirs, BadInput.
        """
        values, place = _checked(kind, given), _line("place", place)
        if not place:
            raise BadInput("say where it is", field="place")
        if migrant and kind is not Kind.HOUSEHOLD:
            raise BadInput("a migrant resident is written down as a household", field="migrant")
        region = await Region.get_or_none(code=grid)
        if region is None or region.id not in _grids(by):
            raise NotFound("this is no grid of yours", region=grid)
        change = Change.NEW_RENTAL if kind is Kind.RENTAL else Change.MIGRANT if migrant else Change.NEW
        async with transaction():
            record = await BaseRecord.create(
                region_id=region.id, kind=kind, place=place, sealed=self._seal(values), created_at=self._clock.now()
            )
            await self._note(record, by, change, sorted(values))
        return self._shown(record)

    async def change(self, by: Actor, record_id: int, given: Mapping[str, str]) -> Shown:
        """Change key fields. Another tenant counts as one, another registered address as one, anything else as a key
        field; the same values again are no change. Raises NotFound, BadInput.
        """
        async with transaction():
            record = await BaseRecord.filter(id=record_id).select_for_update().get_or_none()
            if record is None or record.region_id not in _grids(by):
                raise NotFound("there is no such record in your grid")
            before = self._open(record)
            values = _checked(Kind(record.kind), given)
            other = sorted(name for name, value in values.items() if before.get(name, "") != value)
            if other:
                record.sealed = self._seal({**before, **values})
                await record.save(update_fields=["sealed"])
                what = {*other}
                change = Change.TENANT_CHANGED if what & _TENANT else Change.KEY_FIELD
                await self._note(record, by, Change.ADDRESS_CHANGED if what & _ADDRESS else change, other)
        return self._shown(record)

    async def history(self, by: Actor, record_id: int) -> list[Changed]:
        """Who changed which fields, and when; never the values. Raises NotFound."""
        record = await BaseRecord.get_or_none(id=record_id)
        if record is None or record.region_id not in _grids(by):
            raise NotFound("there is no such record in your grid")
        found = await RecordChange.filter(record_id=record_id).order_by("id")
        return [
            Changed(one.at, one.by_id, one.change, tuple(filter(None, one.fields_changed.split()))) for one in found
        ]

    async def _note(self, record: BaseRecord, by: Actor, change: Change, names: Sequence[str]) -> None:
        await RecordChange.create(
            record_id=record.id, at=self._clock.now(), by_id=by.person_id, change=change, fields_changed=" ".join(names)
        )

    def _seal(self, values: Mapping[str, str]) -> str:
        return self._cipher.seal(json.dumps(values, ensure_ascii=False, sort_keys=True))

    def _open(self, record: BaseRecord) -> dict[str, str]:
        found: dict[str, str] = json.loads(self._cipher.open(record.sealed))
        return found

    def _shown(self, record: BaseRecord) -> Shown:
        values = self._open(record)
        return Shown(
            record.id, record.kind, record.place, {name: _masked(name, value) for name, value in values.items()}
        )


def _grids(by: Actor) -> set[int]:
    return {held.region_id for held in by.duties if held.duty in KEEPS}


def _checked(kind: Kind, given: Mapping[str, str]) -> dict[str, str]:
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
