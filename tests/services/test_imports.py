"""Regions and staff out of CSV files: all rows or none, and known again the next time."""

import asyncio
from datetime import timedelta

import pytest

from domain.calendar import SHANGHAI
from models import Case, Department, HeldDuty, Person, Region
from services.access import Actor
from services.cases import Filing
from services.desk import Desk
from services.imports import REGIONS as REGIONS_FILE
from services.imports import STAFF as STAFF_FILE
from services.imports import BadRows, Counts, which
from tests.factories import GRID, REGIONS, STAFF, TOWN, VILLAGE, Town
from tests.services.snapshots import snapshot


async def test_what_the_files_say_is_what_the_database_holds(desk: Desk) -> None:
    report = await desk.imports.run(REGIONS.encode(), STAFF.encode())

    assert report.regions == Counts(new=8)
    assert report.staff == Counts(new=7)
    grid = await Region.get(code=GRID).prefetch_related("parent")
    assert (grid.name, grid.level, grid.kind, grid.parent.code) == ("第一网格", 1, "comprehensive", VILLAGE)
    worker = await HeldDuty.get(region_id=grid.id).prefetch_related("person", "cover")
    assert (worker.person.name, worker.duty, worker.cover.name, worker.to_date) == (
        "李卫国",
        "grid_worker",
        "王秀兰",
        None,
    )
    assert worker.from_date == desk.clock.now().astimezone(SHANGHAI).date()


async def test_every_path_holds_the_ids_from_the_root_down(town: Town) -> None:
    by_id = {region.id: region for region in await Region.all()}
    for region in by_id.values():
        line = [region.id]
        while (parent_id := by_id[line[0]].parent_id) is not None:
            line.insert(0, parent_id)
        assert region.path == "/" + "/".join(map(str, line)) + "/"


async def test_a_phone_lies_sealed_in_the_database_and_is_found_by_its_index(town: Town) -> None:
    person = await Person.get(name="李卫国")
    assert "13800000001" not in person.phone
    assert person.phone.startswith("v1.")
    assert await town.desk.people.invite("13800000001")


async def test_the_same_files_again_change_nothing(town: Town) -> None:
    before = await snapshot()
    report = await town.desk.imports.run(REGIONS.encode(), STAFF.encode())
    assert (report.regions, report.staff) == (Counts(same=8), Counts(same=7))
    assert await snapshot() == before


async def test_a_changed_row_updates_by_code_and_by_phone_duty_and_region(town: Town) -> None:
    ids = {region.code: region.id for region in await Region.all()}
    regions = REGIONS.replace("第一网格", "河东网格").replace(f"{VILLAGE},comprehensive", f"{VILLAGE},dedicated")
    staff = STAFF.replace("李卫国", "李为国").replace(f"{GRID},13800000002", f"{GRID},13800000003")
    report = await town.desk.imports.run(regions.encode(), staff.encode())

    assert report.regions == Counts(changed=2, same=6)
    assert report.staff == Counts(changed=1, same=6)
    assert {region.code: region.id for region in await Region.all()} == ids
    assert (await Region.get(code=GRID)).name == "河东网格"
    duty = await HeldDuty.get(region__code=GRID).prefetch_related("person", "cover")
    assert (duty.person.name, duty.cover.name) == ("李为国", "赵建军")


async def test_one_person_may_hold_several_duties(town: Town) -> None:
    more = STAFF + f"李卫国,13800000001,volunteer,{GRID[:-1]}2,\n"
    report = await town.desk.imports.run(None, more.encode())
    assert report.staff == Counts(new=1, same=7)
    assert await Person.filter(name="李卫国").count() == 1


async def test_a_moved_village_takes_its_whole_subtree_along(town: Town) -> None:
    regions = REGIONS + "320412102,横山桥镇,town,320412,\n"
    regions = regions.replace(f"{VILLAGE},城西村,village,{TOWN}", f"{VILLAGE},城西村,village,320412102")
    await town.desk.imports.run(regions.encode(), None)

    there = await Region.get(code="320412102")
    assert {region.code for region in await Region.filter(path__startswith=there.path)} == {
        "320412102",
        VILLAGE,
        GRID,
        GRID[:-1] + "2",
    }
    gone_from = await Region.get(code=TOWN)
    assert not await Region.filter(path__startswith=gone_from.path, code=GRID).exists()


async def test_files_in_any_order_of_rows_and_columns_are_the_same_files(desk: Desk) -> None:
    head, *rows = REGIONS.splitlines()
    backwards = [",".join(reversed(row.split(","))) for row in [head, *reversed(rows)]]
    staff_head, *staff_rows = STAFF.splitlines()
    report = await desk.imports.run(
        "\r\n".join(backwards).encode(), "\n".join([staff_head, *reversed(staff_rows)]).encode()
    )
    assert (report.regions, report.staff) == (Counts(new=8), Counts(new=7))
    assert (await Region.get(code=GRID)).path.count("/") == 6


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
async def test_files_are_read_as_excel_saves_them(desk: Desk, encoding: str, end: str) -> None:
    regions = REGIONS.replace("\n", end) + ",,,," + end
    report = await desk.imports.run(regions.encode(encoding), STAFF.replace("\n", end).encode(encoding))
    assert (report.regions, report.staff) == (Counts(new=8), Counts(new=7))
    assert (await Region.get(code=TOWN)).name == "雪堰镇"


async def test_a_rare_character_in_a_name_survives_gb18030(desk: Desk) -> None:
    staff = STAFF.replace("李卫国", "李𬱖䶮")
    await desk.imports.run(REGIONS.encode("gb18030"), staff.encode("gb18030"))
    assert await Person.filter(name="李𬱖䶮").exists()


@pytest.mark.parametrize(
    "written",
    [
        "138 0000 0001",
        "138-0000-0001",
        "+86 13800000001",
        "8613800000001",
        "１３８０００００００１",
        "\u202d13800000001\u202c",
    ],
)
async def test_a_phone_may_be_written_as_people_write_it(town: Town, written: str) -> None:
    report = await town.desk.imports.run(None, STAFF.replace("李卫国,13800000001", f"李卫国,{written}").encode())
    assert report.staff == Counts(same=7)


async def test_a_space_put_into_a_name_for_looks_is_taken_out(town: Town) -> None:
    report = await town.desk.imports.run(None, STAFF.replace("李卫国", "李 卫　国").encode())
    assert report.staff == Counts(same=7)


async def test_a_landline_with_its_area_code_will_do(town: Town) -> None:
    staff = f"name,phone,duty,region_code,cover_phone\n陈姐,0519-86543210,village_agent,{VILLAGE},13800000003\n"
    assert (await town.desk.imports.run(None, staff.encode())).staff == Counts(new=1)
    assert await town.desk.people.invite("051986543210")


async def test_each_file_may_come_alone_and_lean_on_what_is_there(town: Town) -> None:
    regions = f"code,name,level,parent_code,kind\nG9,第九网格,grid,{VILLAGE},dedicated\n"
    staff = "name,phone,duty,region_code,cover_phone\n郑九,13900000009,grid_worker,G9,13800000001\n"
    assert (await town.desk.imports.run(regions.encode(), None)).regions == Counts(new=1)
    assert (await town.desk.imports.run(None, staff.encode())).staff == Counts(new=1)
    duty = await HeldDuty.get(region__code="G9").prefetch_related("cover")
    assert duty.cover.name == "李卫国"


async def test_one_bad_row_keeps_everything_out(desk: Desk) -> None:
    bad = STAFF + f"甲,12345,grid_worker,{GRID},\n"
    before = await snapshot()
    with pytest.raises(BadRows):
        await desk.imports.run(REGIONS.encode(), bad.encode())
    assert await snapshot() == before


async def test_a_dry_run_reports_the_same_and_writes_nothing(desk: Desk) -> None:
    before = await snapshot()
    tried = await desk.imports.run(REGIONS.encode(), STAFF.encode(), dry_run=True)
    assert await snapshot() == before
    done = await desk.imports.run(REGIONS.encode(), STAFF.encode())
    assert (tried.regions, tried.staff, tried.vacant, tried.dry_run) == (done.regions, done.staff, done.vacant, True)


async def test_a_dry_run_names_bad_rows_too(desk: Desk) -> None:
    with pytest.raises(BadRows):
        await desk.imports.run(REGIONS.replace(",town,", ",city,").encode(), None, dry_run=True)


async def test_grids_that_nobody_looks_after_are_reported(desk: Desk) -> None:
    report = await desk.imports.run(REGIONS.encode(), STAFF.encode())
    assert (report.vacant.grids, report.vacant.examples, report.vacant.unheld) == (
        1,
        ("32041210120201 东一网格",),
        0,
    )


async def test_a_grid_whose_whole_line_is_empty_is_reported_apart(desk: Desk) -> None:
    assert (await desk.imports.run(REGIONS.encode(), None)).vacant.unheld == 3


async def test_a_village_chief_is_enough_for_its_grids(desk: Desk) -> None:
    staff = STAFF + "冯村长,13800000008,grid_chief,320412101202,\n"
    assert (await desk.imports.run(REGIONS.encode(), staff.encode())).vacant.grids == 0


async def test_a_duty_that_had_ended_begins_anew_and_one_with_a_last_day_ahead_keeps_it(town: Town) -> None:
    today = town.desk.clock.now().astimezone(SHANGHAI).date()
    ended = HeldDuty.filter(person__name="李卫国")
    planned = HeldDuty.filter(person__name="王秀兰")
    await HeldDuty.filter(id__in=await ended.values_list("id", flat=True)).update(
        from_date=today - timedelta(days=90), to_date=today - timedelta(days=1)
    )
    await HeldDuty.filter(id__in=await planned.values_list("id", flat=True)).update(to_date=today + timedelta(days=9))

    # Somebody who has left may not stand as a cover, unless the file itself brings them back.
    report = await town.desk.imports.run(None, STAFF.encode())

    assert report.staff == Counts(changed=1, same=6)
    assert (await ended.get()).to_date is None
    assert (await ended.get()).from_date == today
    assert (await planned.get()).to_date == today + timedelta(days=9)


async def test_a_resident_who_is_imported_as_staff_stays_the_same_person(town: Town) -> None:
    index = (await Person.get(name="李卫国")).phone_index
    person = await Person.create(name="", phone="", phone_index="later", grid_id=(await Region.get(code=GRID)).id)
    await HeldDuty.filter(person__name="李卫国").delete()
    await Person.filter(name="李卫国").delete()
    await Person.filter(id=person.id).update(phone_index=index)

    await town.desk.imports.run(None, STAFF.encode())

    assert (await Person.get(phone_index=index)).id == person.id
    assert (await Person.get(phone_index=index)).name == "李卫国"


async def test_progress_ends_at_all_and_never_goes_back(desk: Desk) -> None:
    seen: list[tuple[int, int]] = []
    await desk.imports.run(REGIONS.encode(), STAFF.encode(), progress=lambda done, total: seen.append((done, total)))
    assert seen[0] == (0, 30)
    assert seen[-1] == (30, 30)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


async def test_two_imports_at_once_do_not_disturb_each_other(desk: Desk) -> None:
    reports = await asyncio.gather(
        *(desk.imports.run(REGIONS.encode(), STAFF.encode()) for _ in range(3)), return_exceptions=True
    )
    assert sorted(report.regions.new for report in reports) == [0, 0, 8]  # type: ignore[union-attr]
    assert await Region.all().count() == 8


async def test_a_case_that_nobody_held_gets_a_holder_by_an_import(desk: Desk) -> None:
    await desk.imports.run(REGIONS.encode(), None)
    resident = await Person.create(name="")
    case = await desk.cases.file(Actor(resident.id, ""), Filing(grid=GRID, description="路灯不亮"))
    assert case.holder_id is None

    report = await desk.imports.run(None, STAFF.encode())

    assert report.rehomed == 1
    held = await Case.get(number=case.number).prefetch_related("holder")
    assert held.holder.name == "李卫国"


@pytest.mark.parametrize(
    ("data", "file"),
    [
        (REGIONS.encode("gbk"), REGIONS_FILE),
        (STAFF.encode("utf-8-sig"), STAFF_FILE),
        (b"a,b,c\n", ""),
        (b"", ""),
        (b"\xff\xfe\x00", ""),
    ],
)
def test_a_file_is_known_by_its_columns(data: bytes, file: str) -> None:
    assert which(data) == file


OFFICERS = """name,phone,duty,region_code,cover_phone,department
何队长,13800000011,department_officer,320412101,,城管办
周科长,13800000006,department_officer,320412,,城管办
李卫国,13800000001,grid_worker,32041210120101,13800000002,
"""


async def departments() -> dict[str, tuple[str, str]]:
    found = await HeldDuty.filter(department_id__not_isnull=True).prefetch_related("person", "department__region")
    return {one.person.name: (one.department.region.code, one.department.name) for one in found}


async def test_an_officer_belongs_to_a_department_of_their_region(town: Town) -> None:
    run = town.desk.imports.run
    assert (await run(None, OFFICERS.encode())).staff == Counts(new=1, changed=1, same=1)
    first = await departments()
    assert first == {"何队长": (TOWN, "城管办"), "周科长": ("320412", "城管办")}
    before = await snapshot()
    assert (await run(None, OFFICERS.encode())).staff == Counts(same=3)
    # A file that does not speak of departments takes none away.
    assert (await run(None, STAFF.encode())).staff == Counts(same=7)
    assert await snapshot() == before

    moved = OFFICERS.replace("320412101,,城管办", "320412101,,水务站").replace("320412,,城管办", "320412,,")
    assert (await run(None, moved.encode())).staff == Counts(changed=2, same=1)
    assert await departments() == {"何队长": (TOWN, "水务站")}
    assert await Department.all().count() == 3
