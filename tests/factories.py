"""A small town, imported the way a clerk imports one."""

from dataclasses import dataclass, field

from services.desk import Desk

REGIONS = """code,name,level,parent_code,kind
3204,常州市,city,,
320412,武进区,county,3204,
320412101,雪堰镇,town,320412,
320412101201,城西村,village,320412101,
320412101202,城东村,village,320412101,
32041210120101,第一网格,grid,320412101201,comprehensive
32041210120102,第二网格,grid,320412101201,comprehensive
32041210120201,东一网格,grid,320412101202,comprehensive
"""

STAFF = """name,phone,duty,region_code,cover_phone
李卫国,13800000001,grid_worker,32041210120101,13800000002
王秀兰,13800000002,grid_worker,32041210120102,13800000001
赵建军,13800000003,grid_chief,320412101201,
钱书记,13800000004,village_secretary,320412101201,
孙指挥,13800000005,commander,320412101,
周科长,13800000006,department_officer,320412,
吴督察,13800000007,inspector,320412101,
"""

GRID = "32041210120101"
VILLAGE = "320412101201"
TOWN = "320412101"

PHONES = {
    "worker": "13800000001",
    "cover": "13800000002",
    "chief": "13800000003",
    "secretary": "13800000004",
    "commander": "13800000005",
    "county": "13800000006",
    "inspector": "13800000007",
}


@dataclass(frozen=True, slots=True)
class Town:
    desk: Desk
    phones: dict[str, str] = field(default_factory=lambda: dict(PHONES))

    async def invitation(self, who: str) -> str:
        return await self.desk.people.invite(self.phones[who])


async def make_town(desk: Desk) -> Town:
    await desk.imports.run(REGIONS.encode(), STAFF.encode())
    return Town(desk)
