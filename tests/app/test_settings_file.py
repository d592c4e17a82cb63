"""config.toml: whoever reads it knows every setting there is, its default, and what it is for."""

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from app.settings import Settings, load

FILE = Path(__file__).parents[2] / "config.toml"


def leaves(values: dict[str, Any], model: type[BaseModel]) -> set[str]:
    """The keys of *values* as far down as *model* has sections: ``wechat.official.appid``."""
    found = set()
    for key, value in values.items():
        field = model.model_fields.get(key)
        section = field.annotation if field is not None else None
        if isinstance(section, type) and issubclass(section, BaseModel):
            found |= {f"{key}.{below}" for below in leaves(value, section)}
        else:
            found.add(key)
    return found


def shown(settings: Settings) -> dict[str, Any]:
    def opened(value: object) -> object:
        if isinstance(value, dict):
            return {key: opened(one) for key, one in value.items()}
        return value.get_secret_value() if isinstance(value, SecretStr) else value

    return {key: opened(value) for key, value in settings.model_dump().items()}


def test_the_file_has_every_setting_and_no_other() -> None:
    given = tomllib.loads(FILE.read_text("utf-8"))
    assert leaves(given, Settings) == leaves(Settings().model_dump(), Settings)


def test_what_the_file_says_is_what_holds_without_it() -> None:
    assert shown(load(FILE, {})) == shown(Settings())


def test_every_setting_has_a_comment() -> None:
    lines = FILE.read_text("utf-8").splitlines()
    assert [line for line in lines if re.match(r"\w+ = ", line) and "# " not in line] == []


def test_sections_stand_in_the_order_of_the_code() -> None:
    given = list(tomllib.loads(FILE.read_text("utf-8")))
    assert given == list(Settings.model_fields)
