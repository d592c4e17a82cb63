"""Courses out of a TOML, JSON or CSV file, and lists of attendees: what may stand in them, and what is wrong."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain import training as rules
from domain.duty import Duty
from domain.errors import BadInput
from domain.training import LETTERS, Ask, Course, Form, Question
from services import phones
from services.imports_table import Problem, Row, shown
from services.imports_table import read as read_table

COLUMNS = ("code",)
OPTIONAL = (
    *("title", "hours", "form", "duties", "from", "until", "compulsory", "induction", "link", "text"),
    *("question", "a", "b", "c", "d", "e", "f", "g", "h", "right", "points"),
)
_YES, _NO = frozenset({"1", "yes", "true", "是"}), frozenset({"", "0", "no", "false", "否"})
_FORMS = {"": Form.ONLINE, "online": Form.ONLINE, "线上": Form.ONLINE}
_FORMS |= {"classroom": Form.CLASSROOM, "面授": Form.CLASSROOM, "线下": Form.CLASSROOM}
_DUTIES = {str(one): one for one in Duty}
_FIELDS = frozenset(OPTIONAL[:10]) - {"text"} | {"code", "pages", "questions"}


@dataclass(frozen=True, slots=True)
class _Given:
    """A course as a file has it; *line* is where it begins, or which one of the file it is."""

    line: int
    said: Mapping[str, Any]


def read(file: str, data: bytes, today: date) -> tuple[list[Course], list[Problem]]:
    """The courses in *data*, whose kind the name of *file* tells, and everything that is wrong with them."""
    problems: list[Problem] = []
    given = _structured(file, data, problems) if file.endswith((".toml", ".json")) else _tabled(file, data, problems)
    courses: list[Course] = []
    first: dict[str, int] = {}
    for one in given:
        try:
            course = _course(one.said, today)
            rules.check(course)
        except BadInput as wrong:
            facts = {"course": shown(str(one.said.get("code", ""))), **wrong.facts}
            problems.append(Problem(file, one.line, "", f"course_{facts.pop('field')}", facts))
            continue
        line = first.setdefault(course.code, one.line)
        if line != one.line:
            problems.append(Problem(file, one.line, "code", "repeated_code", {"value": course.code, "first": line}))
        courses.append(course)
    if not given and not problems:
        problems.append(Problem(file, 0, "", "no_courses"))
    return courses, problems


def _structured(file: str, data: bytes, problems: list[Problem]) -> list[_Given]:
    try:
        text = data.decode("utf-8-sig")
        found = tomllib.loads(text) if file.endswith(".toml") else json.loads(text)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        problems.append(Problem(file, 0, "", "not_a_file", {"why": shown(str(error))}))
        return []
    courses = found.get("course") if isinstance(found, dict) else found
    if not isinstance(courses, list) or not all(isinstance(one, dict) for one in courses):
        problems.append(Problem(file, 0, "", "no_courses"))
        return []
    return [_Given(number, one) for number, one in enumerate(courses, 1)]


def _tabled(file: str, data: bytes, problems: list[Problem]) -> list[_Given]:
    table = read_table(file, data, COLUMNS, OPTIONAL, dates=("from", "until"))
    problems += table.problems
    found: dict[str, tuple[int, dict[str, Any]]] = {}
    for row in table.sound_rows:
        cells = row.cells
        said = found.setdefault(cells["code"], (row.line, {"code": cells["code"], "pages": [], "questions": []}))[1]
        for name in OPTIONAL[:9]:
            if cells.get(name) and not said.get(name):
                said[name] = cells[name]
        if cells.get("text"):
            said["pages"].append(cells["text"])
        if cells.get("question"):
            said["questions"].append(_question_row(row))
    return [_Given(line, said) for line, said in found.values()]


def _question_row(row: Row) -> dict[str, Any]:
    cells = row.cells
    options = [cells[letter] for letter in "abcdefgh" if cells.get(letter)]
    return {
        "text": cells["question"],
        "options": options,
        "right": cells.get("right", ""),
        "points": cells.get("points"),
    }


def _course(said: Mapping[str, Any], today: date) -> Course:
    for name in said:
        if name not in _FIELDS:
            raise BadInput("this is no field of a course", field="unknown", name=shown(str(name)))
    form = _FORMS.get(str(said.get("form", "")).strip())
    if form is None:
        raise BadInput("form is online or classroom", field="form")
    return Course(
        code=_text(said, "code"),
        title=_text(said, "title"),
        minutes=_minutes(said.get("hours")),
        form=form,
        duties=_duties(said.get("duties")),
        first_day=_day(said.get("from"), "from") or today,
        last_day=_day(said.get("until"), "until"),
        compulsory=_yes(said.get("compulsory"), "compulsory"),
        induction=_yes(said.get("induction"), "induction"),
        pages=tuple(_texts(said.get("pages", []), "pages")),
        link=_text(said, "link"),
        questions=tuple(_question(one, number) for number, one in enumerate(_list(said.get("questions", [])), 1)),
    )


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name, "")
    if not isinstance(value, str) or "\0" in value:
        raise BadInput("this is a text", field=name)
    return " ".join(value.split())


def _texts(value: Any, name: str, **facts: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) and "\0" not in one for one in value):
        raise BadInput("this is a list of texts", field=name, **facts)
    return [one.strip() for one in value]


def _list(value: Any) -> Sequence[Any]:
    if not isinstance(value, list):
        raise BadInput("questions are a list", field="questions")
    return value


def _minutes(value: Any) -> int:
    try:
        minutes = round(float(value) * 60) if not isinstance(value, bool) else 0
    except (TypeError, ValueError, OverflowError):
        minutes = 0
    return minutes  # domain.training.check refuses nothing and too much


def _duties(value: Any) -> frozenset[Duty]:
    names = value.replace("、", " ").replace(";", " ").split() if isinstance(value, str) else value or []
    unknown = [str(one) for one in names if one not in _DUTIES] if isinstance(names, list) else [str(names)]
    if unknown:
        raise BadInput("this is no duty", field="duties")
    return frozenset(_DUTIES[one] for one in names)


def _day(value: Any, name: str) -> date | None:
    if value in (None, ""):
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise BadInput("a day is written like 2027-03-05", field=name) from None


def _yes(value: Any, name: str) -> bool:
    said = str(value if value is not None else "").strip().casefold()
    if said not in _YES | _NO:
        raise BadInput("say yes or no", field=name)
    return said in _YES


def _question(one: Any, number: int) -> Question:
    if not isinstance(one, dict):
        raise BadInput("a question is a table", field="questions", question=number)
    letters = one.get("right", "")
    letters = letters.upper() if isinstance(letters, str) else ""
    right = frozenset(LETTERS.find(letter) + 1 for letter in letters if letter not in " ,，、")
    given = one.get("points")
    points = int(given) if isinstance(given, (int, str)) and str(given).isascii() and str(given).isdecimal() else 0
    multiple = len(right) > 1 or str(one.get("ask", "")) in {"multiple", "多选"}
    return Question(
        ask=Ask.MULTIPLE if multiple else Ask.SINGLE,
        text=_text(one, "text"),
        options=tuple(_texts(one.get("options", []), "options", question=number)),
        right=right,
        points=points,
    )


def attendees(file: str, data: bytes) -> tuple[list[tuple[str, str]], list[Problem]]:
    """Name and phone of everybody in a CSV with ``name,phone``, each phone once; and what is wrong."""
    table = read_table(file, data, ("name", "phone"))
    found: dict[str, str] = {}
    for row in table.sound_rows:
        number = phones.plain(row.cells["phone"])
        if not row.cells["name"]:
            table.complain(row.line, "name", "empty")
        elif number is None:
            table.complain(row.line, "phone", "bad_phone", phone=shown(phones.masked(row.cells["phone"])))
        else:
            found.setdefault(number, row.cells["name"])
    return [(name, phone) for phone, name in found.items()], table.problems
