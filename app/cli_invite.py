"""``wangge invite``: a one-time code for a member of staff."""

from app.cli_run import Failed, carry_out, fail, quiet, settings, tell
from domain.errors import NotFound
from services import phones
from services.people import INVITE_LIFE


def run(text: str) -> None:
    """Print the code on a line of its own; raises SystemExit when there is nobody with this number."""
    quiet()
    phone = phones.plain(text)
    if phone is None:
        fail(f"{phones.masked(text)} 不像电话号码。手机号写 11 位，座机要带区号。")
    code = carry_out(lambda: _invite(phone))
    print(f"邀请码: {code}")
    print(f"请本人在微信公众号里发送“绑定 {code}”。{INVITE_LIFE.days} 天内有效，只能用一次；重新邀请后旧码作废。")


async def _invite(phone: str) -> str:
    from app.bootstrap import opened

    async with opened(settings(), tell) as house:
        try:
            return await house.desk.people.invite(phone)
        except NotFound:
            raise Failed(
                f"名单里没有 {phones.masked(phone)} 这个号码。请核对一下，或先用 wangge import 导入人员。"
            ) from None
