"""What boards show and no staff list holds: office phones and photos of people, and how far a grid reaches."""

import asyncio
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from domain.case import Level
from models import Region
from services import phones
from services.imports import BadRows
from services.imports_table import Row, Table, read, shown
from services.ports import Cipher, Storage
from services.transaction import rows, transaction

PEOPLE, PEOPLE_OPTIONAL = ("phone", "office_phone"), ("photo",)
AREAS = ("region_code", "area")
PHOTO_PIXELS = (500, 700)
"""5 by 7, sharp at the largest size that a board prints: 40 mm on A3 at 300 dots an inch."""

_MOST_PIXELS = 50_000_000
_LONGEST_AREA = 60
_LONGEST_PHONE = 20
_KNOWN = """
SELECT p.phone_index, p.id FROM person p
WHERE p.phone_index = ANY ($1) AND EXISTS (SELECT 1 FROM held_duty d WHERE d.person_id = p.id)
"""
_KEEP = """
INSERT INTO board_person (person_id, office_phone, photo) VALUES ($1, $2, $3)
ON CONFLICT (person_id) DO UPDATE SET office_phone = excluded.office_phone,
    photo = CASE WHEN excluded.photo = '' THEN board_person.photo ELSE excluded.photo END
WHERE (board_person.office_phone, board_person.photo) IS DISTINCT FROM
      (excluded.office_phone, CASE WHEN excluded.photo = '' THEN board_person.photo ELSE excluded.photo END)
RETURNING 1
"""
_NOT_A_PHOTO = (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError)


@dataclass(frozen=True, slots=True)
class _Wanted:
    person_id: int
    office_phone: str
    photo: str


class BoardFacts:
    """All rows of a file are taken or none."""

    def __init__(self, cipher: Cipher, storage: Storage) -> None:
        self._cipher = cipher
        self._storage = storage

    async def people(self, data: bytes, photos: Mapping[str, bytes]) -> int:
        """Take office phones, and *photos* by the file names in the column; returns how many people changed.

        People are named by the phone of the staff list, which is found by its index and kept nowhere here. A photo is
        kept without the data of the camera, cut to 5 by 7. Without one in the row, what is there stays.
        Raises BadRows.
        """
        table = read("people", data, PEOPLE, PEOPLE_OPTIONAL)
        known = await self._known(table)
        seen: dict[str, int] = {}
        wanted, files = [], {}
        for row in table.sound_rows:
            person = self._person(table, row, known, seen)
            office = self._office_phone(table, row)
            name = row.cells.get("photo", "")
            if name and name not in files:
                files[name] = await asyncio.to_thread(_portrait, photos.get(name, b""))
            if name and not files[name]:
                table.complain(row.line, "photo", "no_photo", value=shown(name))
            if person is not None:
                wanted.append(_Wanted(person, office, name))
        if table.problems:
            raise BadRows(tuple(table.problems))
        keys = {name: f"board/{hashlib.sha256(photo).hexdigest()[:32]}.jpg" for name, photo in files.items()}
        for name, photo in files.items():
            await self._storage.put(keys[name], photo, "image/jpeg")
        changed = 0
        async with transaction():
            for one in sorted(wanted, key=lambda one: one.person_id):
                changed += len(await rows(_KEEP, one.person_id, one.office_phone, keys.get(one.photo, "")))
        return changed

    async def areas(self, data: bytes) -> int:
        """Take how far grids reach, in words; returns how many changed. Raises BadRows."""
        table = read("areas", data, AREAS)
        codes = [row.cells["region_code"] for row in table.sound_rows]
        grids = {one.code: one for one in await Region.filter(code__in=codes, level=Level.GRID)}
        for row in table.sound_rows:
            code, area = row.cells["region_code"], row.cells["area"]
            if code not in grids:
                table.complain(row.line, "region_code", "unknown_region", value=shown(code))
            if len(area) > _LONGEST_AREA:
                table.complain(row.line, "area", "too_long", found=len(area), longest=_LONGEST_AREA)
        if table.problems:
            raise BadRows(tuple(table.problems))
        changed = 0
        async with transaction():
            for row in table.sound_rows:
                grid, area = grids[row.cells["region_code"]], row.cells["area"]
                changed += await Region.filter(id=grid.id).exclude(area=area).update(area=area)
        return changed

    async def _known(self, table: Table) -> dict[str, int]:
        numbers = {phones.plain(row.cells["phone"]) or "" for row in table.sound_rows}
        found = await rows(_KNOWN, [self._cipher.index(number) for number in numbers])
        return {one["phone_index"]: one["id"] for one in found}

    def _person(self, table: Table, row: Row, known: Mapping[str, int], seen: dict[str, int]) -> int | None:
        number = phones.plain(row.cells["phone"])
        if number is None:
            table.complain(row.line, "phone", "bad_phone", phone=shown(phones.masked(row.cells["phone"])))
            return None
        person = known.get(self._cipher.index(number))
        if person is None:
            table.complain(row.line, "phone", "unknown_staff", phone=phones.masked(number))
        elif seen.setdefault(number, row.line) != row.line:
            table.complain(row.line, "phone", "repeated_person", phone=phones.masked(number), first=seen[number])
        return person

    def _office_phone(self, table: Table, row: Row) -> str:
        text = row.cells["office_phone"]
        if not text:
            return ""
        plain = phones.plain(text)
        if plain is None or len(text) > _LONGEST_PHONE:
            table.complain(row.line, "office_phone", "bad_phone", phone=shown(phones.masked(text)))
        elif plain == phones.plain(row.cells["phone"]):
            table.complain(row.line, "office_phone", "private_phone", phone=phones.masked(text))
        return text


def _portrait(data: bytes) -> bytes:
    """*data* upright, cut to the middle of 5 by 7, as a JPEG without anything else in it; empty for no picture."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                return b""
            picture.draft("RGB", (PHOTO_PIXELS[0] * 2, PHOTO_PIXELS[1] * 2))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
            cut = ImageOps.fit(upright, PHOTO_PIXELS, centering=(0.5, 0.35))
    except _NOT_A_PHOTO:
        return b""
    cut.info.clear()
    out = io.BytesIO()
    cut.save(out, "JPEG", quality=88)
    return out.getvalue()
