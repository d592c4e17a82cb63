"""WeChat tells afterwards that a message did not arrive: it is in the inbox then, whoever was first to know."""

from models import SendReport
from services.transaction import rows
from tests.services.conftest import Follower, Street

BLOCKED = "failed:user block"


async def sent(street: Street) -> tuple[Follower, int]:
    one = await street.follower("王阿姨", speaks=False)
    await street.owes(one, "一")
    await street.desk.deliveries.send()
    [row] = await street.rows(one)
    assert (row.state, row.msgid is not None) == ("sent", True)
    return one, row.msgid or 0


async def state(street: Street, one: Follower) -> tuple[str, str]:
    [row] = await street.rows(one)
    return row.state, row.reason


async def test_a_message_that_was_blocked_is_in_the_inbox_with_the_reason(street: Street) -> None:
    one, msgid = await sent(street)
    for _ in range(2):
        await street.desk.send_reports.take(one.openid, msgid, BLOCKED)
    assert await state(street, one) == ("inbox", "the person has blocked the account's messages")
    assert await SendReport.all().count() == 1


async def test_a_report_that_overtakes_the_senders_own_note_is_applied_afterwards(street: Street) -> None:
    one, msgid = await sent(street)
    await rows("UPDATE delivery SET msgid = NULL RETURNING 1")
    await street.desk.send_reports.take(one.openid, msgid, BLOCKED)
    assert (await state(street, one))[0] == "sent"
    await rows("UPDATE delivery SET msgid = $1 RETURNING 1", msgid)
    await street.desk.send_reports.apply()
    assert (await state(street, one))[0] == "inbox"


async def test_success_and_strange_numbers_are_not_kept(street: Street) -> None:
    one, msgid = await sent(street)
    await street.desk.send_reports.take(one.openid, msgid, "success")
    await street.desk.send_reports.take(one.openid, 2**63, BLOCKED)
    assert not await SendReport.exists()
    assert (await state(street, one))[0] == "sent"


async def test_somebody_elses_number_changes_nothing(street: Street) -> None:
    one, msgid = await sent(street)
    other = await street.follower("张叔")
    await street.desk.send_reports.take(other.openid, msgid, BLOCKED)
    assert (await state(street, one))[0] == "sent"


async def test_what_is_sent_anew_by_another_way_is_not_taken_for_the_one_that_was_blocked(street: Street) -> None:
    one, msgid = await sent(street)
    await street.desk.send_reports.take(one.openid, msgid, BLOCKED)
    await rows("UPDATE delivery SET state = 'owed' RETURNING 1")
    await street.speaks(one)
    await street.desk.deliveries.send()
    await street.desk.send_reports.apply()
    assert await state(street, one) == ("sent", "")
