"""One answer to each question, or the line is given up: an answer must never be taken for that of another message."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from adapters.wechat_lines import Address, Lines, NotConnected, address

_LOOPBACK = IPv4Address("127.0.0.1")
OK = b'{"errcode":0}'
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: Text/JSON; charset=utf-8\r\nContent-Length: 13\r\n\r\n" + OK


class Far:
    """The other end: says what it is told to each question, and counts its connections."""

    def __init__(self) -> None:
        self.says: list[bytes] = []
        """One for each question; afterwards the plain answer."""
        self.closes = False
        self.piecewise = False
        self.mute = asyncio.Event()
        self.mute.set()
        self.asked: list[bytes] = []
        self.connections = 0
        self._writers: list[asyncio.StreamWriter] = []

    async def open(self, context: ssl.SSLContext | None = None) -> Address:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=context)
        port = self._server.sockets[0].getsockname()[1]
        return address(f"{'https' if context else 'http'}://127.0.0.1:{port}/cgi-bin/send", "a token/1")

    async def close(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()

    def interrupt(self, said: bytes) -> None:
        self._writers[-1].write(said)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                self.asked.append(head + await reader.readexactly(length))
                await self.mute.wait()
                said = self.says.pop(0) if self.says else PLAIN
                for piece in [said[at : at + 1] for at in range(len(said))] if self.piecewise else [said]:
                    writer.write(piece)
                    await asyncio.sleep(0)
                if self.closes:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    far = Far()
    yield far
    await far.close()


@pytest.fixture
async def lines() -> AsyncIterator[Lines]:
    lines = Lines(2, total=0.6, connect=0.3)
    yield lines
    await lines.close()


async def test_a_question_is_whole_http_and_its_line_is_used_again(far: Far, lines: Lines) -> None:
    to = await far.open()
    for body in ("路灯".encode(), b"{}"):
        answer = await lines.post(to, body)
        assert (answer.status, answer.media_type, answer.body) == (200, "text/json", OK)
    head, _, body = far.asked[0].partition(b"\r\n\r\n")
    assert head.splitlines()[0] == b"POST /cgi-bin/send?access_token=a+token/1 HTTP/1.1"
    assert f"Host: 127.0.0.1:{to.port}".encode() in head.splitlines()
    assert b"Content-Type: application/json" in head.splitlines()
    assert body == "路灯".encode()
    assert far.connections == 1


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n"
        + OK[:5]
        + b"\r\n8\r\n"
        + OK[5:]
        + b"\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN,
        PLAIN,
    ],
)
async def test_an_answer_in_pieces_is_read_to_its_end(far: Far, lines: Lines, said: bytes) -> None:
    to = await far.open()
    far.piecewise, far.says = True, [said, said]
    assert [(await lines.post(to, b"")).body for _ in range(2)] == [OK, OK]
    assert far.connections == 1


async def test_an_answer_that_ends_with_the_line_is_an_answer_too(far: Far, lines: Lines) -> None:
    to = await far.open()
    far.closes, far.says = True, [b"HTTP/1.1 502 Bad Gateway\r\n\r\n" + OK]
    answer = await lines.post(to, b"")
    assert (answer.status, answer.body) == (502, OK)


@pytest.mark.parametrize(
    "said",
    [
        PLAIN.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
        b"HTTP/1.0 200 OK\r\nContent-Length: 13\r\n\r\n" + OK,
        PLAIN + PLAIN,
        PLAIN + b"x",
    ],
)
async def test_a_line_that_may_say_more_is_not_used_again(far: Far, lines: Lines, said: bytes) -> None:
    to = await far.open()
    far.says = [said, PLAIN.replace(b":0}", b":1}")]
    assert (await lines.post(to, b"")).body == OK
    assert (await lines.post(to, b"")).body == b'{"errcode":1}'
    assert far.connections == 2


async def test_who_speaks_unasked_is_not_asked_any_more(far: Far, lines: Lines) -> None:
    to = await far.open()
    await lines.post(to, b"")
    far.interrupt(PLAIN.replace(b":0}", b":9}"))
    async with asyncio.timeout(5):
        while lines._open:
            await asyncio.sleep(0.01)
    assert (await lines.post(to, b"")).body == OK
    assert far.connections == 2


@pytest.mark.parametrize("said", [b"SSH-2.0-OpenSSH_9\r\n", PLAIN[:-1], b"", PLAIN[:30]])
async def test_half_an_answer_is_a_broken_line(far: Far, lines: Lines, said: bytes) -> None:
    to = await far.open()
    far.closes, far.says = True, [said]
    with pytest.raises(OSError, match=r"closed|not HTTP|Reset"):
        await lines.post(to, b"")


async def test_an_answer_without_end_is_broken_off(far: Far, lines: Lines) -> None:
    to = await far.open()
    far.says = [b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 2_000_000]
    with pytest.raises(OSError, match="too long"):
        await lines.post(to, b"")


async def test_the_answer_to_a_question_given_up_is_not_taken_for_the_next_ones(far: Far, lines: Lines) -> None:
    to = await far.open()
    await lines.post(to, b"")
    far.mute.clear()
    far.says = [PLAIN.replace(b":0}", b":7}")]
    given_up = asyncio.create_task(lines.post(to, b"given up"))
    async with asyncio.timeout(5):
        while len(far.asked) < 2:
            await asyncio.sleep(0.01)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    far.mute.set()
    assert (await lines.post(to, b"next")).body == OK
    assert far.connections == 2


async def test_no_answer_in_time_and_no_line_in_time_are_told_apart(far: Far, lines: Lines) -> None:
    to = await far.open()
    far.mute.clear()
    results = await asyncio.gather(*(lines.post(to, b"") for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in results] == [TimeoutError, TimeoutError, NotConnected]
    assert len(far.asked) == 2
    far.mute.set()
    assert (await lines.post(to, b"")).body == OK


def test_an_address_is_of_the_web_and_kept_for_its_token() -> None:
    assert address("https://api.weixin.qq.com/a", "t") is address("https://api.weixin.qq.com/a", "t")
    assert (address("https://[::1]/a", "t").host, address("https://[::1]/a", "t").port) == ("::1", 443)
    for wrong in ("", "ftp://a.example/x", "http:///x", "http://a:b/x"):
        with pytest.raises(ValueError, match=r".+"):
            address(wrong, "t")


async def test_an_encrypted_line_is_only_opened_to_whom_its_certificate_names(
    far: Far, lines: Lines, tmp_path: Path
) -> None:
    certificate = _certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    to = await far.open(context)
    with pytest.raises(NotConnected):
        await lines.post(to, b"")
    assert far.asked == []
    lines._context().load_verify_locations(certificate)
    patient = Lines(1, total=10, connect=5)
    patient._encryption = lines._context()
    assert (await patient.post(to, b"")).body == OK
    await patient.close()


def _certificate(folder: Path) -> Path:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(_LOOPBACK)]), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
