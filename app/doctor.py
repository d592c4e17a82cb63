"""Looks over the whole house: what is fine, what is wrong, and how to mend it."""

import asyncio
import os
import shutil
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import psycopg
import redis.asyncio
from redis.exceptions import RedisError

from adapters.cipher import BadKey, FieldCipher
from adapters.clock import SystemClock
from adapters.embedded.errors import EngineError
from app import bootstrap, doctor_boards, doctor_storage, doctor_wechat
from app.cli_errors import words
from app.findings import Finding, fine, wrong
from app.migrations import is_current
from app.settings import Settings
from domain.calendar import SHANGHAI
from models import Region
from services.vacancies import vacancies

OLDEST_POSTGRES = 14
OLDEST_REDIS = 6
LEAST_FREE = 1024**3
"""Bytes. The embedded database stops in the middle of a sentence when the disk is full; a gigabyte is some warning."""
_PATIENCE = 5


async def examine(settings: Settings) -> list[Finding]:
    """Everything there is to say, in the order in which one would mend it. Changes nothing but starting the engines."""
    used = bootstrap.effective(settings)
    found = [fine("配置文件读得懂，没有写错的项")]
    found += await asyncio.to_thread(_storage, used.data.dir.absolute())
    found.append(key(used))
    async with AsyncExitStack() as stack:
        try:
            database_url, redis_url = await stack.enter_async_context(bootstrap.engines(used, lambda _line: None))
        except (EngineError, OSError) as error:
            found.append(wrong("内置的数据库或 Redis 起不来", words(error) or str(error)))
        else:
            found += await _database(database_url, used)
            found.append(await _redis(redis_url))
    found += await doctor_storage.examine(used)
    found.append(await asyncio.to_thread(doctor_boards.print_ready, used))
    found += await doctor_wechat.examine(used)
    return found


def _storage(folder: Path) -> list[Finding]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        mend = f"{words(error)}也可以在 config.toml 的 [data] dir 换一个文件夹。"
        return [wrong(f"数据文件夹 {folder} 不能写", mend)]
    free = shutil.disk_usage(folder).free
    size = f"{free / 1024**3:.1f} GB"
    if free < LEAST_FREE:
        return [
            fine(f"数据文件夹 {folder} 可以写"),
            wrong(f"磁盘只剩 {size}", f"请给 {folder} 所在的磁盘腾出至少 1 GB，满了就存不下照片，数据库也会停。"),
        ]
    return [fine(f"数据文件夹 {folder} 可以写，磁盘还有 {size}")]


def key(settings: Settings) -> Finding:
    keys = [key.get_secret_value() for key in settings.privacy.keys]
    own = not keys and settings.database.url.get_secret_value() == "embedded"
    kept = settings.data.dir.absolute() / "privacy.key"
    try:
        if own and kept.exists():
            keys = [kept.read_text("ascii").strip()]
        if keys or not own:
            FieldCipher.from_keys(keys)
    except (OSError, UnicodeDecodeError, BadKey) as error:
        if own:
            return wrong(f"个人信息的密钥 {kept} 不能用", f"请用备份恢复这个文件，没有它，电话就解不开了。（{error}）")
        fresh = FieldCipher.new_key()
        mend = (
            f"请设置 privacy.keys，每把是 base64 写的 32 字节，几台机器要用同样的。原来没有密钥，可以用这把新的："
            f"WANGGE__PRIVACY__KEYS='[\"{fresh}\"]'。已经在用的密钥丢了，电话就解不开了，先找备份。（{error}）"
        )
        return wrong("个人信息的密钥不能用", mend)
    if own:
        return fine(f"个人信息的密钥自动保存在 {kept}，备份数据库时请一起备份")
    return fine(f"个人信息的密钥没问题（{len(keys)} 把）")


async def _database(url: str, settings: Settings) -> list[Finding]:
    try:
        async with await psycopg.AsyncConnection.connect(url, connect_timeout=_PATIENCE) as connection:
            major, minor = divmod(connection.info.server_version, 10_000)
            answer = await (await connection.execute("SHOW max_connections")).fetchone()
    except (psycopg.Error, OSError, ValueError) as error:
        return [wrong("数据库连不上", words(error) or f"请核对 database.url。（{error}）")]
    highest = int(answer[0]) if answer else 0
    name = f"数据库 PostgreSQL {major}.{minor}"
    if major < OLDEST_POSTGRES:
        return [wrong(f"{name} 太旧", f"请升级到 PostgreSQL {OLDEST_POSTGRES} 或更新的版本。")]
    found = [fine(f"{name} 连得上")]
    wanted = settings.database.pool * (settings.server.processes + 1)
    if wanted > highest:
        mend = f"请把 max_connections 调到 {wanted} 以上，或把 database.pool 调小。"
        found.append(wrong(f"数据库最多 {highest} 个连接，服务可能要用 {wanted} 个", mend))
    return found + await _schema(url)


async def _schema(url: str) -> list[Finding]:
    async with bootstrap.database(url, pool=2):
        if not await is_current():
            return [wrong("数据库的表结构不是这个版本的", "请运行 wangge migrate。（make run 会自动更新）")]
        found = [fine("数据库的表结构是最新的")]
        if not await Region.exists():
            return [*found, fine("还没有区域和人员，可以用 wangge import 导入")]
        found.append(await doctor_boards.scenes())
        vacant = await vacancies(SystemClock().now().astimezone(SHANGHAI).date())
    if not vacant.grids:
        return [*found, fine("每个网格都有人管")]
    examples = "、".join(vacant.examples[:5]) + (" 等" if vacant.grids > len(vacant.examples[:5]) else "")
    what = f"有 {vacant.grids} 个网格没有网格员，也没有网格长：{examples}"
    if vacant.unheld:
        what += f"；其中 {vacant.unheld} 个连上级也没有人"
    return [*found, wrong(what, "请把人员补进人员表，再运行 wangge import。")]


async def _redis(url: str) -> Finding:
    client = redis.asyncio.from_url(url, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE)
    try:
        async with asyncio.timeout(_PATIENCE):
            facts = await client.info("server")
    except (RedisError, OSError, ValueError) as error:
        return wrong("Redis 连不上", words(error) or f"请核对 redis.url。（{error}）")
    finally:
        await client.aclose()
    version = str(facts.get("valkey_version") or facts.get("redis_version", "?"))
    name = "Valkey" if "valkey_version" in facts else "Redis"
    major = version.partition(".")[0]
    if major.isdigit() and int(major) < OLDEST_REDIS:
        return wrong(f"{name} {version} 太旧", f"请升级到 {OLDEST_REDIS} 或更新的版本。")
    return fine(f"{name} {version} 连得上")
