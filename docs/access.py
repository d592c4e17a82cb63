"""``python docs/access.py``: writes ``docs/access.md`` anew: who may do what through the API, to whose row.

The tables below are typed by hand and are the town's rule; ``tests/miniprogram_api/test_access_matrix.py`` asks the
running service for every cell. A route that has no line in ``ENDPOINTS`` fails that test.
"""
# ruff: noqa: INP001, T201 - a script beside what it writes, which says so

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from miniprogram_api.api import ROUTES  # noqa: E402 - only reachable from here on

PAGE = HERE / "access.md"

DONE, REFUSED, HIDDEN, STRANGER, NONE = "✓", "✗", "·", "🔑", " "

# Two towns of one county: A with the village 1 (grids 1 and 2) and the village 2 (grid 3), and B with grid 4.
WHO: Mapping[str, str] = {
    "stranger": "nobody: without a sign-in",
    "filer": "the resident of grid 1 who filed them all",
    "neighbour": "another resident of grid 1",
    "volunteer": "volunteer of grid 1",
    "part_time": "part-time worker of grid 1",
    "worker": "grid worker of grid 1",
    "beside": "grid worker of grid 2, who covers grid 1",
    "grid_chief": "grid chief of grid 1",
    "chief": "grid chief of village 1",
    "village_liaison": "liaison of village 1",
    "secretary": "village secretary of village 1",
    "village_agent": "village agent of village 1",
    "liaison": "liaison of town A",
    "commander": "commander of town A",
    "agent": "town agent of town A",
    "officer": "department officer of town A as a whole",
    "department": "department officer of a department of town A",
    "inspector": "inspector of town A",
    "admin": "administrator of town A",
    "county": "commander of the county",
    "county_inspector": "inspector of the county",
    "city": "town agent of the city",
    "commander_b": "commander of town B",
    "inspector_b": "inspector of town B",
    "left": "was grid worker of grid 1 until yesterday",
}

CASE_ROWS: Mapping[str, str] = {
    "own": "filed by themselves, in grid 4",
    "grid": "of grid 1",
    "next_grid": "of grid 2",
    "village_2": "of grid 3",
    "town_b": "of grid 4",
    "raised": "of grid 1, reported up to village 1",
    "given": "of grid 1, dispatched to the department",
    "helped": "of grid 3, co-handled by grid 1 and the department",
    "complaint": "a complaint about the case of grid 1",
    "follower": "of grid 3, merged into the one of grid 1",
}

# o filed it · w works it or its queue · v oversees it · h was asked to co-handle it · m works what it was merged into
CASES = """
who              own grid next_grid village_2 town_b raised given helped complaint follower
filer            o   o    o         o         o      o      o     o      o         o
neighbour        o   .    .         .         .      .      .     .      .         .
volunteer        o   .    .         .         .      .      .     .      .         .
part_time        o   .    .         .         .      .      .     .      .         .
worker           o   w    .         .         .      v      v     h      .         m
beside           o   .    w         .         .      .      .     .      .         .
grid_chief       o   w    .         .         .      v      v     .      .         m
chief            o   v    v         .         .      w      v     .      .         m
village_liaison  o   v    v         .         .      v      v     .      .         m
secretary        o   v    v         .         .      w      v     .      .         m
village_agent    o   v    v         .         .      w      v     .      .         m
liaison          o   v    v         v         .      v      v     v      .         v
commander        o   v    v         v         .      v      v     v      .         v
agent            o   v    v         v         .      v      v     v      .         v
officer          o   v    v         v         .      v      v     v      .         v
department       o   .    .         .         .      .      w     h      .         .
inspector        o   .    .         .         .      .      .     .      w         .
admin            o   .    .         .         .      .      .     .      .         .
county           ov  v    v         v         v      v      v     v      .         v
county_inspector o   .    .         .         .      .      .     .      v         .
city             ov  v    v         v         v      v      v     v      .         v
commander_b      ov  .    .         .         v      .      .     .      .         .
inspector_b      o   .    .         .         .      .      .     .      .         .
left             o   .    .         .         .      .      .     .      .         .
"""

LEAVE_ROWS: Mapping[str, str] = {
    "own": "their own",
    "grid": "of the worker of grid 1",
    "next_grid": "of the worker of grid 2",
    "village_2": "of the worker of grid 3",
    "town_b": "of the worker of grid 4",
    "secretary": "of the secretary of village 1",
}

# o is on leave · a may answer
LEAVES = """
who              own grid next_grid village_2 town_b secretary
worker           o   o    .         .         .      .
beside           o   .    o         .         .      .
secretary        o   a    a         .         .      o
chief            o   a    a         .         .      .
village_agent    o   a    a         .         .      .
commander        o   a    a         a         .      a
agent            o   a    a         a         .      a
officer          o   a    a         a         .      a
county           o   a    a         a         a      a
city             o   a    a         a         a      a
commander_b      o   .    .         .         a      .
"""
OFF_DUTY = frozenset({"filer", "neighbour", "left"})
"""Holds no duty, so has no leave either."""

VACANCY_ROWS: Mapping[str, str] = {"village_1": "a grid of village 1", "town_b": "a grid of town B"}
VACANCIES = """
who              village_1 town_b
chief            s         .
secretary        s         .
village_agent    s         .
commander        s         .
agent            s         .
officer          s         .
county           s         s
city             s         s
commander_b      .         s
"""

OWN_ROWS: Mapping[str, str] = {"own": "their own", "other": "somebody else's"}
TYPE_ROWS: Mapping[str, str] = {"own": "their own proposal", "other": "somebody else's proposal"}
_KEEPS = {"commander", "commander_b", "county", "admin"}
_PROPOSES = _KEEPS | {"agent", "city", "village_agent", "officer", "department"}


class Endpoint(NamedTuple):
    """What comes of a call. ``done`` and ``refused`` are letters of the table; whoever has none does not find it."""

    route: str
    rows: Mapping[str, str]
    done: str = ""
    refused: str = ""
    call: str = ""
    """What is sent, where one route is several calls."""
    shut: frozenset[str] = frozenset()
    """Rows whose state allows it to nobody."""
    listed: bool = False
    """A list: what is hidden is not in it."""
    needs_work: bool = False
    """Only whoever works a case can try."""


_OVER = frozenset({"follower"})
_ACCEPTED = frozenset({"helped", "follower"})
_MERGE = "`merge` of one that they work into it"


def _action(call: str, done: str, shut: frozenset[str]) -> Endpoint:
    return Endpoint("act_on_case", CASE_ROWS, done, "owvhm", f"`{call}`", shut)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("show_case", CASE_ROWS, "owvhm"),
    Endpoint("list_cases", CASE_ROWS, "owvh", listed=True),
    Endpoint("show_queue", CASE_ROWS, "w", listed=True),
    Endpoint("add_to_case", CASE_ROWS, "o", "wvhm"),
    _action("accept", "wv", _ACCEPTED),
    _action("reply", "wvH", _OVER),
    _action("withdraw", "o", _OVER),
    Endpoint(
        "act_on_case", CASE_ROWS, "owvhm", call=_MERGE, shut=frozenset({"follower", "complaint"}), needs_work=True
    ),
    Endpoint("suggest_event_types", CASE_ROWS, "wvm", "oh"),
    Endpoint("classify_case", CASE_ROWS, "wvm", "oh", shut=_OVER),
    Endpoint("ask_for_leave", {"own": "their own"}, "o", "-"),
    Endpoint("list_my_leaves", LEAVE_ROWS, "o", listed=True),
    Endpoint("end_leave", LEAVE_ROWS, "o"),
    Endpoint("list_asked_leaves", LEAVE_ROWS, "a", listed=True),
    Endpoint("decide_leave", LEAVE_ROWS, "a"),
    Endpoint("list_vacancies", VACANCY_ROWS, "s", listed=True),
    Endpoint("list_proposed_event_types", TYPE_ROWS, "pd", "-"),
    Endpoint("propose_event_type", {"own": "their own proposal"}, "pd", "-"),
    Endpoint("decide_event_type", TYPE_ROWS, "d", "p-"),
    Endpoint("show_me", {"own": "their own"}, "o"),
    Endpoint("bind_me", {"own": "their own"}, "o"),
    Endpoint("list_filters", OWN_ROWS, "o", listed=True),
    Endpoint("save_filter", OWN_ROWS, "ox"),
    Endpoint("delete_filter", OWN_ROWS, "o"),
    Endpoint("tell_phone", {"own": "their own"}, "o"),
    Endpoint("show_my_data", {"own": "their own"}, "o"),
    Endpoint("delete_me", {"own": "their own"}, "e", "o"),
    Endpoint("list_sessions", OWN_ROWS, "o", listed=True),
    Endpoint("end_session", OWN_ROWS, "o"),
    Endpoint("look_at_phone", CASE_ROWS, "w", "ovhm"),
    Endpoint("sign_out", {"own": "their own"}, "o"),
    Endpoint("file_case", {"own": "their own"}, "o"),
    Endpoint("sign_in", {"own": "their own"}, "o"),
    Endpoint("show_grid", {"own": "everybody's"}, "o"),
    Endpoint("list_event_types", {"own": "everybody's"}, "o"),
)

_BY_NAME = {route.name: route for route in ROUTES}


def _read(table: str) -> dict[tuple[str, str], str]:
    head, *lines = [line.split() for line in table.strip().splitlines()]
    return {(line[0], row): cell for line in lines for row, cell in zip(head[1:], line[1:], strict=True)}


_TABLES = {id(CASE_ROWS): _read(CASES), id(LEAVE_ROWS): _read(LEAVES), id(VACANCY_ROWS): _read(VACANCIES)}


def letters(endpoint: Endpoint, who: str, row: str) -> str:
    """What *who* is to *row*: letters of the table; "." is a stranger to it."""
    table = _TABLES.get(id(endpoint.rows))
    if table is not None:
        given = table.get((who, row), "o" if row == "own" else ".")
    elif endpoint.rows is TYPE_ROWS or endpoint.route == "propose_event_type":
        given = "d" if who in _KEEPS else "p" if who in _PROPOSES else "-"
        given = "p" if given == "d" and row == "own" and endpoint.route == "decide_event_type" else given
    else:
        given = "o" if row == "own" else "x"
    if endpoint.route == "delete_me" and who in OFF_DUTY:
        given = "e"  # whoever holds a duty ends that first
    # A leave is for whoever has a duty to be absent from.
    return "-" if endpoint.route == "ask_for_leave" and who in OFF_DUTY else given


def cell(endpoint: Endpoint, who: str, row: str) -> str:
    """One of :data:`DONE`, :data:`REFUSED`, :data:`HIDDEN`, :data:`STRANGER`, :data:`NONE`."""
    if who == "stranger":
        return STRANGER if _BY_NAME[endpoint.route].signed_in else DONE
    given = letters(endpoint, who, row)
    if endpoint.needs_work and (row == "own" or not works(who)):
        return NONE
    if row == "own" and endpoint.rows is LEAVE_ROWS and who in OFF_DUTY:
        return NONE
    if row == "helped" and endpoint.call == "`reply`":
        given = given.replace("h", "H")  # once it is accepted, whoever was asked for help says something to it
    shut = endpoint.shut | ({works(who)} if endpoint.needs_work else set())
    if row not in shut and set(given) & set(endpoint.done):
        return DONE
    return REFUSED if set(given) & set(endpoint.done + endpoint.refused) - {"H"} else HIDDEN


def works(who: str) -> str:
    """A case that *who* works, to try a merge with; empty for whoever works none."""
    return next((row for (one, row), given in _TABLES[id(CASE_ROWS)].items() if one == who and "w" in given), "")


_HEAD = f"""# Who may do what, to whose row

Every call of the mini-program API, for every duty, for every row that it could be about. Made by
`python docs/access.py`; a test asks the running service for each of these cells, and fails when a route has no line.

Two towns of one county: town A with village 1 (grids 1 and 2) and village 2 (grid 3), and town B with grid 4.

- **{DONE}** it is done, or the row is in the list.
- **{REFUSED}** they may see the row, or know that it is there, but this is not theirs to do, or not possible now.
- **{HIDDEN}** they do not find it. The answer is, byte for byte, the one for what does not exist; a list is without it.
- **{STRANGER}** `not_signed_in`, whatever the row. An empty cell: there is nothing to try.
"""


def page() -> str:
    """The whole document."""
    who = ["| who | |", "| --- | --- |", *(f"| {name} | {said} |" for name, said in WHO.items())]
    return "\n".join([_HEAD, *who, "", *_sections()])


def _sections() -> Iterator[str]:
    """A table for each set of calls that are answered alike."""
    alike: dict[tuple[str, ...], list[Endpoint]] = {}
    for endpoint in ENDPOINTS:
        alike.setdefault((*endpoint.rows.values(), *_lines(endpoint)), []).append(endpoint)
    for together in alike.values():
        for endpoint in together:
            route = _BY_NAME[endpoint.route]
            yield f"## {route.method} {route.path}{' · ' + endpoint.call if endpoint.call else ''}"
        yield ""
        rows = together[0].rows
        yield "| | " + " | ".join(rows.values()) + " |"
        yield "| --- |" + " :---: |" * len(rows)
        yield from _lines(together[0])
        yield ""


def _lines(endpoint: Endpoint) -> list[str]:
    return [f"| {who} | " + " | ".join(cell(endpoint, who, row) for row in endpoint.rows) + " |" for who in WHO]


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    print(f"written: {PAGE.name}")
