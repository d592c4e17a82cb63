"""The doctor: what is fine, what is wrong, and how to mend it."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from adapters.embedded import Engines
from app import doctor, doctor_boards, doctor_wechat
from app.findings import Finding
from app.settings import Settings
from sandbox.world import World
from tests.adapters.stores import oss
from tests.app.commands import KEY, Command
from tests.factories import REGIONS, STAFF, Town

SETTINGS: dict[str, Any] = {
    "server": {"public_url": "https://wangge.example.cn"},
    "privacy": {"keys": [KEY]},
    "wechat": {
        "api_base_fallback": "",
        "official": {
            "appid": "wxsandbox0official",
            "secret": "sandbox-official-secret",
            "token": "sandboxtoken",
            "encoding_aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
        },
        "miniprogram": {"appid": "wxsandbox0mini", "secret": "sandbox-mini-secret"},
    },
}


@pytest.fixture
def given(world: World, tmp_path: Path, database_url: str, redis_url: str) -> dict[str, Any]:
    """Settings with which everything is fine, to be spoilt."""
    wechat = {**SETTINGS["wechat"], "api_base": world.base_url}
    return {
        **SETTINGS,
        "data": {"dir": tmp_path},
        "database": {"url": database_url, "pool": 5},
        "redis": {"url": redis_url},
        "wechat": {name: dict(value) if isinstance(value, dict) else value for name, value in wechat.items()},
    }


async def ill(given: dict[str, Any]) -> list[Finding]:
    """What the doctor finds wrong."""
    found = await doctor.examine(Settings.model_validate(given))
    assert all(bool(one.mend) is not one.ok for one in found)
    return [one for one in found if not one.ok]


async def only(given: dict[str, Any]) -> Finding:
    found = await ill(given)
    assert len(found) == 1, found
    return found[0]


async def test_a_healthy_house_has_nothing_wrong(given: dict[str, Any]) -> None:
    found = await doctor.examine(Settings.model_validate(given))
    assert [one for one in found if not one.ok] == []
    said = " ".join(one.what for one in found)
    for word in (
        "配置",
        "数据文件夹",
        "密钥",
        "PostgreSQL",
        "表结构",
        "Valkey",
        "EncodingAESKey",
        "公众号",
        "小程序",
        "时钟",
        "公网",
    ):
        assert word in said


async def test_a_database_that_is_away_is_named_and_the_rest_is_still_looked_at(given: dict[str, Any]) -> None:
    given["database"] = {"url": "postgres://u:secret-password@127.0.0.1:9/d"}
    one = await only(given)
    assert "数据库" in one.what
    assert "secret-password" not in one.mend


async def test_a_database_without_the_schema_is_told_to_migrate(given: dict[str, Any], engines: Engines) -> None:
    given["database"] = {"url": await engines.create_database("t_doctor_empty"), "pool": 5}
    try:
        assert "wangge migrate" in (await only(given)).mend
    finally:
        await engines.drop_database("t_doctor_empty")


async def test_too_few_connections_for_the_pools_are_named(given: dict[str, Any]) -> None:
    given["database"]["pool"] = 200
    given["server"] = {"public_url": "https://wangge.example.cn", "processes": 8}
    assert "max_connections" in (await only(given)).mend


async def test_redis_that_is_away_is_named(given: dict[str, Any]) -> None:
    given["redis"] = {"url": "redis://127.0.0.1:9"}
    assert "Redis" in (await only(given)).what


async def test_a_data_folder_that_cannot_be_written_is_named(given: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    given["data"] = {"dir": tmp_path / "file"}
    one = await only(given)
    assert str(tmp_path / "file") in one.what
    assert "[data] dir" in one.mend


async def test_little_room_on_the_disk_is_named(given: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LEAST_FREE", 2**60)
    assert "磁盘只剩" in (await only(given)).what


@pytest.mark.parametrize("keys", [[], ["short"], [KEY, "not base64 at all!"]])
async def test_a_key_for_personal_data_that_cannot_be_used_is_named_without_showing_it(
    given: dict[str, Any], keys: list[str]
) -> None:
    given["privacy"] = {"keys": keys}
    one = await only(given)
    assert "密钥" in one.what
    assert KEY not in one.mend


async def test_the_key_beside_the_embedded_database_is_looked_at_too(tmp_path: Path) -> None:
    settings = Settings.model_validate({"data": {"dir": tmp_path}})
    assert doctor.key(settings).ok
    (tmp_path / "privacy.key").write_text("spoilt")
    found = doctor.key(settings)
    assert not found.ok
    assert "备份" in found.mend
    (tmp_path / "privacy.key").write_text(KEY)
    assert doctor.key(settings).ok


@pytest.mark.parametrize(
    ("part", "values", "told"),
    [
        ("official", {"appid": "wxwrong"}, "公众号拿不到接口凭证"),
        ("official", {"secret": "wrong"}, "公众号拿不到接口凭证"),
        ("official", {"appid": ""}, "没有设置公众号"),
        ("miniprogram", {"secret": "wrong"}, "小程序拿不到接口凭证"),
        ("official", {"token": ""}, "没有设置公众号的 Token"),
        ("official", {"token": "a b"}, "Token 写法不对"),
        ("official", {"encoding_aes_key": ""}, "没有设置 EncodingAESKey"),
        ("official", {"encoding_aes_key": "!" * 43}, "EncodingAESKey 不能用"),
        ("official", {"previous_encoding_aes_key": "=" * 43}, "EncodingAESKey 不能用"),
    ],
)
async def test_what_is_wrong_with_an_account_is_named(
    given: dict[str, Any], part: str, values: dict[str, str], told: str
) -> None:
    given["wechat"][part] |= values
    assert told in (await only(given)).what


@pytest.mark.parametrize(
    ("errcode", "told"),
    [(40013, "appid"), (40125, "AppSecret"), (40164, "IP 白名单"), (40243, "解冻"), (89503, "管理员"), (50007, "冻结")],
)
async def test_a_refused_token_is_explained_for_the_account_it_is_about(
    given: dict[str, Any], world: World, errcode: int, told: str
) -> None:
    world.faults.order({"path": "/cgi-bin/stable_token", "errcode": errcode})
    official, mini = await ill(given)
    assert told in official.mend
    assert str(errcode) in official.mend
    assert official.what.startswith("公众号")
    assert mini.what.startswith("小程序")
    assert "wechat.official" not in mini.mend
    assert "OFFICIAL" not in mini.mend


async def test_without_a_mini_program_nothing_is_wrong(given: dict[str, Any]) -> None:
    given["wechat"]["miniprogram"] = {}
    assert await ill(given) == []


async def test_in_plain_mode_no_aes_key_is_missed(given: dict[str, Any]) -> None:
    given["wechat"]["official"] |= {"mode": "plain", "encoding_aes_key": ""}
    assert await ill(given) == []


async def test_wechat_out_of_reach_is_named_once_for_each_thing_that_needs_it(given: dict[str, Any]) -> None:
    given["wechat"]["api_base"] = "http://127.0.0.1:9"
    found = await ill(given)
    assert [one.what[:3] for one in found] == ["公众号", "小程序", "问不到"]


@pytest.mark.parametrize(("ahead", "told"), [(120, "慢了 1"), (-120, "快了 1"), (5, None), (-5, None)])
async def test_a_clock_that_is_off_is_named_with_how_much(ahead: int, told: str | None) -> None:
    async def answer(_request: web.Request) -> web.Response:
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)
        return web.Response(status=404, headers={"Date": date})

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    server = web.TCPSite(runner, "127.0.0.1", 0)
    await server.start()
    try:
        found = await doctor_wechat.clock(f"http://127.0.0.1:{runner.addresses[0][1]}")
    finally:
        await runner.cleanup()
    assert found.ok is (told is None)
    assert told is None or told in found.what


@pytest.mark.parametrize(
    "url",
    [
        "https://wangge.example.cn",
        "https://wangge.example.cn/",
        "https://wangge.example.cn:443/town",
        "https://8.8.8.8",
    ],
)
def test_an_address_on_the_open_web_is_fine(url: str) -> None:
    assert doctor_wechat.public_url(Settings.model_validate({"server": {"public_url": url}})).ok


@pytest.mark.parametrize(
    "url",
    [
        "",
        "wangge.example.cn",
        "http://wangge.example.cn",
        "https://wangge.example.cn:8443",
        "https://wangge.example.cn:port",
        "https://wangge.example.cn?x=1",
        "https://user@wangge.example.cn",
        "https://localhost",
        "https://wangge",
        "https://town.local",
        "https://192.168.1.10",
        "https://[::1]",
        "https://",
        "https://[",
    ],
)
def test_an_address_that_wechat_cannot_reach_is_named_with_the_mend(url: str) -> None:
    found = doctor_wechat.public_url(Settings.model_validate({"server": {"public_url": url}}))
    assert not found.ok
    assert found.mend


def test_with_the_sandbox_no_public_address_is_needed() -> None:
    settings = Settings.model_validate({"sandbox": {"enabled": True}})
    assert doctor_wechat.public_url(settings).ok


async def test_vacant_grids_are_named(given: dict[str, Any], town: Town) -> None:
    one = await only(given)
    assert "有 1 个网格" in one.what
    assert "东一网格" in one.what


async def test_the_command_prints_a_mark_for_each_thing_and_ends_with_one_when_any_is_wrong(command: Command) -> None:
    done = await command.run("doctor")
    assert (done.code, done.err) == (0, "")
    assert all(line.startswith("✓ ") for line in done.out.splitlines()[:-1])

    command.write("regions.csv", REGIONS)
    command.write("staff.csv", STAFF)
    assert (await command.run("import", "regions.csv", "staff.csv")).code == 0
    done = await command.run("doctor")
    assert done.code == 1
    assert done.err == "有 1 处要改。改好以后再运行一次 wangge doctor。\n"
    marked = [line for line in done.out.splitlines() if line.startswith("✗ ")]
    assert len(marked) == 1
    assert "    → 请把人员补进人员表，再运行 wangge import。" in done.out


async def test_the_command_says_what_is_wrong_with_the_settings(alone: Command) -> None:
    done = await alone.run("doctor", server__prot="1")
    assert done.code == 1
    assert done.out.startswith("✗ 配置不能用")
    assert "server.prot" in done.out
    assert "Traceback" not in done.err


async def test_the_command_with_everything_away_ends_with_one_and_no_traceback(alone: Command) -> None:
    done = await alone.run("doctor")
    assert done.code == 1
    assert "✗ 数据库连不上" in done.out
    assert "✗ Redis 连不上" in done.out
    assert "Traceback" not in done.out + done.err
    assert "secret-password" not in done.out + done.err


async def test_a_bucket_is_tried_with_a_small_file_and_what_it_refuses_is_said(given: dict[str, Any]) -> None:
    async with oss() as store:
        account = store.storage._account
        named = {"endpoint": account.endpoint, "bucket": account.bucket, "region": account.region}
        given["storage"] = {"kind": "oss", "oss": {**named, "key_id": account.key_id, "key_secret": "a-secret"}}
        assert await ill(given) == []
        assert [call.split()[0] for call in store.bucket.calls] == ["PUT", "GET", "DELETE"]
        assert store.bucket.objects == {}
        given["storage"]["oss"]["key_secret"] = "another"
        refused = await only(given)
        assert "SignatureDoesNotMatch" in refused.what
        assert "key_secret" in refused.mend
        assert "another" not in str(refused)
    away = await only(given)
    assert "连不上" in away.what
    given["storage"]["oss"]["bucket"] = ""
    assert "storage.oss.bucket" in (await only(given)).mend


async def test_a_scanner_that_does_not_answer_is_said(given: dict[str, Any]) -> None:
    given["storage"] = {"clamd": "127.0.0.1:1"}
    assert "clamd" in (await only(given)).what


def test_a_template_that_cannot_be_used_is_found_before_anything_is_printed(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text("[colours]\nmain = 'red'\n", "utf-8")
    assert doctor_boards.print_ready(Settings()).ok
    found = doctor_boards.print_ready(Settings.model_validate({"board": {"template": str(file)}}))
    assert not found.ok
    assert "第 2 行" in found.mend


async def test_an_account_that_runs_out_of_codes_is_found_in_time(
    database: str, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await doctor_boards.scenes()).ok
    await town.desk.scenes.ticket_for("32041210120101")
    monkeypatch.setattr("services.scenes.NEARLY", 1)
    found = await doctor_boards.scenes()
    assert not found.ok
    assert "1 个" in found.what
    assert "--retire" in found.mend
