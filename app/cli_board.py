"""``wangge qr --board``: notice boards, door cards and badges of whole villages and towns, and which to print again."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import Progress

from app.cli_qr import Wanted, codes_of, for_each, warn
from app.cli_run import Failed, carry_out, fail, guarded, progress, quiet, settings, tell
from app.settings import Settings
from services.prints import Kind, Version, lacking, texts_of

if TYPE_CHECKING:
    from qrcodes.faces import Faces, Stock
    from qrcodes.facts import Facts
    from qrcodes.look import Look
    from qrcodes.press import Done
    from services.desk import Desk
    from services.prints import Prints

WORDS = {"board": ("公示牌", "boards"), "card": ("门牌卡", "cards"), "badge": ("工作证", "badges")}
_MOST_LINES = 50

_TEMPLATE = {
    "no_toml": "读不懂，不是合格的 TOML（{value}）",
    "no_utf8": "不是 UTF-8 编码，请另存为 UTF-8",
    "unreadable": "打不开（{value}）",
    "unknown_section": "没有 [{key}] 这一节，可以写：{value}",
    "unknown_key": "没有 {key} 这一项，这一节可以写：{value}",
    "no_bool": "{key} 要写 true 或 false，现在是“{value}”",
    "no_list": '{key} 要写成列表，例如 ["一", "二"]，现在是“{value}”',
    "no_text": "{key} 要写文字，用引号括起来，现在是“{value}”",
    "no_colour": "{key} 要写成 #rrggbb 这样的颜色，例如 #14508c，现在是“{value}”",
    "too_long": "{key} 太长了，最多 60 个字",
    "control": "{key} 里有换行或看不见的字符，只有 headline 和 card_headline 可以换行",
    "unknown_place": "{key} 里的花括号不认识，只能用说明里写的名字；要写花括号本身请写两遍",
    "emblem_too_large": "{key} 的图片“{value}”太大了，每边最多 4096 个像素",
    "no_picture": "{key} 的图片“{value}”打不开，请放一个 PNG 或 JPEG 在模板旁边",
}


@dataclass(frozen=True, slots=True)
class Given:
    """What the command was asked to make."""

    kind: str
    size: str
    crop_marks: bool
    changed: bool


def run(wanted: Wanted, given: Given) -> None:
    """Print all that can be printed; exit code 1 when some could not, each named on stderr."""
    quiet()
    if wanted.file_format == "png":
        fail("公示牌、门牌卡和工作证只有 pdf 和 svg。", 2)
    with progress() as bar:
        files, count, problems = carry_out(lambda: _print(wanted, given, bar))
    for file in files:
        print(file)
    what = WORDS[given.kind][0]
    if not files and not problems:
        tell(f"没有要印的{what}：印过的都还是对的。")
        return
    for problem in problems[:_MOST_LINES]:
        tell(problem)
    if len(problems) > _MOST_LINES:
        tell(f"……还有 {len(problems) - _MOST_LINES} 个没有列出来。")
    if files:
        tell(f"共 {count} 张{what}，都在 {wanted.folder.absolute()}。")
    if problems:
        raise SystemExit(1)


def reprint(wanted: Wanted, given: Given) -> None:
    """List what hangs and is no longer true: grid code, name, place and when it was printed, a line each."""
    quiet()
    stale, never = carry_out(lambda: _stale(wanted, given))
    for one in stale:
        board = one.board
        print(f"{board.code} {board.grid}（{board.town}{board.village}） {one.printed_at:%Y-%m-%d}")
    what = WORDS[given.kind][0]
    tell(f"有 {len(stale)} 张{what}内容变了，该重印；还有 {never} 个网格没印过。印的时候加 --changed 就只印这些。")


def template_of(given: Settings) -> "Look":
    """The town's template; raises Failed with a line that says what is wrong, and where."""
    from qrcodes.look import BadTemplate, look

    try:
        return look(Path(given.board.template) if given.board.template else None)
    except BadTemplate as bad:
        where = f"{bad.file} 第 {bad.line} 行" if bad.line else str(bad.file)
        raise Failed(f"公示牌模板 {where}：{_TEMPLATE[bad.why].format(key=bad.key, value=bad.value)}。") from None


def faces_of(given: Settings) -> "Faces":
    """The fonts, to be closed; raises Failed with a line that names the bad one."""
    from qrcodes.faces import BadFont, Faces

    try:
        return Faces(given.board.fonts)
    except BadFont as bad:
        raise Failed(f"公示牌的字体不能用：{bad}。请核对 board.fonts，或重新运行 make setup。") from None


def stock_for(texts: Iterable[str]) -> "Stock":
    """The glyphs for *texts*; raises Failed for a character that no font has."""
    with faces_of(settings()) as faces:
        _all_there(faces, texts)
        return faces.stock(char for text in texts for char in text)


def _all_there(faces: "Faces", texts: Iterable[str], where: str = "") -> None:
    for text in texts:
        for char in faces.missing(text):
            raise Failed(no_glyph(where, char, text))


def no_glyph(where: str, char: str, text: str) -> str:
    """A character that cannot be printed, in words."""
    return (
        f"{where}“{text}”里的“{char}”（U+{ord(char):04X}）字体里没有，印不出来。"
        "请核对这个字；要是没写错，请在 board.fonts 里加一个有它的字体文件。"
    )


async def _print(wanted: Wanted, given: Given, bar: Progress) -> tuple[list[Path], int, list[str]]:
    from app.bootstrap import opened
    from qrcodes.press import BLEED, Job, Output, drawn_all

    chosen = settings()
    look = template_of(chosen)
    async with opened(chosen, tell) as house:
        desk, kind = house.desk, _kind(given)
        codes = await codes_of(desk, wanted)
        with faces_of(chosen) as faces:
            _all_there(faces, look.texts, "公示牌模板：")
            codes, unasked, chars, problems = await _look_through(
                desk.prints, codes, kind, faces, changed=given.changed
            )
            stock = faces.stock(chars | {char for text in look.texts for char in text} | set(_ALWAYS))
        if not codes:
            return [], 0, problems
        await for_each(unasked, desk.scenes.ticket_for, bar, "向微信取二维码")
        await warn(desk.scenes)
        job = Job(
            kind,
            "svg" if wanted.file_format == "svg" else "pdf",
            look,
            stock,
            given.size,
            BLEED if given.crop_marks else 0,
            crop_marks=given.crop_marks,
        )
        what, name = WORDS[given.kind]
        output = guarded(lambda: Output(wanted.folder, name, job, title=what))
        printed: dict[str, str] = {}
        kept = False
        try:
            task = bar.add_task(f"画{what}", total=len(codes))
            async for done in drawn_all(job, _facts(desk, codes, kind, printed), len(codes)):
                if done.problem:
                    problems.append(_problem(done))
                    printed.pop(done.code, None)
                else:
                    output.add(done)
                    if not done.files:  # a grid without workers has no badges
                        printed.pop(done.code, None)
                bar.advance(task)
            if not output.pages:
                return (
                    [],
                    0,
                    [*problems, f"没有做成一张{what}。"] if kind != "badge" else [*problems, "这些网格还没有网格员。"],
                )
            files = output.keep()
            kept = True
        finally:
            if not kept:
                output.drop()
        await desk.prints.note(printed, kind)
    return files, output.pages, problems


_ALWAYS = "0123456789.-·…　 "


def _kind(given: Given) -> Kind:
    return "card" if given.kind == "card" else "badge" if given.kind == "badge" else "board"


async def _look_through(
    prints: "Prints", codes: list[str], kind: Kind, faces: "Faces", *, changed: bool
) -> tuple[list[str], list[str], set[str], list[str]]:
    """Which of *codes* to print, which WeChat was never asked for, all characters that they show, and problems."""
    wanted, unasked, problems = [], [], []
    chars: set[str] = set()
    left = set(codes)
    async for one in prints.versions(codes, kind):
        left.discard(one.board.code)
        if changed and one.printed == one.fingerprint:
            continue
        lacks = lacking(one, faces)
        if lacks:
            problems.append(no_glyph(f"{one.board.code} {one.board.grid}：", *lacks))
            continue
        wanted.append(one.board.code)
        if not one.url:
            unasked.append(one.board.code)
        chars.update(*texts_of(one))
    problems += [f"{code} 不是网格，没有公示牌。" for code in codes if code in left]
    return wanted, unasked, chars, problems


async def _facts(desk: "Desk", codes: list[str], kind: Kind, printed: dict[str, str]) -> "AsyncIterator[Facts]":
    async for one in desk.prints.versions(codes, kind):
        printed[one.board.code] = one.fingerprint
        yield await desk.prints.facts(one)


def _problem(done: "Done") -> str:
    if done.problem == "missing_glyph":
        return no_glyph(f"{done.code}：", *done.facts)
    if done.problem == "unreadable":
        return f"{done.code}：二维码画好以后读不出来，没有印。请把这个情况告诉维护的人。"
    return f"{done.code}：没有做成（{'：'.join(done.facts)}）。"


async def _stale(wanted: Wanted, given: Given) -> tuple[list[Version], int]:
    from app.bootstrap import opened

    async with opened(settings(), tell) as house:
        codes = await codes_of(house.desk, wanted)
        stale, never = [], 0
        async for one in house.desk.prints.versions(codes, _kind(given)):
            never += not one.printed
            if one.stale:
                stale.append(one)
    return stale, never
