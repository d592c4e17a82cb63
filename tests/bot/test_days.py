"""Days as people write them behind 「挂起 1024」."""

from datetime import date

from bot.days import until

TODAY = date(2026, 3, 2)
WRITTEN = {
    "3天 等配件": (date(2026, 3, 5), "等配件"),
    "三天，等配件": (date(2026, 3, 5), "等配件"),
    "3天等配件": (date(2026, 3, 5), "等配件"),
    "十五天后 等": (date(2026, 3, 17), "等"),
    "一周 等": (date(2026, 3, 9), "等"),
    "2个星期 等": (date(2026, 3, 16), "等"),
    "一个月 等": (date(2026, 4, 1), "等"),
    "明天 等": (date(2026, 3, 3), "等"),
    "到5月6日 等居民": (date(2026, 5, 6), "等居民"),
    "到5月6号：等居民": (date(2026, 5, 6), "等居民"),
    "5月6日": (date(2026, 5, 6), ""),
    "到 2026-05-06 等": (date(2026, 5, 6), "等"),
    "到2027年1月3日 等": (date(2027, 1, 3), "等"),
    "1月3日 等": (date(2027, 1, 3), "等"),
    "5.6 等": (date(2026, 5, 6), "等"),
    "等配件": (None, "等配件"),
    "到2月30日 等": (None, "到2月30日 等"),
    "": (None, ""),
}


def test_a_day_is_read_off_the_front_and_the_reason_is_left() -> None:
    assert {text: until(text, TODAY) for text in WRITTEN} == WRITTEN
    assert until("29日 等", date(2028, 2, 1)) == (date(2028, 3, 1), "等")
