"""Puts the house together: settings in, a :class:`Desk` out, everything closed again afterwards."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog

from adapters import embedded
from adapters.cache import RedisCache
from adapters.clock import MovableClock, SystemClock
from adapters.moderation_words import WordList
from adapters.presence import Presence
from adapters.queue import ProcrastinateQueue
from adapters.rates import SharedRates
from adapters.wechat import MiniProgram, OfficialAccount, WeChatClient
from adapters.wechat_safety import WeChatModerator
from app.accounts import mini_account, official_account
from app.assessment import assessment_rules, assessments, exit_rules
from app.database import credentials, database
from app.field_work import field_work
from app.keys import privacy_cipher
from app.learning import learning
from app.policy import deadline_policy
from app.settings import Settings, SettingsError
from app.storage import oss_account, scanner, sizes, storage
from app.town_rules import exports, followed, town_days
from app.town_settings import town_rules
from bot.envelope import Account
from bot.messages import Messages
from sandbox.settings import Options as SandboxOptions
from services.accounts import Accounts
from services.admissions import Admissions
from services.appointments import Appointments
from services.attaching import Attaching
from services.award_applications import AwardApplications
from services.board_facts import BoardFacts
from services.boards import Boards
from services.case_news import News
from services.cases import Cases
from services.channels import Channels
from services.daily_lists import DailyLists
from services.deliveries import Deliveries
from services.delivery_preparing import subscription_templates
from services.desk import Desk
from services.drafts import Drafts
from services.event_list import EventList
from services.event_type_changes import EventTypeChanges
from services.event_type_proposals import EventTypeProposals
from services.event_types import EventTypes
from services.exits import Exits
from services.export_rows import ExportRows
from services.figures_counting import FigureCounts
from services.findings import Findings
from services.imports import Imports
from services.inbound import Inbounds
from services.invitations import Invitations
from services.leaves import Leaves
from services.links import Links
from services.looks import Looks
from services.mass_sends import MassSends
from services.media import Medias
from services.media_checks import MediaChecks
from services.moved_clock import MovedClock
from services.notices import Notices
from services.notices_audience import Templates as NoticeTemplates
from services.own_records import OwnRecords
from services.people import People
from services.polls import Polls
from services.ports import Storage
from services.posts import Posts
from services.prints import Prints
from services.queues import Queues
from services.records import Records
from services.regions import Regions
from services.safety import Safety
from services.scan_sign_ins import ScanSignIns
from services.scans import Scans
from services.scenes import Scenes
from services.searches import SavedFilters
from services.send_reports import SendReports
from services.sessions import Sessions
from services.spot_checks import SpotChecks
from services.statistics import Statistics
from services.subscriptions import Subscriptions
from services.town_days import OwnDays
from services.town_settings import TownSettings
from services.uploads import Uploads
from services.work_logs import WorkLogs
from web.addresses import Proxies

__all__ = ["House", "check", "credentials", "database", "effective", "engines", "house", "opened", "proxies"]

log = structlog.get_logger(__name__)

_FOLLOW_CLOCK_SECONDS = 0.25
_REAL_API = "https://api.weixin.qq.com"


@dataclass(frozen=True, slots=True)
class House:
    """What an entry point needs: the desk, and the parts that it has to look after itself."""

    settings: Settings
    desk: Desk
    account: Account
    cache: RedisCache
    wechat: WeChatClient
    storage: Storage
    database_url: str
    redis_url: str


def effective(settings: Settings) -> Settings:
    """With the sandbox enabled, empty WeChat accounts become the sandbox's, and a default API address its address."""
    if not settings.sandbox.enabled:
        return settings
    pretend = SandboxOptions()
    values = settings.model_dump()
    wechat, official, mini = values["wechat"], values["wechat"]["official"], values["wechat"]["miniprogram"]
    if wechat["api_base"] == _REAL_API:
        wechat["api_base"] = f"http://127.0.0.1:{settings.sandbox.port}"
        wechat["api_base_fallback"] = ""
    if not official["appid"]:
        official |= {
            "appid": pretend.official.appid,
            "secret": pretend.official.secret,
            "token": pretend.token,
            "encoding_aes_key": pretend.aes_key,
            "original_id": pretend.original_id,
            "template_case": official["template_case"] or "sandbox-template-case",
            "template_notice": official["template_notice"] or "sandbox-template-notice",
        }
    if not mini["appid"]:
        mini |= {
            "appid": pretend.mini.appid,
            "secret": pretend.mini.secret,
            "token": pretend.mini_token,
            "encoding_aes_key": pretend.mini_aes_key,
        }
    return Settings.model_validate(values)


def check(settings: Settings) -> None:
    """Find what could not be used before anything is started. Raises SettingsError."""
    settings = effective(settings)
    deadline_policy(settings)
    official_account(settings)
    mini_account(settings)
    assessment_rules(settings)
    proxies(settings)
    if settings.storage.kind == "oss":
        oss_account(settings)
    if settings.privacy.keys or settings.database.url.get_secret_value() != "embedded":
        privacy_cipher(settings)


@asynccontextmanager
async def engines(settings: Settings, say: Callable[[str], None] = log.info) -> AsyncIterator[tuple[str, str]]:
    """The addresses of database and Redis, with the embedded ones running for as long as this is open."""
    database, redis = settings.database.url.get_secret_value(), settings.redis.url.get_secret_value()
    if "embedded" not in {database, redis}:
        yield database, redis
        return
    started = await embedded.start(
        settings.data.dir.absolute(), postgres=database == "embedded", valkey=redis == "embedded", say=say
    )
    async with started:
        yield (
            started.database_url if database == "embedded" else database,
            started.redis_url if redis == "embedded" else redis,
        )


@asynccontextmanager
async def opened(settings: Settings, say: Callable[[str], None] = log.info) -> AsyncIterator[House]:
    """Everything ready to serve. Raises SettingsError, EngineError, and what the database says when it is away."""
    settings = effective(settings)
    async with contextlib.AsyncExitStack() as stack:
        database_url, redis_url = await stack.enter_async_context(engines(settings, say))
        await stack.enter_async_context(database(database_url, settings.database.pool))
        yield await stack.enter_async_context(house(settings, database_url, redis_url))


@asynccontextmanager
async def house(settings: Settings, database_url: str, redis_url: str) -> AsyncIterator[House]:
    """The desk and its parts on a database that is open already."""
    clock = MovableClock() if settings.sandbox.enabled else SystemClock()
    async with (
        storage(settings, clock) as store,
        _house(settings, clock, store, database_url, redis_url) as built,
        followed(built.desk.town_days.load, built.desk.town_settings.load),
    ):
        yield built


@asynccontextmanager
async def _house(
    settings: Settings, clock: MovableClock | SystemClock, store: Storage, database_url: str, redis_url: str
) -> AsyncIterator[House]:
    official, mini = settings.wechat.official, settings.wechat.miniprogram
    movable = clock if isinstance(clock, MovableClock) else None
    queue = ProcrastinateQueue()
    cache = RedisCache(redis_url)
    cipher = privacy_cipher(settings)
    wechat = WeChatClient(
        OfficialAccount(official.appid, official.secret.get_secret_value()),
        MiniProgram(mini.appid, mini.secret.get_secret_value()),
        api_base=settings.wechat.api_base,
        api_base_fallback=settings.wechat.api_base_fallback,
        cache=cache,
        clock=clock,
    )
    presence, rates = Presence(credentials(database_url)), SharedRates(redis_url)
    channels = Channels(clock, rates, appid=official.appid, per_minute=settings.limits.sends_per_minute)
    templates = template_ids(settings)
    subscriptions = Subscriptions(
        clock, appid=official.appid, mini_appid=mini.appid, templates=subscription_templates(templates)
    )
    deliveries = Deliveries(
        clock,
        queue,
        wechat,
        Messages(),
        presence=presence,
        channels=channels,
        subscriptions=subscriptions,
        appid=official.appid,
        templates=templates,
        mini_page=mini.page,
        public_url=settings.server.public_url,
    )
    mass_sends = MassSends(
        clock,
        queue,
        wechat,
        Messages(),
        appid=official.appid,
        order=settings.notices.mass,
        has_template=bool(official.template_notice),
    )
    people = People(clock, queue, wechat, cipher, appid=official.appid, mini_appid=mini.appid)
    drafts = Drafts(clock, queue)
    own_days = OwnDays()
    towns = town_rules(settings)
    policy = deadline_policy(settings, own_days, towns.deadlines.place)
    events = EventList()
    limits = settings.limits
    attaching = Attaching(limits.attachments_at_once, limits.attachments_of_case, looked_at=settings.safety.wechat)
    uploads = Uploads(clock, store, scanner(settings), sizes(settings), waiting=limits.uploads_waiting)
    moderator = WeChatModerator(wechat.post_mini) if settings.safety.wechat else None
    safety = Safety(clock, WordList(settings.safety.words), moderator, mini.appid)
    cases = Cases(clock, deliveries, drafts, policy, events, attaching, safety)
    posts = Posts(clock, deliveries, cases)
    moved = MovedClock(movable, queue) if movable is not None else None
    boards = Boards(
        clock,
        cipher,
        periods=policy.periods,
        duties=settings.board.duties,
        supervision_phone=settings.board.supervision_phone,
    )
    assessed, work_logs = assessments(settings, clock, own_days), WorkLogs(clock)
    trainings, training_keeping, training_hours = learning(settings, clock, cipher)
    invitations = Invitations(clock, wechat, people)
    appointments = Appointments(clock, cipher, cache, cases, posts, invitations)
    records = Records(clock, cipher, looks_kept=timedelta(days=settings.privacy.look_days))
    desk = Desk(
        clock=clock,
        accounts=Accounts(clock, people, cases, wechat, cipher, mini_appid=mini.appid),
        appointments=appointments,
        assessments=assessed,
        board_facts=BoardFacts(cipher, store),
        boards=boards,
        cases=cases,
        daily_lists=DailyLists(clock, policy.calendar, deliveries),
        deliveries=deliveries,
        drafts=drafts,
        event_types=(event_types := EventTypes(clock, events, policy, deliveries)),
        event_type_changes=EventTypeChanges(clock, queue, events),
        event_type_proposals=EventTypeProposals(event_types, events),
        exits=Exits(clock, exit_rules(settings), deliveries, appointments),
        exports=exports(clock, queue, store, ExportRows(assessed, work_logs, training_hours)),
        field_work=field_work(settings, towns, clock, cipher, attaching, drafts),
        figure_counts=FigureCounts(clock),
        findings=Findings(clock, cases),
        imports=Imports(clock, cipher, cases, posts),
        invitations=invitations,
        inbounds=Inbounds(clock),
        leaves=Leaves(clock, queue, deliveries, towns.leave.place),
        links=Links(wechat, cache, mini_appid=mini.appid, page=mini.page, env_version=mini.env_version),
        looks=Looks(clock, cipher, kept_days=settings.privacy.look_days),
        media_checks=MediaChecks(clock, moderator, store, News(deliveries), mini_appid=mini.appid),
        medias=Medias(clock, wechat, store, scanner(settings)),
        moved_clock=moved,
        mass_sends=mass_sends,
        notices=Notices(
            clock,
            queue,
            deliveries,
            towns.notices.place,
            appid=official.appid,
            templates=NoticeTemplates(official.template_notice, official.subscribe_notice, mini.subscribe_notice),
            public_url=settings.server.public_url,
            mass=mass_sends,
        ),
        own_records=OwnRecords(clock, cipher, records, deliveries),
        people=people,
        polls=Polls(clock),
        posts=posts,
        prints=Prints(clock, boards, store, public_url=settings.server.public_url),
        queues=Queues(clock, uploads.link),
        records=records,
        regions=Regions(clock),
        safety=safety,
        scans=Scans(clock),
        scan_sign_ins=ScanSignIns(clock, wechat),
        scenes=Scenes(clock, wechat, page=mini.page, env_version=mini.env_version),
        searches=SavedFilters(clock),
        send_reports=SendReports(clock, appid=official.appid),
        statistics=Statistics(clock),
        spot_checks=SpotChecks(clock, deliveries),
        subscriptions=subscriptions,
        sessions=Sessions(clock, people, wechat, mini_appid=mini.appid),
        second_step=towns.console.place,
        town_days=town_days(settings, clock, queue, own_days),
        town_settings=TownSettings(clock, queue, towns.sections),
        admissions=Admissions(clock),
        award_applications=AwardApplications(clock, settings.assessment.public_days),
        trainings=trainings,
        training_keeping=training_keeping,
        training_hours=training_hours,
        uploads=uploads,
        work_logs=work_logs,
    )
    if moved is not None:
        # Short commands are over before the first look of the follower: they too must live in the moved time.
        with contextlib.suppress(Exception):
            await moved.load()
    following = asyncio.create_task(_follow(moved), name="follow clock") if moved is not None else None
    try:
        yield House(settings, desk, official_account(settings), cache, wechat, store, database_url, redis_url)
    finally:
        if following is not None:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
        await presence.close()
        await rates.close()
        await wechat.close()
        await cache.close()


def template_ids(settings: Settings) -> dict[str, str]:
    """The ids of all templates, by the names that :class:`services.deliveries.Deliveries` knows them by."""
    official, mini = settings.wechat.official, settings.wechat.miniprogram
    return {
        "case": official.template_case,
        "notice": official.template_notice,
        "subscribe_case": official.subscribe_case,
        "subscribe_notice": official.subscribe_notice,
        "mini_case": mini.subscribe_case,
        "mini_notice": mini.subscribe_notice,
    }


async def _follow(moved: MovedClock) -> None:
    """Take over the sandbox's clock from the database, whichever process has moved it."""
    while True:
        with contextlib.suppress(Exception):
            await moved.load()
        await asyncio.sleep(_FOLLOW_CLOCK_SECONDS)


def proxies(settings: Settings) -> Proxies:
    """Whose word about the caller's address counts. Raises SettingsError."""
    try:
        return Proxies(settings.server.trusted_proxies)
    except ValueError:
        raise SettingsError('server.trusted_proxies 里要写 IP 地址或网段，例如 ["127.0.0.1", "10.0.0.0/8"]。') from None
