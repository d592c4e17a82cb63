"""What may be the same matter told twice, on sentences as residents write them."""

from domain.likeness import LIKE_ENOUGH, likeness

ALIKE = [
    ("路灯坏了，晚上看不见", "三号楼前的路灯不亮了"),
    ("小区门口路灯坏了", "路灯坏了好几天了，晚上走路看不见"),
    ("楼下垃圾桶满了没人收", "垃圾桶满了，味道很大"),
    ("井盖没了，很危险", "路口的井盖没了，小孩差点掉下去"),
    ("三号楼下水道堵了，污水往外冒", "3号楼门口下水道堵塞，污水都流到路上了"),
    ("楼上半夜装修，吵得睡不着", "隔壁晚上十一点还在装修，太吵了"),
    ("电梯坏了，老人下不了楼", "2单元电梯坏了两天了没人修"),
    ("停水一天了，什么时候来水", "我们这栋楼停水了，一直没来水"),
    ("健身器材坏了", "广场上的健身器材断了，怕伤到孩子"),
    ("有人在河边倒建筑垃圾", "河边堆了好多建筑垃圾，没人管"),
    ("路面有个大坑", "村口路面有个大坑，骑车摔了"),
    ("占用消防通道停车", "有车把消防通道堵了，天天停在那里"),
]
NOT_ALIKE = [
    ("路灯坏了，晚上看不见", "垃圾桶满了没人收"),
    ("三号楼电梯坏了", "三号楼停水了"),
    ("老人医保怎么报销", "孩子上学怎么报名"),
    ("楼上漏水把我家天花板泡了", "楼下烧烤店油烟太大"),
    ("想问一下低保怎么申请", "想问一下居住证怎么办"),
    ("井盖没了，很危险", "电线掉下来了，很危险"),
    ("邻居养狗没拴绳，吓到孩子", "邻居在楼道堆杂物"),
    ("路面有个大坑", "路边有人乱停车"),
    ("小区门口路灯坏了", "小区门口积水了"),
    ("广场舞声音太大", "工地施工声音太大"),
    ("停水一天了", "停电一天了"),
    ("坏了", "坏了"),
    ("", "路灯坏了"),
]
NEAR_MISS = ("垃圾桶满了没人收", "垃圾桶坏了盖子掉了")
"""One bin with two faults: shown as a hint, and a person says no."""


def test_the_threshold_lies_between_what_is_alike_and_what_is_not() -> None:
    assert min(likeness(*pair) for pair in ALIKE) >= LIKE_ENOUGH
    assert max(likeness(*pair) for pair in NOT_ALIKE) < LIKE_ENOUGH / 2
    assert likeness(*NEAR_MISS) >= LIKE_ENOUGH


def test_it_is_the_same_both_ways() -> None:
    for one, other in [*ALIKE, *NOT_ALIKE]:
        assert likeness(one, other) == likeness(other, one)
