"""A sample of every form of the console: one table, by the name of the route that takes it.

A form that is added to the routing and has no sample here fails ``test_every_form.py`` with a message that says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tests.services.test_media import photo


@dataclass(frozen=True, slots=True)
class Sample:
    """What somebody of the town would send, rightly; ``{names}`` are those of ``FACTS`` in bench/console_pages.py."""

    address: str
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    who: str = "commander"
    """Of ``tests.factories.PHONES``: whose form it is."""
    about_place: bool = True
    """Whether somebody of another subtree is refused; not where a form is about nobody but its sender."""
    stranger: bool = False
    """Sent by somebody who is not signed in yet."""
    files: Mapping[str, tuple[str, bytes, str]] = field(default_factory=lambda: MappingProxyType({}))
    """Name of the field: file name, content, type. The form is then sent as multipart/form-data."""
    changes: bool = True
    """Whether the sample, sent rightly, writes something into the database."""


PASSWORD_FIELDS = {"old": "稻花香里说丰年-2027", "new": "听取蛙声一片-2027", "again": "听取蛙声一片-2027"}

STAFF_LIST = "name,phone,duty,region_code,cover_phone\n新来的,13812340003,volunteer,32041210120101,\n".encode()
EVENT_TYPES = (
    "code,name,parent_code,category,class,usual_level,accept_hours,resolve_days,photos,department,urgent,keywords,state\n"
    "bench,长椅坏了,,city_management,C,grid,,,none,,,长椅,approved\n"
)

FORMS: Mapping[str, Sample] = {
    "console.enter": Sample(
        "/console/sign-in", {"login": "13800000005", "password": "稻花香里说丰年-2027"}, stranger=True, changes=False
    ),
    "console.ask_scan": Sample("/console/sign-in/scan", stranger=True),
    "console.enter_by_scan": Sample("/console/sign-in/scan/continue", stranger=True, changes=False),
    "console.enter_code": Sample("/console/sign-in/code", {"code": "123456"}, stranger=True, changes=False),
    "console.begin_second_factor": Sample(
        "/console/second-factor/begin", {"password": PASSWORD_FIELDS["old"]}, about_place=False
    ),
    "console.confirm_second_factor": Sample(
        "/console/second-factor/confirm", {"code": "123456"}, who="secretary", about_place=False, changes=False
    ),
    "console.end_second_factor": Sample(
        "/console/second-factor/end", {"password": PASSWORD_FIELDS["old"]}, about_place=False
    ),
    "console.act": Sample("/console/cases/{case}/actions", {"action": "reply", "note": "马上去看"}),
    "console.bulk": Sample("/console/cases/bulk", {"case-{case}": "yes", "action": "transfer", "to": "城西村第二网格"}),
    "console.photos": Sample("/console/cases/{case}/photos", files={"after": ("a.jpg", photo(), "image/jpeg")}),
    "console.classify": Sample("/console/cases/{case}/type", {"event_type": "{event_type}"}),
    "console.phone": Sample("/console/cases/{called}/phone", {"reason": "回电核实地址"}),
    "console.file_case": Sample("/console/cases/new", {"grid": "{grid}", "words": "路灯坏了"}),
    "console.compose_notice": Sample(
        "/console/notices/new",
        {"region": "{grid}", "title": "停水", "text": "明天八点停水", "type": ""},
        files={"picture": ("a.jpg", photo(), "image/jpeg")},
    ),
    "console.illustrate_notice": Sample(
        "/console/notices/{preview}/picture", files={"picture": ("a.jpg", photo(), "image/jpeg")}
    ),
    "console.told_in_person": Sample("/console/notices/{notice}/in-person", {"told-1": "yes"}),
    "console.act_on_notice": Sample("/console/notices/{notice}/actions", {"action": "recall", "note": ""}),
    "console.export": Sample(
        "/console/exports", {"what": "cases", "format": "csv", "region": "{village}", "month": "2027-02"}
    ),
    "console.cancel_export": Sample("/console/exports/{export}/cancel"),
    "console.change_event_type": Sample(
        "/console/event-types/{event_type}",
        {
            "action": "edit",
            "name": "路灯不亮",
            "class": "B",
            "usual_level": "village",
            "photos": "none",
            "state": "approved",
        },
    ),
    "console.import_event_types": Sample(
        "/console/event-types-import",
        {"mode": "take", "file": EVENT_TYPES},
    ),
    "console.propose": Sample(
        "/console/event-type-proposals",
        {"name": "长椅损坏", "category": "城市管理", "usual_level": "grid", "photos": "none", "reason": "居民常反映"},
        who="county",
    ),
    "console.decide_proposal": Sample(
        "/console/event-type-proposals/{proposal}", {"decision": "refuse", "reason": "归城管办，网格管不了"}
    ),
    "console.change_setting": Sample(
        "/console/settings/{town}", {"action": "change", "section": "leave", "seen": "0", "longest_days": "20"}
    ),
    "console.change_calendar": Sample(
        "/console/calendar", {"action": "set", "day": "2027-05-06", "works": "no", "why": "停电检修"}
    ),
    "console.enter_leave": Sample(
        "/console/posts/{other_post}/leave",
        {"first": "2027-06-01", "last": "2027-06-02", "cover": "", "reason": "家里有事"},
    ),
    "console.answer_leave": Sample("/console/leaves/{asked}/answer", {"answer": "yes", "note": ""}),
    "console.end_leave": Sample("/console/leaves/{asked}/end"),
    "console.replace": Sample("/console/posts/{post}/replace", {"name": "新来的", "phone": "13812340001"}),
    "console.invite": Sample("/console/posts/{other_post}/invite"),
    "console.appoint": Sample(
        "/console/regions/{grid}/appoint", {"duty": "volunteer", "name": "志愿者", "phone": "13812340002"}
    ),
    "console.end_post": Sample("/console/posts/{other_post}/end"),
    "console.bring_back": Sample("/console/posts/{other_post}/back"),
    "console.print_boards": Sample("/console/regions/{grid}/boards", {"codes": "{grid}", "kind": "board", "size": ""}),
    "console.look_at_import": Sample(
        "/console/regions/import", files={"files": ("staff.csv", STAFF_LIST, "text/csv")}, changes=False
    ),
    "console.take_import": Sample(
        "/console/regions/import/confirm", {"drop": "yes", "table": "none"}, about_place=False, changes=False
    ),
    "console.object_to_award": Sample("/console/assessment/{award}", {"reason": "三月只来过一次"}, about_place=False),
    "console.mark": Sample(
        "/console/assessment/checks",
        {"kind": "case", "record": "{resolved}", "verdict": "unqualified", "ground": "missing", "note": "没有照片"},
        who="inspector",
    ),
    "console.decide": Sample("/console/assessment/checks/{objection}", {"decision": "uphold", "answer": "核实过了"}),
    "console.exempt": Sample(
        "/console/assessment/days", {"action": "exempt", "region": "{village}", "day": "2027-03-02", "reason": "暴雨"}
    ),
    "console.decide_exit": Sample("/console/exits/{exit}", {"decision": "keep", "reason": "山路多，人不够"}),
    "console.apply_award": Sample(
        "/console/awards/new",
        {"grid": "32041210120102", "title": "救火", "reason": "第一个到场", "evidence": "case-{neighbours}"},
        who="chief",
    ),
    "console.decide_award": Sample("/console/awards/{application}", {"decision": "support"}, who="chief"),
    "console.ask_admission": Sample(
        "/console/admissions",
        {
            "region": "320412",
            "title": "查九小场所",
            "task": "每季查一遍灭火器",
            "basis": "消防法第六条",
            "every": "quarter",
            "support": "每户 5 元",
        },
        who="county",
    ),
    "console.move_admission": Sample("/console/admissions/{admission}", {"step": "review", "reason": ""}),
    "console.answer_report": Sample("/console/admissions/{report}/answer", {"answer": "不用做"}),
    "console.change_password": Sample("/console/password", PASSWORD_FIELDS, about_place=False),
    "console.sign_out": Sample("/console/sign-out", about_place=False, changes=False),
}
