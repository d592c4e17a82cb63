"""``wangge doctor``: prints what the doctor finds."""

from app.cli_run import carry_out, quiet, tell
from app.findings import Finding


def run() -> None:
    """One line for each thing; exit code 1 when anything is wrong."""
    quiet()
    found = carry_out(_examine)
    for one in found:
        print(f"{'✓' if one.ok else '✗'} {one.what}" + ("" if one.ok else f"\n    → {one.mend}"))
    ill = sum(not one.ok for one in found)
    if ill:
        tell(f"有 {ill} 处要改。改好以后再运行一次 wangge doctor。")
        raise SystemExit(1)
    print("都好，可以用了。")


async def _examine() -> list[Finding]:
    from app.doctor import examine
    from app.findings import wrong
    from app.settings import SettingsError, load

    try:
        settings = load()
    except SettingsError as error:
        return [wrong("配置不能用", str(error))]
    return await examine(settings)
