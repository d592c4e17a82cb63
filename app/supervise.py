"""``make run``: the whole service in one process group, every part started again when it falls over."""

import asyncio
import sys
from collections.abc import Callable

import structlog

from adapters import embedded
from app.bootstrap import check, effective
from app.children import Child, Children
from app.migrations import migrate
from app.serve import check_port
from app.settings import Settings
from sandbox.settings import ENVIRONMENT_PREFIX

log = structlog.get_logger(__name__)

RECOVERY_SECONDS = 60
"""Our own database may be recovering from a crash just now; one of the town's own is somebody else's to start."""


async def run(settings: Settings, *, say: Callable[[str], None] = print) -> None:
    """Start the engines, bring the schema up to date, keep web and jobs (and the sandbox) running until a signal."""
    check(settings)
    check_port(settings.server.host, settings.server.port)
    if settings.sandbox.enabled:
        check_port("127.0.0.1", settings.sandbox.port, "sandbox.port")
    database, redis = settings.database.url.get_secret_value(), settings.redis.url.get_secret_value()
    held = None
    if "embedded" in {database, redis}:
        held = await embedded.start(
            settings.data.dir.absolute(), postgres=database == "embedded", valkey=redis == "embedded", say=say
        )
    watching = asyncio.create_task(held.watch()) if held is not None else None
    try:
        if held is not None and database == "embedded":
            await migrate(held.database_url, patience=RECOVERY_SECONDS)
        else:
            await migrate(database)
        await Children(parts(settings)).run_until_signal()
    finally:
        if watching is not None:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        if held is not None:
            await held.release()


def parts(settings: Settings) -> list[Child]:
    """What runs: the pretend WeChat where it is enabled, the web part, the job part."""
    own = [sys.executable, "-m", "app"]
    children = [
        Child("web", [*own, "serve", "--processes", str(settings.server.processes)]),
        Child("jobs", [*own, "jobs"]),
    ]
    if settings.sandbox.enabled:
        children.insert(0, Child("sandbox", [sys.executable, "-m", "sandbox"], sandbox_environment(settings)))
    return children


def sandbox_environment(settings: Settings) -> dict[str, str]:
    """The sandbox's options: the same accounts that the service uses."""
    used = effective(settings)
    official, mini = used.wechat.official, used.wechat.miniprogram
    store = used.data.dir.absolute() / "sandbox.sqlite"
    store.parent.mkdir(parents=True, exist_ok=True)
    values = {
        "HOST": "127.0.0.1",
        "PORT": str(used.sandbox.port),
        "STORE": str(store),
        "CALLBACK_URL": f"http://127.0.0.1:{used.server.port}/wechat/callback",
        "APPID": official.appid,
        "SECRET": official.secret.get_secret_value(),
        "TOKEN": official.token.get_secret_value(),
        "AES_KEY": official.encoding_aes_key.get_secret_value(),
        "ORIGINAL_ID": official.original_id,
        "MODE": "safe" if official.mode == "auto" else official.mode,
        "MINI_APPID": mini.appid,
        "MINI_SECRET": mini.secret.get_secret_value(),
    }
    return {ENVIRONMENT_PREFIX + name: value for name, value in values.items()}
