from pathlib import Path

import pytest

from sandbox.world import World
from tests.app.commands import KEY, Command


@pytest.fixture
def database_url(own_database_url: str) -> str:
    """The commands are processes."""
    return own_database_url


@pytest.fixture
def alone(tmp_path: Path) -> Command:
    """The command with nothing to lean on: neither database nor Redis nor WeChat answers."""
    nowhere = "127.0.0.1:9"
    return Command(
        tmp_path,
        {
            "data__dir": str(tmp_path / "var"),
            "database__url": f"postgres://wangge:secret-password@{nowhere}/wangge",
            "redis__url": f"redis://{nowhere}",
            "privacy__keys": f'["{KEY}"]',
            "wechat__api_base": f"http://{nowhere}",
            "wechat__api_base_fallback": "",
            "sandbox__enabled": "true",
        },
    )


@pytest.fixture
def command(alone: Command, database_url: str, redis_url: str, world: World) -> Command:
    """The command with a fresh database, Valkey and the pretend WeChat."""
    alone.settings |= {"database__url": database_url, "redis__url": redis_url, "wechat__api_base": world.base_url}
    return alone
