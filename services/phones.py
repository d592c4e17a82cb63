"""Phone numbers of China as people write them, in one plain form by which they are found again."""

import re
import unicodedata

_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0(?:10|2\d|[3-9]\d{2})[2-8]\d{6,7}")
_BETWEEN = re.compile(r"[\s()\-–—.·]+")
_COUNTRY = re.compile(r"^(?:\+|00)86|^86(?=1\d{10}$)")
_SHOWN_BEFORE, _SHOWN_AFTER = 3, 4


def plain(text: str) -> str | None:
    """The digits of a Chinese mobile or (with its area code) landline number; ``None`` for anything else.

    Full-width digits, spaces, hyphens, brackets and the country code may be there: ``+86 138-1234-5678``.
    """
    if _MOBILE.fullmatch(text) and text.isascii():
        return text  # as nearly all of a hundred thousand are written
    digits = _COUNTRY.sub("", _BETWEEN.sub("", unicodedata.normalize("NFKC", text)))
    return digits if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits) else None


def masked(text: str) -> str:
    """``138****5678``; of what is too short to hide anything in, nothing is shown but its first sign."""
    bare = _BETWEEN.sub("", text)
    if len(bare) < _SHOWN_BEFORE + _SHOWN_AFTER + 2:
        return f"{bare[:1]}****" if bare else ""
    return f"{bare[:_SHOWN_BEFORE]}****{bare[-_SHOWN_AFTER:]}"
