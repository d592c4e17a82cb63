"""Codes on pages, as the pages' content policy lets them stand there."""

import base64

from qrcodes import drawing


def as_image(said: str) -> str:
    """A QR code that says *said* (plain ASCII), as an address for ``<img src>``."""
    return f"data:image/svg+xml;base64,{base64.b64encode(drawing.svg(said)).decode()}"
