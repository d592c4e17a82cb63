"""How typed words are understood: filters for the router, tolerant of how people type."""

import re
from collections.abc import Mapping

from bot.router import Filter, Talk

_HALF_WIDTH = str.maketrans(
    {chr(code): chr(code - 0xFEE0) for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
    | {"\u3000": " ", "\u00a0": " ", "＃": "#", "－": "-"}
)

LONGEST_NUMBER = 18
"""Digits that fit the database's bigint whatever they are."""

_MARK = r"(?P<mark>№|#|NO\.?|N[º°]|编号|第)?"
_DIGITS = rf"(?P<digits>[0-9]{{1,{LONGEST_NUMBER}}})(?![0-9])"
_CALLED = r"(?:\s*号(?![楼门院店线]))?"
_BETWEEN = r"[\s:：,，.。、;；!！?？-]*"
_COUNTS = "号楼栋幢单室户天日点个月年岁次起件人路元米层条只台"
_COUNTED = frozenset(_COUNTS)
_SMALL = 3
"""Digits: house numbers and days have no more, and the first case has four."""

_ALONE = re.compile(rf"{_MARK}\s*[:：]?\s*(?P<digits>[0-9]+)(?:\s*号)?", re.IGNORECASE)
_MOBILE = re.compile(r"1[3-9][0-9]{9}")


_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ\u3000\u00a0＃－]")
_QUOTED = re.compile(r"[“\"「『](.*)[”\"」』]", re.DOTALL)


def plain(text: str) -> str:
    """Full-width digits and letters become plain ones; Chinese punctuation stays as it was typed.

    Quotes around the whole are taken off: people copy 「“评价 1024 5”」 as the chat shows it.
    """
    # Most texts hold none of it, and to look is much cheaper than to translate.
    half = (text.translate(_HALF_WIDTH) if _WIDE.search(text) else text).strip()
    quoted = _QUOTED.fullmatch(half)
    return quoted[1].strip() if quoted is not None else half


def says(*words: str) -> Filter:
    """The whole message is one of *words*, give or take quotes and a full stop."""
    known = frozenset(words)

    def fits(talk: Talk) -> bool:
        if talk.bare not in known:
            return False
        talk.word = talk.bare
        return True

    return fits


def begins(*words: str) -> Filter:
    """One of *words* and whatever follows it (longer words first, where one begins with the other)."""

    def fits(talk: Talk) -> bool:
        for word in words:
            if talk.text.startswith(word):
                talk.word, talk.rest = word, talk.text[len(word) :].strip(" \n\t:：,，")
                return True
        return False

    return fits


def orders(*words: str) -> Filter:
    """A word, a case number and perhaps more, in either order: 「受理 1024」「回复№1024：明天来」「1024办结 修好了」.

    「上报3起盗窃」 and 「看5号楼」 are no orders: a small number before what it counts is part of a sentence.
    """
    either = "|".join(map(re.escape, words))
    first = re.compile(
        rf"(?P<word>{either}){_BETWEEN}{_MARK}\s*[:：]?\s*{_DIGITS}(?P<after>{_CALLED}{_BETWEEN}(?P<rest>.*))",
        re.DOTALL | re.IGNORECASE,
    )
    last = re.compile(
        rf"{_MARK}\s*{_DIGITS}(?P<after>{_CALLED}{_BETWEEN}(?P<word>{either}){_BETWEEN}(?P<rest>.*))",
        re.DOTALL | re.IGNORECASE,
    )

    def fits(talk: Talk) -> bool:
        if not talk.numbered:
            return False
        found = first.fullmatch(talk.text) or last.fullmatch(talk.text)
        if found is None:
            return False
        digits, after = found["digits"], found["after"].strip()
        if not found["mark"] and len(digits) <= _SMALL and after[:1] in _COUNTED and after != "号":
            return False
        talk.word, talk.number, talk.rest = found["word"], int(digits), found["rest"].strip()
        return True

    return fits


def number_alone(talk: Talk) -> bool:
    """Nothing but a number, however it is marked; ``rest`` holds the digits. A mobile phone's number is no case's."""
    found = _ALONE.fullmatch(talk.bare) if talk.numbered else None
    if found is None or (not found["mark"] and _MOBILE.fullmatch(found["digits"])):
        return False
    digits = found["digits"]
    talk.number, talk.rest = int(digits) if len(digits) <= LONGEST_NUMBER else 0, digits
    return True


def event(*names: str) -> Filter:
    return lambda talk: talk.incoming.kind == "event" and talk.incoming.event in names


def staff(fits: Filter) -> Filter:
    """*fits*, and the speaker has (or had) a duty: to a resident the same words are part of a sentence."""
    return lambda talk: talk.heard.staff and fits(talk)


def waits_for(question: str, fits: Filter) -> Filter:
    """*fits*, and the chat has asked *question* not too long ago."""
    return lambda talk: talk.questions.get(question) is not None and fits(talk)


_OPEN, _SHUT = r"[（(【\[「“\"]", r"[)）】\]」”\"]"
_INSIDE = re.compile(
    rf"(?P<open>{_OPEN})?\s*内部\s*(?(open){_SHUT}|(?=[\s:：,，、-]|$))[\s:：,，、-]*(?P<rest>.*)", re.DOTALL
)
_INSIDE_SOMEHOW = re.compile(rf"{_OPEN}?\s*内部")


def opinion(text: str) -> tuple[bool | None, str]:
    """Whether an opinion begins with 「内部」, for staff only, and the opinion: 「内部：先压一压」「（内部）查过了」.

    ``None`` where nothing is said about it. 「内部线路老化」 is hidden too, and keeps all of its words.
    """
    text = text.strip()
    found = _INSIDE.fullmatch(text)
    if found is not None:
        return True, found["rest"].strip()
    return (True if _INSIDE_SOMEHOW.match(text) else None), text


# Ratings (1–5 and words).

_NUMERALS: Mapping[str, int] = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}
_UNIT = r"\s*(?:分|颗?星)"
_STARS = re.compile(
    # 「一直没人来」 rates nothing, neither does 「3天没人来」; 「10分」 and 「4.5」 are not on the scale.
    rf"(?P<stars>[1-5](?![0-9{_COUNTS}]|[.．][0-9])|[一二两三四五](?={_UNIT}|[\s:：,，.。、;；]|$))(?:{_UNIT})?"
    rf"{_BETWEEN}(?P<note>.*)",
    re.DOTALL,
)


def stars(text: str) -> tuple[int, str]:
    """The rating at the beginning of *text*, and the words behind it: 「5 谢谢」「五分，谢谢」.

    Zero when there is none, or none from 1 to 5.
    """
    found = _STARS.fullmatch(text.strip())
    if found is None:
        return 0, text
    given = found["stars"]
    return _NUMERALS.get(given) or int(given), found["note"].strip()


_STARS_ALONE = re.compile(r"[1-5]|[一二两三四五1-5]\s*(?:分|颗?星)(?:[\s,，。!！]+.*)?", re.DOTALL)


def stars_alone(talk: Talk) -> bool:
    """A digit from 1 to 5, or 「五分」, perhaps with a word of thanks behind it."""
    return _STARS_ALONE.fullmatch(talk.bare) is not None
