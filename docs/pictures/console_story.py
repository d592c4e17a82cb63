"""Who lives and works in the town of the pictures, and its clock: nobody in it is real."""
# ruff: noqa: INP001, PLR2004, S101 - beside its pictures; a story is full of numbers

import heapq
import io
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from PIL import Image, ImageDraw

from app.bootstrap import House
from domain.calendar import SHANGHAI
from domain.errors import Refusal
from services.access import Actor

SEED = 20261110
FIRST, TODAY = date(2026, 9, 1), date(2026, 11, 10)
"""A Tuesday, in a year whose holidays are known."""
NOW = datetime.combine(TODAY, time(14, 20), SHANGHAI)
TOWN = "329901101"
GRIDS = {
    "清水村": ("第一网格", "第二网格", "第三网格"),
    "桃园社区": ("第一网格", "第二网格", "第三网格"),
    "石桥村": ("第一网格", "第二网格"),
    "新塘村": ("第一网格", "第二网格"),
}
WORKERS = ["李卫东", "王秀珍", "何志强", "陈小雁", "吴海燕", "郑国庆", "林桂芬", "马永福", "徐春梅"]
"""In the order of the grids; nobody for the last one."""
SECRETARIES = ["赵建民", "沈玉兰", "韩立新", "邓文斌"]
COMMANDER, INSPECTOR = "孙明远", "方静"
COMMANDER_PHONE = "13900000200"
SAID = (
    ("shizheng-ludeng", "{}路灯坏了好几天了，晚上黑得看不清路，老人不敢出门。", "换了灯泡和线路，晚上已经亮了"),
    ("huanjing-laji", "{}的垃圾桶满出来两天没人收，味道很大。", "已经清运，和保洁说好每天早上收一次"),
    ("shirong-tingche", "{}总有车子乱停，救护车都开不进来。", "联系车主挪走了，划了禁停线"),
    ("anquan-feixian", "有人从楼上拉线下来给电动车充电，就在{}。", "插线板收走了，告诉他车棚里有充电桩"),
    ("shizheng-xiashuidao", "{}下水道堵了，污水冒到路上。", "请疏通队通开了，井也清了淤"),
    ("shizheng-daolu", "{}路面有个大坑，昨天有人骑车摔了。", "坑补好了，养护三天再通车"),
    ("anquan-xiaofang", "{}的楼道堆满了纸箱和旧家具，进出不方便。", "和住户一起清走了，楼道通了"),
    ("shizheng-jinggai", "{}有个井盖破了一半，天黑容易踩进去。", "换了新井盖"),
    ("", "想问一下高龄补贴怎么申请，要带什么材料？", "已经把材料清单发给您，社区每天上午都能办"),
    ("", "{}健身器材的扶手松了，孩子在上面玩很危险。", "拧紧加固了，其余几件也查了一遍"),
)
SETTLED = "到现场看过了，已经办好，也告诉了来反映的人"
PLACES = {
    "清水村": ("东门路口", "村委会后面", "三组晒谷场", "河滨步道"),
    "桃园社区": ("2幢", "5幢北侧", "小区南门", "社区菜场旁"),
    "石桥村": ("石桥头", "小学门口", "四组", "老年活动室旁"),
    "新塘村": ("塘埂路", "一组", "村卫生室门口", "新塘南路"),
}
RESIDENTS = ["周阿姨", "老张", "小刘", "钱师傅", "吴奶奶", "施女士", "老范", "小蒋", "田先生", "葛阿姨"]

Step = Callable[[], Awaitable[None]]


@dataclass
class Story:
    house: House
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311 - no secret
    steps: list[tuple[datetime, int, Step]] = field(default_factory=list)
    planned: int = 0
    people: dict[str, int] = field(default_factory=dict)
    areas: dict[str, str] = field(default_factory=dict)
    """The codes of grids by their full names."""

    def at(self, moment: datetime, step: Step) -> None:
        if moment <= NOW:
            self.planned += 1
            heapq.heappush(self.steps, (moment, self.planned, step))

    async def actor(self, name: str) -> Actor:
        return await self.house.desk.people.actor(self.people[name])

    async def tell(self) -> None:
        """Do every step at its moment, those that others add along the way too."""
        moved = self.house.desk.moved_clock
        assert moved is not None
        while self.steps:
            moment, _, step = heapq.heappop(self.steps)
            # One after the other, also where several fall on the same moment.
            await moved.set_to(max(moment, self.house.desk.clock.now() + timedelta(seconds=1)))
            try:
                await step()
            except Refusal as no:
                raise RuntimeError(f"{moment}: {no}") from no
        await moved.set_to(NOW)


def tables() -> tuple[str, str]:
    """regions.csv and staff.csv."""
    regions = ["code,name,level,parent_code,kind", "3299,江海市,city,,", "329901,云湖区,county,3299,"]
    regions.append(f"{TOWN},柳溪镇,town,329901,")
    staff = ["name,phone,duty,region_code,cover_phone"]
    workers = iter(WORKERS)
    number = 0
    for at, (village, grids) in enumerate(GRIDS.items()):
        code = f"{TOWN}{201 + at}"
        regions.append(f"{code},{village},village,{TOWN},")
        staff.append(f"{SECRETARIES[at]},139000001{at:02},village_secretary,{code},")
        own = []
        for which, grid in enumerate(grids, 1):
            regions.append(f"{code}{which:02},{village}{grid},grid,{code},comprehensive")
            name = next(workers, "")
            if name:
                number += 1
                own.append((name, f"139000000{number:02}", f"{code}{which:02}"))
        for which, (name, phone, grid) in enumerate(own):
            cover = own[(which + 1) % len(own)][1] if len(own) > 1 else ""
            staff.append(f"{name},{phone},grid_worker,{grid},{cover}")
    staff.append(f"{COMMANDER},{COMMANDER_PHONE},commander,{TOWN},")
    staff.append(f"{INSPECTOR},13900000201,inspector,{TOWN},")
    staff.append(f"罗立,13900000202,department_officer,{TOWN},")
    return "\n".join(regions) + "\n", "\n".join(staff) + "\n"


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), SHANGHAI)


def opening(at: datetime) -> datetime:
    """Not before eight in the morning, and not after eight in the evening."""
    here = at.astimezone(SHANGHAI)
    if here.hour >= 20:
        return moment(here.date() + timedelta(days=1), 8, here.minute)
    return moment(here.date(), 8, here.minute) if here.hour < 8 else here


def photo(*, bright: bool) -> bytes:
    """A photo that somebody might have taken, drawn: a street at night before the lamp burns, and after."""
    picture = Image.new("RGB", (320, 240), "#1b2430")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 180, 320, 240), fill="#3a3f45")
    if bright:
        draw.polygon(((160, 58), (60, 240), (260, 240)), fill="#b9a45c")
        draw.ellipse((150, 48, 170, 66), fill="#ffe9a0")
    draw.rectangle((156, 60, 162, 190), fill="#6b7279")
    draw.polygon(((146, 60), (172, 60), (166, 48), (152, 48)), fill="#8a9199")
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()
