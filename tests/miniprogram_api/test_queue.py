"""The worker's queue."""

from tests.miniprogram_api.mini import Api


async def test_the_queue_shows_the_nearest_deadline_first_and_only_what_is_mine_to_do(api: Api) -> None:
    resident, worker = await api.sign_in("王阿姨"), await api.staff("worker")
    slow = (await resident.file("不急"))["number"]
    soon = (await resident.file("很急", urgent=True))["number"]
    done = (await resident.file("已经好了"))["number"]
    await worker.act(done, "resolve", note="好了")
    items = (await worker.get("/queue")).body["items"]
    assert [item["number"] for item in items] == [soon, slow]
    assert (await (await api.staff("cover")).get("/queue")).body == {"items": [], "next": None}
    assert (await resident.get("/queue")).body == {"items": [], "next": None}


async def test_the_queue_is_paged_without_gap_or_repeat(api: Api) -> None:
    resident, worker = await api.sign_in("王阿姨"), await api.staff("worker")
    filed = {(await resident.file(f"第{index}件", urgent=index % 2 == 0))["number"] for index in range(5)}
    seen: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await worker.get("/queue", limit="2", **cursor)).body
        seen += [item["number"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert len(seen) == len(filed)
    assert set(seen) == filed
