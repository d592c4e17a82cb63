"""An import by hand: looked through first, written only when it is confirmed.

What was uploaded holds phone numbers. Until it is confirmed it lies sealed in Redis for :data:`KEPT_SECONDS`, and
nowhere else; a table with faults is not kept at all.
"""

import asyncio
import base64
import json
import secrets
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.calendar import SHANGHAI
from domain.errors import BadInput, NotAllowed, NotFound, Unavailable
from services import imports_preview, imports_regions, imports_scope, imports_staff
from services.access import Actor
from services.imports import REGIONS, STAFF, BadRows, Imports, Report, which
from services.imports_preview import Change
from services.imports_table import Problem, Table, read, shown
from services.imports_words import reason
from services.phones import masked
from services.ports import Cache, Cipher, Clock

KEPT_SECONDS = 20 * 60
MOST_BYTES = 2 * 1024 * 1024
"""Of one file: some thirty thousand rows."""
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class BadRow:
    """One thing to mend: where it is, what stands there (numbers masked), and why it does not do."""

    file: str
    line: int
    column: str
    cells: Sequence[tuple[str, str]]
    why: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What an import would do (*report*, its first *changes*, under *token*), or what is wrong (*bad*, of *count*)."""

    report: Report | None
    token: str
    bad: Sequence[BadRow]
    count: int
    changes: Sequence[Change] = ()
    sheets: Sequence[tuple[str, str, Sequence[str]]] = ()
    """Of each workbook its kind, the sheet that was read, and those that were not."""


class ImportDesk:
    def __init__(self, clock: Clock, imports: Imports, cipher: Cipher, cache: Cache) -> None:
        self._clock = clock
        self._imports = imports
        self._cipher = cipher
        self._cache = cache

    def may(self, by: Actor) -> bool:
        return imports_scope.imports(by)

    async def look(self, by: Actor, files: Sequence[bytes]) -> Looked:
        """Check one or two CSV files or workbooks, in any order, and say what it would change. Nothing is written.

        Must not be called inside a transaction. Raises NotAllowed, BadInput (``field`` files; ``why`` missing | twice |
        unknown), Unavailable while nothing can be kept until it is confirmed.
        """
        if not self.may(by):
            raise NotAllowed("lists are imported by whoever looks after the whole town")
        given = await asyncio.to_thread(self._sorted, files)
        tables = await asyncio.to_thread(self._tables, given)
        sheets = [
            (one.file, shown(one.sheet), [shown(name) for name in one.others]) for one in tables.values() if one.sheet
        ]
        problems: list[Problem] = []
        if all(table.readable for table in tables.values()):
            await imports_scope.check(by, tables[REGIONS], tables[STAFF], self._cipher)
            problems = [one for table in tables.values() for one in table.problems]
        # Of a row that is not theirs nothing else is said: it might tell what is there.
        foreign = {(one.file, one.line) for one in problems}
        report = None
        try:
            report = await self._imports.run(given.get(REGIONS), given.get(STAFF), dry_run=True)
        except BadRows as bad:
            problems += [one for one in bad.problems if (one.file, one.line) not in foreign]
        if problems or report is None:
            problems.sort(key=lambda one: (one.file, one.line))
            return Looked(
                None, "", [_bad_row(one, tables) for one in problems[:MOST_SHOWN]], len(problems), sheets=sheets
            )
        today = self._clock.now().astimezone(SHANGHAI).date()
        changes = await imports_preview.changes(tables[REGIONS], tables[STAFF], self._cipher, today)
        return Looked(report, await self._keep(by, given), (), 0, changes, sheets)

    async def confirm(self, by: Actor, token: str) -> Report:
        """Take what was looked through under *token*, as it was; the checks are made anew.

        Raises NotAllowed, NotFound where it is not theirs or was kept long enough, BadRows where something has changed
        meanwhile.
        """
        if not self.may(by):
            raise NotAllowed("lists are imported by whoever looks after the whole town")
        kept = await self._cache.get(_key(token))
        given = await asyncio.to_thread(self._opened, kept) if kept else None
        if given is None or given.pop("by") != str(by.person_id).encode():
            raise NotFound("this table is kept no longer", table=token[:40])
        tables = await asyncio.to_thread(self._tables, given)
        await imports_scope.check(by, tables[REGIONS], tables[STAFF], self._cipher)
        problems = [one for table in tables.values() for one in table.problems]
        if problems:
            raise BadRows(tuple(problems))
        report = await self._imports.run(given.get(REGIONS), given.get(STAFF))
        await self.forget(token)
        return report

    async def forget(self, token: str) -> None:
        """Drop what was uploaded."""
        await self._cache.delete(_key(token))

    def _sorted(self, files: Sequence[bytes]) -> dict[str, bytes]:
        if not files:
            raise BadInput("choose a file", field="files", why="missing")
        given: dict[str, bytes] = {}
        for data in files:
            # Broken text has no columns to be known by; as a staff list it gets its one clear complaint.
            kind = which(data) or (STAFF if STAFF not in given else REGIONS)
            if kind in given:
                raise BadInput("two files of one kind", field="files", why="twice")
            given[kind] = data
        return given

    def _tables(self, given: Mapping[str, bytes]) -> dict[str, Table]:
        regions, staff = Table(REGIONS), Table(STAFF)
        if REGIONS in given:
            regions = read(REGIONS, given[REGIONS], imports_regions.COLUMNS)
        if STAFF in given:
            staff = read(STAFF, given[STAFF], imports_staff.COLUMNS, imports_staff.OPTIONAL)
        for table in (regions, staff):
            table.problems.clear()
        return {REGIONS: regions, STAFF: staff}

    async def _keep(self, by: Actor, given: Mapping[str, bytes]) -> str:
        token = secrets.token_urlsafe(16)
        sealed = await asyncio.to_thread(self._sealed, {**given, "by": str(by.person_id).encode()})
        await self._cache.set(_key(token), sealed, seconds=KEPT_SECONDS)
        if await self._cache.get(_key(token)) is None:
            raise Unavailable("there is nowhere to keep the table until it is confirmed")
        return token

    def _sealed(self, given: Mapping[str, bytes]) -> str:
        plain = {name: base64.b64encode(zlib.compress(data)).decode() for name, data in given.items()}
        return self._cipher.seal(json.dumps(plain))

    def _opened(self, sealed: str) -> dict[str, bytes]:
        plain = json.loads(self._cipher.open(sealed))
        return {name: zlib.decompress(base64.b64decode(text)) for name, text in plain.items()}


def _key(token: str) -> str:
    return f"console:import:{token[:64]}"


def _bad_row(one: Problem, tables: Mapping[str, Table]) -> BadRow:
    cells = next((row.cells for row in tables[one.file].rows if row.line == one.line), {})
    # A number that is wrong, as one digit short, is no number to shown(): it is masked by its column.
    said = [(name, shown(masked(text) if name.endswith("phone") else text)) for name, text in cells.items()]
    return BadRow(one.file, one.line, one.column, said, reason(one))
