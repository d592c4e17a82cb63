"""The template of boards and cards: colours, emblem and wording out of a TOML file, checked before drawing."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any

from PIL import Image, UnidentifiedImageError

DEFAULT = Path(__file__).with_name("board.toml")
LONGEST_WORDS = 60
LARGEST_EMBLEM = 4096
"""Pixels a side: more than any printer shows on a few centimetres."""

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LINES = frozenset({"headline", "card_headline"})
"""What may be broken into lines."""
_PLACES = frozenset({"grid", "village", "town"})
_MAY_HOLD = {
    "title": _PLACES,
    "headline": _PLACES,
    "card_headline": _PLACES,
    "periods": frozenset({"accept", "resolve"}),
}


class BadTemplate(Exception):  # noqa: N818 - a plain fact
    """A template that cannot be used: which file, which line (0: not known), what is wrong (a code), and the value."""

    def __init__(self, file: Path, line: int, key: str, why: str, value: str = "") -> None:
        super().__init__(f"{file}:{line}: {key}: {why} {value}".rstrip())
        self.file = file
        self.line = line
        self.key = key
        self.why = why
        self.value = value


@dataclass(frozen=True, slots=True)
class Look:
    """A template that is right."""

    colours: Mapping[str, str]
    show: Mapping[str, bool]
    words: Mapping[str, Any]
    emblem: Image.Image | None = field(default=None, repr=False)
    emblem_on_code: bool = False

    def say(self, key: str, **facts: str) -> str:
        """The words of *key*, with *facts* where it names them."""
        return str(self.words[key]).format(**facts)

    @property
    def texts(self) -> list[str]:
        """Everything that may be set in type."""
        lines = (text for value in self.words.values() for text in (value if isinstance(value, list) else [value]))
        return [text.replace("\n", "") for text in lines]


def look(file: Path | None = None) -> Look:
    """Read the template *file* on top of the default one. Raises BadTemplate for the first thing that is wrong."""
    values = _read(DEFAULT)
    if file is not None:
        _lay(values, _read(file), file)
    emblem = _emblem(file, values["emblem"]["file"]) if values["emblem"]["file"] else None
    return Look(values["colours"], values["show"], values["words"], emblem, values["emblem"]["on_code"])


def _read(file: Path) -> dict[str, dict[str, Any]]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        raise BadTemplate(file, int(found[1]) if found else 0, "", "no_toml", str(error)) from None
    except UnicodeDecodeError:
        raise BadTemplate(file, 0, "", "no_utf8") from None
    except OSError as error:
        raise BadTemplate(file, 0, "", "unreadable", error.strerror or "") from None


def _lay(values: dict[str, dict[str, Any]], given: Mapping[str, Any], file: Path) -> None:
    lines = file.read_text("utf-8").splitlines()
    for section, entries in given.items():
        if section not in values or not isinstance(entries, dict):
            raise BadTemplate(file, _line(lines, section, ""), section, "unknown_section", "、".join(values))
        for key, value in entries.items():
            known = values[section].get(key)
            at, name = _line(lines, section, key), f"{section}.{key}"
            if known is None:
                raise BadTemplate(file, at, name, "unknown_key", "、".join(values[section]))
            why = _wrong(section, key, value, known)
            if why:
                raise BadTemplate(file, at, name, why, str(value))
            values[section][key] = value


def _wrong(section: str, key: str, value: object, known: object) -> str:
    """What is wrong with a value, as a code; empty where nothing is."""
    if type(value) is not type(known):
        return {bool: "no_bool", list: "no_list"}.get(type(known), "no_text")
    if section == "colours" and not _COLOUR.fullmatch(str(value)):
        return "no_colour"
    if section != "words":
        return ""
    several = isinstance(value, list)
    found = (_bad_words(key, text, several=several) for text in (value if isinstance(value, list) else [value]))
    return next((why for why in found if why), "")


def _bad_words(key: str, text: object, *, several: bool) -> str:
    if not isinstance(text, str):
        return "no_text"
    if len(text) > LONGEST_WORDS:
        return "too_long"
    if not (text.replace("\n", "") if key in _LINES else text).isprintable():
        return "control"
    return "" if several or _fits(text, _MAY_HOLD.get(key, frozenset())) else "unknown_place"


def _fits(text: str, allowed: frozenset[str]) -> bool:
    try:
        parts = [*Formatter().parse(text)]
    except ValueError:
        return False
    return all(name is None or (name in allowed and not spec and not turn) for _, name, spec, turn in parts)


def _line(lines: list[str], section: str, key: str) -> int:
    """Where *key* of *section* stands, by its look; 0 where it is written in some rarer way."""
    inside = False
    for number, line in enumerate(lines, 1):
        bare = line.strip()
        if re.match(rf"\[\s*{re.escape(section)}\s*\]", bare):
            if not key:
                return number
            inside = True
        elif bare.startswith("["):
            inside = False
        elif (inside and re.match(rf"\"?{re.escape(key)}\"?\s*=", bare)) or (
            not key and re.match(rf"\"?{re.escape(section)}\"?\s*=", bare)
        ):
            return number
    return 0


def _emblem(template: Path | None, name: str) -> Image.Image:
    file = (template or DEFAULT).parent / name
    lines = template.read_text("utf-8").splitlines() if template else []
    at = _line(lines, "emblem", "file")
    try:
        with Image.open(file) as image:
            if max(image.size) > LARGEST_EMBLEM:
                raise BadTemplate(template or DEFAULT, at, "emblem.file", "emblem_too_large", name)
            return image.convert("RGBA")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError):
        raise BadTemplate(template or DEFAULT, at, "emblem.file", "no_picture", name) from None
