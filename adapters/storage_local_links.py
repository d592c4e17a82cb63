"""Signed addresses of the local store: whoever changes a letter, or comes too late, is refused."""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from domain.errors import LinkRefused
from services.ports import Clock

PREFIX = "/api/store"
_SIGNATURE = "signature"
_EXPIRES = "expires"


class Links:
    """Signs and checks with HMAC-SHA256 over method, key and every parameter."""

    def __init__(self, secret: bytes, clock: Clock, base_url: str) -> None:
        self._secret = secret
        self._clock = clock
        self.base_url = base_url

    def make(self, method: str, key: str, seconds: int, **facts: str) -> str:
        expires = int(self._clock.now().timestamp()) + seconds
        query = {**facts, _EXPIRES: str(expires)}
        query[_SIGNATURE] = self._sign(method, key, query)
        return f"{self.base_url.rstrip('/')}{PREFIX}/{quote(key)}?{urlencode(query)}"

    def check(self, method: str, key: str, query: Mapping[str, str]) -> None:
        """Raises LinkRefused. An altered address is called that, also where it is old as well."""
        signed = {name: value for name, value in query.items() if name != _SIGNATURE}
        given = query.get(_SIGNATURE, "")
        if not hmac.compare_digest(self._sign(method, key, signed).encode(), given.encode("utf-8", "replace")):
            raise LinkRefused("this address is not as it was given out", why="altered")
        if self._clock.now().timestamp() >= int(signed[_EXPIRES]):
            raise LinkRefused("this address was good for a few minutes only: ask for another", why="expired")

    def _sign(self, method: str, key: str, query: Mapping[str, str]) -> str:
        said = "\n".join([method, key, *(f"{name}={quote(query[name], safe='')}" for name in sorted(query))])
        return hmac.new(self._secret, said.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
