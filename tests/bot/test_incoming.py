"""Reading what WeChat pushes: what is believed, what is salvaged, what is never slow."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.incoming import LONGEST_TEXT, Incoming, read


def message(inside: str, *, kind: str = "text") -> bytes:
    return (
        "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[oLena]]></FromUserName>"
        f"<CreateTime>1700000000</CreateTime><MsgType><![CDATA[{kind}]]></MsgType>{inside}</xml>"
    ).encode()


def heard(inside: str, *, kind: str = "text") -> Incoming:
    found = read(message(inside, kind=kind))
    assert found is not None
    return found


def test_control_characters_are_dropped_and_the_words_kept() -> None:
    assert heard("<Content><![CDATA[路\x00灯\x0b坏\x1b了]]></Content>").text == "路灯坏了"
    assert heard("<Content>路&#x8;灯&#0;坏&#27;了&#10;</Content>").text == "路灯坏了"


def test_broken_xml_still_gives_a_persons_words() -> None:
    for inside in (
        "<Content><![CDATA[灯]]>坏了]]></Content><MsgId>7</MsgId>",
        "<Content>灯<坏了</Content><MsgId>7</MsgId>",
        "<Content>灯&坏了</Content><MsgId>7</MsgId>",
        "<Content>灯&#xD800;坏了</Content><MsgId>7</MsgId>",
    ):
        found = heard(inside)
        assert found.text.startswith("灯"), inside
        assert found.text.endswith("坏了"), inside
        assert (found.openid, found.msg_id) == ("oLena", "7"), inside


@pytest.mark.parametrize(
    "typed",
    [
        "x]]></Content><FromUserName><![CDATA[oVictim]]></FromUserName><Content><![CDATA[y",
        "x]]></Content></xml><xml><FromUserName>oVictim</FromUserName>",
        "x</Content><FromUserName>oVictim</FromUserName><MsgType>event</MsgType><Event>subscribe</Event><Content>",
        "<FromUserName>oVictim</FromUserName>",
    ],
)
def test_nobody_types_themselves_into_somebody_else(typed: str) -> None:
    for inside in (f"<Content><![CDATA[{typed}]]></Content>", f"<Content>{typed}</Content>"):
        found = read(message(inside + "<MsgId>7</MsgId>"))
        assert found is not None
        assert (found.openid, found.kind, found.event) == ("oLena", "text", "")


def test_a_document_type_is_refused_but_may_be_talked_about() -> None:
    assert read(b"<!DOCTYPE x>" + message("<Content>a</Content>")) is None
    assert read(b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]>" + message("<Content>&a;</Content>")) is None
    assert read(b"<!-- <xml --><!DOCTYPE x>" + message("<Content>a</Content>")) is None
    assert heard("<Content><![CDATA[<!DOCTYPE html><!ENTITY>]]></Content>").text == "<!DOCTYPE html><!ENTITY>"


def test_an_entity_is_never_resolved() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    assert read(bomb + message("<Content>&b;</Content>")) is None
    assert heard("<Content>&b;</Content>").text == "&b;"


def test_a_prolog_and_a_byte_order_mark_do_no_harm() -> None:
    for before in ("\ufeff", "<?xml version='1.0' encoding='utf-8'?>\n", "\n  "):
        found = read(before.encode() + message("<Content>灯</Content>"))
        assert found is not None
        assert found.text == "灯"


@pytest.mark.parametrize("degrees", ["nan", "inf", "-inf", "1e999", "91", "-90.1", "", "东", "9" * 60_000])
def test_a_place_that_is_nowhere_has_no_coordinates(degrees: str) -> None:
    assert heard(f"<Location_X>{degrees}</Location_X><Label>东门</Label>", kind="location").latitude is None


def test_a_medium_id_that_is_too_long_is_none() -> None:
    assert heard(f"<MediaId>{'m' * 129}</MediaId>", kind="image").media_id == ""
    assert heard(f"<MediaId>{'m' * 128}</MediaId>", kind="image").media_id == "m" * 128


def test_two_events_of_one_second_are_told_apart_by_what_wechat_says_of_them() -> None:
    def key(inside: str) -> str:
        return heard(inside, kind="event").key("wx1")

    location = "<Event>LOCATION</Event><Latitude>{}</Latitude>"
    assert key(location.format(1)) != key(location.format(2))
    assert key(location.format(1)) == key(location.format(1))
    job = "<Event>TEMPLATESENDJOBFINISH</Event><MsgID>{}</MsgID><Status>success</Status>"
    assert key(job.format(1)) != key(job.format(2))
    assert key("<Event>CLICK</Event><EventKey>a</EventKey>") != key("<Event>CLICK</Event><EventKey>b</EventKey>")


NEVER_SLOW = 4.0
"""Seconds of CPU; each takes some milliseconds. What this guards against took 14 s and more, whatever the load."""


@pytest.mark.parametrize(
    "xml",
    [
        b"<xml>" + b"<a>" * 20_000,
        message("<a>" * 9_000 + "</a>" * 9_000),
        b"<xml " + b" ".join(b"a%d='1'" % number for number in range(6_000)) + b"></xml>",
        b"<xml a='" + b"x" * 64_000 + b"'></xml>",
        b"<Content>" * 7_000,
        b"<xml><MsgType>text</MsgType>" + b"<Content><![CDATA[" * 3_500,
        message("<Content>" + "&#x0" * 15_000 + "</Content>"),
        message("<Content>" + "&#x0;" * 12_000 + "</Content>"),
        message("<CreateTime>" + "9" * 60_000 + "</CreateTime>"),
        b"<?xml" + b"?" * 60_000,
        b" " * 64_000,
        b"\x00" * 64_000,
        b"]]>" * 20_000,
    ],
    ids=range(13),
)
def test_nothing_of_sixty_four_kilobytes_is_slow(xml: bytes) -> None:
    began = time.process_time()
    read(xml)
    assert time.process_time() - began < NEVER_SLOW


@given(xml=st.one_of(st.binary(max_size=400), st.text(max_size=300).map(lambda text: message(f"<Content>{text}"))))
@settings(max_examples=300)
def test_no_bytes_make_it_raise(xml: bytes) -> None:
    found = read(xml)
    assert found is None or len(found.openid) <= 64


_TAGS = st.sampled_from(
    [
        "Content",
        "MsgType",
        "FromUserName",
        "Event",
        "EventKey",
        "MediaId",
        "Recognition",
        "Location_X",
        "MsgId",
        "Label",
    ]
)


@given(fields=st.lists(st.tuples(_TAGS, st.text(max_size=60), st.booleans()), max_size=8))
@settings(max_examples=200)
def test_the_sender_is_whoever_wechat_named_first(fields: list[tuple[str, str, bool]]) -> None:
    inside = "".join(
        f"<{tag}><![CDATA[{text}]]></{tag}>" if cased else f"<{tag}>{text}</{tag}>" for tag, text, cased in fields
    )
    found = read(message(inside))
    assert found is not None
    assert (found.openid, found.kind, found.to) == ("oLena", "text", "gh_1")
    assert len(found.text) <= LONGEST_TEXT
