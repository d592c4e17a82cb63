"""How an embedded engine says no: one line that tells what is wrong and what to do."""

import errno
import re
import shutil
from pathlib import Path

_FULL = re.compile(r"No space left on device|Disk quota exceeded|File too large", re.IGNORECASE)
_FULL_NUMBERS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DENIED_NUMBERS = {errno.EACCES, errno.EPERM, errno.EROFS}
# How PostgreSQL ("2026-01-31 08:00:00.000 UTC [42] ") and Valkey ("42:M 31 Jan 2026 08:00:00.000 # ") begin a line.
_PREFIX = re.compile(r"^[\d-]+ [\d:.]+ \w+ \[\d+\] |^\d+:\w .*? [*#.-] ")


class EngineError(Exception):
    """An embedded engine cannot be started, kept or stopped. The text is one line that says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


def disk_full(folder: Path) -> EngineError:
    """The disk that holds *folder* is full."""
    try:
        free = f"还剩 {shutil.disk_usage(folder).free // 2**20} MB"
    except OSError:
        free = "看不出还剩多少"
    return EngineError(f"磁盘放不下内置的数据库：{folder}（{free}）。请腾出至少 200 MB，再启动一次。")


def from_os(error: OSError, folder: Path) -> EngineError:
    """Say in words what the operating system refused while the engines under *folder* were being cared for."""
    where = error.filename if isinstance(error.filename, str) else folder
    if error.errno in _FULL_NUMBERS:
        return disk_full(folder)
    if error.errno in _DENIED_NUMBERS:
        return EngineError(f"没有权限读写 {where}（{error.strerror}）。请给当前用户权限，或者把 [data] 的 dir 改掉。")
    return EngineError(f"管不了 {folder} 里内置的数据库：{error.strerror or error}（{where}）")


def from_output(doing: str, output: str, folder: Path, log: Path | None = None) -> EngineError:
    """Pick the line of a program's *output* that tells why it failed."""
    if _FULL.search(output):
        return disk_full(folder)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"FATAL|PANIC|error|denied|can't|cannot", line, re.IGNORECASE)]
    last = _PREFIX.sub("", (telling or lines or ["it said nothing"])[-1])
    return EngineError(f"{doing}: {last}" + (f" (more in {log})" if log else ""))
