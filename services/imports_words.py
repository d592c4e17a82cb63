"""What is wrong with a row of an import, in words for the clerk who keeps the list."""

from services.imports_table import Problem

WORDS = {
    "old_excel": "这是旧版（.xls）的工作簿，或者加了密码。请在 Excel 里另存为“Excel 工作簿（.xlsx）”，不设密码",
    "broken_workbook": "这个文件打不开：不是 Excel 工作簿，或者坏了。请在 Excel 里另存为“Excel 工作簿（.xlsx）”",
    "large_workbook": "这个工作簿太大了，展开以后超过 {longest} MB。请把名单单独复制到一个新的工作簿里",
    "many_rows": "行数太多了，最多 {longest} 行。请分成几份",
    "wide_sheet": "第一张表太宽了，右边很远的地方还有内容或格式。请把名单单独复制到一个新的工作簿里",
    "empty_sheet": "工作簿的第一张表“{sheet}”是空的。只读第一张表，它要有一行写列名：{columns}",
    "merged": "有合并的单元格（{block}）。请取消合并，每一格都填上",
    "beside": "{letter} 列没有列名，却有内容，请删掉",
    "formula_error": "这一格的公式算错了（{value}）。请改好，或者直接填上内容",
    "formula_empty": "这一格的公式还没有算出来。请在 Excel 里打开、保存一次再导入，或者直接填上内容",
    "is_day": "这一格被 Excel 当成了日期（{value}）。请把这一列设成“文本”格式，再重新填写",
    "is_time": "这一格被 Excel 当成了时间。请把这一列设成“文本”格式，再重新填写",
    "long_number": "这个数太长，Excel 只记得住前 {kept} 位，后面的已经变成 0。请把这一列设成“文本”格式，再重新填写",
    "is_utf16": "这是“Unicode 文本”，不是 CSV。请在 Excel 里“另存为”，类型选“CSV UTF-8（逗号分隔）”",
    "empty_file": "文件是空的。第一行要写列名：{columns}",
    "undecodable": "从这一行起有认不出来的字节 {byte}（按 {encoding} 读）。请在 Excel 里另存为“CSV UTF-8”",
    "not_commas": "各列之间要用英文逗号隔开。列名是：{columns}",
    "missing_column": "少了这一列。列名要写成：{columns}",
    "extra_column": "多出这一列，请删掉。只要这几列：{columns}",
    "repeated_column": "这一列写了两次，请留下一列",
    "broken_quote": "双引号没有配对，或者单元格里有换行：{value}",
    "wrong_count": "这一行有 {found} 格，应该是 {expected} 格。是不是多了或少了逗号？",
    "nul": "里面有空字符（NUL），文件可能损坏了：{value}",
    "control": "里面有看不见的控制字符：{value}",
    "lost_sign": "里面有问号或乱码，多半是生僻字在保存时丢了：{value}。请另存为“CSV UTF-8（逗号分隔）”，再把字补上",
    "empty": "这一格没有填",
    "too_long": "太长了，有 {found} 个字，最多 {longest} 个字",
    "bad_code": "“{value}”不能做代码。代码只用字母、数字、汉字、点、横线和下划线，中间没有空格，也不以点或横线开头",
    "spoilt_by_excel": "“{value}”被 Excel 改成了科学计数法。请把这一列设成“文本”格式，再重新填写",
    "repeated_code": "代码“{value}”在第 {first} 行已经有了",
    "unknown_level": "“{value}”不是级别。可以写：{known}",
    "unknown_kind": "“{value}”不是网格类型。可以写：{known}，或者不填",
    "unknown_parent": "找不到上级“{value}”：这份表里没有，系统里也没有",
    "grid_without_parent": "网格要写明上级，也就是它所在的村或社区的代码",
    "parent_not_above": "上级“{value}”是 {parent_level}，并不比 {level} 高一级以上",
    "cycle": "上级绕成了一个圈：从“{value}”往上找，又回到了自己",
    "not_above_child": "改成 {level} 以后，就不比它下面的“{child}”高了",
    "duty_does_not_fit": "改成 {level} 以后，这里现有的岗位 {duty} 就不合适了。请先调整人员",
    "bad_phone": "“{phone}”不是电话号码。手机号写 11 位，座机要带区号",
    "unknown_duty": "“{value}”不是岗位。可以写：{known}",
    "unknown_region": "找不到区域“{value}”：区域表里没有，系统里也没有",
    "wrong_level": "{duty} 不能设在 {region}，那里是 {level}。可以设在：{allowed}",
    "other_name": "同一个手机号，这里是“{value}”，第 {first} 行是“{other}”。请核对",
    "cover_is_self": "AB 岗写成了本人的号码 {phone}。请写替岗同事的号码，或者不填",
    "unknown_cover": "AB 岗号码 {phone} 不在人员表里，系统里也没有这位工作人员",
    "not_an_officer": "部门“{value}”只能写在 department_officer 这一行，这里的岗位是 {duty}。请把这一格清空",
    "unknown_value": "“{value}”不认识。可以写：{known}",
    "bad_period": "“{value}”不是时限。要写大于 0、不超过 {most} 的数，或者不填（按镇里的时限）",
    "long_keyword": "关键词“{value}”太长了，最多 {longest} 个字。词和词之间用顿号隔开",
    "many_keywords": "关键词太多了，有 {found} 个，最多 {most} 个",
    "repeated_name": "名称“{value}”在第 {first} 行已经有了，大家会选错。请换个名称",
    "known_name": "名称“{value}”系统里已经有了（代码 {other}），大家会选错。请换个名称，或者先停用那一项",
    "unknown_type": "找不到上级事项“{value}”：这份表里没有，系统里也没有",
    "other_category": "和上级“{value}”不是同一大类，上级属于{category}",
    "other_child": "它下面的“{child}”属于{category}。要换大类，请把下面的事项一起改",
    "no_photo": "照片“{value}”不在照片文件夹里，或者打不开。请用 JPEG 或 PNG",
    "unknown_staff": "{phone} 不是系统里的工作人员。请核对号码，或先用 wangge import 导入",
    "repeated_person": "{phone} 在第 {first} 行已经有了",
    "private_phone": "{phone} 是这个人自己的手机号，不能写到公示牌上。请写办公电话，或者不填",
    "not_yours": "这一行不归您管：只能改自己岗位下面的地方和人。请删掉这一行，或请上级来导入",
    "known_elsewhere": "{phone} 是别处工作人员的号码，名字也对不上。请核对号码",
    "repeated_duty": "{phone} 的这个岗位在第 {first} 行已经有了",
    "untrained": "岗前培训还没有合格，不能上岗做专职网格员：{courses}。请先让他参加培训、考试合格，再导入",
    "no_courses": "里面没有课程。TOML 里每门课写一节 [[course]]，CSV 里每门课至少一行，写上 code",
    "not_a_file": "看不懂这个文件：{why}",
    "course_code": "课程“{course}”：编号（code）要写，最多 40 个字",
    "course_title": "课程“{course}”：名称（title）要写，最多 60 个字",
    "course_hours": "课程“{course}”：学时（hours）写大于 0、不超过 40 的数，例如 2 或 1.5",
    "course_form": "课程“{course}”：形式（form）写 online（线上）或 classroom（面授）",
    "course_duties": "课程“{course}”：参加的岗位（duties）要写，例如 grid_worker、volunteer",
    "course_from": "课程“{course}”：开始日期（from）写成 2027-03-05 这样",
    "course_until": "课程“{course}”：截止日期（until）写成 2027-03-05 这样，而且不早于开始日期",
    "course_compulsory": "课程“{course}”：是否必修（compulsory）写 是 或 否",
    "course_induction": "课程“{course}”：岗前培训（induction）写 是 或 否；是的话，岗位里要有 grid_worker",
    "course_link": "课程“{course}”：链接（link）要以 https:// 开头，最多 300 个字",
    "course_pages": "课程“{course}”：正文（pages 或 text）最多 50 页，每页 1 到 1500 个字",
    "course_questions": "课程“{course}”：线上课程要有考题（questions），最多 50 道",
    "course_question": "课程“{course}”：第 {question} 题的题目要写，最多 200 个字",
    "course_text": "课程“{course}”：题目（text）要写成文字",
    "course_options": "课程“{course}”：第 {question} 题要有 2 到 8 个不同的选项，每个最多 80 个字",
    "course_right": "课程“{course}”：第 {question} 题的答案（right）要写选项的字母，例如 B，多选写 AC",
    "course_points": "课程“{course}”：每题的分数（points）写整数，各题加起来正好 100 分",
    "course_unknown": "课程“{course}”：“{name}”不认识，请去掉",
}

MEANT = {
    "city": "市",
    "county": "县",
    "town": "镇",
    "village": "村",
    "grid": "网格",
    "comprehensive": "综合网格",
    "dedicated": "专属网格",
    "grid_worker": "专职网格员",
    "part_time_worker": "兼职网格员",
    "volunteer": "网格志愿者",
    "grid_chief": "网格长",
    "liaison": "网格联络员",
    "village_secretary": "村（社区）书记",
    "village_agent": "村（社区）坐席员",
    "commander": "网格指挥长",
    "town_agent": "坐席员",
    "department_officer": "职能部门工作人员",
    "inspector": "督察",
    "admin": "管理员",
}
"""What a file calls it, and what a clerk does."""


def words(problem: Problem, name: str) -> str:
    """One line: the file as the clerk calls it (*name*), the line, the column and the reason."""
    where = name
    if problem.line:
        where += f" 第 {problem.line} 行"
    if problem.column:
        where += f" {problem.column} 列"
    return f"{where}：{reason(problem)}。"


def reason(problem: Problem) -> str:
    """What is wrong and how to mend it, without where and without a full stop."""
    facts = dict(problem.facts)
    if "known" in facts:
        facts["known"] = "、".join(f"{one} {MEANT.get(one, '')}".strip() for one in str(facts["known"]).split("、"))
    return WORDS[problem.code].format(**facts)
