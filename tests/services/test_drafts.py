"""What a resident has said and not filed yet."""

import pytest

from domain.errors import NothingToFile
from models import Attachment, Case, CaseMessage
from services.drafts import Said, shorten
from tests.factories import GRID
from tests.services.conftest import Follower, Street, at_once


async def says(street: Street, one: Follower, *said: Said) -> dict[str, int]:
    counts: dict[str, int] = {}
    for item in said:
        counts = dict(await street.desk.drafts.add(await street.desk.people.hear(one.openid), item))
    return counts


async def test_words_photos_and_the_place_become_one_case(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    counts = await says(
        street,
        one,
        Said("text", "路灯坏了"),
        Said("photo", media_id="m1"),
        Said("place", text="三号楼", latitude=31.7, longitude=119.9),
        Said("voice", text="晚上很黑", media_id="m2"),
    )
    assert counts == {"text": 1, "photo": 1, "place": 1, "voice": 1}
    case = await street.desk.cases.submit(one.person_id)
    assert (case.title, case.description) == ("路灯坏了", "路灯坏了\n晚上很黑")
    assert (case.latitude, case.longitude, case.address) == (31.7, 119.9, "三号楼")
    assert await Attachment.filter(case_id=case.id).count() == 2
    assert (case.status, case.holder_id) == ("submitted", (await street.actor("worker")).person_id)


async def test_many_messages_at_once_all_land_in_one_draft(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    heard = await street.desk.people.hear(one.openid)
    done = await at_once(*(street.desk.drafts.add(heard, Said("text", f"{number}")) for number in range(8)))
    assert not [answer for answer in done if isinstance(answer, BaseException)]
    assert await Case.filter(resident_id=one.person_id).count() == 1
    assert await CaseMessage.all().count() == 8


async def test_the_same_medium_twice_is_kept_once(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    assert await says(street, one, Said("photo", media_id="m1"), Said("photo", media_id="m1")) == {"photo": 2}
    case = await street.desk.cases.submit(one.person_id)
    assert await Attachment.filter(case_id=case.id).count() == 1


@pytest.mark.parametrize(
    ("said", "grid", "lacks"),
    [
        ([], GRID, "nothing"),
        ([Said("place", latitude=1.0, longitude=2.0)], GRID, "no_words"),
        ([Said("text", "路灯坏了")], None, "no_grid"),
    ],
)
async def test_what_a_draft_lacks_is_named(street: Street, said: list[Said], grid: str | None, lacks: str) -> None:
    one = await street.follower("王阿姨", grid=grid)
    await says(street, one, *said)
    with pytest.raises(NothingToFile) as refused:
        await street.desk.cases.submit(one.person_id)
    assert refused.value.facts == {"has": lacks}
    assert await CaseMessage.all().count() == len(said)


async def test_a_photo_alone_is_enough(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    await says(street, one, Said("photo", media_id="m1"))
    assert (await street.desk.cases.submit(one.person_id)).description == ""


async def test_a_scan_later_gives_the_draft_its_grid(street: Street) -> None:
    one = await street.follower("王阿姨")
    await says(street, one, Said("text", "路灯坏了"))
    await street.desk.people.settle_in(one.person_id, (await street.region(GRID)).id)
    assert (await street.desk.cases.submit(one.person_id)).grid_id == (await street.region(GRID)).id


async def test_a_filed_case_stays_where_it_was_filed_when_the_resident_moves(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    await says(street, one, Said("text", "路灯坏了"))
    case = await street.desk.cases.submit(one.person_id)
    await street.desk.people.settle_in(one.person_id, (await street.region("32041210120201")).id)
    assert (await Case.get(id=case.id)).grid_id == (await street.region(GRID)).id


async def test_what_is_dropped_is_gone(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    await says(street, one, Said("text", "路灯坏了"), Said("photo", media_id="m1"))
    assert await street.desk.drafts.drop(one.person_id)
    assert not await street.desk.drafts.drop(one.person_id)
    assert (await Case.all().count(), await CaseMessage.all().count()) == (0, 0)


async def test_a_draft_can_become_part_of_an_open_case(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    await says(street, one, Said("text", "路灯坏了"))
    case = await street.desk.cases.submit(one.person_id)
    await says(street, one, Said("text", "还是没修"), Said("photo", media_id="m1"))
    actor = await street.desk.people.actor(one.person_id)
    await street.desk.cases.add_draft(actor, case.number or 0)
    assert await Case.filter(resident_id=one.person_id).count() == 1
    assert await CaseMessage.filter(case_id=case.id).count() == 3
    assert await Attachment.filter(case_id=case.id).count() == 1
    assert (await street.told(await street.actor("worker")))[-1] == "case_added"
    view = await street.desk.queues.one(actor, case.number or 0)
    assert [(step.action, step.note) for step in view.timeline] == [("submit", ""), ("add", "还是没修")]


async def test_an_empty_draft_adds_nothing_to_a_case(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    await says(street, one, Said("text", "路灯坏了"))
    case = await street.desk.cases.submit(one.person_id)
    await street.desk.drafts.begin(await street.desk.people.hear(one.openid))
    with pytest.raises(NothingToFile):
        await street.desk.cases.add_draft(await street.desk.people.actor(one.person_id), case.number or 0)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("路灯坏了\n晚上看不见", "路灯坏了"),
        ("  \n ", ""),
        ("一" * 30, "一" * 23 + "…"),
        ("一" * 24, "一" * 24),
    ],
)
def test_a_title_is_the_first_line_cut_to_24_characters(text: str, title: str) -> None:
    assert shorten(text) == title
