"""Anything at all, handed to the running callback: no 5xx, no silence where a person waits, nothing lost."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from yarl import URL

from bot import replies
from models import CaseMessage, Identity
from tests.bot.door import Door
from tests.factories import GRID, Town
from tests.phone import Wechat

REFUSED = {400, 403, 408, 413}
_QUERY = st.dictionaries(
    st.sampled_from(["signature", "msg_signature", "timestamp", "nonce", "encrypt_type", "echostr", "openid", "x"]),
    st.one_of(st.text(st.characters(codec="utf-8"), max_size=40), st.sampled_from(["aes", "raw", "1700000000"])),
    max_size=6,
)
_TEXT = st.text(st.characters(codec="utf-8"), max_size=60)


@given(body=st.binary(max_size=300), query=_QUERY)
@settings(max_examples=60)
async def test_raw_bytes_and_any_query_are_refused_politely(door: Door, body: bytes, query: dict[str, str]) -> None:
    assert (await door.post(body, query)).status in REFUSED
    assert (await door.get(query))[0] in REFUSED


@given(raw=st.binary(max_size=60))
@settings(max_examples=60)
async def test_any_bytes_in_the_query_string_are_refused_politely(door: Door, raw: bytes) -> None:
    escaped = "".join(f"%{byte:02X}" for byte in raw)
    url = URL(f"{door.url}?timestamp={escaped}&nonce={escaped}&signature={escaped}&encrypt_type=aes", encoded=True)
    async with door.session.post(url, data=b"<Encrypt>a</Encrypt>") as response:
        assert response.status in REFUSED
    async with door.session.get(url) as response:
        assert response.status in REFUSED


@given(inside=st.one_of(st.binary(max_size=300).map(lambda raw: raw.decode("latin-1")), _TEXT))
@settings(max_examples=50)
async def test_any_sealed_content_is_acknowledged_or_refused(door: Door, inside: str) -> None:
    assert (await door.push(inside)).status in {200, 403}


_KINDS = ["text", "image", "voice", "video", "shortvideo", "location", "link", "event", "miniprogrampage", "file", "x"]
_FIELDS = st.dictionaries(
    st.sampled_from(
        [
            *("Content", "Recognition", "MediaId", "PicUrl", "Format", "Label", "Title", "Url", "Location_X"),
            *("Location_Y", "Scale", "EventKey", "Ticket", "Status", "MsgID", "Latitude"),
        ]
    ),
    st.one_of(_TEXT, st.sampled_from(["提交", "1", "9" * 400, "nan", "qrscene_w10j9", "w10j9", "last_trade_no_4"])),
)
_EVENTS = ["subscribe", "unsubscribe", "SCAN", "CLICK", "VIEW", "LOCATION", "TEMPLATESENDJOBFINISH", "", "x"]


@given(kind=st.sampled_from(_KINDS), event=st.sampled_from(_EVENTS), fields=_FIELDS)
@settings(max_examples=120)
async def test_any_message_of_a_person_is_answered(door: Door, kind: str, event: str, fields: dict[str, Any]) -> None:
    more = {**fields, "Event": event} if kind == "event" else fields
    answer = await door.push(door.fields("oLena", kind, MsgId=door.new_id(), **more))
    assert answer.status == 200
    assert answer.text not in {replies.DOWN, replies.SLOW}
    if kind != "event" or event in {"subscribe", "SCAN", "CLICK"}:
        assert answer.text, "somebody waits for an answer"


_SAYINGS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *(
                    "提交",
                    "取消",
                    "进度",
                    "评价",
                    "不满意",
                    "撤回",
                    "催办",
                    "投诉",
                    "帮助",
                    "绑定",
                    "待办",
                    "受理",
                    "回复",
                ),
                *("办结", "上报", "退回", "不予受理", "通知", "发送", "新诉求", "消息", "你好", "好的", "请假", "转派"),
                *(
                    "1001",
                    "１００２",
                    "1",
                    "2",
                    "5",
                    "五分",
                    "№",
                    "#",
                    "320412101201",
                    "9" * 30,
                    " ",
                    "：",
                    "\n",
                    "“",
                    "。",
                ),
            ]
        ),
        st.text(st.characters(codec="utf-8"), max_size=8),
    ),
    min_size=1,
    max_size=5,
).map("".join)


@given(sayings=st.lists(_SAYINGS, min_size=1, max_size=6))
@settings(max_examples=40)
async def test_whatever_anybody_types_gets_a_useful_answer(
    door: Door, wechat: Wechat, town: Town, sayings: list[str]
) -> None:
    """For a stranger, a resident with a case, a worker with a queue and a secretary who sends notices."""
    people = await _people(door, wechat, town)
    for words in sayings:
        for openid in people:
            answer = await door.say(openid, words)
            assert answer.status == 200
            assert answer.text, words
            assert answer.text not in {replies.DOWN, replies.SLOW}, words


async def _people(door: Door, wechat: Wechat, town: Town) -> list[str]:
    """Made once for all examples: they go on talking."""
    there = await Identity.filter(openid__startswith="oFuzz").order_by("id").values_list("openid", flat=True)
    if there:
        return [str(openid) for openid in there]
    scene = (await wechat.desk.scenes.ticket_for(GRID)).scene
    for openid in ("oFuzzStranger", "oFuzzResident", "oFuzzWorker", "oFuzzSecretary"):
        await door.push(door.event(openid, "subscribe"))
    await door.push(door.event("oFuzzResident", "SCAN", scene))
    for openid, who in (("oFuzzWorker", "worker"), ("oFuzzSecretary", "secretary")):
        assert "绑定好了" in (await door.say(openid, f"绑定 {await town.invitation(who)}")).text
    await door.say("oFuzzResident", "路灯坏了")
    assert "№1001" in (await door.say("oFuzzResident", "提交")).text
    return ["oFuzzStranger", "oFuzzResident", "oFuzzWorker", "oFuzzSecretary"]


_ORDINARY = st.text(
    st.characters(codec="utf-8", categories=("Lo", "Ll", "Nd", "Po", "So", "Zs")), min_size=1, max_size=40
).filter(lambda text: not text.isdigit())


@given(words=_ORDINARY)
@settings(max_examples=40)
async def test_what_a_resident_says_is_kept_letter_by_letter_or_answered_as_a_word(door: Door, words: str) -> None:
    before = await CaseMessage.all().count()
    answer = (await door.say("oLena", words)).text
    if answer.startswith("记下了"):
        last = await CaseMessage.all().order_by("-id").first()
        assert last is not None
        assert last.text == words.strip()
        assert await CaseMessage.all().count() == before + 1
    else:
        # The few words that mean something, and what is no word at all.
        assert answer.startswith(("没找到", "没有找到", "没看到", "您", "好的", "不客气", "有什么事", "请")), (
            words,
            answer,
        )
