"""Departments of the small town, and a town next to it."""

from models import Person
from services.access import Actor
from tests.services.conftest import Street

OFFICERS = """name,phone,duty,region_code,cover_phone,department
何队长,13800000011,department_officer,320412101,,城管办
许干事,13800000012,department_officer,320412101,,城管办
马站长,13800000013,department_officer,320412101,,水务站
"""
NEXT_TOWN = """code,name,level,parent_code,kind
320412102,前黄镇,town,320412,
320412102201,前黄村,village,320412102,
32041210220101,前黄一网格,grid,320412102201,
"""
SECOND, EAST = "32041210120102", "32041210120201"
ELSEWHERE = "32041210220101"


async def with_departments(street: Street) -> None:
    await street.desk.imports.run(NEXT_TOWN.encode(), OFFICERS.encode())


async def officer(street: Street, name: str) -> Actor:
    return await street.desk.people.actor((await Person.get(name=name)).id)
