"""The wording of a notice's report as a table, a line for each village; opened in a spreadsheet by a clerk."""

import csv
import io
from collections.abc import Sequence

from services.notices_figures import ReportLine

_HEADINGS = {
    "code": "村（社区）编码",
    "village": "村（社区）",
    "people": "应通知人数",
    "inbox": "只在消息箱",
    "failed": "没发到",
    "uncertain": "不确定",
    "recalled": "已撤回",
    "expired": "已过期",
    "left": "还没发",
    "opened": "点开看过",
    "visited": "已上门告知",
    "unvisited": "还没通知到",
}
_CHANNELS = {"custom": "公众号消息", "template": "模板消息"}
_WHY = {
    "no_wechat": "没绑定微信",
    "not_following": "没关注公众号",
    "declined": "不接收提醒",
    "window_closed": "很久没说过话",
    "gave_up": "多次没发到",
    "answer_lost": "微信没有回音",
    "recalled": "撤回",
    "expired": "过期",
    "other": "其他",
}
_BOM = b"\xef\xbb\xbf"
"""Without it Excel takes UTF-8 for GBK."""


def table(lines: Sequence[ReportLine]) -> bytes:
    """CSV in UTF-8: the villages, then what they add up to. Counts only."""
    channels = sorted({name for line in lines for name in line.sent})
    reasons = sorted({name for line in lines for name in line.reasons})
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [
            *(_HEADINGS[name] for name in ("code", "village", "people")),
            *(f"送达：{_CHANNELS.get(name, name)}" for name in channels),
            *(_HEADINGS[name] for name in _COUNTED),
            *(f"原因：{_WHY.get(name, name)}" for name in reasons),
        ]
    )
    counted = [_counts(line, channels, reasons) for line in lines]
    for line, counts in zip(lines, counted, strict=True):
        writer.writerow([line.code, _plain(line.village or "（不在村里）"), *counts])
    writer.writerow(["", "合计", *(sum(column) for column in zip(*counted, strict=True))])
    return _BOM + out.getvalue().encode()


_COUNTED = tuple(name for name in _HEADINGS if name not in {"code", "village", "people"})


def _counts(line: ReportLine, channels: Sequence[str], reasons: Sequence[str]) -> list[int]:
    return [
        line.people,
        *(line.sent.get(name, 0) for name in channels),
        *(int(getattr(line, name)) for name in _COUNTED),
        *(line.reasons.get(name, 0) for name in reasons),
    ]


def _plain(text: str) -> str:
    """A name that begins like a formula stays a name."""
    return f"'{text}" if text[:1] in "=+-@" else text
