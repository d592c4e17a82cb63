"""A compact life of a case, one message a step, so that something can go wrong after each."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from tests.factories import VILLAGE
from tests.service.pretend import People, Person, Said
from tests.service.whole import Town, Whole

WHOLE_LIFE = ["submit", "accept", "reply", "add", "report_up", "climb", "resolve", "rate"]
DAYS_UNTIL_OVERDUE = 5


@dataclass(slots=True)
class Cast:
    resident: Person
    worker: Person
    secretary: Person
    commander: Person


@dataclass(slots=True)
class Story:
    """Tells itself step by step: ``async for step in story.steps()``, each ending when its answer has come."""

    service: Whole
    people: People
    town: Town
    name: str = "王阿姨"
    numbers: list[int] = field(default_factory=list)

    async def cast(self) -> Cast:
        """The people; whoever is met for the first time follows, and binds or not."""
        known = await self.people.known()
        made = {}
        for role in ("worker", "secretary", "commander"):
            if role not in known:
                known[role] = await self.people.somebody(role)
                await known[role].does("follow")
                expect(await known[role].says(f"绑定 {self.town.invitations[role]}"), "绑定好了")
            made[role] = known[role]
        resident = known.get(self.name) or await self.people.somebody(self.name)
        return Cast(resident, **made)

    async def steps(self) -> AsyncIterator[str]:
        cast = await self.cast()
        resident, worker, commander = cast.resident, cast.worker, cast.commander
        expect(await resident.does("scan", scene=self.town.scene), "第一网格")
        yield "scanned"
        expect(await resident.says(f"路灯坏了三天了〔{self.name}1〕"), "1段文字")
        yield "said"
        expect(await resident.does("photo"), "1张照片")
        expect(await resident.says(f"就在小区东门〔{self.name}2〕"), "2段文字")
        yield "said more"
        number = number_in(expect(await resident.says("提交"), "№"))
        self.numbers.append(number)
        yield "filed"
        expect(await worker.says(f"受理 {number}"), f"№{number}")
        yield "accepted"
        expect(await worker.says(f"回复 {number} 明天来看"), f"№{number}")
        yield "replied"
        expect(await resident.says(f"晚上更黑了〔{self.name}3〕"), f"№{number}")
        yield "added"
        expect(await worker.says(f"上报 {number} 要请电工"), f"№{number}")
        yield "reported up"
        await self.service.ready()
        await self.service.move_clock(DAYS_UNTIL_OVERDUE * 86400)
        yield "overdue"
        await self.climbed(number)
        expect(await commander.says(f"办结 {number} 换好了"), f"№{number}")
        yield "resolved"
        expect(await resident.says(f"评价 {number} 5 谢谢"), f"№{number}")
        yield "rated"
        preview = expect(await commander.says(f"通知 {VILLAGE} 明天停水，请备水。{self.name}"), "发送")
        assert "预览" in preview.text
        expect(await commander.says("发送"), "")
        yield "notice sent"

    async def climbed(self, number: int) -> None:
        """The jobs have noticed that nobody has accepted it."""
        from tests.service.audit import life_of
        from tests.service.processes import until

        async def has() -> bool:
            return "climb" in await life_of(self.service, number)

        await self.service.ready()
        await until(has, 40, f"№{number} did not climb")


def expect(said: Said, needle: str) -> Said:
    """The answer came, and holds *needle*."""
    assert said.outcome == "shown", said
    assert needle in said.text, said
    return said


def number_in(said: Said) -> int:
    found = re.search(r"№(\d+)", said.text)
    assert found is not None, said
    return int(found[1])
