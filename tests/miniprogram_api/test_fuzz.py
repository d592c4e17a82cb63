"""Schemathesis asks the API a thousand things, with every check that it knows."""

from pathlib import Path

from bench.fuzz import fuzz
from tests.miniprogram_api.mini import Api

SEED = 20260301
ENOUGH = 1000


async def test_a_thousand_cases_find_nothing_wrong(api: Api, tmp_path: Path) -> None:
    worker, resident = await api.staff("worker"), await api.sign_in("王阿姨")
    for one in (worker, resident):
        await one.file()
    asked = 0
    for who, phases in ((worker, "examples,coverage,stateful"), (resident, "fuzzing")):
        found = await fuzz(api.url, who.token, most=2, seed=SEED, folder=tmp_path, phases=phases)
        assert not found.failed, found.said
        asked += found.cases
    ended = await fuzz(api.url, resident.token, most=2, seed=SEED, folder=tmp_path, phases="fuzzing", ending=True)
    assert not ended.failed, ended.said
    assert asked >= ENOUGH, asked
