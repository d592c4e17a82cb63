"""Messages of many residents, signed and encrypted as WeChat does it, before the clock starts."""

import hashlib
import itertools
import json
import re
import secrets
import time
from collections.abc import Mapping, Sequence

from bench.load import Prepared
from sandbox.cipher import Cipher, matches, signature
from sandbox.envelope import read, write
from sandbox.settings import Options

ACCOUNT = Options()
PATH = "/wechat/callback"
_WORDS = "楼下的路灯坏了三天了，晚上黑咕隆咚的，老人走路怕摔，请来看看"


class Payloads:
    """Makes text messages with running MsgIds, from one resident after the other."""

    def __init__(self, openids: Sequence[str]) -> None:
        self._openids = openids
        self._cipher = Cipher(ACCOUNT.aes_key, ACCOUNT.official.appid)
        self._numbers = itertools.count()
        self._msg_ids = itertools.count(23_000_000_000_000_000)

    def make(self, count: int) -> list[Prepared]:
        """Texts in safe mode, from one resident after the other; each holds other words."""
        return [self.text(openid, text) for openid, text in (self._words() for _ in range(count))]

    def make_plain(self, count: int) -> list[Prepared]:
        """The same messages as plain JSON, for the floor that neither parses XML nor decrypts."""
        made = []
        for openid, text in (self._words() for _ in range(count)):
            key = hashlib.sha256(f"{openid}:{text}".encode()).hexdigest()
            body = json.dumps({"key": key, "openid": openid, "text": text}, ensure_ascii=False).encode()
            made.append(Prepared(_http(PATH, body), text))
        return made

    def text(self, openid: str, text: str) -> Prepared:
        return self._push(
            openid, f"{openid} {text}", {"MsgType": "text", "Content": text, "MsgId": next(self._msg_ids)}
        )

    def event(self, openid: str, event: str, key: str) -> Prepared:
        return self._push(openid, f"{event} {openid}", {"MsgType": "event", "Event": event, "EventKey": key})

    def _words(self) -> tuple[str, str]:
        number = next(self._numbers)
        return self._openids[number % len(self._openids)], f"{_WORDS} {number}"

    def _push(self, openid: str, sign: str, fields: Mapping[str, object]) -> Prepared:
        now = str(int(time.time()))
        common = {"ToUserName": ACCOUNT.original_id, "FromUserName": openid, "CreateTime": int(now)}
        sealed = self._cipher.encrypt(write({**common, **fields}))
        nonce = secrets.token_hex(5)
        query = (
            f"signature={signature(ACCOUNT.token, now, nonce)}&timestamp={now}&nonce={nonce}&openid={openid}"
            f"&encrypt_type=aes&msg_signature={signature(ACCOUNT.token, now, nonce, sealed)}"
        )
        body = write({"ToUserName": ACCOUNT.original_id, "Encrypt": sealed}).encode()
        return Prepared(_http(f"{PATH}?{query}", body), sign)

    def opened(self, answer: bytes) -> str:
        """The text of an encrypted answer. Raises ValueError (or what it is made of) when it is not one."""
        outer = read(answer.decode())
        if not matches(outer["MsgSignature"], ACCOUNT.token, outer["TimeStamp"], outer["Nonce"], outer["Encrypt"]):
            raise ValueError("the answer's signature does not fit")
        inner = read(self._cipher.decrypt(outer["Encrypt"]))
        return str(inner["Content"])


def _http(target: str, body: bytes) -> bytes:
    head = (
        f"POST {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/4.0\r\nAccept: */*\r\n"
        f"Content-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


DRAFTED = re.compile(r"记下了，现在有\d+段文字")
