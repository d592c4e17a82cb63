"""Every name gets its letters: the glyphs of five thousand people with rare characters; and what is said without."""

from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from qrcodes.as_pdf import page, pdf
from qrcodes.faces import REGULAR, BadFont, Faces
from qrcodes.paint import Sheet
from tests.qrcodes.conftest import Paper

NAMES = 5_000
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗逄仉亓璩濮阚麴"
# Beyond the basic plane and extension A, as registers of births hold them; most are in the general standard table.
BEYOND = (
    "𠅤𠙶𠳐𡎚𡐓𣗋𣲗𣲘𣸣𤧛𤩽𤫉𥔲𥕢𥖨𥻗𦈡𦒍𦙶𦝼𦭜𦰡𧿹𨐈𨙸𨚕𨟠𨭉𨱇𨱏𨱑𨱔𨺙𩽾𩾃𩾌𪟝𪣻𪤗𪨰𪨶𪩘𪾢𫄧𫄨𫄷𫄸𫇭"
    "𫌀𫍣𫍯𫍲𫍽𫐄𫐐𫐓𫑡𫓧𫓯𫓶𫓹𫔍𫔎𫔶𫖮𫖯𫖳𫗧𫗴𫘜𫘝𫘦𫘧𫘨𫘪𫘬𫚕𫚖𫚭𫛭𫞩𫟅𫟦𫟹𫟼𫠆𫠊𫠜𫢸𫫇𫭟𫭢𫭼𫮃𫰛𫵷𫶇𫷷𫸩𬀩𬀪"
    "𬂩𬃊𬇕𬇙𬇹𬉼𬊈𬊤𬌗𬍛𬍡𬍤𬒈𬒔𬒗𬕂𬘓𬘘𬘡𬘩𬘫𬘬𬘭𬘯𬙂𬙊𬙋𬜬𬜯𬞟𬟁𬟽𬣙𬣞𬣡𬣳𬤇𬤊𬤝𬨂𬨎𬩽𬪩𬬩𬬭𬬮𬬱𬬸𬬹𬬻"
    "𬬿𬭁𬭊𬭎𬭚𬭛𬭤𬭩𬭬𬭯𬭳𬭶𬭸𬭼𬮱𬮿𬯀𬯎𬱖𬱟𬳵𬳶𬳽𬳿𬴂𬴃𬴊𬶋𬶍𬶏𬶐𬶟𬶠𬶨𬶭𬶮𬷕𬸘𬸚𬸣𬸦𬸪𬹼𬺈𬺓𠮷"
)


def in_gb2312(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def rare_characters() -> list[str]:
    """One in four of those of the basic plane and extension A that no old system can write, and all of BEYOND."""
    every = [chr(code) for code in (*range(0x3400, 0x4DB6), *range(0x4E00, 0x9FD6))]
    return [*BEYOND, *[char for char in every if not in_gb2312(char)][::4]]


def names() -> list[str]:
    rare = rare_characters()
    return [
        SURNAMES[number % len(SURNAMES)] + rare[number % len(rare)] + ("明" if number % 3 else "")
        for number in range(NAMES)
    ]


def test_five_thousand_names_with_rare_characters_lack_no_glyph(faces: Faces) -> None:
    people = names()
    assert len(set(people)) == NAMES
    assert len({char for name in people for char in name if not in_gb2312(char)}) > 4_900
    assert [name for name in people if faces.missing(name)] == []
    # A character may have a place in a font and nothing drawn there.
    glyphs = faces._taken(sorted({char for name in people for char in name})[::24], REGULAR)
    assert [char for char, glyph in glyphs.items() if not glyph.path or not glyph.outline] == []


def test_rare_names_are_drawn_and_stay_text_in_the_pdf(faces: Faces, papers: list[Paper]) -> None:
    people = names()[:: NAMES // 60]
    stock = faces.stock("".join(people))
    sheet = Sheet(210, 297, stock)
    for number, name in enumerate(people):
        sheet.words(10 + 60 * (number % 3), 12 + 12 * (number // 3), name, 8, bold=bool(number % 2))
    printed = Paper(pdf([page(sheet)], stock))
    papers.append(printed)
    said = printed.text()
    assert [name for name in people if name not in said] == []


def test_a_character_that_no_font_has_is_told_each_once(faces: Faces) -> None:
    assert faces.missing("李𪚥网格𪚥\U0010fffd") == ["𪚥", "\U0010fffd"]


def test_the_towns_own_font_gives_what_notos_lacks(tmp_path: Path, papers: list[Paper]) -> None:
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((0, 2048))
    pen.lineTo((2048, 2048))
    pen.lineTo((2048, 0))
    pen.closePath()
    maker = FontBuilder(2048, isTTF=True)
    maker.setupGlyphOrder([".notdef", "dragons"])
    maker.setupCharacterMap({ord("𪚥"): "dragons"})
    maker.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "dragons": pen.glyph()})
    maker.setupHorizontalMetrics({".notdef": (2048, 0), "dragons": (2048, 0)})
    maker.setupHorizontalHeader(ascent=1800, descent=-248)
    maker.setupPost()
    maker.save(tmp_path / "rare.ttf")

    with Faces([tmp_path / "rare.ttf"]) as faces:
        assert faces.missing("李𪚥") == []
        stock = faces.stock("李𪚥")
    assert stock.width("李𪚥", 10) == 20
    sheet = Sheet(40, 20, stock)
    sheet.words(5, 15, "𪚥", 10, "#ff0000")
    printed = Paper(pdf([page(sheet)], stock))
    papers.append(printed)
    assert printed.text() == "𪚥"
    assert printed.image(dots=254).getpixel((100, 100)) == (255, 0, 0)


def test_what_is_no_font_is_named(tmp_path: Path) -> None:
    (tmp_path / "no.ttf").write_bytes(b"no font")
    for file in (tmp_path / "no.ttf", tmp_path / "nowhere.ttf"):
        with pytest.raises(BadFont, match=file.name):
            Faces([file])
