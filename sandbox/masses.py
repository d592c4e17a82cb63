"""Mass messages: what was sent under which number, the accounts' limits, and the four a month that a person gets."""

from collections import deque
from dataclasses import asdict, dataclass

from sandbox.clock import day, month
from sandbox.phones import Phone
from sandbox.refusals import Refused
from sandbox.store import Store

KIND = "mass"
A_MONTH = 4
A_DAY = 100
A_MINUTE = 60
CLIENT_ID_BYTES = 64
CLIENT_ID_SECONDS = 24 * 3600

UNKNOWN_MSG, EXISTS, CLIENT_ID_TOO_LONG = 40059, 45065, 45067
NO_QUOTA, TOO_FAST = 45028, 45011


@dataclass(slots=True)
class Mass:
    """One mass message; the counts are WeChat's: ``filtered`` is how many were left to send to."""

    msg_id: int
    at: float
    client_id: str
    total: int = 0
    filtered: int = 0
    sent: int = 0
    failed: int = 0
    status: str = "SENDING"


class Masses:
    """All mass messages of the account."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._all = {int(key): Mass(**body) for key, body in store.items(KIND)}
        self._calls: deque[float] = deque(maxlen=A_MINUTE)

    def admit(self, client_id: str, now: float) -> None:
        """Let one call pass, or raise :exc:`Refused`: 45067, 45065 (with the first one's msg_id), 45028, 45011."""
        if len(client_id.encode()) > CLIENT_ID_BYTES:
            raise Refused(CLIENT_ID_TOO_LONG)
        for one in self._all.values():
            if client_id and one.client_id == client_id and 0 <= now - one.at < CLIENT_ID_SECONDS:
                raise Refused(EXISTS, msg_id=one.msg_id)
        if sum(day(one.at) == day(now) for one in self._all.values()) >= A_DAY:
            raise Refused(NO_QUOTA)
        if len(self._calls) == A_MINUTE and now - self._calls[0] < 60:  # noqa: PLR2004 - a minute
            raise Refused(TOO_FAST)
        self._calls.append(now)

    def keep(self, mass: Mass) -> None:
        self._all[mass.msg_id] = mass
        self._store.put(KIND, str(mass.msg_id), asdict(mass))

    def find(self, msg_id: object) -> Mass:
        """The mass message of that number, or :exc:`Refused` with 40059."""
        text = str(msg_id)
        mass = self._all.get(int(text)) if text.isdecimal() else None
        if mass is None:
            raise Refused(UNKNOWN_MSG)
        return mass


def take(phone: Phone, now: float) -> bool:
    """Use up one of the person's four in this calendar month; False when there is none left."""
    name = month(now)
    used = (phone.masses or {}).get(name, 0)
    if used >= A_MONTH:
        return False
    phone.masses = {name: used + 1}
    return True
