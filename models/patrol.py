from datetime import date, datetime

from tortoise import fields
from tortoise.models import Model

from models.person import Person
from models.region import Region


class Patrol(Model):
    """A patrol 巡查. What is measured of it is written at its end, and anew once points came later."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="patrols", on_delete=fields.RESTRICT
    )
    person_id: int
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "models.Region", related_name="patrols", on_delete=fields.RESTRICT
    )
    region_id: int
    day: date = fields.DateField(description="of China's calendar, on which it began")
    started_at: datetime = fields.DatetimeField()
    ended_at: datetime | None = fields.DatetimeField(null=True)
    ended_by = fields.CharField(max_length=6, default="", description="worker | clock; empty: it goes on")
    source = fields.CharField(max_length=4, description="mini | chat")
    length_metres = fields.IntField(default=0)
    seconds = fields.IntField(default=0)
    coverage: float | None = fields.FloatField(null=True, description="0 to 1 of the grid; empty: no boundary is known")
    suspicious = fields.CharField(max_length=60, default="", description="domain.track.Doubt, with spaces between")
    content = fields.CharField(max_length=1000, default="")
    result = fields.CharField(max_length=1000, default="")
    points = fields.IntField(default=0)
    last_point_at: datetime | None = fields.DatetimeField(null=True)
    clock_off = fields.BooleanField(default=False, description="the phone's clock was wrong by more than ten minutes")
    stale = fields.BooleanField(default=False, description="points have come since it was measured")

    class Meta:
        table = "patrol"
        indexes = (("person_id", "day"), ("region_id", "id"), ("region_id", "day"))


class PatrolBatch(Model):
    """Points that a phone sent at once, packed and sealed: where somebody went is for few, and not for ever."""

    id = fields.BigIntField(primary_key=True)
    patrol: fields.ForeignKeyRelation[Patrol] = fields.ForeignKeyField(
        "models.Patrol", related_name="batches", on_delete=fields.CASCADE
    )
    patrol_id: int
    device = fields.CharField(max_length=40, default="")
    number = fields.IntField(description="the phone's own, so that a batch that comes twice is kept once")
    sum = fields.CharField(max_length=32, description="of the points as they were sent")
    count = fields.IntField()
    sealed = fields.TextField(description="see services.ports.Cipher and services.patrol_points")
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "patrol_batch"
        unique_together = (("patrol_id", "device", "number"),)
        indexes = (("at",),)


class PatrolGround(Model):
    """What of its grid a patrol has covered, drawn when it is measured, and sealed: it says where somebody went."""

    id = fields.BigIntField(primary_key=True)
    patrol: fields.ForeignKeyRelation[Patrol] = fields.ForeignKeyField(
        "models.Patrol", related_name="grounds", on_delete=fields.CASCADE
    )
    patrol_id: int
    day: date = fields.DateField(description="of the patrol")
    ring = fields.CharField(max_length=32, description="the sum of the boundary on which it is drawn")
    sealed = fields.TextField(description="see services.ports.Cipher and services.coverages")

    class Meta:
        table = "patrol_ground"
        unique_together = (("patrol_id",),)
        indexes = (("day",),)


class GridCoverage(Model):
    """How much of their grid a worker's patrols have covered in the cycle that ends with ``day``."""

    id = fields.BigIntField(primary_key=True)
    person_id = fields.BigIntField()
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "models.Region", related_name="coverages", on_delete=fields.CASCADE
    )
    region_id: int
    day: date = fields.DateField()
    days = fields.SmallIntField(default=1, description="of a cycle: five for a large grid, one for a small one")
    share = fields.FloatField(default=0.0, description="0 to 1 of the grid")
    missing = fields.CharField(max_length=120, default="", description="domain.coverage.Part, with spaces between")
    stale = fields.BooleanField(default=True, description="something was measured or excused since")

    class Meta:
        table = "grid_coverage"
        unique_together = (("person_id", "region_id"),)
        indexes = (("region_id",), ("day",))


class ExemptDay(Model):
    """A day on which nobody below a region owes a patrol, for the weather (X 四)."""

    id = fields.BigIntField(primary_key=True)
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "models.Region", related_name="exempt_days", on_delete=fields.CASCADE
    )
    region_id: int
    day: date = fields.DateField()
    reason = fields.CharField(max_length=200)
    set_by_id = fields.BigIntField()
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "exempt_day"
        unique_together = (("region_id", "day"),)


class Boundary(Model):
    """How far a grid reaches on the map."""

    id = fields.IntField(primary_key=True)
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "models.Region", related_name="boundaries", on_delete=fields.CASCADE
    )
    region_id: int
    ring = fields.JSONField[list[list[float]]](description="longitude and latitude of each corner, GCJ-02")

    class Meta:
        table = "boundary"
        unique_together = (("region_id",),)
