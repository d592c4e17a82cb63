"""Each look at a whole phone number, with its reason (Y art. 36, D art. 9): noted before the number is shown."""

from datetime import timedelta

from domain.case import Role
from domain.errors import NotAllowed, NotFound
from models import Look, Person
from services import access
from services.access import Actor
from services.ports import Cipher, Clock
from services.transaction import row, rows, transaction

REASON_LENGTH = 200

_FORGET = "WITH gone AS (DELETE FROM look WHERE at < $1 RETURNING 1) SELECT count(*) AS n FROM gone"


class Looks:
    def __init__(self, clock: Clock, cipher: Cipher, *, kept_days: int) -> None:
        """*kept_days*: for how long it is known who has looked."""
        self._clock = clock
        self._cipher = cipher
        self._kept = timedelta(days=kept_days)

    async def phone_of_resident(self, by: Actor, number: int, reason: str) -> str:
        """The number that the resident of case *number* has left, for whoever works the case.

        Raises NotFound (also where they have left none), NotAllowed for whoever sees the case but does not work it.
        """
        async with transaction():
            case, roles = await access.case_for(by, number)
            if Role.HOLDER not in roles:
                raise NotAllowed("the number is for whoever works the case", number=number)
            resident = await Person.get(id=case.resident_id)
            if not resident.phone:
                raise NotFound("the resident has left no number", number=number)
            await Look.create(
                at=self._clock.now(), by_id=by.person_id, person_id=resident.id, case_id=case.id, reason=reason
            )
        return self._cipher.open(resident.phone)

    async def forget_old(self) -> int:
        """Drop what is older than the town keeps it; returns how much there was."""
        async with transaction():
            await rows("SELECT set_config('wangge.forgets_looks', 'yes', TRUE)")
            found = await row(_FORGET, self._clock.now() - self._kept)
            await rows("SELECT set_config('wangge.forgets_looks', '', TRUE)")
        return int(found["n"])
