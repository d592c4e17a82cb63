"""Conversations written down as text, played against the whole service.

The files in ``tests/transcripts/`` are meant to be read, corrected and added to by people who do not program. A line is
one of these::

    # 说明                       a remark; empty lines mean nothing either
    时间> 2026-03-02 09:00       set the clock (China's time); 「时间> 2天」「3小时」「10分钟」 move it on
    登场> 网格员、居民（第一网格）  people who are there already: staff have bound their WeChat, a resident has scanned
                                 the code of the grid in brackets, anybody else only follows the account
    审批> 100                    a notice to more people than this needs a second person (as in ``[notices]``)
    走访名单> 隐患点 老仓库         the worker's grid has this on its list of visits
    清单> event_types             the town takes this event list (事项清单, a file of ``app/demo_town``)
    居民> 路灯坏了                somebody writes this
    居民> （照片）                somebody does this. All deeds: （关注） （取消关注） （照片） （视频） （语音）
                                 （语音 听出来的话） （扫码 第二网格） （扫码 外来的码） （位置 东门）
                                 （链接 标题） （菜单 查进度）
    < 记下了，现在有1段文字。…     the chat's answer to that; 「…」 stands for anything, also for several lines
    | 还有要说的接着说；…          the next line of the same text
    < （不回答）                  no answer at all
    网格员< 新诉求 №1001…         a message that this person gets without having asked. They are expected in their
                                 order, each once; at the end nobody may have got one that is not written here
    居民< （没有消息）             nothing new

``{邀请码}`` in what a member of staff writes is a fresh invitation for them. The first case is №1001. The clock begins
at Monday, 2026-03-02 09:00, and hardly moves by itself: the same scan or tap twice within one second is taken for a
repeat of WeChat's, so put 「时间> 1分钟」 between. The town is that of ``tests/factories.py``: 李卫国 is the worker of
第一网格 in 城西村.

When something else comes, the run stops and says file and line, what was expected, and what came.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from domain.calendar import SHANGHAI
from domain.visit import SubjectKind
from models import Person
from services.subjects import NewSubject
from services.transaction import row
from tests.factories import REGIONS, Town
from tests.phone import Phone, Wechat

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
STAFF = {
    "网格员": "worker",
    "搭档": "cover",
    "网格长": "chief",
    "书记": "secretary",
    "指挥长": "commander",
    "县里": "county",
    "督察": "inspector",
}
_SUBJECTS = {"隐患点": SubjectKind.HAZARD, "关爱对象": SubjectKind.CARE}
PLACES = {row.split(",")[1]: row.split(",")[0] for row in REGIONS.splitlines()[1:]}
STRANGE_CODE = "shop-42"
LISTS = Path(__file__).parents[2] / "app" / "demo_town"

_LINE = re.compile(r"(?P<who>[^<>|\s]*)\s*(?P<sign>[<>|])\s?(?P<text>.*)")
_CAST = re.compile(r"(?P<name>[^（）]+)(?:（(?P<place>[^（）]+)）)?")
_DEED = re.compile(r"（(?P<deed>\S+)(?:\s+(?P<what>.+))?）")
_SPAN = re.compile(r"(?P<count>\d+)\s*(?P<unit>天|小时|分钟)")
_UNITS = {"天": "days", "小时": "hours", "分钟": "minutes"}
_WHAT = "…"
_DEEDS: dict[str, tuple[str, dict[str, object]]] = {
    "关注": ("follow", {}),
    "取消关注": ("unfollow", {}),
    "照片": ("photo", {}),
    "视频": ("video", {}),
    "语音": ("voice", {"recognition": _WHAT}),
    "位置": ("place", {"latitude": 31.5, "longitude": 120.1, "label": _WHAT}),
    "链接": ("link", {"title": _WHAT, "url": "https://example.com/a"}),
    "菜单": ("menu", {"name": _WHAT}),
}
_NOTHING = {"（不回答）", "（没有消息）"}


class Differs(AssertionError):  # noqa: N818 - a plain fact
    """Something else came than is written. Reads as ``file:line``, expected, got."""

    def __init__(self, place: str, expected: str, got: str) -> None:
        super().__init__(f"{place}\n--- expected ---\n{expected}\n--- got ---\n{got}")


@dataclass(frozen=True, slots=True)
class Line:
    place: str
    who: str
    sign: str
    text: str


def parse(path: Path) -> list[Line]:
    """Raises Differs for a line that is none."""
    lines: list[Line] = []
    for number, raw in enumerate(path.read_text("utf-8").splitlines(), 1):
        place = f"{path.parent.name}/{path.name}:{number}"
        if not raw.strip() or raw.startswith("#"):
            continue
        found = _LINE.fullmatch(raw.strip())
        if found is None or (found["sign"] == "|" and not lines):
            raise Differs(place, "somebody> …, somebody< …, < …, | … or # …", raw)
        if found["sign"] == "|":
            last = lines.pop()
            lines.append(Line(last.place, last.who, last.sign, f"{last.text}\n{found['text']}"))
        else:
            lines.append(Line(place, found["who"], found["sign"], found["text"]))
    return lines


def fits(expected: str, got: str) -> bool:
    """Whether *got* is *expected*, where 「…」 is anything."""
    pattern = ".*".join(map(re.escape, expected.strip().split("…")))
    return re.fullmatch(pattern, got.strip(), re.DOTALL) is not None


@dataclass(slots=True)
class Stage:
    """Plays one transcript."""

    wechat: Wechat
    town: Town
    phones: dict[str, Phone] = field(default_factory=dict)
    unread: dict[str, list[str]] = field(default_factory=dict)
    answer: str = ""

    async def play(self, path: Path) -> None:
        lines = parse(path)
        for line in lines:
            match line.sign, line.who:
                case ">", "时间":
                    await self._clock(line)
                case ">", "清单" | "审批" | "走访名单":
                    await self._arrange(line)
                case ">", "登场":
                    await self._enter(line)
                case ">", _:
                    await self._act(line)
                    await self._settle()
                case "<", "":
                    self._compare(line, self.answer)
                case "<", _:
                    await self._hears(line)
        await self._collect()
        for who, messages in self.unread.items():
            if messages:
                raise Differs(f"{lines[-1].place} (end)", f"nothing more for {who}", "\n\n".join(messages))

    async def _arrange(self, line: Line) -> None:
        """What the town has set up."""
        if line.who == "清单":
            await self.wechat.desk.event_types.import_((LISTS / f"{line.text.strip()}.csv").read_bytes())
        elif line.who == "走访名单":
            kind, name = line.text.split()
            given = NewSubject(_SUBJECTS[kind], PLACES["第一网格"], name, name, "", "城西村12号", agreed=True)
            if kind == "隐患点":
                given = NewSubject(_SUBJECTS[kind], PLACES["第一网格"], name)
            worker = await Person.get(name="李卫国")
            by = await self.wechat.desk.people.actor(worker.id)
            await self.wechat.desk.field_work.subjects.add(by, given)
        else:
            notices = self.wechat.desk.notices
            rules = notices._rules
            rules.standard = replace(rules.standard, approval_above=int(line.text))

    async def _clock(self, line: Line) -> None:
        span = _SPAN.fullmatch(line.text.strip())
        if span is not None:
            await self.wechat.advance(timedelta(**{_UNITS[span["unit"]]: int(span["count"])}).total_seconds())
        else:
            moment = datetime.fromisoformat(line.text.strip()).replace(tzinfo=SHANGHAI)
            await self.wechat.set_time(moment)

    async def _enter(self, line: Line) -> None:
        for part in re.split(r"[、，,]", line.text):
            found = _CAST.fullmatch(part.strip())
            if found is None:
                raise Differs(line.place, "a person, perhaps with a grid in brackets", part)
            name, grid = found["name"], found["place"]
            if name in STAFF:
                self.phones[name] = await self.wechat.staff(name, await self.town.invitation(STAFF[name]))
            elif grid is not None:
                self.phones[name] = await self.wechat.resident(name, PLACES[grid])
            else:
                self.phones[name] = await self.wechat.phone(name)

    async def _act(self, line: Line) -> None:
        phone = self.phones.get(line.who)
        if phone is None:
            # Whoever first speaks without having followed does it by the words of the line.
            phone = self.phones[line.who] = await self.wechat.phone(line.who, follow=False)
        deed = _DEED.fullmatch(line.text)
        if deed is not None:
            self.answer = await self._do(line, phone, deed["deed"], deed["what"] or "")
            return
        text = line.text
        if "{邀请码}" in text:
            text = text.replace("{邀请码}", await self.town.invitation(STAFF[line.who]))
        self.answer = await phone.say(text)

    async def _do(self, line: Line, phone: Phone, deed: str, what: str) -> str:
        if deed == "扫码":
            return await phone.scan(await self._scene(what))
        if deed not in _DEEDS:
            raise Differs(line.place, "one of the deeds that the format knows", deed)
        action, more = _DEEDS[deed]
        return await phone.do(action, **{name: what if value == _WHAT else value for name, value in more.items()})

    async def _scene(self, place: str) -> str:
        if place in PLACES:
            return (await self.wechat.desk.scenes.ticket_for(PLACES[place])).scene
        await self.wechat.house.wechat.create_scene(STRANGE_CODE)  # a code of somebody else on the same account
        return STRANGE_CODE

    async def _hears(self, line: Line) -> None:
        if line.who not in self.phones:
            raise Differs(line.place, "somebody who is there", line.who)
        messages = self.unread.setdefault(line.who, [])
        if not messages:
            await self._collect()
        if line.text in _NOTHING:
            self._compare(line, "\n\n".join(messages))
            return
        if not messages:
            raise Differs(line.place, line.text, "（no message）")
        self._compare(line, messages.pop(0))

    async def _settle(self) -> None:
        """Have done at once what the service does at once."""
        if (await row("SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE status = 'todo') AS waiting"))["waiting"]:
            await self.wechat.jobs()

    async def _collect(self) -> None:
        await self._settle()
        for name, phone in self.phones.items():
            self.unread.setdefault(name, []).extend(await phone.news())

    def _compare(self, line: Line, got: str) -> None:
        __tracebackhide__ = True
        expected = "" if line.text in _NOTHING else line.text
        if not (fits(expected, got) if expected else not got):
            raise Differs(line.place, line.text, got or "（nothing）")
