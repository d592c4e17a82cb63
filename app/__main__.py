"""``python -m app`` is the command ``wangge``."""

from app.cli import main

main()
