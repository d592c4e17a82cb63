"""Access tokens by the movable clock, and failures on order."""

import aiohttp
import pytest

SEND = "/cgi-bin/message/custom/send"
IPS = "/cgi-bin/getcallbackip"


async def errcode(town, token=None):
    query = {} if token == "" else {"access_token": token or town.access}
    async with town.session.get(f"{town.base}{IPS}", params=query) as response:
        return (await response.json(content_type=None)).get("errcode", 0)


@pytest.mark.parametrize(
    ("given", "expected"),
    [({"secret": "wrong"}, 40125), ({"appid": "wxother"}, 40013), ({"grant_type": "password"}, 40002)],
)
async def test_a_wrong_login_is_refused(town, given, expected):
    assert (await town.login(**given))["errcode"] == expected


async def test_a_stable_token_stays_the_same_until_its_last_five_minutes_and_overlaps(town):
    first = (await town.login())["access_token"]
    await town.advance(6800)
    again = await town.login()
    assert again["access_token"] == first
    assert 395 <= again["expires_in"] <= 400
    await town.advance(150)
    second = (await town.login())["access_token"]
    assert second != first
    assert (await errcode(town, first), await errcode(town, second)) == (0, 0)
    await town.advance(301)
    assert (await errcode(town, first), await errcode(town, second)) == (42001, 0)


async def test_a_forced_refresh_kills_the_old_token_at_once(town):
    first = (await town.login())["access_token"]
    second = (await town.login(force_refresh=True))["access_token"]
    assert (await errcode(town, first), await errcode(town, second)) == (40001, 0)
    assert (await town.login(force_refresh=True))["access_token"] == second
    await town.advance(31)
    assert (await town.login(force_refresh=True))["access_token"] != second


async def test_the_old_way_gives_a_new_token_each_time_apart_from_the_stable_one(town):
    stable = (await town.login())["access_token"]
    query = {"grant_type": "client_credential", "appid": "wx1234567890abcdef", "secret": "a-secret"}
    made = []
    for _ in range(2):
        async with town.session.get(f"{town.base}/cgi-bin/token", params=query) as response:
            made.append((await response.json(content_type=None))["access_token"])
    assert len({stable, *made}) == 3
    assert [await errcode(town, one) for one in made] == [0, 0]
    await town.advance(301)
    assert [await errcode(town, one) for one in [*made, stable]] == [42001, 0, 0]


async def test_missing_unknown_and_foreign_tokens_are_told_apart(town):
    assert await errcode(town, "") == 41001
    assert await errcode(town, "made-up") == 40001
    await town.login("wxmini", "mini-secret")
    assert (await town.api(SEND, {}))["errcode"] == 48001
    assert await town.control("tokens/invalidate") == {"invalidated": 1}
    assert await errcode(town) == 40001


async def test_token_fetches_and_calls_are_counted(town):
    for _ in range(3):
        await town.login()
    await errcode(town, "made-up")
    counted = await town.see("statistics")
    assert counted["token_fetches"] == {"total": 3, "stable official": 3}
    assert counted["calls"]["/cgi-bin/stable_token"] == {"0": 3}
    assert counted["calls"][IPS] == {"40001": 1}


async def test_an_ordered_errcode_strikes_as_often_as_ordered_and_only_there(town):
    await town.login()
    anna = await town.person()
    await town.say(anna, "你好")
    await town.control("faults", {"path": SEND, "errcode": 45015, "times": 2})
    assert [await town.send_text(anna) for _ in range(3)] == [45015, 45015, 0]
    assert await errcode(town) == 0
    assert (await town.see("faults"))["faults"][0]["struck"] == 2


async def test_a_fault_may_be_for_one_person(town):
    await town.login()
    anna, bert = await town.person("王阿姨"), await town.person("李大爷")
    await town.control("faults", {"path": "/cgi-bin/message/*", "errcode": -1, "openid": bert["openid"]})
    assert (await town.send_text(anna), await town.send_text(bert)) == (0, -1)


async def test_an_ordered_status_and_delay_strike(town):
    await town.login()
    await town.control("faults", {"path": IPS, "status": 502, "delay": 0.05, "times": 1})
    async with town.session.get(f"{town.base}{IPS}?access_token={town.access}") as response:
        assert response.status == 502
    assert await errcode(town) == 0


@pytest.mark.parametrize(("drop", "delivered"), [("before", False), ("after", True)])
async def test_a_dropped_connection_was_or_was_not_delivered_as_ordered(town, drop, delivered):
    await town.login()
    anna = await town.person()
    await town.control("faults", {"path": SEND, "drop": drop, "times": 1})
    with pytest.raises(aiohttp.ClientError):
        await town.send_text(anna, "到了吗")
    assert ((await town.screen(anna))[-1]["text"] == "到了吗") is delivered


async def test_a_rate_with_a_seed_strikes_the_same_calls_each_time(town):
    await town.login()

    async def run():
        await town.control("faults", {"path": IPS, "errcode": 45011, "rate": 0.3, "seed": 7})
        seen = [await errcode(town) for _ in range(40)]
        await town.control("faults", method="DELETE")
        return seen

    first = await run()
    assert 4 <= first.count(45011) <= 20
    assert await run() == first
    assert await errcode(town) == 0


@pytest.mark.parametrize(
    "wrong",
    [{"path": SEND}, {"errcode": 1}, {"path": SEND, "drop": "later"}, {"path": SEND, "errcode": 1, "tmies": 2}],
)
async def test_a_fault_that_makes_no_sense_is_refused_in_words(town, wrong):
    assert (await town.control("faults", wrong, status=400))["error"]


async def test_the_clock_moves_by_seconds_and_to_a_moment(town):
    await town.control("clock", {"now": "2027-03-05T08:00:00+08:00"})
    assert (await town.see("clock"))["now"].startswith("2027-03-05T08:00:0")
    await town.advance(3600)
    assert (await town.see("clock"))["now"].startswith("2027-03-05T09:00:0")
    for wrong in ({"now": "2027-03-05T08:00:00"}, {"now": "morgen"}, {"advance_seconds": "viel"}, {}):
        assert (await town.control("clock", wrong, status=400))["error"]
