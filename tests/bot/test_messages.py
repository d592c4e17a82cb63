"""Messages that nobody asked for: whatever the facts are, they can be said, fit WeChat, and name their case."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import messages_assessment, messages_notices, messages_people, refusals
from bot.messages import KINDS, Messages
from domain import errors
from domain.calendar import SHANGHAI
from sandbox.store import Store
from sandbox.templates import Templates
from services import case_news

DUE = datetime(2026, 11, 25, 18, 0, tzinfo=SHANGHAI).isoformat()
FACTS: dict[str, object] = {
    "number": 1024,
    "title": "路灯坏了",
    "status": "accepted",
    "level": 1,
    "unit": "第一网格",
    "grid": "第一网格",
    "holder": "李卫国",
    "urgent": False,
    "accept_due": DUE,
    "resolve_due": DUE,
    "due": DUE,
    "late": False,
    "climbs": DUE,
    "rating": 5,
    "note": "明天去修",
    "said": "text",
    "region": "城西村",
    "text": "明天停水",
    "appealed": False,
    "by": "何队长",
    "person": "李卫国",
    "starts_at": DUE,
    "ends_at": DUE,
    "numbers": [1024, 1025],
    "regions": ["第三网格"],
    "to": ["王秀兰"],
    "count": 2,
    "yours": True,
    "notice": 12,
    "reach": 1200,
    "about": "停水",
    "headline": "停水",
    "url": "https://wangge.example.gov.cn/n/AAAAAAAAAAAAAAAAAAAAAA",
    "more": True,
}
ABOUT_A_CASE = sorted(
    KINDS
    - {"answer", "daily_list", "own_record_decided"}
    - set(messages_people.TEXTS)
    - set(messages_notices.TEXTS)
    - set(messages_assessment.TEXTS)
)
EXTREME = {
    "number": 999_999_999_999_999_999,
    "title": "题" * 60,
    "unit": "武进高新技术产业开发区" * 4,
    "grid": "格" * 60,
    "holder": "😀" * 40,
    "urgent": True,
    "note": "好" * 1000,
    "text": "停" * 600,
    "region": "区" * 60,
    "by": "名" * 60,
    "person": "名" * 60,
    "numbers": [999_999_999_999_999_999] * 30,
    "regions": ["区" * 60] * 30,
    "to": ["名" * 60] * 30,
    "count": 10**18,
    "reason": "因" * 500,
    "answer": "否" * 500,
    "cover": "替" * 60,
    "about": "停" * 60,
    "headline": "停" * 60,
    "url": "https://wangge.example.gov.cn/n/AAAAAAAAAAAAAAAAAAAAAA",
    "more": True,
}
messages = Messages()


@pytest.fixture(scope="module")
def templates() -> Templates:
    return Templates(Store(":memory:"), ())


def fields_fit(templates: Templates, kind: str, facts: dict[str, Any]) -> None:
    fields = messages.fields(kind, facts)
    data = {name: {"value": value} for name, value in fields.items()}
    templates.card({"template_id": "case", "data": data})  # the pretend WeChat's own check
    assert all(len(value.encode("utf-16-le")) <= 40 for value in fields.values()), fields
    assert all("\n" not in value for value in fields.values()), fields


def test_every_kind_that_the_services_owe_has_words() -> None:
    owed = {
        kind
        for table in (case_news._RESIDENT, case_news._NEW_HOLDER, case_news._OLD_HOLDER, case_news._HOLDER)
        for kind in table.values()
    }
    assert (
        owed | case_news.IN_TURNS | {"case_added", "overdue_top", "due_soon", "date_moved", "notice", "answer"} <= KINDS
    )


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_reads_well_with_ordinary_facts(kind: str, templates: Templates) -> None:
    text = messages.text(kind, FACTS)
    assert "None" not in text
    assert text == text.strip()
    assert "\n\n" not in text
    fields_fit(templates, kind, FACTS)


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize(
    "facts", [EXTREME, {**FACTS, **EXTREME}, {}, {"number": 7}], ids=["long", "all", "none", "bare"]
)
def test_every_kind_fits_wechat_with_extreme_facts(kind: str, facts: dict[str, object], templates: Templates) -> None:
    text = messages.text(kind, facts)
    assert 0 < len(text.encode()) <= 2048
    assert "None" not in text
    fields_fit(templates, kind, facts)


def test_the_way_to_a_notices_picture_is_never_cut_off() -> None:
    text = messages.text("notice", EXTREME)
    assert text.endswith(f"：{EXTREME['url']}")
    assert 1900 < len(text.encode()) <= 2048
    assert str(EXTREME["url"]) not in messages.text("notice", {**EXTREME, "more": False})


@pytest.mark.parametrize("kind", ABOUT_A_CASE)
def test_a_message_about_a_case_names_it_in_every_channel(kind: str) -> None:
    for facts in (FACTS, {**FACTS, **EXTREME}):
        name = f"№{facts['number']}"
        assert name in messages.text(kind, facts)
        assert name in messages.fields(kind, facts)["thing1"]


@pytest.mark.parametrize(
    "kind",
    [
        "new_case",
        "resolved",
        "reminded",
        "case_added",
        "came_up",
        "overdue_top",
        "declined",
        "asked_to_help",
        "opinion",
        "due_soon",
    ],
)
def test_what_can_be_done_next_is_never_cut_off(kind: str) -> None:
    last = messages.text(kind, {**FACTS, **EXTREME}).splitlines()[-1]
    assert str(EXTREME["number"]) in last
    assert "回" in last


def test_a_reminder_says_which_step_is_due_and_when_it_is_taken_away() -> None:
    waiting = {**FACTS, "status": "submitted"}
    assert "请在 11月25日（周三）18:00 前受理" in messages.text("due_soon", waiting)
    assert messages.fields("due_soon", waiting)["thing4"] == "11月25日18:00前受理"
    late = {**FACTS, "late": True, "climbs": datetime(2026, 11, 26, 9, 30, tzinfo=SHANGHAI).isoformat()}
    assert "应在 11月25日（周三）18:00 前办结，已经过了" in messages.text("due_soon", late)
    assert "11月26日（周四）09:30 还没办结，会自动转到上一级" in messages.text("due_soon", late)
    assert "上一级" not in messages.text("due_soon", {**late, "climbs": ""})


def test_a_kind_of_a_newer_version_is_told_in_general_words(templates: Templates) -> None:
    assert messages.text("co_handled", FACTS) == "№1024「路灯坏了」有新进展，回“进度”看看办到哪了。"
    fields_fit(templates, "co_handled", FACTS)


_ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=80), st.just(DUE), st.floats())


@given(kind=st.sampled_from(sorted(KINDS)), facts=st.dictionaries(st.sampled_from(sorted(FACTS)), _ANYTHING))
@settings(max_examples=200)
def test_no_facts_make_it_fail(kind: str, facts: dict[str, Any]) -> None:
    assert len(messages.text(kind, facts).encode("utf-8", "replace")) <= 2048
    assert all(0 < len(value.encode("utf-16-le", "replace")) <= 40 for value in messages.fields(kind, facts).values())


_REFUSALS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.Refusal) and kind is not errors.Refusal
]


@given(
    kind=st.sampled_from(_REFUSALS),
    facts=st.dictionaries(
        st.sampled_from(
            ["number", "status", "action", "who", "level", "field", "longest", "has", "region", "why", "to", "known"]
        ),
        st.one_of(
            _ANYTHING,
            st.sampled_from(
                [
                    *refusals._FORBIDDEN,
                    "ambiguous",
                    "rate",
                    "reopen",
                    "accept",
                    "rating",
                    "text",
                    "submitted",
                    "no_grid",
                    "to",
                ]
            ),
        ),
    ),
)
@settings(max_examples=200)
def test_every_refusal_can_be_said_whatever_its_facts(kind: type[errors.Refusal], facts: dict[str, Any]) -> None:
    said = refusals.refused(kind("for the log only", **facts))
    assert said
    assert "for the log only" not in said
    assert "None" not in said or None in facts.values()


def test_a_worker_reads_what_an_inspector_found_and_what_became_of_the_objection() -> None:
    found = {"record_kind": "visit", "record": "7", "verdict": "false", "ground": "", "note": "那天没人上门"}
    assert messages.text("record_checked", found) == (
        "督察看过走访记录 7，判定为虚假记录。\n“那天没人上门”\n觉得不对，可以在小程序里申诉一次。"
    )
    assert messages.text("record_checked", {**found, "verdict": "qualified"}) == "督察看过走访记录 7，没有问题。"
    refused = {"record_kind": "case", "record": "1024", "upheld": False, "answer": "照片确实没有"}
    assert messages.text("objection_decided", refused) == "您对№1024的申诉没有通过。\n“照片确实没有”"


def test_the_list_of_the_day_names_only_what_waits() -> None:
    assert messages.text("daily_list", {"overdue": 2, "today": 0, "records": 1, "cases": 0, "no_track": False}) == (
        "今天要做的：\n· 走访：2 家已经过期，名单请回“走访”\n· 基础数据：1 处居民要求更正，请回“基础数据”"
    )
