"""My account: recognised by phone, several devices, what is kept of me, who looked at my number, and the end of it."""

from datetime import timedelta

import pytest

from app.bootstrap import House
from models import Case, Delivery, Identity, Look, Person, Session
from services.transaction import rows
from tests.factories import PHONES
from tests.miniprogram_api.mini import Api, Mini

NUMBER = "13987654321"


async def phone_called(api: Api, name: str, number: str) -> dict[str, object]:
    body = {"name": name, "phone_number": number}
    async with api.session.post(f"{api.wechat}/sandbox/api/phones", json=body) as made:
        return dict(await made.json())


async def signed_in(api: Api, name: str, number: str) -> Mini:
    phone = await phone_called(api, name, number)
    answer = await api.call("POST", "/sessions", json={"code": await api.login_code(phone)})
    return Mini(api, answer.body["token"], answer.body["person"], phone)


async def leaves_number(api: Api, mini: Mini, *, keep: bool = True) -> None:
    answer = await mini.post("/me/phone", {"code": await api.number_code(mini.phone), "keep": keep})
    assert answer.status == 200, answer.body


async def test_a_member_of_staff_is_known_by_the_number_that_wechat_vouches_for(api: Api) -> None:
    mini = await signed_in(api, "李卫国的手机", PHONES["worker"])
    number = (await mini.file("我看见路灯坏了"))["number"]
    told = await mini.post("/me/phone", {"code": await api.number_code(mini.phone)})
    assert [held["duty"] for held in told.body["duties"]] == ["grid_worker"]
    assert (await mini.get("/me")).body == told.body
    assert number in [one["number"] for one in (await mini.get("/cases")).body["items"]]
    code = await api.number_code(mini.phone)
    assert (await mini.post("/me/phone", {"code": code})).status == 200
    assert (await mini.post("/me/phone", {"code": code})).code == "bad_input"


async def test_a_number_is_kept_only_where_that_is_wished_and_then_sealed(api: Api) -> None:
    mini = await signed_in(api, "王阿姨", NUMBER)
    await leaves_number(api, mini, keep=False)
    assert (await Person.get(id=mini.person["id"])).phone == ""
    await leaves_number(api, mini)
    kept = await Person.get(id=mini.person["id"])
    assert kept.phone.startswith("v1.")
    assert NUMBER not in kept.phone
    assert kept.phone_index is None
    assert (await mini.get("/me/data")).body["phone"] == NUMBER


async def test_whoever_works_the_case_reads_the_number_and_that_is_noted_for_good(api: Api, house: House) -> None:
    mini, worker, chief = await signed_in(api, "王阿姨", NUMBER), await api.staff("worker"), await api.staff("chief")
    number = (await mini.file())["number"]
    where, why = f"/cases/{number}/phone", {"reason": "约时间上门"}
    assert (await worker.post(where, why)).code == "not_found"
    await leaves_number(api, mini)
    assert (await worker.post(where, {"reason": " "})).code == "bad_input"
    assert (await chief.post(where, why)).code == "not_allowed"
    assert await Look.all().count() == 0
    assert (await worker.post(where, why)).body == {"phone": NUMBER}
    look = await Look.get()
    assert [one["reason"] for one in (await mini.get("/me/data")).body["looks_at_my_number"]] == ["约时间上门"]
    assert (look.by_id, look.person_id, look.reason) == (worker.person["id"], mini.person["id"], "约时间上门")
    for statement in ("DELETE FROM look RETURNING 1", "UPDATE look SET reason = '' RETURNING 1"):
        with pytest.raises(Exception, match="appended, never edited"):
            await rows(statement)
    assert await house.desk.looks.forget_old() == 0
    moved = house.desk.moved_clock
    assert moved is not None
    await moved.advance(timedelta(days=house.settings.privacy.look_days + 1).total_seconds())
    assert await house.desk.looks.forget_old() == 1


async def test_each_device_is_listed_and_can_be_signed_out_alone(api: Api) -> None:
    first, stranger = await api.sign_in("王阿姨"), await api.sign_in("别人")
    again = await api.call("POST", "/sessions", json={"code": await api.login_code(first.phone)})
    second = Mini(api, again.body["token"], again.body["person"], first.phone)
    listed = (await second.get("/sessions")).body["items"]
    assert [one["current"] for one in listed] == [True, False]
    other = listed[1]["id"]
    assert (await api.call("DELETE", f"/sessions/{other}", token=stranger.token)).code == "not_found"
    assert (await api.call("DELETE", f"/sessions/{other}", token=second.token)).status == 204
    assert (await first.get("/me")).status == 401
    assert (await second.get("/me")).status == 200


async def test_what_is_kept_of_me_is_everything_that_i_have_said(api: Api) -> None:
    mini = await api.sign_in("王阿姨")
    number = (await mini.file("路灯坏了"))["number"]
    await mini.post(f"/cases/{number}/messages", {"text": "在三号楼"})
    await api.call("PUT", "/me/filters/我的", token=mini.token, json={"q": "路灯"})
    other = await api.sign_in("别人")
    await other.file("别人的事")
    kept = (await mini.get("/me/data")).body
    assert [(one["number"], one["messages"]) for one in kept["cases"]] == [(number, ["在三号楼"])]
    assert (kept["wechat_accounts"], [one["name"] for one in kept["filters"]]) == (["mini"], ["我的"])
    assert len(kept["sign_ins"]) == 1


async def test_an_account_that_ends_leaves_the_towns_record_and_nothing_of_the_person(api: Api) -> None:
    mini, worker = await signed_in(api, "王阿姨", NUMBER), await api.staff("worker")
    await leaves_number(api, mini)
    waiting, urgent = (await mini.file())["number"], (await mini.file("电线掉了", urgent=True))["number"]
    done = (await mini.file("水管漏了"))["number"]
    assert (await worker.act(done, "resolve", note="修好了")).status == 200
    assert (await api.call("DELETE", "/me", token=mini.token, json={"confirm": "yes"})).code == "bad_input"
    assert (await mini.get("/me")).status == 200
    assert (await api.call("DELETE", "/me", token=mini.token, json={"confirm": "delete my account"})).status == 204
    assert (await mini.get("/me")).status == 401
    person = await Person.get(id=mini.person["id"])
    assert (person.name, person.phone, person.grid_id) == ("", "", None)
    for table in (Identity, Session, Delivery):
        assert await table.filter(person_id=person.id).count() == 0, table
    states = dict(await Case.filter(resident_id=person.id).values_list("number", "status"))
    assert states == {waiting: "withdrawn", urgent: "submitted", done: "resolved"}
    assert "withdrawn" in [one.kind for one in await Delivery.filter(person_id=worker.person["id"])]
    # Back again they are somebody new.
    again = await api.call("POST", "/sessions", json={"code": await api.login_code(mini.phone)})
    assert again.body["person"]["id"] != person.id
    assert (await worker.get(f"/cases/{urgent}")).status == 200
    assert (await worker.act(urgent, "resolve", note="接好了")).status == 200


async def test_whoever_holds_a_duty_cannot_end_their_account(api: Api) -> None:
    worker = await api.staff("worker")
    answer = await api.call("DELETE", "/me", token=worker.token, json={"confirm": "delete my account"})
    assert (answer.code, answer.body["facts"]) == ("not_allowed", {"why": "duty"})
    assert (await worker.get("/me")).status == 200
