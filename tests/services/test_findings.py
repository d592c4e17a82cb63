"""A worker's own findings: filed and mended in one step where they are theirs, and nothing lost where they are not."""

from datetime import timedelta

import pytest

from domain.case import Action
from domain.errors import NeedsPhoto, NotAllowed
from models import Attachment, Case, CaseEvent, EventType
from services.access import Actor
from services.case_filing import Filing
from tests.factories import GRID
from tests.services.conftest import Street

SECOND = "32041210120102"


def found(grid: str = GRID, **more: object) -> Filing:
    return Filing(grid=grid, description="井盖松了", **more)  # type: ignore[arg-type]


async def photo(street: Street, by: Actor) -> Attachment:
    at = street.desk.clock.now() - timedelta(minutes=1)
    return await Attachment.create(person_id=by.person_id, kind="photo", state="kept", key="2026/03/x", created_at=at)


async def test_found_and_mended_it_is_filed_accepted_and_resolved_in_one_step(street: Street) -> None:
    worker = await street.actor("worker")
    case, resolved = await street.desk.findings.file(worker, found(), done="垫好了")
    assert (resolved, case.status, case.source, case.level) == (True, "resolved", "found", 1)
    steps = await CaseEvent.filter(case_id=case.id).order_by("id").values_list("action", flat=True)
    assert steps == [Action.SUBMIT, Action.ACCEPT, Action.RESOLVE]
    assert await street.told(worker) == []


async def test_what_still_has_to_be_seen_to_waits_in_its_grids_queue(street: Street) -> None:
    worker, cover = await street.actor("worker"), await street.actor("cover")
    mine, resolved = await street.desk.findings.file(worker, found())
    assert (resolved, mine.status, mine.holder_id) == (False, "submitted", worker.person_id)
    theirs, resolved = await street.desk.findings.file(worker, found(SECOND), done="垫好了")
    assert (resolved, theirs.status, theirs.holder_id) == (False, "submitted", cover.person_id)
    assert "new_case" in await street.told(cover)


async def test_photos_of_before_and_after_satisfy_the_rule_and_without_them_nothing_is_written(street: Street) -> None:
    worker, now = await street.actor("worker"), street.desk.clock.now()
    await EventType.create(
        code="lid", name="井盖", category="city_management", state="approved", photos="both", created_at=now
    )
    before, after = await photo(street, worker), await photo(street, worker)
    for missing in ({"attachments": [before.id]}, {}):
        with pytest.raises(NeedsPhoto):
            await street.desk.findings.file(worker, found(event_type="lid", **missing), done="垫好了")
    assert await Case.all().count() == 0
    assert [one.case_id for one in await Attachment.all()] == [None, None]
    case, resolved = await street.desk.findings.file(
        worker, found(event_type="lid", attachments=[before.id]), done="垫好了", after=[after.id]
    )
    assert resolved
    assert {one.case_id for one in await Attachment.all()} == {case.id}


async def test_residents_file_cases_and_no_findings(street: Street) -> None:
    with pytest.raises(NotAllowed):
        await street.desk.findings.file(await street.resident(), found())
