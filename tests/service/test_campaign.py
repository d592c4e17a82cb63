"""Hundreds of residents, a WeChat that fails, a sender killed half way: everybody is reached once or is reported."""

import random

import pytest

from bench import campaign_audit
from bench.campaign import Campaign, more_jobs
from tests.service.whole import Town, Whole

pytestmark = pytest.mark.service

RESIDENTS = 500
SEED = 4


async def test_nobody_is_lost_and_nobody_told_twice_when_a_sender_is_killed(service: Whole, town: Town) -> None:
    async with service.wechat.people() as people:
        with more_jobs(service, 1) as jobs:
            campaign = Campaign(service, people, random.Random(SEED), jobs)
            persons = await campaign.begin(RESIDENTS)
            await campaign.run(kills=1, crash=False, delay=0.5)
            found = await campaign_audit.compare(service, people, persons)
    assert campaign.kills == 1
    assert found.states.total() == RESIDENTS
    assert found.states["inbox"] >= 1
    print(f"\n{campaign.figures()}\n{found.text()}")


def row(state: str, reason: str = "", person_id: int = 1) -> dict[str, object]:
    return {"person_id": person_id, "state": state, "channel": "custom", "reason": reason, "openid": "o"}


@pytest.mark.parametrize(
    ("rows", "seen", "wrong"),
    [
        ([row("sent")], 0, "has seen nothing"),
        ([row("sent")], 2, "was told 2 times"),
        ([row("uncertain", "lost")], 2, "was told 2 times"),
        ([row("uncertain")], 1, "without a reason"),
        ([row("inbox", "blocked")], 1, "has seen it"),
        ([row("sending")], 1, "for ever"),
        ([row("sent"), row("sent")], 1, "two rows"),
        ([], 0, "1 residents are lost"),
    ],
)
def test_the_audit_finds_what_must_not_be(rows: list[dict[str, object]], seen: int, wrong: str) -> None:
    found = campaign_audit.judge(rows, campaign_audit.Counter({"o": seen}), 1)
    assert wrong in found.wrong[0]
