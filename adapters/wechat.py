"""WeChat's API: an asynchronous client on wechatpy's API classes (WECHAT.md §2)."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import structlog
from wechatpy.client.api import WeChatMedia, WeChatMenu, WeChatQRCode, WeChatUser, WeChatWxa

from adapters.wechat_errors import TOKEN_REFUSED
from adapters.wechat_tokens import Tokens
from adapters.wechat_wire import PATIENCE, Wire
from domain.delivery import Verdict
from services.ports import Cache, Clock, Follower, Media, MiniLogin, SceneTicket, WeChatError

LONGEST_TEXT = 2048
"""Bytes of UTF-8 in a customer-service message (WECHAT.md §1, code 45002)."""

LINK_DAYS = 30

_WECHATPY_ROOT = "https://api.weixin.qq.com/"
_WECHATPY_DEFAULT_BASE = "https://api.weixin.qq.com/cgi-bin/"
_STABLE_TOKEN = "cgi-bin/stable_token"  # noqa: S105 - a path
_CUSTOM_SEND = "cgi-bin/message/custom/send"
_TEMPLATE_SEND = "cgi-bin/message/template/send"
_WITHOUT_TOKEN = frozenset({"sns/jscode2session"})
# WeChat shows \uXXXX to people as it stands, so nothing is escaped.
_ENCODER = json.JSONEncoder(ensure_ascii=False)
_quoted = json.encoder.encode_basestring

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OfficialAccount:
    """The official account (服务号)."""

    appid: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MiniProgram:
    appid: str
    secret: str = field(repr=False)


class _Account:
    """What wechatpy's API classes take for their client: ``get`` and ``post``, here as coroutines.

    wechatpy's own client fetches tokens without end when one is refused; this one asks for another token once.
    """

    def __init__(
        self, name: str, account: OfficialAccount | MiniProgram, wire: Wire, cache: Cache, clock: Clock
    ) -> None:
        self.name = name
        self.appid = account.appid
        self.secret = account.secret
        self._wire = wire
        self.tokens = Tokens(account.appid, self._ask_for_token, cache=cache, clock=clock)

    @property
    def is_set(self) -> bool:
        return bool(self.appid and self.secret)

    async def get(self, url: str, **given: Any) -> Any:
        return await self._request("GET", url, **given)

    async def post(self, url: str, **given: Any) -> Any:
        return await self._request("POST", url, **given)

    async def post_json(self, path: str, data: Mapping[str, object]) -> Any:
        """Post to a *path* below the API's root."""
        return await self.post_body(path, _encode(data))

    async def post_body(self, path: str, body: bytes) -> Any:
        if not self.is_set:
            raise WeChatError(Verdict.MISCONFIGURED, f"the appid or the secret of the {self.name} is not set")
        return await self._call_with_token("POST", path, {}, body)

    async def _request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, object] | None = None,
        api_base_url: str = _WECHATPY_DEFAULT_BASE,
        result_processor: Callable[[Any], Any] | None = None,
    ) -> Any:
        if not self.is_set:
            raise WeChatError(Verdict.MISCONFIGURED, f"the appid or the secret of the {self.name} is not set")
        path = (api_base_url + url).removeprefix(_WECHATPY_ROOT)
        body = None if data is None else _encode(data)
        if path in _WITHOUT_TOKEN:
            answer = await self._wire.call(method, path, params or {}, body)
        else:
            answer = await self._call_with_token(method, path, params or {}, body)
        return result_processor(answer) if result_processor is not None else answer

    async def _call_with_token(
        self, method: str, path: str, params: Mapping[str, str], body: bytes | None
    ) -> dict[str, Any] | Media:
        token = await self.tokens.get()
        try:
            return await self._wire.call(method, path, {"access_token": token, **params}, body)
        except WeChatError as error:
            if error.errcode not in TOKEN_REFUSED:
                raise
            log.debug("wechat_token_stale", account=self.name, errcode=error.errcode)
        token = await self.tokens.get(stale=token)
        return await self._wire.call(method, path, {"access_token": token, **params}, body)

    async def _ask_for_token(self) -> Mapping[str, object]:
        if not self.is_set:
            raise WeChatError(Verdict.MISCONFIGURED, f"the appid or the secret of the {self.name} is not set")
        asked = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret}
        return _fields(await self._wire.call("POST", _STABLE_TOKEN, {}, _encode(asked)))


class WeChatClient:
    """Fulfils :class:`services.ports.WeChat`. Every method may raise :exc:`services.ports.WeChatError`.

    A call takes 8 s at most (60 s for a download), 3 s of that for connecting; when no connection comes about, the
    fallback host is tried once, and kept for half a minute if it answers. Nothing else is repeated here, except once
    with a new access token when the old one is refused: trying again is the caller's, who knows the verdict.
    """

    def __init__(
        self,
        official: OfficialAccount,
        mini: MiniProgram,
        *,
        api_base: str,
        api_base_fallback: str,
        cache: Cache,
        clock: Clock,
        patience: aiohttp.ClientTimeout = PATIENCE,
    ) -> None:
        """*api_base* is ``https://api.weixin.qq.com`` or the sandbox; *api_base_fallback* may be empty.

        An account may be left empty: then its calls raise MISCONFIGURED. Nothing is connected before the first call.
        """
        self._wire = Wire(api_base, api_base_fallback, clock=clock, patience=patience)
        self._official = _Account("official account", official, self._wire, cache, clock)
        self._mini = _Account("mini program", mini, self._wire, cache, clock)
        self._qrcode = WeChatQRCode(self._official)
        self._user = WeChatUser(self._official)
        self._media = WeChatMedia(self._official)
        self._menu = WeChatMenu(self._official)
        self._wxa = WeChatWxa(self._mini)

    async def close(self) -> None:
        """End what is under way and close all connections."""
        await self._official.tokens.close()
        await self._mini.tokens.close()
        await self._wire.close()

    async def send_text(self, openid: str, text: str) -> None:
        """One customer-service message of at most 2048 bytes of UTF-8; a longer one is refused as FINAL, not cut."""
        if len(text.encode("utf-8", "replace")) > LONGEST_TEXT:
            raise WeChatError(Verdict.FINAL, f"the text is longer than {LONGEST_TEXT} bytes")
        # Past wechatpy's own method, and past the encoder, which takes longer to start than to write: the hottest call.
        body = f'{{"touser": {_quoted(openid)}, "msgtype": "text", "text": {{"content": {_quoted(text)}}}}}'
        await self._official.post_body(_CUSTOM_SEND, body.encode("utf-8", "replace"))

    async def send_template(
        self, openid: str, template_id: str, fields: Mapping[str, str], *, client_id: str, url: str = ""
    ) -> int | None:
        """One template message. A lost answer is LOST_ANSWER here too; with the same *client_id* it may be repeated."""
        # wechatpy's own method knows no client_msg_id.
        message: dict[str, object] = {
            "touser": openid,
            "template_id": template_id,
            "client_msg_id": client_id,
            "data": {name: {"value": value} for name, value in fields.items()},
        }
        if url:
            message["url"] = url
        return _number(await self._official.post_json(_TEMPLATE_SEND, message), "msgid")

    async def send_subscription(
        self, openid: str, template_id: str, fields: Mapping[str, str], *, mini: bool, page: str = ""
    ) -> None:
        """One subscription message; CHANNEL_CLOSED (43101) when the person has not agreed to one, or it is used up."""
        # wechatpy knows neither; both take the same shape, and "page" is a page of the mini program.
        message: dict[str, object] = {
            "touser": openid,
            "template_id": template_id,
            "data": {name: {"value": value} for name, value in fields.items()},
        }
        if page:
            message["page"] = page
        if mini:
            await self._mini.post("message/subscribe/send", data=message)
        else:
            await self._official.post("message/subscribe/bizsend", data=message)

    async def send_mass(self, openids: Sequence[str], text: str, *, client_id: str) -> int | None:
        """The same words to 2–10,000 followers. Taken before under this *client_id* (45065) is taken."""
        message: dict[str, object] = {
            "touser": list(openids),
            "msgtype": "text",
            "text": {"content": text},
            "clientmsgid": client_id,
        }
        return _number(await self._official.post("message/mass/send", data=message), "msg_id")

    async def mass_status(self, msg_id: int) -> str:
        """What has become of a mass message; raises WeChatError."""
        answer = _fields(await self._official.post("message/mass/get", data={"msg_id": msg_id}))
        return _text(answer, "msg_status")

    async def create_scene(self, scene: str) -> SceneTicket:
        """A permanent QR scene; *scene* has 1 to 64 characters, and an account has at most 100,000 of them."""
        wanted = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}}
        answer = _fields(await self._qrcode.create(wanted))
        return SceneTicket(_text(answer, "ticket"), _text(answer, "url"))

    async def create_passing_scene(self, scene: str, *, seconds: int) -> SceneTicket:
        """A QR scene of 1 to 64 characters that WeChat forgets after *seconds*, 2,592,000 at most."""
        action = {"scene": {"scene_str": scene}}
        wanted = {"action_name": "QR_STR_SCENE", "expire_seconds": seconds, "action_info": action}
        answer = _fields(await self._qrcode.create(wanted))
        return SceneTicket(_text(answer, "ticket"), _text(answer, "url"))

    async def mini_code(self, scene: str, *, page: str, env_version: str) -> bytes:
        """A mini program's code of 1 to 32 characters. A page that is not published yet is taken outside of release."""
        asked: dict[str, object] = {"scene": scene, "env_version": env_version, "check_path": env_version == "release"}
        if page:
            asked["page"] = page.lstrip("/")
        # wechatpy's own method knows neither env_version nor check_path.
        answer = await self._mini.post("wxa/getwxacodeunlimit", data=asked, api_base_url=_WECHATPY_ROOT)
        if not isinstance(answer, Media):
            raise WeChatError(Verdict.RETRY, "WeChat's answer is not a picture")
        return answer.data

    async def mini_link(self, page: str, query: str, *, env_version: str) -> str:
        """A URL Link, valid for the 30 days that WeChat allows at most; *query* has at most 1,024 characters."""
        asked = {
            "path": page,
            "query": query,
            "env_version": env_version,
            "expire_type": 1,
            "expire_interval": LINK_DAYS,
        }
        answer = _fields(await self._mini.post("wxa/generate_urllink", data=asked, api_base_url=_WECHATPY_ROOT))
        return _text(answer, "url_link")

    async def follower(self, openid: str) -> Follower:
        answer = _fields(await self._user.get(openid))
        return Follower(_text(answer, "openid"), bool(answer.get("subscribe")), answer.get("unionid") or None)

    async def download(self, media_id: str) -> Media:
        """A temporary medium; one of more than 20 MB is refused as FINAL.

        Of a video WeChat gives the address only; it is followed.
        """
        answer = await self._media.download(media_id)
        return answer if isinstance(answer, Media) else await self._wire.fetch(_text(answer, "video_url"))

    async def login(self, code: str) -> MiniLogin:
        """Exchange a ``wx.login`` code; FINAL with 40029, 40163 or 40226 when WeChat does not take it."""
        answer = _fields(await self._wxa.code_to_session(code))
        return MiniLogin(_text(answer, "openid"), answer.get("unionid") or None)

    async def phone_number(self, code: str) -> str:
        """Exchange a ``getPhoneNumber`` code (single use, five minutes) for the number, with area code if foreign."""
        # wechatpy knows no method for it.
        path, asked = "wxa/business/getuserphonenumber", {"code": code}
        answer = _fields(await self._mini.post(path, data=asked, api_base_url=_WECHATPY_ROOT))
        return _text(answer.get("phone_info"), "phoneNumber")

    async def post_mini(self, path: str, asked: Mapping[str, object]) -> Any:
        """A call of the mini program's API that has no method of its own."""
        return await self._mini.post(path, data=asked, api_base_url=_WECHATPY_ROOT)

    async def set_menu(self, menu: Mapping[str, object]) -> None:
        await self._menu.create(menu)

    async def check(self) -> None:
        """Fetch a token of the official account, and of the mini program if it is set up, whatever is known already."""
        for account in (self._official, self._mini):
            if account is self._mini and not account.is_set:
                continue
            try:
                await account.tokens.check()
            except WeChatError as error:
                raise WeChatError(error.verdict, f"{account.name}: {error.reason}", error.errcode) from None


def _encode(data: Mapping[str, object]) -> bytes:
    return _ENCODER.encode(data).encode("utf-8", "replace")  # half a surrogate pair becomes a question mark


def _fields(answer: object) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise WeChatError(Verdict.RETRY, "WeChat's answer is not what was asked for")
    return answer


def _number(answer: object, name: str) -> int | None:
    value = answer.get(name) if isinstance(answer, dict) else None
    return value if isinstance(value, int) and 0 < value < 2**63 else None


def _text(answer: object, name: str) -> str:
    value = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(value, str) or not value:
        raise WeChatError(Verdict.RETRY, f"WeChat's answer holds no {name}")
    return value
