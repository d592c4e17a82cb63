"""Photos and the type of a case, on its page."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from io import BytesIO

import aiohttp
from PIL import Image

from app.bootstrap import House
from domain.case import Action
from domain.event_list import Category, Photos
from models import Attachment, Case, CaseEvent, EventType
from tests.console.clerk import Clerk, Page
from tests.services.conftest import Street
from tests.services.test_media import photo

ComesIn = Callable[[str], Awaitable[Clerk]]


async def sends(
    clerk: Clerk, case: Case, *files: tuple[str, bytes], csrf: str | None = None, first: bool = True, **fields: str
) -> Page:
    where = f"/console/cases/{case.number}/photos"
    given = (await clerk.opens(f"/console/cases/{case.number}")).hidden(where) | fields
    if csrf is not None:
        given["csrf"] = csrf
    form = aiohttp.FormData()
    for name, value in given.items() if first else ():
        form.add_field(name, value)
    for name, data in files:
        form.add_field(name, BytesIO(data), filename="../IMG_1.jpg", content_type="image/jpeg")
    for name, value in () if first else given.items():
        form.add_field(name, value)
    return await clerk.sends(where, form)  # type: ignore[arg-type]


async def accepted(street: Street, photos: Photos = Photos.NONE) -> Case:
    await EventType.create(
        code="light", name="路灯", category=Category.CITY_MANAGEMENT, photos=photos, created_at=street.desk.clock.now()
    )
    case = await street.files(event_type="light")
    await street.desk.cases.act(await street.actor("worker"), case.number or 0, Action.REPORT_UP, note="要村里出面")
    await street.desk.cases.act(await street.actor("chief"), case.number or 0, Action.ACCEPT)
    return await Case.get(id=case.id)


async def test_photos_are_drawn_anew_without_their_place_and_shown(
    street: Street, house: House, comes_in: ComesIn
) -> None:
    case = await accepted(street)
    clerk = await comes_in("chief")
    taken = photo(orientation=6)
    assert b"Exif" in taken
    done = await sends(clerk, case, ("after", taken))
    assert (done.path, "照片加好了" in done.words) == (f"/console/cases/{case.number}?done=photos", True)
    kept = await Attachment.get(case_id=case.id)
    data = await house.storage.get(kept.key)
    assert (kept.state, kept.kind, b"Exif" in data) == ("kept", "photo", False)
    with Image.open(BytesIO(data)) as picture:
        assert picture.size == (40, 60)
    # It belongs to what its sender did last.
    last = await CaseEvent.filter(case_id=case.id).order_by("-id").first()
    assert last is not None
    assert (last.action, kept.event_id) == ("accept", last.id)
    shown = re.findall(r'<img src="([^"]+)"', done.text)
    assert len(shown) == 1
    async with clerk._session.get(clerk.service + shown[0].replace("&amp;", "&")) as small:
        assert (small.status, small.content_type) == (200, "image/jpeg")


async def test_before_and_after_let_a_case_be_resolved_that_wants_both(street: Street, comes_in: ComesIn) -> None:
    case = await accepted(street, Photos.BOTH)
    clerk = await comes_in("chief")
    number = case.number or 0
    refused = await clerk.acts(number, "resolve", note="修好了")
    assert (refused.status, "处理前和处理后" in refused.words) == (409, True)
    # Whatever order a browser sends them in.
    await sends(clerk, case, ("after", photo(size=(60, 40))), ("before", photo(size=(50, 50))))
    first, second = await Attachment.filter(case_id=case.id).order_by("created_at", "id")
    assert first.sha256 != second.sha256
    done = await clerk.acts(number, "resolve", note="修好了")
    assert "done=resolve" in done.path, done.words


async def test_sent_twice_they_are_added_once(street: Street, comes_in: ComesIn) -> None:
    case = await accepted(street)
    clerk = await comes_in("chief")
    given = [("after", photo())]
    pages = await asyncio.gather(*(sends(clerk, case, *given, once="same") for _ in range(3)))
    assert {page.status for page in pages} == {200}
    assert await Attachment.filter(case_id=case.id).count() == 1
    other = await sends(clerk, case, ("after", photo(size=(80, 80))), once="same")
    assert (other.status, "已经提交过一次" in other.words) == (422, True)
    assert await Attachment.filter(case_id=case.id).count() == 1


async def test_what_is_no_photo_or_too_much_is_refused_with_a_word_why(street: Street, comes_in: ComesIn) -> None:
    case = await accepted(street)
    clerk = await comes_in("chief")
    for files, status, said in (
        ((("after", b""),), 422, "打不开，或者不是照片"),
        ((("elsewhere", photo()),), 422, "还没有选照片"),
        ((("after", b"%PDF-1.7 no photo at all"),), 422, "打不开，或者不是照片"),
        ((("after", b"\xff\xd8\xff\xe0 broken"),), 422, "打不开，或者不是照片"),
        (tuple(("after", photo()) for _ in range(5)), 422, "一次最多 4 张"),
        ((("after", b"\xff\xd8\xff" + bytes(11 * 1024 * 1024)),), 413, "一张最多 10 MB"),
    ):
        refused = await sends(clerk, case, *files)
        assert (refused.status, said in refused.words) == (status, True), (said, refused.words[:400])
    assert await Attachment.filter(case_id=case.id).count() == 0


async def test_nothing_is_read_before_it_is_known_whose_form_it_is(street: Street, comes_in: ComesIn) -> None:
    case = await accepted(street)
    clerk = await comes_in("chief")
    for csrf, first in (("forged", True), (None, False)):
        refused = await sends(clerk, case, ("after", photo()), csrf=csrf, first=first)
        assert (refused.status, "不是从这里打开的" in refused.words) == (403, True), (csrf, first)
    assert await Attachment.all().count() == 0


async def test_only_its_staff_add_photos_and_only_while_it_is_worked_on(street: Street, comes_in: ComesIn) -> None:
    case = await accepted(street)
    clerk = await comes_in("chief")
    page = await clerk.opens(f"/console/cases/{case.number}")
    fields = page.hidden(f"/console/cases/{case.number}/photos")
    await street.desk.cases.act(await street.actor("chief"), case.number or 0, Action.DECLINE, note="不归我们")
    assert "加照片" not in (await clerk.opens(f"/console/cases/{case.number}")).words
    form = aiohttp.FormData(fields)
    form.add_field("after", photo(), filename="a.jpg", content_type="image/jpeg")
    late = await clerk.sends(f"/console/cases/{case.number}/photos", form)  # type: ignore[arg-type]
    assert late.status == 409
    assert await Attachment.all().count() == 0


async def test_a_case_is_classified_on_a_page_of_its_own(street: Street, comes_in: ComesIn) -> None:
    case = await accepted(street)
    now = street.desk.clock.now()
    for code, name, keywords in (("lid", "井盖", ["井盖"]), ("tree", "树倒了", ["树"])):
        await EventType.create(
            code=code, name=name, category=Category.CITY_MANAGEMENT, keywords=keywords, created_at=now
        )
    clerk = await comes_in("chief")
    where = f"/console/cases/{case.number}/type"
    assert f'href="{where}"' in (await clerk.opens(f"/console/cases/{case.number}")).text
    page = await clerk.opens(f"{where}?q=井盖")
    assert re.findall(r'value="(\w+)"', page.text.split("<details")[0].split("<fieldset")[1]) == ["lid"]
    given = {**page.hidden(where), "event_type": "lid"}
    pages = await asyncio.gather(*(clerk.sends(where, given) for _ in range(2)))
    assert {page.path for page in pages} == {f"/console/cases/{case.number}?done=classify"}
    assert (await Case.get(id=case.id)).event_type == "lid"
    assert [one.action for one in await CaseEvent.filter(case_id=case.id)].count("classify") == 1
    for code in ("", "nonsense"):
        refused = await clerk.sends(where, {**page.hidden(where), "once": f"x{code}", "event_type": code})
        assert (refused.status, "还没选是哪一类" in refused.words) == (422, True)
    await street.desk.cases.act(await street.actor("chief"), case.number or 0, Action.RESOLVE, note="修好了")
    late = await clerk.sends(where, {**page.hidden(where), "once": "late", "event_type": "tree"})
    assert late.status == 409


NO_FORMS = (
    ("multipart/form-data", b"--x\r\n"),
    ("multipart/form-data; boundary=x", b""),
    ("multipart/form-data; boundary=x", b"no boundary at all"),
    ("multipart/form-data; boundary=x", b"--x\r\nno header\r\n"),
    ("multipart/form-data; boundary=x", b"--x\r\n\r\nnameless\r\n--x--\r\n"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nends here'),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\xfe\r\n--x--\r\n',
    ),
    (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y--\r\n--x--\r\n",
    ),
    ("multipart/form-data; boundary=" + "x" * 300, b"--x--"),
    ("application/json", b"{}"),
)


async def test_a_body_that_is_no_form_is_refused_and_nothing_breaks(street: Street, comes_in: ComesIn) -> None:
    case = await accepted(street)
    clerk = await comes_in("chief")
    where = f"{clerk.service}/console/cases/{case.number}/photos"
    for kind, body in NO_FORMS:
        async with clerk._session.post(where, data=body, headers={"Content-Type": kind}) as answer:
            assert answer.status in {400, 403, 415, 422}, (kind, body, await answer.text())
    assert await Attachment.all().count() == 0
