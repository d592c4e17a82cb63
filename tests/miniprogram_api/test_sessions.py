"""Signing in to the mini program's API."""

from datetime import UTC, datetime, timedelta

from app.bootstrap import House
from models import Session
from tests.miniprogram_api.mini import Api


async def test_a_wx_login_code_becomes_a_token_that_says_who_i_am(api: Api) -> None:
    answer = await api.call("POST", "/sessions", json={"code": await api.login_code(await api.phone("王阿姨"))})
    assert answer.status == 201
    assert set(answer.body) == {"token", "expires_at", "person"}
    expires = datetime.fromisoformat(answer.body["expires_at"])
    assert timedelta(days=29, hours=23) < expires - datetime.now(UTC) <= timedelta(days=30)
    assert answer.body["expires_at"].endswith("+08:00")
    me = await api.call("GET", "/me", token=answer.body["token"])
    assert (me.status, me.body) == (200, answer.body["person"])
    assert me.body == {"id": me.body["id"], "name": "", "duties": []}


async def test_the_token_itself_is_nowhere_in_the_database(api: Api) -> None:
    mini = await api.sign_in("王阿姨")
    session = await Session.get(person_id=mini.person["id"])
    assert len(session.token_hash) == 64
    assert mini.token not in session.token_hash


async def test_a_code_works_once(api: Api) -> None:
    code = await api.login_code(await api.phone("王阿姨"))
    assert (await api.call("POST", "/sessions", json={"code": code})).status == 201
    again = await api.call("POST", "/sessions", json={"code": code})
    assert (again.status, again.code) == (422, "bad_input")
    assert "wx.login again" in again.body["detail"]


async def test_an_invented_code_is_the_clients_mistake(api: Api) -> None:
    answer = await api.call("POST", "/sessions", json={"code": "nonsense"})
    assert (answer.status, answer.code) == (422, "bad_input")


async def test_wechat_out_of_order_is_a_503_that_says_when_to_come_back(api: Api) -> None:
    await api.fault(path="/sns/jscode2session", errcode=-1)
    answer = await api.call("POST", "/sessions", json={"code": await api.login_code(await api.phone("王阿姨"))})
    assert (answer.status, answer.code) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


async def test_a_person_whom_wechat_has_blocked_is_told_so(api: Api) -> None:
    await api.fault(path="/sns/jscode2session", errcode=40226)
    answer = await api.call("POST", "/sessions", json={"code": await api.login_code(await api.phone("王阿姨"))})
    assert (answer.status, answer.code) == (403, "not_allowed")


async def test_two_phones_at_once_of_one_person_make_one_person(api: Api) -> None:
    phone = await api.phone("王阿姨")
    ids = set()
    for _ in range(2):
        answer = await api.call("POST", "/sessions", json={"code": await api.login_code(phone)})
        ids.add(answer.body["person"]["id"])
    assert len(ids) == 1


async def test_after_signing_out_the_token_is_worth_nothing(api: Api) -> None:
    mini = await api.sign_in("王阿姨")
    assert (await api.call("DELETE", "/sessions", token=mini.token)).status == 204
    after = await mini.get("/me")
    assert (after.status, after.code) == (401, "not_signed_in")
    assert after.headers["WWW-Authenticate"] == "Bearer"


async def test_a_token_ends_after_thirty_days(api: Api, house: House) -> None:
    mini = await api.sign_in("王阿姨")
    moved = house.desk.moved_clock
    assert moved is not None
    await moved.advance(timedelta(days=29, hours=23).total_seconds())
    assert (await mini.get("/me")).status == 200
    await moved.advance(timedelta(hours=2).total_seconds())
    assert (await mini.get("/me")).status == 401


async def test_every_call_but_the_open_ones_wants_a_token(api: Api) -> None:
    for method, path in (
        ("GET", "/me"),
        ("GET", "/cases"),
        ("GET", "/cases/1001"),
        ("GET", "/queue"),
        ("POST", "/cases"),
    ):
        answer = await api.call(method, path)
        assert (answer.status, answer.code) == (401, "not_signed_in"), path
    for header in ("Basic abc", "Bearer", "Bearer a b", "Bearer \u00e9", "Bearer " + "x" * 300):
        answer = await api.call("GET", "/me", headers={"Authorization": header})
        assert (answer.status, answer.code) == (401, "not_signed_in"), header
