"""What must hold whatever was killed: compares what WeChat has shown to people with what the database holds."""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bot import replies
from bot.messages import Messages
from domain.delivery import FEWEST_GATHERED, GATHERED, MOST_GATHERED
from tests.service.pretend import People
from tests.service.whole import Whole

APOLOGIES = frozenset({replies.DOWN, replies.SLOW, replies.TOO_FAST})
MARK = re.compile(r"〔\w+〕")
"""Every word that a resident says in these tests bears one, so that it can be found again."""
NUMBER = re.compile(r"№(\d+)")
_CONTENT = re.compile(r"<Content><!\[CDATA\[(.*?)\]\]></Content>", re.DOTALL)
SETTLE_SECONDS = 120
TOGETHER = re.compile(r"(\d+) 件事一起告诉您：")
IN_A_TEMPLATE = re.compile(r"№\d+ 等 (\d+) 件")
UNSETTLED = """
SELECT (SELECT count(*) FROM delivery WHERE state IN ('owed', 'sending'))
     + (SELECT count(*) FROM notice WHERE stirred_at IS NOT NULL)
"""


def content(push: dict[str, Any]) -> str:
    found = _CONTENT.search(push["xml"])
    return found[1] if found else ""


def answer(push: dict[str, Any]) -> str:
    return str((push["reply"] or {}).get("text") or "") if push["outcome"] == "shown" else ""


async def words_are_kept(service: Whole, people: People) -> Counter[str]:
    """Each marked word that WeChat has shown an answer to is kept once; one that was apologised for is not kept.

    Returns how many there were of each outcome, as facts for the test's output.
    """
    told = [(content(push), answer(push)) for push in await people.pushes()]
    seen, kept_all_the_same = await what_became_of(service, [pair for pair in told if MARK.search(pair[0])])
    assert not kept_all_the_same, f"apologised for, and kept all the same: {kept_all_the_same}"
    return seen


async def what_became_of(service: Whole, told: list[tuple[str, str]]) -> tuple[Counter[str], set[str]]:
    """Check words and the answers that they got (empty: none) against the database.

    Every word that was answered is kept once, and none is kept twice. Returns how many there were of each outcome, and
    the words that somebody was sorry for although they are kept (the database died while it was noting them).
    """
    rows = Counter(row["text"] for row in await service.sql("SELECT text FROM case_message"))
    seen: Counter[str] = Counter()
    promised: dict[str, bool] = {}
    sorry = set()
    for said, got in told:
        kept = bool(got) and got not in APOLOGIES
        promised[said] = promised.get(said, False) or kept
        seen["answered" if kept else "apologised" if got else "unanswered"] += 1
        if got == replies.DOWN:
            sorry.add(said)
    for said, kept in promised.items():
        assert rows[said] <= 1, f"{said!r} is kept {rows[said]} times"
        assert not kept or rows[said] == 1, f"{said!r} was answered, and is lost"
    return seen, {said for said in sorry if not promised[said] and rows[said]}


async def deliveries_are_settled(service: Whole, people: People, seconds: float = SETTLE_SECONDS) -> Counter[str]:
    """Every message that is owed has been sent once, or is marked: none is lost, none came twice.

    Returns how many deliveries ended in which state.
    """
    deadline = time.monotonic() + seconds
    while left := await service.one(UNSETTLED):
        assert time.monotonic() < deadline, f"{left} deliveries are still owed after {seconds:g} s"
        await asyncio.sleep(0.2)
    rows = await service.sql(
        "SELECT d.id, d.kind, d.facts, d.state, d.channel, d.openid, n.text, r.name AS region FROM delivery d"
        " LEFT JOIN notice n ON n.id = d.notice_id LEFT JOIN region r ON r.id = n.region_id WHERE d.channel IS NOT NULL"
        " ORDER BY d.id"
    )
    # An apology goes out without a row: it is said when the database is away.
    came = [one for one in await people.received() if one["text"] != replies.DOWN]
    noted = {state: Counter(_message(row) for row in rows if row["state"] == state) for state in ("sent", "uncertain")}
    # A template shows a few words of what a message says: there only how many they were can be compared.
    got: Counter[tuple[str, str, str]] = Counter()
    for one in came:
        if one["channel"] == "custom":
            got[one["openid"], "custom", one["text"]] += 1
        elif one["channel"] == "template":
            got[one["openid"], "template", ""] += things_in(one["text"])
    for message in [one for one in got if TOGETHER.match(one[2])]:
        for row in _told_together(message, rows):
            got[_message(row)] += got[message]
        del got[message]
    for message in {*got, *noted["sent"], *noted["uncertain"]}:
        sent, uncertain = noted["sent"][message], noted["uncertain"][message]
        assert sent <= got[message] <= sent + uncertain, (
            f"{message} came {got[message]} times; noted as sent {sent} times, as uncertain {uncertain} times"
        )
    ids = Counter(one["client_id"] for one in came if one["channel"] == "template")
    assert not [client for client, times in ids.items() if times > 1], "a template message came twice"
    return Counter(str(row["state"]) for row in await service.sql("SELECT state FROM delivery"))


def things_in(text: str) -> int:
    """Of how many things a message tells."""
    together = TOGETHER.match(text) or IN_A_TEMPLATE.search(text)
    return int(together[1]) if together else 1


def _told_together(message: tuple[str, str, str], rows: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """The rows of which one message told: some that stand behind each other in a person's line."""
    mine = [row for row in rows if row["openid"] == message[0] and row["kind"] in GATHERED]
    facts = {row["id"]: json.loads(row["facts"]) for row in mine}
    # What was owed in between may have been committed later: then it has come by itself.
    numbers = set(NUMBER.findall(message[2]))
    named = [row for row in mine if str(facts[row["id"]].get("number")) in numbers]
    runs = [named, *(mine[at : at + n] for at in range(len(mine)) for n in range(FEWEST_GATHERED, MOST_GATHERED + 1))]
    for run in runs:
        items = [[row["kind"], facts[row["id"]]] for row in run]
        if Messages().text("gathered", {"items": items}) == message[2]:
            return run
    raise AssertionError(f"{message} tells of nothing that is owed")


def _message(row: dict[str, Any]) -> tuple[str, str, str]:
    """To whom a delivery went, how, and (as a customer-service message) which words."""
    if row["channel"] != "custom":
        return row["openid"], row["channel"], ""
    facts = json.loads(row["facts"])
    if row["kind"] == "notice":
        facts |= {"region": row["region"], "text": row["text"]}
    return row["openid"], "custom", Messages().text(row["kind"], facts)


async def life_of(service: Whole, number: int) -> list[str]:
    """The steps of a case, oldest first."""
    found = await service.sql(
        'SELECT e.action FROM case_event e JOIN "case" c ON c.id = e.case_id WHERE c.number = $1 ORDER BY e.id', number
    )
    return [row["action"] for row in found]
