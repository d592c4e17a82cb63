"""What the town shows of itself to everybody."""

import base64
import binascii
from datetime import date

from domain.errors import BadInput, NotFound
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import Nothing, Region
from miniprogram_api.schemas_polls import StatisticsAsked, VillageFigures, VillagePage
from services.statistics import FEWEST, MONTHS


async def public(call: Call[Nothing, StatisticsAsked]) -> VillagePage:
    asked = call.query
    month = date(int(asked.month[:4]), int(asked.month[5:]), 1) if asked.month else None
    found, following = await call.desk.statistics.public(
        asked.region or "", month, after=_code(asked.cursor), limit=asked.limit
    )
    return VillagePage(
        items=[
            VillageFigures(
                region=Region(code=one.code, name=one.name),
                month=f"{one.month:%Y-%m}",
                categories=dict(one.categories),
                **{name: getattr(one, name) for name in _AS_THEY_ARE},
            )
            for one in found
        ],
        next=base64.urlsafe_b64encode(following.encode()).decode().rstrip("=") if following is not None else None,
    )


_AS_THEY_ARE = (
    *("filed", "accepted", "resolved", "declined", "resolved_in_time", "accept_hours", "resolve_days"),
    *("rated", "rating", "counted_at"),
)


def _code(cursor: str | None) -> str:
    if cursor is None:
        return ""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        text = "\0"
    if not text.isprintable():
        raise BadInput("this is no cursor of this list", field="cursor")
    return text


PUBLIC = Route(
    name="public_statistics",
    method="GET",
    path="/statistics/public",
    tag="Statistics",
    summary="Figures per village and month, open to everybody",
    body=Nothing,
    query=StatisticsAsked,
    answer=VillagePage,
    handle=public,
    signed_in=False,
    refusals=(NotFound,),
    more=f"No personal data: where a village had fewer than {FEWEST} cases only the counts are told, and with fewer "
    f"than {FEWEST} ratings no mean. Counted every hour, a month until {MONTHS - 1} months after it; complaints about "
    "staff, and what was withdrawn or merged, are in none of them.",
)
