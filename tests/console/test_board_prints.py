"""公示牌 from the console: a PDF whose codes lead to the posts; what cannot be printed is named."""

import asyncio
from collections.abc import Awaitable, Callable

import pypdfium2

from domain.errors import TooMany
from models import Person, Region
from qrcodes.drawing import read
from services.board_runs import BoardRuns
from tests.console.clerk import Clerk, Page
from tests.factories import GRID, TOWN, VILLAGE
from tests.services.conftest import NAMES, Street

ComesIn = Callable[[str], Awaitable[Clerk]]
EAST, SECOND = "32041210120201", "32041210120102"
BOARDS = f"/console/regions/{VILLAGE}/boards"


async def prints(clerk: Clerk, path: str, *codes: str, **fields: str) -> tuple[Page, bytes]:
    """What came: a page, or the bytes of a PDF."""
    given = {**(await clerk.opens(path)).hidden(path), **fields}
    pairs = [*given.items(), *(("codes", code) for code in codes)]
    async with clerk._session.post(f"{clerk.service}{path}", data=pairs) as answer:
        data = await answer.read()
        if answer.content_type == "application/pdf":
            return Page(answer.status, "", path, answer.headers), data
        return Page(answer.status, data.decode(), path, answer.headers), b""


def codes_in(pdf: bytes) -> list[str | None]:
    document = pypdfium2.PdfDocument(pdf)
    return [read(document[page].render(scale=3).to_pil()) for page in range(len(document))]


async def test_chosen_boards_come_as_one_pdf_and_are_known_as_printed(street: Street, comes_in: ComesIn) -> None:
    clerk = await comes_in("secretary")
    page, pdf = await prints(clerk, BOARDS, GRID, SECOND)
    assert page.status == 200
    assert page.headers["Content-Disposition"] == f'attachment; filename="boards-{VILLAGE}.pdf"'  # type: ignore[index, call-overload]
    urls = [(await street.desk.scenes.ticket_for(code)).url for code in (GRID, SECOND)]
    assert codes_in(pdf) == urls
    assert [one.printed != "" async for one in street.desk.prints.versions([GRID, SECOND])] == [True, True]
    assert "还对" in (await clerk.opens(BOARDS)).words
    _, all_of_them = await prints(clerk, BOARDS, all="yes")
    assert codes_in(all_of_them) == urls
    await Person.filter(name=NAMES["worker"]).update(name="李卫民")
    again = await clerk.opens(BOARDS)
    assert "1 张内容变了，该重印" in again.words
    assert again.text.count(" checked>") == 1


async def test_door_cards_and_badges_are_printed_too(street: Street, comes_in: ComesIn) -> None:
    clerk = await comes_in("secretary")
    url = (await street.desk.scenes.ticket_for(GRID)).url
    for kind in ("card", "badge"):
        _, pdf = await prints(clerk, f"{BOARDS}?kind={kind}".split("?", maxsplit=1)[0], GRID, kind=kind)
        assert codes_in(pdf) == [url], kind


async def test_what_cannot_be_printed_is_named_and_the_rest_is_offered(street: Street, comes_in: ComesIn) -> None:
    del street
    clerk = await comes_in("commander")
    town = f"/console/regions/{TOWN}/boards"
    await Region.filter(code=SECOND).update(name="第𰻝网格\U000e0fff")
    page, pdf = await prints(clerk, town, GRID, SECOND)
    assert (page.status, pdf) == (409, b"")
    assert SECOND in page.words
    assert "字体里没有" in page.words
    assert page.text.count(" checked>") == 1
    page, pdf = await prints(clerk, town, EAST, kind="badge")
    assert page.status == 409
    assert "还没有网格员" in page.words
    page, _ = await prints(clerk, town)
    assert page.status == 422
    assert "还没选网格" in page.words


async def test_a_grid_of_somebody_else_is_not_found_and_a_forged_form_prints_nothing(
    street: Street, comes_in: ComesIn
) -> None:
    clerk = await comes_in("secretary")
    assert (await prints(clerk, BOARDS, GRID, EAST))[0].status == 404
    assert (await prints(clerk, BOARDS, VILLAGE))[0].status == 404
    assert (await prints(clerk, BOARDS, GRID, csrf="x" * 22))[0].status == 403
    assert [one.printed async for one in street.desk.prints.versions([GRID])] == [""]


async def test_one_run_at_a_time(street: Street) -> None:
    runs = BoardRuns(street.desk.prints, street.desk.scenes, template=None, fonts=())
    clerk = await street.actor("commander")
    both = await asyncio.gather(
        *(asyncio.create_task(runs.run(clerk, [GRID], "board")) for _ in range(2)), return_exceptions=True
    )
    assert sum(isinstance(one, TooMany) for one in both) == 1
    assert sum(getattr(one, "pages", 0) for one in both) == 1
