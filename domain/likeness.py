"""Whether two cases of one grid may be the same matter, told twice: alike in words, or close in place.

Residents' sentences are short. Measured on the pairs in ``tests/domain/test_likeness.py``, the plain trigram
similarity of pg_trgm is of no use for them: 0.00 to 0.31 for what is alike, 0.00 to 0.33 for what is not, since most of
such a sentence is 「坏了」「很危险」「小区门口」. So these common words go first, and what is left, the thing itself,
is compared by pairs of neighbouring characters.
"""

import re
from datetime import timedelta

WITHIN = timedelta(days=14)
CLOSE_METRES = 150.0
LIKE_ENOUGH = 0.4
"""Share of the shorter one's pairs. On the pairs of the test, what is alike has 0.43 and more; of what is not, only the
same bin with another fault has any."""

_COMMON = re.compile(
    "[0-9一二三四五六七八九十两几多半]*(?:号楼|栋|单元|天|点|楼层|号|楼)|小区|门口|路口|村口|楼[上下道]|隔壁|邻居|我们|这栋|前面|旁边|广场上|"
    "想问|问一下|请问|一下|怎么|什么|时候|为什么|没人|有人|一直|还在|已经|天天|经常|坏了|断了|没了|不[亮动行通]|掉[了下来]*|很|太|好多|大家|危险|"
    "声音|老人|小孩|孩子|晚上|半夜|白天|[0-9]+|[的了吗呢吧啊都也还在有个把被给和是没说请快想来去到大]|[^\\w]"
)


def likeness(one: str, other: str) -> float:
    """How much of the shorter text's matter stands in the other one too: 0 to 1, the same both ways."""
    first, second = _pairs(one), _pairs(other)
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0


def _pairs(text: str) -> set[str]:
    left = _COMMON.sub("", text)
    return {left[at : at + 2] for at in range(len(left) - 1)}
