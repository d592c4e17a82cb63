"""What the pretend WeChat is told when it starts: command line first, then environment, then these defaults."""

import argparse
import base64
import binascii
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, cast, get_args

Mode = Literal["safe", "compatible", "plain"]

ENVIRONMENT_PREFIX = "WANGGE_SANDBOX_"
AES_KEY_BYTES = 32
HIGHEST_PORT = 65535


class BadOption(Exception):  # noqa: N818 - a plain fact, like every error here
    """An option has a value that the sandbox cannot work with; the message is one line for a person."""


@dataclass(slots=True)
class Account:
    """One WeChat account: the appid and secret with which its access tokens are fetched."""

    appid: str
    secret: str


@dataclass(slots=True)
class Options:
    """Everything that can be set. Times are seconds of real time, not of the movable clock."""

    host: str = "127.0.0.1"
    port: int = 8081
    store: str = ":memory:"
    name: str = "网格通"
    callback_url: str = "http://127.0.0.1:8080/wechat/callback"
    token: str = "sandboxtoken"  # noqa: S105 - the default of a pretend account
    aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    original_id: str = "gh_sandbox00001"
    mode: Mode = "safe"
    official: Account = field(default_factory=lambda: Account("wxsandbox0official", "sandbox-official-secret"))
    mini: Account = field(default_factory=lambda: Account("wxsandbox0mini", "sandbox-mini-secret"))
    mini_token: str = "sandboxminitoken"  # noqa: S105 - likewise
    mini_aes_key: str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefg"
    mini_original_id: str = "gh_sandbox0mini"
    template_ids: tuple[str, ...] = ()
    deadline: float = 5.0
    retries: int = 3
    job_finish_events: bool | Literal["failed"] = True
    """Whether the account is told what became of a message; ``"failed"``: only when it did not arrive."""

    def of_mini(self) -> "Options":
        """The same for the mini program's own message push; its callback lies beside the account's."""
        return replace(
            self,
            callback_url=self.callback_url.replace("/wechat/callback", "/wechat/miniprogram/callback"),
            token=self.mini_token,
            aes_key=self.mini_aes_key,
            original_id=self.mini_original_id,
            official=self.mini,
            mode="safe",
        )

    def check(self) -> None:
        """Raise :exc:`BadOption` for the first value that cannot work."""
        if self.mode not in get_args(Mode):
            raise BadOption(f"--mode {self.mode!r} is not one of safe, compatible, plain")
        if not 0 <= self.port <= HIGHEST_PORT:
            raise BadOption(f"--port {self.port} is not a port number (0 to {HIGHEST_PORT})")
        if not self.callback_url.startswith(("http://", "https://")):
            raise BadOption(f"--callback-url {self.callback_url!r} must begin with http:// or https://")
        if self.deadline <= 0:
            raise BadOption("--deadline must be more than 0 seconds")
        if self.retries < 0:
            raise BadOption("--retries must be 0 or more")
        decode_aes_key(self.aes_key)


def decode_aes_key(text: str) -> bytes:
    """Return the 32 bytes behind an EncodingAESKey of 43 characters, or raise :exc:`BadOption`."""
    try:
        key = base64.b64decode(text + "=", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != AES_KEY_BYTES:
        raise BadOption(f"--aes-key must be 43 letters and digits (an EncodingAESKey); this one has {len(text)}")
    return key


def parse(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Options:
    """Read the options of ``python -m sandbox``.

    Each ``--some-option`` may also be given as ``WANGGE_SANDBOX_SOME_OPTION``; the command line wins.

    Raises BadOption.
    """
    fallback = Options()
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A pretend WeChat with a phone page.")

    def add(flag: str, default: object, text: str, kind: type = str) -> None:
        name = ENVIRONMENT_PREFIX + flag.removeprefix("--").replace("-", "_").upper()
        given = environment.get(name)
        parser.add_argument(flag, default=default if given is None else given, type=kind, help=f"{text} [{name}]")

    add("--host", fallback.host, "address to listen on")
    add("--port", fallback.port, "port to listen on; 0 takes a free one", int)
    add("--store", fallback.store, "SQLite file that keeps everything; ':memory:' forgets it at the end")
    add("--name", fallback.name, "name of the official account on the phone page")
    add("--callback-url", fallback.callback_url, "where messages and events are pushed")
    add("--appid", fallback.official.appid, "appid of the official account")
    add("--secret", fallback.official.secret, "secret of the official account")
    add("--token", fallback.token, "token of the callback's signatures")
    add("--aes-key", fallback.aes_key, "EncodingAESKey of the callback")
    add("--original-id", fallback.original_id, "original id of the official account (gh_...)")
    add("--mode", fallback.mode, "safe, compatible or plain")
    add("--mini-appid", fallback.mini.appid, "appid of the mini program")
    add("--mini-secret", fallback.mini.secret, "secret of the mini program")
    add("--template-ids", "", "known template ids, with commas between; none given: every id is known")
    add("--deadline", fallback.deadline, "seconds that the callback has to answer", float)
    add("--retries", fallback.retries, "how often an unanswered push is sent again", int)
    given = parser.parse_args(arguments)
    options = Options(
        host=given.host,
        port=given.port,
        store=given.store,
        name=given.name,
        callback_url=given.callback_url,
        token=given.token,
        aes_key=given.aes_key,
        original_id=given.original_id,
        mode=cast("Mode", given.mode),
        official=Account(given.appid, given.secret),
        mini=Account(given.mini_appid, given.mini_secret),
        template_ids=tuple(part.strip() for part in given.template_ids.split(",") if part.strip()),
        deadline=given.deadline,
        retries=given.retries,
    )
    options.check()
    return options
