"""``wangge staff password``: a one-time password for the console."""

from app.cli_run import Failed, carry_out, fail, quiet, settings, tell
from domain.errors import NotAllowed, NotFound
from services import phones


def password(text: str) -> None:
    """Print the password on a line of its own; raises SystemExit when there is nobody to give it to."""
    quiet()
    phone = phones.plain(text)
    if phone is None:
        fail(f"{phones.masked(text)} 不像电话号码。手机号写 11 位，座机要带区号。")
    given, days = carry_out(lambda: _give(phone))
    print(f"一次性密码: {given}")
    print(f"请本人打开 /console/，用手机号和这个密码登录，再换成自己的密码。{days} 天内有效；以前的密码和登录都作废。")


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
