"""设置: what a town, or a place above towns, says itself of the settings, instead of what ``config.toml`` says.

The way of a change, and what may fail at each step:

1. the page with every value, where it comes from, and its last change  -> 404 for a place neither above nor below
2. the form, with the number of the last change that it was filled in on  -> 403; 422 with a word for each field
3. one at a time: somebody has changed the section meanwhile             -> 409, and what was typed stays on the page
4. own values, history and the recount's job in one transaction          -> killed before it: nothing; after it: all
5. every process takes them over within a second (``app/town_rules.py``)
6. the job counts what is stored: deadlines that run, cycles of visits, hours of notices that are out; daily again

What is over stays as it is: closed cases, closed months, visits that were made.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from domain.case import Level
from domain.duty import Duty
from domain.errors import BadInput, Conflict, NotAllowed, NotFound
from models import Region, RuleChange, TownSetting
from services import rule_changes
from services.access import Actor
from services.ports import Clock, Queue
from services.rule_changes import Changed, cells
from services.town_days import RECOUNT
from services.transaction import row, rows, transaction

SETS = frozenset({Duty.COMMANDER, Duty.ADMIN})
"""Who changes them, at their own place and below, like the event list."""
WHAT = "setting"
_MOST_PLACES = 200

Plain = int | float | bool | str | list[str]

log = structlog.get_logger(__name__)

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('wangge town settings', 0))"
_ALL = """
SELECT s.section, s.own, r.path FROM town_setting s JOIN region r ON r.id = s.region_id ORDER BY length(r.path), s.id
"""
_ABOVE = """
SELECT r.id, r.name, s.section, s.own FROM town_setting s JOIN region r ON r.id = s.region_id
WHERE starts_with($1, r.path) ORDER BY length(r.path)
"""
_NEWEST = "SELECT key, max(id) AS id FROM rule_change WHERE region_id = $1 AND what = 'setting' GROUP BY key"
_PLACES = f"""
SELECT r.code, r.name, r.level, r.path, (SELECT count(*) FROM town_setting s WHERE s.region_id = r.id)::int AS changed
FROM region r WHERE r.level >= {int(Level.TOWN)} AND EXISTS (
    SELECT 1 FROM unnest($1::text[]) AS own (path) WHERE starts_with(r.path, own.path) OR starts_with(own.path, r.path))
ORDER BY r.level DESC, r.code LIMIT {_MOST_PLACES}
"""


class Section(Protocol):
    """A section of the settings with those of its keys that a place may change."""

    @property
    def name(self) -> str: ...

    @property
    def standard(self) -> Mapping[str, Plain]:
        """What the settings say, by key."""
        ...

    def read(self, texts: Mapping[str, str]) -> Mapping[str, Plain]:
        """Values out of what somebody has typed. Raises BadInput with ``problems``, a word for each key."""
        ...

    def text(self, value: Plain) -> str:
        """The other way round."""
        ...

    def put(self, known: Mapping[str, Mapping[str, Plain]]) -> None:
        """Let these hold from now on, by path, each with what it has from above."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    code: str
    name: str
    level: int
    path: str
    changed: int
    """Sections in which it has values of its own."""


@dataclass(frozen=True, slots=True)
class Value:
    """One setting at a place, as text. *own* is empty where it has none; *source* is who says *above*, empty: nobody,
    so that it is what the settings say.
    """

    key: str
    own: str
    above: str
    source: str


@dataclass(frozen=True, slots=True)
class Group:
    section: str
    values: Sequence[Value]
    seen: int
    """The last change; 0 without any. A form gives it back."""


@dataclass(frozen=True, slots=True)
class Sheet:
    place: Place
    places: Sequence[Place]
    groups: Sequence[Group]
    history: Sequence[Changed]
    may_change: bool


class TownSettings:
    def __init__(self, clock: Clock, queue: Queue, sections: Sequence[Section]) -> None:
        self._clock = clock
        self._queue = queue
        self._sections = {one.name: one for one in sections}
        self._taken = ""

    async def load(self) -> None:
        """Take over what any process has changed."""
        found = await rows(_ALL)
        # The same as last time, as nearly always: nothing is made anew.
        taken = repr([tuple(one.values()) for one in found])
        if taken == self._taken:
            return
        for section in self._sections.values():
            known: dict[str, Mapping[str, Plain]] = {}
            for one in found:
                if one["section"] == section.name:
                    above = max((path for path in known if one["path"].startswith(path)), key=len, default="")
                    known[one["path"]] = {**known.get(above, {}), **_plain(one["own"])}
            section.put(known)
        self._taken = taken

    async def sheet(self, by: Actor, code: str = "") -> Sheet:
        """Everything that may be changed at a place: at *code*, or the nearest to where they serve. Raises NotFound."""
        places = [Place(**one) for one in await rows(_PLACES, [held.path for held in by.duties])]
        home = by.duties[0].path if by.duties else ""
        nearest = [one for one in reversed(places) if home.startswith(one.path)] or places[:1]
        place = next((one for one in places if one.code == code), None) if code else next(iter(nearest), None)
        if place is None:
            raise NotFound("there is no such place above or below theirs", place=code)
        region = await Region.get(code=place.code)
        said = await rows(_ABOVE, region.path)
        newest = {one["key"]: one["id"] for one in await rows(_NEWEST, region.id)}
        groups = [
            Group(section.name, _values(section, region, said), newest.get(section.name, 0))
            for section in self._sections.values()
        ]
        return Sheet(place, places, groups, await rule_changes.of_region(region.id), _may(by, region))

    async def change(self, by: Actor, code: str, name: str, texts: Mapping[str, str], *, seen: int) -> None:
        """Let *code* have these values of section *name*; what is empty is as above, and nothing at all restores it.

        *seen* is the last change that whoever fills in the form knows of. Raises NotFound, NotAllowed, BadInput (with
        ``problems``, or ``why`` "same"), Conflict with ``why`` "meanwhile".
        """
        region, section = await self._open(by, code, name)
        given = {key: text.strip() for key, text in texts.items() if text.strip()}
        if not keys_at(section.standard, region.level).issuperset(given):
            raise BadInput("there is no such setting at this place", field="section", why="unknown")
        own = section.read(given)
        async with transaction():
            await rows(_LOCK)
            if (await _newest(region.id, name)) != seen:
                raise Conflict("somebody has changed it meanwhile", why="meanwhile", section=name)
            await self._write(by, region, section, own)
        await self.load()

    async def undo(self, by: Actor, code: str, change_id: int) -> str:
        """Put a section back as it was before its last change; returns the section.

        Raises NotFound, NotAllowed, Conflict with ``why`` "changed" where it was changed again since, BadInput where
        what it was then is not allowed any more.
        """
        found = await RuleChange.get_or_none(id=change_id, what=WHAT)
        region, section = await self._open(by, code, found.key if found is not None else "")
        if found is None or found.region_id != region.id:
            raise NotFound("there is no such change", change=change_id)
        own = section.read(cells(found.before))
        async with transaction():
            await rows(_LOCK)
            if (await _newest(region.id, section.name)) != change_id:
                raise Conflict("it was changed again since", why="changed", section=section.name)
            await self._write(by, region, section, own)
        await self.load()
        return section.name

    async def _open(self, by: Actor, code: str, name: str) -> tuple[Region, Section]:
        region = await Region.get_or_none(code=code, level__gte=Level.TOWN)
        seen = region is not None and any(
            held.path.startswith(region.path) or region.path.startswith(held.path) for held in by.duties
        )
        if region is None or not seen:
            raise NotFound("there is no such place above or below theirs", place=code)
        if not _may(by, region):
            raise NotAllowed("settings are for the commander and administrators of the place, or above", why="settings")
        if name not in self._sections:
            raise NotFound("there is no such section", section=name)
        return region, self._sections[name]

    async def _write(self, by: Actor, region: Region, section: Section, own: Mapping[str, Plain]) -> None:
        kept = await TownSetting.get_or_none(region_id=region.id, section=section.name)
        before = dict(kept.own) if kept is not None else {}
        if before == own:
            raise BadInput("this is so already", field="section", why="same")
        if own:
            await TownSetting.update_or_create(defaults={"own": dict(own)}, region_id=region.id, section=section.name)
        elif kept is not None:
            await kept.delete()
        await RuleChange.create(
            at=self._clock.now(),
            by_id=by.person_id,
            what=WHAT,
            key=section.name,
            region_id=region.id,
            before={key: section.text(value) for key, value in before.items()},
            after={key: section.text(value) for key, value in own.items()},
        )
        await self._queue.defer(RECOUNT, {"timestamp": 0})


def keys_at(keys: Mapping[str, Plain], level: int) -> set[str]:
    """Those that a place of this level can say something of: a town's word does not bind the county."""
    return {key for key in keys if not (key.startswith("resolve_days.") and int(key.rpartition(".")[2]) > level)}


def _values(section: Section, region: Region, said: Sequence[Mapping[str, object]]) -> list[Value]:
    here = keys_at(section.standard, region.level)
    values = {key: Value(key, "", section.text(value), "") for key, value in section.standard.items() if key in here}
    for one in said:
        for key, value in _plain(one["own"]).items() if one["section"] == section.name else ():
            if key in values:
                text, was = section.text(value), values[key]
                own = one["id"] == region.id
                values[key] = Value(key, text, was.above, was.source) if own else Value(key, "", text, str(one["name"]))
    return list(values.values())


async def _newest(region_id: int, name: str) -> int:
    found = await row(f"{_NEWEST} HAVING key = $2", region_id, name)
    return found["id"] if found is not None else 0


def _may(by: Actor, region: Region) -> bool:
    return any(region.path.startswith(path) for path in by.paths(SETS))


def _plain(own: object) -> dict[str, Plain]:
    """A JSON column out of a raw statement."""
    found: dict[str, Plain] = json.loads(own) if isinstance(own, str) else own  # type: ignore[assignment]
    return found
