"""``python -m bench.pretend PORT``: the least WeChat there can be: it gives a token and takes every message."""

import asyncio
import sys

import uvloop
from aiohttp import web

_TAKEN = b'{"errcode":0,"errmsg":"ok","msgid":1}'
TAKEN = web.AppKey("taken", list[int])


async def token(request: web.Request) -> web.Response:
    await request.read()
    return web.json_response({"access_token": "bench", "expires_in": 7200})


async def take(request: web.Request) -> web.Response:
    await request.read()
    request.app[TAKEN][0] += 1
    return web.Response(body=_TAKEN, content_type="application/json")


async def count(request: web.Request) -> web.Response:
    return web.json_response({"taken": request.app[TAKEN][0]})


async def main(port: int) -> None:
    app = web.Application()
    app[TAKEN] = [0]
    app.router.add_post("/cgi-bin/stable_token", token)
    app.router.add_post("/cgi-bin/message/custom/send", take)
    app.router.add_get("/taken", count)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
