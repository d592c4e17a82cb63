"""The real command, run as people run it: a process of its own, with its settings in the environment."""

import asyncio
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60
KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """What a person reads on stderr."""
        return self.err.splitlines()


@dataclass(slots=True)
class Command:
    """``wangge``, in the folder *folder*."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    async def run(self, *arguments: str | Path, typed: str = "", **settings: str) -> Done:
        """Run it to its end; *settings* as ``server__port="1"`` on top of its own, *typed* on its stdin."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "app",
            *map(str, arguments),
            cwd=self.folder,
            env=self.environment(settings),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            out, err = await asyncio.wait_for(process.communicate(typed.encode()), PATIENCE)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode is not None
        return Done(process.returncode, out.decode(), err.decode())

    def environment(self, settings: dict[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("WANGGE")}
        given = {f"WANGGE__{name.upper()}": value for name, value in {**self.settings, **settings}.items()}
        return {**kept, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default", **given}

    def write(self, name: str, content: str | bytes) -> Path:
        file = self.folder / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file
