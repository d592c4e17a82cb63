"""The command as clerks and scripts use it: what it prints, what it leaves behind, how it ends."""

import asyncio
import re
import socket
import sys
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from app import bootstrap
from app.cli_errors import words
from app.settings import load
from domain.delivery import Verdict
from domain.errors import Unavailable
from models import Invite, Person, Region, Scene
from qrcodes.drawing import reads
from sandbox.world import World
from services.ports import WeChatError
from tests.app.commands import KEY, Command, Done
from tests.factories import GRID, REGIONS, STAFF, VILLAGE, make_town
from tests.services.snapshots import snapshot

NEW_KEY = "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU="
SECOND = GRID[:-1] + "2"


def refused(done: Done, *told: str, code: int = 1, lines: int = 1) -> None:
    """It ended with *code*, nothing on stdout, and *lines* lines on stderr that say *told*."""
    assert (done.code, done.out) == (code, "")
    assert "Traceback" not in done.err
    assert len(done.lines) == lines, done.err
    for part in told:
        assert part in done.err


async def imported(command: Command) -> Done:
    done = await command.run("import", command.write("regions.csv", REGIONS), command.write("staff.csv", STAFF))
    assert done.code == 0, done.err
    return done


@pytest.fixture
async def town(command: Command, database: str, redis_url: str) -> Command:
    """The command on a database that holds the town already."""
    settings = bootstrap.effective(load(environ=command.environment({})))
    async with bootstrap.house(settings, database, redis_url) as house:
        await make_town(house.desk)
    return command


async def test_help_names_every_command_and_comes_at_once(alone: Command) -> None:
    done = await alone.run("--help")
    assert done.code == 0
    for name in ("serve", "jobs", "run", "migrate", "doctor", "import", "invite", "rotate-keys", "qr", "demo"):
        assert re.search(rf"\b{name}\b", done.out)


async def test_help_loads_neither_database_nor_web_libraries(alone: Command) -> None:
    code = (
        "import sys, app.cli\n"
        "from typer.testing import CliRunner\n"
        "assert CliRunner().invoke(app.cli.app, ['--help']).exit_code == 0\n"
        "print(*sorted({'tortoise', 'aiohttp', 'pydantic', 'PIL', 'procrastinate'} & set(sys.modules)))"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, env=alone.environment({}), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert (process.returncode, out.strip()) == (0, b"")


async def test_a_terminal_that_cannot_show_chinese_gets_question_marks_and_no_traceback(
    alone: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    refused(await alone.run("qr", GRID, "--board", "--format", "png"), "????", code=2)
    assert (await alone.run("--help")).code == 0


async def test_a_wrong_word_is_a_usage_error(alone: Command) -> None:
    for arguments in (["frobnicate"], ["import"], ["invite"], ["qr"], ["qr", GRID, "--format", "gif"], ["jobs", "-x"]):
        done = await alone.run(*arguments)
        assert done.code == 2, (arguments, done.err)
        assert "Traceback" not in done.err


async def test_import_says_what_it_did_and_the_same_again_changes_nothing(command: Command, database: str) -> None:
    done = await imported(command)
    assert done.out.splitlines() == [
        "导入好了。",
        "区域：新增 8，更新 0，没有变化 0",
        "岗位：新增 7，更新 0，没有变化 0",
        "提醒：有 1 个网格还没有网格员，也没有网格长：32041210120201 东一网格。那里的诉求会先到上级。",
    ]
    before = await snapshot()
    again = await imported(command)
    assert "区域：新增 0，更新 0，没有变化 8" in again.out
    assert "岗位：新增 0，更新 0，没有变化 7" in again.out
    assert await snapshot() == before


async def test_import_takes_files_as_excel_in_china_saves_them(command: Command, database: str) -> None:
    regions = command.write("区域 表.csv", REGIONS.replace("\n", "\r\n").encode("gbk"))
    done = await command.run("import", regions, command.write("人员.csv", STAFF.encode("utf-8-sig")))
    assert done.code == 0, done.err
    assert (await Region.get(code=GRID)).name == "第一网格"


async def test_import_tells_the_two_files_apart_by_their_columns(command: Command, database: str) -> None:
    regions, staff = command.write("a.csv", REGIONS), command.write("b.csv", STAFF)
    assert (await command.run("import", staff, regions)).code == 0
    only_staff = await command.run("import", staff)
    assert "岗位：新增 0，更新 0，没有变化 7" in only_staff.out
    refused(await command.run("import", staff, staff), "都像人员表")


async def test_a_dry_run_writes_nothing(command: Command, database: str) -> None:
    before = await snapshot()
    done = await command.run("import", "--dry-run", command.write("r.csv", REGIONS), command.write("s.csv", STAFF))
    assert done.code == 0
    assert done.out.splitlines()[:2] == ["这是试一遍的结果，没有写入：", "区域：新增 8，更新 0，没有变化 0"]
    assert await snapshot() == before


async def test_every_bad_row_is_named_and_none_is_imported(command: Command, database: str) -> None:
    before = await snapshot()
    regions = command.write("区域.csv", REGIONS + f"G1,某网格,hamlet,{VILLAGE},\n")
    staff = command.write("人员.csv", STAFF + f"甲,12345678901,grid_worker,{GRID},\n乙,,janitor,999,\n")
    done = await command.run("import", regions, staff)
    refused(done, lines=6)
    assert done.lines[0].startswith("区域.csv 第 10 行 level 列：“hamlet”不是级别。")
    assert done.lines[1].startswith("人员.csv 第 9 行 phone 列：“123****8901”不是电话号码。")
    assert [line.split("：")[0] for line in done.lines[2:5]] == [
        "人员.csv 第 10 行 phone 列",
        "人员.csv 第 10 行 duty 列",
        "人员.csv 第 10 行 region_code 列",
    ]
    assert done.lines[5] == "共 5 处要改，一行也没有导入。改好以后再导入一次就行。"
    assert await snapshot() == before


async def test_of_very_many_bad_rows_the_first_two_hundred_are_printed_and_the_rest_counted(command: Command) -> None:
    staff = command.write("s.csv", STAFF + "".join(f"甲,1390000{n:04},janitor,{GRID},\n" for n in range(250)))
    done = await command.run("import", command.write("r.csv", REGIONS), staff)
    refused(done, "还有 50 处没有列出来", "共 250 处要改", lines=202)


async def test_invite_prints_the_code_and_how_to_use_it(town: Command, world: World) -> None:
    done = await town.run("invite", "138-0000-0001", "--qr", "code.png")
    assert (done.code, done.err) == (0, "")
    code, how, scan = done.out.splitlines()
    assert "本人用微信扫" in scan
    found = re.fullmatch(r"邀请码: ([A-Z2-9]{4}-[A-Z2-9]{4})", code)
    assert found
    assert f"绑定 {found[1]}" in how
    scene = world.scenes.find(f"bind-{found[1].replace('-', '')}")
    assert scene is not None
    assert reads(Image.open(town.folder / "code.png"), scene.url)
    invite = await Invite.get().prefetch_related("person")
    assert invite.person.name == "李卫国"


async def test_a_new_invitation_ends_the_old_one(town: Command) -> None:
    codes = [(await town.run("invite", "13800000001")).out.split()[1] for _ in range(2)]
    assert codes[0] != codes[1]
    assert await Invite.all().count() == 1


async def test_nobody_with_that_number_is_said_so_with_the_number_masked(town: Command) -> None:
    refused(await town.run("invite", "13912345678"), "139****5678", "wangge import")
    refused(await town.run("invite", "1391234567"), "不像电话号码")
    assert await Invite.all().count() == 0


@pytest.mark.parametrize("file_format", ["png", "svg", "pdf"])
async def test_qr_makes_one_file_a_code_with_the_url_that_wechat_gave(
    town: Command, world: World, file_format: str
) -> None:
    done = await town.run("qr", GRID, SECOND, GRID, "--format", file_format, "-o", "out/codes")
    assert done.code == 0, done.err
    files = [Path("out/codes") / f"{code}.{file_format}" for code in (GRID, SECOND)]
    assert done.out.splitlines() == [str(file) for file in files]
    assert sorted(file.name for file in (town.folder / "out/codes").iterdir()) == [file.name for file in files]
    urls = {(await row.region).code: row.url for row in await Scene.all()}
    assert set(urls) == {GRID, SECOND}
    if file_format == "png":
        for code, file in zip((GRID, SECOND), files, strict=True):
            with Image.open(town.folder / file) as image:
                assert [read.text for read in zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)] == [
                    urls[code]
                ]
    assert {made.url for made in world.scenes.list()} == set(urls.values())


async def test_qr_under_a_region_makes_the_codes_of_all_its_grids(town: Command) -> None:
    done = await town.run("qr", "--under", VILLAGE, "--format", "svg", "-o", "codes")
    assert done.out.splitlines() == [f"codes/{GRID}.svg", f"codes/{SECOND}.svg"]
    again = await town.run("qr", "--under", VILLAGE, "--format", "svg", "-o", "again")
    assert again.code == 0
    for name in (f"{GRID}.svg", f"{SECOND}.svg"):
        assert (town.folder / "codes" / name).read_bytes() == (town.folder / "again" / name).read_bytes()


async def test_qr_with_one_unknown_code_makes_none(town: Command) -> None:
    refused(await town.run("qr", GRID, "nowhere", "-o", "codes"), "nowhere")
    refused(await town.run("qr", "--under", "nowhere", "-o", "codes"), "nowhere")
    assert not (town.folder / "codes").exists()
    assert await Scene.all().count() == 0


@pytest.mark.parametrize(
    ("errcode", "told"),
    [(40164, "白名单"), (99999, "99999")],
)
async def test_what_wechat_refuses_is_explained_and_no_file_is_left(
    town: Command, world: World, errcode: int, told: str
) -> None:
    world.faults.order({"path": "/cgi-bin/qrcode/create", "errcode": errcode})
    refused(await town.run("qr", "--under", VILLAGE, "-o", "codes"), told, str(errcode))
    assert not (town.folder / "codes").exists()


@pytest.mark.parametrize(
    ("errcode", "told"),
    [(40013, "AppID"), (40125, "AppSecret"), (40164, "白名单"), (48001, "服务号"), (45009, "用完了"), (99999, "busy")],
)
def test_wechats_numbers_are_explained_however_they_come(errcode: int, told: str) -> None:
    plain = WeChatError(Verdict.FINAL, "busy", errcode)
    wrapped = Unavailable("busy", errcode=errcode)
    assert words(plain) == words(wrapped)
    assert told in str(words(plain))
    assert str(errcode) in str(words(plain))


def test_a_fault_in_the_program_is_not_dressed_up_as_a_failure_that_was_expected() -> None:
    assert words(KeyError("x")) is None
    assert words(AssertionError()) is None


async def test_wechat_out_of_reach_is_one_line(town: Command) -> None:
    refused(await town.run("qr", GRID, "-o", "codes", wechat__api_base="http://127.0.0.1:9"), "微信", "网络")


async def test_a_folder_that_cannot_be_written_is_one_line(town: Command) -> None:
    town.write("occupied", "a file")
    refused(await town.run("qr", GRID, "-o", "occupied"), "occupied")
    refused(await town.run("qr", GRID, "-o", "occupied/below"), "occupied")


async def test_an_empty_database_is_brought_up_to_date_by_migrate_and_again_without_harm(
    command: Command, engines: bootstrap.embedded.Engines
) -> None:
    url = await engines.create_database("t_cli_empty")
    try:
        told = await command.run("invite", "13800000001", database__url=url)
        refused(told, "wangge migrate")
        for _ in range(2):
            done = await command.run("migrate", database__url=url)
            assert (done.code, done.out) == (0, "数据库已经是最新的了。\n")
        refused(await command.run("invite", "13800000001", database__url=url), "wangge import")
    finally:
        await engines.drop_database("t_cli_empty")


@pytest.mark.parametrize(
    "arguments",
    [
        ["migrate"],
        ["invite", "13800000001"],
        ["qr", "1", "-o", "codes"],
        ["import", "regions.csv"],
    ],
)
async def test_a_database_out_of_reach_is_one_line_without_its_password(alone: Command, arguments: list[str]) -> None:
    alone.write("regions.csv", REGIONS)
    done = await alone.run(*arguments)
    refused(done, "数据库")
    assert "secret-password" not in done.err


async def test_a_wrong_password_and_a_missing_database_are_told_apart(command: Command, database_url: str) -> None:
    wrong = re.sub(r"//([^:]+):[^@]*@", r"//\1:wrong@", database_url)
    assert wrong != database_url
    refused(await command.run("invite", "13800000001", database__url=wrong), "密码")
    gone = re.sub(r"/t[0-9a-f]{12}", "/gone", database_url)
    assert gone != database_url
    refused(await command.run("invite", "13800000001", database__url=gone), "没有这个库")


@pytest.mark.parametrize("name", ["serve", "jobs", "run", "migrate", "invite", "qr", "import"])
async def test_a_setting_that_is_wrong_is_one_line_for_every_command(alone: Command, name: str) -> None:
    alone.write("regions.csv", REGIONS)
    more = {"invite": ["13800000001"], "qr": ["1"], "import": ["regions.csv"]}.get(name, [])
    refused(await alone.run(name, *more, server__prot="1"), "server.prot")


async def test_a_file_that_is_not_there_or_a_folder_is_one_line(alone: Command) -> None:
    refused(await alone.run("import", "nowhere.csv"), "nowhere.csv")
    refused(await alone.run("import", "."), "文件夹")


async def test_three_files_are_a_usage_error(alone: Command) -> None:
    refused(await alone.run("import", "a", "b", "c"), "两个文件", code=2)


@pytest.mark.parametrize("name", ["serve", "run"])
async def test_a_port_in_use_is_one_line(command: Command, name: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused(await command.run(name, server__port=str(port)), str(port), "server.port")


async def test_a_key_for_personal_data_that_is_no_key_is_one_line(command: Command) -> None:
    refused(await command.run("invite", "13800000001", privacy__keys='["short"]'), "privacy.keys")


async def test_names_and_phones_of_an_import_do_not_come_out_in_its_output(command: Command, database: str) -> None:
    done = await imported(command)
    for person in await Person.all():
        assert person.name not in done.out + done.err
    assert "1380000" not in done.out + done.err


async def test_the_event_list_goes_in_and_out_by_command(town: Command) -> None:
    starter = Path(__file__).parents[2] / "app" / "demo_town" / "event_types.csv"
    done = await town.run("event-types", "import", starter)
    count = len(starter.read_text("utf-8").splitlines()) - 1
    assert (done.code, done.out) == (0, f"导入好了。\n事项：新增 {count}，更新 0，没有变化 0\n")
    done = await town.run("event-types", "export", "out.csv")
    assert (done.code, done.out) == (0, f"写好了：out.csv，共 {count} 项。\n")
    done = await town.run("event-types", "import", "out.csv")
    assert (done.code, done.out) == (0, f"导入好了。\n事项：新增 0，更新 0，没有变化 {count}\n")
    written = (town.folder / "out.csv").read_text("utf-8-sig")
    bad = town.write("bad.csv", written.replace("城市管理", "城管", 1).replace(",3,after", ",三天,after", 1))
    refused(
        await town.run("event-types", "import", bad),
        "category 列：“城管”不认识。可以写：社会治安、公共安全、城市管理、",
        "resolve_days 列：“三天”不是时限。",
        "共 2 处要改，一行也没有导入。",
        lines=3,
    )
    refused(await town.run("import", starter), "是事项清单，请用：wangge event-types import", code=2)
    refused(await town.run("event-types", "import", "nowhere.csv"), "nowhere.csv")


async def test_a_new_key_takes_over_and_the_old_one_can_go(town: Command) -> None:
    both, new = f'["{NEW_KEY}","{KEY}"]', f'["{NEW_KEY}"]'
    refused(await town.run("rotate-keys", privacy__keys=new), "打不开", "privacy.keys")
    first = await town.run("rotate-keys", privacy__keys=both)
    assert (first.code, first.out) == (0, "用新密钥重新加密了 7 条个人信息。\n")
    last = await town.run("rotate-keys", "--finish", privacy__keys=both)
    assert (last.code, last.out.splitlines()[0]) == (0, "个人信息都已经是新密钥加密的了。")
    assert (await town.run("invite", "13800000001", privacy__keys=new)).code == 0
