"""Examples of patrols and visits, for :mod:`miniprogram_api.examples`."""

from collections.abc import Mapping
from typing import Any

_FROM, _UNTIL = "2026-03-02T08:30:00.000+08:00", "2026-03-02T09:41:00.000+08:00"
_POINT = {"at": "2026-03-02T08:30:05+08:00", "latitude": 31.520114, "longitude": 120.110237, "accuracy": 8.5}

WHOLE: Mapping[str, Any] = {
    "NewPatrol": {"region": "32041210120101", "content": "查消防通道"},
    "NewPoint": _POINT,
    "NewPoints": {"batch": 1, "sent_at": "2026-03-02T08:35:00+08:00", "points": [_POINT]},
    "PatrolEnd": {"result": "通道堵了一处，当场清了", "attachments": []},
    "NewSubject": {
        "kind": "care",
        "name": "张桂英",
        "phone": "13812345678",
        "address": "城西村 12 号",
        "agreed": True,
    },
    "NewVisit": {"subject": 7, "result": "老人身体不错，换了门口的灯泡", "next_date": "2026-03-20"},
    "NewBoundary": {"ring": [[120.11, 31.52], [120.12, 31.52], [120.12, 31.53], [120.11, 31.53]]},
    "NewExemptDay": {"region": "320412101", "day": "2026-03-02", "reason": "大雨，黄色预警"},
}

FIELDS: Mapping[str, Any] = {
    "day": "2026-03-02",
    "monday": "2026-03-02",
    "next_due": "2026-03-31",
    "next_date": "2026-03-20",
    "due_on": "2026-03-09",
    "length_metres": 2360,
    "seconds": 4260,
    "coverage": 0.41,
    "doubts": [],
    "content": "查消防通道",
    "in_time": True,
    "every_days": 30,
    "overdue_days": 2,
    "Bound.corners": 4,
    "DuePage.overdue": 1,
    "DuePage.today": 3,
    "PointsTaken.points": 60,
    "ExemptDay.reason": "大雨，黄色预警",
    "Fix.at": "2026-03-02T08:30:05.000+08:00",
    "Fix.latitude": 31.520114,
    "Fix.longitude": 120.110237,
    "PatrolLine.ended_at": _UNTIL,
    "PatrolLine.ended_by": "worker",
    "PatrolLine.result": "通道堵了一处，当场清了",
    "PatrolLine.started_at": _FROM,
    "Patrol.ended_at": _UNTIL,
    "Patrol.ended_by": "worker",
    "Patrol.result": "通道堵了一处，当场清了",
    "Patrol.started_at": _FROM,
    "JudgedLine.owed": "day_metres",
    "JudgedLine.wanted": 1000,
    "JudgedLine.done": 2360,
    "JudgedLine.met": True,
    "Subject.id": 7,
    "Subject.kind": "care",
    "Subject.title": "张**",
    "Subject.name": "张**",
    "Subject.address": "城西村 12 号",
    "Subject.active": True,
    "Visit.subject": 7,
    "Visit.title": "张**",
    "Visit.kind": "care",
    "Visit.result": "老人身体不错，换了门口的灯泡",
}
