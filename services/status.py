"""Whether the database answers, for ``/readyz``; which ways to people are shut, for ``/metrics``."""

from datetime import datetime

from domain.delivery import Channel
from services.channels import ACCOUNT, standing
from services.transaction import row


async def database_answers() -> bool:
    return await row("SELECT 1 AS one") is not None


async def shut_channels(appid: str, now: datetime) -> dict[str, bool]:
    """By channel, and for the whole account: whether WeChat's refusal holds at *now*."""
    shut = {name for name, pause in (await standing(appid)).items() if pause.holds(now)}
    return {name: name in shut for name in (ACCOUNT, *(str(one) for one in Channel if one is not Channel.INBOX))}
