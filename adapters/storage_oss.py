"""Photos and files in a bucket of Alibaba Cloud OSS, through its own SDK."""

import contextlib
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from alibabacloud_oss_v2 import Client, Config, models
from alibabacloud_oss_v2.aio import AsyncClient
from alibabacloud_oss_v2.credentials import StaticCredentialsProvider
from alibabacloud_oss_v2.exceptions import BaseError, OperationError, ServiceError

from adapters.storage_oss_form import upload_form
from domain.errors import NotFound, Unavailable
from services.ports import UPLOADS, Expected, Ticket

CONNECT_SECONDS = 3
READ_SECONDS = 10
ATTEMPTS = 2
_LEFT_BEHIND = timedelta(days=1)
_SWEEP_AT_MOST = 10_000
_NOT_FOUND, _SERVER_ERRORS, _TOO_OFTEN = 404, 500, 429

T = TypeVar("T")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Account:
    """A bucket, and a RAM user that may put, get, delete and list in it."""

    endpoint: str
    bucket: str
    region: str
    key_id: str
    key_secret: str = field(repr=False)
    public_base: str = ""
    """As phones reach the bucket (its own domain); the endpoint may be an internal one that they do not."""


class OssStorage:
    """Fulfils :class:`services.ports.Storage`. The bucket is private; all that leaves it is signed, for minutes.

    Uploads are forms, which a mini program's ``wx.uploadFile`` sends: their policy binds key, length and time, and
    forbids to write over what is there. OSS goes by its own clock, so the machine's is used here, whatever the
    sandbox's says.
    """

    def __init__(self, account: Account) -> None:
        """Nothing is connected before the first call."""
        self._account = account
        self._client = AsyncClient(_config(account, account.endpoint))
        # Addresses are signed without a word to OSS, by the client that needs no loop for it.
        by_name = bool(account.public_base)
        self._signer = Client(_config(account, account.public_base or account.endpoint, by_name=by_name))

    async def close(self) -> None:
        await self._client.close()

    async def put(self, key: str, data: bytes, media_type: str) -> None:
        """Raises Unavailable."""
        request = models.PutObjectRequest(bucket=self._account.bucket, key=key, body=data, content_type=media_type)
        await _translated(self._client.put_object(request), "put", key)

    async def get(self, key: str) -> bytes:
        """Raises NotFound, Unavailable."""
        request = models.GetObjectRequest(bucket=self._account.bucket, key=key)
        found: Any = await _translated(self._client.get_object(request), "get", key)
        return bytes(found.body.content)

    async def size(self, key: str) -> int:
        """Raises NotFound, Unavailable."""
        request = models.HeadObjectRequest(bucket=self._account.bucket, key=key)
        found: Any = await _translated(self._client.head_object(request), "head", key)
        return int(found.content_length)

    async def delete(self, key: str) -> None:
        """Raises Unavailable; what is not there is deleted already."""
        request = models.DeleteObjectRequest(bucket=self._account.bucket, key=key)
        with contextlib.suppress(NotFound):
            await _translated(self._client.delete_object(request), "delete", key)

    def ticket(self, key: str, expected: Expected, *, seconds: int) -> Ticket:
        account = self._account
        fields = upload_form(account, key, expected.size, now=datetime.now(UTC), seconds=seconds)
        return Ticket("POST", self._form_address(), fields)

    def _form_address(self) -> str:
        if self._account.public_base:
            return self._account.public_base.rstrip("/") + "/"
        endpoint = urlsplit(_with_scheme(self._account.endpoint))
        return f"{endpoint.scheme}://{self._account.bucket}.{endpoint.netloc}/"

    def link(self, key: str, media_type: str, *, seconds: int, filename: str = "") -> str:
        disposition = f'attachment; filename="{filename}"' if filename else "inline"
        request = models.GetObjectRequest(
            bucket=self._account.bucket,
            key=key,
            response_content_type=media_type,
            response_content_disposition=disposition,
            response_cache_control=f"private, max-age={seconds}",
        )
        return str(self._signer.presign(request, expires=timedelta(seconds=seconds)).url)

    async def forget_leftovers(self) -> int:
        """Uploads that nobody has looked at for a day. Raises Unavailable."""
        oldest, token, gone = datetime.now(UTC) - _LEFT_BEHIND, None, 0
        while gone < _SWEEP_AT_MOST:
            request = models.ListObjectsV2Request(
                bucket=self._account.bucket, prefix=UPLOADS, max_keys=1000, continuation_token=token
            )
            page: Any = await _translated(self._client.list_objects_v2(request), "list", UPLOADS)
            for found in page.contents or []:
                if found.last_modified < oldest:
                    await self.delete(found.key)
                    gone += 1
            token = page.next_continuation_token
            if not page.is_truncated:
                break
        return gone


def _config(account: Account, endpoint: str, *, by_name: bool = False) -> Config:
    return Config(
        region=account.region,
        endpoint=_with_scheme(endpoint),
        credentials_provider=StaticCredentialsProvider(account.key_id, account.key_secret),
        connect_timeout=CONNECT_SECONDS,
        readwrite_timeout=READ_SECONDS,
        retry_max_attempts=ATTEMPTS,
        use_cname=by_name,
    )


def _with_scheme(endpoint: str) -> str:
    return endpoint if "://" in endpoint else f"https://{endpoint}"


async def _translated(call: Awaitable[T], doing: str, key: str) -> T:
    """OSS's errors as ours: not found, away (it may be tried again), or refused, which only a person can mend."""
    try:
        return await call
    except (TimeoutError, BaseError, OSError) as error:
        cause = error.kwargs.get("error") if isinstance(error, OperationError) else error
        if isinstance(cause, ServiceError):
            raise _refusal(cause, doing, key) from error
        log.warning("storage_away", doing=doing, reason=type(cause).__name__)
        raise Unavailable("OSS does not answer", reason="storage_away") from error


def _refusal(error: ServiceError, doing: str, key: str) -> NotFound | Unavailable:
    status, code = int(error.status_code or 0), str(error.code or "")
    if status == _NOT_FOUND and code != "NoSuchBucket":
        return NotFound("there is no such file", key=key)
    if status >= _SERVER_ERRORS or status == _TOO_OFTEN:
        log.warning("storage_away", doing=doing, status=status, code=code)
        return Unavailable("OSS does not answer", reason="storage_away", code=code)
    log.error("storage_refuses", doing=doing, status=status, code=code, request=error.request_id)
    return Unavailable(f"OSS refuses: {code}", reason="storage_refuses", code=code)
