"""The documents: complete, in order, with no link that leads nowhere, and both READMEs saying the same."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)[^)]*\)")


def links(page: Path) -> list[str]:
    return LINK.findall(page.read_text("utf-8"))


def part(text: str, heading: str, following: str) -> str:
    return text.split(heading, 1)[1].split(following, 1)[0]


@pytest.mark.parametrize(
    "page", [*READMES, ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))], ids=lambda p: p.name
)
def test_every_link_leads_to_a_file(page: Path) -> None:
    assert [link for link in links(page) if not (page.parent / link).exists()] == []


def test_the_list_of_pages_names_every_page_once() -> None:
    named = Counter(link for link in links(DOCS / "README.md") if link.endswith(".md") and not link.startswith(".."))
    there = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")} - {"README.md"}
    assert named == Counter(there)


def test_decisions_are_numbered_one_by_one_in_name_and_heading() -> None:
    pages = sorted((DOCS / "adr").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    headings = [page.read_text("utf-8").splitlines()[0] for page in pages]
    assert [re.match(r"# (\d+) · ", heading)[1] for heading in headings] == [str(int(p.name[:4])) for p in pages]  # type: ignore[index]


def test_a_term_stands_in_the_glossary_once() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", (DOCS / "glossary.md").read_text("utf-8"), re.MULTILINE)
    terms = Counter(term.strip() for row in rows[2:] for term in re.split(r" [/·] ", row))
    assert [term for term, times in terms.items() if times > 1] == []
    assert len(terms) > 60


def test_both_readmes_name_the_same_pages_commands_and_folders() -> None:
    english, chinese = (page.read_text("utf-8") for page in READMES)
    docs = [sorted({link for link in links(page) if link.startswith("docs/")}) for page in READMES]
    assert docs[0] == docs[1]
    commands = [
        [line.split("#")[0].strip() for line in re.findall(r"^(?:make|\.venv/bin/wangge) .*$", text, re.MULTILINE)]
        for text in (english, chinese)
    ]
    assert commands[0] == commands[1]
    tables = [re.findall(r"^\| (`[^|]*`) \|", text, re.MULTILINE) for text in (english, chinese)]
    assert tables[0] == tables[1]
    bullets = [
        part(english, "## What works today", "Not yet").count("\n- "),
        part(chinese, "## 现在能做什么", "还没有的").count("\n- "),
    ]
    assert bullets[0] == bullets[1] > 0


def test_the_table_of_folders_is_complete() -> None:
    table = " ".join(re.findall(r"^\| (`[^|]*`) \|", READMES[0].read_text("utf-8"), re.MULTILINE))
    packages = {page.parent.name for page in ROOT.glob("*/__init__.py")} | {"docs", "changes"}
    assert packages <= set(re.findall(r"`(\w+)/`", table))


def test_what_works_today_is_told_in_three_lines_each() -> None:
    told = part(READMES[0].read_text("utf-8"), "## What works today", "Not yet").strip()
    items = re.split(r"\n(?=- )", told)
    assert [item for item in items if len(item.splitlines()) > 3] == []
