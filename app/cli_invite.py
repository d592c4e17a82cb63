"""``wangge invite``: a one-time code for a member of staff, and a QR code to scan where one is wanted."""

from pathlib import Path

from app.cli_run import Failed, carry_out, fail, quiet, settings, tell
from domain.errors import NotFound
from services import phones
from services.people import INVITE_LIFE


def run(text: str, picture: Path | None) -> None:
    """Print the code on a line of its own, and draw its QR code into the file *picture*.

    Raises SystemExit when there is nobody with this number, or when the file cannot be written; a code that was made
    by then is printed all the same.
    """
    quiet()
    phone = phones.plain(text)
    if phone is None:
        fail(f"{phones.masked(text)} 不像电话号码。手机号写 11 位，座机要带区号。")
    if picture is not None and not picture.absolute().parent.is_dir():
        fail(f"没有 {picture.parent} 这个文件夹，请先建好。")
    code, url = carry_out(lambda: _invite(phone, scannable=picture is not None))
    print(f"邀请码: {code}")
    print(f"请本人在微信公众号里发送“绑定 {code}”。{INVITE_LIFE.days} 天内有效，只能用一次；重新邀请后旧码作废。")
    if picture is not None:
        _draw(code, url, picture)


def _draw(code: str, url: str, picture: Path) -> None:
    from qrcodes import drawing

    try:
        picture.write_bytes(drawing.png(url) if url else drawing.words_png(f"绑定 {code}"))
    except OSError as error:
        fail(f"二维码没有写进 {picture}：{error.strerror}。上面的邀请码照样能用。")
    if url:
        print(f"二维码在 {picture}：本人用微信扫，公众号会问是不是本人，回 1 就绑好了。")
    else:
        print(f"公众号给不出能直接扫的码，{picture} 里是要发送的字：扫出来复制，发到公众号里。")


async def _invite(phone: str, *, scannable: bool) -> tuple[str, str]:
    from app.bootstrap import opened

    async with opened(settings(), tell) as house:
        try:
            if scannable:
                return await house.desk.invitations.invite(phone)
            return await house.desk.people.invite(phone), ""
        except NotFound:
            raise Failed(
                f"名单里没有 {phones.masked(phone)} 这个号码。请核对一下，或先用 wangge import 导入人员。"
            ) from None
