"""One run of schemathesis against a service that is up, as somebody who is signed in."""

import asyncio
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PHASES = "examples,coverage,fuzzing,stateful"
ENDS_THE_SESSION = ("sign_out", "delete_me")
"""Calls after which the token is worth nothing: asked in a run of their own, after everything else."""

_GENERATED = re.compile(r"^\s+([\d,]+) generated", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """What came of a run: how many cases, and what schemathesis printed where one failed."""

    cases: int
    failed: bool
    said: str


async def fuzz(
    url: str, token: str, *, most: int, seed: int, folder: Path, phases: str = PHASES, ending: bool = False
) -> Fuzzed:
    """Ask every call, with every check: in the phase of fuzzing each at most *most* times.

    *url* is the service's; *folder* takes what schemathesis writes. *ending* asks the calls that end the session, and
    no others.
    """
    among = [
        part for name in ENDS_THE_SESSION for part in (f"--{'include' if ending else 'exclude'}-operation-id", name)
    ]
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).parent / "schemathesis"),
        "--no-color",
        "--config-file",
        str(HERE / "schemathesis.toml"),
        "run",
        f"{url}/api/v1/openapi.json",
        *("--phases", phases),
        *("--checks", "all", "--max-examples", str(most), "--seed", str(seed), "--workers", "1"),
        *("--generation-database", "none", "--continue-on-failure", "--request-timeout", "20"),
        *("--header", f"Authorization: Bearer {token}"),
        *among,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(HERE.parent)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said = (await process.communicate())[0].decode("utf-8", "replace")
    found = _GENERATED.search(said)
    return Fuzzed(int(found[1].replace(",", "")) if found else 0, process.returncode != 0, said)
