"""WeChat's error codes, each translated here, once, into what to do about it (WECHAT.md §1, "Errcodes")."""

from collections.abc import Mapping

import structlog

from domain.delivery import Verdict
from services.ports import WeChatError

TOKEN_REFUSED = frozenset({40001, 40014, 42001})
"""The access token is not, or no longer, valid: get another one and ask once more."""

ALREADY_ACCEPTED = 45065
"""A mass message with this ``clientmsgid`` was taken before: what we wanted has happened."""

_LONGEST_ECHO = 160

MEANINGS: Mapping[int, tuple[Verdict, str]] = {
    # The token; seen outside only after a second token was refused too.
    40001: (Verdict.RETRY, "the access token is refused"),
    40014: (Verdict.RETRY, "the access token is refused"),
    42001: (Verdict.RETRY, "the access token has expired"),
    41001: (Verdict.MISCONFIGURED, "the access token is missing from the call"),
    # It passes by itself.
    -1: (Verdict.RETRY, "WeChat is busy"),
    45011: (Verdict.NEXT_MINUTE, "too many calls in this minute"),
    45066: (Verdict.NEXT_MINUTE, "mass messages follow each other too fast"),
    45009: (Verdict.TOMORROW, "the day's quota of this call is used up"),
    # Ours to mend, in the settings or on mp.weixin.qq.com.
    40002: (Verdict.MISCONFIGURED, "the grant type is wrong"),
    40013: (Verdict.MISCONFIGURED, "the appid is wrong"),
    41002: (Verdict.MISCONFIGURED, "the appid is missing"),
    41004: (Verdict.MISCONFIGURED, "the secret is missing"),
    40125: (Verdict.MISCONFIGURED, "the secret is wrong"),
    40243: (Verdict.MISCONFIGURED, "the secret is frozen: unfreeze it on mp.weixin.qq.com"),
    40164: (Verdict.MISCONFIGURED, "this server's address is not on the account's IP list"),
    61004: (Verdict.MISCONFIGURED, "this server's address is not on the account's IP list"),
    89501: (Verdict.MISCONFIGURED, "this server's address waits for the account's administrator to allow it"),
    89503: (Verdict.MISCONFIGURED, "this server's address must be allowed by the account's administrator"),
    89506: (Verdict.MISCONFIGURED, "this server's address was turned down by the account's administrator for a day"),
    89507: (Verdict.MISCONFIGURED, "this server's address was turned down by the account's administrator for an hour"),
    48001: (Verdict.MISCONFIGURED, "the account may not use this call: is it verified, and a service account?"),
    50002: (Verdict.MISCONFIGURED, "the account is restricted"),
    50004: (Verdict.MISCONFIGURED, "the account may not fetch tokens"),
    50007: (Verdict.MISCONFIGURED, "the account is frozen"),
    41030: (Verdict.MISCONFIGURED, "the mini program has no such page"),
    40037: (Verdict.MISCONFIGURED, "the account has no such template"),
    47003: (Verdict.MISCONFIGURED, "the fields do not fit the template"),
    # This person, this channel.
    40003: (Verdict.CHANNEL_CLOSED, "the openid does not belong to this account"),
    43004: (Verdict.CHANNEL_CLOSED, "the person does not follow the account"),
    43019: (Verdict.CHANNEL_CLOSED, "the person has blocked the account"),
    43101: (Verdict.CHANNEL_CLOSED, "the person has not agreed to this message, or no longer"),
    48002: (Verdict.CHANNEL_CLOSED, "the person has turned messages off"),
    45015: (Verdict.CHANNEL_CLOSED, "the person's last word is more than 48 hours old"),
    45047: (Verdict.CHANNEL_CLOSED, "the person must say something before more messages are allowed"),
    # What is in it.
    87014: (Verdict.FINAL, "WeChat found forbidden content"),
    45002: (Verdict.FINAL, "the message is too long"),
    44004: (Verdict.FINAL, "the message is empty"),
    40007: (Verdict.FINAL, "the medium is gone: WeChat keeps it for three days"),
    # Signing in to the mini program.
    40029: (Verdict.FINAL, "the code is wrong or too old"),
    40163: (Verdict.FINAL, "the code was used before"),
    42003: (Verdict.FINAL, "the code is too old"),
    40226: (Verdict.FINAL, "WeChat has blocked this person as a risk"),
    61010: (Verdict.FINAL, "the person's sign-in is too old"),
    43104: (Verdict.FINAL, "the appid and the openid do not belong together"),
    # Mass messages.
    40130: (Verdict.FINAL, "a mass message needs at least two people"),
    45028: (Verdict.FINAL, "no mass message is left this month"),
    45067: (Verdict.FINAL, "the clientmsgid is too long"),
}

log = structlog.get_logger(__name__)


def refusal(errcode: int, errmsg: str = "") -> WeChatError:
    """The error for what WeChat answered; *errmsg* is WeChat's own wording and goes along, for it names IPs and rids.

    A code that is not in the table is final, and is logged with its number so that it can be put there.
    """
    known = MEANINGS.get(errcode)
    if known is None:
        log.warning("wechat_errcode_unknown", errcode=errcode, errmsg=errmsg[:_LONGEST_ECHO])
        known = (Verdict.FINAL, "WeChat refuses with a code that we do not know")
    verdict, reason = known
    return WeChatError(verdict, f"{reason}: {errmsg[:_LONGEST_ECHO]}" if errmsg else reason, errcode)


def token_refusal(error: WeChatError) -> WeChatError:
    """What *error* means when it was the answer to asking for a token.

    There 40001 speaks of the secret, as no token was shown; and nothing was sent, so nothing can have got lost.
    """
    if error.errcode in TOKEN_REFUSED:
        return WeChatError(Verdict.MISCONFIGURED, "appid and secret do not belong together", error.errcode)
    return error
