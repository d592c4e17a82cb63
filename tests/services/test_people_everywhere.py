"""Every column that names a person: two who become one, and an account that ends, forget none of them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

from models import BaseRecord, Department, HeldDuty, Poll, Region, SendReport, Subscription, TrainingCourse
from services.merging import merge
from services.transaction import rows
from tests.factories import GRID
from tests.services.conftest import Street

Column = tuple[str, str]

# Whatever looks like an id, leads by a foreign key nowhere else, and is not one of these, names a person.
NOBODY = frozenset(
    {
        *(
            "case_id",
            "about_case_id",
            "event_id",
            "notice_id",
            "mass_id",
            "attachment_id",
            "picture_id",
            "visit_photo_id",
            "media_id",
            "msg_id",
            "patrol_id",
            "visit_id",
        ),
        *("grid_id", "unit_id", "alert_unit_id", "region_id", "department_id", "client_id", "template_id"),
    }
)
_COLUMNS = """
SELECT c.table_name AS "table", c.column_name AS "column"
FROM information_schema.columns c
LEFT JOIN (
    SELECT k.conrelid::regclass::text AS "table", a.attname AS "column", k.confrelid::regclass::text AS leads_to
    FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
    WHERE k.contype = 'f'
) f ON trim(f."table", '"') = c.table_name AND f."column" = c.column_name
WHERE c.table_schema = 'public' AND c.table_name NOT LIKE 'procrastinate%'
  AND (f.leads_to = 'person' OR (f.leads_to IS NULL AND c.column_name LIKE '%\\_id' AND c.column_name <> ALL($1)))
ORDER BY 1, 2
"""
_OPENIDS = """
SELECT table_name AS "table" FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'openid'
"""
_UNIQUE = """
SELECT t.relname AS "table", a.attname AS "column" FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY(i.indkey::smallint[])
WHERE i.indisunique AND NOT i.indisprimary AND i.indpred IS NULL AND t.relname NOT LIKE 'procrastinate%'
"""
_OF_TABLE = """
SELECT c.column_name AS "column", c.data_type AS kind, c.character_maximum_length AS longest, (
    SELECT k.confrelid::regclass::text FROM pg_constraint k
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
    WHERE k.contype = 'f' AND k.conrelid = quote_ident(c.table_name)::regclass AND a.attname = c.column_name
) AS leads_to
FROM information_schema.columns c
WHERE c.table_schema = 'public' AND c.table_name = $1 AND c.column_default IS NULL
  AND (c.is_nullable = 'NO' OR c.column_name = ANY($2)) AND c.is_identity = 'NO' AND c.column_name <> 'id'
"""
_FILL = {
    "character varying": "'x'",
    "text": "'x'",
    "jsonb": "'{}'",
    "boolean": "FALSE",
    "date": "'2026-01-01'",
    "timestamp with time zone": "'2026-01-01T00:00:00Z'",
    "uuid": "'00000000-0000-4000-8000-000000000000'",
}


async def columns() -> list[Column]:
    return [(one["table"], one["column"]) for one in await rows(_COLUMNS, sorted(NOBODY))]


async def put(column: Column, person: int, case: int, *, like: int = 0, also: Iterable[str] = ()) -> None:
    """A row whose *column* is *person*, and of which nothing else is theirs; *also* has a value, though it needs none.

    Two with the same *like* are alike.
    """
    table, name = column
    if table.startswith("poll_") and not await Poll.exists():
        await asked_poll(person)
    if table == "admission":
        await Department.get_or_create(region=await Region.first(), name="城管办")
    if table == "training_record" and not await TrainingCourse.exists():
        await held_course()
    values = {name: str(person)}
    for one in await rows(_OF_TABLE, table, list(also)):
        if one["column"] == "case_id":
            values["case_id"] = str(case)
        elif one["column"] not in values:
            some = f"(SELECT id FROM {one['leads_to']} ORDER BY id LIMIT 1)"
            filled = some if one["leads_to"] else _FILL.get(one["kind"], "0")
            values[one["column"]] = f"'x{like}'" if filled == "'x'" and one["longest"] != 1 else filled
    if table == "attachment":
        values["id"] = "gen_random_uuid()"
    into, what = ", ".join(f'"{one}"' for one in values), ", ".join(values.values())
    await rows(f'INSERT INTO "{table}" ({into}) VALUES ({what}) RETURNING 1')


async def asked_poll(person: int) -> None:
    region, now = await Region.first(), datetime.now(UTC)
    await Poll.create(region=region, author_id=person, title="哪天？", created_at=now, closes_at=now)


async def held_course() -> None:
    region, now = await Region.first(), datetime.now(UTC)
    await TrainingCourse.create(
        region=region,
        code="S1",
        title="安全",
        minutes=60,
        form="classroom",
        duties=["grid_worker"],
        pages=[],
        questions=[],
        first_day=now.date(),
        created_at=now,
    )


async def named(column: Column, person: int) -> int:
    table, name = column
    return int((await rows(f'SELECT count(*) AS n FROM "{table}" WHERE "{name}" = $1', person))[0]["n"])


async def everywhere(street: Street, person: int, found: Iterable[Column]) -> None:
    """*person* stands in every column there is, as a resident and as one who served."""
    actor = await street.desk.people.actor(person)
    case = await street.files(actor)
    # A visit and a look are of something.
    await rows(
        "INSERT INTO subject (grid_id, kind, title, sealed, every_days, next_due, created_at, active) "
        "SELECT id, 'shop', 'x', '', 30, '2026-01-01', now(), TRUE FROM region WHERE level = 1 LIMIT 1 RETURNING 1"
    )
    grid = (await street.region(GRID)).id
    await BaseRecord.create(region_id=grid, kind="household", place="3 幢", created_at=street.desk.clock.now())
    for like, column in enumerate(found, 1):
        if column[0] == "case":
            await rows(f'UPDATE "case" SET {column[1]} = $1 WHERE id = $2 RETURNING 1', person, case.id)
        else:
            await put(column, person, case.id, like=like)
    await HeldDuty.filter(person_id=person).update(from_date=date(2026, 1, 1), to_date=date(2026, 1, 2))


KEPT_BEHIND: Mapping[Column, str] = {
    ("look", "by_id"): "appended only: the database refuses to edit it, and staff of the list are never dropped",
    ("look", "person_id"): "appended only: whose number it was is known by its case",
}


async def test_every_column_that_names_a_person_is_known_to_the_one_who_stays(street: Street) -> None:
    keep, drop = [(await street.follower(name, grid=GRID)).person_id for name in ("王阿姨", "王阿姨二号")]
    found = await columns()
    await everywhere(street, drop, found)
    assert not [one for one in found if not await named(one, drop)]
    await merge(keep=keep, drop=drop)
    assert {one for one in found if await named(one, drop)} == set(KEPT_BEHIND)
    assert not [one for one in found if one not in KEPT_BEHIND and not await named(one, keep)]


async def test_what_may_be_there_once_only_is_there_once_when_both_have_it(street: Street) -> None:
    keep, drop = [(await street.follower(name, grid=GRID)).person_id for name in ("王阿姨", "王阿姨二号")]
    found = await columns()
    unique = {(one["table"], one["column"]) for one in await rows(_UNIQUE)}
    once = unique & set(found)
    case = await street.files(await street.desk.people.actor(keep))
    for column in sorted(once):
        for person in (keep, drop):
            await put(column, person, case.id, also=[name for table, name in unique if table == column[0]])
    await merge(keep=keep, drop=drop)
    assert {one: (await named(one, keep), await named(one, drop)) for one in once} == dict.fromkeys(once, (1, 0))


# What stays of an account that has ended: the town's record of its work, in which the person has no name any more.
STAYS: Mapping[Column, str] = {
    ("assessment_month", "changed_by_id"): "who set a month's rules",
    ("assessment_score", "person_id"): "what they got when they served",
    ("attachment", "person_id"): "belongs to a case, or goes within a week",
    ("award", "person_id"): "what they were awarded when they served",
    ("case", "resident_id"): "what was filed",
    ("case", "holder_id"): "who had it, and would lose it by the end of the duty, which comes first",
    ("case", "taken_by_id"): "who wrote it down for a caller",
    ("case", "about_person_id"): "a complaint is about what was done in office",
    ("case_event", "person_id"): "who did what",
    ("case_event", "holder_id"): "who had it then",
    ("case_message", "person_id"): "words in what was filed",
    ("co_handler", "person_id"): "who was asked to help",
    ("concerned", "person_id"): "what hides a complaint from them",
    ("event_type", "proposed_by_id"): "who proposed a type",
    ("event_type", "decided_by_id"): "who decided on it",
    ("export", "by_id"): "who took which file out of the database",
    ("audit_note", "by_id"): "who downloaded it, and who read the audit trail",
    ("rule_change", "by_id"): "who changed the event list or the calendar",
    ("town_day", "by_id"): "who said so for the town",
    ("held_duty", "person_id"): "who served where, and when",
    ("leave", "person_id"): "when somebody was away",
    ("leave", "asked_of_id"): "who was asked",
    ("leave", "decided_by_id"): "who answered",
    ("look", "by_id"): "who looked at whose number: kept for the town's own period",
    ("look", "person_id"): "whose number it was: likewise",
    ("notice", "author_id"): "who sent it",
    ("notice_event", "person_id"): "who did what with it",
    ("poll", "author_id"): "who asked",
    ("objection", "by_id"): "who objected",
    ("objection", "decided_by_id"): "who decided on it",
    ("record_look", "by_id"): "who looked, and why",
    ("record_proposal", "decided_by_id"): "who decided on what a resident said",
    ("record_change", "by_id"): "who kept the grid's base data",
    ("spot_check", "person_id"): "whose record was looked at",
    ("spot_check", "by_id"): "who looked",
    ("delivery", "visited_by_id"): "who told somebody in person",
    ("safety_check", "decided_by_id"): "who let it go on",
    ("media_check", "decided_by_id"): "who showed it",
    ("admission", "asked_by_id"): "who asked in a department's name",
    ("admission", "reviewed_by_id"): "who looked at it",
    ("admission", "decided_by_id"): "who admitted or ended it",
    ("award_application", "person_id"): "what they applied for when they served",
    ("award_application", "asked_by_id"): "who applied",
    ("award_application", "supported_by_id"): "who stood behind it",
    ("award_application", "decided_by_id"): "who decided on it",
    ("training_record", "person_id"): "that they were trained for what they did",
    ("unadmitted_task", "person_id"): "what they said in office",
    ("unadmitted_task", "answered_by_id"): "who answered",
    ("work_note", "person_id"): "what they wrote in office",
    ("patrol", "person_id"): "that somebody was on patrol, and when; where they went is erased",
    ("visit", "person_id"): "who visited",
    ("exempt_day", "set_by_id"): "who said so for the town",
    ("exit_proposal", "person_id"): "that it was thought of, and why it was or was not done",
    ("exit_proposal", "decided_by_id"): "who decided on it",
    ("office_step", "by_id"): "who did which step in office",
    ("subject_look", "by_id"): "who looked: kept for the town's own period",
}


async def test_of_an_account_that_has_ended_every_column_is_empty_or_the_towns_record(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    found = await columns()
    await everywhere(street, one.person_id, found)
    appid, now = street.house.settings.wechat.official.appid, street.desk.clock.now()
    await Subscription.create(appid=appid, openid=one.openid, template_id="t", left_over=1, updated_at=now)
    await SendReport.create(appid=appid, openid=one.openid, msgid=1, status="failed", at=now)
    actor = await street.desk.people.actor(one.person_id)
    assert not actor.duties
    await street.desk.accounts.delete(actor)
    assert {column for column in found if await named(column, one.person_id)} == set(STAYS)
    for table in [found["table"] for found in await rows(_OPENIDS)]:
        assert not await rows(f"SELECT FROM {table} WHERE openid = $1", one.openid), table


# In which part of one's own copy what each table knows of a person is.
COPIED: Mapping[str, str] = {
    "attachment": "attachments",
    "board_person": "office_phone",
    "case": "cases",
    "case_message": "cases",
    "delivery": "messages",
    "identity": "accounts",
    "look": "looks",
    "saved_filter": "filters",
    "session": "sessions",
}
NOT_COPIED: Mapping[str, str] = {
    "assessment_month": "work in office",
    "assessment_score": "`GET /me/score` has them, month by month",
    "award": "`GET /me/score` and the public lists have them",
    "case_event": "what the town did, step by step; of one's own cases `GET /cases/{number}` has it",
    "co_handler": "work in office",
    "concerned": "would tell somebody that they are complained about",
    "event_type": "work in office",
    "export": "work in office",
    "audit_note": "work in office",
    "rule_change": "work in office",
    "town_day": "work in office",
    "held_duty": "public, and in the copy as `duties` while it lasts",
    "invite": "the town's code for them, which ends by being used",
    "leave": "`GET /me/leaves` has them",
    "media_check": "work in office",
    "notice": "work in office",
    "notice_event": "work in office",
    "poll": "work in office",
    "poll_voter": "`GET /polls` says of each whether one has voted; for what, nobody knows",
    "objection": "`GET /spot-checks` has those against a check; the rest is work in office",
    "record_change": "work in office",
    "record_look": "work in office",
    "record_proposal": "`GET /me/records` has what waits",
    "grid_coverage": "`GET /me/patrol-week` has it",
    "daily_list": "that a message was made on a day, and nothing of it",
    "spot_check": "`GET /spot-checks` has those of their own records",
    "safety_check": "work in office",
    "admission": "work in office",
    "award_application": "work in office",
    "training_record": "`GET /trainings` has them",
    "unadmitted_task": "work in office",
    "work_note": "`GET /me/work-log` has them",
    "patrol": "`GET /patrols?mine=true` has them",
    "visit": "`GET /visits` has them",
    "exempt_day": "work in office",
    "exit_proposal": "the chat has told them both years, and what was decided",
    "office_step": "work in office",
    "subject_look": "work in office",
    "staff_login": "a hash of a password, of no use to anybody",
    "second_factor": "a secret of their phone's app, of no use to anybody else",
    "sign_in_scene": "a sign-in of two minutes",
}


async def test_ones_own_copy_has_something_out_of_every_table_that_knows_a_person(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    found = await columns()
    assert {table for table, _ in found} == {*COPIED, *NOT_COPIED}
    await everywhere(street, one.person_id, found)
    appid, now = street.house.settings.wechat.official.appid, street.desk.clock.now()
    await Subscription.create(appid=appid, openid=one.openid, template_id="t", left_over=2, updated_at=now)
    kept = await street.desk.accounts.kept(await street.desk.people.actor(one.person_id))
    assert not [part for part in COPIED.values() if not getattr(kept, part)]
    assert [(item.account, item.template_id, item.left) for item in kept.agreed] == [("official", "t", 2)]
