"""What a person can do with the phone. Each puts it on the screen, moves the windows, and pushes it to the account."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from sandbox import bubbles, envelope, pictures
from sandbox.bubbles import Bubble
from sandbox.conversation import Channel, Message
from sandbox.media import LIMITS
from sandbox.phones import Phone
from sandbox.pushes import Push
from sandbox.refusals import NotPossible
from sandbox.scenes import Scene
from sandbox.world import World

DEFAULT_SECONDS = 3
LONGEST_VOICE_SECONDS = 60


@dataclass(slots=True)
class Done:
    """One thing done: what stands on the person's screen, and the push that is on its way (if one is)."""

    message: Message | None
    push: asyncio.Task[Push] | None


class Actions:
    """The hands of all people."""

    def __init__(self, world: World) -> None:
        self._world = world

    def say(self, phone: Phone, text: str, menu_id: str = "") -> Done:
        if not text:
            raise NotPossible("还没写内容呢。", HTTPStatus.BAD_REQUEST)
        more = {"bizmsgmenuid": menu_id} if menu_id else {}
        return self._write(phone, "text", bubbles.words(text, menu_id), Content=text, **more)

    def photo(self, phone: Phone, body: bytes = b"", name: str = "") -> Done:
        """Send a picture; without one, a street at dusk is drawn."""
        self._must_follow(phone)
        _fits("image", body)
        medium = self._world.media.keep(
            "image", body or pictures.street(self._world.msgids.next()), self._world.clock.now(), name
        )
        url = f"{self._world.base_url}{medium.path}"
        return self._write(phone, "image", bubbles.image(medium), PicUrl=url, MediaId=medium.id)

    def voice(self, phone: Phone, recognition: str = "", seconds: int = DEFAULT_SECONDS, body: bytes = b"") -> Done:
        """Say something; *recognition* is what WeChat understands of it."""
        self._must_follow(phone)
        if not 1 <= seconds <= LONGEST_VOICE_SECONDS:
            raise NotPossible("语音要在 1 到 60 秒之间。", HTTPStatus.BAD_REQUEST)
        _fits("voice", body)
        medium = self._world.media.keep("voice", body or pictures.silence(seconds), self._world.clock.now())
        bubble = bubbles.voice(medium, seconds, recognition)
        return self._write(phone, "voice", bubble, MediaId=medium.id, Format="amr", Recognition=recognition)

    def video(self, phone: Phone, body: bytes = b"") -> Done:
        self._must_follow(phone)
        _fits("video", body)
        now = self._world.clock.now()
        medium = self._world.media.keep("video", body or pictures.film(), now)
        thumb = self._world.media.keep("thumb", pictures.street(medium.size), now)
        return self._write(phone, "video", bubbles.video(medium), MediaId=medium.id, ThumbMediaId=thumb.id)

    def place(self, phone: Phone, latitude: float, longitude: float, label: str, scale: int = 16) -> Done:
        bubble = bubbles.place(latitude, longitude, label)
        return self._write(
            phone, "location", bubble, Location_X=latitude, Location_Y=longitude, Scale=scale, Label=label
        )

    def link(self, phone: Phone, title: str, description: str, url: str) -> Done:
        bubble = bubbles.link(title, description, url)
        return self._write(phone, "link", bubble, Title=title, Description=description, Url=url)

    def follow(self, phone: Phone) -> Done:
        """Follow without a code, as from a search."""
        if phone.following:
            raise NotPossible(f"{phone.name}已经关注了。")
        self._start_following(phone, "")
        return self._event(phone, "subscribe", bubbles.line("你关注了公众号"), EventKey="")

    def unfollow(self, phone: Phone) -> Done:
        self._must_follow(phone)
        phone.following = False
        phone.windows.close()
        done = self._event(phone, "unsubscribe", bubbles.line("你取消了关注"), quiet=True, EventKey="")
        self._world.phones.keep(phone)
        return done

    def scan(self, phone: Phone, code: str) -> Done:
        """Scan a code, named by its scene, ticket or url: follows first when not yet following."""
        scene = self._find(code)
        key, event = scene.scene, "SCAN"
        text = f"你扫了二维码「{scene.scene}」"
        if phone.following:
            phone.windows.tapped(self._world.clock.now())
            self._world.phones.keep(phone)
        else:
            self._start_following(phone, scene.scene)
            key, event, text = f"qrscene_{scene.scene}", "subscribe", text + "，关注了公众号"
        return self._event(phone, event, bubbles.line(text), EventKey=key, Ticket=scene.ticket)

    def tap(self, phone: Phone, button: dict[str, Any]) -> Done:
        """Tap a menu button, given as ``menu/create`` has it."""
        self._must_follow(phone)
        line = bubbles.line(f"你点了菜单「{button.get('name') or button.get('key') or button.get('url')}」")
        if button.get("type") == "view":
            return self._event(phone, "VIEW", line, quiet=True, EventKey=str(button.get("url", "")))
        if button.get("type") == "miniprogram":
            path = str(button.get("pagepath", ""))
            return self._event(phone, "view_miniprogram", line, quiet=True, EventKey=path)
        phone.windows.tapped(self._world.clock.now())
        self._world.phones.keep(phone)
        return self._event(phone, "CLICK", line, EventKey=str(button.get("key", "")))

    def report_location(self, phone: Phone, latitude: float, longitude: float, precision: float) -> Done:
        """What the phone tells by itself when the chat is opened; the screen shows nothing."""
        self._must_follow(phone)
        fields = self._world.envelope(
            phone, "event", Event="LOCATION", Latitude=latitude, Longitude=longitude, Precision=precision
        )
        return Done(None, self._world.pusher.send(phone, fields, complains=False))

    def subscribe(self, phone: Phone, app: str, template_ids: list[str], *, accept: bool) -> Done:
        """Answer the question whether the person wants one message of each template.

        The mini program's own push address is not imitated, so only the official account hears of it.
        """
        if accept:
            owned = dict(phone.subscriptions or {})
            for template_id in template_ids:
                owned[f"{app}:{template_id}"] = owned.get(f"{app}:{template_id}", 0) + 1
            phone.subscriptions = owned
            self._world.phones.keep(phone)
        if app == "mini":
            return Done(None, None)
        answer = "accept" if accept else "reject"
        asked = [
            {"TemplateId": template_id, "SubscribeStatusString": answer, "PopupScene": 0}
            for template_id in template_ids
        ]
        fields = self._world.envelope(
            phone, "event", Event="subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": asked}
        )
        return Done(None, self._world.pusher.send(phone, fields, replies=False, complains=False))

    def _write(self, phone: Phone, kind: str, bubble: Bubble, **fields: Any) -> Done:
        self._must_follow(phone)
        phone.windows.said(self._world.clock.now())
        self._world.phones.keep(phone)
        msgid = self._world.msgids.next()
        pushed = self._world.envelope(phone, kind, **fields, MsgId=msgid)
        message = self._mine(phone, "user", bubble, pushed)
        return Done(message, self._world.pusher.send(phone, pushed))

    def _event(self, phone: Phone, event: str, bubble: Bubble, *, quiet: bool = False, **fields: Any) -> Done:
        pushed = self._world.envelope(phone, "event", Event=event, **fields)
        message = self._mine(phone, "event", bubble, pushed)
        return Done(message, self._world.pusher.send(phone, pushed, replies=not quiet, complains=not quiet))

    def _mine(self, phone: Phone, channel: Channel, bubble: Bubble, pushed: dict[str, Any]) -> Message:
        return self._world.conversation.add(
            phone,
            self._world.clock.now(),
            "to_account",
            channel,
            bubble.kind,
            bubble.text,
            content=bubble.content,
            raw=envelope.write(pushed),
            msgid=int(pushed.get("MsgId", 0)),
        )

    def _start_following(self, phone: Phone, scene: str) -> None:
        now = self._world.clock.now()
        phone.following, phone.followed_at, phone.scene = True, now, scene
        phone.windows.tapped(now)
        self._world.phones.keep(phone)

    def _must_follow(self, phone: Phone) -> None:
        if not phone.following:
            raise NotPossible(f"{phone.name}还没关注公众号，先扫一扫或点「关注」。")

    def _find(self, code: str) -> Scene:
        scene = self._world.scenes.find(code)
        if scene is None:
            raise NotPossible(f"「{code}」不是这个公众号的二维码。", HTTPStatus.NOT_FOUND)
        if not scene.live(self._world.clock.now()):
            raise NotPossible("这个二维码已经过期了。", HTTPStatus.GONE)
        return scene


def _fits(kind: str, body: bytes) -> None:
    if len(body) > LIMITS[kind]:
        raise NotPossible(f"文件太大了，最多 {LIMITS[kind] // 1024 // 1024} MB。", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
