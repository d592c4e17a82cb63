"""What the base data says of a resident themselves: shown, corrected through the grid's worker, withdrawn.

A record is somebody's own where it holds the number that WeChat vouches for as theirs (``POST /me/phone``), in the
grid that they belong to; a landlord sees the landlord's part of a rental, a tenant the tenant's (DOMAIN §4, PIPL art.
45–47).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.errors import BadInput, Conflict, NotFound
from models import BaseRecord, Person, RecordChange, RecordProposal
from services.access import Actor
from services.deliveries import Deliveries, Owed
from services.phones import plain
from services.ports import Cipher, Clock
from services.records import LONGEST, Kind, Records, checked
from services.transaction import rows, transaction

ANSWER_LENGTH = 200
MOST_IN_GRID = 5000
"""Records of one grid that are opened to find somebody's own: ten times a grid's households."""
WITHDRAWN = "withdrawn"
_PARTS: Mapping[str, Mapping[str, frozenset[str]]] = {
    Kind.HOUSEHOLD: {"phone": frozenset({"head", "phone", "people", "registered_address"})},
    Kind.RENTAL: {
        "owner_phone": frozenset({"owner", "owner_phone"}),
        "tenant_phone": frozenset({"tenant", "tenant_phone", "people"}),
    },
}
"""By which number somebody is found, and which fields are theirs then."""
VOLUNTARY = frozenset({"phone", "people", "owner_phone", "tenant_phone"})
"""What nobody has to leave: a household is served without it."""

_IN_GRID = f"""
SELECT b.id, b.kind, b.place, b.sealed, b.version FROM base_record b
WHERE b.region_id = $1 AND b.kind IN ('household', 'rental') ORDER BY b.id LIMIT {MOST_IN_GRID}
"""
_ASKED = """
SELECT p.id, p.at, p.sealed, b.id AS record_id, b.kind, b.place, b.sealed AS now, r.code, r.name
FROM record_proposal p JOIN base_record b ON b.id = p.record_id JOIN region r ON r.id = b.region_id
WHERE p.state = 'asked' AND b.region_id = ANY($1::int[]) ORDER BY p.id LIMIT 50
"""


@dataclass(frozen=True, slots=True)
class Own:
    """What a record holds of somebody, in full: it is theirs.

    ``waiting`` is what they have said and nobody has looked at.
    """

    id: int
    kind: str
    place: str
    version: int
    fields: Mapping[str, str] = field(repr=False)
    waiting: Mapping[str, str] = field(repr=False, default_factory=dict)
    may: frozenset[str] = frozenset()
    """Which fields they may correct, also those that are empty yet."""

    @property
    def voluntary(self) -> frozenset[str]:
        """Which they may take back."""
        return frozenset(name for name in self.may & VOLUNTARY if self.fields.get(name))


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a resident says of a record, beside what it holds; for whoever keeps it."""

    id: int
    at: datetime
    record: int
    kind: str
    place: str
    grid: str
    grid_name: str
    now: Mapping[str, str] = field(repr=False)
    wished: Mapping[str, str] = field(repr=False)


class OwnRecords:
    def __init__(self, clock: Clock, cipher: Cipher, records: Records, deliveries: Deliveries) -> None:
        self._clock = clock
        self._cipher = cipher
        self._records = records
        self._deliveries = deliveries

    async def mine(self, by: Actor) -> list[Own]:
        """What is kept of them and their household; empty without a number or a grid of theirs."""
        found = await self._found(by)
        waiting = {
            one.record_id: self._records.opened_values(one.sealed)
            for one in await RecordProposal.filter(person_id=by.person_id, state="asked")
        }
        number = self._number_of(await self._person(by))
        return [
            Own(
                one["id"],
                one["kind"],
                one["place"],
                one["version"],
                values,
                waiting.get(one["id"], {}),
                _fields_of(one["kind"], values, number),
            )
            for one, values in found
        ]

    async def propose(self, by: Actor, record_id: int, given: Mapping[str, str]) -> Own:
        """Say what is right: it waits for the grid's worker, and takes the place of what they said before.

        Raises NotFound for what is not theirs, BadInput.
        """
        async with transaction():
            one, values = await self._own(by, record_id)
            wished = checked(Kind(one["kind"]), given)
            other = {name: value for name, value in wished.items() if values.get(name, "") != value}
            if not set(wished) <= _fields_of(one["kind"], values, self._number_of(await self._person(by))):
                raise BadInput("this part of the record is somebody else's", field="fields")
            if not other:
                raise BadInput("say what is different", field="fields", longest=LONGEST)
            for name, value in other.items():
                if name.endswith("phone") and value and plain(value) is None:
                    raise BadInput(f"{name} must be a Chinese mobile or landline number", field=name)
            await RecordProposal.filter(record_id=record_id, person_id=by.person_id, state="asked").delete()
            await RecordProposal.create(
                record_id=record_id, person_id=by.person_id, at=self._clock.now(), sealed=self._seal(other)
            )
        return Own(one["id"], one["kind"], one["place"], one["version"], values, other)

    async def withdraw(self, by: Actor, record_id: int, name: str) -> None:
        """Take back what is voluntary, at once: it is emptied, also out of what is kept of earlier changes.

        Raises NotFound for what is not theirs, BadInput for a field that is not voluntary.
        """
        async with transaction():
            one, values = await self._own(by, record_id, lock=True)
            if name not in VOLUNTARY or name not in _fields_of(
                one["kind"], values, self._number_of(await self._person(by))
            ):
                raise BadInput("this can be corrected, not withdrawn", field="field")
            await RecordProposal.filter(record_id=record_id, person_id=by.person_id, state="asked").delete()
            record = await BaseRecord.get(id=record_id)
            kept = {key: value for key, value in self._records.opened_values(record.sealed).items() if key != name}
            record.sealed, record.version = self._seal(kept), record.version + 1
            await record.save(update_fields=["sealed", "version"])
            for change in await RecordChange.filter(record_id=record_id).exclude(before=""):
                was = self._records.opened_values(change.before)
                if was.pop(name, None) is not None:
                    await RecordChange.filter(id=change.id).update(before=self._seal(was))
            await RecordChange.create(
                record_id=record_id,
                at=self._clock.now(),
                by_id=by.person_id,
                change=WITHDRAWN,
                fields_changed=name,
            )

    async def asked(self, by: Actor) -> list[Proposed]:
        """What residents of their grids have said and nobody has looked at, the oldest first."""
        return [
            Proposed(
                one["id"],
                one["at"],
                one["record_id"],
                one["kind"],
                one["place"],
                one["code"],
                one["name"],
                {name: self._records.opened_values(one["now"]).get(name, "") for name in wished},
                wished,
            )
            for one in await rows(_ASKED, [*await self._records.grids_kept(by)])
            for wished in [self._records.opened_values(one["sealed"])]
        ]

    async def decide(self, by: Actor, proposal_id: int, *, take: bool, answer: str = "") -> None:
        """Take over what a resident has said, or not, with a word why; they are told.

        Raises NotFound (also for a record that they do not keep), BadInput without a word why not, Conflict once it is
        decided.
        """
        answer = " ".join(answer.split())
        if len(answer) > ANSWER_LENGTH or not (take or answer):
            raise BadInput("say in a few words why not", field="answer", longest=ANSWER_LENGTH)
        async with transaction():
            found = await RecordProposal.filter(id=proposal_id).select_for_update().get_or_none()
            record = await BaseRecord.get(id=found.record_id) if found is not None else None
            if found is None or record is None or record.region_id not in await self._records.grids_kept(by):
                raise NotFound("there is no such proposal in your grid")
            if found.state != "asked":
                raise Conflict("it is decided already", state=found.state)
            if take:
                await self._records.change(by, record.id, self._records.opened_values(found.sealed))
            found.state, found.answer, found.sealed = "taken" if take else "refused", answer, ""
            found.decided_by_id, found.decided_at = by.person_id, self._clock.now()
            await found.save()
            told = {"title": "您的信息", "place": record.place, "taken": take, "answer": answer}
            await self._deliveries.owe(Owed(found.person_id, "own_record_decided", told))

    async def _person(self, by: Actor) -> Person:
        return await Person.get(id=by.person_id)

    def _number_of(self, person: Person) -> str:
        return self._cipher.open(person.phone) if person.phone else ""

    async def _found(self, by: Actor) -> Sequence[tuple[Any, dict[str, str]]]:
        person = await self._person(by)
        number = self._number_of(person)
        if not number or person.grid_id is None:
            return []
        found = []
        for one in await rows(_IN_GRID, person.grid_id):
            values = self._records.opened_values(one["sealed"])
            theirs = _fields_of(one["kind"], values, number)
            if theirs:
                found.append((one, {name: values[name] for name in sorted(theirs) if name in values}))
        return found

    async def _own(self, by: Actor, record_id: int, *, lock: bool = False) -> tuple[Any, dict[str, str]]:
        if lock:
            await BaseRecord.filter(id=record_id).select_for_update().get_or_none()
        for one, values in await self._found(by):
            if one["id"] == record_id:
                return one, values
        raise NotFound("there is no such record of yours")

    def _seal(self, values: Mapping[str, str]) -> str:
        return self._cipher.seal(json.dumps(values, ensure_ascii=False, sort_keys=True))


def _fields_of(kind: str, values: Mapping[str, str], number: str) -> frozenset[str]:
    """Which fields of a record are of whoever has *number*; none where it is not theirs."""
    parts = _PARTS.get(kind, {}).items()
    theirs: list[frozenset[str]] = [
        fields for name, fields in parts if number and plain(values.get(name, "")) == number
    ]
    return frozenset().union(*theirs)
