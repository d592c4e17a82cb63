"""Visits through the mini program."""

import hashlib
import io
from datetime import datetime, timedelta

import aiohttp
from PIL import Image

from domain.calendar import SHANGHAI
from tests.miniprogram_api.mini import Api, Mini


async def photo(mini: Mini) -> str:
    drawn = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(drawn, "JPEG")
    data = drawn.getvalue()
    told = {
        "name": "门口.jpg",
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "media_type": "image/jpeg",
    }
    made = (await mini.post("/attachments", told)).body
    async with aiohttp.ClientSession() as session:
        ticket = made["upload"]
        async with session.put(ticket["url"], data=data, headers=ticket["fields"]) as put:
            assert put.status in {200, 201, 204}
    return str(made["id"])


async def test_a_visit_from_the_list_to_the_next_date(api: Api) -> None:
    worker, chief, cover = await api.staff("worker"), await api.staff("chief"), await api.staff("cover")
    subject = (await worker.post("/subjects", {"kind": "hazard", "title": "老仓库"})).body
    granny = {"kind": "care", "name": "张桂英", "phone": "13812345678", "address": "12号", "agreed": True}
    listed = (await worker.post("/subjects", granny, Idempotency_Key="s1")).body
    assert (listed["title"], listed["phone"], listed["address"]) == ("张**", "138****5678", "12号")
    due = (await worker.get("/visits/due")).body
    assert [(one["subject"]["title"], one["overdue_days"]) for one in due["items"]] == [("老仓库", 0)]
    assert (due["overdue"], due["today"], due["next"]) == (0, 1, None)
    today = datetime.now(SHANGHAI).date()
    shot = await photo(worker)
    wish = {"subject": subject["id"], "result": "灭火器换了新的", "attachments": [shot]}
    made = await worker.post("/visits", wish, Idempotency_Key="v1")
    assert (made.status, made.body["in_time"], made.body["due_on"]) == (201, True, today.isoformat())
    assert made.body["next_date"] == (today + timedelta(days=1)).isoformat()
    assert [one["id"] for one in made.body["attachments"]] == [shot]
    assert (await worker.post("/visits", wish, Idempotency_Key="v1")).body["id"] == made.body["id"]
    used = await worker.post("/visits", wish)
    assert (used.code, used.body["facts"]["why"]) == ("conflict", "used")
    assert (await worker.get("/visits/due")).body["items"] == []
    assert [one["id"] for one in (await chief.get("/visits")).body["items"]] == [made.body["id"]]
    assert (await chief.get(f"/attachments/{shot}")).body["state"] == "kept"
    assert (await cover.get(f"/attachments/{shot}")).code == "not_found"
    assert (await cover.post("/visits", wish)).code == "not_found"
    opened = await chief.get(f"/subjects/{listed['id']}")
    assert (opened.body["name"], opened.body["phone"]) == ("张桂英", "13812345678")
    assert "张桂英" not in str((await chief.get("/subjects")).body)
    assert [one["kind"] for one in (await chief.get("/subjects", kind="care")).body["items"]] == ["care"]
    ended = await worker.post(f"/subjects/{listed['id']}/end", {})
    assert (ended.body["active"], ended.body["name"]) == (False, "")


async def test_kinds_that_no_list_may_have_are_refused_by_name(api: Api) -> None:
    worker = await api.staff("worker")
    for kind in ("religion", "petition", "political", "health", "record", "other", ""):
        told = await worker.post("/subjects", {"kind": kind, "title": "x", "agreed": True})
        assert told.code == "bad_input", kind
    for field in ("reason", "category", "religion", "note"):
        told = await worker.post("/subjects", {"kind": "household", "title": "x", field: "x"})
        assert told.code == "bad_input", field


async def test_a_visit_without_a_result_or_with_a_date_too_far_off_is_refused(api: Api) -> None:
    worker = await api.staff("worker")
    subject = (await worker.post("/subjects", {"kind": "shop", "title": "小店"})).body
    far = (datetime.now(SHANGHAI).date() + timedelta(days=40)).isoformat()
    for bad in ({}, {"result": " "}, {"result": "好", "next_date": far}, {"result": "好", "next_date": "明天"}):
        assert (await worker.post("/visits", {"subject": subject["id"], **bad})).code == "bad_input", bad
    assert (await worker.get("/visits")).body["items"] == []
