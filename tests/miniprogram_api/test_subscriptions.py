"""The mini program tells which messages somebody has agreed to."""

import pytest

from domain.delivery import Channel
from tests.miniprogram_api.mini import Api


@pytest.fixture(autouse=True)
def _template(api: Api) -> None:
    api.town.desk.subscriptions._templates = {"MINI-case": Channel.MINI}


async def test_each_agreement_counts_one_message_and_a_repeat_of_the_call_none(api: Api) -> None:
    mini = await api.sign_in("王阿姨")
    assert (await mini.get("/me/subscriptions")).body == {"items": [{"template_id": "MINI-case", "left": 0}]}
    for key in ("a", "a", "b"):
        answer = await mini.post("/me/subscriptions", {"accepted": ["MINI-case"]}, Idempotency_Key=key)
        assert answer.status == 200
    assert (await mini.get("/me/subscriptions")).body == {"items": [{"template_id": "MINI-case", "left": 2}]}


async def test_a_template_that_is_not_the_towns_is_refused(api: Api) -> None:
    mini = await api.sign_in("王阿姨")
    answer = await mini.post("/me/subscriptions", {"accepted": ["strange"]})
    assert (answer.status, answer.code) == (422, "bad_input")
    assert (await mini.get("/me/subscriptions")).body["items"][0]["left"] == 0
