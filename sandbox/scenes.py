"""The codes that the account made: a scene behind each, a ticket to draw it, and the url it holds."""

import base64
import hashlib
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.store import Store

KIND = "scene"
URL_BEGINNING = "http://weixin.qq.com/q/"


@dataclass(slots=True)
class Scene:
    """One code. ``expires_at`` is epoch seconds, or None for a permanent one."""

    scene: str
    ticket: str
    url: str
    made_at: float
    expires_at: float | None = None

    def live(self, now: float) -> bool:
        return self.expires_at is None or now < self.expires_at


class Scenes:
    """All codes, found by ticket, by url, or by scene."""

    def __init__(self, store: Store, appid: str) -> None:
        self._store = store
        self._appid = appid
        self._by_ticket: dict[str, Scene] = {}
        self._by_url: dict[str, Scene] = {}
        self._by_scene: dict[str, Scene] = {}
        for _key, body in store.items(KIND):
            self._learn(Scene(**body))

    def make(self, scene: str, now: float, seconds: int | None) -> Scene:
        """Make a code that lives *seconds*, or for ever with None.

        A permanent scene always has the same ticket and url, so that what was printed stays true.
        """
        seed = f"{self._appid}:{scene}" if seconds is None else secrets.token_hex(16)
        digest = hashlib.sha512(seed.encode()).digest()
        made = Scene(
            scene=scene,
            ticket="gQ" + base64.urlsafe_b64encode(digest + digest[:6]).decode()[:94],
            url=URL_BEGINNING + "02" + base64.urlsafe_b64encode(digest[:16]).decode().rstrip("="),
            made_at=now,
            expires_at=None if seconds is None else now + seconds,
        )
        known = self._by_ticket.get(made.ticket)
        if known is not None:
            return known
        self._learn(made)
        self._store.put(KIND, made.ticket, asdict(made))
        return made

    def find(self, code: str) -> Scene | None:
        """Find by ticket, url or scene; of several codes with one scene the newest."""
        code = code.strip()
        return self._by_ticket.get(code) or self._by_url.get(code) or self._by_scene.get(code)

    def list(self) -> list[Scene]:
        return sorted(self._by_ticket.values(), key=lambda one: (one.made_at, one.scene))

    def _learn(self, scene: Scene) -> None:
        self._by_ticket[scene.ticket] = scene
        self._by_url[scene.url] = scene
        newest = self._by_scene.get(scene.scene)
        if newest is None or scene.made_at >= newest.made_at:
            self._by_scene[scene.scene] = scene


def as_json(scene: Scene, now: float) -> dict[str, Any]:
    return {
        "scene": scene.scene,
        "ticket": scene.ticket,
        "url": scene.url,
        "permanent": scene.expires_at is None,
        "expired": not scene.live(now),
    }
