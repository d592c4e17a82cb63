"""What one message looks like on the phone: its kind, its plain words, and what its kind needs to be drawn."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sandbox.media import Medium


class Bubble(NamedTuple):
    """``text`` says the same as ``content`` in plain words, for people who read a transcript."""

    kind: str
    text: str
    content: dict[str, Any]


def words(text: str, menu_id: str = "") -> Bubble:
    return Bubble("text", text, {"text": text} | ({"menu_id": menu_id} if menu_id else {}))


def line(text: str) -> Bubble:
    """A grey line in the middle, said by nobody."""
    return Bubble("line", text, {"text": text})


def failure(text: str) -> Bubble:
    return Bubble("failure", text, {"text": text})


def image(medium: Medium) -> Bubble:
    return Bubble("image", "[图片]", {"media_id": medium.id, "url": medium.path})


def voice(medium: Medium, seconds: int = 0, recognition: str = "") -> Bubble:
    text = f"[语音] {recognition}".rstrip()
    content = {"media_id": medium.id, "url": medium.path, "seconds": seconds, "recognition": recognition}
    return Bubble("voice", text, content)


def video(medium: Medium, title: str = "", description: str = "") -> Bubble:
    content = {"media_id": medium.id, "url": medium.path, "title": title, "description": description}
    return Bubble("video", f"[视频] {title}".rstrip(), content)


def place(latitude: float, longitude: float, label: str) -> Bubble:
    content = {"latitude": latitude, "longitude": longitude, "label": label}
    return Bubble("location", f"[位置] {label}".rstrip(), content)


def link(title: str, description: str, url: str) -> Bubble:
    return Bubble("link", f"[链接] {title}", {"title": title, "description": description, "url": url})


def news(articles: list[dict[str, str]]) -> Bubble:
    text = "\n".join(f"[图文] {one['title']}" for one in articles)
    return Bubble("news", text, {"articles": articles})


def article(given: Mapping[str, Any]) -> dict[str, str]:
    """One article; the passive reply writes its names with capitals, the API without."""
    names = ("title", "description", "url", "picurl")
    by_name = {str(key).lower(): value for key, value in given.items()}
    return {name: str(by_name.get(name) or "") for name in names}


def music(title: str, description: str, url: str) -> Bubble:
    return Bubble("music", f"[音乐] {title}", {"title": title, "description": description, "url": url})


def choices(head: str, items: list[dict[str, str]], tail: str) -> Bubble:
    """A menu inside the chat: a tap on an item says its words."""
    text = "\n".join(part for part in (head, *(f"· {one['content']}" for one in items), tail) if part)
    return Bubble("msgmenu", text, {"head": head, "items": items, "tail": tail})


def mini_page(title: str, appid: str, pagepath: str, thumb: str = "") -> Bubble:
    content = {"title": title, "appid": appid, "pagepath": pagepath, "thumb": thumb}
    return Bubble("miniprogrampage", f"[小程序] {title}", content)
