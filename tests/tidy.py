"""``python -m tests.tidy``: what no linter here checks. Prints every finding and fails when there is one."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
LONGEST_FILE = 400
CODE = {".py", ".js", ".css", ".html"}
TEXT = CODE | {".md", ".toml", ".txt", ".csv", ".xml", ".yml", ".lock", ".svg", ""}
FORBIDDEN = {
    "a path of somebody's machine": re.compile(r"/(?:home|Users)/[a-z]\w*/|(?<![\w.])/(?:work|root)/[a-z.]"),
    "an address of a package index": re.compile(r"--(?:extra-)?index-url|files\.pythonhosted|registry\.npmjs"),
    "something left open": re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b"),
}
ALLOWED = {"tests/tidy.py"}


def files() -> list[str]:
    """Every file of the repository, as git sees it."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def findings() -> Iterator[str]:
    for name in files():
        path = ROOT / name
        if path.suffix not in TEXT or name in ALLOWED:
            continue
        lines = path.read_text("utf-8").splitlines()
        if path.suffix in CODE and len(lines) > LONGEST_FILE:
            yield f"{name}: {len(lines)} lines; a file longer than {LONGEST_FILE} is split by a sub-noun"
        for number, line in enumerate(lines, 1):
            for what, pattern in FORBIDDEN.items():
                if pattern.search(line):
                    yield f"{name}:{number}: {what}: {line.strip()[:80]}"


def main() -> int:
    found = list(findings())
    for line in found:
        print(line)
    print(f"tidy: {len(files())} files, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
