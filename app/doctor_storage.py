"""The doctor's look at the store and the scanner: a small file is put, read and deleted again."""

import secrets

from adapters.clock import SystemClock
from app.findings import Finding, fine, wrong
from app.settings import Settings, SettingsError
from app.storage import scanner, storage
from domain.errors import NotFound, Unavailable

_MENDS = {
    "SignatureDoesNotMatch": "请核对 storage.oss.key_secret，还有 region 写得对不对。",
    "InvalidAccessKeyId": "请核对 storage.oss.key_id，看看这把 AccessKey 有没有被停用。",
    "NoSuchBucket": "请核对 storage.oss.bucket 和 region，或者先在 OSS 控制台建好这个 Bucket。",
    "AccessDenied": "请在 RAM 控制台给这个用户加上这个 Bucket 的读、写、删、列举权限。",
    "RequestTimeTooSkewed": "这台机器的时间和 OSS 差了 15 分钟以上，请先校准时间。",
}


async def examine(settings: Settings) -> list[Finding]:
    """Nothing about a folder of this machine: that is looked at with the data folder."""
    found = [await _oss(settings)] if settings.storage.kind == "oss" else []
    if settings.storage.clamd:
        found.append(await _clamd(settings))
    return found


async def _oss(settings: Settings) -> Finding:
    key, data = f"doctor/{secrets.token_hex(8)}", secrets.token_bytes(64)
    try:
        async with storage(settings, SystemClock()) as store:
            await store.put(key, data, "application/octet-stream")
            same = await store.get(key) == data
            await store.delete(key)
    except SettingsError as error:
        return wrong("OSS 还没有配好", str(error))
    except (Unavailable, NotFound) as refused:
        code = str(refused.facts.get("code", ""))
        if refused.facts.get("reason") == "storage_refuses":
            return wrong(f"OSS 不让存取（{code}）", _MENDS.get(code, "请在 OSS 控制台核对这个 Bucket 的设置和权限。"))
        return wrong("OSS 连不上", "请核对 storage.oss.endpoint，以及这台机器能不能访问它。")
    if not same:
        return wrong("OSS 里读出来的和存进去的不一样", "请联系阿里云客服，先不要用这个 Bucket。")
    return fine(f"OSS 的 {settings.storage.oss.bucket} 能存、能读、能删")


async def _clamd(settings: Settings) -> Finding:
    try:
        await scanner(settings).scan(b"wangge doctor")
    except Unavailable:
        mend = f"请启动 {settings.storage.clamd} 上的 clamd，或者把 storage.clamd 留空。没有它，录音和视频会一直等着。"
        return wrong("查病毒的 clamd 没有回应", mend)
    return fine(f"查病毒的 clamd（{settings.storage.clamd}）有回应")
