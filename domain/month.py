"""A month of the assessment, in China's time: it ends at 00:00 of the next month's first day (G 七(三))."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from domain.calendar import SHANGHAI
from domain.errors import BadInput

_WRITTEN = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_DECEMBER = 12


@dataclass(frozen=True, slots=True, order=True)
class Month:
    year: int
    month: int

    @classmethod
    def of(cls, moment: datetime) -> "Month":
        """The month that it is in China at *moment*."""
        day = moment.astimezone(SHANGHAI).date()
        return cls(day.year, day.month)

    @classmethod
    def on(cls, day: date) -> "Month":
        return cls(day.year, day.month)

    @classmethod
    def read(cls, text: str) -> "Month":
        """``2027-03``. Raises BadInput."""
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise BadInput("a month is written like 2027-03", field="month")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def following(self) -> "Month":
        return Month(self.year + 1, 1) if self.month == _DECEMBER else Month(self.year, self.month + 1)

    @property
    def before(self) -> "Month":
        return Month.on(self.first - timedelta(days=1))

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(self.first + timedelta(days=n) for n in range((self.following.first - self.first).days))

    @property
    def starts(self) -> datetime:
        return midnight(self.first)

    @property
    def ends(self) -> datetime:
        """When its data is cut: the first moment that is no longer in it."""
        return midnight(self.following.first)


def midnight(day: date) -> datetime:
    """00:00 of *day* in China."""
    return datetime.combine(day, time(), SHANGHAI)
