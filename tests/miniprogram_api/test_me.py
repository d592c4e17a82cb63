"""Becoming staff in the mini program."""

from tests.factories import GRID
from tests.miniprogram_api.mini import Api


async def test_an_invitation_makes_me_the_worker_and_my_token_goes_on_working(api: Api) -> None:
    mini = await api.sign_in("李卫国的手机")
    bound = await mini.post("/me/bind", {"code": await api.town.invitation("worker")})
    assert bound.status == 200
    assert bound.body["name"] == "李卫国"
    assert bound.body["duties"] == [{"duty": "grid_worker", "region": {"code": GRID, "name": "第一网格"}}]
    assert (await mini.get("/me")).body == bound.body


async def test_what_i_filed_before_i_was_bound_stays_mine(api: Api) -> None:
    mini = await api.sign_in("李卫国的手机")
    number = (await mini.file())["number"]
    await mini.post("/me/bind", {"code": await api.town.invitation("worker")})
    assert [item["number"] for item in (await mini.get("/cases")).body["items"]] == [number]


async def test_an_invitation_works_once(api: Api) -> None:
    code = await api.town.invitation("worker")
    assert (await (await api.sign_in("李卫国的手机")).post("/me/bind", {"code": code})).status == 200
    other = await (await api.sign_in("别人")).post("/me/bind", {"code": code})
    assert (other.status, other.code) == (422, "invite_refused")


async def test_after_five_wrong_codes_even_the_right_one_has_to_wait(api: Api) -> None:
    mini = await api.sign_in("李卫国的手机")
    for _ in range(5):
        assert (await mini.post("/me/bind", {"code": "AAAA-AAAA"})).code == "invite_refused"
    late = await mini.post("/me/bind", {"code": await api.town.invitation("worker")})
    assert (late.status, late.code) == (429, "too_many")
    assert 3000 < int(late.headers["Retry-After"]) <= 3600
