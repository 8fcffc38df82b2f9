"""Who lives in the demo: superiors, homes, how each home's members answer, and what became of it.

Names, places and figures are invented. The counts of the overall question are exact, so that every rating
class and every gate that honest use can produce is there on any day the demo is made.
"""

from __future__ import annotations

from dataclasses import dataclass

from survey_app.units.models import UnitKind, UnitNature

CITY, DISTRICT, INDUSTRY = "江州市总工会", "柳堤区总工会", "装备制造产业工会"
RIVER, TOWER = "河湾街道总工会", "北塔街道总工会"


@dataclass(frozen=True)
class Superior:
    """A superior union of the demo."""

    name: str
    kind: UnitKind
    parent: str | None
    prefix: str
    phone: str = "010-0000-0000"


SUPERIORS = (
    Superior(CITY, UnitKind.FEDERATION, None, "江总工"),
    Superior(DISTRICT, UnitKind.FEDERATION, CITY, "柳总工"),
    Superior(INDUSTRY, UnitKind.INDUSTRIAL_UNION, CITY, "装产工"),
    Superior(RIVER, UnitKind.TOWNSHIP_UNION, DISTRICT, "河湾工"),
    Superior(TOWER, UnitKind.TOWNSHIP_UNION, DISTRICT, "北塔工"),
)


@dataclass(frozen=True)
class Stratum:
    """Members of one employment form, and how many of them vote."""

    employment: str
    members: int
    voters: int


@dataclass(frozen=True)
class DemoHome:
    """A home: its members by stratum, the exact answers to the overall question, and its weak duties.

    `overall`: satisfied, basic, dissatisfied, don't know; the sum is the number of voters.
    `weak`: items many are dissatisfied with; `unseen`: items many do not know.
    `fate`: what happened after the rating (a name in `demo.aftermath` or `demo.orders`).
    """

    name: str
    nature: UnitNature
    parent: str
    strata: tuple[Stratum, ...]
    overall: tuple[int, int, int, int]
    weak: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ("q15", "q18")
    kind: UnitKind = UnitKind.GRASSROOTS_UNION
    territory: str | None = None
    fate: str = ""

    @property
    def members(self) -> int:
        return sum(stratum.members for stratum in self.strata)

    @property
    def short(self) -> str:
        return self.name.removesuffix("工会")


def _one(members: int, voters: int) -> tuple[Stratum, ...]:
    return (Stratum("合同制", members, voters),)


COMPANY, PUBLIC, SOCIAL = (
    UnitNature.ENTERPRISE,
    UnitNature.PUBLIC_INSTITUTION,
    UnitNature.OTHER_SOCIAL_ORG,
)

RATED = (
    DemoHome(
        "长河机械厂工会",
        COMPANY,
        INDUSTRY,
        (Stratum("合同制", 120, 80), Stratum("劳务派遣", 66, 38)),
        (51, 38, 24, 5),
        ("q9", "q6"),
        ("q7", "q18", "q15"),
        territory=RIVER,
        fate="reminder_closed",
    ),
    DemoHome(
        "青禾纺织公司工会",
        COMPANY,
        RIVER,
        (Stratum("合同制", 96, 70), Stratum("农民工", 44, 26)),
        (14, 31, 48, 3),
        ("q5", "q6", "q9"),
        fate="overdue",
    ),
    DemoHome(
        "云桥供水公司工会",
        PUBLIC,
        INDUSTRY,
        (Stratum("在编", 260, 214), Stratum("合同制", 140, 106)),
        (262, 46, 9, 3),
        territory=DISTRICT,
        fate="published",
    ),
    DemoHome(
        "北塔物流联合工会",
        COMPANY,
        TOWER,
        (Stratum("合同制", 90, 66), Stratum("新就业形态", 98, 62)),
        (24, 36, 64, 4),
        ("q3", "q8", "q10"),
        kind=UnitKind.JOINT_UNION,
        fate="rectifying",
    ),
    DemoHome(
        "恒远物业公司工会", COMPANY, TOWER, _one(66, 58), (7, 14, 35, 2), ("q1", "q13"), fate="proposed"
    ),
    DemoHome(
        "晨光食品公司工会",
        COMPANY,
        RIVER,
        _one(58, 50),
        (6, 13, 30, 1),
        ("q7", "q11"),
        fate="plan_under_review",
    ),
    DemoHome("新竹电子公司工会", COMPANY, TOWER, _one(96, 80), (9, 24, 45, 2), ("q4", "q12"), fate="passed"),
    DemoHome(
        "三江印刷厂工会",
        COMPANY,
        DISTRICT,
        _one(70, 60),
        (8, 16, 34, 2),
        ("q2", "q14"),
        fate="awaiting_inspection",
    ),
    DemoHome("南园酒店工会", COMPANY, DISTRICT, _one(60, 52), (5, 14, 31, 2), ("q9", "q16"), fate="served"),
    DemoHome("柳堤区环卫中心工会", PUBLIC, DISTRICT, _one(120, 92), (50, 28, 10, 4), fate="published"),
    DemoHome("柳堤区图书馆工会", PUBLIC, DISTRICT, _one(36, 34), (27, 6, 1, 0), fate="published"),
    DemoHome("河湾小学工会", PUBLIC, RIVER, _one(24, 21), (16, 4, 1, 0), fate="published"),
    DemoHome(
        "河湾社区联合工会",
        COMPANY,
        RIVER,
        _one(62, 25),
        (12, 7, 5, 1),
        kind=UnitKind.JOINT_UNION,
        fate="final",
    ),
    DemoHome(
        "东风铸造厂工会",
        COMPANY,
        INDUSTRY,
        _one(90, 68),
        (18, 10, 9, 31),
        unseen=("q8", "q15", "q17", "q18"),
        territory=TOWER,
    ),
    DemoHome(
        "红星仪表厂工会",
        COMPANY,
        INDUSTRY,
        (Stratum("合同制", 60, 44), Stratum("劳务派遣", 24, 2)),
        (26, 12, 7, 1),
        territory=TOWER,
        fate="final",
    ),
    DemoHome("柳堤第二幼儿园工会", PUBLIC, DISTRICT, _one(18, 8), (5, 2, 1, 0)),
    DemoHome("小锤修理部工会", COMPANY, RIVER, _one(6, 5), (3, 1, 1, 0)),
)

LATE = (DemoHome("平安保安公司工会", COMPANY, TOWER, _one(50, 34), (12, 9, 12, 1), ("q6",), fate="objected"),)

OPEN = (
    DemoHome("柳编工艺社工会", SOCIAL, DISTRICT, _one(24, 14), (8, 4, 2, 0)),
    DemoHome("滨江宾馆工会", COMPANY, DISTRICT, _one(64, 40), (20, 12, 7, 1)),
)

HOMES = (*RATED, *LATE, *OPEN)


@dataclass(frozen=True)
class DemoPerson:
    """A person with an account; `custody` and `inspection` name duties beside the post."""

    login: str
    name: str
    role: str
    unit: str
    what: str = ""


PEOPLE = (
    DemoPerson("shizong", "周敏", "officer", CITY, "市总经办人"),
    DemoPerson("quzong", "赵岚", "officer", DISTRICT, "区总经办人：从这里开始看"),
    DemoPerson("quzong2", "钱平", "officer", DISTRICT, "区总另一位经办人（确认、复查要换人）"),
    DemoPerson("chanye", "孙立", "officer", INDUSTRY, "产业工会经办人"),
    DemoPerson("jiedao", "李蔚", "officer", RIVER, "街道经办人"),
    DemoPerson("shenji", "吴青", "auditor", DISTRICT, "审计，只读"),
    DemoPerson("kai1", "郑和", "custodian", DISTRICT, "开箱人一"),
    DemoPerson("kai2", "王宁", "custodian", DISTRICT, "开箱人二"),
)

COMMENTS = (
    ("t1", "意见提了，过几个月也没人说行还是不行。"),
    ("t1", "换班的时候去办事，门老锁着。"),
    ("t1", "图书室的书多少年没换了。"),
    ("t1", "想知道困难补助怎么申请，问了张伟也说不清。"),
    ("t1", "夜班没有地方热饭，请给休息室添个微波炉。"),
    ("t1", "有事打13800001234找不到人。"),
    ("t2", "暑期托管班帮了双职工大忙。"),
    ("t2", "高温天送的清凉饮料很实在。"),
    ("t2", "技术比武办得好，年轻人有劲头。"),
    ("t2", "工会的人来车间，听得进话。"),
)
