"""Who is let in, what is answered, and in which envelope."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import replace

from app.bootstrap import House
from bot import replies
from bot.envelope import Account
from models import CaseMessage, Identity, Inbound, Person
from sandbox.cipher import Cipher
from tests.bot.door import Door, Mode, opened
from tests.factories import GRID, Town
from tests.phone import Wechat

OLD_KEY = "9876543210zyxwvutsrqponmlkjihgfedcbaZYXWVUT"
LENA = "oLena"


async def test_wechats_check_of_the_address_gets_its_echo_back(door: Door) -> None:
    assert await door.get({**door.signed(), "echostr": "5837<b>"}) == (200, "5837<b>")


async def test_a_check_with_a_wrong_or_old_signature_is_refused(door: Door) -> None:
    assert (await door.get({**door.signed(), "signature": "0" * 40, "echostr": "1"}))[0] == 403
    assert (await door.get({**door.signed(door.now() - 601), "echostr": "1"}))[0] == 403
    assert (await door.get({"echostr": "1"}))[0] == 403


async def test_a_message_is_answered_in_the_envelope_it_came_in(door: Door, house: House) -> None:
    sealed = await door.say(LENA, "路灯坏了")
    assert b"Encrypt" in sealed.raw
    assert sealed.text.startswith("记下了，现在有1段文字")
    async with opened(house.desk, replace(house.account, mode="auto")) as both:
        plain = await both.push(both.text(LENA, "还有一盏"), "plain")
        assert b"Encrypt" not in plain.raw
        assert plain.text.startswith("记下了，现在有2段文字")
        compatible = await both.push(both.text(LENA, "那边也有"), "compatible")
        assert b"Encrypt" in compatible.raw
        assert compatible.text.startswith("记下了，现在有3段文字")


_TAKES: dict[Mode, set[Mode]] = {
    "safe": {"safe", "compatible"},
    "compatible": {"safe", "compatible"},
    "plain": {"plain"},
}


async def test_a_mode_takes_only_its_own_messages(house: House) -> None:
    kept = 0
    for mode, takes in _TAKES.items():
        async with opened(house.desk, replace(house.account, mode=mode)) as door:
            for pushed in _TAKES:
                answer = await door.push(door.text(LENA, "路灯坏了"), pushed)
                assert answer.status == (200 if pushed in takes else 403), (mode, pushed)
                kept += answer.status == 200
                assert await CaseMessage.all().count() == kept, (mode, pushed)


async def test_a_signature_of_the_query_alone_opens_no_encrypted_message(door: Door) -> None:
    query = door.signed()
    answer = await door.push(door.text(LENA, "路灯坏了"), msg_signature=query["signature"], **query)
    assert answer.status == 403
    assert await Person.all().count() == 0


async def test_a_message_without_any_signature_is_refused(door: Door) -> None:
    body = door.written(door.text(LENA, "路灯坏了")).encode()
    assert (await door.post(body, {})).status == 403
    assert (await door.post(body, {"encrypt_type": "aes"})).status == 403
    assert (
        await door.post(b"", {"encrypt_type": "aes", "msg_signature": "", "timestamp": "", "nonce": ""})
    ).status == 403


async def test_the_previous_key_still_opens_and_seals_the_answer(house: House) -> None:
    turned = replace(house.account, previous_aes_key=house.account.aes_key, aes_key=OLD_KEY)
    async with opened(house.desk, turned) as door:
        assert (await door.say(LENA, "路灯坏了")).text  # the new key
        door.cipher = Cipher(turned.previous_aes_key, turned.appid)
        assert (await door.say(LENA, "还有一盏")).text  # read() opens the answer with the old key


async def test_another_key_or_another_account_does_not_open(door: Door, account: Account) -> None:
    door.cipher = Cipher(OLD_KEY, account.appid)
    assert (await door.say(LENA, "路灯坏了")).status == 403
    door.cipher = Cipher(account.aes_key, "wxsomebodyelse")
    assert (await door.say(LENA, "路灯坏了")).status == 403
    assert await Person.all().count() == 0


async def test_what_is_for_another_original_id_is_refused(door: Door) -> None:
    assert (await door.push({**door.text(LENA, "路灯坏了"), "ToUserName": "gh_somebodyelse"})).status == 403


async def test_a_message_may_be_ten_minutes_old_or_early(door: Door) -> None:
    for seconds, status in ((-602, 403), (-590, 200), (590, 200), (602, 403)):
        signed = door.signed(door.now() + seconds)
        sealed = door.seal(door.written(door.text(LENA, "路灯坏了")).encode())
        query = {**signed, "encrypt_type": "aes", "msg_signature": door.sign(signed, sealed)}
        body = f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
        assert (await door.post(body, query)).status == status, seconds


async def test_without_a_token_nobody_can_sign(house: House) -> None:
    async with opened(house.desk, replace(house.account, token="", mode="auto")) as door:
        assert (await door.push(door.text(LENA, "路灯坏了"), "plain")).status == 403
        assert (await door.push(door.text(LENA, "路灯坏了"))).status == 403
        assert (await door.get({**door.signed(), "echostr": "1"}))[0] == 403


async def test_in_compatible_mode_only_what_was_sealed_counts(house: House) -> None:
    async with opened(house.desk, replace(house.account, mode="compatible")) as door:
        true, false = door.text(LENA, "路灯坏了"), door.text("oVictim", "提交")
        signed = door.signed()
        sealed = door.seal(door.written(true).encode())
        open_part = door.written(false).removesuffix("</xml>")
        body = f"{open_part}<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
        query = {**signed, "encrypt_type": "aes", "msg_signature": door.sign(signed, sealed)}
        assert (await door.post(body, query)).text.startswith("记下了")
    assert await Identity.all().values_list("openid", flat=True) == [LENA]


async def test_in_compatible_mode_a_person_may_write_about_envelopes(house: House) -> None:
    async with opened(house.desk, replace(house.account, mode="compatible")) as door:
        answer = await door.push(door.text(LENA, "<Encrypt>abcd</Encrypt>"), "compatible")
    assert answer.text.startswith("记下了")


async def test_a_body_over_the_limit_is_refused_however_its_length_is_told(door: Door) -> None:
    query = {**door.signed(), "encrypt_type": "aes"}
    assert (await door.post(b"x" * 65_537, query)).status == 413

    async def in_pieces() -> AsyncIterator[bytes]:  # no Content-Length
        for _ in range(70):
            yield b"x" * 1024

    assert (await door.post(in_pieces(), query)).status == 413
    assert (await door.post(gzip.compress(b"x" * 5_000_000), query, headers={"Content-Encoding": "gzip"})).status == 413
    assert (await door.push(door.text(LENA, "长" * 5000))).text.startswith("记下了")


async def test_a_body_that_is_not_what_its_headers_say_is_refused(door: Door) -> None:
    query = {**door.signed(), "encrypt_type": "aes"}
    assert (await door.post(b"<xml>", query, headers={"Content-Encoding": "gzip"})).status == 400


async def test_a_sender_who_never_finishes_is_not_waited_for(house: House) -> None:
    async with opened(house.desk, house.account, cap=0.2) as door:

        async def begins() -> AsyncIterator[bytes]:
            yield b"<xml>"
            await asyncio.Event().wait()

        assert (await door.post(begins(), {**door.signed(), "encrypt_type": "aes"})).status == 408


async def test_what_cannot_be_read_is_acknowledged_and_changes_nothing(door: Door) -> None:
    for inside in (
        b"",
        b"\x00\xff\xfe",
        b"<xml>",
        b"<xml></xml>",
        b"not xml at all",
        b'{"MsgType": "text"}',
        b"<xml><MsgType>text</MsgType></xml>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml><FromUserName>o</FromUserName><MsgType>text</MsgType></xml>',
        b"<xml><FromUserName>" + b"o" * 65 + b"</FromUserName><MsgType>text</MsgType></xml>",
    ):
        answer = await door.push(inside)
        assert (answer.status, answer.raw) == (200, b"success"), inside
    assert await Inbound.all().count() == 0


async def test_cdata_ends_and_control_characters_are_kept_out_of_the_xml(
    wechat: Wechat, door: Door, town: Town
) -> None:
    resident = await wechat.resident("王阿姨", GRID)
    said = "灯]]>坏了\x00\x08\x1b<b>&amp;"
    assert (await door.say(resident.openid, said)).text.startswith("记下了")
    assert "№1001" in (await door.say(resident.openid, "提交")).text
    assert (await door.say(resident.openid, "1001")).text.startswith("№1001 灯]]>坏了<b>&amp;\n")


async def test_nobody_can_type_themselves_into_somebody_else(door: Door) -> None:
    typed = "x</Content><FromUserName>oVictim</FromUserName><MsgType>event</MsgType><Content>"
    message = door.text(LENA, "?")
    for opening, closing in (("", ""), ("<![CDATA[", "]]>")):
        xml = door.written({**message, "CreateTime": message["CreateTime"] + len(opening)})
        raw = xml.replace("<![CDATA[?]]>", f"{opening}{typed if not opening else f']]>{typed}<![CDATA['}{closing}")
        assert (await door.push(raw)).status == 200
    assert await Identity.all().values_list("openid", flat=True) == [LENA]


async def test_events_that_nobody_waits_for_touch_nothing(door: Door) -> None:
    for event in ("LOCATION", "VIEW", "view_miniprogram", "TEMPLATESENDJOBFINISH", "MASSSENDJOBFINISH", "unheard_of"):
        assert (await door.push(door.event("oSystem", event, MsgID=1, Status="success"))).raw == b"success"
    assert await Person.all().count() == await Inbound.all().count() == 0


async def test_a_flood_from_one_person_is_slowed_and_nobody_else(house: House) -> None:
    async with opened(house.desk, house.account, per_minute=3) as door:
        said = [(await door.say(LENA, f"第{count}句")).text for count in range(7)]
        other = (await door.say("oOther", "路灯坏了")).text
    # The minute may turn once in between.
    assert 1 <= said.count(replies.TOO_FAST) <= 4
    assert said[0].startswith("记下了")
    assert other.startswith("记下了")
    assert await CaseMessage.all().count() == 8 - said.count(replies.TOO_FAST)


async def test_a_long_answer_is_cut_to_what_wechat_takes(wechat: Wechat, door: Door, town: Town) -> None:
    resident = await wechat.resident("王阿姨", GRID)
    for _ in range(6):
        await door.say(resident.openid, "长" * 900)
    await door.say(resident.openid, "提交")
    for _ in range(12):
        await door.say(resident.openid, "补" * 900)
    shown = (await door.say(resident.openid, "1001")).text  # read() checks the length
    assert shown.endswith("催办 1001 / 撤回 1001；要补充直接说")
