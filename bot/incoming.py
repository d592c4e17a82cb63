"""A message from WeChat, read out of its XML: every field is text that somebody else has written."""

import hashlib
import re
from dataclasses import dataclass
from xml.etree import ElementTree as ET

NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ILLEGAL_REFERENCE = re.compile(r"&#(?:x0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F])|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]));")
_BEFORE_ROOT = re.compile(r"\ufeff?\s*(?:<\?xml[^<>]*\?>)?\s*")
LONGEST_TEXT = 20_000
"""Characters. WeChat takes far fewer from a person; this only bounds what a broken sender can store."""
LONGEST_OPENID = 64
LONGEST_MEDIA_ID = 128


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message or event. Missing fields are empty, never absent."""

    to: str
    openid: str
    kind: str
    created: str
    msg_id: str = ""
    text: str = ""
    media_id: str = ""
    event: str = ""
    event_key: str = ""
    latitude: float | None = None
    longitude: float | None = None
    extra: str = ""
    """What tells apart two events of the same second: MsgID, trace_id, ticket, or all of the XML where it has none."""

    def key(self, appid: str) -> str:
        """The same for each of WeChat's retries, and for nothing else.

        MsgId alone is not enough (it is reused across users), nor is sender and second for events.
        """
        parts = (appid, self.openid, self.created, self.msg_id, self.event, self.event_key, self.extra)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def read(xml: bytes) -> Incoming | None:
    """Read a message; ``None`` when it cannot be one. Never raises, whatever the bytes are."""
    text = NOT_IN_XML.sub("", xml.decode("utf-8", "replace"))
    if "&#" in text:
        text = _ILLEGAL_REFERENCE.sub("", text)
    fields = _parsed(text) or _salvaged(text)
    kind, openid = fields.get("MsgType", "").lower(), fields.get("FromUserName", "")
    if not kind or not openid or len(openid) > LONGEST_OPENID:
        return None
    media_id = fields.get("MediaId", "")
    msg_id, event_key = fields.get("MsgId", ""), fields.get("EventKey", "")
    extra = "|".join(fields.get(name, "") for name in ("MsgID", "trace_id", "Ticket", "Status")).strip("|")
    if not (msg_id or event_key or extra):
        extra = hashlib.sha256(xml).hexdigest()
    return Incoming(
        to=fields.get("ToUserName", ""),
        openid=openid,
        kind=kind,
        created=fields.get("CreateTime", ""),
        msg_id=msg_id,
        text=_words(kind, fields)[:LONGEST_TEXT],
        media_id=media_id if len(media_id) <= LONGEST_MEDIA_ID else "",
        event=fields.get("Event", "").lower() if kind == "event" else "",
        event_key=event_key,
        latitude=_degrees(fields.get("Location_X", ""), 90),
        longitude=_degrees(fields.get("Location_Y", ""), 180),
        extra=extra,
    )


def _words(kind: str, fields: dict[str, str]) -> str:
    match kind:
        case "text":
            return fields.get("Content", "")
        case "voice":
            return fields.get("Recognition", "")
        case "link":
            return f"{fields.get('Title', '')} {fields.get('Url', '')}".strip()
        case "location":
            return fields.get("Label", "")
    return ""


def _parsed(text: str) -> dict[str, str]:
    """The elements below the root; empty when it is no XML, or opens with a document type.

    The first of a name counts: what WeChat writes about the sender stands before the sender's own words, so nobody can
    type themselves into somebody else.
    """
    before = _BEFORE_ROOT.match(text)
    if before is None or not text.startswith("<xml", before.end()):
        return {}
    try:
        root = ET.fromstring(text[before.end() :])  # noqa: S314 - it begins with the root, so nothing is declared
    except (ET.ParseError, ValueError):
        return {}
    fields: dict[str, str] = {}
    for child in root:
        fields.setdefault(child.tag, (child.text or "").strip())
    return fields


def listed(xml: bytes) -> list[dict[str, str]]:
    """The fields of each ``<List>`` two levels below the root, as subscription events have them; never raises."""
    text = NOT_IN_XML.sub("", xml.decode("utf-8", "replace"))
    before = _BEFORE_ROOT.match(text)
    if before is None or not text.startswith("<xml", before.end()):
        return []
    try:
        root = ET.fromstring(text[before.end() :])  # noqa: S314 - it begins with the root, so nothing is declared
    except (ET.ParseError, ValueError):
        return []
    return [{field.tag: (field.text or "").strip() for field in one} for one in root.iterfind("*/List")]


def counted(xml: bytes, name: str) -> int:
    """A number of an event, as ``SentCount``; 0 when there is none."""
    text = _parsed(NOT_IN_XML.sub("", xml.decode("utf-8", "replace"))).get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < _DIGITS else 0


_DIGITS = 10


_SALVAGED = ("ToUserName", "FromUserName", "CreateTime", "MsgType", "Event", "EventKey", "MsgId", "MediaId")
_OWN_WORDS = ("Content", "Recognition")


def _salvaged(text: str) -> dict[str, str]:
    """What can still be read of broken XML: better a plain text kept than a resident unheard.

    Only what stands before the sender's own words is believed, and the words reach to their last closing tag.
    """
    if "<!DOCTYPE" in text.partition("<MsgType")[0]:
        return {}
    opened = [at for at in (text.find(f"<{name}>") for name in _OWN_WORDS) if at >= 0]
    head = text[: min(opened, default=len(text))]
    found = {name: _between(head, f"<{name}>", f"</{name}>") for name in _SALVAGED}
    for name in _OWN_WORDS:
        start, end = text.find(f"<{name}>"), text.rfind(f"</{name}>")
        if 0 <= start < end:
            found[name] = _uncased(text[start + len(name) + 2 : end])
            found["MsgId"] = found["MsgId"] or _between(text[end:], "<MsgId>", "</MsgId>")
    return {name: value for name, value in found.items() if value}


def _between(text: str, opening: str, closing: str) -> str:
    start = text.find(opening)
    end = text.find(closing, start) if start >= 0 else -1
    return _uncased(text[start + len(opening) : end]) if end >= 0 else ""


def _uncased(text: str) -> str:
    return text.strip().removeprefix("<![CDATA[").removesuffix("]]>").strip()


def _degrees(text: str, most: int) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if -most <= value <= most else None
