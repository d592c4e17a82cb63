"""The tables: one file a noun, fields and indexes only."""

from typing import Any

from models.admission import Admission, UnadmittedTask
from models.assessment import AssessmentMonth, AssessmentScore, Award, Objection, SpotCheck
from models.attachment import Attachment
from models.audit_note import AuditNote
from models.award_application import AwardApplication
from models.board import BoardPerson, BoardPrint
from models.case import Case, CaseEvent, CaseMessage, CoHandler
from models.clock import DeadlineRules, SandboxClock
from models.complaint import Concerned
from models.delivery import Delivery
from models.department import Department
from models.duty import HeldDuty, Invite, Leave
from models.event_type import EventType
from models.exit import ExitProposal
from models.export import Export
from models.figures import FigureCount, FigureDay, FigureMonth, FigureOpen
from models.inbound import Idempotency, Inbound
from models.look import Look
from models.mass_send import MassSend
from models.notice import Notice, NoticeEvent, NoticeTally
from models.office_step import OfficeStep
from models.patrol import Boundary, ExemptDay, GridCoverage, Patrol, PatrolBatch, PatrolGround
from models.person import Identity, Person, Session
from models.poll import Poll, PollOption, PollVoter
from models.record import BaseRecord, DailyList, RecordChange, RecordLook, RecordProposal
from models.region import Region
from models.safety import MediaCheck, SafetyCheck
from models.saved_filter import SavedFilter
from models.scene import ScanCount, Scene
from models.second_factor import SecondFactor, SignInScene
from models.sender import ChannelPause, Sender, SendReport
from models.staff_login import StaffLogin
from models.statistics import VillageMonth
from models.subscription import Subscription
from models.town_day import RuleChange, TownDay, TownSetting
from models.training import TrainingAttempt, TrainingCourse, TrainingRecord
from models.visit import Subject, SubjectLook, Visit
from models.work_note import WorkNote

__all__ = [
    "Admission",
    "AssessmentMonth",
    "AssessmentScore",
    "Attachment",
    "AuditNote",
    "Award",
    "AwardApplication",
    "BaseRecord",
    "BoardPerson",
    "BoardPrint",
    "Boundary",
    "Case",
    "CaseEvent",
    "CaseMessage",
    "ChannelPause",
    "CoHandler",
    "Concerned",
    "DailyList",
    "DeadlineRules",
    "Delivery",
    "Department",
    "EventType",
    "ExemptDay",
    "ExitProposal",
    "Export",
    "FigureCount",
    "FigureDay",
    "FigureMonth",
    "FigureOpen",
    "GridCoverage",
    "HeldDuty",
    "Idempotency",
    "Identity",
    "Inbound",
    "Invite",
    "Leave",
    "Look",
    "MassSend",
    "MediaCheck",
    "Notice",
    "NoticeEvent",
    "NoticeTally",
    "Objection",
    "OfficeStep",
    "Patrol",
    "PatrolBatch",
    "PatrolGround",
    "Person",
    "Poll",
    "PollOption",
    "PollVoter",
    "RecordChange",
    "RecordLook",
    "RecordProposal",
    "Region",
    "RuleChange",
    "SafetyCheck",
    "SandboxClock",
    "SavedFilter",
    "ScanCount",
    "Scene",
    "SecondFactor",
    "SendReport",
    "Sender",
    "Session",
    "SignInScene",
    "SpotCheck",
    "StaffLogin",
    "Subject",
    "SubjectLook",
    "Subscription",
    "TownDay",
    "TownSetting",
    "TrainingAttempt",
    "TrainingCourse",
    "TrainingRecord",
    "UnadmittedTask",
    "VillageMonth",
    "Visit",
    "WorkNote",
]

MODULES = [
    "models.admission",
    "models.assessment",
    "models.attachment",
    "models.audit_note",
    "models.award_application",
    "models.board",
    "models.case",
    "models.clock",
    "models.complaint",
    "models.delivery",
    "models.department",
    "models.duty",
    "models.event_type",
    "models.exit",
    "models.export",
    "models.figures",
    "models.inbound",
    "models.look",
    "models.mass_send",
    "models.notice",
    "models.office_step",
    "models.patrol",
    "models.person",
    "models.poll",
    "models.record",
    "models.region",
    "models.safety",
    "models.saved_filter",
    "models.scene",
    "models.second_factor",
    "models.sender",
    "models.staff_login",
    "models.statistics",
    "models.subscription",
    "models.town_day",
    "models.training",
    "models.visit",
    "models.work_note",
]


def orm_config(credentials: dict[str, Any]) -> dict[str, Any]:
    """Tortoise's configuration for one PostgreSQL; *credentials* as its asyncpg client takes them."""
    return {
        "connections": {"default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials}},
        "apps": {"models": {"models": MODULES, "default_connection": "default", "migrations": "models.migrations"}},
        "use_tz": True,
        "timezone": "UTC",
    }
