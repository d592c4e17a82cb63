"""The two WeChat accounts as their callbacks need them, read out of the settings."""

from adapters.clock import SystemClock
from app.settings import Settings, SettingsError
from bot.envelope import Account, Envelope


def official_account(settings: Settings) -> Account:
    """Raises SettingsError for an AES key that is none."""
    official = settings.wechat.official
    return _sound(
        Account(
            appid=official.appid,
            token=official.token.get_secret_value(),
            aes_key=official.encoding_aes_key.get_secret_value(),
            previous_aes_key=official.previous_encoding_aes_key.get_secret_value(),
            original_id=official.original_id,
            mode=official.mode,
        ),
        "wechat.official.encoding_aes_key",
        "公众平台“基本配置”",
    )


def mini_account(settings: Settings) -> Account:
    """The mini program's message push (消息推送), which is always safe mode. Raises SettingsError."""
    mini = settings.wechat.miniprogram
    return _sound(
        Account(
            appid=mini.appid,
            token=mini.token.get_secret_value(),
            aes_key=mini.encoding_aes_key.get_secret_value(),
            previous_aes_key="",
            original_id="",
            mode="safe",
        ),
        "wechat.miniprogram.encoding_aes_key",
        "小程序后台“消息推送”",
    )


def _sound(account: Account, name: str, where: str) -> Account:
    try:
        Envelope(account, SystemClock())
    except ValueError:
        raise SettingsError(f"{name} 用不了：请照抄{where}里的 EncodingAESKey，43 个字母和数字。") from None
    return account
