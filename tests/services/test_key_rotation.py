"""A new key for personal data: sealed anew under traffic, broken off and gone on with, and the old key let go."""

import asyncio
import contextvars

import pytest

from adapters.cipher import CannotOpen, FieldCipher
from models import BaseRecord, Person
from services.key_rotation import BATCH, SEALED, KeyRotation
from services.people import People
from services.transaction import rows, transaction
from tests.factories import GRID, PHONES
from tests.services.conftest import Street

OLD, NEW = FieldCipher.new_key(), FieldCipher.new_key()
BEFORE, BOTH, AFTER = (FieldCipher.from_keys(keys) for keys in ([OLD], [NEW, OLD], [NEW]))


async def all_sealed_with_the_old_key(extra: int = 0) -> None:
    await Person.bulk_create([Person(name="", phone=BEFORE.seal(f"139{n:08}")) for n in range(extra)])
    staff = await Person.filter(phone_index__isnull=False).order_by("id")
    for one, number in zip(staff, PHONES.values(), strict=True):
        one.phone, one.phone_index = BEFORE.seal(number), BEFORE.index(number)
        await one.save()


async def until_somebody_waits() -> None:
    while not await rows("SELECT 1 FROM pg_locks WHERE NOT granted LIMIT 1"):
        await asyncio.sleep(0.01)


def people(street: Street, cipher: FieldCipher) -> People:
    old = street.desk.people
    return People(old._clock, old._queue, old._wechat, cipher, appid=old._appid, mini_appid=old._mini_appid)


async def test_every_number_is_sealed_anew_and_still_the_same_and_the_old_key_can_go(street: Street) -> None:
    await all_sealed_with_the_old_key()
    rotation = KeyRotation(BOTH)
    assert await rotation.left() == len(PHONES)
    some, after = await rotation.seal_some()
    assert some == len(PHONES)
    assert await rotation.seal_some(after) == (0, after)
    assert await rotation.left() == 0
    assert {AFTER.open(one.phone) for one in await Person.filter(phone_index__isnull=False)} == {*PHONES.values()}
    # Found by the old key until the end, and by the new one alone from then on.
    assert await people(street, BOTH).invite(PHONES["worker"])
    assert await rotation.index_anew() == len(PHONES)
    assert await people(street, AFTER).invite(PHONES["worker"])


async def test_base_data_is_sealed_anew_as_well(street: Street) -> None:
    await all_sealed_with_the_old_key()
    grid, now = (await street.region(GRID)).id, street.desk.clock.now()
    sealed = BEFORE.seal('{"head": "王建国"}')
    record = await BaseRecord.create(region_id=grid, kind="household", place="3 幢", sealed=sealed, created_at=now)
    rotation = KeyRotation(BOTH)
    assert await rotation.left() == len(PHONES) + 1
    assert (await rotation.seal_some(of=("base_record", "sealed")))[0] == 1
    assert await rotation.left() == len(PHONES)
    assert AFTER.open((await BaseRecord.get(id=record.id)).sealed) == '{"head": "王建国"}'
    assert ("base_record", "sealed") in SEALED


async def test_a_run_that_was_broken_off_goes_on_where_it_was(street: Street) -> None:
    await all_sealed_with_the_old_key(extra=BATCH)
    await KeyRotation(BOTH).seal_some()
    again = KeyRotation(BOTH)
    assert await again.left() == len(PHONES)
    assert (await again.seal_some())[0] == len(PHONES)
    assert await again.left() == 0


async def test_a_number_that_changes_meanwhile_is_not_put_back(street: Street) -> None:
    await all_sealed_with_the_old_key()
    one = await Person.filter(phone_index__isnull=False).first()
    assert one is not None

    holds = KeyRotation(BOTH)
    async with transaction():
        # Their row is being written while the batch is sealed: the rotation waits for it, and then leaves it alone.
        await Person.filter(id=one.id).update(phone=BOTH.seal("13700000000"))
        running = asyncio.create_task(holds.seal_some(), context=contextvars.Context())
        await until_somebody_waits()
    await running
    assert AFTER.open((await Person.get(id=one.id)).phone) == "13700000000"
    assert await holds.left() == 0


async def test_what_no_key_opens_stops_the_run_and_changes_nothing(street: Street) -> None:
    await all_sealed_with_the_old_key()
    with pytest.raises(CannotOpen):
        await KeyRotation(AFTER).seal_some()
    assert await KeyRotation(AFTER).left() == len(PHONES)
