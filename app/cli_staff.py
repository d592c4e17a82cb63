"""``wangge staff password``: a one-time password for the console."""

from app.cli_run import Failed, carry_out, fail, quiet, settings, tell
from domain.duty import USES_CONSOLE, Duty
from domain.errors import BadInput, NotAllowed, NotFound
from services import phones
from services.staff_logins import SHORTEST


def password(text: str) -> None:
    """Print the password on a line of its own; raises SystemExit when there is nobody to give it to."""
    quiet()
    phone = phones.plain(text)
    if phone is None:
        fail(f"{phones.masked(text)} 不像电话号码。手机号写 11 位，座机要带区号。")
    given, days = carry_out(lambda: _give(phone))
    print(f"一次性密码: {given}")
    print(
        f"请本人打开 /console/，用手机号和这个密码登录，再换成自己的密码。{days} 天内有效；"
        "以前的密码、登录和两步验证都作废。"
    )


def console_user(login: str, duty: str, region: str, secret: str) -> None:
    """Make or change a login; raises SystemExit where that cannot be."""
    quiet()
    carry_out(lambda: _set(login, duty, region, secret))
    print(f"好了：{phones.masked(login) if phones.plain(login) else login} 可以打开 /console/ 登录。")


async def _set(login: str, duty: str, region: str, secret: str) -> None:
    from app.bootstrap import opened
    from app.console_door import staff_logins

    if duty not in {*Duty}:
        raise Failed(f"没有“{duty}”这个岗位。可以写：{'、'.join(sorted(USES_CONSOLE))}。")
    async with opened(settings(), tell) as house:
        try:
            await staff_logins(house).set(login, Duty(duty), region, secret)
        except NotAllowed:
            raise Failed(f"{duty} 用不上管理后台。可以写：{'、'.join(sorted(USES_CONSOLE))}。") from None
        except NotFound as missing:
            if "region" in missing.facts:
                raise
            raise Failed(f"名单里没有 {phones.masked(login)} 这个号码。请先用 wangge import 导入人员。") from None
        except BadInput as refused:
            raise Failed(_REFUSED[str(refused.facts["field"])].format(duty=duty, shortest=SHORTEST)) from None


_REFUSED = {
    "login": "登录名要 2 到 40 个字：字母、数字、汉字，中间可以有点、横线。",
    "duty": "{duty} 不能设在这一级区域。请换一个区域或岗位。",
    "password": "密码不行：至少 {shortest} 个字符，不能全是数字，不能含登录名，也不能总是那几个字符。",
}


async def _give(phone: str) -> tuple[str, int]:
    from app.bootstrap import opened
    from app.console_door import staff_logins

    async with opened(settings(), tell) as house:
        try:
            return await staff_logins(house).give(phone), house.settings.console.one_time_days
        except NotFound:
            raise Failed(
                f"名单里没有 {phones.masked(phone)} 这个号码。请核对一下，或先用 wangge import 导入人员。"
            ) from None
        except NotAllowed:
            raise Failed(
                f"{phones.masked(phone)} 现在没有用得上管理后台的岗位：网格员和志愿者在微信里办事，不用登录后台。"
            ) from None
