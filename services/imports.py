"""Regions and staff out of two CSV files or workbooks: all rows or none."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import date

from domain.calendar import SHANGHAI
from domain.errors import BadInput
from services import imports_regions, imports_staff
from services.cases import Cases
from services.imports_staff import Staff
from services.imports_table import Problem, Table, header_of, read
from services.ports import Cipher, Clock
from services.posts import Posts
from services.training import gated, untrained
from services.transaction import rows, transaction
from services.vacancies import Vacancies, vacancies

__all__ = ["BadRows", "Counts", "Imports", "Problem", "Report", "which"]

REGIONS = "regions.csv"
STAFF = "staff.csv"

_MANY = 1000

Progress = Callable[[int, int], None]


class BadRows(BadInput):
    """Some rows cannot be taken, so none was. Every one of them is named, in the order of files and lines."""

    code = "bad_rows"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        first = problems[0]
        super().__init__(
            f"nothing was imported: {first.file} line {first.line} {first.column} ({first.code})"
            + (f" and {len(problems) - 1} more" if len(problems) > 1 else ""),
            count=len(problems),
        )
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of a file, by what they did."""

    new: int = 0
    changed: int = 0
    same: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    regions: Counts
    staff: Counts
    vacant: Vacancies
    """Grids without anybody after the import: a warning, not a fault."""
    rehomed: int
    """Cases that nobody held, or somebody who is not there, and that have found a holder."""
    dry_run: bool
    sheets: Sequence[Table] = ()
    """Of the files that were workbooks, what was read and what was not (``sheet``, ``others``)."""


class _DryRun(Exception):  # noqa: N818 - undoes the transaction, never leaves this file
    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


class Imports:
    def __init__(self, clock: Clock, cipher: Cipher, cases: Cases, posts: Posts) -> None:
        self._clock = clock
        self._cipher = cipher
        self._cases = cases
        self._posts = posts

    async def run(
        self,
        regions: bytes | None,
        staff: bytes | None,
        *,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> Report:
        """Take ``regions.csv`` and ``staff.csv``, or one of them, as CONTRACT 1 describes them.

        Regions are known again by code, duties by phone, duty and region; what is in the database and not in the files
        stays as it is. A *dry_run* does everything and undoes it, so that its report is true to the last figure.
        *progress* is told (rows done, rows in all); a row counts twice, for being read and for being written.

        Must not be called inside a transaction when *dry_run* is asked for. Raises BadRows: nothing is written then.
        """
        work = _Work(self._clock, self._cipher, progress or (lambda _done, _all: None))
        # A workbook takes seconds to read.
        await asyncio.to_thread(work.read, regions, staff)
        try:
            async with transaction():
                return await self._take(work, dry_run=dry_run)
        except _DryRun as undone:
            return undone.report

    async def _take(self, work: "_Work", *, dry_run: bool) -> Report:
        # Two imports at once would each check against what the other is about to change.
        await rows("SELECT pg_advisory_xact_lock(hashtextextended('wangge import', 0))")
        await work.check()
        regions, staff = await work.write()
        if work.rows >= _MANY:
            # The planner still thinks that the tables are as small as they were, and would take minutes for seconds.
            for table in ("region", "person", "held_duty"):
                await rows(f"ANALYZE {table}")
        rehomed = 0 if dry_run else await self._cases.rehome()
        if not dry_run:
            await self._posts.look_for_vacant()
        report = Report(regions, staff, await vacancies(work.today), rehomed, dry_run, work.sheets)
        if dry_run:
            raise _DryRun(report)
        return report


def which(data: bytes) -> str:
    """Which of the two files this is by its first line: ``regions.csv``, ``staff.csv`` or empty."""
    names = set(header_of(data))
    fits = {
        file: len(names & (set(columns) - {"name"}))
        for file, columns in ((REGIONS, imports_regions.COLUMNS), (STAFF, imports_staff.COLUMNS))
    }
    best = max(fits, key=lambda file: fits[file])
    return best if fits[best] and len(set(fits.values())) > 1 else ""


class _Work:
    """One import under way."""

    def __init__(self, clock: Clock, cipher: Cipher, progress: Progress) -> None:
        self.now = clock.now()
        self.today: date = self.now.astimezone(SHANGHAI).date()
        self._cipher = cipher
        self._progress = progress
        self._regions = Table(REGIONS)
        self._staff = Table(STAFF)
        self._done = 0

    def read(self, regions: bytes | None, staff: bytes | None) -> None:
        if regions is not None:
            self._regions = read(REGIONS, regions, imports_regions.COLUMNS)
        if staff is not None:
            self._staff = read(STAFF, staff, imports_staff.COLUMNS, imports_staff.OPTIONAL)
        self._step(0)

    @property
    def sheets(self) -> tuple[Table, ...]:
        return tuple(one for one in (self._regions, self._staff) if one.sheet)

    @property
    def rows(self) -> int:
        return len(self._regions.rows) + len(self._staff.rows)

    async def check(self) -> None:
        """Raises BadRows with everything that is wrong in both files."""
        mentioned = {row.cells[column] for row in self._regions.rows for column in ("code", "parent_code")}
        mentioned |= {row.cells["region_code"] for row in self._staff.rows}
        self._known = await imports_regions.known_regions(list(mentioned))
        self._wanted_regions = imports_regions.check(self._regions, self._known)
        await imports_regions.check_moved_levels(self._regions, self._wanted_regions, self._known)
        self._step(len(self._regions.rows))
        levels = {code: known.level for code, known in self._known.items()} | imports_regions.levels_in(self._regions)
        if not self._regions.readable:
            # Whether a region exists cannot be judged then.
            levels = {**dict.fromkeys(row.cells["region_code"] for row in self._staff.rows), **levels}
        index = {self._cipher.index(number): number for number in imports_staff.numbers_in(self._staff)}
        people = await imports_staff.known_people(list(index), self.today)
        staff_before = frozenset(index[one] for one, person in people.items() if person.is_staff)
        self._wanted_staff = imports_staff.check(self._staff, levels, staff_before)
        await self._check_trained()
        self._step(len(self._staff.rows))
        problems = [*self._regions.problems, *self._staff.problems]
        if problems:
            raise BadRows(tuple(sorted(problems, key=lambda one: (one.file, one.line))))

    async def _check_trained(self) -> None:
        """A full-time duty is not taken up without the induction (Y art. 43), where the town holds one."""
        parents = {one.code: one.parent_code for one in self._wanted_regions}

        def known(code: str) -> str:
            seen: set[str] = set()
            while code not in self._known and code in parents and code not in seen:
                seen.add(code)
                code = parents[code]
            return code

        wanted = [(one, (self._cipher.index(one.phone), known(one.region_code))) for one in self._wanted_staff]
        asked = [(one, key) for one, key in wanted if gated(one.duty)]
        missing = await untrained(list(dict.fromkeys(key for _, key in asked)), self.today) if asked else {}
        for one, key in asked:
            if key in missing:
                self._staff.complain(one.line, "duty", "untrained", courses="、".join(missing[key]))

    async def write(self) -> tuple[Counts, Counts]:
        wanted, known = self._wanted_regions, self._known
        await self._follow(imports_regions.write(wanted, known))
        new = sum(one.code not in known for one in wanted)
        same = sum(one.code in known and one.is_like(known[one.code]) for one in wanted)
        regions = Counts(new, len(wanted) - new - same, same)
        found = await imports_regions.known_regions(list({one.region_code for one in self._wanted_staff}))
        staff = Staff(self._cipher, self.now, self.today)
        await self._follow(staff.write(self._wanted_staff, {code: one.id for code, one in found.items()}))
        rest = len(self._wanted_staff) - staff.new - staff.changed
        return regions, Counts(staff.new, staff.changed, rest)

    async def _follow(self, steps: AsyncIterator[int]) -> None:
        async for step in steps:
            self._step(step)

    def _step(self, step: int) -> None:
        self._done += step
        self._progress(self._done, 2 * self.rows)
