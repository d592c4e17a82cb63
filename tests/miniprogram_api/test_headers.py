"""What goes beside an answer: its tag, the request's id, and nothing for other sites' pages."""

from tests.miniprogram_api.mini import Api


async def test_a_list_that_has_not_changed_is_not_sent_again(api: Api) -> None:
    mini, other = await api.sign_in("王阿姨"), await api.sign_in("别人")
    await mini.file()
    first = await mini.get("/cases")
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"

    async def asked(who: str, header: str, path: str = "/cases") -> int:
        return (await api.call("GET", path, token=who, headers={"If-None-Match": header})).status

    again = await api.call("GET", "/cases", token=mini.token, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status, again.body, again.headers["ETag"]) == (304, "", tag)
    assert await asked(mini.token, f"W/{tag}") == 304
    assert await asked(mini.token, '"other"') == 200
    assert await asked(mini.token, "nonsense") == 200
    assert await asked(other.token, tag) == 200
    assert await asked("", tag) == 401
    await mini.file("又坏了一盏")
    assert await asked(mini.token, tag) == 200
    changed = await api.call("PUT", "/me/filters/a", token=mini.token, json={"q": "路"}, headers={"If-None-Match": "*"})
    assert (changed.status, "ETag" in changed.headers) == (200, False)


async def test_the_requests_id_comes_back_also_in_a_problem_and_a_bad_one_is_replaced(api: Api) -> None:
    good = await api.call("GET", "/me", headers={"X-Request-ID": "my-own-id.1"})
    assert (good.headers["X-Request-ID"], good.body["request_id"]) == ("my-own-id.1", "my-own-id.1")
    bad = await api.call("GET", "/me", headers={"X-Request-ID": "a b"})
    assert bad.headers["X-Request-ID"] == bad.body["request_id"] != "a b"


async def test_no_page_of_another_site_may_read_an_answer(api: Api) -> None:
    mini = await api.sign_in("王阿姨")
    origin = {"Origin": "https://elsewhere.example"}
    for method, path in (("GET", "/me"), ("GET", "/grids/32041210120101"), ("OPTIONS", "/cases")):
        asked = {**origin, "Access-Control-Request-Method": "POST"} if method == "OPTIONS" else origin
        answer = await api.call(method, path, token=mini.token, headers=asked)
        assert not [name for name in answer.headers if name.lower().startswith("access-control")], (method, path)
    assert answer.code == "method_not_allowed"
