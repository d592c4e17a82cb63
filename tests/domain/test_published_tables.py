"""Agreement with business-hour tables that other systems have published, re-typed here as facts.

- pandas, its tests of CustomBusinessHour and BusinessHour (pandas-dev/pandas, pandas/tests/tseries/offsets), July 2014;
- business-timer, its tests of ``diff`` (rjz/business-timer), January 2021;
- working-time-calculator, the examples on its page on npm, 2020;
- two help desks' worked examples for their customers (docs.ticket0.ai/docs/sla/business-hours,
  airclou.com/docs/helpdesk/admin/business-hours).
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.calendar import WorkCalendar


def days(*off: str) -> dict[date, bool]:
    return {date.fromisoformat(day): False for day in off}


def clock(spans: str) -> tuple[tuple[time, time], ...]:
    parts = [part.split("-") for part in spans.split()]
    return tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in parts)


def office(spans: str, *off: str, zone: str = "UTC") -> WorkCalendar:
    return WorkCalendar(timezone=ZoneInfo(zone), spans=clock(spans), overrides=days(*off))


PANDAS = office("09:00-17:00", "2014-06-27", "2014-06-30", "2014-07-02")
PANDAS_LUNCH = office("09:00-12:00 14:00-18:00")

# hours: {"start": "end"}, all in July 2014; the 1st is a Tuesday, the 2nd a holiday in the first table.
ADDED = [
    (
        PANDAS,
        1,
        (
            "1 11:00>1 12:00, 1 13:00>1 14:00, 1 15:00>1 16:00, 1 19:00>3 10:00, 1 16:00>3 09:00, "
            "1 16:30:15>3 09:30:15, 1 17:00>3 10:00, 2 11:00>3 10:00, 2 08:00>3 10:00, 2 19:00>3 10:00, "
            "2 23:00>3 10:00, 3 00:00>3 10:00, 5 15:00>7 10:00, 4 17:00>7 10:00, 4 16:30>7 09:30, 4 16:30:30>7 09:30:30"
        ),
    ),
    (
        PANDAS,
        4,
        (
            "1 11:00>1 15:00, 1 13:00>3 09:00, 1 15:00>3 11:00, 1 16:00>3 12:00, 1 17:00>3 13:00, 2 11:00>3 13:00, "
            "2 08:00>3 13:00, 2 19:00>3 13:00, 2 23:00>3 13:00, 3 00:00>3 13:00, 5 15:00>7 13:00, 4 17:00>7 13:00, "
            "4 16:30>7 12:30, 4 16:30:30>7 12:30:30"
        ),
    ),
    (
        PANDAS_LUNCH,
        1,
        (
            "1 11:00>1 14:00, 1 15:00>1 16:00, 1 19:00>2 10:00, 1 16:00>1 17:00, 1 16:30:15>1 17:30:15, "
            "1 17:00>2 09:00, 2 11:00>2 14:00, 1 13:00>1 15:00, 2 08:00>2 10:00, 2 19:00>3 10:00, "
            "2 23:00>3 10:00, 3 00:00>3 10:00, 5 15:00>7 10:00"
        ),
    ),
]


def july(text: str) -> datetime:
    day, hour = text.split()
    return datetime.fromisoformat(f"2014-07-{int(day):02} {hour}").replace(tzinfo=UTC)


def test_adding_agrees_with_pandas_with_a_holiday_and_with_a_lunch_break() -> None:
    # Where time ends with a span, pandas names the next opening and we the closing: no work lies between the two.
    edges = 0
    for calendar, hours, table in ADDED:
        for line in table.split(", "):
            start, end = map(july, line.split(">"))
            ours = calendar.add_working(start, timedelta(hours=hours))
            assert calendar.working_between(start, end) == timedelta(hours=hours), line
            if ours != end:
                edges += 1
                assert ours < end, line
                assert (ours.time() in {close for _, close in calendar.spans}, end.time()) in {
                    (True, opens) for opens, _ in calendar.spans
                }, line
                assert calendar.working_between(ours, end) == timedelta(), line
    assert edges == 5


# Minutes between two moments in UTC, Monday to Friday 08:00-17:00; 2021-01-01 is a Friday.
TIMER = [
    ("01 08:30", "01 09:00", 30, False),
    ("01 16:30", "01 20:30", 30, False),
    ("01 08:30", "01 17:30", 510, False),
    ("01 16:30", "02 04:30", 30, False),
    ("01 17:30", "01 18:30", 0, False),
    ("01 08:00", "04 08:00", 540, False),
    ("04 20:00", "05 10:00", 120, False),
    ("04 05:00", "04 20:00", 540, False),
    ("01 08:00", "11 08:00", 6 * 540, False),
    ("02 08:00", "02 10:00", 0, False),
    ("02 08:00", "04 10:00", 120, False),
    # Thursday the 7th is a holiday.
    ("01 08:00", "11 08:00", 5 * 540, True),
    ("07 10:00", "11 08:00", 540, True),
    ("07 04:00", "11 08:00", 540, True),
    ("07 22:00", "11 08:00", 540, True),
]


def test_measuring_agrees_with_business_timer() -> None:
    for start, end, minutes, holiday in TIMER:
        calendar = office("08:00-17:00", *(["2021-01-07"] if holiday else []))
        begins, ends = (datetime.fromisoformat(f"2021-01-{text}").replace(tzinfo=UTC) for text in (start, end))
        assert calendar.working_between(begins, ends) == timedelta(minutes=minutes), (start, end)


def test_measuring_agrees_with_working_time_calculator_in_british_summer_time() -> None:
    plain = office("08:30-17:30", zone="Europe/London")
    holiday = office("08:30-17:30", "2020-08-31", zone="Europe/London")
    for calendar, start, end, minutes in (
        (plain, "2020-10-02T17:25:00+01:00", "2020-10-05T08:35:00+01:00", 10),
        (plain, "2020-08-31T08:30:00+01:00", "2020-09-01T17:30:00+01:00", 18 * 60),
        (holiday, "2020-08-31T08:30:00+01:00", "2020-09-01T17:30:00+01:00", 9 * 60),
    ):
        assert calendar.working_between(datetime.fromisoformat(start), datetime.fromisoformat(end)) == timedelta(
            minutes=minutes
        )


def test_deadlines_agree_with_the_worked_examples_of_two_help_desks() -> None:
    # 2025-03-07 is a Friday; both desks are open from 09:00 to 17:00.
    copenhagen = ZoneInfo("Europe/Copenhagen")
    calendar = office("09:00-17:00", zone="Europe/Copenhagen")
    for start, due in (
        ("2025-03-07 17:00", "2025-03-10 13:00"),  # ticket0: arrives at closing time
        ("2025-03-08 11:00", "2025-03-10 13:00"),  # ticket0: arrives on a Saturday
        ("2025-03-07 16:00", "2025-03-10 12:00"),  # airclou: an hour before closing
    ):
        begins, ends = (datetime.fromisoformat(text).replace(tzinfo=copenhagen) for text in (start, due))
        assert calendar.add_working(begins, timedelta(hours=4)) == ends
