"""Many boards at once: in order, by every core, and one bad one among them costs only itself."""

import asyncio
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from qrcodes.faces import Stock
from qrcodes.facts import Facts, Somebody
from qrcodes.look import Look
from qrcodes.press import FEW, Done, Job, Kind, Output, drawn_all
from tests.qrcodes.conftest import FACTS, Paper


async def some(count: int, **bad: Facts) -> AsyncIterator[Facts]:
    for number in range(count):
        yield bad.get(f"at{number}", replace(FACTS, code=f"{number}", url=f"http://weixin.qq.com/q/{number}"))


async def drawn(job: Job, facts: AsyncIterator[Facts], count: int) -> list[Done]:
    return [done async for done in drawn_all(job, facts, count)]


async def test_every_core_draws_all_come_in_order_and_a_bad_one_costs_only_itself(
    plain_look: Look, stock: Stock, tmp_path: Path, papers: list[Paper]
) -> None:
    count = FEW + 6
    bad = {
        "at3": replace(FACTS, code="3", people=[Somebody("李𪚥", "grid_worker")]),
        "at5": replace(FACTS, code="5", url="http://网格.中国/"),
    }
    job = Job("board", "pdf", plain_look, stock)
    done = await drawn(job, some(count, **bad), count)
    assert [one.code for one in done] == [str(number) for number in range(count)]
    assert [(one.code, one.problem, list(one.facts)[:1]) for one in done if one.problem] == [
        ("3", "missing_glyph", ["𪚥"]),
        ("5", "failed", ["ValueError"]),
    ]
    output = Output(tmp_path / "new", "boards", job, title="公示牌")
    for one in done:
        output.add(one)
    files = await asyncio.to_thread(output.keep)
    assert [file.name for file in files] == ["boards.zip", "boards.pdf"]
    book = Paper(files[1].read_bytes())
    papers.append(book)
    assert (len(book), output.pages) == (count - 2, count - 2)
    assert book.codes(count - 3) == [f"http://weixin.qq.com/q/{count - 1}"]
    with zipfile.ZipFile(files[0]) as packed:
        assert packed.testzip() is None
        last = Paper(packed.read(f"{count - 1}.pdf"))
        papers.append(last)
        assert last.text() == book.text(count - 3)


@pytest.mark.parametrize(
    ("kind", "names"), [("card", ["0.svg"]), ("badge", ["0-1.svg", "0-2.svg"]), ("board", ["0.svg"])]
)
async def test_each_kind_has_its_files_and_a_badge_for_every_worker(
    plain_look: Look, stock: Stock, kind: Kind, names: list[str]
) -> None:
    [done] = await drawn(Job(kind, "svg", plain_look, stock), some(1), 1)
    assert [name for name, _ in done.files] == names
    assert done.pages == ()


async def test_output_that_is_dropped_leaves_nothing_and_the_earlier_files_stay(
    plain_look: Look, stock: Stock, tmp_path: Path
) -> None:
    (tmp_path / "boards.pdf").write_text("of yesterday")
    job = Job("board", "pdf", plain_look, stock)
    output = Output(tmp_path, "boards", job, title="公示牌")
    [done] = await drawn(job, some(1), 1)
    output.add(done)
    output.drop()
    assert [one.name for one in tmp_path.iterdir()] == ["boards.pdf"]
    assert (tmp_path / "boards.pdf").read_text() == "of yesterday"


async def test_whoever_stops_looking_stops_the_drawing(plain_look: Look, stock: Stock) -> None:
    asked = 0

    async def endless() -> AsyncIterator[Facts]:
        nonlocal asked
        while True:
            asked += 1
            yield replace(FACTS, code=str(asked))

    drawing = drawn_all(Job("card", "svg", plain_look, stock), endless(), 1)
    async for done in drawing:
        assert done.code == "1"
        break
    await drawing.aclose()
    assert asked < 20
