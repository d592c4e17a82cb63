"""OSS: what its signatures bind, and what its refusals mean to us."""

import base64
import json
from typing import Any

import pytest

from domain.errors import NotFound, Unavailable
from services.ports import UPLOADS, Expected
from tests.adapters.stores import oss, send
from tests.adapters.test_storage_contract import JPEG, expected

KEY = f"{UPLOADS}5b0c9f0e"


def repacked(packed: str, change: Any) -> str:
    policy = json.loads(base64.b64decode(packed))
    change(policy)
    return base64.b64encode(json.dumps(policy).encode()).decode()


def longer(policy: Any) -> None:
    policy["expiration"] = "2099-01-01T00:00:00.000Z"


def anywhere(policy: Any) -> None:
    policy["conditions"][1] = ["starts-with", "$key", ""]


ALTERED = [
    {"key": "2026/11/a"},
    {"key": f"{UPLOADS}another"},
    {"x-oss-forbid-overwrite": "false"},
    {"success_action_status": "200"},
    {"x-oss-signature": "0" * 64},
    {"x-oss-date": "20200101T000000Z"},
    {"x-oss-signature-version": "OSS2"},
    {"x-oss-credential": "LTAIother/20261124/cn-hangzhou/oss/aliyun_v4_request"},
    {"x-oss-object-acl": "public-read"},
    {"policy": ""},
]


async def test_a_form_that_was_altered_in_any_field_is_refused() -> None:
    async with oss() as store:
        ticket = store.storage.ticket(KEY, expected(), seconds=60)
        for change in ALTERED:
            assert (await send(store.phone, ticket, JPEG, **change)).status == 403, change
        for change in (longer, anywhere):
            policy = repacked(ticket.fields["policy"], change)
            assert (await send(store.phone, ticket, JPEG, policy=policy)).status == 403
        assert store.bucket.objects == {}
        assert (await send(store.phone, ticket, JPEG)).status == 201


async def test_a_form_says_how_long_and_how_large_and_where_to() -> None:
    async with oss() as store:
        ticket = store.storage.ticket(KEY, expected(), seconds=60)
    assert ticket.method == "POST"
    policy = json.loads(base64.b64decode(ticket.fields["policy"]))
    assert ["content-length-range", len(JPEG), len(JPEG)] in policy["conditions"]
    assert ["eq", "$key", KEY] in policy["conditions"]
    assert store.bucket.key_secret not in str(ticket)


async def test_without_a_domain_of_its_own_phones_reach_the_bucket_by_the_endpoint() -> None:
    async with oss(endpoint="oss-cn-hangzhou.aliyuncs.com", public_base="") as store:
        ticket = store.storage.ticket(KEY, expected(), seconds=60)
        link = store.storage.link("2026/11/a", "image/jpeg", seconds=60)
    assert ticket.url == "https://town.oss-cn-hangzhou.aliyuncs.com/"
    assert link.startswith("https://town.oss-cn-hangzhou.aliyuncs.com/2026/11/a?")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"key_secret": "another"}, "SignatureDoesNotMatch"),
        ({"key_id": "LTAIother"}, "InvalidAccessKeyId"),
        ({"region": "cn-beijing"}, "InvalidAccessKeyId"),
        ({"bucket": "nowhere"}, "NoSuchBucket"),
    ],
)
async def test_what_only_a_person_can_mend_is_said_with_its_code_and_not_tried_again(
    wrong: dict[str, str], code: str
) -> None:
    async with oss(**wrong) as store:
        for call in (store.storage.put("a", b"x", "image/jpeg"), store.storage.get("a"), store.storage.delete("a")):
            with pytest.raises(Unavailable) as refused:
                await call
            assert refused.value.facts == {"reason": "storage_refuses", "code": code}
        assert len(store.bucket.calls) == 3
        assert store.bucket.objects == {}


async def test_a_clock_that_is_wrong_is_refused() -> None:
    async with oss() as store:
        store.later(16 * 60)
        with pytest.raises(Unavailable) as refused:
            await store.storage.put("a", b"x", "image/jpeg")
        assert refused.value.facts["code"] == "RequestTimeTooSkewed"


async def test_a_failure_that_passes_is_tried_once_more() -> None:
    async with oss() as store:
        store.bucket.fails = [500]
        await store.storage.put("a", b"x", "image/jpeg")
        assert store.bucket.calls == ["PUT /town/a", "PUT /town/a"]


async def test_a_failure_that_stays_is_unavailable_for_now() -> None:
    async with oss() as store:
        store.bucket.fails = [503] * 9
        with pytest.raises(Unavailable) as away:
            await store.storage.get("a")
        assert away.value.facts["reason"] == "storage_away"


async def test_nobody_there_is_unavailable_for_now() -> None:
    async with oss(endpoint="http://127.0.0.1:1") as store:
        with pytest.raises(Unavailable) as away:
            await store.storage.size("a")
        assert away.value.facts == {"reason": "storage_away"}


async def test_what_is_not_there_is_not_found_though_head_has_no_words_for_it() -> None:
    async with oss() as store:
        with pytest.raises(NotFound):
            await store.storage.size("a")


async def test_more_leftovers_than_one_page_holds_are_all_forgotten() -> None:
    async with oss() as store:
        for number in range(3):
            await store.storage.put(f"{UPLOADS}{number}", b"x", "")
        store.ages()
        real = store.bucket._listed

        def small(request: Any) -> Any:
            return real(request.clone(rel_url=request.rel_url.update_query({"max-keys": "2"})))

        store.bucket._listed = small  # type: ignore[method-assign]
        assert await store.storage.forget_leftovers() == 3
        assert store.bucket.objects == {}


def test_an_upload_is_described_to_the_byte() -> None:
    assert expected(b"abc") == Expected(
        3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "image/jpeg"
    )
