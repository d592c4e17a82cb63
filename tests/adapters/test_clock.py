"""The clock tells UTC, and the movable one stands as far away as it was put."""

from datetime import UTC, datetime, timedelta

from adapters.clock import MovableClock, SystemClock


def test_the_system_clock_tells_the_machines_time_in_utc() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


def test_a_moved_clock_stands_where_it_was_put_and_goes_on_running() -> None:
    clock = MovableClock(timedelta(days=3))
    assert clock.offset == timedelta(days=3)
    before = datetime.now(UTC)
    first, second = clock.now(), clock.now()
    assert before + timedelta(days=3) <= first <= second <= datetime.now(UTC) + timedelta(days=3)
    assert first.tzinfo is UTC


def test_a_clock_can_be_moved_back() -> None:
    clock = MovableClock(timedelta(days=3))
    clock.set_offset(timedelta(hours=-1))
    assert clock.now() < datetime.now(UTC)
