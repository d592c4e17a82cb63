"""How typed words are understood."""

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.incoming import Incoming
from bot.router import Talk
from bot.words import begins, number_alone, opinion, orders, plain, says, stars, stars_alone
from services.people import Heard

ORDERS = orders("不予受理", "受理", "回复", "办结", "上报", "评价")


def talk(text: str) -> Talk:
    heard = Heard(1, 1, "oLena", "", None, False, None, None, None)
    desk = cast("Any", None)  # filters look at words only
    return Talk(Incoming("gh_1", "oLena", "text", "1"), heard, desk, plain(text))


@pytest.mark.parametrize(
    ("text", "word", "number", "rest"),
    [
        ("受理 1024", "受理", 1024, ""),
        ("受理1024", "受理", 1024, ""),
        ("受理№1024", "受理", 1024, ""),
        ("受理 # 1024。", "受理", 1024, ""),
        ("受理：1024", "受理", 1024, ""),
        ("受理，编号1024", "受理", 1024, ""),
        ("受理 NO.1024", "受理", 1024, ""),
        ("受理 no 1024", "受理", 1024, ""),
        ("受理１０２４", "受理", 1024, ""),
        ("受理　＃１０２４号", "受理", 1024, ""),
        ("受理1024号", "受理", 1024, ""),
        ("1024受理", "受理", 1024, ""),
        ("№1024 受理", "受理", 1024, ""),
        ("1024号，受理！", "受理", 1024, ""),
        ("“受理 1024”", "受理", 1024, ""),
        ("不予受理 1024 不归我们管", "不予受理", 1024, "不归我们管"),
        ("回复 1024 明天来", "回复", 1024, "明天来"),
        ("回复№1024：明天来", "回复", 1024, "明天来"),
        ("回复1024明天来", "回复", 1024, "明天来"),
        ("1024回复 明天来，请留门。", "回复", 1024, "明天来，请留门。"),
        ("回复 1024\n第一行\n第二行", "回复", 1024, "第一行\n第二行"),
        ("办结1024天亮前修好了", "办结", 1024, "天亮前修好了"),
        ("评价 1024 5 谢谢", "评价", 1024, "5 谢谢"),
        ("评价5", "评价", 5, ""),
        ("受理 0001024", "受理", 1024, ""),
        ("受理 999999999999999999", "受理", 999999999999999999, ""),
    ],
)
def test_an_order_is_understood_however_it_is_typed(text: str, word: str, number: int, rest: str) -> None:
    said = talk(text)
    assert ORDERS(said)
    assert (said.word, said.number, said.rest) == (word, number, rest)


@pytest.mark.parametrize(
    "text",
    [
        "受理",
        "回复 明天来",
        "上报3起盗窃",
        "上报 3 起盗窃",
        "办结12号楼的事",
        "5号楼上报一下",
        "受理窗口1024人排队",
        "请受理 1024",
        "受理 9999999999999999999",
        "受理 一零二四",
        "",
    ],
)
def test_a_sentence_is_no_order(text: str) -> None:
    assert not ORDERS(talk(text))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1024", 1024),
        (" １０２４ ", 1024),
        ("№1024", 1024),
        ("#1024。", 1024),
        ("NO. 1024", 1024),
        ("编号：1024", 1024),
        ("1024号", 1024),
        ("“1024”", 1024),
        ("0", 0),
        ("99999999999999999999", 0),
        ("№13812345678", 13812345678),
    ],
)
def test_a_number_alone_is_a_number(text: str, number: int) -> None:
    said = talk(text)
    assert number_alone(said)
    assert said.number == number


@pytest.mark.parametrize("text", ["13812345678", "1024 1025", "1024室", "十", "-1024", "1024.5", "0519-85551234", ""])
def test_a_telephone_or_a_house_is_no_number(text: str) -> None:
    assert not number_alone(talk(text))


@pytest.mark.parametrize(
    ("text", "given_stars", "note"),
    [
        ("5 谢谢", 5, "谢谢"),
        ("5分谢谢", 5, "谢谢"),
        ("5分，谢谢！", 5, "谢谢！"),
        ("5", 5, ""),
        ("５星".translate(str.maketrans("５", "5")), 5, ""),
        ("五分", 5, ""),
        ("五 谢谢", 5, "谢谢"),
        ("三颗星 一般", 3, "一般"),
        ("两分", 2, ""),
        ("1：没修好", 1, "没修好"),
        ("5谢谢", 5, "谢谢"),
        ("0", 0, "0"),
        ("6", 0, "6"),
        ("10分", 0, "10分"),
        ("4.5分", 0, "4.5分"),
        ("五十分", 0, "五十分"),
        ("一直没人来", 0, "一直没人来"),
        ("3天没人来", 0, "3天没人来"),
        ("很好", 0, "很好"),
        ("", 0, ""),
    ],
)
def test_a_rating_is_one_to_five_and_nothing_guessed(text: str, given_stars: int, note: str) -> None:
    assert stars(text) == (given_stars, note)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("5", True),
        ("五分", True),
        ("5分", True),
        ("5星。", True),
        ("4分 谢谢你们", True),
        ("五", False),
        ("6", False),
        ("55", False),
        ("5楼", False),
        ("一分钟就修好了", False),
        ("2分钟", False),
    ],
)
def test_a_rating_alone_is_a_digit_or_says_its_unit(text: str, *, fits: bool) -> None:
    assert stars_alone(talk(text)) is fits


@pytest.mark.parametrize("text", ["提交", " 提交。", "“提交”", "提交！！", "提交～", "「提交」…"])
def test_quotes_and_full_stops_around_a_word_mean_nothing(text: str) -> None:
    assert says("提交")(talk(text))


def test_a_word_within_a_sentence_is_not_the_word() -> None:
    assert not says("提交")(talk("提交材料要去哪里"))
    assert begins("提交")(talk("提交材料要去哪里"))


_PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            ["受理", "回复", "评价", "№", "#", "号", "1024", "５", " ", "　", "：", "\n", "分", "。", "”", "-"]
        ),
        st.text(max_size=5),
    ),
    max_size=8,
).map("".join)


@given(text=_PIECES)
def test_whatever_is_typed_the_filters_answer(text: str) -> None:
    for fits in (ORDERS, number_alone, stars_alone, begins("受理"), says("受理")):
        said = talk(text)
        assert fits(said) in {True, False}
        assert 0 <= said.number < 10**18
    assert stars(text)[0] in range(6)


def test_an_opinion_that_begins_with_inside_is_for_staff_only() -> None:
    assert {text: opinion(text) for text in INSIDE} == INSIDE


INSIDE: dict[str, tuple[bool | None, str]] = {
    "内部：先压一压": (True, "先压一压"),
    "内部:先压一压": (True, "先压一压"),
    "内部 先压一压": (True, "先压一压"),
    "（内部）先压一压": (True, "先压一压"),
    "[内部] 先压一压": (True, "先压一压"),
    "【内部】：先压\n一压": (True, "先压\n一压"),
    "内部": (True, ""),
    # Better hidden by mistake than shown by mistake; the answer says that it is.
    "内部线路老化": (True, "内部线路老化"),
    "已查过内部": (None, "已查过内部"),
    "（内部先压一压": (True, "（内部先压一压"),
    "": (None, ""),
}
