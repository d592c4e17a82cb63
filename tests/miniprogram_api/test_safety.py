"""What is looked at first, through the API."""

from pathlib import Path

import pytest

from app.settings import Settings
from tests.miniprogram_api.mini import Api


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    words = tmp_path / "words.txt"
    words.write_text("代开发票\n", "utf-8")
    return Settings.model_validate({**settings.model_dump(), "safety": {"words": words, "wechat": True}})


async def test_a_held_case_is_told_as_held_listed_for_the_town_and_released(api: Api) -> None:
    resident, worker, commander = await api.sign_in("王阿姨"), await api.staff("worker"), await api.staff("commander")
    body = {"grid": "32041210120101", "description": "代开发票 找我"}
    case = (await resident.post("/cases", body, Idempotency_Key="k")).body
    assert (case["kind"], case["status"]) == ("held", "submitted")
    assert (await resident.post("/cases", body, Idempotency_Key="k")).body == case
    number = case["number"]
    (waiting,) = (await commander.get("/held")).body["items"]
    assert (waiting["number"], waiting["state"], waiting["why"]) == (number, "held", "word 代开发票")
    assert (await worker.get("/held")).body["items"] == (await resident.get("/held")).body["items"] == []
    assert (await worker.post(f"/held/{number}/decision", {"release": True})).status == 404
    bare = await commander.post(f"/held/{number}/decision", {"release": False})
    assert (bare.status, bare.code) == (422, "bad_input")
    accepted = await commander.act(number, "accept")
    assert (accepted.status, accepted.body["facts"]["why"]) == (409, "held")
    released = await commander.post(f"/held/{number}/decision", {"release": True})
    assert (released.status, released.body["kind"], released.body["level"]) == (200, "case", 1)
    assert (await worker.get(f"/cases/{number}")).status == 200
    again = await commander.post(f"/held/{number}/decision", {"release": False, "reason": "广告"})
    assert (again.status, again.code, again.body["facts"]["why"]) == (409, "illegal_move", "not_held")
