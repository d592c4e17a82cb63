"""What WeChat says when it is asked to look at a photo, read as it may come."""

from collections.abc import Mapping
from typing import Any

import pytest

from adapters.wechat_safety import LONGEST_TRACE, WeChatModerator
from domain.delivery import Verdict
from domain.errors import Unavailable
from services.ports import WeChatError


def answering(answer: Any) -> tuple[WeChatModerator, list[Mapping[str, object]]]:
    asked: list[Mapping[str, object]] = []

    async def post(path: str, body: Mapping[str, object]) -> Any:
        assert path == "wxa/media_check_async"
        asked.append(body)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return WeChatModerator(post), asked


async def test_a_photo_and_a_recording_are_asked_about_by_their_kinds() -> None:
    moderator, asked = answering({"errcode": 0, "trace_id": "t"})
    for kind in ("photo", "voice"):
        assert await moderator.medium("o1", "https://x/1", kind) == "t"
    assert [(one["media_type"], one["version"], one["openid"]) for one in asked] == [(2, 2, "o1"), (1, 2, "o1")]


@pytest.mark.parametrize(
    "answer", [{}, [], None, {"trace_id": ""}, {"trace_id": 5}, {"trace_id": "x" * (LONGEST_TRACE + 1)}], ids=str
)
async def test_an_answer_without_a_trace_that_can_be_kept_was_none(answer: Any) -> None:
    with pytest.raises(Unavailable):
        await answering(answer)[0].medium("o1", "https://x/1", "photo")


@pytest.mark.parametrize("verdict", list(Verdict))
async def test_whatever_wechat_refuses_the_photo_was_not_looked_at(verdict: Verdict) -> None:
    with pytest.raises(Unavailable):
        await answering(WeChatError(verdict, "no", 61010))[0].medium("o1", "https://x/1", "photo")
