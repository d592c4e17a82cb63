"""An example for every body and answer, put together field by field, so that all of them tell of the same street."""

from collections.abc import Mapping
from typing import Any

from miniprogram_api import examples_assessment as assessment
from miniprogram_api import examples_field, examples_records, examples_training
from web.errors import TITLES

_ID = "5b0c9f0e-3c7e-4a35-9d5e-0d3f3f6f5a11"
_FIRST, _LATER, _LAST = (f"2026-03-0{day}T08:30:00.000+08:00" for day in (2, 5, 9))
_COUNTS = {
    "people": 120,
    "sent": 105,
    "inbox": 6,
    "failed": 0,
    "uncertain": 1,
    "recalled": 0,
    "expired": 0,
    "left": 8,
    "opened": 44,
    "visited": 2,
    "unvisited": 4,
    "channels": {"custom": 78, "template": 27},
    "reasons": {"not_following": 3, "no_wechat": 3},
}
_REGION = {"code": "320412101201", "name": "城西村"}

WHOLE: Mapping[str, Any] = {
    **examples_field.WHOLE,
    **examples_records.WHOLE,
    **assessment.WHOLE,
    **examples_training.WHOLE,
    "Audience": {},
    "NoticeAudience": {"duties": [], "open_case_of": ""},
    "NewAction": {"action": "report_up", "note": "要镇里的电工来修"},
    "NewFilter": {"status": ["submitted", "accepted"], "overdue": True, "q": "路灯"},
    "NewCase": {
        "grid": "32041210120101",
        "description": "楼下路灯坏了三天了",
        "place": {"latitude": 31.52, "longitude": 120.11, "address": "城西村 12 号楼"},
        "attachments": [_ID],
    },
    "NewFinding": {
        "grid": "32041210120101",
        "description": "3 号楼前的井盖松了",
        "attachments": [_ID],
        "done": {"note": "垫好了，试过不响", "attachments": [_ID]},
    },
    "NewMessage": {"text": "今天还是不亮", "attachments": [_ID]},
    "Region": _REGION,
    "Estimate": {"people": 120, "custom": 80, "template": 29, "subscription": 2, "inbox": 6, "nothing": 3},
    "Figures": {
        "id": 12,
        "state": "sending",
        **_COUNTS,
        "seconds_left": 4,
        "sent_at": _FIRST,
        "ended_at": None,
    },
    "ReportLine": {"code": _REGION["code"], "village": _REGION["name"], **_COUNTS},
    "Status": "accepted",
    "Problem": {
        "type": "/api/docs#not_found",
        "title": TITLES["not_found"],
        "status": 404,
        "detail": "there is no such thing, or it is not yours to see",
        "code": "not_found",
        "request_id": "0f3c9a7be1d24c55",
        "facts": {},
    },
    "Fault": {"field": "description", "detail": "is missing"},
}
"""Where a field's example depends on the others."""

FIELDS: Mapping[str, Any] = {
    **examples_field.FIELDS,
    **examples_records.FIELDS,
    **assessment.FIELDS,
    "accept_due": "2026-03-02T14:00:00.000+08:00",
    "accept_hours": 4,
    "accepted": ["tmpl-case"],
    "action": "accept",
    "address": "城西村 12 号楼",
    "alike": [1020],
    "answer": "同意，王秀兰接手",
    "author": "赵建军",
    "by": "李卫国",
    "category": "city_management",
    "channels": {"custom": 80, "template": 31},
    "code": "32041210120101",
    "department": "",
    "description": "楼下路灯坏了三天了",
    "draft": ["楼下路灯"],
    "due": _LATER,
    "duty": "grid_worker",
    "duties": ["grid_worker"],
    "ended_at": _LATER,
    "ends_at": _LAST,
    "event_type": "shizheng-ludeng",
    "expires_at": _LAST,
    "grid": "32041210120101",
    "grid_name": "第一网格",
    "hidden": False,
    "holder": {"name": "李卫国"},
    "keywords": ["路灯", "不亮"],
    "kind": "case",
    "latitude": 31.52,
    "level": 1,
    "link": "https://wangge.example.gov.cn/water",
    "longitude": 120.11,
    "media_type": "image/jpeg",
    "merged_into": None,
    "messages": ["今天还是不亮"],
    "name": "李卫国",
    "next": None,
    "note": "今天下午去修",
    "number": 1024,
    "open_case_of": "",
    "parent": "shizheng",
    "phone": "138****5678",
    "picture": _ID,
    "rating": 5,
    "reach": 120,
    "rating_note": "修得很快",
    "reason": "回老家一趟",
    "reasons": {"not_following": 3},
    "region": "320412101201",
    "resolve_days": 3,
    "resolve_due": _LATER,
    "role": "holder",
    "score_class": "C",
    "sent_at": _FIRST,
    "size": 183042,
    "since": _FIRST,
    "starts_at": _FIRST,
    "status": "accepted",
    "supervision_phone": "0519-86540000",
    "suspended_until": None,
    "template_id": "tmpl-case",
    "text": "明天上午 9 点到 11 点停水，请提前备水。",
    "title": "停水",
    "town": "雪堰镇",
    "unit": "32041210120101",
    "unit_name": "第一网格",
    "village": "城西村",
    "why": "not_following",
    "words": ["路灯"],
    "NewsItem.id": 12,
    "Report.id": 12,
    "AnnouncedAttachment.id": _ID,
    "Attachment.id": _ID,
    "Attachment.kind": "photo",
    "Attachment.state": "kept",
    "Attachment.thumbnail": "",
    "Attachment.url": f"https://wangge.example.gov.cn/store/{_ID}?until=1772411400&sign=…",
    "Board.chief": {"name": "赵建军", "duty": "grid_chief", "phone": "139****5679"},
    "Board.duties": ["每天走访，听大家说"],
    "BoardGrid.kind": "comprehensive",
    "BoardGrid.name": "第一网格",
    "Case.alike": [],
    "Case.rating": None,
    "Case.title": "路灯坏了",
    "CaseLine.title": "路灯坏了",
    "HeldCase.title": "路灯坏了",
    "OwnCase.title": "路灯坏了",
    "NewCase.title": "路灯坏了",
    "Done.note": "垫好了，试过不响",
    "Done.attachments": [_ID],
    "EventType.category": "city_management",
    "EventType.photos": "after",
    "EventType.code": "shizheng-ludeng",
    "EventType.name": "路灯不亮",
    "EventType.reason": "问的人多",
    "EventType.state": "approved",
    "HeldCase.why": "代开发票",
    "HeldMedium.state": "held",
    "HeldMedium.why": "wechat risky 20001",
    "MediumDecision.show": True,
    "Invitation.code": "ABCD-2345",
    "LookAtPhone.reason": "要进门修灯，先打电话",
    "NewAttachment.name": "light.jpg",
    "NewEventType.category": "city_management",
    "NewEventType.photos": "after",
    "NewEventType.score_class": "C",
    "NewEventType.code": "shizheng-ludeng",
    "NewEventType.name": "路灯不亮",
    "NewEventType.reason": "问的人多",
    "NewSession.code": "0b3Xyz",
    "Notice.ended_at": None,
    "Notice.id": 12,
    "Notice.mine": True,
    "Notice.sent_at": None,
    "NotReached.grid": "第一网格",
    "NotReached.name": "王*姨",
    "OwnData.filters": [{"name": "逾期的路灯", "wanted": {"overdue": True, "q": "路灯"}}],
    "OwnData.grid": "第一网格",
    "OwnData.id": 7,
    "OwnData.messages_received": 12,
    "OwnData.wechat_accounts": ["official", "mini"],
    "OwnData.office_phone": "",
    "OwnAttachment.id": _ID,
    "OwnAttachment.kind": "photo",
    "OwnAttachment.state": "kept",
    "OwnAttachment.size": 245120,
    "OwnLook.reason": "约时间上门",
    "OwnAgreement.account": "mini",
    "OwnAgreement.template_id": "Xy2kq0T7",
    "OwnAgreement.left": 1,
    "PhoneCode.code": "9f2e",
    "PhoneShown.phone": "13812345678",
    "ReportLine.code": "320412101201",
    "SavedFilter.name": "逾期的路灯",
    "SavedFilter.wanted": {"overdue": True, "q": "路灯"},
    "NewPoll.closes_at": _LAST,
    "NewPoll.options": ["周六上午", "周日上午"],
    "NewPoll.text": "两天都有志愿者来帮忙。",
    "NewPoll.title": "大扫除放在哪一天？",
    "Poll.closes_at": _LAST,
    "Poll.created_at": _FIRST,
    "Poll.id": 3,
    "Poll.may_vote": True,
    "Poll.text": "两天都有志愿者来帮忙。",
    "Poll.title": "大扫除放在哪一天？",
    "Poll.voters": 36,
    "PollAction.action": "close",
    "PollOption.text": "周六上午",
    "PollOption.votes": None,
    "Session.token": "3kTqW0b5c9f0e3c7e4a359d5e0d3f3f6f5a11xYz",
    "TypeDecision.reason": "和“路灯不亮”重复",
    "UploadTicket.fields": {},
    "UploadTicket.method": "PUT",
    "UploadTicket.url": f"https://wangge.example.gov.cn/store/{_ID}?until=1772411400&sign=…",
    "ToldInPerson.grid": "第一网格",
    "ToldInPerson.name": "王*姨",
    "ToldInPerson.at": _LATER,
    "ToldInPerson.photo": _ID,
    "Visits.photo": _ID,
    "NewWorkNote.day": "2026-03-02",
    "NewWorkNote.text": "上午陪供电所看了三处线路",
    "WorkLogLine.at": _FIRST,
    "WorkLogLine.kind": "case",
    "WorkLogLine.number": 1024,
    "WorkLogLine.text": "路灯坏了",
    "WorkLogLine.what": "accept",
    "Vote.options": [1],
    "VillageFigures.accepted": 31,
    "VillageFigures.accept_hours": 1.5,
    "VillageFigures.categories": {"city_management": 20, "environment": 12},
    "VillageFigures.counted_at": _LATER,
    "VillageFigures.month": "2026-03",
    "VillageFigures.rating": 4.6,
    "VillageFigures.resolve_days": 2.0,
    "Visits.recipients": [3, 8],
    "Vacancy.since": _FIRST,
}
"""By the name of the field; by schema and field where one name means two things."""


OTHER: Mapping[str, str] = {
    "text/csv": "村（社区）编码,村（社区）,应通知人数\r\n320412101201,城西村,120\r\n",
    "text/event-stream": 'event: figures\r\ndata: {"id": 12, "state": "sending", "people": 120, …}\r\n\r\n',
}
"""Of answers that are no JSON, by what they are."""


_PLAIN: Mapping[str, Any] = {"boolean": False, "integer": 1, "number": 1, "array": []}


def problem(status: int, code: str) -> dict[str, Any]:
    """An example of a no."""
    found = {
        **WHOLE["Problem"],
        "type": f"/api/docs#{code}",
        "title": TITLES[code],
        "status": status,
        "detail": TITLES[code],
        "code": code,
    }
    if code == "bad_input":
        fault = WHOLE["Fault"]
        found |= {"detail": f"{fault['field']}: {fault['detail']}", "errors": [fault]}
    return found


def example(name: str, schemas: Mapping[str, Any]) -> Any:
    """An example of the schema *name*. Raises KeyError for a text that nobody has given an example of."""
    if name in WHOLE:
        return WHOLE[name]
    schema = schemas[name]
    return {field: _value(name, field, found, schemas) for field, found in schema["properties"].items()}


def _value(name: str, field: str, schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    own = f"{name}.{field}"
    if own in FIELDS:
        return FIELDS[own]
    inner = _schema_in(schema)
    if inner is not None:
        found = example(inner, schemas)
        return [found] if schema.get("type") == "array" else found
    given = [*([schema["const"]] if "const" in schema else []), *schema.get("examples", []), *schema.get("enum", [])]
    if given:
        return given[0]
    if field in FIELDS:
        return FIELDS[field]
    kind = schema.get("type") or schema["anyOf"][0]["type"]
    if kind not in _PLAIN:
        raise KeyError(own)
    return _PLAIN[kind]


def _schema_in(schema: Mapping[str, Any]) -> str | None:
    """The schema that a field is of, or may be, or is a list of."""
    for one in (schema, schema.get("items", {}), *schema.get("anyOf", [])):
        if "$ref" in one:
            return str(one["$ref"]).rpartition("/")[2]
    return None
