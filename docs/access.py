"""``python docs/access.py``: writes ``docs/access.md`` anew: who may do what through the API, to whose row.

The tables (``docs/access_tables.py``) are typed by hand and are the town's rule;
``tests/miniprogram_api/test_access_matrix.py`` asks the running service for every cell. A route that has no line in
``ENDPOINTS`` fails that test.
"""
# ruff: noqa: INP001, T201 - a script beside what it writes, which says so

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from docs.access_decisions import (  # noqa: E402 - only reachable from here on
    ADMISSION_ROWS,
    ADMISSIONS,
    ADMITTED_ROWS,
    APPLICATION_ROWS,
    APPLICATIONS,
    APPLY_ROWS,
    ASKED_ROWS,
    EXIT_ROWS,
    EXITS,
)
from docs.access_field import (  # noqa: E402 - only reachable from here on
    EXEMPT_ROWS,
    EXEMPTS,
    OWN_RECORD_ROWS,
    OWN_RECORDS,
    PATROL_ROWS,
    PATROLS,
    PROPOSED,
    PROPOSED_ROWS,
    RECORD_ROWS,
    RECORDS,
    START_ROWS,
    STARTS,
    SUBJECT_ROWS,
    SUBJECTS,
    TRAINING_ROWS,
    TRAININGS,
)
from docs.access_tables import (  # noqa: E402 - only reachable from here on
    ATTACHMENT_ROWS,
    CASE_ROWS,
    CASES,
    CHECK_ROWS,
    CHECKED_ROWS,
    CHECKS,
    HELD,
    HELD_ROWS,
    LEAVE_ROWS,
    LEAVES,
    LIVE_THERE,
    MEDIA,
    MEDIA_ROWS,
    NOTICE_OVER,
    NOTICE_REGIONS,
    NOTICE_ROWS,
    NOTICE_STEPS,
    NOTICES,
    OBJECTED_ROWS,
    OFF_DUTY,
    OWN_ROWS,
    POLL_ROWS,
    SCORE_ROWS,
    SCORES,
    TOLD_ROWS,
    TYPE_ROWS,
    VACANCIES,
    VACANCY_ROWS,
    VISIT_ROWS,
    VISITS,
    WHO,
)
from miniprogram_api.api import ROUTES  # noqa: E402

PAGE = HERE / "access.md"

DONE, REFUSED, HIDDEN, STRANGER, NONE = "✓", "✗", "·", "🔑", " "

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


_HELD = frozenset({"held"})
_OVER = frozenset({"follower"})
_ACCEPTED = frozenset({"helped", "follower"})
_NOT_ASKED = frozenset(NOTICE_ROWS) - {"awaiting"}
_MERGE = "`merge` of one that they work into it"


def _action(call: str, done: str, shut: frozenset[str]) -> Endpoint:
    return Endpoint("act_on_case", CASE_ROWS, done, "owvhm", f"`{call}`", shut)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("show_case", CASE_ROWS, "owvhm"),
    Endpoint("list_cases", CASE_ROWS, "owvh", listed=True),
    Endpoint("show_queue", CASE_ROWS, "wq", listed=True),
    Endpoint("add_to_case", CASE_ROWS, "o", "wvhm"),
    _action("accept", "wv", _ACCEPTED | _HELD),
    _action("reply", "wvH", _OVER | _HELD),
    _action("withdraw", "o", _OVER),
    Endpoint(
        "act_on_case",
        CASE_ROWS,
        "owvhm",
        call=_MERGE,
        shut=frozenset({"follower", "complaint", "held"}),
        needs_work=True,
    ),
    Endpoint("suggest_event_types", CASE_ROWS, "wvm", "oh"),
    Endpoint("classify_case", CASE_ROWS, "wvm", "oh", shut=_OVER | _HELD),
    Endpoint("list_held", HELD_ROWS, "t", listed=True),
    Endpoint("decide_held", HELD_ROWS, "t", "os", "`release`"),
    Endpoint("decide_held", HELD_ROWS, "t", "os", "a refusal"),
    Endpoint("list_held_media", MEDIA_ROWS, "t", listed=True),
    Endpoint("decide_held_medium", MEDIA_ROWS, "t", call="`show`"),
    Endpoint("decide_held_medium", MEDIA_ROWS, "t", call="a refusal"),
    Endpoint("announce_attachment", {"own": "their own"}, "o"),
    Endpoint("show_attachment", CASE_ROWS, "owvhm", call="of a case"),
    Endpoint("show_attachment", ATTACHMENT_ROWS, "os", call="of none, or not for everybody"),
    Endpoint("list_notices", NOTICE_ROWS, "r", listed=True),
    Endpoint("list_managed_notices", NOTICE_ROWS, "ac", listed=True),
    Endpoint("compose_notice", NOTICE_REGIONS, "c"),
    Endpoint("estimate_notice", NOTICE_REGIONS, "c"),
    Endpoint("show_notice", NOTICE_ROWS, "ac"),
    Endpoint("act_on_notice", NOTICE_STEPS, "a", "c", "`send`", frozenset({"own_asked"})),
    Endpoint("act_on_notice", NOTICE_STEPS, "a", "c", "`show_me`", frozenset({"own_asked"})),
    Endpoint("act_on_notice", NOTICE_STEPS, "c", "a", "`approve`", _NOT_ASKED),
    Endpoint("act_on_notice", NOTICE_STEPS, "c", "a", "`pause`", frozenset({"awaiting"})),
    Endpoint("act_on_notice", NOTICE_STEPS, "ac", call="`recall`", shut=frozenset({"awaiting"})),
    Endpoint("notice_figures", NOTICE_OVER, "ac"),
    Endpoint("notice_live", NOTICE_OVER, "ac"),
    Endpoint("notice_report", NOTICE_OVER, "ac"),
    Endpoint("notice_report_csv", NOTICE_OVER, "ac"),
    Endpoint("list_not_reached", VISIT_ROWS, "t", listed=True),
    Endpoint("record_visits", VISIT_ROWS, "t"),
    Endpoint("list_told_in_person", TOLD_ROWS, "t", listed=True),
    Endpoint("show_attachment", TOLD_ROWS, "t", call="of somebody told in person"),
    Endpoint("list_polls", POLL_ROWS, "lrc", listed=True),
    Endpoint("ask_poll", NOTICE_REGIONS, "c"),
    Endpoint("vote", POLL_ROWS, "l", "rc"),
    Endpoint("act_on_poll", POLL_ROWS, "c", call="`close`"),
    Endpoint("act_on_poll", POLL_ROWS, "c", call="`withdraw`"),
    Endpoint("start_patrol", START_ROWS, "p", "-"),
    Endpoint("list_patrols", PATROL_ROWS, "os", listed=True),
    Endpoint("show_patrol", PATROL_ROWS, "os"),
    Endpoint("add_patrol_points", PATROL_ROWS, "o"),
    Endpoint("end_patrol", PATROL_ROWS, "o"),
    Endpoint("show_patrol_week", {"own": "their own"}, "o"),
    Endpoint("exempt_day", EXEMPT_ROWS, "e"),
    Endpoint("list_exempt_days", {"own": "of where they serve"}, "o"),
    Endpoint("set_boundary", EXEMPT_ROWS, "e"),
    Endpoint("list_due_visits", SUBJECT_ROWS, "vs", listed=True),
    Endpoint("record_visit", SUBJECT_ROWS, "v", "s"),
    Endpoint("list_visits", SUBJECT_ROWS, "vs", listed=True),
    Endpoint("add_subject", SUBJECT_ROWS, "v", "s"),
    Endpoint("list_subjects", SUBJECT_ROWS, "vs", listed=True),
    Endpoint("show_subject", SUBJECT_ROWS, "vs"),
    Endpoint("end_subject", SUBJECT_ROWS, "v", "s"),
    Endpoint("list_trainings", TRAINING_ROWS, "t", listed=True),
    Endpoint("show_training", TRAINING_ROWS, "t"),
    Endpoint("start_training", TRAINING_ROWS, "t"),
    Endpoint("answer_training", TRAINING_ROWS, "t"),
    Endpoint("list_records", RECORD_ROWS, "k", listed=True),
    Endpoint("add_record", RECORD_ROWS, "k"),
    Endpoint("look_at_record", RECORD_ROWS, "k"),
    Endpoint("change_record", RECORD_ROWS, "k"),
    Endpoint("show_record_history", RECORD_ROWS, "k"),
    Endpoint("list_proposed_records", PROPOSED_ROWS, "k", listed=True),
    Endpoint("decide_proposed_record", PROPOSED_ROWS, "k"),
    Endpoint("list_my_records", {"own": "their own"}, "o"),
    Endpoint("propose_record", OWN_RECORD_ROWS, "o"),
    Endpoint("withdraw_from_record", OWN_RECORD_ROWS, "o"),
    Endpoint("ask_for_leave", {"own": "their own"}, "o", "-"),
    Endpoint("list_my_leaves", LEAVE_ROWS, "o", listed=True),
    Endpoint("end_leave", LEAVE_ROWS, "o"),
    Endpoint("list_asked_leaves", LEAVE_ROWS, "a", listed=True),
    Endpoint("decide_leave", LEAVE_ROWS, "a"),
    Endpoint("list_vacancies", VACANCY_ROWS, "s", listed=True),
    Endpoint("list_proposed_event_types", TYPE_ROWS, "pd", "-"),
    Endpoint("propose_event_type", {"own": "their own proposal"}, "pd", "-"),
    Endpoint("decide_event_type", TYPE_ROWS, "d", "p-"),
    Endpoint("show_my_score", {"own": "their own"}, "w", "-"),
    Endpoint("list_scores", SCORE_ROWS, "s", ".", listed=True),
    Endpoint("check_record", CHECKED_ROWS, "bc", "od."),
    Endpoint("list_spot_checks", CHECK_ROWS, "obd", listed=True),
    Endpoint("object_to_check", CHECK_ROWS, "o", shut=frozenset({"given"})),
    Endpoint("list_objections", OBJECTED_ROWS, "d", listed=True),
    Endpoint("decide_objection", OBJECTED_ROWS, "d", "b"),
    Endpoint("list_awards", {"own": "everybody's"}, "o"),
    Endpoint("object_to_award", {"own": "everybody's"}, "o"),
    Endpoint("list_admissions", ADMISSION_ROWS, "dos", listed=True),
    Endpoint("ask_admission", {"own": "their department's own work"}, "o", "-"),
    Endpoint("move_admission", ASKED_ROWS, "d", "o", "`review`"),
    Endpoint("move_admission", ADMITTED_ROWS, "do", "s", "`end`"),
    Endpoint("list_award_applications", APPLICATION_ROWS, "obd", listed=True),
    Endpoint("apply_for_award", APPLY_ROWS, "ob"),
    Endpoint("show_my_exit", {"own": "their own"}, "o"),
    Endpoint("object_to_exit", EXIT_ROWS, "o"),
    Endpoint("show_me", {"own": "their own"}, "o"),
    Endpoint("bind_me", {"own": "their own"}, "o"),
    Endpoint("list_subscriptions", {"own": "their own"}, "o"),
    Endpoint("agree_to_messages", {"own": "their own"}, "o"),
    Endpoint("show_work_log", OWN_ROWS, "o", listed=True),
    Endpoint("add_work_note", {"own": "their own"}, "o", "-"),
    Endpoint("delete_work_note", OWN_ROWS, "o"),
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
    Endpoint("file_finding", {"own": "their own"}, "o", "-"),
    Endpoint("sign_in", {"own": "their own"}, "o"),
    Endpoint("show_grid", {"own": "everybody's"}, "o"),
    Endpoint("public_statistics", {"own": "everybody's"}, "o"),
    Endpoint("list_event_types", {"own": "everybody's"}, "o"),
)

_BY_NAME = {route.name: route for route in ROUTES}


def _read(table: str) -> dict[tuple[str, str], str]:
    head, *lines = [line.split() for line in table.strip().splitlines()]
    return {(line[0], row): cell for line in lines for row, cell in zip(head[1:], line[1:], strict=True)}


_NOTICES = _read(NOTICES)
_TABLES = {
    id(CASE_ROWS): _read(CASES),
    id(HELD_ROWS): _read(HELD),
    **dict.fromkeys((id(NOTICE_ROWS), id(NOTICE_REGIONS), id(NOTICE_STEPS)), _NOTICES),
    id(NOTICE_OVER): {
        (who, row): _NOTICES[who, row.removesuffix("_over")] for who, _ in _NOTICES for row in NOTICE_OVER
    },
    id(POLL_ROWS): {
        (who, row): "l" if who in LIVE_THERE and "r" in given else given
        for (who, row), given in _NOTICES.items()
        if row in POLL_ROWS
    },
    id(MEDIA_ROWS): _read(MEDIA),
    id(VISIT_ROWS): _read(VISITS),
    id(TOLD_ROWS): {(who, f"{row}_told"): given for (who, row), given in _read(VISITS).items()},
    id(LEAVE_ROWS): _read(LEAVES),
    id(VACANCY_ROWS): _read(VACANCIES),
    id(PATROL_ROWS): _read(PATROLS),
    id(START_ROWS): _read(STARTS),
    id(SUBJECT_ROWS): _read(SUBJECTS),
    id(TRAINING_ROWS): _read(TRAININGS),
    id(EXEMPT_ROWS): _read(EXEMPTS),
    id(RECORD_ROWS): _read(RECORDS),
    id(OWN_RECORD_ROWS): _read(OWN_RECORDS),
    id(PROPOSED_ROWS): _read(PROPOSED),
    id(SCORE_ROWS): _read(SCORES),
    **dict.fromkeys((id(ADMISSION_ROWS), id(ASKED_ROWS), id(ADMITTED_ROWS)), _read(ADMISSIONS)),
    **dict.fromkeys((id(APPLICATION_ROWS), id(APPLY_ROWS)), _read(APPLICATIONS)),
    id(EXIT_ROWS): _read(EXITS),
    **dict.fromkeys((id(CHECK_ROWS), id(CHECKED_ROWS), id(OBJECTED_ROWS)), _read(CHECKS)),
}


def letters(endpoint: Endpoint, who: str, row: str) -> str:
    """What *who* is to *row*: letters of the table; "." is a stranger to it."""
    table = _TABLES.get(id(endpoint.rows))
    if table is not None:
        given = table.get((who, row), "o" if row == "own" else ".")
    elif endpoint.rows is TYPE_ROWS or endpoint.route == "propose_event_type":
        given = "d" if who in _KEEPS else "p" if who in _PROPOSES else "-"
        given = "p" if given == "d" and row == "own" and endpoint.route == "decide_event_type" else given
    elif row == "inside":  # who may read the words may see what came with them
        given = "s" if set(_TABLES[id(CASE_ROWS)][who, "grid"]) & set("wv") else "."
    else:
        given = "o" if row == "own" else "x"
    if endpoint.route == "show_my_score":
        given = "w" if who in {"worker", "beside"} else "-"
    if endpoint.route == "ask_admission":
        given = "o" if who == "department" else "-"
    if endpoint.route == "delete_me" and who in OFF_DUTY:
        given = "e"  # whoever holds a duty ends that first
    # A leave is for whoever has a duty to be absent from, and so is a log of what was done in it.
    return "-" if endpoint.route in {"ask_for_leave", "add_work_note", "file_finding"} and who in OFF_DUTY else given


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
    if row == "held" and endpoint.route == "show_queue":
        given = given.replace("w", "")  # it waits in the list of what is held, and in its holder's own queue
    shut = endpoint.shut | ({works(who)} if endpoint.needs_work else set())
    if row not in shut and set(given) & set(endpoint.done):
        return DONE
    return REFUSED if set(given) & set(endpoint.done + endpoint.refused) - {"H"} else HIDDEN


def works(who: str) -> str:
    """A case that *who* works, to try a merge with; empty for whoever works none."""
    cases = _TABLES[id(CASE_ROWS)].items()
    return next((row for (one, row), given in cases if one == who and "w" in given and row != "held"), "")


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
