from datetime import date, datetime

from tortoise import fields
from tortoise.models import Model

from models.exit import ExitProposal
from models.region import Region


class AssessmentMonth(Model):
    """A month of one town's assessment, with the rules that hold for it. Once closed, it is never computed again."""

    id = fields.BigIntField(primary_key=True)
    town: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField("models.Region", related_name="assessments")
    town_id: int
    month: date = fields.DateField(description="its first day")
    state = fields.CharField(max_length=6, default="open", description="open | closed")
    rules = fields.JSONField[dict[str, object]](description="domain.assessment_rules.Rules")
    version = fields.IntField(default=0, description="how often the town has set them; 0: the settings'")
    weather = fields.JSONField[dict[str, str]](default=dict, description="days exempt from patrols, and why")
    changed_by_id: int | None = fields.BigIntField(null=True, description="who set rules or weather last")
    changed_at: datetime | None = fields.DatetimeField(null=True)
    closed_at: datetime | None = fields.DatetimeField(null=True)
    listed_at: datetime | None = fields.DatetimeField(
        null=True, description="of a December: when the year's awards were made"
    )
    exits_at: datetime | None = fields.DatetimeField(null=True, description="of a December: when exits were looked at")

    class Meta:
        table = "assessment_month"
        unique_together = (("town_id", "month"),)
        indexes = (("state", "month"),)


class AssessmentScore(Model):
    """What a worker got for a closed month in one grid. Written once; the database refuses to edit it."""

    id = fields.BigIntField(primary_key=True)
    month: fields.ForeignKeyRelation[AssessmentMonth] = fields.ForeignKeyField(
        "models.AssessmentMonth", related_name="scores"
    )
    month_id: int
    person_id = fields.BigIntField()
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField("models.Region", related_name="scores")
    region_id: int
    score = fields.IntField(description="hundredths of a point")
    events = fields.IntField(description="raw points, as the three below")
    visits = fields.IntField()
    base_data = fields.IntField()
    deductions = fields.IntField()
    lines = fields.JSONField[list[list[object]]](description="part, reason, points, kind, id, at, note of each line")
    missing = fields.JSONField[list[list[object]]](description="what, wanted, done of each minimum")

    class Meta:
        table = "assessment_score"
        indexes = (("month_id", "score", "id"), ("person_id", "month_id"))


class SpotCheck(Model):
    """What an inspector found of a record 督察: unqualified, with a ground, or false."""

    id = fields.BigIntField(primary_key=True)
    person_id = fields.BigIntField(description="whose record it is")
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField("models.Region", related_name="spot_checks")
    region_id: int
    record_kind = fields.CharField(max_length=8, description="case | visit | base")
    record = fields.CharField(max_length=20, description="a case's number, or an id")
    verdict = fields.CharField(max_length=12, description="qualified | unqualified | false")
    ground = fields.CharField(max_length=12, default="", description="domain.assessment_rules.Ground")
    note = fields.CharField(max_length=200, default="")
    by_id = fields.BigIntField(description="who looked")
    at: datetime = fields.DatetimeField()
    withdrawn_at: datetime | None = fields.DatetimeField(null=True, description="an objection to it was upheld")

    class Meta:
        table = "spot_check"
        unique_together = (("record_kind", "record"),)
        indexes = (("person_id", "at"),)


class Award(Model):
    """A place on a town's list: 月度优秀 or 年度十佳 (G 七(三)); public with objections before it is final."""

    id = fields.BigIntField(primary_key=True)
    town: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField("models.Region", related_name="awards")
    town_id: int
    kind = fields.CharField(max_length=5, description="month | year")
    period: date = fields.DateField(description="first day of the month or year")
    person_id = fields.BigIntField()
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField("models.Region", related_name="awards_here")
    region_id: int
    rank = fields.SmallIntField()
    score = fields.IntField(description="hundredths of a point")
    state = fields.CharField(max_length=9, default="public", description="public | final | withdrawn")
    public_until: datetime = fields.DatetimeField()

    class Meta:
        table = "award"
        unique_together = (("town_id", "kind", "period", "rank"),)
        indexes = (("person_id", "period"), ("state", "public_until"))


class Objection(Model):
    """Somebody objects to a spot check of their own record, to a place on a list of awards, or to their exit."""

    id = fields.BigIntField(primary_key=True)
    spot_check: fields.ForeignKeyNullableRelation[SpotCheck] = fields.ForeignKeyField(
        "models.SpotCheck", related_name="objections", null=True, on_delete=fields.CASCADE
    )
    spot_check_id: int | None
    award: fields.ForeignKeyNullableRelation[Award] = fields.ForeignKeyField(
        "models.Award", related_name="objections", null=True, on_delete=fields.CASCADE
    )
    award_id: int | None
    proposal: fields.ForeignKeyNullableRelation[ExitProposal] = fields.ForeignKeyField(
        "models.ExitProposal", related_name="objections", null=True, on_delete=fields.CASCADE
    )
    proposal_id: int | None
    by_id = fields.BigIntField()
    reason = fields.CharField(max_length=200)
    at: datetime = fields.DatetimeField()
    state = fields.CharField(max_length=7, default="asked", description="asked | upheld | refused")
    answer = fields.CharField(max_length=200, default="")
    decided_by_id: int | None = fields.BigIntField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)
    score: fields.ForeignKeyNullableRelation[AssessmentScore] = fields.ForeignKeyField(
        "models.AssessmentScore",
        related_name="objections",
        null=True,
        on_delete=fields.SET_NULL,
        description="what it gave back to, where the month was closed already",
    )
    score_id: int | None
    given_back = fields.IntField(default=0, description="hundredths of a point")

    class Meta:
        table = "objection"
        indexes = (("spot_check_id",), ("award_id",), ("proposal_id",), ("score_id",))
