"""What the pretend WeChat sees in a picture: a plain red one is risky, a plain yellow one is for a person to judge."""

import io
from urllib.parse import urlsplit

import aiohttp
from PIL import Image, UnidentifiedImageError

LARGEST = 10 * 1024 * 1024
NOT_FETCHED = -1008
_PATIENCE = aiohttp.ClientTimeout(total=5)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_RISKY, _REVIEW = (255, 0, 0), (255, 255, 0)
_NEAR = 40


async def looked_at(url: str) -> tuple[str, int, int]:
    """What is suggested, the label, and an error code. Only what lies on this machine is fetched."""
    if urlsplit(url).hostname not in _LOOPBACK:
        return "", 0, NOT_FETCHED
    try:
        async with aiohttp.ClientSession(timeout=_PATIENCE) as session, session.get(url) as answer:
            data = await answer.content.read(LARGEST + 1)
            if answer.status != 200 or len(data) > LARGEST:  # noqa: PLR2004
                return "", 0, NOT_FETCHED
    except (aiohttp.ClientError, TimeoutError):
        return "", 0, NOT_FETCHED
    try:
        with Image.open(io.BytesIO(data)) as picture:
            colour = picture.convert("RGB").resize((1, 1)).getpixel((0, 0))
    except (UnidentifiedImageError, OSError, ValueError):
        return "pass", 100, 0  # a recording: nothing is heard in it
    for suggest, label, like in (("risky", 20001, _RISKY), ("review", 21000, _REVIEW)):
        if isinstance(colour, tuple) and all(abs(a - b) < _NEAR for a, b in zip(colour, like, strict=False)):
            return suggest, label, 0
    return "pass", 100, 0
