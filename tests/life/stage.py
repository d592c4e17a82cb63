"""One database for many lives: a town that is put back as it was before each of them."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import procrastinate
import uvloop
from procrastinate.testing import InMemoryConnector
from tortoise.connection import get_connection

from app import bootstrap
from app.bootstrap import House
from app.settings import Settings
from domain.calendar import SHANGHAI
from jobs import tasks
from models import Department, HeldDuty, Person, Region
from services.desk import Desk
from services.transaction import rows
from tests.factories import REGIONS, STAFF

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
"""A Monday. Every life begins then."""
DEPARTMENT = "城管中队"
_MORE_STAFF = """周坐席,13800000008,town_agent,320412101,
郑城管,13800000009,department_officer,320412101,
冯书记,13800000010,village_secretary,320412101202,
"""
STAFF_NAMES = ("李卫国", "王秀兰", "赵建军", "钱书记", "孙指挥", "周科长", "吴督察", "周坐席", "郑城管", "冯书记")
RESIDENTS = ("王阿姨", "张叔", "陈婆婆")
_KEPT = ("region", "person", "department", "held_duty")
_UNTOUCHED = {*_KEPT, "tortoise_migrations", "procrastinate_version", "sandbox_clock", "deadline_rules", "event_type"}


@dataclass(slots=True)
class Stage:
    """The service over one database, driven from a thread that is not asynchronous."""

    runner: asyncio.Runner
    house: House
    people: dict[str, int] = field(default_factory=dict)
    _empty: list[str] = field(default_factory=list)
    _put_back: list[str] = field(default_factory=list)
    _jobs: procrastinate.App = field(init=False)

    def __post_init__(self) -> None:
        # The job itself is taken, not a list of what it does: what a later sweep adds is played here too.
        self._jobs = procrastinate.App(connector=InMemoryConnector())
        tasks.register(self._jobs, lambda: self.desk)

    @property
    def desk(self) -> Desk:
        return self.house.desk

    async def furnish(self) -> None:
        await self.set_clock()
        await self.desk.imports.run(REGIONS.encode(), (STAFF + _MORE_STAFF).encode())
        town = await Region.get(code="320412101")
        department = await Department.create(name=DEPARTMENT, region=town)
        officer = await Person.get(name="郑城管")
        await HeldDuty.filter(person_id=officer.id).update(department_id=department.id)
        for name in RESIDENTS:
            await Person.create(name=name)
        self.people = {one.name: one.id for one in await Person.all()}
        tables = [one["name"] for one in await rows(_TABLES)]
        above = {(one["below"], one["above"]) for one in await rows(_REFERENCES)}
        left = [table for table in tables if table not in _UNTOUCHED]
        while left:
            free = [one for one in left if not any((other, one) in above for other in left if other != one)]
            self._empty += free
            left = [one for one in left if one not in free]
        # That history cannot be deleted is tested elsewhere; here each life begins without any.
        await rows("ALTER TABLE case_event DISABLE TRIGGER case_event_appended")
        for table in _KEPT:
            await rows(f"CREATE TABLE life_{table} AS TABLE {table}")
            columns = [one["name"] for one in await rows(_COLUMNS, table)]
            pairs = ", ".join(f"{one} = kept.{one}" for one in columns if one != "id")
            self._put_back += [
                f"DELETE FROM {table} WHERE id NOT IN (SELECT id FROM life_{table})",
                f"UPDATE {table} now SET {pairs} FROM life_{table} kept WHERE kept.id = now.id AND now <> kept",
                f"INSERT INTO {table} SELECT * FROM life_{table} ON CONFLICT (id) DO NOTHING",
            ]

    async def begin(self) -> None:
        """As if nothing had ever happened here."""
        emptied = [f"DELETE FROM {table}" for table in self._empty]
        await get_connection("default").execute_script(";".join([*emptied, *self._put_back]))
        await self.set_clock()

    async def set_clock(self) -> None:
        moved = self.desk.moved_clock
        assert moved is not None
        await moved.set_to(BEGIN)

    async def sweep(self) -> None:
        """What the service does by itself, all of it, once."""
        await self._jobs.tasks["sweep"].func()

    def run(self, work: Any) -> Any:
        return self.runner.run(work)


_TABLES = "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'"
_REFERENCES = """
SELECT conrelid::regclass::text AS below, confrelid::regclass::text AS above FROM pg_constraint
WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""
_COLUMNS = """
SELECT quote_ident(column_name) AS name FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = $1 ORDER BY ordinal_position
"""


@contextmanager
def stage(database_url: str, redis_url: str, folder: Path) -> Iterator[Stage]:
    """A town on the database at *database_url*, which has the schema and nothing in it."""
    given = Settings.model_validate(
        {
            "data": {"dir": folder},
            # Nobody here follows the account, so that nothing is ever sent.
            "wechat": {"api_base": "http://127.0.0.1:9", "api_base_fallback": ""},
            "sandbox": {"enabled": True},
        }
    )

    async def open_all(stack: AsyncExitStack) -> Stage:
        await stack.enter_async_context(bootstrap.database(database_url, pool=4))
        house = await stack.enter_async_context(bootstrap.house(bootstrap.effective(given), database_url, redis_url))
        made = Stage(runner, house)
        await made.furnish()
        return made

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        stack = AsyncExitStack()
        try:
            yield runner.run(open_all(stack))
        finally:
            runner.run(stack.aclose())
