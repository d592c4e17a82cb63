"""What a restart keeps, and how the command begins and refuses to."""

import asyncio
import socket
import sys
from pathlib import Path

import aiohttp
import pytest

from sandbox.settings import BadOption, parse

ROOT = Path(__file__).parents[2]


async def test_a_restart_forgets_nothing(serve, account, tmp_path):
    chosen = {"callback_url": account.url, "store": str(tmp_path / "deep" / "sandbox.sqlite")}
    account.says("收到")
    async with serve(**chosen) as town:
        await town.login()
        code = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "w7"}}}
        made = await town.api("/cgi-bin/qrcode/create", code)
        await town.api("/cgi-bin/menu/create", {"button": [{"type": "click", "name": "帮助", "key": "HELP"}]})
        anna = await town.person()
        sent = await town.control(f"phones/{anna['id']}/photo")
        await town.send_text(anna, "一")
        card = {
            "touser": anna["openid"],
            "template_id": "T",
            "client_msg_id": "c1",
            "data": {"thing1": {"value": "灯"}},
        }
        first = await town.api("/cgi-bin/message/template/send", card)
        await town.advance(86400)
        unused = (await town.control(f"phones/{anna['id']}/login-code"))["code"]
        await town.advance(-86400)
        seen, moved, token = await town.screen(anna), (await town.see("clock"))["offset_seconds"], town.access
        async with town.session.get(town.base + sent["message"]["content"]["url"]) as picture:
            bytes_before = await picture.read()
        await town.control("clock", {"advance_seconds": 7})
    async with serve(**chosen) as town:
        town.access = token
        assert await town.screen(anna) == seen
        assert (await town.see("clock"))["offset_seconds"] == pytest.approx(moved + 7)
        async with town.session.get(town.base + sent["message"]["content"]["url"]) as picture:
            assert await picture.read() == bytes_before
        assert (await town.see("scenes"))["scenes"][0]["url"] == made["url"]
        assert (await town.api("/cgi-bin/menu/get", method="GET"))["menu"]["button"][0]["key"] == "HELP"
        assert [await town.send_text(anna) for _ in range(5)] == [0, 0, 0, 0, 45047]
        assert await town.api("/cgi-bin/message/template/send", card) == first
        assert town.world.logins.use(unused, "login", town.world.clock.now() + 86400) == anna["id"]
        assert (await town.login())["access_token"] == token
        newer = await town.say(anna, "我又来了")
        assert newer["message"]["id"] > seen[-1]["id"]


def start(*arguments):
    return asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", *arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_the_command_says_one_line_when_ready_and_ends_cleanly_on_sigterm(tmp_path):
    process = await start("--port", "0", "--store", str(tmp_path / "s.sqlite"))
    line = (await process.stdout.readline()).decode()
    assert line.startswith("sandbox ready on http://127.0.0.1:")
    process.terminate()
    out, err = await process.communicate()
    assert (process.returncode, out, err) == (0, b"", b"")


async def test_what_was_answered_survives_a_kill(tmp_path):
    arguments = ("--port", "0", "--store", str(tmp_path / "s.sqlite"), "--deadline", "0.05", "--retries", "0")
    process = await start(*arguments)
    async with aiohttp.ClientSession() as session:

        async def control(path, body):
            async with session.post(f"{base}api/{path}", json=body) as response:
                assert response.status < 300
                return await response.json()

        base = (await process.stdout.readline()).decode().split()[-1]
        anna = await control("phones", {"name": "王阿姨"})
        await control(f"phones/{anna['id']}/follow", {"wait": False})
        said = await control(f"phones/{anna['id']}/say", {"text": "路灯坏了", "wait": False})
        await control("clock", {"advance_seconds": 3600})
        process.kill()
        await process.communicate()
        process = await start(*arguments)
        base = (await process.stdout.readline()).decode().split()[-1]
        async with session.get(f"{base}api/phones/王阿姨/messages") as response:
            kept = (await response.json())["messages"]
        async with session.get(f"{base}api/clock") as response:
            assert (await response.json())["offset_seconds"] == pytest.approx(3600)
    process.terminate()
    await process.communicate()
    assert said["message"] in kept


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--mode", "loud"], "safe, compatible, plain"),
        (["--aes-key", "short"], "43"),
        (["--store", "/proc/none/s.sqlite"], "store"),
        (["--callback-url", "nowhere"], "http"),
    ],
)
async def test_what_cannot_work_ends_in_one_line(arguments, says):
    process = await start("--port", "0", *arguments)
    out, err = await process.communicate()
    assert process.returncode == 2
    assert out == b""
    (line,) = err.decode().splitlines()
    assert says in line


async def test_a_port_in_use_ends_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = await start("--port", port)
        _out, err = await process.communicate()
    assert process.returncode == 2
    (line,) = err.decode().splitlines()
    assert f"port {port} " in line


def test_options_come_from_the_environment_and_the_command_line_wins():
    environment = {"WANGGE_SANDBOX_PORT": "9001", "WANGGE_SANDBOX_MINI_APPID": "wxm", "WANGGE_SANDBOX_MODE": "plain"}
    read = parse(["--mode", "compatible"], environment)
    assert (read.port, read.mini.appid, read.mode) == (9001, "wxm", "compatible")
    with pytest.raises(BadOption):
        parse(["--deadline", "0"], {})
