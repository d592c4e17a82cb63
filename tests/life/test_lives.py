"""Two hundred random lives on the real services: whatever people do and whatever befalls them, nothing gets lost."""

import asyncio
import time
import uuid
from pathlib import Path

from adapters.embedded import Engines
from tests.life.life import SKIPPED
from tests.life.machine import live
from tests.life.stage import stage

LIVES = 200
STEPS = 12


def test_random_lives(engines: Engines, template: str, tmp_path: Path) -> None:
    name = f"lives{uuid.uuid4().hex[:8]}"
    url = asyncio.run(engines.create_database(name, template=template))
    began = time.process_time()
    with stage(url, engines.redis_url, tmp_path) as town:
        tally = live(town, LIVES, steps=STEPS)
    asyncio.run(engines.drop_database(name))
    print(f"{dict(tally)}\nskipped: {', '.join(SKIPPED)}; {time.process_time() - began:.0f} s of CPU")
    assert tally["lives"] >= LIVES
    # The lives are lived: much is done, and much is refused.
    assert sum(count for what, count in tally.items() if not what.startswith(("refused", "at once"))) > 2 * LIVES
