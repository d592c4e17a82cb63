"""The mini program's side of the API, for the tests."""

from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.factories import Town


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any
    headers: Any

    @property
    def code(self) -> str:
        assert self.headers["Content-Type"] == "application/problem+json", self.body
        assert self.body["status"] == self.status
        return str(self.body["code"])


@dataclass(slots=True)
class Api:
    url: str
    wechat: str
    session: aiohttp.ClientSession
    town: Town

    async def call(self, method: str, path: str, *, token: str = "", **given: Any) -> Answer:
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **given.pop("headers", {})}
        where = path if path.startswith("/api") else f"/api/v1{path}"
        async with self.session.request(method, self.url + where, headers=headers, **given) as answered:
            text = await answered.text()
            is_json = "json" in answered.headers.get("Content-Type", "")
            return Answer(
                answered.status, await answered.json(content_type=None) if is_json else text, answered.headers
            )

    async def phone(self, name: str) -> dict[str, Any]:
        async with self.session.post(f"{self.wechat}/sandbox/api/phones", json={"name": name}) as made:
            return dict(await made.json())

    async def login_code(self, phone: dict[str, Any]) -> str:
        async with self.session.post(f"{self.wechat}/sandbox/api/phones/{phone['id']}/login-code") as made:
            return str((await made.json())["code"])

    async def number_code(self, phone: dict[str, Any]) -> str:
        async with self.session.post(f"{self.wechat}/sandbox/api/phones/{phone['id']}/number-code") as made:
            return str((await made.json())["code"])

    async def fault(self, **order: Any) -> None:
        async with self.session.post(f"{self.wechat}/sandbox/api/faults", json=order) as ordered:
            assert ordered.status == 201

    async def sign_in(self, name: str) -> "Mini":
        phone = await self.phone(name)
        answer = await self.call("POST", "/sessions", json={"code": await self.login_code(phone)})
        assert answer.status == 201, answer.body
        return Mini(self, answer.body["token"], answer.body["person"], phone)

    async def staff(self, who: str) -> "Mini":
        """Sign in and become the one of the town's people who is called *who* in ``tests.factories``."""
        mini = await self.sign_in(f"{who}的手机")
        bound = await mini.post("/me/bind", {"code": await self.town.invitation(who)})
        assert bound.status == 200, bound.body
        mini.person = bound.body
        return mini


@dataclass(slots=True)
class Mini:
    """Somebody who is signed in."""

    api: Api
    token: str
    person: dict[str, Any]
    phone: dict[str, Any] = field(default_factory=dict)

    async def get(self, path: str, **query: Any) -> Answer:
        return await self.api.call("GET", path, token=self.token, params=query)

    async def post(self, path: str, body: Any, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.api.call("POST", path, token=self.token, json=body, headers=named)

    async def file(self, description: str = "路灯坏了，晚上看不见", **more: Any) -> dict[str, Any]:
        answer = await self.post("/cases", {"grid": "32041210120101", "description": description, **more})
        assert answer.status == 201, answer.body
        return dict(answer.body)

    async def act(self, number: int, action: str, **more: Any) -> Answer:
        return await self.post(f"/cases/{number}/actions", {"action": action, **more})
