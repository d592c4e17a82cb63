"""One HTTP call to WeChat: where it goes, how long it may take, and what to think of it when it fails."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import structlog

from adapters.wechat_errors import ALREADY_ACCEPTED, refusal
from adapters.wechat_lines import Answer, Lines, NotConnected, address
from domain.delivery import Verdict
from services.ports import Clock, Media, WeChatError

CONNECTIONS = 260
"""As many as one process sends messages at once (services.deliveries), and a few."""
# The limit on "connect" lies well below "total": a call that ends by "total" has therefore been sent.
PATIENCE = aiohttp.ClientTimeout(total=8, connect=3, sock_connect=3, sock_read=6)
PATIENCE_FOR_MEDIA = aiohttp.ClientTimeout(total=60, connect=3, sock_connect=3, sock_read=6)
LARGEST_MEDIUM = 20 * 1024 * 1024
REMEMBER_HOST = timedelta(seconds=30)

SENDS = frozenset(
    f"cgi-bin/message/{call}"
    for call in ("custom/send", "template/send", "subscribe/bizsend", "subscribe/send", "mass/send")
)
"""The calls that reach a person: when the answer is lost, nobody knows whether the message is."""
DOWNLOAD = "cgi-bin/media/get"
_PICTURES = frozenset({DOWNLOAD, "wxa/getwxacodeunlimit"})
"""The calls whose answer is bytes, and JSON only where WeChat refuses."""
_TOKEN_ONLY = {"access_token"}
_JSON = {"Content-Type": "application/json"}
_SHORT = 40
"""Bytes of an answer that may be heard again; longer ones hold a number of their own."""
# WeChat puts people's names into its answers as they are, control characters and all.
_DECODER = json.JSONDecoder(strict=False)

log = structlog.get_logger(__name__)


class _NotSent(Exception):  # noqa: N818 - never leaves this file
    """No connection came about, so WeChat has heard nothing and another host may be asked."""


class Wire:
    """One pool of connections to WeChat, and the second host for when the first cannot be reached."""

    def __init__(self, base: str, fallback: str, *, clock: Clock, patience: aiohttp.ClientTimeout = PATIENCE) -> None:
        """*base* and *fallback* are ``https://host``, with or without a path; *fallback* may be empty.

        *patience* must give connecting less time than the whole, see above.
        """
        self._base = base.rstrip("/")
        self._fallback = fallback.rstrip("/")
        self._clock = clock
        self._patience = patience
        self._lines = Lines(CONNECTIONS, total=patience.total or 8, connect=patience.connect or 3)
        self._moved_at: datetime | None = None
        self._session: aiohttp.ClientSession | None = None

    async def call(
        self, method: str, path: str, params: Mapping[str, str], body: bytes | None = None
    ) -> dict[str, Any] | Media:
        """Ask WeChat and return its answer: a JSON object without an error, or for ``media/get`` the medium.

        Raises WeChatError. Its verdict is LOST_ANSWER only where the message may have reached the person.
        """
        first, second = self._hosts()
        try:
            return await self._call_at(first, method, path, params, body)
        except _NotSent as failure:
            if not second:
                raise WeChatError(Verdict.RETRY, str(failure)) from None
            log.warning("wechat_host_unreachable", reason=str(failure), next=_host(second))
            reason = str(failure)
        try:
            answer = await self._call_at(second, method, path, params, body)
        except _NotSent as failure:
            raise WeChatError(Verdict.RETRY, f"{reason}; {failure}") from None
        except WeChatError:
            self._remember(second)  # it refused, but it answered
            raise
        self._remember(second)
        return answer

    async def fetch(self, url: str) -> Media:
        """Download from an address that WeChat gave us; raises WeChatError."""
        if not url.startswith(("https://", "http://")):
            raise WeChatError(Verdict.FINAL, "WeChat gave an address that is not on the web")
        try:
            status, media_type, body = await self._exchange("GET", url, DOWNLOAD, {}, None)
        except _NotSent as failure:
            raise WeChatError(Verdict.RETRY, str(failure)) from None
        if status != HTTPStatus.OK:
            raise WeChatError(Verdict.RETRY, f"the medium's address answers with HTTP status {status}")
        return Media(body, media_type)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
        await self._lines.close()

    def _hosts(self) -> tuple[str, str]:
        if self._moved_at is not None:
            if timedelta() <= self._clock.now() - self._moved_at < REMEMBER_HOST:
                return self._fallback, self._base
            self._moved_at = None
        return self._base, self._fallback

    def _remember(self, host: str) -> None:
        self._moved_at = self._clock.now() if host == self._fallback else None

    async def _call_at(
        self, host: str, method: str, path: str, params: Mapping[str, str], body: bytes | None
    ) -> dict[str, Any] | Media:
        url = f"{host}/{path}"
        if path in SENDS and method == "POST" and body is not None and params.keys() == _TOKEN_ONLY:
            said = await self._send(url, path, params["access_token"], body)
            return _understand(path, said.status, said.media_type, said.body)
        status, media_type, answer = await self._exchange(method, url, path, params, body)
        return _understand(path, status, media_type, answer)

    async def _send(self, url: str, path: str, access_token: str, body: bytes) -> Answer:
        try:
            return await self._lines.post(address(url, access_token), body)
        except NotConnected as failure:
            raise _NotSent(f"cannot connect to {_host(url)}: {failure}") from None
        except TimeoutError:
            raise _lost(path, f"no answer from {_host(url)} in time") from None
        except OSError as error:
            raise _lost(path, f"the connection to {_host(url)} broke ({type(error).__name__})") from None
        except ValueError:
            raise WeChatError(Verdict.MISCONFIGURED, "wechat.api_base is not a web address") from None

    async def _exchange(
        self, method: str, url: str, path: str, params: Mapping[str, str], body: bytes | None
    ) -> tuple[int, str, bytes]:
        # Errors are raised "from None", and never quote the library: its texts hold the address with token or secret.
        try:
            async with self._open().request(
                method,
                url,
                params=params,
                data=body,
                headers=_JSON if body is not None else None,
                timeout=self._patience_for(path),
                allow_redirects=False,
            ) as response:
                return response.status, response.content_type, await _read(response)
        except aiohttp.ClientConnectorError as error:
            cause = getattr(error, "os_error", None)
            detail = (cause.strerror if cause is not None else None) or type(error).__name__
            raise _NotSent(f"cannot connect to {_host(url)}: {detail}") from None
        except aiohttp.ConnectionTimeoutError:
            raise _NotSent(f"cannot connect to {_host(url)}: no connection in time") from None
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
            raise WeChatError(Verdict.MISCONFIGURED, "wechat.api_base is not a web address") from None
        except TimeoutError:
            raise _lost(path, f"no answer from {_host(url)} in time") from None
        except (aiohttp.ClientError, OSError) as error:
            raise _lost(path, f"the connection to {_host(url)} broke ({type(error).__name__})") from None

    def _patience_for(self, path: str) -> aiohttp.ClientTimeout:
        return PATIENCE_FOR_MEDIA if path == DOWNLOAD else self._patience

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS, ttl_dns_cache=60),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


async def _read(response: aiohttp.ClientResponse) -> bytes:
    content = response.content
    chunks, size = [], 0
    while not content.at_eof():
        chunk = await content.readany()
        size += len(chunk)
        if size > LARGEST_MEDIUM:
            raise WeChatError(Verdict.FINAL, f"the medium is larger than {LARGEST_MEDIUM // 1024**2} MB")
        chunks.append(chunk)
    return b"".join(chunks)


def _understand(path: str, status: int, media_type: str, body: bytes) -> dict[str, Any] | Media:
    answer = _parse(body)
    if answer is not None:
        errcode = answer.get("errcode", 0)
        if errcode not in (0, ALREADY_ACCEPTED):
            raise refusal(errcode, str(answer.get("errmsg", "")))
        if status == HTTPStatus.OK:
            return answer
    if status == HTTPStatus.GATEWAY_TIMEOUT:
        raise _lost(path, "WeChat's gateway got no answer in time (HTTP status 504)")
    if status != HTTPStatus.OK:
        raise WeChatError(Verdict.RETRY, f"WeChat answers with HTTP status {status}")
    if path in _PICTURES and not media_type.startswith("text/"):
        return Media(body, media_type)
    raise _lost(path, f"WeChat's answer is not JSON but {media_type}")


def _parse(body: bytes) -> dict[str, Any] | None:
    if len(body) > _SHORT:
        return _decode(body)
    known = _decode_short(body)
    return None if known is None else dict(known)


def _decode(body: bytes) -> dict[str, Any] | None:
    if body.lstrip()[:1] != b"{":
        return None
    try:
        answer = _DECODER.decode(body.decode("utf-8", "replace"))
    except ValueError:
        return None
    fits = isinstance(answer, dict) and isinstance(answer.get("errcode", 0), int)
    return answer if fits else None


_decode_short = lru_cache(maxsize=32)(_decode)
"""That a message was taken WeChat says to thousands, in the same 27 bytes."""


def _lost(path: str, reason: str) -> WeChatError:
    return WeChatError(Verdict.LOST_ANSWER if path in SENDS else Verdict.RETRY, reason)


def _host(url: str) -> str:
    return urlsplit(url).netloc or url
