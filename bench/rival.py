"""``python -m bench.rival PORT installed|storing-nothing|in-aiohttp``: WeRoBot, the way its documentation runs it.

* ``installed``: ``robot.run()`` with every default. That is bottle's ``server="auto"``, which is wsgiref when nothing
  but WeRoBot was installed (one thread, a new connection for each message), and sessions in SQLite, written for each
  message.
* ``storing-nothing``: the same with ``SESSION_STORAGE=False``.
* ``in-aiohttp``: not a documented way, but the fairest to its parser: ``parse_message`` and ``get_encrypted_reply``
  without sessions in an aiohttp handler on uvloop, with connections kept.
"""

import sys
from pathlib import Path
from typing import Any

import uvloop
from aiohttp import web
from werobot import WeRoBot

from bench.payloads import ACCOUNT


def robot(*, sessions: bool) -> Any:
    """A robot that answers every text; with sessions it counts them, as a draft would."""
    made = WeRoBot(
        token=ACCOUNT.token, app_id=ACCOUNT.official.appid, encoding_aes_key=ACCOUNT.aes_key, app_secret="not used"
    )
    if not sessions:
        made.config["SESSION_STORAGE"] = False

        def answer() -> str:
            return "记下了，现在有1段文字"

        made.text(answer)
        return made

    def keep(_message: Any, session: dict[str, int]) -> str:
        session["count"] = session.get("count", 0) + 1
        return f"记下了，现在有{session['count']}段文字"

    made.text(keep)
    return made


def in_aiohttp(port: int) -> None:
    made = robot(sessions=False)

    async def receive(request: web.Request) -> web.Response:
        query = request.query
        if not made.check_signature(query["timestamp"], query["nonce"], query["signature"]):
            raise web.HTTPForbidden
        message = made.parse_message(
            await request.read(),
            timestamp=query["timestamp"],
            nonce=query["nonce"],
            msg_signature=query["msg_signature"],
        )
        return web.Response(text=made.get_encrypted_reply(message), content_type="application/xml")

    app = web.Application()
    app.router.add_post("/wechat/callback", receive)
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None, loop=uvloop.new_event_loop())


def main(port: int, kind: str) -> None:
    if kind == "in-aiohttp":
        in_aiohttp(port)
        return
    robot(sessions=kind == "installed").run(host="127.0.0.1", port=port)


if __name__ == "__main__":
    print(f"WeRoBot in {Path.cwd()}", flush=True)
    main(int(sys.argv[1]), sys.argv[2])
