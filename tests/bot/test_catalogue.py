"""The catalogue of messages: complete, as the page shows it, and readable in every field that WeChat has for it."""

from pathlib import Path

import pytest

from bot.catalogue import CATALOGUE, example, missing, page
from bot.messages import THING, Messages

PAGE = Path(__file__).parents[2] / "docs" / "messages.md"


def test_every_kind_stands_in_the_catalogue_and_no_other() -> None:
    assert not missing()


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text("utf-8") == page(), "make it anew: python -m bot.catalogue > docs/messages.md"


@pytest.mark.parametrize("kind", sorted(CATALOGUE))
def test_a_message_names_its_case_and_fits_into_the_templates_fields(kind: str) -> None:
    text, fields = Messages().text(kind, example(kind)), Messages().fields(kind, example(kind))
    assert "№1024" in text or kind in {"notice", "answer"} or CATALOGUE[kind].about_no_case
    assert all(0 < len(value) <= THING for value in fields.values()), fields
    assert "  " not in text, "something in it is empty"
    assert fields["thing2"] not in {"", "有新进展"}, "a headline of its own is missing"
