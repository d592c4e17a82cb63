"""What a browser calls itself, as a person would say it."""

_SYSTEMS = (
    ("HarmonyOS", "鸿蒙"),
    ("Android", "安卓手机"),
    ("iPhone", "苹果手机"),
    ("iPad", "苹果平板"),
    ("Windows", "Windows 电脑"),
    ("Mac OS", "苹果电脑"),
    ("Linux", "Linux 电脑"),
)
_BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Edg", "Edge"),
    ("QQBrowser", "QQ 浏览器"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def called(user_agent: str, address: str) -> str:
    """From where somebody asks, in a few words: 「Windows 电脑，Chrome，地址 203.0.113.5」.

    Nothing that the browser has written itself stands in it: it could write anything.
    """
    system = next((said for sign, said in _SYSTEMS if sign in user_agent), "认不出的设备")
    browser = next((said for sign, said in _BROWSERS if sign in user_agent), "")
    return "，".join(part for part in (system, browser, f"地址 {address}" if address else "") if part)
