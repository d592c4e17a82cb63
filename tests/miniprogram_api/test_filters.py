"""Looking for cases, and keeping a search under a name."""

from tests.factories import GRID
from tests.miniprogram_api.mini import Api, Mini


async def found(mini: Mini, **query: str) -> list[int]:
    answer = await mini.get("/cases", **query)
    assert answer.status == 200, answer.body
    return [item["number"] for item in answer.body["items"]]


async def test_every_parameter_of_the_list_chooses_what_it_says(api: Api) -> None:
    resident = await api.sign_in("王阿姨")
    lamp = (await resident.file("路灯坏了"))["number"]
    road = (await resident.file("路上有坑", urgent=True))["number"]
    tap = (await resident.file("水管漏水"))["number"]
    worker = await api.staff("worker")
    await worker.act(lamp, "accept")
    await resident.act(tap, "withdraw")
    for query, expected in (
        ({"status": "accepted,withdrawn"}, [tap, lamp]),
        ({"status": "accepted"}, [lamp]),
        ({"open": "true"}, [road, lamp]),
        ({"open": "false"}, [tap]),
        ({"urgent": "true"}, [road]),
        ({"mine": "held"}, [tap, road, lamp]),
        ({"mine": "filed"}, []),
        ({"holder": "李卫国", "open": "true"}, [road, lamp]),
        ({"holder": "没有这个人"}, []),
        ({"q": "路"}, [road, lamp]),
        ({"q": "路 灯"}, [lamp]),
        ({"q": f"№{tap}"}, [tap]),
        ({"since": "2000-01-01", "until": "2199-12-31"}, [tap, road, lamp]),
        ({"since": "2199-12-31"}, []),
        ({"until": "2000-01-01"}, []),
        ({"since": "0001-01-01", "until": "9999-12-31"}, [tap, road, lamp]),
        ({"department": "城管"}, []),
        ({"category": "民生服务"}, []),
    ):
        assert await found(worker, **query) == expected, query
    assert await found(resident, mine="filed") == [tap, road, lamp]


async def test_what_cannot_be_a_parameter_is_named(api: Api) -> None:
    mini = await api.sign_in("王阿姨")
    for field, value in (
        ("status", "closed,eaten"),
        ("status", ""),
        ("open", "perhaps"),
        ("mine", "theirs"),
        ("since", "20270230"),
        ("since", "2027-02-30"),
        ("q", "x" * 101),
        ("q", "\x00"),
    ):
        answer = await mini.get("/cases", **{field: value})
        assert (answer.status, answer.code) == (422, "bad_input"), (field, value)
        assert answer.body["errors"][0]["field"].startswith(field), answer.body
    for body in ({"level": 9}, {"colour": "red"}, {"overdue": "true"}, {"cursor": "x"}, []):
        assert (await api.call("PUT", "/me/filters/坏", token=mini.token, json=body)).code == "bad_input", body


async def test_a_filter_is_kept_used_replaced_and_forgotten(api: Api) -> None:
    resident, worker = await api.sign_in("王阿姨"), await api.staff("worker")
    lamp = (await resident.file("路灯坏了"))["number"]
    road = (await resident.file("路上有坑", urgent=True))["number"]
    wanted = {"status": ["submitted", "accepted"], "q": "路", "region": GRID, "since": "2000-01-01"}

    async def put(name: str, body: dict[str, object]) -> object:
        answer = await api.call("PUT", f"/me/filters/{name}", token=worker.token, json=body)
        assert answer.status == 200, answer.body
        return answer.body

    assert await put("我的 路", wanted) == {"name": "我的 路", "wanted": wanted}
    await put("急", {"urgent": False})
    await put("急", {"urgent": True})
    assert (await worker.get("/me/filters")).body == {
        "items": [{"name": "急", "wanted": {"urgent": True}}, {"name": "我的 路", "wanted": wanted}]
    }
    assert await found(worker, filter="我的 路") == [road, lamp]
    assert await found(worker, filter="急") == [road]
    assert await found(worker, filter="急", urgent="false") == [lamp]
    assert await found(worker, filter="我的 路", q="灯", limit="1") == [lamp]
    for answer in (await resident.get("/cases", filter="急"), await worker.get("/cases", filter="没有")):
        assert (answer.status, answer.code) == (404, "not_found")
    deleted = await api.call("DELETE", "/me/filters/急", token=worker.token)
    assert (deleted.status, deleted.body) == (204, "")
    for name in ("急", "没" * 41, "%01"):
        assert (await api.call("DELETE", f"/me/filters/{name}", token=worker.token)).code == "not_found", name
    assert [one["name"] for one in (await worker.get("/me/filters")).body["items"]] == ["我的 路"]
