"""The database itself keeps a case's history from being edited."""

import pytest
from tortoise.exceptions import IntegrityError

from models import CaseEvent
from services.transaction import rows
from tests.services.conftest import Street


@pytest.mark.parametrize(
    "change", ["note = 'x'", "at = now()", "action = 'accept'", "to_status = 'closed'", "to_level = 5", "case_id = 0"]
)
async def test_a_step_cannot_be_edited(street: Street, change: str) -> None:
    await street.files()
    with pytest.raises(IntegrityError, match="appended, never edited"):
        await rows(f"UPDATE case_event SET {change}, person_id = 1 RETURNING 1")
    assert [step.action for step in await CaseEvent.all()] == ["submit"]


async def test_a_step_cannot_be_deleted_nor_its_case_with_it(street: Street) -> None:
    await street.files()
    for table in ("case_event", '"case"'):
        with pytest.raises(IntegrityError, match="appended, never edited"):
            await rows(f"DELETE FROM {table} RETURNING 1")
    assert await CaseEvent.all().count() == 1


async def test_who_took_a_step_may_be_corrected(street: Street) -> None:
    """Two accounts turn out to be one person."""
    await street.files()
    await rows("UPDATE case_event SET person_id = 7, holder_id = 8 RETURNING 1")
    (step,) = await CaseEvent.all()
    assert (step.person_id, step.holder_id, step.action) == (7, 8, "submit")
