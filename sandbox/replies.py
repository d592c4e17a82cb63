"""Reading what the callback answered, as strictly as WeChat does."""

from http import HTTPStatus
from typing import Any

from sandbox import bubbles, envelope
from sandbox.bubbles import Bubble
from sandbox.cipher import Cipher, Unreadable, matches
from sandbox.media import Media
from sandbox.refusals import Refused
from sandbox.settings import Mode

LONGEST_TEXT = 2048
MOST_ARTICLES = 8


class BadReply(Exception):  # noqa: N818 - a plain fact, like every error here
    """The answer is not one that WeChat would show; the message says why."""


class Reader:
    """Reads answers for one account."""

    def __init__(self, token: str, cipher: Cipher, original_id: str, media: Media) -> None:
        self._token = token
        self._cipher = cipher
        self._original_id = original_id
        self._media = media

    def read(self, status: int, body: bytes, mode: Mode, openid: str, now: float) -> tuple[Bubble | None, str]:
        """Return what the phone shows (None: nothing) and the decrypted reply.

        Raises BadReply.
        """
        if status != HTTPStatus.OK:
            raise BadReply(f"HTTP {status}")
        try:
            text = body.decode().strip()
        except UnicodeDecodeError as error:
            raise BadReply("the reply is not UTF-8") from error
        if text in ("", "success"):
            return None, text
        fields = self._parse(text)
        if mode == "safe" and "Encrypt" not in fields:
            raise BadReply("safe mode, but the reply is not encrypted")
        if "Encrypt" in fields:
            if mode == "plain":
                raise BadReply("plain mode, but the reply is encrypted")
            text = self._open(fields)
            fields = self._parse(text)
        if fields.get("ToUserName") != openid:
            raise BadReply("ToUserName is not the openid that wrote")
        if fields.get("FromUserName") != self._original_id:
            raise BadReply("FromUserName is not the account's original id")
        if not str(fields.get("CreateTime", "")).isdecimal():
            raise BadReply("CreateTime is missing or no number")
        return self._bubble(fields, now), text

    def _parse(self, text: str) -> dict[str, Any]:
        try:
            return envelope.read(text)
        except envelope.NotXml as error:
            raise BadReply(f"the reply is not XML: {error}") from error

    def _open(self, fields: dict[str, Any]) -> str:
        encrypted = str(fields["Encrypt"])
        timestamp, nonce = str(fields.get("TimeStamp", "")), str(fields.get("Nonce", ""))
        if not matches(str(fields.get("MsgSignature", "")), self._token, timestamp, nonce, encrypted):
            raise BadReply("MsgSignature does not match")
        try:
            return self._cipher.decrypt(encrypted)
        except Unreadable as error:
            raise BadReply(str(error)) from error

    def _bubble(self, fields: dict[str, Any], now: float) -> Bubble | None:
        kind = fields.get("MsgType")
        if kind == "text":
            return self._text(str(fields.get("Content", "")))
        if kind in ("image", "voice", "video"):
            return self._medium(str(kind), _part(fields, str(kind).capitalize()), now)
        if kind == "music":
            part = _part(fields, "Music")
            return bubbles.music(part.get("Title", ""), part.get("Description", ""), part.get("MusicUrl", ""))
        if kind == "news":
            return self._news(fields)
        if kind == "transfer_customer_service":
            return None
        raise BadReply(f"MsgType {kind!r} is not one that can be replied")

    def _text(self, content: str) -> Bubble:
        if not content:
            raise BadReply("Content is empty")
        if len(content.encode()) > LONGEST_TEXT:
            raise BadReply(f"Content is longer than {LONGEST_TEXT} bytes")
        return bubbles.words(content)

    def _medium(self, kind: str, part: dict[str, Any], now: float) -> Bubble:
        try:
            medium = self._media.live(part.get("MediaId", ""), now)
        except Refused as error:
            raise BadReply("MediaId is unknown or older than three days") from error
        if kind == "image":
            return bubbles.image(medium)
        if kind == "voice":
            return bubbles.voice(medium)
        return bubbles.video(medium, part.get("Title", ""), part.get("Description", ""))

    def _news(self, fields: dict[str, Any]) -> Bubble:
        articles = fields.get("Articles")
        if not isinstance(articles, list) or not 1 <= len(articles) <= MOST_ARTICLES:
            raise BadReply("Articles must hold 1 to 8 items")
        if str(fields.get("ArticleCount")) != str(len(articles)):
            raise BadReply("ArticleCount is not the number of articles")
        return bubbles.news([bubbles.article(one) for one in articles if isinstance(one, dict)])


def _part(fields: dict[str, Any], name: str) -> dict[str, Any]:
    part = fields.get(name)
    if not isinstance(part, dict):
        raise BadReply(f"{name} is missing")
    return part
