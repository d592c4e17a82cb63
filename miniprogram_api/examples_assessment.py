"""Examples of scores, spot checks and awards."""

from collections.abc import Mapping
from typing import Any

WHOLE: Mapping[str, Any] = {
    "RecordOf": {"kind": "case", "id": "1024"},
    "Points": {"events": 73, "visits": 85, "base_data": 16, "deductions": -2},
    "NewCheck": {
        "kind": "case",
        "record": "1024",
        "verdict": "unqualified",
        "ground": "missing",
        "note": "没有办结照片",
    },
}
FIELDS: Mapping[str, Any] = {
    "ground": "missing",
    "objection": None,
    "public_until": "2026-04-04T00:00:00.000+08:00",
    "record": {"kind": "case", "id": "1024"},
    "verdict": "unqualified",
    "Award.person": {"name": "李卫国"},
    "Award.state": "public",
    "MissingLine.name": "服务事件",
    "NewObjection.reason": "照片在第二条消息里",
    "Objected.answer": "看到了",
    "Objected.reason": "照片在第二条消息里",
    "ObjectionDecision.answer": "看到了",
    "ScoreLine.reason": "自办办结",
    "WaitingObjection.reason": "照片在第二条消息里",
    "SpotCheck.kind": "case",
    "SpotCheck.note": "没有办结照片",
    "SpotCheck.record": "1024",
}
