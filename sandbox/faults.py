"""Failures on order: which calls shall go wrong, how, how often."""

import random
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any

from sandbox.refusals import NotPossible

DROPS = ("before", "after")


@dataclass(slots=True)
class Fault:
    """One order.

    ``path`` is a whole path, or a beginning of one that ends with ``*``. ``times`` is how often it may strike (None:
    always), ``rate`` how likely each time (drawn from ``seed``), ``openid`` strikes only calls to that person.
    Then, in this order: wait ``delay`` seconds; drop the connection before anything is done; answer ``status`` or
    ``errcode`` in place of doing it; or do it and drop the connection instead of answering.
    """

    id: int
    path: str
    errcode: int | None = None
    errmsg: str | None = None
    status: int | None = None
    delay: float = 0.0
    drop: str | None = None
    times: int | None = None
    rate: float = 1.0
    seed: int | None = None
    openid: str | None = None
    struck: int = 0
    _dice: random.Random = field(default_factory=random.Random, repr=False)

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if not name.startswith("_")}

    def strikes(self, path: str, openid: str) -> bool:
        if self.times is not None and self.struck >= self.times:
            return False
        whole = path == self.path or (self.path.endswith("*") and path.startswith(self.path[:-1]))
        if not whole or (self.openid is not None and self.openid != openid):
            return False
        if self.rate < 1.0 and self._dice.random() >= self.rate:
            return False
        self.struck += 1
        return True


class Faults:
    """The orders in force, oldest first; the first that strikes decides."""

    def __init__(self) -> None:
        self._orders: list[Fault] = []
        self._next = 1

    def order(self, wanted: dict[str, Any]) -> Fault:
        """Take one order from JSON, or raise :exc:`NotPossible` (400) saying what is wrong with it."""
        known = {"path", "errcode", "errmsg", "status", "delay", "drop", "times", "rate", "seed", "openid"}
        unknown = set(wanted) - known
        if unknown:
            raise NotPossible(f"unknown in a fault: {', '.join(sorted(unknown))}", HTTPStatus.BAD_REQUEST)
        path = wanted.get("path")
        if not isinstance(path, str) or not path.startswith("/"):
            raise NotPossible("a fault needs a path that begins with /", HTTPStatus.BAD_REQUEST)
        if wanted.get("drop") not in (None, *DROPS):
            raise NotPossible("drop is 'before' or 'after'", HTTPStatus.BAD_REQUEST)
        if not any(wanted.get(name) for name in ("errcode", "status", "delay", "drop")):
            raise NotPossible("a fault needs one of errcode, status, delay, drop", HTTPStatus.BAD_REQUEST)
        try:
            fault = Fault(
                id=self._next,
                path=path,
                errcode=_whole(wanted.get("errcode")),
                errmsg=wanted.get("errmsg"),
                status=_whole(wanted.get("status")),
                delay=float(wanted.get("delay") or 0.0),
                drop=wanted.get("drop"),
                times=_whole(wanted.get("times")),
                rate=float(wanted.get("rate", 1.0)),
                seed=_whole(wanted.get("seed")),
                openid=wanted.get("openid"),
                _dice=random.Random(wanted.get("seed")),  # noqa: S311 - a repeatable draw is the point
            )
        except (TypeError, ValueError) as error:
            raise NotPossible(f"a fault's number is not one: {error}", HTTPStatus.BAD_REQUEST) from error
        self._next += 1
        self._orders.append(fault)
        return fault

    def draw(self, path: str, openid: str) -> Fault | None:
        """The fault that strikes this call, if any; it is counted."""
        for fault in self._orders:
            if fault.strikes(path, openid):
                return fault
        return None

    def __bool__(self) -> bool:
        return bool(self._orders)

    def list(self) -> list[Fault]:
        return list(self._orders)

    def clear(self, number: int | None = None) -> int:
        """Take back one order, or all; says how many that were."""
        before = len(self._orders)
        self._orders = [one for one in self._orders if number is not None and one.id != number]
        return before - len(self._orders)


def _whole(value: object) -> int | None:
    return None if value is None else int(str(value))
