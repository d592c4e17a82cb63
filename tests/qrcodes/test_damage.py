"""A small sample of what ``python -m bench.codes --check 10000`` shows: printed small and large, damaged, and read."""

from bench.codes import AGAIN, SIZES_MM, checked


def test_codes_read_from_three_printed_sizes_with_seven_percent_of_the_area_gone() -> None:
    count = 25
    right = checked(range(count))
    right.pop(AGAIN, None)
    wanted = {f"{where}, {state}" for where in SIZES_MM for state in ("clean", "damaged")} | {"drawn"}
    assert dict(right) == dict.fromkeys(wanted, count)
