"""``python docs/moves.py``: writes ``docs/moves.md`` anew, from the table of moves in ``domain/case.py``."""
# ruff: noqa: INP001, T201 - a script beside what it writes, which says so

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from domain.case import MOVES, NEEDS_NOTE, Action, Role, Status  # noqa: E402 - only reachable from here on

PAGE = HERE / "moves.md"

_HEAD = """# The moves of a case

What may be done to a case (诉求) in each of its states, and by whom. Made from `domain/case.py` by
`python docs/moves.py`; a test fails when the two differ.

A cell names the status that the move leads to; "·" means that this role may not, and what has no row is possible for
nobody. **resident**: who filed it. **holder**: who has it, and everybody who works the same queue. **helper**: asked to
co-handle. **overseer**: staff of a region above. **system**: by itself, in time. Moves with * need words.
"""


def page() -> str:
    """The whole document."""
    return "\n".join([_HEAD, *(_section(status) for status in Status), _impossible()])


def _section(status: Status) -> str:
    lines = [f"## {status}", "", "| move | " + " | ".join(Role) + " |", "| --- |" + " --- |" * len(Role)]
    for action in Action:
        found = MOVES.get((status, action))
        if found is None:
            continue
        after, may = found
        name = f"{action}{' *' if action in NEEDS_NOTE else ''}"
        lines.append(f"| {name} | " + " | ".join(str(after) if role in may else "·" for role in Role) + " |")
    return "\n".join([*lines, ""])


def _impossible() -> str:
    lines = ["## What is possible for nobody", ""]
    for status in Status:
        never = [str(action) for action in Action if (status, action) not in MOVES]
        lines.append(f"- {status}: {', '.join(never)}")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    print(f"written: {PAGE.name}")
