"""What happens in ``make demo``, step by step; each step is checked."""

import asyncio
import re
from pathlib import Path

from app.demo_stage import Actor, Stage, WentWrong, command

TOWN_FILES = Path(__file__).parent / "demo_town"
GRID = "32990110120101"
VILLAGE = "329901101201"


async def tell(stage: Stage, environment: dict[str, str], folder: Path) -> None:
    """Play it. Raises WentWrong at the first step that does not come out right."""
    await _import(stage, environment)
    worker, secretary, commander = await _bind(stage, environment)
    code = await _code(stage, environment, folder)
    resident = await _scan(stage, code)
    number = await _file(stage, resident, worker)
    await _work(stage, resident, worker, number)
    await _climb(stage, resident, worker, secretary, commander, number)
    await _finish(stage, resident, commander, number)
    await _notice(stage, resident, commander, code)
    await _mini_program(stage, resident, number)


async def _import(stage: Stage, environment: dict[str, str]) -> None:
    stage.scene("导入区域和人员")
    files = [str(TOWN_FILES / name) for name in ("regions.csv", "staff.csv")]
    types = str(TOWN_FILES / "event_types.csv")
    # Neither needs the other, and starting a command is what takes the time.
    told: list[list[str]] = [[], []]
    await asyncio.gather(
        command("import", *files, environment=environment, show=told[0].append),
        command("event-types", "import", types, environment=environment, show=told[1].append),
    )
    for given, lines in zip(("import regions.csv staff.csv", "event-types import event_types.csv"), told, strict=True):
        stage.note(f"$ wangge {given}")
        for line in lines:
            stage.note(line)


async def _bind(stage: Stage, environment: dict[str, str]) -> tuple[Actor, Actor, Actor]:
    stage.scene("工作人员用邀请码绑定微信")
    people = []
    staff = (
        ("网格员李卫国", "13900000001", "green"),
        ("村书记赵建军", "13900000004", "yellow"),
        ("镇里孙明华", "13900000005", "magenta"),
    )
    invited = await asyncio.gather(
        *(command("invite", phone, environment=environment, show=lambda _: None) for _, phone, _ in staff)
    )
    for (name, phone, colour), printed in zip(staff, invited, strict=True):
        found = re.search(r"邀请码: ([A-Z0-9]{4}-[A-Z0-9]{4})", printed)
        if found is None:
            raise WentWrong(f"wangge invite {phone} 没有给出邀请码：{printed}")
        who = await stage.person(name, colour)
        await stage.does(who, "follow", "（关注公众号）")
        await stage.says(who, f"绑定 {found[1]}", expects="绑定好了")
        people.append(who)
    return people[0], people[1], people[2]


async def _code(stage: Stage, environment: dict[str, str], folder: Path) -> str:
    stage.scene("给网格打印二维码")
    stage.note(f"$ wangge qr {GRID} --format svg -o {folder.name}")
    await command("qr", GRID, "--format", "svg", "-o", str(folder / "codes"), environment=environment, show=stage.note)
    scenes = await stage.scenes()
    if not scenes:
        raise WentWrong("WeChat has no scene after wangge qr")
    return scenes[-1]


async def _scan(stage: Stage, code: str) -> Actor:
    stage.scene("居民扫码")
    resident = await stage.person("居民王阿姨", "cyan")
    await stage.does(resident, "scan", "（扫公示牌上的二维码）", expects="李卫国", code=code)
    return resident


async def _file(stage: Stage, resident: Actor, worker: Actor) -> int:
    stage.scene("居民反映问题：文字、照片、位置")
    await stage.says(resident, "楼下路灯坏了三天了，晚上黑咕隆咚的，老人走路怕摔", expects="记下了")
    await stage.does(resident, "photo", "（发来一张照片）", expects="照片")
    await stage.does(
        resident,
        "place",
        "（发来位置：清水村3组路口）",
        expects="位置",
        latitude=31.55,
        longitude=120.01,
        label="清水村3组路口",
    )
    filed = await stage.says(resident, "提交", expects="№")
    number = int(re.findall(r"№(\d+)", filed)[0])
    stage.scene("网格员马上收到")
    await stage.hears(worker, "路灯不亮")
    return number


async def _work(stage: Stage, resident: Actor, worker: Actor, number: int) -> None:
    stage.scene("网格员受理、回复、上报到村")
    await stage.says(worker, "待办", expects=f"№{number}")
    await stage.says(worker, f"受理 {number}", expects="已受理")
    await stage.hears(resident, "受理")
    await stage.says(worker, f"回复 {number} 已经看过了，是线路老化，要请村里安排电工", expects="转给居民")
    await stage.hears(resident, "线路老化")
    await stage.says(worker, f"上报 {number} 需要村里请电工更换线路", expects="上报")


async def _climb(stage: Stage, resident: Actor, worker: Actor, secretary: Actor, commander: Actor, number: int) -> None:
    await stage.hears(secretary, f"№{number}")
    await stage.hears(resident, "清水村")
    stage.scene("村里没有按时受理，自动报到镇里")
    await stage.moves_clock(4)
    await stage.hears(commander, f"{number}")
    await stage.hears(secretary, f"{number}")
    await stage.hears(resident, f"{number}")
    told = await stage.received(worker, "超时")
    stage.check(fact=told == 0, otherwise="网格员已经上报，超时不该再通知他")


async def _finish(stage: Stage, resident: Actor, commander: Actor, number: int) -> None:
    stage.scene("镇里办结，居民评价")
    await stage.says(commander, f"{number}", expects=f"№{number}")
    await stage.says(commander, f"办结 {number} 电工今天换了新线路，路灯已经亮了", expects="照片")
    await stage.does(commander, "photo", "（发来修好以后的照片）", expects="照片已归到")
    await stage.says(commander, "办结", expects="已办结")
    await stage.hears(resident, f"{number}")
    await stage.says(resident, "进度", expects=f"№{number}")
    await stage.says(resident, f"评价 {number} 5 谢谢你们", expects="谢谢")
    await stage.hears(commander, "5")


async def _notice(stage: Stage, resident: Actor, commander: Actor, code: str) -> None:
    stage.scene("镇里发通知，每户居民一条")
    neighbour = await stage.person("居民老张", "bright_cyan")
    await stage.does(neighbour, "scan", "（扫公示牌上的二维码）", expects="第一网格", code=code)
    await stage.says(neighbour, "帮助", expects="提交")
    await stage.says(commander, f"通知 {VILLAGE} 明天上午8点到11点停水检修，请提前备水。", expects="预览")
    await stage.says(commander, "发送", expects="开始发送")
    for who in (resident, neighbour):
        await stage.hears(who, "停水检修")
    for who in (resident, neighbour):
        count = await stage.received(who, "停水检修")
        stage.check(fact=count == 1, otherwise=f"{who.name} 收到了 {count} 条通知，应该正好一条")


async def _mini_program(stage: Stage, resident: Actor, number: int) -> None:
    stage.scene("小程序里看同一件事")
    signed_in = await stage.calls("POST", "/sessions", body={"code": await stage.login_code(resident)})
    case = await stage.calls("GET", f"/cases/{number}", token=signed_in["token"])
    stage.note(f"GET /api/v1/cases/{number}：{case['status']}，评分 {case['rating']}")
    for step in case["timeline"]:
        stage.note(
            f"  {step['at'][:16].replace('T', ' ')}  {step['action']:<10} {step['from_level']}→{step['to_level']}"
        )
    actions = [step["action"] for step in case["timeline"]]
    stage.check(
        fact=actions == ["submit", "accept", "reply", "report_up", "climb", "resolve", "rate"],
        otherwise=f"经过应是 提交、受理、回复、上报、超时上报、办结、评价，实际是 {actions}",
    )
    stage.check(fact=case["status"] == "closed", otherwise=f"应已结束，现在是 {case['status']}")
