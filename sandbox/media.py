"""Pictures, voices and films: bytes in the store, ids that the API forgets after three days."""

import secrets
from dataclasses import asdict, dataclass

from sandbox.refusals import Refused
from sandbox.store import Store

KIND = "media"
LIFE_SECONDS = 3 * 24 * 3600
UNKNOWN = 40007

_MEGABYTE = 1024 * 1024
LIMITS = {"image": 10 * _MEGABYTE, "voice": 2 * _MEGABYTE, "video": 10 * _MEGABYTE, "thumb": 64 * 1024}


@dataclass(slots=True, frozen=True)
class Medium:
    """One file. ``type`` is WeChat's (image, voice, video, thumb), ``media_type`` the one of HTTP."""

    id: str
    type: str
    media_type: str
    made_at: float
    size: int
    name: str = ""

    @property
    def path(self) -> str:
        """Where the phone page and ``PicUrl`` find it."""
        return f"/sandbox/media/{self.id}"


class Media:
    """All files, whether the account or a person sent them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known = {key: Medium(**body) for key, body in store.items(KIND)}

    def keep(self, kind: str, body: bytes, now: float, name: str = "") -> Medium:
        """Keep *body* under a new id of 64 characters."""
        medium = Medium(secrets.token_urlsafe(48), kind, sniff(body), now, len(body), name)
        self._known[medium.id] = medium
        self._store.put_blob(medium.id, body)
        self._store.put(KIND, medium.id, asdict(medium))
        return medium

    def known(self, media_id: str) -> Medium | None:
        """Also what the API has forgotten already: a phone keeps its pictures."""
        return self._known.get(media_id)

    def live(self, media_id: object, now: float) -> Medium:
        """What the API still knows, or :exc:`Refused` with 40007."""
        medium = self._known.get(str(media_id))
        if medium is None or now - medium.made_at >= LIFE_SECONDS:
            raise Refused(UNKNOWN)
        return medium

    async def read(self, medium: Medium) -> bytes:
        body = await self._store.blob(medium.id)
        return b"" if body is None else body


_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"#!AMR", "audio/amr"),
    (b"ID3", "audio/mpeg"),
)


def sniff(body: bytes) -> str:
    """Tell the type by the first bytes; never a type that a browser would run."""
    for beginning, media_type in _BEGINNINGS:
        if body.startswith(beginning):
            return media_type
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    if body[4:8] == b"ftyp":
        return "video/mp4"
    return "application/octet-stream"
