"""The doctor's look at everything that has to do with WeChat: accounts, keys, clock, and the way in from outside."""

import asyncio
import base64
import binascii
import ipaddress
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import aiohttp

from adapters.clock import SystemClock
from adapters.wechat import MiniProgram, OfficialAccount, WeChatClient
from app.cli_errors import wechat_words
from app.findings import Finding, fine, wrong
from app.settings import Settings
from services.ports import WeChatError

MOST_SKEW = 30
"""Seconds. A signature's age is checked by the minute; half of one leaves room for slow networks."""
_AES_BYTES = 32
_PATIENCE = aiohttp.ClientTimeout(total=8)
_TOKEN = re.compile(r"[A-Za-z0-9]{3,32}")
_WEB_PORTS = (80, 443)
_AT_HOME = (".local", ".localhost", ".internal", ".lan", ".home")


class _NoCache:
    """A token that the doctor fetches is for looking at; it is not kept anywhere."""

    async def get(self, key: str) -> str | None:  # noqa: ARG002
        return None

    async def set(self, key: str, value: str, *, seconds: int) -> None: ...

    async def delete(self, *keys: str) -> None: ...

    async def claim(self, key: str, token: str, *, seconds: int) -> bool:  # noqa: ARG002
        return True

    async def release(self, key: str, token: str) -> None: ...


async def examine(settings: Settings) -> list[Finding]:
    """*settings* as they take effect (with the sandbox's accounts, where it is enabled)."""
    found = _callback(settings)
    credentials, time = await asyncio.gather(_credentials(settings), clock(settings.wechat.api_base))
    return [*found, *_mini_callback(settings), *credentials, time, public_url(settings)]


def _callback(settings: Settings) -> list[Finding]:
    official = settings.wechat.official
    found = []
    token = official.token.get_secret_value()
    if not token:
        found.append(
            wrong("没有设置公众号的 Token", "请把公众平台“服务器配置”里的 Token 填进 WANGGE__WECHAT__OFFICIAL__TOKEN。")
        )
    elif not _TOKEN.fullmatch(token):
        found.append(wrong("公众号的 Token 写法不对", "Token 是 3 到 32 位的英文字母和数字，要和公众平台上填的一样。"))
    else:
        found.append(fine("公众号的 Token 写法正确"))
    if official.mode == "plain":
        found.append(fine("消息用明文模式，不需要 EncodingAESKey"))
        return found
    keys = {
        "encoding_aes_key": official.encoding_aes_key.get_secret_value(),
        "previous_encoding_aes_key": official.previous_encoding_aes_key.get_secret_value(),
    }
    if not keys["encoding_aes_key"]:
        mend = "请把公众平台“服务器配置”里的 EncodingAESKey 填进 WANGGE__WECHAT__OFFICIAL__ENCODING_AES_KEY。"
        return [*found, wrong("没有设置 EncodingAESKey，收不了加密消息", mend)]
    for name, key in keys.items():
        if key and not _is_aes_key(key):
            mend = f"wechat.official.{name} 应该是 43 位英文字母和数字，请到公众平台“服务器配置”整段复制。"
            found.append(wrong("EncodingAESKey 不能用", mend))
        elif key:
            found.append(fine(f"EncodingAESKey 可以用（{name}）"))
    return found


def _mini_callback(settings: Settings) -> list[Finding]:
    """Only what WeChat finds in photos comes there."""
    mini = settings.wechat.miniprogram
    if not settings.safety.wechat:
        return []
    if not mini.token.get_secret_value() or not mini.encoding_aes_key.get_secret_value():
        mend = (
            "请在小程序后台“开发管理 → 消息推送”里填 /wechat/miniprogram/callback，再把那里的 Token 和 EncodingAESKey "
            "填进 WANGGE__WECHAT__MINIPROGRAM__TOKEN 和 WANGGE__WECHAT__MINIPROGRAM__ENCODING_AES_KEY。"
        )
        return [wrong("打开了 safety.wechat，可是小程序的消息推送没有设置，收不到照片的检查结果", mend)]
    return [fine("小程序的消息推送设置好了")]


def _is_aes_key(text: str) -> bool:
    try:
        return len(base64.b64decode(f"{text}=", validate=True)) == _AES_BYTES
    except (binascii.Error, ValueError):
        return False


async def _credentials(settings: Settings) -> list[Finding]:
    official, mini = settings.wechat.official, settings.wechat.miniprogram
    found = []
    if not (official.appid and official.secret.get_secret_value()):
        mend = "请设置 wechat.official.appid 和 WANGGE__WECHAT__OFFICIAL__SECRET，在公众平台“基本配置”里看。"
        found.append(wrong("没有设置公众号的 AppID 或 AppSecret", mend))
    else:
        account = OfficialAccount(official.appid, official.secret.get_secret_value())
        found.append(await _token(settings, "公众号", "official", account))
    if not (mini.appid and mini.secret.get_secret_value()):
        found.append(fine("没有设置小程序（不用小程序就不必设置）"))
    else:
        account = OfficialAccount(mini.appid, mini.secret.get_secret_value())
        found.append(await _token(settings, "小程序", "miniprogram", account))
    return found


async def _token(settings: Settings, name: str, section: str, account: OfficialAccount) -> Finding:
    # One account a client, in the place that the client looks at first: each gets a verdict of its own.
    client = WeChatClient(
        account,
        MiniProgram("", ""),
        api_base=settings.wechat.api_base,
        api_base_fallback=settings.wechat.api_base_fallback,
        cache=_NoCache(),
        clock=SystemClock(),
    )
    try:
        await client.check()
    except WeChatError as error:
        reason = error.reason.removeprefix("official account: ")
        return wrong(f"{name}拿不到接口凭证", wechat_words(error.errcode, reason, section))
    finally:
        await client.close()
    return fine(f"{name}的 AppID 和 AppSecret 正确，拿到了接口凭证")


async def clock(api_base: str) -> Finding:
    try:
        async with aiohttp.ClientSession(timeout=_PATIENCE) as session:
            before = datetime.now(UTC)
            async with session.get(api_base, allow_redirects=False) as answer:
                after = datetime.now(UTC)
                theirs = parsedate_to_datetime(answer.headers.get("Date", ""))
    except (aiohttp.ClientError, OSError, ValueError) as error:
        mend = f"请检查这台服务器能不能上网，域名 {urlsplit(api_base).hostname} 能不能解析。（{type(error).__name__}）"
        return wrong("问不到微信的时间，没法核对时钟", mend)
    # Their header is cut to whole seconds and is written somewhere between our two looks.
    skew = (before + (after - before) / 2 - theirs).total_seconds()
    if abs(skew) > MOST_SKEW:
        way = "快" if skew > 0 else "慢"
        mend = "请打开自动对时（例如 timedatectl set-ntp true）。差太多，微信的消息会被当成过期的。"
        return wrong(f"这台服务器的时钟{way}了 {abs(skew):.0f} 秒", mend)
    return fine("时钟和微信的一致")


def public_url(settings: Settings) -> Finding:
    url = settings.server.public_url
    if settings.sandbox.enabled and not url:
        return fine("正在用模拟的微信，不需要公网地址")
    if not url:
        return wrong("没有设置公网地址", "请把 server.public_url 设成 https://你的域名，微信要从外面访问它。")
    reason = _bad_address(url)
    if reason is not None:
        return wrong(f"公网地址 {url} 不能用", reason)
    return fine(f"公网地址是 {url}，公众平台的服务器地址填 {url.rstrip('/')}/wechat/callback")


def _bad_address(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return "请写成 https://你的域名。"
    if parts.scheme != "https" or not host:
        return "要以 https:// 开头：小程序和微信里的网页只认 https。请写成 https://你的域名。"
    if port not in (None, *_WEB_PORTS):
        return f"微信只会访问 80 和 443 端口，不能用 {port}。请用 Nginx 之类的在 443 上转一下。"
    if parts.query or parts.fragment or parts.username:
        return "只写到域名或路径为止，不要带 ? # @。"
    return _bad_host(host)


def _bad_host(host: str) -> str | None:
    try:
        known = ipaddress.ip_address(host).is_global
    except ValueError:
        known = "." in host and not host.endswith(_AT_HOME)
    return None if known else "这个名字或地址只有本机或内网认得，微信访问不到。请换成公网域名。"
