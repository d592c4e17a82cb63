"""What the doctor has to say about one thing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    ok: bool
    what: str
    """The fact, in plain words."""
    mend: str = ""
    """What to do about it; empty where nothing is wrong."""


def fine(what: str) -> Finding:
    return Finding(ok=True, what=what)


def wrong(what: str, mend: str) -> Finding:
    return Finding(ok=False, what=what, mend=mend)
