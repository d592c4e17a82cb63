"""Examples of training."""

from collections.abc import Mapping
from typing import Any

_LINE = {
    "id": 7,
    "title": "安全用电",
    "region": {"code": "320412101", "name": "雪堰镇"},
    "hours": 2,
    "form": "online",
    "compulsory": True,
    "induction": False,
    "first_day": "2026-03-01",
    "last_day": "2026-06-30",
    "questions": 5,
    "standing": "open",
    "under_way": True,
    "left": 2,
    "attended": False,
    "points": None,
    "credited_on": None,
}
_QUESTION = {
    "number": 1,
    "ask": "single",
    "text": "发现电线落地，先做什么？",
    "options": ["设警戒，报供电公司", "用手挪开", "拍照就走"],
    "points": 20,
}
WHOLE: Mapping[str, Any] = {
    "NewAnswer": {"attempt": 1, "number": 1, "options": [1]},
    "Training": {**_LINE, "pages": ["发现电线落地，人离开八米以外，马上报供电公司。"], "link": ""},
    "TrainingLine": _LINE,
    "TrainingYear": {"year": 2026, "done": 6, "wanted": 20, "missing": 14},
    "TrainingQuestion": _QUESTION,
    "TrainingAttempt": {
        "attempt": 1,
        "questions": [_QUESTION],
        "answers": [],
        "next": 1,
        "points": None,
        "passed": None,
        "left": 1,
    },
}
