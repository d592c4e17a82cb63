"""Two accounts turn out to be one person: everything of the one becomes the other's."""

from typing import Any

from tortoise.expressions import Q

from models import Identity, Person
from services.transaction import row, rows, transaction

# Locks are taken in the order in which everybody else takes them: accounts, cases, deliveries, persons.
_LOCKS = (
    "SELECT id FROM identity WHERE person_id IN ($1, $2) ORDER BY id FOR UPDATE",
    """SELECT id FROM "case" WHERE resident_id = $2 OR holder_id = $2 OR (resident_id = $1 AND status = 'draft')
       ORDER BY id FOR UPDATE""",
    "SELECT id FROM delivery WHERE person_id IN ($1, $2) AND state IN ('owed', 'sending') ORDER BY id FOR UPDATE",
    "SELECT id FROM person WHERE id IN ($1, $2) ORDER BY id FOR UPDATE",
)
_OF_ANYBODY = (
    ("identity", "person_id"),
    ("session", "person_id"),
    ("attachment", "person_id"),
    ("patrol", "person_id"),
    ("visit", "person_id"),
    ("sign_in_scene", "person_id"),
    ("record_proposal", "person_id"),
)
# Of one record somebody has said one thing that waits.
_ONE_PROPOSAL = """
DELETE FROM record_proposal d WHERE d.person_id = $2 AND d.state = 'asked' AND EXISTS (
    SELECT 1 FROM record_proposal k WHERE k.person_id = $1 AND k.record_id = d.record_id AND k.state = 'asked')
RETURNING 1
"""
# A resident appears in these only through cases of their own, which have an index.
_OF_OWN_CASES = (("case_message", "person_id"), ("case_event", "person_id"))
_OF_STAFF = (
    ("leave", "person_id"),
    ("leave", "asked_of_id"),
    ("leave", "decided_by_id"),
    ("invite", "person_id"),
    ('"case"', "holder_id"),
    ('"case"', "taken_by_id"),
    ("case_event", "person_id"),
    ("case_event", "holder_id"),
    ("notice", "author_id"),
    ("notice_event", "person_id"),
    ("poll", "author_id"),
    ("held_duty", "cover_id"),
    ("delivery", "visited_by_id"),
    ("event_type", "proposed_by_id"),
    ("event_type", "decided_by_id"),
    ("audit_note", "by_id"),
    ("export", "by_id"),
    ("rule_change", "by_id"),
    ("town_day", "by_id"),
    ("safety_check", "decided_by_id"),
    ("media_check", "decided_by_id"),
    ("work_note", "person_id"),
    ("admission", "asked_by_id"),
    ("admission", "reviewed_by_id"),
    ("admission", "decided_by_id"),
    ("unadmitted_task", "person_id"),
    ("unadmitted_task", "answered_by_id"),
    ("award_application", "person_id"),
    ("award_application", "asked_by_id"),
    ("award_application", "supported_by_id"),
    ("award_application", "decided_by_id"),
    ("exit_proposal", "decided_by_id"),
    ("office_step", "by_id"),
    ("exempt_day", "set_by_id"),
    ("subject_look", "by_id"),
    ("assessment_month", "changed_by_id"),
    ("assessment_score", "person_id"),
    ("spot_check", "person_id"),
    ("spot_check", "by_id"),
    ("objection", "by_id"),
    ("objection", "decided_by_id"),
    ("award", "person_id"),
    ("record_change", "by_id"),
    ("record_look", "by_id"),
    ("record_proposal", "decided_by_id"),
)
_STAFF = """
SELECT EXISTS (SELECT 1 FROM held_duty WHERE person_id = $1 OR cover_id = $1)
    OR EXISTS (SELECT 1 FROM "case" WHERE holder_id = $1) AS yes
"""
# Two drafts become one: the words of the second are added to the first.
_JOIN_DRAFTS = """
UPDATE case_message SET case_id = k.id FROM "case" k, "case" d
WHERE k.resident_id = $1 AND k.status = 'draft' AND d.resident_id = $2 AND d.status = 'draft'
  AND case_message.case_id = d.id
RETURNING 1
"""
_DROP_DRAFT = """
DELETE FROM "case" WHERE resident_id = $2 AND status = 'draft'
  AND EXISTS (SELECT 1 FROM "case" k WHERE k.resident_id = $1 AND k.status = 'draft')
RETURNING 1
"""
_ONCE_EACH: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("delivery", ("notice_id",)),
    ("held_duty", ("duty", "region_id")),
    ("concerned", ("case_id",)),
    ("co_handler", ("case_id",)),
    ("saved_filter", ("name",)),
    ("board_person", ()),
    ("poll_voter", ("poll_id",)),
    ("training_record", ("course_id",)),
    ("staff_login", ()),
    ("second_factor", ()),
    ("daily_list", ("day",)),
    ("exit_proposal", ("town_id", "year")),
    ("grid_coverage", ("region_id",)),
)
# Whoever is on patrol is on one: of two that go on, the one that goes with the account ends.
_ONE_PATROL = """
UPDATE patrol SET ended_at = greatest(started_at, coalesce(last_point_at, started_at)), ended_by = 'clock'
WHERE person_id = $2 AND ended_at IS NULL
  AND EXISTS (SELECT 1 FROM patrol k WHERE k.person_id = $1 AND k.ended_at IS NULL) RETURNING 1
"""
# Of one course that both have taken, the hours that are credited stay.
_TRAINED = """
DELETE FROM training_record k USING training_record d
WHERE k.person_id = $1 AND d.person_id = $2 AND k.course_id = d.course_id
  AND k.credited_on IS NULL AND d.credited_on IS NOT NULL RETURNING 1
"""
_ABOUT = """
UPDATE "case" SET about_person_id = $1 FROM concerned x
WHERE x.person_id = $2 AND x.case_id = "case".id AND about_person_id = $2
"""
_GRID = """
UPDATE person SET grid_id = coalesce(d.grid_id, person.grid_id),
    phone = CASE WHEN person.phone = '' THEN d.phone ELSE person.phone END FROM person d
WHERE person.id = $1 AND d.id = $2 RETURNING 1
"""


async def merge(*, keep: int, drop: int) -> None:
    """Everything of *drop* becomes *keep*'s; what both have (a draft, a notice received, a duty) stays once.

    But for who looked at whose number (``look``): that is appended only, and its case says whose it was.
    """
    async with transaction():
        for lock in _LOCKS:
            await rows(lock, keep, drop)
        await rows(_ONE_PATROL, keep, drop)
        await rows(_TRAINED, keep, drop)
        await rows(_ONE_PROPOSAL, keep, drop)
        for table, column in _OF_ANYBODY:
            await _move(f"UPDATE {table} SET {column} = $1 WHERE {column} = $2", keep, drop)
        for table, column in _OF_OWN_CASES:
            await _move(
                f"UPDATE {table} SET {column} = $1 WHERE {column} = $2 "
                'AND case_id IN (SELECT id FROM "case" WHERE resident_id = $2)',
                keep,
                drop,
            )
        if (await row(_STAFF, drop))["yes"]:
            for table, column in _OF_STAFF:
                await _move(f"UPDATE {table} SET {column} = $1 WHERE {column} = $2", keep, drop)
        await rows(_JOIN_DRAFTS, keep, drop)
        await rows(_DROP_DRAFT, keep, drop)
        await _move('UPDATE "case" SET resident_id = $1 WHERE resident_id = $2', keep, drop)
        await _move(_ABOUT, keep, drop)
        for table, same in _ONCE_EACH:
            await rows(
                f"DELETE FROM {table} d WHERE d.person_id = $2 AND EXISTS (SELECT 1 FROM {table} k "
                f"WHERE {' AND '.join(['k.person_id = $1', *(f'k.{part} = d.{part}' for part in same)])}) RETURNING 1",
                keep,
                drop,
            )
            await _move(f"UPDATE {table} SET person_id = $1 WHERE person_id = $2", keep, drop)
        # The patrols of both are one person's now.
        await rows("UPDATE grid_coverage SET stale = TRUE WHERE person_id = $1 RETURNING 1", keep)
        await rows(_GRID, keep, drop)
        await rows("DELETE FROM person WHERE id = $1 RETURNING 1", drop)


async def hand_over(identity: Identity, to: int) -> None:
    """A WeChat becomes that of the member of staff *to*.

    Whoever spoke from it before was a resident: everything of theirs goes along. Where it was another member of
    staff's, only the WeChat changes hands (with its partner in the mini program): their duties and cases stay theirs.
    """
    before = await Person.get(id=identity.person_id)
    if before.phone_index is None:
        await merge(keep=to, drop=before.id)
        return
    await rows(
        "UPDATE identity SET person_id = $1 WHERE person_id = $2 AND (id = $3 OR unionid = $4) RETURNING 1",
        to,
        before.id,
        identity.id,
        identity.unionid,
    )
    # A sign-in does not say from which WeChat it came: it goes along when no other one is left that it could be from.
    await rows(
        "UPDATE session SET person_id = $1 WHERE person_id = $2 AND NOT EXISTS "
        "(SELECT 1 FROM identity i WHERE i.person_id = $2 AND i.kind = 'mini') RETURNING 1",
        to,
        before.id,
    )


async def which_stays(one: int, other: int) -> tuple[int, int] | None:
    """Of two persons, who stays and who goes: imported staff stay, else the older.

    ``None`` when both are imported staff: their two phone numbers stand in the town's list as two people, and it is not
    for us to make them one.
    """
    staff: list[Any] = await Person.filter(Q(phone_index__isnull=False), id__in=[one, other]).values_list(
        "id", flat=True
    )
    if len(staff) > 1:
        return None
    keep = int(staff[0]) if staff else min(one, other)
    return keep, other if keep == one else one


async def _move(sql: str, keep: int, drop: int) -> None:
    await rows(f"{sql} RETURNING 1", keep, drop)
