"""Fields of a template are as long as WeChat takes them."""

import pytest

from domain.template_fields import fitted


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("thing1", "路灯坏了", "路灯坏了"),
        ("thing12", "一" * 21, "一" * 19 + "…"),
        ("thing2", "😀" * 11, "😀" * 9 + "…"),
        ("phrase3", "正在办理当中", "正在办理…"),
        ("character_string1", "A" * 40, "A" * 32),
        ("number1", "1" * 33, "1" * 32),
        ("strange", "一" * 99, "一" * 99),
    ],
)
def test_a_field_is_cut_to_what_its_name_allows(name: str, value: str, wanted: str) -> None:
    assert fitted(name, value) == wanted
