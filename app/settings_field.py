"""The sections ``[patrol]`` and ``[visits]`` of the settings."""

from pydantic import BaseModel, ConfigDict, Field


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PatrolSettings(_Section):
    half_day_minutes: int = Field(60, ge=0, le=720)
    day_metres: int = Field(1000, ge=0, le=100_000)
    week_hours: float = Field(12, ge=0, le=168)
    week_metres: int = Field(8000, ge=0, le=1_000_000)
    chief_week_hours: float = Field(8, ge=0, le=168)
    liaison_week_patrols: int = Field(1, ge=0, le=100)
    accuracy_metres: float = Field(50, ge=5, le=500)
    fastest_kmh: float = Field(40, ge=5, le=120)
    coverage_metres: float = Field(30, ge=1, le=500)
    large_grid_hectares: float = Field(30, ge=0)
    forgotten_hours: float = Field(3, gt=0, le=48)
    longest_hours: float = Field(12, gt=0, le=48)
    late_hours: float = Field(24, gt=0, le=168)
    track_days: int = Field(180, ge=1)


class VisitSettings(_Section):
    hazard_days: int = Field(1, ge=1, le=366)
    supported_days: int = Field(7, ge=1, le=366)
    care_days: int = Field(30, ge=1, le=366)
    household_days: int = Field(30, ge=1, le=366)
    rental_days: int = Field(30, ge=1, le=366)
    shop_days: int = Field(30, ge=1, le=366)
