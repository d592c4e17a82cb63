"""``wangge rotate-keys``: personal data sealed anew under the first key of ``[privacy]``."""

from rich.progress import Progress

from app.cli_run import Failed, carry_out, progress, quiet, settings, tell


def run(*, finish: bool) -> None:
    """Seal what older keys have sealed; with *finish* let the older keys go altogether."""
    quiet()
    with progress() as bar:
        sealed, found = carry_out(lambda: _rotate(bar, finish=finish))
    print(f"用新密钥重新加密了 {sealed} 项个人信息。" if sealed else "个人信息都已经是新密钥加密的了。")
    if finish:
        print(f"查找用的索引也换好了，共 {found} 人。请马上从 privacy.keys 里去掉旧密钥，并重启服务。")


async def _rotate(bar: Progress, *, finish: bool) -> tuple[int, int]:
    from adapters.cipher import CannotOpen
    from app.bootstrap import opened
    from app.keys import privacy_cipher
    from services.key_rotation import SEALED, KeyRotation

    given = settings()
    async with opened(given, tell):
        rotations = [KeyRotation(privacy_cipher(given), *place) for place in SEALED]
        task = bar.add_task("重新加密", total=sum([await one.left() for one in rotations]))
        done = 0
        try:
            for rotation in rotations:
                some, after = await rotation.seal_some()
                while some:
                    done += some
                    bar.advance(task, some)
                    some, after = await rotation.seal_some(after)
            found = await rotations[0].index_anew() if finish else 0
        except CannotOpen as error:
            raise Failed(
                f"有手机号或基础数据打不开：{error}。请把加密时用的旧密钥也写进 privacy.keys，放在新密钥后面。"
            ) from None
    return done, found
