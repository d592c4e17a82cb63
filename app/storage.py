"""Where photos and files lie, made from the settings."""

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from adapters.clamd import Clamd
from adapters.storage_local import LocalStorage
from adapters.storage_local_links import Links
from app.keys import kept_key
from app.settings import Settings, SettingsError
from services.ports import Clock, Scanner, Storage
from services.scanning import NoScanner
from services.uploads import Sizes

if TYPE_CHECKING:
    from adapters.storage_oss import Account


@asynccontextmanager
async def storage(settings: Settings, clock: Clock) -> AsyncIterator[Storage]:
    """The store, for as long as this is open. Raises SettingsError."""
    if settings.storage.kind == "local":
        yield local(settings, clock)
        return
    # The SDK takes a third of a second to load, which only those who use it should wait for.
    from adapters.storage_oss import OssStorage

    oss = OssStorage(oss_account(settings))
    try:
        yield oss
    finally:
        with contextlib.suppress(OSError):
            await oss.close()


def local(settings: Settings, clock: Clock) -> LocalStorage:
    """Files under ``[data] dir``; the key that signs addresses lies beside them."""
    folder = settings.data.dir.absolute()
    server = settings.server
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(server.host, server.host)  # noqa: S104 - compared, not bound
    base_url = server.public_url or f"http://{host}:{server.port}"
    return LocalStorage(folder / "files", Links(kept_key(folder / "storage.key").encode(), clock, base_url))


def oss_account(settings: Settings) -> "Account":
    """Raises SettingsError where something is missing."""
    from adapters.storage_oss import Account

    given = settings.storage.oss
    account = Account(
        endpoint=given.endpoint,
        bucket=given.bucket,
        region=given.region,
        key_id=given.key_id,
        key_secret=given.key_secret.get_secret_value(),
        public_base=given.public_base,
    )
    for name in ("endpoint", "bucket", "region", "key_id", "key_secret"):
        if not getattr(account, name):
            raise SettingsError(f"storage.kind 是 oss，但是 storage.oss.{name} 还没有填。")
    return account


def scanner(settings: Settings) -> Scanner:
    """Clamd where one is named; otherwise nothing is scanned."""
    if not settings.storage.clamd:
        return NoScanner()
    host, _, port = settings.storage.clamd.rpartition(":")
    return Clamd(host.strip("[]"), int(port))


def sizes(settings: Settings) -> Sizes:
    limits = settings.limits
    return Sizes(photo=limits.photo_bytes, voice=limits.voice_bytes, video=limits.video_bytes)
