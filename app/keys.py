"""The keys that seal personal data: given by ``[privacy]``, or made beside the embedded database."""

import contextlib
import os
from pathlib import Path

from adapters.cipher import BadKey, FieldCipher
from app.settings import Settings, SettingsError


def privacy_cipher(settings: Settings) -> FieldCipher:
    keys = [key.get_secret_value() for key in settings.privacy.keys]
    if not keys:
        if settings.database.url.get_secret_value() != "embedded":
            raise SettingsError(
                "privacy.keys 是空的。用自己的数据库时，每台机器都要填同一个密钥，"
                f'例如刚生成的这个：WANGGE__PRIVACY__KEYS=["{FieldCipher.new_key()}"]。'
            )
        keys = [kept_key(settings.data.dir / "privacy.key")]
    try:
        return FieldCipher.from_keys(keys)
    except BadKey:
        raise SettingsError(
            f"privacy.keys 里有用不了的密钥：每个都要是 32 字节的 Base64，例如刚生成的这个：{FieldCipher.new_key()}。"
        ) from None


def kept_key(path: Path) -> str:
    """The key in a file of its own, made at the first start; two processes at once make only one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        return path.read_text("ascii").strip()
    draft = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(FieldCipher.new_key())
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    return path.read_text("ascii").strip()
