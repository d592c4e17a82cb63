"""The command ``wangge``. Everything heavy is imported inside the commands, so that ``--help`` comes at once."""

import io
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app import cli_assess, cli_training

app = typer.Typer(
    name="wangge",
    help="网格通：微信里的网格服务台。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

event_types = typer.Typer(help="事项清单：从 CSV 导入，或者写成 CSV。", no_args_is_help=True)
app.add_typer(event_types, name="event-types")
export = typer.Typer(help="写成文件：通知的送达情况，每月考核的得分。", no_args_is_help=True)
app.add_typer(export, name="export")
staff = typer.Typer(help="工作人员：管理后台的密码。", no_args_is_help=True)
app.add_typer(staff, name="staff")
app.add_typer(cli_assess.assess, name="assess")
app.add_typer(cli_training.training, name="training")
export.command("assessment")(cli_assess.export)


class Format(StrEnum):
    PNG = "png"
    SVG = "svg"
    PDF = "pdf"


@app.command()
def run() -> None:
    """启动整个服务：网页和后台任务一起（等于 make run）。"""
    from app import cli_run, supervise

    settings = cli_run.service_settings()
    cli_run.carry_out(lambda: supervise.run(settings))


@app.command()
def serve(
    processes: Annotated[
        int | None, typer.Option(min=1, max=64, help="开几个进程；不写就按 config.toml 里的 server.processes。")
    ] = None,
    shared_port: Annotated[bool, typer.Option("--shared-port", hidden=True)] = False,
) -> None:
    """只启动网页部分：微信回调、小程序接口、控制台。"""
    from app import cli_run
    from app import serve as web

    settings = cli_run.service_settings()
    if shared_port:
        cli_run.carry_out(lambda: web.serve_one(settings, shared_port=True), fast=True)
    else:
        cli_run.carry_out(lambda: web.run(settings, processes or settings.server.processes), fast=True)


@app.command()
def jobs(
    concurrency: Annotated[int, typer.Option(min=1, max=100, help="同时做几件事；20 左右最快。")] = 20,
) -> None:
    """只启动后台任务：发消息、到期升级、取照片。"""
    from app import cli_run, work

    settings = cli_run.service_settings()
    cli_run.carry_out(lambda: work.run(settings, concurrency), fast=True)


@app.command()
def migrate() -> None:
    """把数据库的表结构更新到这个版本。"""
    from app import cli_migrate

    cli_migrate.run()


@app.command()
def doctor() -> None:
    """检查配置、数据库、Redis、存储、微信和时钟，说清楚哪里不对、怎么改。"""
    from app import cli_doctor

    cli_doctor.run()


@app.command("import")
def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="REGIONS.csv [STAFF.csv]", help="区域表和人员表；也可以只给其中一个。", show_default=False
        ),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只试一遍，不写入。")] = False,
) -> None:
    """导入区域和人员：要么全部导入，要么一行也不导入。"""
    from app import cli_import

    cli_import.run(files, dry_run=dry_run)


@event_types.command("import")
def import_event_types(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="事项清单，CSV。", show_default=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只试一遍，不写入。")] = False,
) -> None:
    """导入事项清单：要么全部导入，要么一行也不导入；表里没写到的事项不动。"""
    from app import cli_event_types

    cli_event_types.take(file, dry_run=dry_run)


@event_types.command("export")
def export_event_types(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="写到哪个文件。", show_default=False)],
) -> None:
    """把整张事项清单写成 CSV，改好以后可以再导入。"""
    from app import cli_event_types

    cli_event_types.give(file)


@export.command("notice")
def export_notice(
    number: Annotated[int, typer.Argument(metavar="N", min=1, help="通知的编号。")],
    file: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="写到哪个文件。", show_default=False)
    ] = None,
) -> None:
    """把一条通知的送达情况按村写成 CSV。"""
    from app import cli_export

    cli_export.notice(number, file or Path(f"notice-{number}.csv"))


@export.command("work-log")
def export_work_logs(
    region: Annotated[str, typer.Argument(metavar="CODE", help="区域的编码，连同下面的网格。", show_default=False)],
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="从哪天。", show_default=False)],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="到哪天（含）。", show_default=False)],
    file: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="写到哪个文件。", show_default=False)
    ] = None,
) -> None:
    """把一片区域工作人员的工作日志写成 CSV，一次最多 31 天。"""
    from app import cli_export

    cli_export.work_logs(region, first.date(), last.date(), file or Path(f"work-log-{region}.csv"))


@app.command(name="rotate-keys")
def rotate_keys(
    *, finish: Annotated[bool, typer.Option("--finish", help="连查找用的索引也换掉，之后旧密钥就可以去掉。")] = False
) -> None:
    """更换个人信息的密钥：新密钥写在 privacy.keys 最前面，重启后运行；可以中断，再运行就接着做。"""
    from app import cli_keys

    cli_keys.run(finish=finish)


@app.command()
def invite(
    phone: Annotated[str, typer.Argument(metavar="PHONE", help="工作人员的手机号。")],
    qr: Annotated[
        Path | None, typer.Option("--qr", metavar="FILE", help="另存一张 PNG 二维码，本人用微信一扫就能绑。")
    ] = None,
) -> None:
    """给一位工作人员发邀请码，用来在微信里绑定身份。"""
    from app import cli_invite

    cli_invite.run(phone, qr)


@staff.command("password")
def staff_password(
    phone: Annotated[str, typer.Argument(metavar="PHONE", help="工作人员的手机号。", show_default=False)],
) -> None:
    """给一位工作人员发登录管理后台的一次性密码，第一次登录时要换掉；忘了密码也用它。"""
    from app import cli_staff

    cli_staff.password(phone)


@app.command("console-user")
def console_user(
    login: Annotated[str, typer.Argument(metavar="LOGIN", help="登录名，或者名单里的手机号。", show_default=False)],
    duty: Annotated[str, typer.Option(metavar="DUTY", help="岗位，例如 commander。", show_default=False)],
    region: Annotated[str, typer.Option(metavar="CODE", help="在哪个区域。", show_default=False)],
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="从标准输入读密码。")] = False,
) -> None:
    """建一个管理后台的登录，或者换它的密码；密码从标准输入读，不留在命令记录里。"""
    from app import cli_staff
    from app.cli_run import fail

    if not password_stdin:
        fail("请加 --password-stdin，密码从标准输入给进来：wangge console-user … --password-stdin < 密码文件", 2)
    cli_staff.console_user(login, duty, region, sys.stdin.readline().rstrip("\r\n"))


class Size(StrEnum):
    A4 = "a4"
    A3 = "a3"


@app.command()
def qr(
    codes: Annotated[list[str] | None, typer.Argument(metavar="CODE…", help="区域代码，可以写多个。")] = None,
    under: Annotated[
        str | None, typer.Option(metavar="REGION", help="这个区域下面的所有网格。", show_default=False)
    ] = None,
    *,
    file_format: Annotated[
        Format | None, typer.Option("--format", help="文件格式；单个二维码默认 png，公示牌默认 pdf。")
    ] = None,
    folder: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="文件放在哪个文件夹。")] = Path(),
    board: Annotated[bool, typer.Option("--board", help="做整张公示牌。")] = False,
    card: Annotated[bool, typer.Option("--card", help="做门牌卡（A6）。")] = False,
    badge: Annotated[bool, typer.Option("--badge", help="做网格员工作证。")] = False,
    size: Annotated[Size, typer.Option(help="公示牌的大小。")] = Size.A4,
    crop_marks: Annotated[bool, typer.Option("--crop-marks", help="给印刷厂：四边多出 3 毫米，带裁切线。")] = False,
    changed: Annotated[bool, typer.Option("--changed", help="只做没印过的，和印过以后内容变了的。")] = False,
    list_reprint: Annotated[bool, typer.Option("--list-reprint", help="只列出内容变了、该重印的。")] = False,
    mini: Annotated[bool, typer.Option("--mini", help="要小程序码，不要公众号的二维码。")] = False,
    retire: Annotated[bool, typer.Option("--retire", help="停用这些网格现在的码。")] = False,
    reissue: Annotated[bool, typer.Option("--reissue", help="停用现在的码，换成新的。")] = False,
) -> None:
    """生成网格二维码，每个代码一个文件；或者做公示牌、门牌卡、工作证，合成一个 PDF 和一个 ZIP。"""
    from app import cli_qr

    if not codes and not under:
        raise typer.BadParameter("请写上区域代码，或用 --under 指定一个区域。")
    kinds = [name for name, given in (("board", board), ("card", card), ("badge", badge)) if given]
    if len(kinds) + mini + retire + reissue > 1:
        raise typer.BadParameter("--board、--card、--badge、--mini、--retire、--reissue 一次只能用一个。")
    wanted = cli_qr.Wanted(codes or [], under, str(file_format) if file_format else None, folder)
    if retire or reissue:
        cli_qr.retire(wanted, again=reissue)
    elif kinds or list_reprint or changed:
        from app import cli_board

        given = cli_board.Given(kinds[0] if kinds else "board", str(size), crop_marks=crop_marks, changed=changed)
        cli_board.reprint(wanted, given) if list_reprint else cli_board.run(wanted, given)
    else:
        cli_qr.run(wanted, mini=mini)


@app.command("board-facts")
def board_facts(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="CSV：phone,office_phone,photo 或 region_code,area。", show_default=False),
    ],
    photos: Annotated[
        Path | None, typer.Option(metavar="DIR", help="照片在哪个文件夹；不写就是 CSV 旁边。", show_default=False)
    ] = None,
) -> None:
    """导入公示牌上的办公电话、照片，或者网格的服务范围：要么全部导入，要么一行也不导入。"""
    from app import cli_board_facts

    cli_board_facts.run(file, photos or file.parent)


@app.command()
def demo(once: Annotated[bool, typer.Option("--once", help="演完就停。")] = False) -> None:
    """用模拟的微信从头演一遍，再留着让人点着看。"""
    from app import cli_run
    from app import demo as story

    raise SystemExit(cli_run.carry_out(lambda: story.run(once=once)))


def main() -> None:
    """The entry point of the command."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a sign (✓ in GBK, say) shows a question mark rather than break the command.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()
