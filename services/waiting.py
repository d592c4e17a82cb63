"""What the town has to decide on, counted for the workbench: exits, admissions, applications for awards."""

from dataclasses import dataclass

from domain.calendar import SHANGHAI
from services import admissions, award_applications, exits
from services.access import Actor
from services.ports import Clock
from services.transaction import rows

# $1 whoever asks, $2 today, then where they decide on exits, on admissions, and support and decide on awards.
_WAITS = """
SELECT (
    SELECT count(*) FROM exit_proposal x JOIN region t ON t.id = x.town_id
    WHERE x.state = 'open' AND x.person_id <> $1 AND t.path LIKE ANY($3::text[])
) AS exits, (
    SELECT count(*) FROM admission a JOIN region r ON r.id = a.region_id
    WHERE r.path LIKE ANY($4::text[]) AND ((a.state = 'asked' AND a.asked_by_id <> $1)
        OR (a.state = 'reviewed' AND $1 NOT IN (a.asked_by_id, a.reviewed_by_id))
        OR (a.state = 'admitted' AND a.review_by < $2))
) AS admissions, (
    SELECT count(*) FROM unadmitted_task u JOIN region r ON r.id = u.region_id
    WHERE u.answered_at IS NULL AND r.path LIKE ANY($4::text[])
) AS reports, (
    SELECT count(*) FROM award_application a JOIN region r ON r.id = a.region_id
    WHERE $1 NOT IN (a.person_id, a.asked_by_id, coalesce(a.supported_by_id, 0))
      AND ((a.state = 'asked' AND r.path LIKE ANY($5::text[]))
        OR (a.state = 'supported' AND r.path LIKE ANY($6::text[])))
) AS awards
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many of each wait for whoever asked; *reports* are of tasks that are not admitted."""

    exits: int = 0
    admissions: int = 0
    reports: int = 0
    awards: int = 0


async def waiting(by: Actor, clock: Clock) -> Waiting:
    """What waits for *by*; nothing is asked of the database for whoever decides on none of it."""
    places = [
        [f"{path}%" for path in by.paths(duties)]
        for duties in (exits.DECIDES, admissions.DECIDES, award_applications.SUPPORTS, award_applications.DECIDES)
    ]
    if not any(places):
        return Waiting()
    (found,) = await rows(_WAITS, by.person_id, clock.now().astimezone(SHANGHAI).date(), *places)
    return Waiting(**found)
