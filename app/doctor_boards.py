"""The doctor's look at what boards are printed with: template, fonts, and how many codes WeChat still gives."""

from adapters.clock import SystemClock
from app.cli_board import faces_of, no_glyph, template_of
from app.cli_qr import running_out
from app.cli_run import Failed
from app.findings import Finding, fine, wrong
from app.settings import Settings
from services.scenes import MOST, usage_at


async def scenes() -> Finding:
    """Whether the account's permanent scenes last; asks the database that is open."""
    used = await usage_at(SystemClock().now())
    if used.nearly_out:
        mend = "请用 wangge qr --retire 停用不再需要的码，停用满一年、没人再扫的会自动换给新的网格。"
        return wrong(running_out(used).removeprefix("提醒：").rstrip("。"), mend)
    return fine(f"永久二维码用了 {used.used} 个，公众号一共 {MOST} 个")


def print_ready(settings: Settings) -> Finding:
    """Whether a board could be printed now with the template and the fonts of *settings*."""
    try:
        look = template_of(settings)
        with faces_of(settings) as faces:
            lacking = [(char, text) for text in look.texts for char in faces.missing(text)]
    except Failed as bad:
        return wrong("公示牌印不了", str(bad))
    if lacking:
        return wrong("公示牌印不了", no_glyph("公示牌模板：", *lacking[0]))
    return fine("公示牌的模板和字体可以用")
