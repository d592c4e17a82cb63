"""The bearer token of a request (RFC 6750), in the header and nowhere else: a token in an address ends up in logs."""

import re

from aiohttp import web

from domain.errors import NotSignedIn

# The characters of RFC 6750 §2.1; the length only keeps nonsense away from the database.
_TOKEN = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9._~+/-]{1,256}=*)")


def bearer(request: web.Request) -> str:
    """The token. Raises NotSignedIn when there is none, or when the header is not of this kind."""
    given = request.headers.getall("Authorization", [])
    if not given:
        raise NotSignedIn("sign in first, and send the token as Authorization: Bearer …")
    found = _TOKEN.fullmatch(given[0].strip()) if len(given) == 1 else None
    if found is None:
        raise NotSignedIn("the Authorization header must read: Bearer, a space, and the token")
    return found[1]
