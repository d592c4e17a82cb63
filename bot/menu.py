"""The menu under the chat, and what each tap says for the person who taps."""

MENU: tuple[tuple[str, str | tuple[tuple[str, str], ...]], ...] = (
    ("我要反映", (("说一件事", "how"), ("说完了，提交", "submit"), ("不提了，取消", "cancel"))),
    ("查进度", "progress"),
    ("更多", (("我的消息", "inbox"), ("待办（工作人员）", "queue"), ("帮助", "help"))),
)
"""Label and key, or label and what opens above it. WeChat shows three buttons with five below each."""

SAYS = {
    "how": "我要反映",
    "submit": "提交",
    "cancel": "取消",
    "progress": "进度",
    "inbox": "消息",
    "queue": "待办",
    "help": "帮助",
}
"""The word that a key stands for. Phones show an old menu for a while: a key may be added, never given new meaning."""


def said_by(key: str) -> str:
    """The word behind a tap; a key of a menu that is long gone asks for help."""
    return SAYS.get(key, "帮助")


def menu() -> dict[str, object]:
    """The menu as ``menu/create`` takes it."""
    return {"button": [_button(label, below) for label, below in MENU]}


def _button(label: str, below: str | tuple[tuple[str, str], ...]) -> dict[str, object]:
    if isinstance(below, str):
        return {"type": "click", "name": label, "key": below}
    return {"name": label, "sub_button": [_button(name, key) for name, key in below]}
