"""Signatures and encryption of the callback, from the official description of "消息加解密".

AES-256-CBC with the first half of the key as IV, PKCS#7 to blocks of 32 bytes, around
``16 random bytes + length (4 bytes, big-endian) + message + appid``.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher as AesCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes

from sandbox.settings import decode_aes_key

BLOCK = 32
RANDOM = 16
HEAD = RANDOM + 4


class Unreadable(Exception):  # noqa: N818 - a plain fact, like every error here
    """An encrypted text does not open; the message says at which step."""


def signature(*parts: str) -> str:
    """sha1 over the sorted parts, as the callback's ``signature`` and ``msg_signature``."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def matches(given: str, *parts: str) -> bool:
    return hmac.compare_digest(given.encode(), signature(*parts).encode())


class Cipher:
    """Opens and closes messages of one account."""

    def __init__(self, aes_key: str, appid: str) -> None:
        self._key = decode_aes_key(aes_key)
        self._appid = appid.encode()

    def encrypt(self, message: str) -> str:
        body = message.encode("utf-8", "replace")
        plain = secrets.token_bytes(RANDOM) + struct.pack(">I", len(body)) + body + self._appid
        padding = BLOCK - len(plain) % BLOCK
        encryptor = self._aes().encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()

    def decrypt(self, text: str) -> str:
        """Return the message, or raise :exc:`Unreadable`."""
        try:
            decryptor = self._aes().decryptor()
            plain = decryptor.update(base64.b64decode(text, validate=True)) + decryptor.finalize()
        except (binascii.Error, ValueError) as error:
            raise Unreadable(f"Encrypt is not AES-CBC in base64: {error}") from error
        padding = plain[-1] if plain else 0
        if not 1 <= padding <= BLOCK or len(plain) < HEAD + padding:
            raise Unreadable("the padding is not PKCS#7 with blocks of 32 bytes (wrong AES key?)")
        plain = plain[:-padding]
        (length,) = struct.unpack(">I", plain[RANDOM:HEAD])
        if plain[HEAD + length :] != self._appid:
            raise Unreadable("the appid inside is not this account's")
        try:
            return plain[HEAD : HEAD + length].decode()
        except UnicodeDecodeError as error:
            raise Unreadable("the message inside is not UTF-8") from error

    def _aes(self) -> AesCipher[modes.CBC]:
        return AesCipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))
