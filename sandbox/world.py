"""Everything the pretend WeChat consists of, put together."""

from typing import Any

from aiohttp import web

from sandbox.bubbles import Bubble
from sandbox.clock import Clock
from sandbox.conversation import Channel, Conversation, Message
from sandbox.counts import Counts
from sandbox.faults import Faults
from sandbox.logins import Logins
from sandbox.masses import Masses
from sandbox.media import Media
from sandbox.msgids import MsgIds
from sandbox.phones import Phone, Phones
from sandbox.pushes import Pusher
from sandbox.repeats import Repeats
from sandbox.scenes import Scenes
from sandbox.settings import Options
from sandbox.store import Store
from sandbox.templates import Templates
from sandbox.tokens import Tokens


class World:
    """One pretend WeChat: an official account, a mini program, and all the people around them.

    ``base_url`` is where it can be reached (for ``PicUrl``); the server sets it when it knows its port.
    """

    def __init__(self, options: Options) -> None:
        options.check()
        self.options = options
        self.base_url = f"http://{options.host}:{options.port}"
        self.store = Store(options.store)
        self._settings = dict(self.store.items("setting"))
        self.clock = Clock(float(self._settings.get("clock_offset", 0.0)))
        self.msgids = MsgIds()
        self.phones = Phones(self.store, options.official.appid, options.mini.appid)
        self.conversation = Conversation(self.store)
        self.scenes = Scenes(self.store, options.official.appid)
        self.media = Media(self.store)
        self.tokens = Tokens(self.store, options.official, options.mini)
        self.templates = Templates(self.store, options.template_ids)
        self.logins = Logins(self.store)
        self.masses = Masses(self.store)
        self.repeats = Repeats(self.conversation.everything())
        self.clears: dict[str, int] = {}
        self.faults = Faults()
        self.counts = Counts()
        self.pusher = Pusher(options, self.clock, self.conversation, self.media, self.counts)
        self.mini_pusher = Pusher(options.of_mini(), self.clock, self.conversation, self.media, self.counts)

    @property
    def menu(self) -> dict[str, Any] | None:
        """The official account's menu as ``menu/create`` gave it, or None."""
        menu = self._settings.get("menu")
        return menu if isinstance(menu, dict) else None

    @menu.setter
    def menu(self, menu: dict[str, Any] | None) -> None:
        self._set("menu", menu)
        self.conversation.wake_all()

    def move_clock(self) -> None:
        """Remember where the clock was put, and show it to everyone who waits."""
        self._set("clock_offset", self.clock.offset)
        self.conversation.wake_all()

    def show(
        self, phone: Phone, channel: Channel, bubble: Bubble, *, raw: str = "", client_id: str = "", msgid: int = 0
    ) -> Message:
        """Put what the account sends on *phone*'s screen, and count it."""
        self.counts.shown[channel] += 1
        return self.conversation.add(
            phone,
            self.clock.now(),
            "to_phone",
            channel,
            bubble.kind,
            bubble.text,
            content=bubble.content,
            raw=raw,
            client_id=client_id,
            msgid=msgid,
        )

    def envelope(self, phone: Phone, kind: str, **fields: Any) -> dict[str, Any]:
        """The fields of a push from *phone*, the common ones first."""
        return {
            "ToUserName": self.options.original_id,
            "FromUserName": phone.openid,
            "CreateTime": int(self.clock.now()),
            "MsgType": kind,
            **fields,
        }

    def _set(self, name: str, value: object) -> None:
        self._settings[name] = value
        self.store.put("setting", name, value)


WORLD = web.AppKey("world", World)
