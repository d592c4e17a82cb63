"""Which type of the event list (事项清单) the words of a request speak of.

A type is known by its name and its keywords. A keyword counts as far as it covers the text: 「路灯不亮」 weighs four
characters, 「路灯」 two, and what several types share weighs the less for each. ``A+B`` counts where all its parts
stand in the text, in any order; ``!A`` rules the type out. One wrong character in a word of four or more is forgiven
(people type by sound). The same words always give the same answer, and words that fit nothing give none.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

ALL_OF = "+"
NOT = "!"
LONGEST_TEXT = 600
"""Characters that are looked at: what it is about is said at the beginning."""

_LEAST = 1.9
"""Characters covered, below which nothing is suggested."""
_AHEAD = 1.35
"""How many times the next one's weight the first must have to be taken without asking."""
_FORGIVEN = 0.7
_FORGIVES_FROM = 4
_LOOKS_BACK = 6
_LOOKS_AHEAD = 8
_NOT_NOW = (
    *(
        "怕",
        "担心",
        "万一",
        "容易",
        "可能",
        "引起",
        "引发",
        "造成",
        "导致",
        "预防",
        "防止",
        "防范",
        "避免",
        "以免",
        "免得",
    ),
    *("要是", "如果", "会不会", "上次", "去年", "以前", "曾经", "演习", "演练", "宣传", "知识", "没有", "不是", "消除"),
)
"""Before a word of an urgent type: something feared or past, not something that is happening."""
_WHAT_IF = ("怎么办", "咋办", "咋整", "就完了", "谁负责", "怎么得了", "怎么跑", "往哪跑", "不得了")
"""Behind it: the same."""


@dataclass(frozen=True, slots=True)
class Described:
    """A type as it is known by words."""

    code: str
    name: str
    keywords: Sequence[str] = ()
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    code: str
    weight: float
    words: tuple[str, ...]
    """Which of the type's words were found, in the text's order: the reason."""
    exact: bool
    """False: only a word with a wrong character was found."""


@dataclass(slots=True)
class _Found:
    weights: dict[int, float] = field(default_factory=dict)
    """By position in the text."""
    words: dict[str, int] = field(default_factory=dict)
    exact: bool = False
    ruled_out: bool = False

    def add(self, at: int, length: int, weight: float, word: str) -> None:
        for position in range(at, at + length):
            self.weights[position] = max(weight, self.weights.get(position, 0.0))
        self.words.setdefault(word, at)


def plain(text: str) -> str:
    """Letters, digits and Chinese characters only, in one case and width."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())[:LONGEST_TEXT]


class Matcher:
    """Made once for a list; asked for every request."""

    def __init__(self, types: Iterable[Described]) -> None:
        self._types = {one.code: one for one in types}
        words: dict[str, dict[tuple[str, ...], str]] = {}
        self._not: dict[str, tuple[str, ...]] = {}
        for one in self._types.values():
            given = [one.name, *one.keywords]
            self._not[one.code] = tuple(plain(word[1:]) for word in given if word.startswith(NOT) and plain(word[1:]))
            split = {
                tuple(part for part in map(plain, word.split(ALL_OF)) if part): word.replace(ALL_OF, "")
                for word in given
                if not word.startswith(NOT)
            }
            words[one.code] = {parts: word for parts, word in split.items() if parts}
        shared = Counter(parts for of_type in words.values() for parts in of_type)
        self._by_first: dict[str, list[tuple[str, tuple[str, ...], float]]] = defaultdict(list)
        self._by_pair: dict[str, list[tuple[str, str, int, float]]] = defaultdict(list)
        for code, of_type in words.items():
            for parts in of_type:
                weight = 1 / shared[parts]
                self._by_first[parts[0][0]].append((code, parts, weight))
                if len(parts) == 1 and len(parts[0]) >= _FORGIVES_FROM:
                    for at in range(len(parts[0]) - 1):
                        self._by_pair[parts[0][at : at + 2]].append((code, parts[0], at, weight))

    def suggest(self, text: str, most: int = 4) -> list[Suggestion]:
        """The types that *text* fits, the best first; ties by code. Empty where nothing fits well enough."""
        said = plain(text)
        found: dict[str, _Found] = defaultdict(_Found)
        self._exact(said, found)
        self._nearly(said, found)
        ranked = [
            Suggestion(
                code,
                round(sum(one.weights.values()), 3),
                _longest(one.words),
                one.exact,
            )
            for code, one in found.items()
            if one.weights and not one.ruled_out
        ]
        ranked.sort(key=lambda one: (not one.exact, -one.weight, one.code))
        return [one for one in ranked if one.weight >= _LEAST][:most]

    def sure(self, suggestions: Sequence[Suggestion]) -> Suggestion | None:
        """The first of *suggestions*, where it is clear enough to be taken without asking anybody."""
        if not suggestions:
            return None
        first, others = suggestions[0], suggestions[1:]
        ahead = not others or first.weight >= _AHEAD * others[0].weight
        return first if first.exact and ahead else None

    def _exact(self, said: str, found: Mapping[str, _Found]) -> None:
        for first in dict.fromkeys(said):
            for code, parts, weight in self._by_first.get(first, ()):
                places = [said.find(part) for part in parts]
                if min(places) < 0:
                    continue
                one = found[code]
                one.ruled_out = one.ruled_out or any(word in said for word in self._not[code])
                if self._types[code].urgent and not _happening(said, parts):
                    continue
                one.exact = True
                for part, at in zip(parts, places, strict=True):
                    one.add(at, len(part), weight, part)

    def _nearly(self, said: str, found: Mapping[str, _Found]) -> None:
        for pair_at in range(len(said) - 1):
            for code, word, at, weight in self._by_pair.get(said[pair_at : pair_at + 2], ()):
                start = pair_at - at
                window = said[max(start, 0) : start + len(word)]
                if self._types[code].urgent or start < 0 or len(window) != len(word):
                    continue
                if found[code].exact:
                    continue
                right = [place for place in range(len(word)) if window[place] == word[place]]
                if len(right) == len(word) - 1:
                    one = found[code]
                    one.ruled_out = one.ruled_out or any(other in said for other in self._not[code])
                    for place in right:
                        one.add(start + place, 1, weight * _FORGIVEN, word)


def _longest(words: Mapping[str, int]) -> tuple[str, ...]:
    """In the text's order, without those that stand inside another."""
    outer = [word for word in words if not any(word != other and word in other for other in words)]
    return tuple(sorted(outer, key=lambda word: (words[word], word)))


def _happening(said: str, parts: Sequence[str]) -> bool:
    """Whether each of the words stands somewhere as what happens now, rather than as feared or remembered."""
    return all(_happens(said, part) for part in parts)


def _happens(said: str, word: str) -> bool:
    at = said.find(word)
    while at >= 0:
        before, after = said[max(at - _LOOKS_BACK, 0) : at], said[at : at + len(word) + _LOOKS_AHEAD]
        if not any(one in before for one in _NOT_NOW) and not any(one in after for one in _WHAT_IF):
            return True
        at = said.find(word, at + 1)
    return False
