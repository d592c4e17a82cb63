"""Examples of base data, for :mod:`miniprogram_api.examples`."""

from collections.abc import Mapping
from typing import Any

WHOLE: Mapping[str, Any] = {
    "NewRecord": {
        "grid": "32041210120101",
        "kind": "household",
        "place": "3 幢 201",
        "fields": {"head": "王建国", "phone": "13812345678", "people": "3"},
    },
    "RecordChange": {"version": 1, "fields": {"people": "4"}},
    "RecordLook": {"reason": "上门核对"},
    "RecordProposal": {"fields": {"people": "4"}},
    "Withdrawal": {"field": "phone"},
    "ProposalDecision": {"take": True, "answer": "上门看过了"},
}
FIELDS: Mapping[str, Any] = {
    "BaseRecord.id": 7,
    "BaseRecord.place": "3 幢 201",
    "BaseRecord.fields": {"head": "王**", "phone": "138****5678", "people": "3"},
    "BaseRecord.version": 1,
    "RecordStep.change": "key_field",
    "RecordStep.fields": ["people"],
    "OwnRecord.id": 7,
    "OwnRecord.place": "3 幢 201",
    "OwnRecord.fields": {"head": "王建国", "phone": "13812345678", "people": "3"},
    "OwnRecord.waiting": {"people": "4"},
    "OwnRecord.voluntary": ["people", "phone"],
    "ProposedRecord.place": "3 幢 201",
    "ProposedRecord.record": 7,
    "ProposedRecord.now": {"people": "3"},
    "ProposedRecord.wished": {"people": "4"},
}
