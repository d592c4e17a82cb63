"""The form by which a phone uploads to OSS (PostObject): its policy, signed with OSS's version 4."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

_VERSION = "OSS4-HMAC-SHA256"


class Signer(Protocol):
    """Whose key signs, and for which bucket."""

    @property
    def bucket(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def key_id(self) -> str: ...
    @property
    def key_secret(self) -> str: ...


def upload_form(by: Signer, key: str, size: int, *, now: datetime, seconds: int) -> Mapping[str, str]:
    """The fields that stand before the file: it may be put under *key* once, of exactly *size* bytes."""
    day, moment = now.strftime("%Y%m%d"), now.strftime("%Y%m%dT%H%M%SZ")
    signed = {
        "x-oss-signature-version": _VERSION,
        "x-oss-credential": f"{by.key_id}/{day}/{by.region}/oss/aliyun_v4_request",
        "x-oss-date": moment,
        "x-oss-forbid-overwrite": "true",
        "success_action_status": "201",
    }
    policy = {
        "expiration": (now + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "conditions": [
            {"bucket": by.bucket},
            ["eq", "$key", key],
            ["content-length-range", size, size],
            *({name: value} for name, value in signed.items()),
        ],
    }
    packed = base64.b64encode(json.dumps(policy).encode()).decode()
    signature = _hmac(_signing_key(by, day), packed).hex()
    return {"key": key, **signed, "policy": packed, "x-oss-signature": signature}


def _signing_key(by: Signer, day: str) -> bytes:
    found = ("aliyun_v4" + by.key_secret).encode()
    for part in (day, by.region, "oss", "aliyun_v4_request"):
        found = _hmac(found, part)
    return found


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
