"""Every way to say no: a stable code, an HTTP status, and the facts a person needs to go on.

The words for people are made at the doors (``bot/replies.py``, ``web/errors.py``) out of code and facts.
"""

from typing import ClassVar


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error in the program
    """An expected no. Facts are plain values, fit for a log line and a JSON answer."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400

    def __init__(self, detail: str = "", **facts: object) -> None:
        super().__init__(detail or self.code)
        self.detail = detail
        self.facts = facts


class BadInput(Refusal):
    """What was sent does not say what it must; the detail names the field and the mend."""

    code = "bad_input"
    status = 422


class NotSignedIn(Refusal):
    code = "not_signed_in"
    status = 401


class NotAllowed(Refusal):
    code = "not_allowed"
    status = 403


class NotFound(Refusal):
    """It does not exist, or it is not theirs to see: the two are never told apart."""

    code = "not_found"
    status = 404


class IllegalMove(Refusal):
    """The rules forbid this action in the present state; the facts hold ``status`` and ``action``."""

    code = "illegal_move"
    status = 409


class Conflict(Refusal):
    """Somebody else holds or has already taken what is asked for."""

    code = "conflict"
    status = 409


class TooLarge(Refusal):
    code = "too_large"
    status = 413


class TooMany(Refusal):
    """Too often; the facts hold ``retry_after`` in seconds."""

    code = "too_many"
    status = 429


class Unavailable(Refusal):
    """Something we lean on (WeChat, the database) does not answer at the moment."""

    code = "unavailable"
    status = 503


class InviteRefused(Refusal):
    """The invitation code is unknown, used or too old."""

    code = "invite_refused"
    status = 422


class NothingToFile(Refusal):
    """There is no draft, or it holds no words yet; the facts hold ``has`` ("nothing" | "no_words" | "no_grid")."""

    code = "nothing_to_file"
    status = 409


class NeedsPhoto(Refusal):
    """The case's type wants photos before it is resolved; the facts hold ``missing`` ("before", "after")."""

    code = "needs_photo"
    status = 409


class LinkRefused(Refusal):
    """A signed address does not open: the facts hold ``why`` ("expired" | "altered")."""

    code = "link_refused"
    status = 403


class UploadRefused(Refusal):
    """What was uploaded is not what was announced, or not to be kept.

    The facts hold ``why``: "missing" (nothing has arrived yet) | "wrong_size" | "wrong_sum" | "wrong_type" |
    "unreadable" | "infected".
    """

    code = "upload_refused"
    status = 422


class NobodyThere(Refusal):
    """No level above exists to report up to."""

    code = "top_level"
    status = 409


class LeaveRefused(Refusal):
    """A leave that cannot be; the facts hold ``why`` and, of the leave in its way, ``starts_at`` and ``ends_at``."""

    code = "leave_refused"
    status = 422


class ScenesUsedUp(Refusal):
    """The official account has no permanent QR scene left; the facts hold ``most``."""

    code = "scenes_used_up"
    status = 409


class NoticeRefused(Refusal):
    """A notice that cannot go out; the facts hold ``why`` ("nobody" is reached | "nobody_agrees") and ``notice``."""

    code = "notice_refused"
    status = 422
