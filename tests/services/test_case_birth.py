"""A case that is filed in one go, beside the same one that comes out of a draft: not a row may tell them apart."""

from typing import Any

from models import Case, CaseEvent, Delivery
from services.drafts import Said
from tests.services.conftest import Street

_OF_ITS_OWN = {"id", "number", "case_id", "person_id", "resident_id", "source"}
_MOMENTS = {"created_at", "touched_at", "submitted_at", "at", "next_at", "clock_from"}
_DUE = {"accept_due", "resolve_due", "next_due", "sweep_at", "remind_at"}


def _row(one: Any) -> dict[str, object]:
    return {name: value for name, value in dict(one).items() if name not in _OF_ITS_OWN | _MOMENTS | _DUE}


async def _rows(case: Case) -> dict[str, Any]:
    kept = await Case.get(id=case.id)
    due = {name: getattr(kept, name) and getattr(kept, name) - kept.submitted_at for name in _DUE}
    told = await Delivery.filter(case_id=case.id).order_by("kind", "person_id")
    facts = [
        {
            name: value
            for name, value in one.facts.items()
            if name not in {"number", "alike", "accept_due", "resolve_due"}
        }
        for one in told
    ]
    return {
        "case": _row(kept),
        "due": due,
        "events": [_row(one) for one in await CaseEvent.filter(case_id=case.id).order_by("id")],
        "told": [(one.person_id, _row(one) | {"facts": None}) for one in told],
        "facts": facts,
        "number in the message": {one.facts["number"] == kept.number for one in told},
    }


async def test_a_case_filed_in_one_go_and_one_out_of_a_draft_leave_the_same_rows(street: Street) -> None:
    await street.at("2027-03-01 10:00")
    worker = await street.binds("worker")
    resident = await street.follower("王阿姨", grid="32041210120101")
    heard = await street.desk.people.hear(resident.openid)
    await street.desk.drafts.add(heard, Said(kind="text", text="路灯坏了"))
    drafted = await street.desk.cases.submit(resident.person_id)
    filed = await street.files(await street.desk.people.actor(resident.person_id))
    of_draft, at_once = await _rows(drafted), await _rows(filed)
    assert at_once == of_draft
    assert at_once["number in the message"] == {True}
    assert [one.kind for one in await Delivery.filter(person_id=worker.person_id)] == ["new_case", "new_case"]
    jobs = [one["args"] for one in await street.jobs("deliver")]
    assert jobs[-1] == jobs[-2]


async def test_an_urgent_case_filed_in_one_go_is_told_to_the_whole_chain(
    street: Street,
) -> None:
    urgent = await street.files(urgent=True)
    told = {one.person_id: one.kind for one in await Delivery.filter(case_id=urgent.id)}
    assert told.pop(urgent.holder_id or 0) == "new_case"
    assert set(told.values()) == {"urgent_alert"}
    assert len(told) >= 3
    assert urgent.alert_unit_id == (await street.region("320412101")).id


async def test_a_case_filed_in_one_go_can_be_saved_again(street: Street) -> None:
    case = await street.files()
    case.title = "改了"
    await case.save()
    assert await Case.filter(title="改了").count() == 1
