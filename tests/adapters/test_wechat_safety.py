"""What WeChat says of people's words, read as it may come."""

from collections.abc import Mapping
from typing import Any

import pytest

from adapters.wechat_safety import LONGEST, WeChatModerator
from domain.delivery import Verdict
from domain.errors import Unavailable
from domain.safety import Found
from services.ports import WeChatError


def answering(answer: Any) -> tuple[WeChatModerator, list[Mapping[str, object]]]:
    """WeChat, which gives the same answer each time; and what it was asked."""
    asked: list[Mapping[str, object]] = []

    async def post(path: str, body: Mapping[str, object]) -> Any:
        assert path == "wxa/msg_sec_check"
        asked.append(body)
        if isinstance(answer, Exception):
            raise answer
        return answer(body) if callable(answer) else answer

    return WeChatModerator(post), asked


def judged_by_word(body: Mapping[str, object]) -> Any:
    risky = "坏话" in str(body["content"])
    return {"errcode": 0, "result": {"suggest": "risky" if risky else "pass", "label": 20006 if risky else 100}}


async def test_every_part_of_a_long_text_is_looked_at() -> None:
    moderator, asked = answering(judged_by_word)
    assert (await moderator.text("o1", "好" * 3 * LONGEST)).found is Found.PASSED
    assert {len(str(body["content"])) for body in asked[:-1]} == {LONGEST}
    assert len(asked) == 4
    assert {(body["version"], body["openid"]) for body in asked} == {(2, "o1")}
    for before in (0, LONGEST - 1, LONGEST + 100, 3 * LONGEST):
        found = await moderator.text("o1", "好" * before + "坏话")
        assert (found.found, found.why) == (Found.RISKY, "wechat risky 20006"), before
    assert (await moderator.text("o1", "")).found is Found.PASSED


async def test_what_is_to_be_reviewed_is_for_a_person_too() -> None:
    moderator, _ = answering({"result": {"suggest": "review", "label": 21000}})
    assert (await moderator.text("o1", "x")).found is Found.RISKY


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"result": None},
        {"result": []},
        {"result": {"suggest": "??"}},
        {"result": {"suggest": None}},
        [],
        None,
        b"x",
    ],
    ids=repr,
)
async def test_an_answer_that_says_nothing_is_no_pass(answer: Any) -> None:
    with pytest.raises(Unavailable):
        await answering(answer)[0].text("o1", "x")


@pytest.mark.parametrize("verdict", list(Verdict))
async def test_whatever_wechat_refuses_for_the_words_were_not_looked_at(verdict: Verdict) -> None:
    with pytest.raises(Unavailable):
        await answering(WeChatError(verdict, "no", 61010))[0].text("o1", "x")
