"""The API of WeChat, by the paths and shapes of its documentation."""

from sandbox.api import account, custom, mass, media, menu, mini, people, qrcode, subscribe, template, tokens
from sandbox.api.gate import dispatch

__all__ = [
    "account",
    "custom",
    "dispatch",
    "mass",
    "media",
    "menu",
    "mini",
    "people",
    "qrcode",
    "subscribe",
    "template",
    "tokens",
]
