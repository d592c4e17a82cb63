"""The main menu, and which of its entries a page belongs to."""

from collections.abc import Iterator

ENTRIES = (
    ("/", "工作台", ()),
    ("/cases", "诉求", ("/cases",)),
    ("/cases/new", "记来电", ("/cases/new",)),
    ("/notices", "通知", ("/notices",)),
    ("/regions", "网格", ("/regions", "/posts", "/leaves", "/invitations")),
    ("/statistics", "统计", ("/statistics", "/exports")),
    ("/assessment", "考核", ("/assessment", "/awards", "/exits", "/training")),
    (
        "/settings",
        "设置",
        (
            "/settings",
            "/event-types",
            "/event-types-import",
            "/event-type-proposals",
            "/calendar",
            "/admissions",
            "/audit",
        ),
    ),
)
"""Where each entry leads below the console's root, what it is called, and the folders of its pages."""


def entries(here: str) -> Iterator[tuple[str, str, str]]:
    """Each entry with what ``aria-current`` says of it on the page *here*, both below the console's root.

    That is "page" on the page that it leads to, "true" on the others of its area, and nothing elsewhere.
    """
    area = max(ENTRIES, key=lambda entry: _depth(here, entry[2]))[0]
    for to, name, folders in ENTRIES:
        within = to == area and _depth(here, folders) > 0
        yield to, name, "page" if here == to else "true" if within else ""


def _depth(here: str, folders: tuple[str, ...]) -> int:
    """How long the longest of *folders* is that *here* lies in; 0 for none."""
    return max((len(one) for one in folders if here == one or here.startswith(f"{one}/")), default=0)
