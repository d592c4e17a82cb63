"""Settings: read in one place, and one clear line for the first thing that is wrong."""

from pathlib import Path

import pytest

from app.settings import SettingsError, load

SECRET = "d4624c36b6795d1d99dcf0547af5443d"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


def written(folder: Path, text: str) -> Path:
    file = folder / "config.toml"
    file.write_text(text, "utf-8")
    return file


def test_without_a_file_and_environment_everything_has_its_default(tmp_path: Path) -> None:
    settings = load(tmp_path / "none.toml", {})
    assert (settings.server.port, settings.database.url.get_secret_value(), settings.sandbox.enabled) == (
        8080,
        "embedded",
        False,
    )
    assert settings.wechat.official.mode == "safe"


def test_the_environment_beats_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, '[server]\nport = 1000\nhost = "::1"\n')
    settings = load(file, {"WANGGE__SERVER__PORT": "2000"})
    assert (settings.server.port, settings.server.host) == (2000, "::1")


def test_any_depth_and_any_kind_can_come_from_the_environment(tmp_path: Path) -> None:
    settings = load(
        tmp_path / "none.toml",
        {
            "WANGGE__WECHAT__OFFICIAL__APPID": "wx1",
            "WANGGE__SANDBOX__ENABLED": "true",
            "WANGGE__DEADLINES__ACCEPT_HOURS": "1.5",
            "WANGGE__DEADLINES__DAYS_OFF": '["2026-10-01"]',
            "WANGGE__SERVER__TRUSTED_PROXIES": '["10.0.0.0/8"]',
            "WANGGE__DATA__DIR": "elsewhere",
        },
    )
    assert settings.wechat.official.appid == "wx1"
    assert settings.sandbox.enabled is True
    assert settings.deadlines.accept_hours == 1.5
    assert settings.deadlines.days_off == ["2026-10-01"]
    assert settings.server.trusted_proxies == ["10.0.0.0/8"]
    assert settings.data.dir == Path("elsewhere")


def test_wangge_config_names_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, "[server]\nport = 1234\n")
    assert load(environ={"WANGGE_CONFIG": str(file)}).server.port == 1234


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n", "utf-8")
    settings = load(tmp_path / "none.toml", {"WANGGE__WECHAT__OFFICIAL__SECRET_FILE": str(tmp_path / "secret")})
    assert settings.wechat.official.secret.get_secret_value() == SECRET


def test_secrets_do_not_show_when_settings_are_printed(tmp_path: Path) -> None:
    settings = load(
        tmp_path / "none.toml",
        {
            "WANGGE__WECHAT__OFFICIAL__SECRET": SECRET,
            "WANGGE__WECHAT__OFFICIAL__ENCODING_AES_KEY": AES_KEY,
            "WANGGE__DATABASE__URL": f"postgres://u:{SECRET}@h/d",
            "WANGGE__PRIVACY__KEYS": f'["{SECRET}"]',
        },
    )
    assert SECRET not in f"{settings!r} {settings}"
    assert AES_KEY not in f"{settings!r} {settings}"


@pytest.mark.parametrize(
    ("text", "environ", "told"),
    [
        ("[server]\nprot = 1\n", {}, "server.prot"),
        ("[sever]\nport = 1\n", {}, "sever"),
        ("[server]\nport = 0\n", {}, "server.port"),
        ("[server]\nport = 65536\n", {}, "server.port"),
        ('[server]\nport = "many"\n', {}, "server.port"),
        ("[server]\nprocesses = 0\n", {}, "server.processes"),
        ("[server\nport = 1\n", {}, "TOML"),
        ('[database]\nurl = "mysql://h/d"\n', {}, "database.url"),
        ('[redis]\nurl = "http://h"\n', {}, "redis.url"),
        ('[wechat.official]\nmode = "secret"\n', {}, "wechat.official.mode"),
        ('[wechat.official]\nencoding_aes_key = "short"\n', {}, "wechat.official.encoding_aes_key"),
        ("[deadlines.resolve_days]\n6 = 1\n", {}, "deadlines.resolve_days"),
        ("", {"WANGGE__SERVER__PROT": "1"}, "server.prot"),
        ("", {"WANGGE__SERVER__PORT": "many"}, "server.port"),
        ("server = 1\n", {"WANGGE__SERVER__PORT": "1"}, "WANGGE__SERVER__PORT"),
        ("", {"WANGGE__WECHAT__OFFICIAL__SECRET_FILE": "no/such/file"}, "WANGGE__WECHAT__OFFICIAL__SECRET_FILE"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(tmp_path: Path, text: str, environ: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(written(tmp_path, text), environ)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_in_another_encoding_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes('[data]\ndir = "数据"\n'.encode("gbk"))
    with pytest.raises(SettingsError, match="不是合格的 TOML"):
        load(tmp_path / "config.toml", {})


def test_a_named_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="不存在"):
        load(environ={"WANGGE_CONFIG": str(tmp_path / "none.toml")})


@pytest.mark.parametrize(
    "environ",
    [
        {"WANGGE__WECHAT__OFFICIAL__ENCODING_AES_KEY": SECRET},
        {"WANGGE__DATABASE__URL": f"mysql://u:{SECRET}@h/d"},
        {"WANGGE__PRIVACY__KEYS": SECRET},
    ],
)
def test_no_complaint_repeats_a_secret(tmp_path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as refused:
        load(tmp_path / "none.toml", environ)
    assert SECRET not in str(refused.value)


def test_a_secret_that_begins_like_a_list_is_taken_as_it_is(tmp_path: Path) -> None:
    settings = load(tmp_path / "none.toml", {"WANGGE__WECHAT__OFFICIAL__TOKEN": "[not a list"})
    assert settings.wechat.official.token.get_secret_value() == "[not a list"
