"""What an expected failure is called in words: one line that says what is wrong and how to mend it."""

import errno
import socket
from collections.abc import Iterator

from app.settings import SettingsError
from domain.errors import NotFound, Refusal, ScenesUsedUp, Unavailable

_WECHAT = {
    40013: "AppID 不对。请到公众平台“设置与开发－基本配置”核对 {appid}",
    41002: "没有填 AppID。请设置 {appid}",
    41004: "没有填 AppSecret。请设置 {secret}",
    40001: "AppID 和 AppSecret 不是一对。请到公众平台核对，必要时重置 AppSecret",
    40125: "AppSecret 不对。请到公众平台“基本配置”重置后填进 {secret}",
    40243: "AppSecret 被冻结了。请到公众平台“基本配置”解冻",
    40164: "这台服务器的 IP 不在白名单里。请到公众平台“基本配置－IP 白名单”加上它",
    61004: "这台服务器的 IP 不在白名单里。请到公众平台“基本配置－IP 白名单”加上它",
    89501: "这台服务器的 IP 正等公众号管理员确认。请管理员在微信里点同意",
    89503: "这台服务器的 IP 要公众号管理员确认才能用。请管理员在微信里点同意",
    89506: "公众号管理员拒绝了这台服务器的 IP，24 小时内不能再试。请先和管理员说好",
    89507: "公众号管理员拒绝了这台服务器的 IP，1 小时内不能再试。请先和管理员说好",
    48001: "这个公众号没有这项接口权限。请确认它是已认证的服务号",
    45009: "今天的接口次数用完了，明天再试；也可以在公众平台清零一次",
    45011: "调用太频繁，过一分钟再试",
    50002: "这个公众号被限制使用，请登录公众平台看原因",
    50004: "这个公众号不能取得接口凭证，请登录公众平台看原因",
    50007: "这个公众号被冻结，请登录公众平台看原因",
}

_DATABASE_STATES = {
    "28P01": "数据库的用户名或密码不对。请核对 database.url",
    "28000": "数据库不让这个用户登录。请核对 database.url 和 pg_hba.conf",
    "3D000": "数据库服务器上没有这个库。请先建库，或核对 database.url 末尾的库名",
    "42P01": "数据库里还没有需要的表。请先运行 wangge migrate",
    "42703": "数据库的表结构是旧的。请先运行 wangge migrate",
    "42501": "数据库用户没有足够的权限。请授权，或换一个用户",
    "53100": "数据库所在的磁盘满了。请腾出空间再试",
    "53300": "数据库的连接数用满了。请调大 max_connections 或调小 database.pool",
    "57P03": "数据库正在启动或恢复，过一会儿再试",
    "25006": "连上的是只读的备库。请把 database.url 指向主库",
}
_DATABASE_AWAY = "连不上数据库。请确认它开着，并核对 database.url"


def wechat_words(code: int, reason: str, section: str = "official") -> str:
    """What WeChat's *code* means for whoever runs the service.

    *reason* is what our client says about it; *section* is ``official`` or ``miniprogram``, where the account is set.
    """
    known = _WECHAT.get(code)
    if known is not None:
        secret = f"WANGGE__WECHAT__{section.upper()}__SECRET"
        return f"微信不答应（{code}）：{known.format(appid=f'wechat.{section}.appid', secret=secret)}。"
    if code:
        return f"微信不答应（{code}）：{reason}。"
    return f"微信那边没有办成：{reason}。请检查网络和 wechat 配置，过一会儿再试一次。"


def words(error: BaseException) -> str | None:
    """One line for a failure that was to be expected; ``None`` for one that is a fault in the program."""
    if isinstance(error, SettingsError):
        return f"配置有问题：{error}"
    if _service(error):
        return str(error)
    if isinstance(error, Refusal):
        return _refusal(error)
    for one in _chain(error):
        found = _engine(one) or _database(one) or _redis(one) or _wechat(one) or _system(one)
        if found is not None:
            return found
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The causes first: what a library wraps says more than its wrapper."""
    seen: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in seen:
        seen.append(one)
        one = one.__cause__ or one.__context__
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _chain(inner)
    yield from reversed(seen)


def _refusal(error: Refusal) -> str:
    if isinstance(error, Unavailable) and isinstance(code := error.facts.get("errcode"), int):
        return wechat_words(code, error.detail)
    if isinstance(error, NotFound) and "region" in error.facts:
        return f"没有代码是 {error.facts['region']} 的区域。请核对代码，或先用 wangge import 导入。"
    if isinstance(error, ScenesUsedUp):
        return (
            f"公众号的永久二维码（{error.facts['most']} 个）已经用完，也没有停用满一年、没人再扫的可以换。"
            "请用 wangge qr --retire 停用不再需要的，满一年后会自动再用。"
        )
    return error.detail or error.code


def _service(error: BaseException) -> bool:
    from app.children import GaveUp
    from app.serve import PortTaken

    return isinstance(error, (GaveUp, PortTaken))


def _engine(error: BaseException) -> str | None:
    from adapters.embedded.errors import EngineError

    return str(error) if isinstance(error, EngineError) else None


def _database(error: BaseException) -> str | None:
    import psycopg
    from tortoise.exceptions import DBConnectionError

    # asyncpg brings no types along, so its errors are known by where they are from.
    ours = isinstance(error, psycopg.Error) or type(error).__module__.startswith("asyncpg.")
    state = getattr(error, "sqlstate", None)
    if ours and state:
        known = _DATABASE_STATES.get(str(state))
        return f"{known}。" if known else f"数据库报错（{state}）：{_one_line(error)}"
    if ours or isinstance(error, DBConnectionError):
        return f"{_DATABASE_AWAY}。（{_one_line(error)}）"
    return None


def _redis(error: BaseException) -> str | None:
    from redis.exceptions import RedisError

    if not isinstance(error, RedisError):
        return None
    return f"连不上 Redis。请确认它开着，并核对 redis.url。（{_one_line(error)}）"


def _wechat(error: BaseException) -> str | None:
    from services.ports import WeChatError

    return wechat_words(error.errcode, error.reason) if isinstance(error, WeChatError) else None


_SYSTEM = {
    errno.EADDRINUSE: "端口已经被别的程序占用：{why}。请关掉那个程序，或改 server.port。",
    errno.ENOENT: "找不到{what}。请核对路径。",
    errno.EACCES: "没有权限读写{what}。请改权限，或换一个文件夹。",
    errno.EPERM: "没有权限读写{what}。请改权限，或换一个文件夹。",
    errno.EROFS: "{what}在只读的磁盘上，写不进去。请换一个文件夹。",
    errno.ENOSPC: "磁盘满了，写不下{what}。请腾出空间再试。",
    errno.EDQUOT: "磁盘配额用完了，写不下{what}。请腾出空间再试。",
    errno.EISDIR: "{what}是文件夹，不是文件。请核对路径。",
    errno.ENOTDIR: "{what}不是文件夹。请核对路径。",
    errno.EEXIST: "{what}已经有了，而且不是文件夹。请换一个名字。",
    errno.ENAMETOOLONG: "名字太长：{what}。请换短一点的。",
    errno.ECONNREFUSED: "连不上数据库或别的服务：{why}。请确认它开着，并核对配置里的地址。",
    errno.EHOSTUNREACH: "连不上数据库或别的服务：{why}。请检查网络，并核对配置里的地址。",
    errno.ENETUNREACH: "连不上数据库或别的服务：{why}。请检查网络，并核对配置里的地址。",
}


def _system(error: BaseException) -> str | None:
    if not isinstance(error, OSError):
        return None
    if isinstance(error, socket.gaierror):
        return f"找不到配置里写的服务器：{_one_line(error)}。请核对地址和 DNS。"
    known = _SYSTEM.get(error.errno or 0)
    if known is not None:
        return known.format(what=f" {error.filename} " if error.filename else "文件", why=_one_line(error))
    if isinstance(error, TimeoutError):
        return "等了太久没有回答。请确认数据库和网络正常，过一会儿再试。"
    return f"系统报错：{_one_line(error)}"


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
