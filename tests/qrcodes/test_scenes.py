"""Scenes: there and back, and nothing else accepted."""

import random
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qrcodes.scenes import DIGITS, LAST_ID, BadScene, decode, encode, from_event_key

unhurried = settings(deadline=None)  # two cores are shared with the other tests
ids = st.integers(1, LAST_ID)
BOTH_ALPHABETS = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
ASCII = [chr(code) for code in range(128)]
SOME_IDS = [
    *range(1, 130),
    1023,
    1024,
    1042,
    32767,
    32768,
    LAST_ID,
    *random.Random(7).sample(range(10**6, LAST_ID), 40),
]


def refused(scene: str) -> bool:
    try:
        decode(scene)
    except BadScene as no:
        return str(no).endswith(".")
    return False


@unhurried
@given(ids)
def test_a_scene_names_its_post(post_id: int) -> None:
    assert decode(encode(post_id)) == post_id


@unhurried
@given(ids)
def test_wechat_takes_every_scene_in_both_kinds_of_code(post_id: int) -> None:
    assert BOTH_ALPHABETS.fullmatch(encode(post_id))


def test_printed_scenes_stay_as_they_are() -> None:
    assert [encode(post_id) for post_id in (1, 31, 32, 1042, LAST_ID)] == [
        "w12",
        "wzv",
        "w104",
        "w10j9",
        "w7zzzzzzzzzzzz6",
    ]


def test_every_single_wrong_character_is_noticed() -> None:
    for scene in map(encode, SOME_IDS):
        for place, right in enumerate(scene):
            wrong = [char for char in ASCII if char != right]
            slips = [scene[:place] + char + scene[place + 1 :] for char in wrong]
            assert len(slips) == 127
            assert all(map(refused, slips)), scene


def test_every_swap_of_two_neighbours_is_noticed() -> None:
    swaps = 0
    for scene in map(encode, SOME_IDS):
        for place, (left, right) in enumerate(pairwise(scene)):
            if left != right:
                swapped = scene[:place] + right + left + scene[place + 2 :]
                assert refused(swapped), (scene, swapped)
                swaps += 1
    assert swaps > 500


def test_the_check_character_is_the_only_one_that_fits() -> None:
    for body in (encode(post_id)[:-1] for post_id in SOME_IDS):
        assert [digit for digit in DIGITS if not refused(body + digit)] == [encode(decode_body(body))[-1]]


def decode_body(body: str) -> int:
    return sum(DIGITS.index(digit) * 32**place for place, digit in enumerate(reversed(body[1:])))


@unhurried
@given(st.one_of(st.text(), st.text(DIGITS + "wilouW_", max_size=20), st.from_regex(r"\Aw[0-9a-z]{1,20}\Z")))
def test_whatever_is_scanned_is_a_post_or_a_clear_no(text: str) -> None:
    if refused(text):
        assert from_event_key(text) is None or text.startswith("qrscene_w")
    else:
        assert encode(decode(text)) == text
        assert from_event_key(text) == text


@pytest.mark.parametrize(
    "scene",
    [
        "",
        "w",
        "w1",
        "w00",
        "w012",  # a leading zero would be a second name for the same post
        "W12",
        "w12\n",
        " w12",
        "w１2",
        "7",
        "bind:12",
        "w8000000000001",
        "w" + "1" * 63,
    ],
)
def test_a_scene_that_we_never_wrote_is_refused(scene: str) -> None:
    assert refused(scene)


def test_an_id_that_the_database_cannot_hold_is_refused() -> None:
    body = "w8000000000000"
    fits = [digit for digit in DIGITS if not body_is_copied_wrongly(body + digit)]
    assert len(fits) == 1
    with pytest.raises(BadScene, match="too large"):
        decode(body + fits[0])


def body_is_copied_wrongly(scene: str) -> bool:
    with pytest.raises(BadScene) as caught:
        decode(scene)
    return "copied wrongly" in str(caught.value)


@pytest.mark.parametrize("post_id", [0, -1, LAST_ID + 1])
def test_what_is_not_the_id_of_a_post_gets_no_scene(post_id: int) -> None:
    with pytest.raises(ValueError, match="not the id of a post"):
        encode(post_id)


@unhurried
@given(ids)
def test_following_and_scanning_again_name_the_same_scene(post_id: int) -> None:
    scene = encode(post_id)
    assert from_event_key(f"qrscene_{scene}") == scene
    assert from_event_key(scene) == scene


@pytest.mark.parametrize(
    "key",
    [
        "",
        "qrscene_",
        "last_trade_no_4008372001201512120134567890",
        "qrscene_last_trade_no_4008372001201512120134567890",
        "qrscene_qrscene_w12",
        "w12qrscene_",
        "QRSCENE_w12",
        "qrscene_w13",
        "qrscene_123",
        "menu:progress",
    ],
)
def test_the_key_of_another_event_or_system_is_not_ours(key: str) -> None:
    assert from_event_key(key) is None
