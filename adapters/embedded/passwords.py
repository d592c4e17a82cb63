"""The generated passwords of the embedded PostgreSQL, in one file (0600) beside the data."""

import json
import secrets
from dataclasses import asdict, dataclass

from adapters.embedded.errors import EngineError
from adapters.embedded.place import Place

ADMIN = "postgres"
OWNER = "wangge"
_FILE = "passwords"


@dataclass(frozen=True)
class Passwords:
    """One for the administrator of the engine, one for the service, which is no superuser."""

    postgres: str
    wangge: str

    def of(self, role: str) -> str:
        """The password of *role*."""
        return self.postgres if role == ADMIN else self.wangge

    def keep(self, place: Place) -> None:
        """Write them down for the next start."""
        place.write(_FILE, json.dumps(asdict(self)))


def fresh() -> Passwords:
    """New ones, of letters and digits that need no quoting anywhere."""
    return Passwords(postgres=secrets.token_hex(24), wangge=secrets.token_hex(24))


def kept(place: Place) -> Passwords | None:
    """Those of an earlier start, or None."""
    text = place.read(_FILE)
    if text is None:
        return None
    try:
        return Passwords(**json.loads(text))
    except (ValueError, TypeError) as error:
        raise EngineError(
            f"{place.home / _FILE} is damaged: remove it and start again, new passwords are made",
        ) from error
