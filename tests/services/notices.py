"""What the tests of notices share: a notice that is out, many residents at once, rules of one's own."""

from typing import Any

from adapters.queue import ProcrastinateQueue
from domain.notice import Quiet, Rules
from models import Notice
from services.by_place import ByPlace
from services.notices import Notices
from services.notices_audience import Templates
from services.notices_spread import Spreading
from services.transaction import rows
from tests.factories import VILLAGE
from tests.services.conftest import Street

NOBODY_ASKED = Rules(approval_above=-1, quiet=Quiet())
ASKED_ABOVE_ONE = Rules(approval_above=1, quiet=Quiet())
EVENINGS_OFF = Rules(approval_above=-1, quiet=Quiet.read("21:00-08:00"))


def with_rules(street: Street, given: Rules, *, at_once: int = 0) -> Notices:
    """The notices of the street under other rules; *at_once* makes the pieces small."""
    clock, queue = street.desk.clock, ProcrastinateQueue()
    appid = street.house.settings.wechat.official.appid
    notices = Notices(clock, queue, street.desk.deliveries, ByPlace(given), appid=appid, templates=Templates("t"))
    if at_once:
        notices._spreading = Spreading(clock, queue, street.desk.deliveries, ByPlace(given), at_once=at_once)
    return notices


def under_rules(street: Street, given: Rules) -> Notices:
    """The street's own notices, under other rules from now on: its sweeps keep to them too."""
    notices = street.desk.notices
    notices._rules = ByPlace(given)
    notices._spreading = Spreading(street.desk.clock, ProcrastinateQueue(), street.desk.deliveries, ByPlace(given))
    return notices


async def out(street: Street, notices: Notices | None = None, *, who: str = "chief", code: str = VILLAGE) -> int:
    """A notice that was composed and sent; its number."""
    notices = notices or street.desk.notices
    by = await street.actor(who)
    preview = await notices.compose(by, code, "明天停水")
    await notices.send(by, preview.id)
    return preview.id


async def many(street: Street, count: int, code: str) -> list[int]:
    """So many residents of a grid who follow the account, known to the pretend WeChat too."""
    appid = street.house.settings.wechat.official.appid
    phones = [street.world.phones.make(f"居民{one}") for one in range(count)]
    for phone in phones:
        phone.following = True
        phone.windows.said(street.world.clock.now())
    found = await rows(
        "WITH p AS (INSERT INTO person (name, phone, grid_id, created_at) "
        "SELECT '居民' || n, '', $1, now() FROM generate_series(1, $2::int) n RETURNING id), "
        "numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM p) "
        "INSERT INTO identity (person_id, appid, openid, kind, subscribed, window_until, window_left, bind_tries) "
        "SELECT n.id, $3, o.openid, 'official', TRUE, $5, 5, 0 FROM numbered n "
        "JOIN unnest($4::text[]) WITH ORDINALITY AS o (openid, n) ON o.n = n.n RETURNING person_id",
        (await street.region(code)).id,
        count,
        appid,
        [phone.openid for phone in phones],
        street.desk.clock.now().replace(year=2099),
    )
    return [one["person_id"] for one in found]


async def states(notice: int) -> dict[str, int]:
    """How many recipients are in each state."""
    found = await rows("SELECT state, count(*) AS n FROM delivery WHERE notice_id = $1 GROUP BY 1", notice)
    return {one["state"]: one["n"] for one in found}


async def state(notice: int) -> str:
    return (await Notice.get(id=notice)).state


def arrived(street: Street) -> list[str]:
    """Which phones have shown the notice, once for each time."""
    shown: list[Any] = []
    for phone in street.world.phones:
        found = [one for one in street.world.conversation.after(phone) if "明天停水" in one.text]
        shown += [phone.openid for one in found if one.channel in {"custom", "template"}]
    return shown
