"""Photos that WeChat looks at: seen meanwhile, hidden once it finds them risky, and decided on by a person."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from PIL import Image

from app.accounts import mini_account
from app.bootstrap import House
from app.settings import Settings
from bot.envelope import _locked, sign
from bot.mini_events import MiniEvents
from domain.safety import Found
from models import Attachment, Delivery, MediaCheck, SafetyCheck
from sandbox.world import World
from tests.miniprogram_api.mini import Api, Mini
from tests.miniprogram_api.test_attachments import uploaded

CHECK = "/wxa/media_check_async"
RED, YELLOW, GREY = (255, 0, 0), (255, 255, 0), (120, 120, 120)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return Settings.model_validate({**settings.model_dump(), "safety": {"wechat": True}})


@pytest.fixture
async def callback(house: House, world: World, api: Api) -> AsyncIterator[str]:
    """The mini program's own callback, where the pretend WeChat pushes."""
    app = web.Application()
    app.add_routes(MiniEvents(house.desk, mini_account(house.settings)).routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    world.mini_pusher.options.callback_url = url = (
        f"http://127.0.0.1:{runner.addresses[0][1]}/wechat/miniprogram/callback"
    )
    yield url
    await runner.cleanup()


@pytest.fixture
async def resident(api: Api) -> Mini:
    return await api.sign_in("王阿姨")


def photo(colour: tuple[int, int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "JPEG")
    return out.getvalue()


async def filed(who: Mini, colour: tuple[int, int, int]) -> tuple[int, str]:
    one = await uploaded(who, photo(colour))
    return (await who.file(attachments=[one]))["number"], one


async def until(found: Callable[[], Any]) -> None:
    async with asyncio.timeout(10):
        while not await found():
            await asyncio.sleep(0.02)


async def state_of(one: str) -> str:
    return (await Attachment.get(id=one)).state


async def test_a_risky_photo_disappears_until_the_town_shows_it_again(
    api: Api, house: House, resident: Mini, callback: str
) -> None:
    worker, commander = await api.staff("worker"), await api.staff("commander")
    number, one = await filed(resident, RED)
    (seen,) = (await worker.get(f"/cases/{number}")).body["attachments"]
    assert (seen["state"], bool(seen["url"])) == ("kept", True)
    assert await house.desk.media_checks.ask() == 1
    await until(lambda: MediaCheck.filter(state="held").exists())
    (hidden,) = (await worker.get(f"/cases/{number}")).body["attachments"]
    assert (hidden["state"], hidden["url"], hidden["thumbnail"]) == ("held", "", "")
    assert (await worker.get(f"/cases/{number}")).body["status"] == "submitted"
    assert (await worker.get("/held/media")).body["items"] == []
    (waits,) = (await commander.get("/held/media")).body["items"]
    assert (waits["number"], waits["state"], waits["why"]) == (number, "held", "wechat risky 20001")
    assert waits["attachment"]["url"]
    assert await Delivery.filter(person_id=commander.person["id"], kind="held_medium").count() == 1
    decision = f"/held/media/{one}/decision"
    assert (await worker.post(decision, {"show": True})).status == 404
    assert (await commander.post(decision, {"show": True})).body["state"] == "kept"
    assert (await worker.get(f"/cases/{number}")).body["attachments"][0]["url"]
    assert (await commander.post(decision, {"show": False})).status == 404


async def test_what_is_not_shown_stays_hidden_and_its_sender_is_told(
    api: Api, house: House, resident: Mini, callback: str
) -> None:
    commander = await api.staff("commander")
    number, one = await filed(resident, YELLOW)
    await house.desk.media_checks.ask()
    await until(lambda: MediaCheck.filter(state="held").exists())
    assert (await commander.post(f"/held/media/{one}/decision", {"show": False})).body["state"] == "refused"
    (shown,) = (await resident.get(f"/cases/{number}")).body["attachments"]
    assert (shown["state"], shown["url"]) == ("refused", "")
    assert await Delivery.filter(person_id=resident.person["id"], kind="medium_not_shown").count() == 1
    assert (await commander.get("/held/media")).body["items"] == []


async def test_what_is_fine_leaves_no_trace_and_a_complaints_photo_goes_to_nobody_else(
    house: House, resident: Mini, callback: str
) -> None:
    number, one = await filed(resident, GREY)
    evidence = await uploaded(resident, photo(RED))
    assert (await resident.act(number, "complain", note="态度不好", attachments=[evidence])).status == 200
    assert await house.desk.media_checks.ask() == 1
    await until(lambda: _gone(one))
    assert [await state_of(each) for each in (one, evidence)] == ["kept", "kept"]


async def _gone(one: str) -> bool:
    return not await MediaCheck.filter(attachment_id=one).exists()


async def test_wechat_that_is_away_or_never_tells_is_asked_again_and_then_a_person_is(
    api: Api, house: House, world: World, resident: Mini
) -> None:
    """Nobody listens at the callback here: what WeChat finds is never told."""
    world.mini_pusher.options.retries = 0
    number, _ = await filed(resident, RED)
    commander = await api.staff("commander")
    await api.fault(path=CHECK, times=1, status=503)
    asked = house.desk.media_checks
    assert (await asked.ask(), (await MediaCheck.get()).state) == (0, "owed")
    moved = house.desk.moved_clock
    assert moved is not None
    traces = set()
    for wait in (301, 2401, 2401):
        await moved.advance(wait)
        assert await asked.ask() == 1
        traces.add((await MediaCheck.get()).trace)
        assert await asked.ask() == 0
    assert len(traces) == 3
    await moved.advance(2401)
    assert await asked.ask() == 0
    (waits,) = (await commander.get("/held/media")).body["items"]
    assert (waits["number"], waits["state"], waits["attachment"]["state"]) == (number, "unchecked", "kept")
    for trace in traces:
        await asked.heard(str(trace), Found.RISKY, "")
    assert (await MediaCheck.get()).state == "unchecked"


async def test_words_that_come_later_go_on_and_the_town_is_shown_what_is_risky_in_them(
    api: Api, resident: Mini
) -> None:
    commander = await api.staff("commander")
    number = (await resident.file())["number"]
    assert (await resident.post(f"/cases/{number}/messages", {"text": "还有【违规内容】"})).status == 201
    assert (await resident.post(f"/cases/{number}/messages", {"text": "谢谢"})).status == 201
    (line,) = (await commander.get("/held")).body["items"]
    assert (line["number"], line["state"]) == (number, "marked")
    assert await SafetyCheck.all().count() == 1


def sealed(house: House, fields: str, *, as_json: bool, token: str = "") -> tuple[dict[str, str], bytes]:
    account = mini_account(house.settings)
    key = MiniEvents(house.desk, account)._envelope._keys[0]
    text = _locked(key, fields.encode(), account.appid.encode())
    stamp = str(int(house.desk.clock.now().timestamp()))
    query = {"timestamp": stamp, "nonce": "1", "encrypt_type": "aes"}
    query["msg_signature"] = sign(token or account.token, stamp, "1", text)
    body = json.dumps({"ToUserName": "gh_1", "Encrypt": text}) if as_json else f"<xml><Encrypt>{text}</Encrypt></xml>"
    return query, body.encode()


async def push(callback: str, query: dict[str, str], body: bytes) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.post(callback, params=query, data=body) as answered:
        return answered.status, await answered.text()


async def test_the_event_is_read_as_json_too_heard_once_and_forged_ones_change_nothing(
    house: House, resident: Mini, callback: str
) -> None:
    _, one = await filed(resident, GREY)
    await MediaCheck.filter(attachment_id=one).update(state="asked", trace="t1")
    event = {"MsgType": "event", "Event": "wxa_media_check", "trace_id": "t1", "errcode": 0}
    risky = json.dumps(event | {"result": {"suggest": "risky", "label": 20001}})
    assert (await push(callback, *sealed(house, risky, as_json=True, token="wrong")))[0] == 403
    assert (await push(callback, {}, risky.encode()))[0] == 403
    assert await state_of(one) == "kept"
    for _ in range(2):
        assert await push(callback, *sealed(house, risky, as_json=True)) == (200, "success")
        assert await state_of(one) == "held"
    assert await Delivery.filter(kind="held_medium").count() == 1


@pytest.mark.parametrize(
    "fields",
    ["", "{", "[]", "<xml><Event>wxa_media_check</Event></xml>", "<!DOCTYPE x><xml/>", '{"Event":"wxa_media_check"}'],
    ids=str,
)
async def test_an_event_that_says_nothing_is_taken_and_forgotten(house: House, callback: str, fields: str) -> None:
    assert await push(callback, *sealed(house, fields, as_json=False)) == (200, "success")
