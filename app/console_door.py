"""The staff console, put together from the house."""

from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from adapters.passwords import Argon2Passwords
from app.bootstrap import House, proxies
from app.keys import privacy_cipher
from app.settings import Settings
from bot.messages import Messages
from console.door import Console, RegionDesk, Rules, Staff
from services.attaching import Attaching
from services.board_runs import BoardRuns
from services.case_sheets import CaseSheets
from services.import_desk import ImportDesk
from services.imports_words import words
from services.leave_calendar import LeaveCalendar
from services.phone_desk import PhoneDesk
from services.region_tree import RegionTree
from services.second_factors import SecondFactors
from services.staff_logins import StaffLogins
from services.workbench import Workbench
from web.limits import Limits
from web.staff_sessions import StaffSessions

SHOWN = ("deadlines", "leave", "categories", "patrol", "visits", "notices", "console", "privacy")
"""Sections of the settings that staff may read; no secret stands in them but the keys, which are left out."""


def staff_logins(house: House, passwords: Argon2Passwords | None = None) -> StaffLogins:
    cipher = privacy_cipher(house.settings)
    days = house.settings.console.one_time_days
    return StaffLogins(house.desk.clock, cipher, passwords or Argon2Passwords(), one_time_days=days)


def setup(app: web.Application, house: House, limits: Limits) -> None:
    """Add ``/console/`` to *app*. Raises SettingsError."""
    given, limited, desk = house.settings.console, house.settings.limits, house.desk
    passwords, cipher = Argon2Passwords(), privacy_cipher(house.settings)  # one queue for all slow hashes
    sessions = StaffSessions(
        house.redis_url,
        idle_seconds=given.idle_minutes * 60,
        life_seconds=int(given.session_hours * 3600),
        lock_seconds=given.lock_minutes * 60,
    )
    staff = Staff(
        logins=staff_logins(house, passwords),
        second_factors=SecondFactors(desk.clock, cipher, passwords, desk.second_step),
        phone_desk=PhoneDesk(cipher, desk.cases),
        sheets=CaseSheets(desk.clock, desk.uploads.link),
        attaching=Attaching(
            limited.attachments_at_once, limited.attachments_of_case, looked_at=house.settings.safety.wechat
        ),
        workbench=Workbench(desk.clock, desk.queues),
        wording=Messages(),
        regions=_regions(house),
    )
    rules = Rules(
        wrong_passwords=given.wrong_passwords,
        wrong_passwords_of_address=given.wrong_passwords_of_address,
        longest_body=limited.body_bytes,
        longest_photo=limited.photo_bytes,
        secure=house.settings.server.public_url.startswith("https://"),
        media_origin=_media_origin(house.settings),
        shown=house.settings.model_dump(include=set(SHOWN), exclude={"privacy": {"keys"}}),
        say=lambda problem: words(problem, "清单"),
    )
    console = Console(desk, staff, sessions, limits, proxies(house.settings), rules)
    app.add_routes(console.routes())
    app.on_shutdown.append(console.live.close)

    async def close(_app: web.Application) -> None:
        await sessions.disconnect()

    app.on_cleanup.append(close)


def _regions(house: House) -> RegionDesk:
    desk, cipher, board = house.desk, privacy_cipher(house.settings), house.settings.board
    return RegionDesk(
        tree=RegionTree(desk.clock),
        appointments=desk.appointments,
        imports=ImportDesk(desk.clock, desk.imports, cipher, house.cache),
        boards=BoardRuns(
            desk.prints, desk.scenes, template=Path(board.template) if board.template else None, fonts=board.fonts
        ),
        leaves=LeaveCalendar(desk.clock, desk.leaves),
        coverages=desk.field_work.coverages,
    )


def _media_origin(settings: Settings) -> str:
    """Where a browser reads photos from, for the pages' content policy; empty: from this service itself."""
    if settings.storage.kind == "local":
        return ""
    oss = settings.storage.oss
    if oss.public_base:
        return "{0.scheme}://{0.netloc}".format(urlsplit(oss.public_base))
    address = urlsplit(oss.endpoint if "://" in oss.endpoint else f"https://{oss.endpoint}")
    return f"{address.scheme}://{oss.bucket}.{address.netloc}"
