from datetime import date, datetime

from tortoise import fields
from tortoise.models import Model

from models.region import Region


class FigureMonth(Model):
    """What was filed below a region in one month, and what came of it: in all, by event type, and by level.

    Sums only, so that months and regions add up; nobody is named here.
    """

    id = fields.BigIntField(primary_key=True)
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "models.Region", related_name="figure_months", on_delete=fields.CASCADE
    )
    region_id: int
    month: date = fields.DateField(description="its first day; of China's calendar")
    kind = fields.CharField(max_length=5, description="all | type | level")
    key = fields.CharField(max_length=40, description="a type's code, a level's number, or empty")
    filed = fields.IntField()
    answered = fields.IntField()
    answer_seconds = fields.BigIntField(description="all added up, until the first answer")
    answer_spans = fields.JSONField[list[int]](description="of them within 1, 4, 24, 72 hours")
    resolved = fields.IntField()
    resolve_seconds = fields.BigIntField(description="all added up")
    resolve_spans = fields.JSONField[list[int]](description="of them within 1, 3, 7, 30 days")
    in_time = fields.IntField(description="of those resolved")
    declined = fields.IntField()
    rated = fields.IntField()
    stars = fields.IntField(description="all ratings added up")

    class Meta:
        table = "figure_month"
        unique_together = (("region_id", "month", "kind", "key"),)


class FigureDay(Model):
    """What came and went below a region on one day; a day on which nothing happened has no row."""

    id = fields.BigIntField(primary_key=True)
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "models.Region", related_name="figure_days", on_delete=fields.CASCADE
    )
    region_id: int
    day: date = fields.DateField(description="of China's calendar")
    filed = fields.IntField()
    resolved = fields.IntField()
    ended = fields.IntField(description="resolved or declined")
    open = fields.IntField(description="in the evening")

    class Meta:
        table = "figure_day"
        unique_together = (("region_id", "day"),)


class FigureOpen(Model):
    """What is open below a region now, by age."""

    id = fields.BigIntField(primary_key=True)
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "models.Region", related_name="figure_open", on_delete=fields.CASCADE
    )
    region_id: int
    open = fields.IntField()
    late = fields.IntField(description="past the deadline that runs")
    spans = fields.JSONField[list[int]](description="not older than 1, 3, 7, 30 days")

    class Meta:
        table = "figure_open"
        unique_together = (("region_id",),)


class FigureCount(Model):
    """That a month was counted, and when last."""

    month: date = fields.DateField(primary_key=True)
    counted_at: datetime = fields.DatetimeField()

    class Meta:
        table = "figure_count"
