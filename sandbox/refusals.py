"""The ways in which WeChat says no, and in which our own controls do."""

import secrets
from http import HTTPStatus

ERRMSG = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40009: "invalid image size",
    40013: "invalid appid",
    40014: "invalid access_token",
    40016: "invalid button size",
    40018: "invalid button name size",
    40029: "invalid code",
    40037: "invalid template_id",
    40052: "invalid action name",
    40053: "invalid action info",
    40059: "invalid msg id",
    40066: "invalid url",
    40097: "invalid args",
    40125: "invalid appsecret",
    40130: "invalid openid list size, at least two openid",
    40163: "code been used",
    40165: "invalid weapp pagepath",
    40212: "invalid query",
    41001: "access_token missing",
    41005: "media data missing",
    41030: "invalid page",
    42001: "access_token expired",
    43002: "require POST method",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    44002: "empty post data",
    44004: "empty content",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit must slower retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45028: "has no masssend quota",
    45047: "out of response count limit",
    45065: "clientmsgid exist",
    45066: "same clientmsgid retry too fast",
    45067: "clientmsgid size out of limit",
    46003: "menu no exist",
    47001: "data format error",
    47003: "argument invalid!",
    48001: "api unauthorized",
    48002: "user block receive message",
    48006: "forbid to clear quota because of reaching the limit",
    61010: "code is expired",
    87014: "risky content",
    89503: "this ip is not in the white list of the callback",
}


class Refused(Exception):  # noqa: N818 - a plain fact, like every error here
    """An API call ends with an errcode, as WeChat's do: HTTP 200 and ``{"errcode", "errmsg"}``."""

    def __init__(self, errcode: int, detail: str = "", **facts: object) -> None:
        self.errcode = errcode
        self.detail = detail
        self.facts = facts
        super().__init__(f"{errcode} {detail}".rstrip())

    def answer(self) -> dict[str, object]:
        """The JSON body, with the trace id (``rid``) that WeChat appends to the text."""
        text = ERRMSG.get(self.errcode, "error")
        if self.detail:
            text = f"{text} {self.detail}"
        rid = f"{secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
        return {"errcode": self.errcode, "errmsg": f"{text} rid: {rid}", **self.facts}


class NotPossible(Exception):  # noqa: N818 - a plain fact, like every error here
    """A control call cannot be done; the message is one friendly line for the person at the phone page."""

    def __init__(self, message: str, status: int = HTTPStatus.CONFLICT) -> None:
        self.status = int(status)
        super().__init__(message)
