"""What identifies a person lies in the database sealed, and comes out only whole and with the right key."""

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.cipher import Altered, BadKey, CannotOpen, FieldCipher, UnknownKey

OLD, NEW = FieldCipher.new_key(), FieldCipher.new_key()
CIPHER = FieldCipher.from_keys([OLD])
ROTATED = FieldCipher.from_keys([NEW, OLD])


@given(st.text())
def test_what_was_sealed_opens_to_the_same_text(text: str) -> None:
    assert CIPHER.open(CIPHER.seal(text)) == text


def test_a_sealed_text_reads_as_version_key_id_and_body() -> None:
    assert re.fullmatch(r"v1\.[0-9a-f]{8}\.[A-Za-z0-9_-]+", CIPHER.seal("张三 13800138000"))


def test_the_same_text_seals_to_something_else_each_time() -> None:
    assert len({CIPHER.seal("13800138000") for _ in range(100)}) == 100


def test_a_sealed_text_does_not_hold_the_plain_one() -> None:
    body = CIPHER.seal("13800138000").rsplit(".", 1)[1]
    assert b"13800138000" not in base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))


@given(st.text(), st.data())
def test_any_changed_letter_is_noticed(text: str, data: st.DataObject) -> None:
    sealed = CIPHER.seal(text)
    place = data.draw(st.integers(0, len(sealed) - 1))
    letter = data.draw(st.characters().filter(lambda letter: letter != sealed[place]))
    with pytest.raises(CannotOpen):
        CIPHER.open(sealed[:place] + letter + sealed[place + 1 :])


@given(st.text(), st.data())
def test_a_shortened_text_is_noticed(text: str, data: st.DataObject) -> None:
    sealed = CIPHER.seal(text)
    with pytest.raises(CannotOpen):
        CIPHER.open(sealed[: data.draw(st.integers(0, len(sealed) - 1))])


@given(st.text())
def test_a_text_that_was_never_sealed_is_refused_by_name(text: str) -> None:
    with pytest.raises(CannotOpen):
        CIPHER.open(text)


def test_a_changed_body_is_called_altered() -> None:
    sealed = CIPHER.seal("地址")
    with pytest.raises(Altered, match="altered"):
        CIPHER.open(sealed[:-5] + ("A" if sealed[-5] != "A" else "B") + sealed[-4:])


def test_a_second_spelling_of_the_same_bytes_is_refused() -> None:
    """The last letter of base64 may hold bits that mean nothing; changing them is a change all the same."""
    sealed = CIPHER.seal("")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = sealed[:-1] + letters[letters.index(sealed[-1]) ^ 1]
    body, other_body = (base64.urlsafe_b64decode(text.rsplit(".", 1)[1] + "==") for text in (sealed, other))
    assert body == other_body
    with pytest.raises(Altered):
        CIPHER.open(other)


def test_an_empty_body_is_called_altered() -> None:
    with pytest.raises(Altered):
        CIPHER.open(CIPHER.seal("x").rsplit(".", 1)[0] + ".")


def test_another_ring_does_not_open_it_and_says_which_key_is_missing() -> None:
    sealed = CIPHER.seal("地址")
    with pytest.raises(UnknownKey, match=sealed.split(".")[1]):
        FieldCipher.from_keys([NEW]).open(sealed)


def test_the_key_id_is_authenticated_too() -> None:
    mine, theirs = ROTATED.seal("地址"), CIPHER.seal("地址")
    with pytest.raises(Altered):
        ROTATED.open(".".join(["v1", theirs.split(".")[1], mine.split(".")[2]]))


def test_after_a_rotation_old_texts_open_and_new_ones_need_the_new_key() -> None:
    assert ROTATED.open(CIPHER.seal("旧")) == "旧"
    sealed = ROTATED.seal("新")
    assert FieldCipher.from_keys([NEW]).open(sealed) == "新"
    with pytest.raises(UnknownKey):
        CIPHER.open(sealed)


def test_an_index_is_the_same_for_the_same_text_before_and_after_a_rotation() -> None:
    assert CIPHER.index("13800138000") == ROTATED.index("13800138000")
    assert re.fullmatch("[0-9a-f]{64}", CIPHER.index("13800138000"))


def test_an_index_differs_by_text_and_by_key() -> None:
    assert CIPHER.index("13800138000") != CIPHER.index("13800138001")
    assert CIPHER.index("13800138000") != FieldCipher.from_keys([NEW]).index("13800138000")


def test_a_new_key_is_32_random_bytes() -> None:
    keys = {FieldCipher.new_key() for _ in range(50)}
    assert len(keys) == 50
    assert {len(base64.b64decode(key)) for key in keys} == {32}


def test_a_key_may_be_written_in_either_alphabet_with_or_without_padding() -> None:
    raw = bytes([0xFB, 0xFF]) * 16
    spellings = [base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode().rstrip("="), " " + OLD + "\n"]
    sealed = FieldCipher([raw]).seal("x")
    for spelling in spellings[:2]:
        assert FieldCipher.from_keys([spelling]).open(sealed) == "x"
    assert FieldCipher.from_keys([spellings[2]]).open(CIPHER.seal("x")) == "x"


@pytest.mark.parametrize("keys", [[], [""], ["c2hvcnQ="], [OLD, "not base64!"], ["密钥"], [OLD[:-8]]])
def test_a_bad_key_is_refused_without_being_shown(keys: list[str]) -> None:
    with pytest.raises(BadKey) as refused:
        FieldCipher.from_keys(keys)
    assert not [key for key in keys if key and key in str(refused.value)]
