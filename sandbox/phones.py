"""The people with a phone: who they are to the official account and to the mini program, and what they allowed."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from sandbox.refusals import NotPossible
from sandbox.store import Store
from sandbox.windows import Windows

KIND = "phone"
OPENID_LENGTH = 28
STORED = (
    *("id", "name", "openid", "mini_openid", "unionid", "number", "bulk", "following", "followed_at", "scene"),
    *("blocked", "mini_seen_at", "windows", "subscriptions", "masses"),
)


@dataclass(slots=True)
class Phone:
    """One person. ``bulk`` people are made by the thousand: only little of their conversation is kept."""

    id: int
    name: str
    openid: str
    mini_openid: str
    unionid: str
    number: str
    bulk: bool = False
    following: bool = False
    followed_at: float = 0.0
    scene: str = ""
    blocked: bool = False
    mini_seen_at: float = 0.0
    windows: Windows = field(default_factory=Windows)
    subscriptions: dict[str, int] | None = None
    masses: dict[str, int] | None = None

    def row(self) -> list[Any]:
        """What the store keeps."""
        w = self.windows
        return [  # in the order of STORED
            self.id,
            self.name,
            self.openid,
            self.mini_openid,
            self.unionid,
            self.number,
            self.bulk,
            self.following,
            self.followed_at,
            self.scene,
            self.blocked,
            self.mini_seen_at,
            [w.said_at, w.said_left, w.tapped_at, w.tapped_left],
            self.subscriptions,
            self.masses,
        ]

    @classmethod
    def of_row(cls, row: list[Any]) -> "Phone":
        fields = dict(zip(STORED, row, strict=True))
        return cls(**fields | {"windows": Windows(*fields["windows"])})


class Phones:
    """All people, found by number, openid of either account, or name."""

    def __init__(self, store: Store, official_appid: str, mini_appid: str) -> None:
        self._store = store
        self._appids = (official_appid, mini_appid)
        self._by_id: dict[int, Phone] = {}
        self._by_openid: dict[str, Phone] = {}
        self._by_mini_openid: dict[str, Phone] = {}
        self._by_name: dict[str, Phone] = {}
        self._next = 1
        for _key, row in store.items(KIND):
            self._learn(Phone.of_row(row))

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Phone]:
        """In the order in which they were made."""
        return iter(sorted(self._by_id.values(), key=lambda phone: phone.id))

    def make(self, name: str, number: str = "", *, bulk: bool = False, keep: bool = True) -> Phone:
        """Add a person, who does not follow the account yet; without *keep* the caller has it stored.

        Raises NotPossible when the name is taken.
        """
        if name in self._by_name:
            raise NotPossible(f"已经有一位叫「{name}」了，换个名字吧。")
        next_id = self._next
        phone = Phone(
            id=next_id,
            name=name,
            openid=_openid(self._appids[0], next_id, name),
            mini_openid=_openid(self._appids[1], next_id, name),
            unionid=_openid("union" + "".join(self._appids), next_id, name),
            number=number or f"138{next_id:08d}",
            bulk=bulk,
        )
        self._learn(phone)
        if keep:
            self.keep(phone)
        return phone

    def taken(self, name: str) -> bool:
        return name in self._by_name

    def keep(self, phone: Phone) -> None:
        """Have the store remember how this person is now."""
        self._store.put(KIND, f"{phone.id:010d}", phone.row())

    def find(self, reference: str) -> Phone:
        """Find a person by id, openid (either account) or name, or raise :exc:`NotPossible` (404)."""
        phone = (
            (self._by_id.get(int(reference)) if reference.isdecimal() else None)
            or self._by_openid.get(reference)
            or self._by_mini_openid.get(reference)
            or self._by_name.get(reference)
        )
        if phone is None:
            raise NotPossible(f"没有「{reference}」这个人。", HTTPStatus.NOT_FOUND)
        return phone

    def by_openid(self, openid: str) -> Phone | None:
        return self._by_openid.get(openid)

    def by_mini_openid(self, openid: str) -> Phone | None:
        return self._by_mini_openid.get(openid)

    def _learn(self, phone: Phone) -> None:
        self._by_id[phone.id] = phone
        self._by_openid[phone.openid] = phone
        self._by_mini_openid[phone.mini_openid] = phone
        self._by_name[phone.name] = phone
        self._next = max(self._next, phone.id + 1)


def _openid(appid: str, number: int, name: str) -> str:
    """An openid looks like WeChat's: 28 characters, beginning with the same letters for all of one account."""
    front = hashlib.sha256(appid.encode()).digest()[:4]
    back = hashlib.sha256(f"{appid}:{number}:{name}".encode()).digest()[:20]
    letters = base64.urlsafe_b64encode(front).decode().rstrip("=")[:5] + base64.urlsafe_b64encode(back).decode()
    return ("o" + letters)[:OPENID_LENGTH]
