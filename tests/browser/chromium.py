"""The browser: Debian's Chromium, found on the PATH. Nothing is downloaded."""

import shutil

CHROMIUM = shutil.which("chromium")
HOW_TO_GET = "no Chromium on this machine; on Debian or Ubuntu: apt install chromium fonts-noto-cjk"
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
