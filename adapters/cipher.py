"""Encrypts what identifies a person (name, phone, address) before it goes into a column."""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = "v1"
KEY_BYTES = 32
NONCE_BYTES = 12
_KEY_ID_BYTES = 4


class BadKey(ValueError):  # noqa: N818 - named by the fact
    """A key in the settings is not 32 bytes in base64; the message never holds the key."""


class CannotOpen(Exception):  # noqa: N818 - named by the fact
    """A sealed text cannot be read: see the two kinds below, or it was never sealed by us."""


class UnknownKey(CannotOpen):
    """It was sealed with a key that is not in the ring (any more)."""


class Altered(CannotOpen):
    """The text was changed after it was sealed, or the key that bears this id is another one."""


class FieldCipher:
    """AES-256-GCM with a ring of keys: the first seals, every one opens. Fulfils :class:`services.ports.Cipher`.

    A sealed text reads ``v1.<key id>.<base64url of nonce and ciphertext>``; version and key id are authenticated too.

    To rotate, put the new key in front and leave the old one in its place. The *last* key makes the index, because an
    index must stay the same as long as rows hold it: before the last key may go, every row is sealed and indexed anew.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        """*keys* are 32 bytes each, newest first; raises BadKey."""
        if not keys:
            raise BadKey("there is no key for personal data; make one with new_key()")
        for number, key in enumerate(keys, start=1):
            if len(key) != KEY_BYTES:
                raise BadKey(f"key {number} for personal data has {len(key)} bytes, not {KEY_BYTES}")
        self._ring = {_key_id(key): AESGCM(_derive(key, b"seal", KEY_BYTES)) for key in keys}
        self._newest = _key_id(keys[0])
        self._index_key = _derive(keys[-1], b"index", KEY_BYTES)
        self._next_index_key = _derive(keys[0], b"index", KEY_BYTES)

    @classmethod
    def from_keys(cls, keys: Sequence[str]) -> Self:
        """From base64 texts of 32 bytes each (either alphabet), newest first; raises BadKey."""
        return cls([_decode_key(text, number) for number, text in enumerate(keys, start=1)])

    @staticmethod
    def new_key() -> str:
        """A fresh random key in base64, to be kept with the secrets."""
        return base64.b64encode(os.urandom(KEY_BYTES)).decode()

    def seal(self, text: str) -> str:
        """Encrypt *text*; the same text seals to something else each time."""
        nonce = os.urandom(NONCE_BYTES)
        header = f"{VERSION}.{self._newest}"
        sealed = self._ring[self._newest].encrypt(nonce, text.encode(), header.encode())
        return f"{header}.{base64.urlsafe_b64encode(nonce + sealed).decode().rstrip('=')}"

    def open(self, sealed: str) -> str:
        """Give back what was sealed; raises UnknownKey, Altered or CannotOpen."""
        version, dot, rest = sealed.partition(".")
        key_id, second_dot, body = rest.partition(".")
        if version != VERSION or not dot or not second_dot:
            raise CannotOpen("this is not a sealed text")
        key = self._ring.get(key_id)
        if key is None:
            raise UnknownKey(f"sealed with key {key_id[:16]!r}, which is not among the keys for personal data")
        packed = _decode_body(body)
        try:
            opened = key.decrypt(packed[:NONCE_BYTES], packed[NONCE_BYTES:], f"{version}.{key_id}".encode())
        except (InvalidTag, ValueError) as error:
            raise Altered(f"what was sealed with key {key_id} has been altered") from error
        return opened.decode()

    def index(self, text: str) -> str:
        """A keyed hash of *text* (64 hex digits), equal for equal texts, by which a sealed column can be searched."""
        return hmac.new(self._index_key, text.encode(), hashlib.sha256).hexdigest()

    @property
    def newest(self) -> str:
        """How everything begins that the first key has sealed."""
        return f"{VERSION}.{self._newest}."

    def index_by_newest(self, text: str) -> str:
        """What :meth:`index` gives once the first key is the only one."""
        return hmac.new(self._next_index_key, text.encode(), hashlib.sha256).hexdigest()


def _derive(key: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=b"wangge field cipher " + purpose).derive(key)


def _key_id(key: bytes) -> str:
    return _derive(key, b"key id", _KEY_ID_BYTES).hex()


def _decode_key(text: str, number: int) -> bytes:
    plain = text.strip().replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise BadKey(f"key {number} for personal data is not base64") from None


def _decode_body(body: str) -> bytes:
    """Strict: one sealed text has exactly one spelling, so that no changed letter goes unnoticed."""
    try:
        packed = base64.b64decode(body.replace("-", "+").replace("_", "/") + "=" * (-len(body) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Altered("a sealed text is not whole") from None
    if base64.urlsafe_b64encode(packed).decode().rstrip("=") != body:
        raise Altered("a sealed text is not spelled as it was")
    return packed
