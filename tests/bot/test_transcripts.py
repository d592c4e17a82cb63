"""Every conversation in ``tests/transcripts/`` comes out as written (the format: ``tests/bot/transcript.py``)."""

from pathlib import Path

import pytest

from bot.menu import menu
from tests.bot.transcript import BEGIN, Differs, Stage, fits, parse
from tests.factories import make_town
from tests.phone import Wechat

FOLDER = Path(__file__).parent.parent / "transcripts"
FILES = sorted(FOLDER.glob("*.txt"))


@pytest.fixture
async def stage(wechat: Wechat) -> Stage:
    await wechat.set_time(BEGIN)  # before the import: duties begin on the day of it
    await wechat.house.wechat.set_menu(menu())
    return Stage(wechat, await make_town(wechat.desk))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_the_conversation_goes_as_written(stage: Stage, path: Path) -> None:
    await stage.play(path)


async def test_a_line_that_comes_out_otherwise_is_named_with_what_came(stage: Stage, tmp_path: Path) -> None:
    written = tmp_path / "wrong.txt"
    written.write_text("# 写错的一句\n登场> 居民（第一网格）\n居民> 路灯坏了\n< 收到了…\n", "utf-8")
    with pytest.raises(Differs) as failed:
        await stage.play(written)
    said = str(failed.value)
    assert "wrong.txt:4" in said
    assert "收到了…" in said
    assert "记下了，现在有1段文字" in said


async def test_a_message_that_is_not_written_fails_the_transcript(stage: Stage, tmp_path: Path) -> None:
    written = tmp_path / "silent.txt"
    written.write_text("登场> 网格员、居民（第一网格）\n居民> 路灯坏了\n居民> 提交\n", "utf-8")
    with pytest.raises(Differs, match="nothing more for 网格员"):
        await stage.play(written)


def test_a_line_of_no_known_kind_is_refused_with_its_place(tmp_path: Path) -> None:
    written = tmp_path / "odd.txt"
    written.write_text("居民> 你好\n居民说路灯坏了\n", "utf-8")
    with pytest.raises(Differs, match=r"odd\.txt:2"):
        parse(written)


@pytest.mark.parametrize(
    ("expected", "got", "same"),
    [
        ("记下了…提交…", "记下了，现在有1段文字。\n说完请回“提交”。", True),
        ("…", "", True),
        ("记下了", "记下了。", False),
        ("…第一网格", "第一网格的", False),
        ("编号 №1001（…）", "编号 №1001（周三）", True),
    ],
)
def test_dots_stand_for_anything_and_everything_else_for_itself(expected: str, got: str, *, same: bool) -> None:
    assert fits(expected, got) is same
