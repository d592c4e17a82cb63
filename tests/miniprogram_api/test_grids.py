"""The public board of a grid."""

import yarl

from tests.factories import GRID, VILLAGE
from tests.miniprogram_api.mini import Api


async def test_anybody_may_read_the_board_and_sees_no_whole_phone_number(api: Api) -> None:
    answer = await api.call("GET", f"/grids/{GRID}")
    assert answer.status == 200
    assert answer.body["grid"] == {
        "code": GRID,
        "name": "第一网格",
        "kind": "comprehensive",
        "village": "城西村",
        "town": "雪堰镇",
    }
    assert answer.body["chief"] == {"name": "赵建军", "duty": "grid_chief", "phone": "138****0003"}
    assert answer.body["workers"] == [{"name": "李卫国", "duty": "grid_worker", "phone": "138****0001"}]
    assert (answer.body["accept_hours"], answer.body["resolve_days"]) == (4, 3)
    assert {"duties", "supervision_phone"} < set(answer.body)


async def test_what_is_no_grid_is_not_found(api: Api) -> None:
    for code in ("nothing", VILLAGE, "x" * 400, "%00", "%F0%9F%98%80", "%ff", "a%2Fb"):
        url = yarl.URL(f"{api.url}/api/v1/grids/{code}", encoded=True)  # as it stands
        async with api.session.get(url) as answer:
            assert answer.status == 404, code
            assert (await answer.json(content_type=None))["code"] == "not_found"
