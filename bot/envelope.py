"""WeChat's envelope: signatures, encryption, age, and the XML of an answer."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from wechatpy.crypto import PrpCrypto

from bot.incoming import NOT_IN_XML
from bot.wording import cut_bytes
from services.ports import Clock

LARGEST_SKEW = 600
"""Seconds; WeChat's retries come with the timestamp of their own sending, so ten minutes is ample."""
_LONGEST_TIMESTAMP = 11
_RANDOM = 16
_HEAD = _RANDOM + 4
_BLOCK = 32
_KEY_BYTES = 32

Mode = Literal["safe", "compatible", "plain", "auto"]
Seal = Callable[[str], str]
"""Turns the XML of an answer into the body of the response."""


class Forged(Exception):  # noqa: N818 - said about the message, which is not ours to answer
    """The signature, the age, the key or the account does not fit."""


@dataclass(frozen=True, slots=True)
class Account:
    """The official account as WeChat's console shows it."""

    appid: str
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    previous_aes_key: str = field(repr=False)
    original_id: str
    mode: Mode


@dataclass(frozen=True, slots=True)
class Opened:
    xml: bytes
    seal: Seal


class Envelope:
    def __init__(self, account: Account, clock: Clock) -> None:
        """Raises ValueError for an AES key that is not 43 characters of Base64."""
        self._account = account
        self._clock = clock
        self._keys = [PrpCrypto(_aes(key)) for key in (account.aes_key, account.previous_aes_key) if key]

    def greet(self, query: Mapping[str, str]) -> str:
        """The ``echostr`` of WeChat's check of our address. Raises Forged."""
        self._check(query, "signature")
        return query.get("echostr", "")

    def open(self, query: Mapping[str, str], body: bytes) -> Opened:
        """The message inside, and how to seal the answer. Raises Forged."""
        if query.get("encrypt_type", "raw") == "aes":
            if self._account.mode == "plain":
                raise Forged("an encrypted message, but the mode is plain")
            return self._decrypt(query, body)
        if self._account.mode not in {"plain", "auto"}:
            # A captured signature of safe mode signs no body: it must not open a door for plain text.
            raise Forged("a plain message, but the mode asks for encryption")
        self._check(query, "signature")
        return Opened(body, _as_it_is)

    def _decrypt(self, query: Mapping[str, str], body: bytes) -> Opened:
        sealed = _encrypted(body)
        self._check(query, "msg_signature", sealed)
        try:
            raw = base64.b64decode(sealed, validate=True)
        except (binascii.Error, ValueError):
            raise Forged("Encrypt is not Base64") from None
        for key in self._keys:
            xml = _unlocked(key, raw, self._account.appid.encode())
            if xml is not None:
                return Opened(xml, self._sealer(key))
        raise Forged("neither the current nor the previous AES key opens it, or it is for another appid")

    def _check(self, query: Mapping[str, str], name: str, *more: str) -> None:
        if not self._account.token:
            # Without a token anybody could sign.
            raise Forged("no token is set: copy it from WeChat's console")
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        expected = sign(self._account.token, timestamp, nonce, *more)
        if not hmac.compare_digest(expected.encode(), _bytes(query.get(name, ""))):
            raise Forged("the signature does not fit: compare the token with WeChat's console")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _LONGEST_TIMESTAMP):
            raise Forged("no timestamp")
        if abs(int(timestamp) - self._clock.now().timestamp()) > LARGEST_SKEW:
            raise Forged("older or newer than ten minutes: check this machine's clock")

    def _sealer(self, key: PrpCrypto) -> Seal:
        appid = self._account.appid.encode()

        def seal(xml: str) -> str:
            text = _locked(key, xml.encode("utf-8", "replace"), appid)
            timestamp, nonce = str(int(self._clock.now().timestamp())), secrets.token_hex(8)
            signature = sign(self._account.token, timestamp, nonce, text)
            return (
                f"<xml><Encrypt><![CDATA[{text}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
                f"<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
            )

        return seal


def sign(*parts: str) -> str:
    return hashlib.sha1(_bytes("".join(sorted(parts))), usedforsecurity=False).hexdigest()


def _bytes(text: str) -> bytes:
    # A query can hold halves of surrogate pairs; they fit no signature, and must not be an error either.
    return text.encode("utf-8", "replace")


def _encrypted(body: bytes) -> str:
    """The text of the last ``Encrypt``: in compatible mode a person's own words stand before it. Raises Forged.

    Plain searches only: this runs before anything is known about the sender, and must not be made slow.
    """
    opening, closing = b"<Encrypt>", b"</Encrypt>"
    start, end = body.rfind(opening), body.rfind(closing)
    if not 0 <= start < end:
        raise Forged("no Encrypt in the body")
    text = body[start + len(opening) : end].strip().removeprefix(b"<![CDATA[").removesuffix(b"]]>")
    return b"".join(text.split()).decode("ascii", "replace")


def _unlocked(key: PrpCrypto, raw: bytes, appid: bytes) -> bytes | None:
    """The message, or ``None`` for another key or another account. The appid at the end proves both.

    wechatpy's own ``decrypt`` takes only clean UTF-8; a message with half a character in it is still a message.
    """
    try:
        plain = bytes(key.cipher.decrypt(raw))
    except ValueError:  # not whole blocks
        return None
    padding = plain[-1] if plain else 0
    if not 1 <= padding <= _BLOCK or len(plain) < _HEAD + padding:
        return None
    end = _HEAD + int.from_bytes(plain[_RANDOM:_HEAD], "big")
    return plain[_HEAD:end] if hmac.compare_digest(plain[end:-padding], appid) else None


def _locked(key: PrpCrypto, xml: bytes, appid: bytes) -> str:
    """The message as WeChat opens it. wechatpy's own ``encrypt`` spends most of its time on drawing 16 letters."""
    plain = b"".join((secrets.token_bytes(_RANDOM), len(xml).to_bytes(_HEAD - _RANDOM, "big"), xml, appid))
    padding = _BLOCK - len(plain) % _BLOCK
    return base64.b64encode(key.cipher.encrypt(plain + bytes((padding,)) * padding)).decode()


def _as_it_is(xml: str) -> str:
    return xml


def _aes(key: str) -> bytes:
    try:
        raw = base64.b64decode(f"{key}=", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _KEY_BYTES:
        raise ValueError("an AES key must be the 43 letters and digits of WeChat's EncodingAESKey")
    return raw


def answer_xml(*, to: str, from_: str, text: str, at: int) -> str:
    """A passive text answer of at most 2,048 bytes; whatever the text holds stays text."""
    return (
        f"<xml><ToUserName>{_cdata(to)}</ToUserName><FromUserName>{_cdata(from_)}</FromUserName>"
        f"<CreateTime>{at}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content>{_cdata(cut_bytes(text))}</Content></xml>"
    )


def _cdata(text: str) -> str:
    return f"<![CDATA[{NOT_IN_XML.sub('', text).replace(']]>', ']]]]><![CDATA[>')}]]>"
