"""A list of words that the town keeps: a plain file, one a line, read again whenever it has changed."""

import unicodedata
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

_COMMENT = "#"


class WordList:
    """Finds the words of a file in what people write, whatever width, case or spaces they are written in.

    Lines that begin with ``#`` and empty ones are left out. A file that cannot be read finds nothing, and says so in
    the log: it must never keep anybody from being heard.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._read_at: tuple[int, int] | None = None
        self._words: dict[str, str] = {}

    def found(self, text: str) -> str:
        """The first word of the list that is in *text*, as the list spells it; empty where there is none."""
        self._reread()
        if not self._words:
            return ""
        plain = _plain(text)
        return next((word for bare, word in self._words.items() if bare in plain), "")

    def _reread(self) -> None:
        if self._file is None:
            return
        try:
            stat = self._file.stat()
            if (stat.st_mtime_ns, stat.st_size) == self._read_at:
                return
            lines = self._file.read_text("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            if self._read_at is not None or self._words == {}:
                log.warning("word_list_unreadable", reason=type(error).__name__)
            self._read_at, self._words = None, {}
            return
        words = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith(_COMMENT)]
        self._words = {_plain(word): word for word in words if _plain(word)}
        self._read_at = (stat.st_mtime_ns, stat.st_size)


def _plain(text: str) -> str:
    """Full-width as half-width, no capitals, and nothing between the characters."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in folded if sign.isalnum())
