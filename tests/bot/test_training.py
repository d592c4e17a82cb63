"""Training in the chat: a tired worker reads, answers by letters, stops, and comes back."""

import json
from pathlib import Path

from models import TrainingAttempt, TrainingRecord
from tests.bot.transcript import Stage
from tests.factories import TOWN, make_town
from tests.phone import Wechat

QUESTIONS: list[dict[str, object]] = [
    {"text": "着火先打几？", "options": ["119", "114", "10086"], "right": "A", "points": 100}
]
# In whatever order they come, the same letters answer them.
TWO: list[dict[str, object]] = [
    {"text": "上门带什么？", "options": ["工作证", "记录本", "酒"], "right": "AB", "points": 50},
    {"text": "火场先做什么？", "options": ["报警", "救人", "拍照"], "right": "AB", "points": 50},
]
SEVERAL = """# 多选
登场> 网格员
网格员> 培训
< …
网格员> 1
< …
网格员> 考试
< 第 1 题，共 2 题（50 分，多选）
| …
网格员> ＡＢ
< 第 2 题，共 2 题（50 分，多选）
| …
网格员> b、a
< 考完了，《消防常识》100 分，合格，记 2 学时。看还有哪些，请回：培训
"""

FIRST = """# 看课文、考试、不合格、停下、再考
登场> 网格员、居民（第一网格）
网格员> 培训
< 要参加的培训（今年已有 0 学时，还差 20 学时）：
| 1. 消防常识（必修，2 学时）
| 看哪一门就回前面的数字。
网格员> 3
< 请回数字 1。
网格员> 1
< 《消防常识》第 1 页，共 2 页
| 先报警，再救人。
| 往下看请回：下一页；看完了，1 道题，考试请回：考试
网格员> 下一页
< 《消防常识》第 2 页，共 2 页
| 不坐电梯。
| 往回看请回：上一页；看完了，1 道题，考试请回：考试
网格员> 考试
< 第 1 题，共 1 题（100 分）
| 着火先打几？
| A. 119
| B. 114
| C. 10086
| 选哪个就回字母。想停下请回：退出
网格员> 退出
< 好，先放一放。答过的题都记着，想接着考随时回：培训
网格员> 培训
< 要参加的培训（今年已有 0 学时，还差 20 学时）：
| 1. 消防常识（必修，2 学时，考到一半）
| …
网格员> 1
< …接着考请回：考试
网格员> 考试
< 第 1 题，共 1 题（100 分）
| …
网格员> D
< 没有这个选项，请回题目下面的字母。
网格员> ＡＢ
< 这题只选一个，请回一个字母。
网格员> b
< 考完了，《消防常识》0 分，还没有合格。还可以考 1 次，不着急，先看看内容，准备好了请回：再考一次
网格员> 再考一次
< 第 1 题，共 1 题（100 分）
| …
网格员> A
< 考完了，《消防常识》100 分，合格，记 2 学时。看还有哪些，请回：培训
网格员> 考试
< 这门考试您已经合格了，不用再考。看还有哪些，请回：培训
网格员> 学时
< 现在没有要您参加的培训。今年已有 2 学时，还差 18 学时。
"""


async def held(wechat: Wechat, questions: list[dict[str, object]]) -> None:
    course = {
        "code": "X1",
        "title": "消防常识",
        "hours": 2,
        "duties": ["grid_worker"],
        "compulsory": "是",
        "pages": ["先报警，再救人。", "不坐电梯。"],
        "questions": questions,
    }
    await wechat.desk.training_keeping.import_(TOWN, "c.json", json.dumps([course]).encode())


async def test_a_course_is_read_and_its_test_taken_by_letters(wechat: Wechat, tmp_path: Path) -> None:
    town = await make_town(wechat.desk)
    await held(wechat, QUESTIONS)
    written = tmp_path / "training.txt"
    written.write_text(FIRST, "utf-8")
    await Stage(wechat, town).play(written)
    assert [one.points for one in await TrainingAttempt.all().order_by("number")] == [0, 100]
    assert (await TrainingRecord.get()).minutes == 120


async def test_several_letters_answer_a_question_with_several_answers(wechat: Wechat, tmp_path: Path) -> None:
    town = await make_town(wechat.desk)
    await held(wechat, TWO)
    written = tmp_path / "training.txt"
    written.write_text(SEVERAL, "utf-8")
    await Stage(wechat, town).play(written)
    assert (await TrainingAttempt.get()).answers == [[1, 2], [1, 2]]
