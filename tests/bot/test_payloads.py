"""Every shape that WeChat pushes (``tests/payloads/``) is read rightly and answered, in each envelope."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from app.bootstrap import House
from bot.envelope import Account
from bot.incoming import read
from models import Attachment, CaseMessage, Identity, Person
from tests.bot.door import Door, opened
from tests.factories import GRID, make_town

FOLDER = Path(__file__).parent.parent / "payloads"
ACCOUNT = Account(
    appid="wx5823bf96d3bd56c7",
    token="QDG6eK",
    aes_key="abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    previous_aes_key="",
    original_id="gh_7f083739789a",
    mode="auto",
)
SENDER = "oia2TjjewbmiOUlr6X-1crbLOvLw"
CAPTURED = datetime.fromtimestamp(1_795_300_100, UTC)
SCENE = "w12"

Expected = dict[str, Any]

READ: dict[str, Expected] = {
    "text": {"kind": "text", "text": "三组路口的路灯不亮了/:rose", "msg_id": "24378412345678901"},
    "text_emoji": {"kind": "text", "text": "路灯坏了😡👨‍👩‍👧 天太黑😂"},
    "text_sticker": {"kind": "text", "text": "【收到不支持的消息类型，暂无法显示】"},
    "image": {"kind": "image", "media_id": "2Zq7bVx1mJ0pTn4cLr8yWf6sHd3kGa5uEi9oQz2XvB7nMc1tYp", "text": ""},
    "voice": {
        "kind": "voice",
        "media_id": "8Kp3wRt6yUi1oPa4sDf7gHj0kLz2xCv5bNm9qWe1rTy4uIo7pA",
        "text": "楼下的路灯坏了三天了。",
    },
    "voice_not_recognised": {"kind": "voice", "text": ""},
    "video": {"kind": "video", "media_id": "3Rf6vTg9bYh2nUj5mIk8oLp1qAz4wSx7eDc0rFv3tGb6yHn9uJ"},
    "shortvideo": {"kind": "shortvideo", "media_id": "1Qa4zWs7xEd0cRf3vTg6bYh9nUj2mIk5oLp8qAz1wSx4eDc7rF"},
    "location": {
        "kind": "location",
        "latitude": 31.51234,
        "longitude": 120.06789,
        "text": "江苏省常州市武进区雪堰镇人民路1号(邮政局旁)",
    },
    "link": {"kind": "link", "text": "雪堰镇停水通知 http://mp.weixin.qq.com/s?__biz=MzA&mid=1&idx=1"},
    "miniprogrampage": {"kind": "miniprogrampage", "text": ""},
    "subscribe": {"event": "subscribe", "event_key": ""},
    "subscribe_qrscene": {"event": "subscribe", "event_key": f"qrscene_{SCENE}"},
    "subscribe_after_payment": {"event": "subscribe", "event_key": "last_trade_no_4200001234202611221234567890"},
    "scan": {"event": "scan", "event_key": SCENE},
    "scan_number": {"event": "scan", "event_key": "12345"},
    "click": {"event": "click", "event_key": "progress"},
    "view": {"event": "view", "event_key": "https://wangge.example.gov.cn/help"},
    "view_miniprogram": {"event": "view_miniprogram"},
    "location_event": {"event": "location", "latitude": None},
    "unsubscribe": {"event": "unsubscribe"},
    "templatesendjobfinish": {"event": "templatesendjobfinish", "extra": "3367812345678901250|||success"},
    "templatesendjobfinish_blocked": {
        "event": "templatesendjobfinish",
        "extra": "3367812345678901251|||failed:user block",
    },
    "masssendjobfinish": {"event": "masssendjobfinish", "extra": "1000001625|||err(30003)"},
    "subscribe_msg_popup": {"event": "subscribe_msg_popup_event"},
    "subscribe_msg_change": {"event": "subscribe_msg_change_event"},
    "subscribe_msg_sent": {"event": "subscribe_msg_sent_event"},
}

# In the order of one visit: what is pushed, and how the answer begins (empty: nothing is said).
ANSWERED = [
    ("templatesendjobfinish", ""),
    ("templatesendjobfinish_blocked", ""),
    ("masssendjobfinish", ""),
    ("subscribe_msg_popup", ""),
    ("subscribe_msg_change", ""),
    ("subscribe_msg_sent", ""),
    ("view", ""),
    ("view_miniprogram", ""),
    ("location_event", ""),
    ("subscribe", "您好，这里是网格通。有什么事直接说"),
    ("subscribe_after_payment", "您好，这里是网格通。有什么事直接说"),
    ("scan_number", "这张码认不出来"),
    ("subscribe_qrscene", "您好，这里是城西村第一网格，这里的事由李卫国负责。"),
    ("scan", "您好，这里是城西村第一网格，这里的事由李卫国负责。"),
    ("click", "您现在没有正在办的事。"),
    ("text", "记下了，现在有1段文字。"),
    ("text_emoji", "记下了，现在有2段文字。"),
    ("text_sticker", "这种消息我这里打不开"),
    ("image", "记下了，现在有2段文字、1张照片。"),
    ("voice", "记下了，现在有2段文字、1张照片、1条语音。"),
    ("voice_not_recognised", "记下了，现在有2段文字、1张照片、2条语音。"),
    ("video", "记下了，现在有2段文字、1张照片、2条语音、1段视频。"),
    ("shortvideo", "记下了，现在有2段文字、1张照片、2条语音、2段视频。"),
    ("location", "记下了，现在有2段文字、1张照片、2条语音、2段视频、1个位置。"),
    ("link", "记下了，现在有3段文字、1张照片、2条语音、2段视频、1个位置。"),
    ("miniprogrampage", "这种消息我这里打不开"),
    ("unsubscribe", ""),
]


def payload(name: str) -> bytes:
    return (FOLDER / f"{name}.xml").read_bytes()


@pytest.fixture
async def captured(house: House) -> AsyncIterator[Door]:
    """The account of the payloads, at the moment when they were captured."""
    moved = house.desk.moved_clock
    assert moved is not None
    await moved.set_to(CAPTURED)
    async with opened(house.desk, ACCOUNT) as door:
        yield door


def test_every_payload_has_its_test() -> None:
    names = {path.stem for path in FOLDER.glob("*.xml")}
    assert names == set(READ) | {"envelope_safe", "envelope_compatible", "envelope_plain"}
    assert {name for name, _ in ANSWERED} == set(READ)


@pytest.mark.parametrize("name", sorted(READ))
def test_a_payload_is_read(name: str) -> None:
    found = read(payload(name))
    assert found is not None
    assert (found.to, found.openid) == (ACCOUNT.original_id, SENDER)
    assert found.kind == READ[name].get("kind", "event")
    assert {field: getattr(found, field) for field in READ[name]} == READ[name]
    assert found.key("wx1") == (read(payload(name)) or found).key("wx1")


def test_no_two_payloads_are_taken_for_the_same() -> None:
    keys = [found.key("wx1") for name in READ if (found := read(payload(name))) is not None]
    assert len(set(keys)) == len(READ)


async def test_a_visit_with_every_payload_is_answered_and_kept(captured: Door) -> None:
    town = await make_town(captured.desk)
    assert (await town.desk.scenes.ticket_for(GRID)).scene == SCENE
    for name, begins in ANSWERED:
        answer = await captured.push(payload(name), "plain")
        assert answer.status == 200, name
        assert answer.text.startswith(begins), (name, answer.text)
        assert bool(answer.text) is bool(begins), (name, answer.text)
        if name == "location_event":
            assert await Person.filter(identities__openid=SENDER).count() == 0  # nobody has spoken yet
    kinds = await CaseMessage.all().order_by("id").values_list("kind", flat=True)
    assert kinds == ["text", "text", "photo", "voice", "voice", "video", "video", "place", "text"]
    assert await Attachment.all().count() == 5
    assert (await CaseMessage.get(kind="place")).latitude == 31.51234
    assert not (await Identity.get(openid=SENDER)).subscribed


@pytest.mark.parametrize(
    ("name", "mode", "words"),
    [
        ("envelope_safe", "safe", "安全模式的一句话"),
        ("envelope_compatible", "compatible", "兼容模式的一句话"),
        ("envelope_plain", "plain", "明文模式的一句话"),
    ],
)
async def test_a_captured_envelope_opens_in_its_mode(
    house: House, captured: Door, name: str, mode: Any, words: str
) -> None:
    query = dict(parse_qsl((FOLDER / f"{name}.query").read_text("ascii").strip()))
    async with opened(house.desk, replace(ACCOUNT, mode=mode)) as door:
        assert (await door.post(payload(name), query)).text.startswith("记下了，现在有1段文字。")
        assert (await CaseMessage.get()).text == words
        wrong = {**query, "nonce": query["nonce"] + "0"}
        assert (await door.post(payload(name), wrong)).status == 403
        moved = house.desk.moved_clock
        assert moved is not None
        await moved.set_to(CAPTURED + timedelta(minutes=11))
        assert (await door.post(payload(name), query)).status == 403
