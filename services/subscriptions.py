"""The ledger of one-time subscriptions (一次性订阅): +1 when somebody agrees, −1 when one is sent, corrected by WeChat.

WeChat keeps the true count and tells it to nobody. Ours follows its events and the mini program's word; when a message
is refused all the same (43101) there was none left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.delivery import Channel, State
from domain.errors import BadInput
from services.access import Actor
from services.delivery_claims import Sending
from services.ports import Clock
from services.transaction import row, rows, transaction

MOST = 1000
"""More than anybody will be sent; it only bounds what a broken client can claim."""
A_CALL = 3
"""WeChat asks for at most three templates at once."""

_ADD = f"""
INSERT INTO subscription AS s (appid, openid, template_id, left_over, updated_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (appid, openid, template_id) DO UPDATE
SET left_over = least(s.left_over + excluded.left_over, {MOST}), updated_at = excluded.updated_at
RETURNING left_over
"""
_EMPTY = """
UPDATE subscription SET left_over = 0, updated_at = $4 WHERE appid = $1 AND openid = $2 AND template_id = $3
RETURNING id
"""
_AGREED = """
SELECT i.person_id, s.template_id, s.openid FROM identity i
JOIN subscription s ON s.appid = i.appid AND s.openid = i.openid
WHERE i.person_id = ANY($1) AND s.template_id = ANY($2) AND s.left_over > 0
ORDER BY s.updated_at
"""
_CHANGE = """
UPDATE subscription s SET left_over = CASE WHEN c.by IS NULL THEN 0 ELSE greatest(s.left_over + c.by, 0) END
FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[]) AS c(appid, openid, template_id, by)
WHERE s.appid = c.appid AND s.openid = c.openid AND s.template_id = c.template_id
RETURNING s.id
"""
_MINE = """
SELECT t.template_id, coalesce(max(s.left_over), 0) AS left_over
FROM unnest($3::text[]) WITH ORDINALITY AS t(template_id, place)
LEFT JOIN identity i ON i.person_id = $1 AND i.appid = $2
LEFT JOIN subscription s ON s.appid = i.appid AND s.openid = i.openid AND s.template_id = t.template_id
GROUP BY t.template_id, t.place ORDER BY t.place
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A template that the mini program may ask the person about, and how many messages they have agreed to."""

    template_id: str
    left: int


class Subscriptions:
    def __init__(self, clock: Clock, *, appid: str, mini_appid: str, templates: Mapping[str, Channel]) -> None:
        """*templates* are the ids that the town has, each with its channel; others are nobody's business."""
        self._clock = clock
        self._appids = {Channel.SUBSCRIPTION: appid, Channel.MINI: mini_appid}
        self._templates = dict(templates)

    @property
    def appid(self) -> str:
        """The official account's."""
        return self._appids[Channel.SUBSCRIPTION]

    async def answered(self, openid: str, answers: Sequence[tuple[str, bool]]) -> None:
        """Somebody was asked by the official account: each template that they agreed to counts one more."""
        for template_id, agreed in answers:
            if agreed and self._templates.get(template_id) is Channel.SUBSCRIPTION:
                await self._add(Channel.SUBSCRIPTION, openid, template_id)

    async def withdrawn(self, openid: str, template_ids: Sequence[str]) -> None:
        """They want none of these any more."""
        for template_id in template_ids:
            await row(_EMPTY, self.appid, openid[:64], template_id[:64], self._clock.now())

    async def agreed_in_mini(self, by: Actor, accepted: Sequence[str]) -> list[Asked]:
        """The mini program has asked, and these were accepted; returns what stands now.

        Raises BadInput for more than three templates, the same one twice, or one that is not the town's.
        """
        known = {name for name, channel in self._templates.items() if channel is Channel.MINI}
        if len(accepted) > A_CALL or len(set(accepted)) < len(accepted) or not set(accepted) <= known:
            raise BadInput("these are not templates that were asked about", field="accepted", most=A_CALL)
        async with transaction():
            found = await rows(
                "SELECT openid FROM identity WHERE person_id = $1 AND appid = $2 ORDER BY id",
                by.person_id,
                self._appids[Channel.MINI],
            )
            for template_id in accepted if found else ():
                await self._add(Channel.MINI, found[-1]["openid"], template_id)
            return await self.of(by)

    async def of(self, by: Actor) -> list[Asked]:
        """The mini program's templates, and how many messages of each somebody has agreed to."""
        wanted = [name for name, channel in self._templates.items() if channel is Channel.MINI]
        found = await rows(_MINE, by.person_id, self._appids[Channel.MINI], wanted)
        return [Asked(item["template_id"], item["left_over"]) for item in found]

    async def agreed(self, people: Sequence[int]) -> dict[int, dict[str, dict[Channel, str]]]:
        """By person and template: the channels for which something is left, each with the openid there."""
        if not self._templates:
            return {}
        found: dict[int, dict[str, dict[Channel, str]]] = {}
        for item in await rows(_AGREED, list(people), list(self._templates)):
            channel = self._templates[item["template_id"]]
            found.setdefault(item["person_id"], {}).setdefault(item["template_id"], {})[channel] = item["openid"]
        return found

    async def spend(self, batch: Sequence[Sending]) -> None:
        """Take what is about to be sent off the ledger."""
        await self._change([(item, -1) for item in batch if item.state is State.SENDING])

    async def note(self, batch: Sequence[Sending]) -> None:
        """What WeChat has not taken is left over; what it refused was not there."""
        await self._change([(item, None if item.closes_window else 1) for item in batch if _not_taken(item)])

    async def _change(self, changes: Sequence[tuple[Sending, int | None]]) -> None:
        ours = [(item, by) for item, by in changes if item.channel in self._appids]
        if ours:
            await rows(
                _CHANGE,
                [self._appids[item.channel] for item, _ in ours],
                [item.openid for item, _ in ours],
                [item.template_id for item, _ in ours],
                [by for _, by in ours],
            )

    async def _add(self, channel: Channel, openid: str, template_id: str) -> None:
        await row(_ADD, self._appids[channel], openid[:64], template_id, 1, self._clock.now())


def _not_taken(item: Sending) -> bool:
    return item.closes_window or item.gives_back
