"""Every setting, read in one place: ``config.toml``, then the environment (``WANGGE__SECTION__KEY``).

A secret may come from a file: ``WANGGE__WECHAT__OFFICIAL__SECRET_FILE=/run/secrets/wechat``.
"""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails

from app.settings_field import PatrolSettings, VisitSettings
from domain.assessment_rules import BASE_DATA, MINIMUMS
from domain.award import PUBLIC_DAYS
from domain.duty import USES_CONSOLE, Duty
from domain.notice import Quiet
from domain.training import FULL_POINTS, PASS_POINTS, TRIES, YEAR_MINUTES


class SettingsError(Exception):
    """The configuration is not usable; the message is one line that says what to change."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Server(_Section):
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=1, le=65535)
    public_url: str = ""
    processes: int = Field(1, ge=1, le=64)
    trusted_proxies: list[str] = []


class Data(_Section):
    dir: Path = Path("var")


class Database(_Section):
    url: SecretStr = SecretStr("embedded")
    pool: int = Field(20, ge=2, le=200)

    @field_validator("url")
    @classmethod
    def _known(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if text != "embedded" and not text.startswith(("postgres://", "postgresql://")):
            raise ValueError("要写 embedded，或者以 postgres:// 开头的地址")
        return value


class Redis(_Section):
    url: SecretStr = SecretStr("embedded")

    @field_validator("url")
    @classmethod
    def _known(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if text != "embedded" and not text.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("要写 embedded，或者以 redis://、rediss://、unix:// 开头的地址")
        return value


def _whole_key(value: SecretStr) -> SecretStr:
    if value.get_secret_value() and len(value.get_secret_value()) != 43:  # noqa: PLR2004 - WeChat's own length
        raise ValueError("要写微信后台显示的 EncodingAESKey，一共 43 个字符")
    return value


AesKey = Annotated[SecretStr, AfterValidator(_whole_key)]


class Official(_Section):
    appid: str = ""
    secret: SecretStr = SecretStr("")
    token: SecretStr = SecretStr("")
    encoding_aes_key: AesKey = SecretStr("")
    previous_encoding_aes_key: AesKey = SecretStr("")
    original_id: str = ""
    mode: Literal["safe", "compatible", "plain", "auto"] = "safe"
    template_case: str = ""
    template_notice: str = ""
    subscribe_case: str = ""
    subscribe_notice: str = ""


class MiniProgram(_Section):
    appid: str = ""
    secret: SecretStr = SecretStr("")
    token: SecretStr = SecretStr("")
    encoding_aes_key: AesKey = SecretStr("")
    env_version: Literal["release", "trial", "develop"] = "release"
    subscribe_case: str = ""
    subscribe_notice: str = ""
    page: str = ""


class WeChat(_Section):
    api_base: str = "https://api.weixin.qq.com"
    api_base_fallback: str = "https://api2.weixin.qq.com"
    official: Official = Official()
    miniprogram: MiniProgram = MiniProgram()


class Oss(_Section):
    endpoint: str = ""
    bucket: str = ""
    region: str = ""
    key_id: str = ""
    key_secret: SecretStr = SecretStr("")
    public_base: str = ""


class Storage(_Section):
    kind: Literal["local", "oss"] = "local"
    clamd: str = Field("", pattern=r"^(|.+:\d{1,5})$")
    oss: Oss = Oss()


class Deadlines(_Section):
    working_hours: list[str] = ["08:30-12:00", "13:30-18:00"]
    accept_hours: float = Field(4, gt=0, le=240)
    resolve_days: dict[Literal["1", "2", "3", "4", "5"], Annotated[int, Field(ge=1, le=366)]] = {
        "1": 3,
        "2": 5,
        "3": 10,
        "4": 15,
        "5": 20,
    }
    workdays: list[str] = []
    days_off: list[str] = []
    rating_days: int = Field(7, ge=1, le=366)
    suspend_days: int = Field(30, ge=1, le=365)


class Leave(_Section):
    approval: bool = True
    longest_days: int = Field(60, ge=1, le=366)


class Assessment(_Section):
    weights: dict[Literal["events", "visits", "base_data"], int] = {"events": 60, "visits": 20, "base_data": 20}
    reported: dict[Literal["A", "B", "C"], int] = {"A": 5, "B": 3, "C": 1}
    self_handled: int = 1
    self_handled_full: int = 40
    beyond_step: int = 3
    rejected: int = 1
    visit: int = 1
    base_data: dict[str, int] = dict(BASE_DATA)
    services: int = 80
    event_short: int = 1
    service_short: int = 1
    unqualified: int = 2
    false: int = 10
    idle_day: int = 2
    false_is_unqualified: bool = False
    beyond_is_effective: bool = True
    unqualified_counts: bool = False
    overdue_is_unqualified: bool = True
    rest_days_exempt: bool = False
    by_days_in_post: bool = True
    public_days: int = Field(PUBLIC_DAYS, ge=1, le=30)


class Exit(_Section):
    pass_score: int = Field(0, ge=-1000, le=1000)
    least_months: int = Field(6, ge=1, le=12)
    objection_days: int = Field(15, ge=1, le=90)


class Notices(_Section):
    chunk: int = Field(200, ge=1, le=1000)
    mass: Literal["off", "first", "last"] = "off"
    approval_above: int = Field(1000, ge=-1, le=100_000_000)
    quiet_hours: str = "21:00-08:00"
    expire_days: int = Field(7, ge=1, le=90)
    keep_days: int = Field(180, ge=1)

    @field_validator("quiet_hours")
    @classmethod
    def _hours(cls, value: str) -> str:
        try:
            Quiet.read(value)
        except ValueError:
            raise ValueError('要写成 "21:00-08:00" 这样，或者留空') from None
        return value


class TrainingSettings(_Section):
    pass_points: int = Field(PASS_POINTS, ge=1, le=FULL_POINTS)
    tries: int = Field(TRIES, ge=1, le=10)
    year_hours: float = Field(YEAR_MINUTES / 60, ge=0, le=1000)


class Board(_Section):
    supervision_phone: str = ""
    duties: list[str] = []
    template: str = ""
    fonts: list[Path] = []


class Privacy(_Section):
    keys: list[SecretStr] = []
    look_days: int = Field(1095, ge=30)


class Limits(_Section):
    messages_per_minute: int = Field(120, ge=1)
    api_per_minute: int = Field(600, ge=1)
    api_per_minute_and_address: int = Field(6000, ge=1)
    sends_per_minute: int = Field(30000, ge=60)
    body_bytes: int = Field(65536, ge=1024)
    photo_bytes: int = Field(10 * 1024 * 1024, ge=1024)
    voice_bytes: int = Field(2 * 1024 * 1024, ge=1024)
    video_bytes: int = Field(20 * 1024 * 1024, ge=1024)
    attachments_at_once: int = Field(9, ge=1, le=50)
    attachments_of_case: int = Field(60, ge=1)
    uploads_waiting: int = Field(30, ge=1)


class Safety(_Section):
    words: Path | None = None
    wechat: bool = False

    @field_validator("words", mode="before")
    @classmethod
    def _none(cls, value: object) -> object:
        return value or None


class Console(_Section):
    session_hours: float = Field(12.0, gt=0, le=168)
    idle_minutes: int = Field(120, ge=5, le=1440)
    wrong_passwords: int = Field(5, ge=1, le=100)
    wrong_passwords_of_address: int = Field(50, ge=1)
    lock_minutes: int = Field(15, ge=1, le=1440)
    one_time_days: int = Field(7, ge=1, le=90)
    second_step: list[Duty] = []

    @field_validator("second_step")
    @classmethod
    def _sign_in(cls, value: list[Duty]) -> list[Duty]:
        if not USES_CONSOLE.issuperset(value):
            raise ValueError("只能写用管理后台的岗位，例如 commander、admin")
        return value


class Sandbox(_Section):
    enabled: bool = False
    port: int = Field(8081, ge=1, le=65535)


class Settings(_Section):
    server: Server = Server()
    data: Data = Data()
    database: Database = Database()
    redis: Redis = Redis()
    wechat: WeChat = WeChat()
    storage: Storage = Storage()
    deadlines: Deadlines = Deadlines()
    leave: Leave = Leave()
    categories: dict[str, int] = dict(MINIMUMS)
    assessment: Assessment = Assessment()
    exit: Exit = Exit()
    notices: Notices = Notices()
    patrol: PatrolSettings = PatrolSettings()
    visits: VisitSettings = VisitSettings()
    training: TrainingSettings = TrainingSettings()
    board: Board = Board()
    privacy: Privacy = Privacy()
    limits: Limits = Limits()
    safety: Safety = Safety()
    console: Console = Console()
    sandbox: Sandbox = Sandbox()


PREFIX = "WANGGE__"


def load(path: Path | None = None, environ: dict[str, str] | None = None) -> Settings:
    """Read the settings. Raises :exc:`SettingsError` with one line for the first thing that is wrong."""
    env = dict(os.environ) if environ is None else environ
    if path is None and "WANGGE_CONFIG" in env:
        path = Path(env["WANGGE_CONFIG"])
        if not path.exists():
            raise SettingsError(f"环境变量 WANGGE_CONFIG 写的文件 {path} 不存在。请改成有的文件，或去掉这个变量。")
    file = path or Path("config.toml")
    values: dict[str, Any] = {}
    if file.exists():
        try:
            values = tomllib.loads(file.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{file} 读不懂，不是合格的 TOML（UTF-8）：{error}。") from None
    _overlay(values, env)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(_first_line(error, file)) from None


def _overlay(values: dict[str, Any], env: dict[str, str]) -> None:
    for name, raw in sorted(env.items()):
        if not name.upper().startswith(PREFIX):
            continue
        keys = name[len(PREFIX) :].lower().split("__")
        text = raw
        if keys[-1].endswith("_file"):
            keys[-1] = keys[-1].removesuffix("_file")
            try:
                text = Path(raw).read_text("utf-8").strip()
            except OSError as error:
                raise SettingsError(f"{name} 写的文件 {raw} 读不了：{error.strerror}。") from None
        place = values
        for key in keys[:-1]:
            place = place.setdefault(key, {})
            if not isinstance(place, dict):
                raise SettingsError(f"{name} 写不进去：{key} 是一个值，下面没有小节。")
        place[keys[-1]] = _parsed(text, place.get(keys[-1]))


def _parsed(text: str, beside: object) -> object:
    """Lists and tables are written as TOML in the environment; anything else is text, which pydantic converts."""
    if text[:1] in "[{" or isinstance(beside, (list, dict)):
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            return text
    return text


def _first_line(error: ValidationError, file: Path) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"没有 {where} 这一项（在 {file} 或环境变量里）。请改对名字，或者去掉它。"
    return f"{where} 的值用不了（在 {file} 或环境变量里）：{why(first)}。"


_WHY = {
    "int_parsing": "要写整数",
    "int_type": "要写整数",
    "int_from_float": "要写整数",
    "float_parsing": "要写数字",
    "float_type": "要写数字",
    "bool_parsing": "要写 true 或 false",
    "bool_type": "要写 true 或 false",
    "string_type": "要写文字，用引号括起来",
    "list_type": '要写成列表，例如 ["一", "二"]',
    "dict_type": "要写成一个小节",
    "model_type": "要写成一个小节",
    "greater_than": "要大于 {gt}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "enum": "只能是 {expected} 之一",
    "literal_error": "只能是 {expected} 之一",
    "string_pattern_mismatch": "格式不对，请照 config.toml 里的例子写",
    "path_type": "要写一个文件夹",
}


def why(error: ErrorDetails) -> str:
    """Why a value does not do, in the words of whoever runs the service; pydantic's own where we have none."""
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    known = _WHY.get(error["type"])
    return known.format(**error.get("ctx", {})) if known is not None else error["msg"]
