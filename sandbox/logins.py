"""The short codes of the mini program: one for ``wx.login``, one for the phone number; single use, five minutes."""

import secrets
from dataclasses import asdict, dataclass
from typing import Literal

from sandbox.refusals import Refused
from sandbox.store import Store

KIND = "code"
LIFE_SECONDS = 300
INVALID, USED = 40029, 40163
KEEP = 5000

Purpose = Literal["login", "number"]


@dataclass(slots=True)
class Code:
    text: str
    phone: int
    purpose: Purpose
    made_at: float
    used: bool = False


class Logins:
    """All codes that are still worth knowing."""

    def __init__(self, store: Store) -> None:
        self._store = store
        found = sorted((Code(**body) for _key, body in store.items(KIND)), key=lambda code: code.made_at)
        self._codes = {code.text: code for code in found}

    def make(self, phone: int, purpose: Purpose, now: float) -> Code:
        length = 24 if purpose == "login" else 48
        code = Code("0" + secrets.token_hex(length)[: length + 7], phone, purpose, now)
        self._codes[code.text] = code
        self._keep(code)
        while len(self._codes) > KEEP:
            oldest = next(iter(self._codes))
            del self._codes[oldest]
            self._store.drop(KIND, oldest)
        return code

    def use(self, text: object, purpose: Purpose, now: float) -> int:
        """The phone behind a code, which is used up now; :exc:`Refused` with 40163 (used) or 40029 (all else)."""
        code = self._codes.get(str(text))
        if code is None or code.purpose != purpose:
            raise Refused(INVALID)
        if code.used:
            raise Refused(USED)
        if now - code.made_at >= LIFE_SECONDS:
            raise Refused(INVALID)
        code.used = True
        self._keep(code)
        return code.phone

    def _keep(self, code: Code) -> None:
        self._store.put(KIND, code.text, asdict(code))
