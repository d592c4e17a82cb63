"""The picture of a notice in the console: chosen, shown, exchanged, taken over, and refused with a word why."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from io import BytesIO
from uuid import UUID

from PIL import Image

from app.bootstrap import House
from models import Attachment, Notice
from services.notices_draft import More
from services.notices_rows import shortened
from tests.console.clerk import Clerk, Page
from tests.console.test_notices import NEW, acts, morning, number_of
from tests.factories import GRID, VILLAGE
from tests.services.conftest import Street
from tests.services.test_media import photo

__all__ = ["morning"]

ComesIn = Callable[[str], Awaitable[Clerk]]
WORDS = {"region": VILLAGE, "text": "明天八点停水", "title": "停水", "link": "", "type": ""}


async def composes(clerk: Clerk, *pictures: bytes, at: str = NEW, **fields: str) -> Page:
    page = await clerk.opens(at)
    files = [("picture", one) for one in pictures]
    return await clerk.sends_files(NEW, {**page.hidden(NEW), **WORDS, **fields}, *files)


async def changes(clerk: Clerk, page: Page, *pictures: bytes) -> Page:
    where = f"{page.path.split('?')[0]}/picture"
    return await clerk.sends_files(where, page.hidden(where), *(("picture", one) for one in pictures))


async def picture_of(number: int) -> UUID | None:
    return (await Notice.get(id=number)).picture_id


def shown(page: Page) -> list[str]:
    return re.findall(r'<img src="([^"]+)"', page.text)


async def test_a_picture_is_seen_before_it_is_sent_exchanged_dropped_and_stays_once_it_is_out(
    morning: Street, house: House, comes_in: ComesIn
) -> None:
    await morning.follower("居民", grid=GRID)
    clerk = await comes_in("secretary")
    page = await composes(clerk, photo(orientation=6))
    number = number_of(page)
    first = await picture_of(number)
    kept = await Attachment.get(id=first)
    assert b"Exif" not in await house.storage.get(kept.key)
    assert "点这里看更多" in page.words
    async with clerk._session.get(clerk.service + shown(page)[0].replace("&amp;", "&")) as small:
        with Image.open(BytesIO(await small.read())) as drawn:
            assert (small.status, drawn.size) == (200, (40, 60))
    # Pressed three times, it is exchanged once.
    both = await asyncio.gather(*(changes(clerk, page, photo(size=(80, 80))) for _ in range(3)))
    assert {"图片放好了" in one.words for one in both} == {True}
    second = await picture_of(number)
    token = (await Notice.get(id=number)).token
    assert token is not None
    on_page = await morning.desk.notices.news.picture(shortened(token))
    assert on_page is not None
    assert (second != first, on_page.id) == (True, second)
    # Another like it has it too, until its box is ticked.
    like = f"{NEW}?like={number}"
    assert await picture_of(number_of(await composes(clerk, at=like))) == second
    assert await picture_of(number_of(await composes(clerk, at=like, drop="yes"))) is None
    page = await acts(clerk, number, "drop_picture")
    assert ("图片去掉了" in page.words, shown(page), await picture_of(number)) == (True, [], None)
    await changes(clerk, page, photo())
    before = await picture_of(number)
    page = await clerk.opens(f"/console/notices/{number}")
    await acts(clerk, number, "send")
    late = await changes(clerk, page, photo(size=(90, 90)))
    assert (late.status, "现在已经不能这样办了" in late.words) == (409, True)
    assert (before is not None, await picture_of(number)) == (True, before)
    assert len(shown(await (await comes_in("commander")).opens(f"/console/notices/{number}"))) == 1


async def test_what_is_no_picture_of_theirs_is_refused_and_the_words_stay(morning: Street, comes_in: ComesIn) -> None:
    clerk, other = await comes_in("secretary"), await comes_in("commander")
    theirs = await morning.desk.uploads.take(await morning.actor("commander"), photo())
    huge = b"\xff\xd8\xff" + bytes(11 * 1024 * 1024)
    for files, fields, status, said in (
        ((huge,), {}, 413, "图片太大了，最多 10 MB"),
        ((b"%PDF-1.7 no picture",), {}, 422, "打不开，或者不是照片"),
        ((b"\xff\xd8\xff\xe0 broken",), {}, 422, "打不开，或者不是照片"),
        ((photo(), photo()), {}, 422, "只放一张图片"),
        ((), {"kept": str(theirs)}, 422, "不是您自己传的"),
        ((photo(),), {"csrf": "forged"}, 403, "不是从这里打开的"),
    ):
        refused = await composes(clerk, *files, **{"text": "我写的话", **fields})
        assert (refused.status, said in refused.words) == (status, True), (said, refused.words[:300])
        assert "我写的话" in refused.text, said
        assert not files or "再选一次" in refused.words, said
    assert await Notice.all().count() == 0
    # A slip in the words costs nobody their picture.
    refused = await composes(clerk, photo(), text=" ")
    assert (refused.status, "图片已经留着" in refused.words) == (422, True)
    made = number_of(await clerk.sends_files(NEW, {**refused.hidden(NEW), **WORDS}))
    mine = await Attachment.get(id=await picture_of(made))
    assert mine.person_id == (await morning.actor("secretary")).person_id
    page = await clerk.opens(f"/console/notices/{made}")
    for data, said in ((huge, "图片太大了"), (b"GIF89a", "不是照片")):
        assert said in (await changes(clerk, page, data)).words
    assert "还没有选图片" in (await changes(clerk, page)).words
    assert await picture_of(made) == mine.id
    # Nobody else changes it, and a colleague's picture does not come along with their words.
    where = f"/console/notices/{made}/picture"
    stranger = await other.sends_files(
        where, {**page.hidden(where), "csrf": (await other.opens(NEW)).hidden(NEW)["csrf"]}
    )
    assert stranger.status == 404
    foreign = await morning.desk.notices.compose(await morning.actor("commander"), GRID, "开会", More(picture=theirs))
    await morning.follower("居民", grid=GRID)
    await acts(other, foreign.id, "send")
    again = await clerk.opens(f"{NEW}?like={foreign.id}")
    assert ("请再选一次图片" in again.words, shown(again), 'name="kept"' in again.text) == (True, [], False)
