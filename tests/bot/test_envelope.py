"""Signatures, keys and the answer's XML, without any network."""

import base64
import time
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.clock import SystemClock
from bot.envelope import Account, Envelope, Forged, answer_xml, sign
from sandbox.cipher import Cipher, matches

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = Account("wx2c2769f8efd9abc2", "spamtest", KEY, "", "gh_10f6c3c3ac5a", "safe")


class Moment:
    """A clock that stands still."""

    def __init__(self, at: int) -> None:
        self._at = at

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._at, UTC)


def pushed(plain: bytes, key: str = KEY, appid: str = ACCOUNT.appid) -> tuple[dict[str, str], bytes]:
    sealed = Cipher(key, appid).encrypt(plain.decode("utf-8", "replace"))
    query = {"timestamp": "1409735669", "nonce": "1320562132", "encrypt_type": "aes"}
    query["msg_signature"] = sign(ACCOUNT.token, query["timestamp"], query["nonce"], sealed)
    return query, f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()


@pytest.fixture
def envelope() -> Envelope:
    return Envelope(ACCOUNT, Moment(1409735669))


def test_the_example_of_wechats_own_description_opens(envelope: Envelope) -> None:
    """The message of the sample code that WeChat hands out with its description of 消息加解密."""
    body = b"""<xml><ToUserName><![CDATA[gh_10f6c3c3ac5a]]></ToUserName>
<FromUserName><![CDATA[oyORnuP8q7ou2gfYjqLzSIWZf0rs]]></FromUserName>
<CreateTime>1409735668</CreateTime>
<MsgType><![CDATA[text]]></MsgType>
<Content><![CDATA[abcdteT]]></Content>
<MsgId>6054768590064713728</MsgId>
<Encrypt><![CDATA[hyzAe4OzmOMbd6TvGdIOO6uBmdJoD0Fk53REIHvxYtJlE2B655HuD0m8KUePWB3+LrPXo87wzQ1QLvbeUgmBM4x6F8PGHQHFVAFmOD2LdJF9\
FrXpbUAh0B5GIItb52sn896wVsMSHGuPE328HnRGBcrS7C41IzDWyWNlZkyyXwon8T332jisa+h6tEDYsVticbSnyU8dKOIbgU6ux5VTjg3yt+WGzjlp\
Kn6NPhRjpA912xMezR4kw6KWwMrCVKSVCZciVGCgavjIQ6X8tCOp3yZbGpy0VxpAe+77TszTfRd5RJSVO/HTnifJpXgCSUdUue1v6h0EIBYYI1BD1DlD\
+C0CR8e6OewpusjZ4uBl9FyJvnhvQl+q5rv1ixrcpCumEPo5MJSgM9ehVsNPfUM669WuMyVWQLCzpu9GhglF2PE=]]></Encrypt>
</xml>"""
    query = {
        "timestamp": "1409735669",
        "nonce": "1320562132",
        "encrypt_type": "aes",
        "msg_signature": "5d197aaffba7e9b25a30732f161a50dee96bd5fa",
    }
    assert b"<Content><![CDATA[abcdteT]]></Content>" in envelope.open(query, body).xml


def test_an_answer_is_sealed_so_that_wechat_can_open_it(envelope: Envelope) -> None:
    sealed = ET.fromstring(envelope.open(*pushed(b"<xml>a</xml>")).seal("<xml>你好</xml>"))
    found = {child.tag: child.text or "" for child in sealed}
    assert matches(found["MsgSignature"], ACCOUNT.token, found["TimeStamp"], found["Nonce"], found["Encrypt"])
    assert Cipher(KEY, ACCOUNT.appid).decrypt(found["Encrypt"]) == "<xml>你好</xml>"


def test_the_answer_is_sealed_with_the_key_that_opened_the_message() -> None:
    new = KEY.swapcase()
    turning = Envelope(replace(ACCOUNT, aes_key=new, previous_aes_key=KEY), Moment(1409735669))
    for key in (new, KEY):
        answer = ET.fromstring(turning.open(*pushed(b"<xml/>", key)).seal("<xml/>")).findtext("Encrypt") or ""
        assert Cipher(key, ACCOUNT.appid).decrypt(answer) == "<xml/>"


def test_half_a_character_in_a_sealed_message_does_not_close_the_door(envelope: Envelope) -> None:
    from cryptography.hazmat.primitives.ciphers import Cipher as Aes
    from cryptography.hazmat.primitives.ciphers import algorithms, modes

    message = "<xml><Content>灯".encode()[:-1] + b"</Content></xml>"
    plain = b"r" * 16 + len(message).to_bytes(4, "big") + message + ACCOUNT.appid.encode()
    plain += bytes([32 - len(plain) % 32]) * (32 - len(plain) % 32)
    key = base64.b64decode(KEY + "=")
    encryptor = Aes(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    sealed = base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()
    query = {"timestamp": "1409735669", "nonce": "1", "encrypt_type": "aes"}
    query["msg_signature"] = sign(ACCOUNT.token, query["timestamp"], query["nonce"], sealed)
    assert envelope.open(query, f"<xml><Encrypt>{sealed}</Encrypt></xml>".encode()).xml == message


@pytest.mark.parametrize("key", ["short", "?" * 43, "密" * 43, KEY + "="])
def test_a_key_that_is_none_is_named_before_anything_is_served(key: str) -> None:
    with pytest.raises(ValueError, match="43 letters and digits"):
        Envelope(replace(ACCOUNT, aes_key=key), SystemClock())


def test_two_signatures_are_compared_whole(envelope: Envelope) -> None:
    query, body = pushed(b"<xml/>")
    for wrong in ("", query["msg_signature"][:-1], query["msg_signature"] + "0", "签名", "\ud800"):
        with pytest.raises(Forged):
            envelope.open({**query, "msg_signature": wrong}, body)


@pytest.mark.parametrize("timestamp", ["", "x", "１４０９７３５６６９", "1" * 12, "9" * 5000, "-1", "1e9", "0"])
def test_a_timestamp_that_is_no_moment_of_now_is_refused(envelope: Envelope, timestamp: str) -> None:
    query = {"timestamp": timestamp, "nonce": "1", "echostr": "1"}
    with pytest.raises(Forged):
        envelope.greet({**query, "signature": sign(ACCOUNT.token, timestamp, "1")})


NEVER_SLOW = 4.0
"""Seconds; each of these takes a few milliseconds here."""


@pytest.mark.parametrize(
    "body",
    [
        b"<Encrypt>" + b" " * 65_000,
        b"<Encrypt>" + b" " * 30_000 + b"<![CDATA[" + b" " * 30_000,
        b"<Encrypt>" * 7_000,
        b"<Encrypt>" * 3_500 + b"</Encrypt>" * 3_500,
        b"</Encrypt>" * 3_000 + b"<Encrypt>" * 3_000,
        b"<Encrypt>" + b"A " * 32_000 + b"</Encrypt>",
    ],
)
def test_nobody_makes_the_door_slow_without_a_signature(envelope: Envelope, body: bytes) -> None:
    began = time.process_time()
    with pytest.raises(Forged):
        envelope.open({"encrypt_type": "aes", "timestamp": "1409735669", "nonce": "1"}, body)
    assert time.process_time() - began < NEVER_SLOW


@given(
    query=st.dictionaries(
        st.sampled_from(["signature", "msg_signature", "timestamp", "nonce", "encrypt_type", "echostr"]),
        st.one_of(st.text(max_size=50), st.sampled_from(["aes", "raw", "1409735669"])),
    ),
    body=st.one_of(
        st.binary(max_size=300),
        st.text(max_size=200).map(lambda text: f"<xml><Encrypt>{text}</Encrypt></xml>".encode("utf-8", "replace")),
    ),
)
@settings(max_examples=200)
def test_whatever_comes_unsigned_is_refused_in_one_way_only(query: dict[str, str], body: bytes) -> None:
    opened = Envelope(replace(ACCOUNT, mode="auto"), Moment(1409735669))
    with pytest.raises(Forged):
        opened.open(query, body)
    with pytest.raises(Forged):
        opened.greet(query)


@given(raw=st.binary(max_size=400))
@settings(max_examples=150)
def test_whatever_is_signed_but_sealed_wrongly_is_refused_in_one_way_only(raw: bytes) -> None:
    sealed = base64.b64encode(raw).decode()
    query = {"timestamp": "1409735669", "nonce": "1", "encrypt_type": "aes"}
    query["msg_signature"] = sign(ACCOUNT.token, query["timestamp"], query["nonce"], sealed)
    with pytest.raises(Forged):
        Envelope(ACCOUNT, Moment(1409735669)).open(query, f"<Encrypt>{sealed}</Encrypt>".encode())


@given(text=st.text(), to=st.text(max_size=64))
def test_an_answer_is_always_xml_and_says_what_was_meant(text: str, to: str) -> None:
    read = ET.fromstring(answer_xml(to=to, from_="gh_1", text=text, at=1))
    said = (read.findtext("Content") or "").replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(one for one in text if one in "\t\n\r" or (one >= " " and one not in "\ufffe\uffff"))
    kept = "".join(one for one in kept if not "\ud800" <= one <= "\udfff").replace("\r\n", "\n").replace("\r", "\n")
    if len(kept.encode()) <= 2000:
        assert said == kept
    assert len(said.encode()) <= 2048
