"""A town's template: laid over the default one, and refused with the line that is wrong."""

from pathlib import Path

import pytest
from PIL import Image

from qrcodes.look import BadTemplate, look


def ours(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "ours.toml"
    file.write_text(text, "utf-8")
    return file


def test_what_a_template_leaves_out_stays_as_it_is(tmp_path: Path) -> None:
    plain, chosen = look(), look(ours(tmp_path, '[colours]\nmain = "#AA0000"\n[words]\ntitle = "{town}网格"\n'))
    assert chosen.colours == {**plain.colours, "main": "#AA0000"}
    assert chosen.words == {**plain.words, "title": "{town}网格"}
    assert chosen.say("title", grid="", village="", town="雪堰镇") == "雪堰镇网格"
    assert (chosen.show, chosen.emblem) == (plain.show, None)


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("[colours]\nmain = #fff\n", 2, "no_toml"),
        ("\n\n[colors]\nmain = '#ffffff'\n", 3, "unknown_section"),
        ("title = '网格'\n", 1, "unknown_section"),
        ("[colours]\nmain = '#14508c'\nmian = '#14508c'\n", 3, "unknown_key"),
        ("[colours]\nink = 'red'\n", 2, "no_colour"),
        ("[colours]\nink = '#12345'\n", 2, "no_colour"),
        ("[show]\n# faces\nphotos = 'no'\n", 3, "no_bool"),
        ("[words]\nsteps = '一步'\n", 2, "no_list"),
        ("[words]\nsteps = ['一', 2]\n", 2, "no_text"),
        ("[words]\ntitle = 5\n", 2, "no_text"),
        (f"[words]\ntitle = '{'长' * 61}'\n", 2, "too_long"),
        ('[words]\ntitle = "网格\\n公示牌"\n', 2, "control"),
        ('[words]\nheadline = "网格\\n公示\\u0007牌"\n', 2, "control"),
        ("[words]\ntitle = '{county}网格'\n", 2, "unknown_place"),
        ("[words]\ntitle = '{grid'\n", 2, "unknown_place"),
        ("[words]\ntitle = '{grid.__class__}'\n", 2, "unknown_place"),
        ("[words]\nsupervision = '{grid}'\n", 2, "unknown_place"),
        ("[emblem]\nfile = 'nowhere.png'\n", 2, "no_picture"),
        ("[emblem]\nfile = 'ours.toml'\n", 2, "no_picture"),
        ("[emblem]\nfile = 'large.png'\n", 2, "emblem_too_large"),
    ],
)
def test_a_bad_template_is_refused_with_its_line(tmp_path: Path, text: str, line: int, why: str) -> None:
    Image.new("1", (5000, 10)).save(tmp_path / "large.png")
    with pytest.raises(BadTemplate) as refused:
        look(ours(tmp_path, text))
    assert (refused.value.line, refused.value.why) == (line, why)


def test_a_template_that_is_not_there_or_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTemplate) as refused:
        look(tmp_path / "nowhere.toml")
    assert refused.value.why == "unreadable"
    (tmp_path / "gbk.toml").write_bytes("[words]\ntitle = '网格'\n".encode("gbk"))
    with pytest.raises(BadTemplate) as refused:
        look(tmp_path / "gbk.toml")
    assert refused.value.why == "no_utf8"
