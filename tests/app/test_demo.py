"""The command that a stranger types first."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCENES = (
    "导入区域和人员",
    "绑定微信",
    "二维码",
    "居民扫码",
    "照片",
    "网格员马上收到",
    "上报到村",
    "自动报到镇里",
    "居民评价",
    "通知",
    "小程序",
)


@pytest.mark.service
def test_the_demo_plays_every_step_through_the_real_doors_and_leaves_nothing_running(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    played = subprocess.run(
        [sys.executable, "-m", "app", "demo", "--once"],
        env={**os.environ, "WANGGE__DATA__DIR": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert played.returncode == 0, played.stdout[-2000:] + played.stderr[-2000:]
    for number, scene in enumerate(SCENES, 1):
        assert any(line.startswith(f"{number}. ") and scene in line for line in played.stdout.splitlines()), scene
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(tmp_path) not in running
