"""Find people's names in a comment by where they stand: behind 问了 or 找, before 说 or 答应.

A family name alone says little (方便, 高温, 一张表); only a place in which comments name somebody makes it a
proposal. What is found is proposed for masking, never masked without the reviewer: a word too many costs him
a click, a name too few costs the named person. Names in other places, nicknames and initials are not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# The commonest family names, one character each; together they name nine people in ten.
FAMILIES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
COMPOUND = "欧阳|司马|上官|诸葛|司徒|东方|皇甫|尉迟|公孙|令狐"
# Family names that mostly are something else: 向领导说, 于是, 付钱.
AMBIGUOUS = "向于付钱"
# Characters that end a name rather than stand in one.
FUNCTION = (
    "的地得了着过是不没很也就都在有和与跟这那个们么什说讲问找去来要能给让叫被把吗呢吧啊呀他她我你谁"
    "又还才再只已从到对向因但却可该应想看拿收骂管办"
)
# Everyday words that begin like a family name.
WORDS = (
    "高兴|高温|高低|高级|高峰|高铁|高空|高度|高层|方便|方法|方面|方案|方式|方向|万一|任何|任务|任职|曾经|金额|马上"
    "|马路|马桶|马虎|白天|白班|白白|程序|程度|石油|江边|龙头|毛病|毛巾|谢谢|许多|许可|许久|严重|严格|严肃|严禁"
    "|黄金|黄色|夏天|夏季|周末|周[一二三四五六日天]|周到|周围|周边|周期|胡乱|何时|何况|何必|余额|余下|杜绝|陆续"
    "|范围|顾客|顾及|张贴|张罗|陈旧|陈列|郑重|罗列|武装|董事|钟头|田间|金子|白领|向上|付出|付款|钱包|于是"
)
HAN = r"[\u4e00-\u9fff]"
GIVEN = rf"(?:(?![{FUNCTION}]){HAN}){{1,2}}"
# A measure word or the end of another word is no family name: 这张表, 工程师, 主任.
NOT_WITHIN = "(?<![一两二三四五六七八九十几每各这那半纸工过流全课教行旅路日议责主现资奖])"
END = rf"(?=$|[^\u4e00-\u9fff]|[{FUNCTION}]|批评|答应|同意|处理|反映)"
SPEAKS = r"(?=说(?![明法话])|讲(?![座课])|告诉|答应|承诺|批评|骂|训|同意|拒绝|态度|负责|保证)"


def _who(families: str = FAMILIES) -> str:
    return rf"(?!{WORDS})(?P<who>(?:{COMPOUND}|[{families}]){GIVEN})"


CERTAIN = "".join(family for family in FAMILIES if family not in AMBIGUOUS)
PLACES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:问了|问过|问问|找了|找过|找到|联系|请教|举报|投诉|得罪|多亏|感谢|问|找){_who()}",
        rf"(?:跟|和|让|被|给|对|请|由|叫|听){_who(CERTAIN)}{END}",
        rf"{NOT_WITHIN}{_who(CERTAIN)}{SPEAKS}",
    )
)


def named(text: str) -> Iterator[tuple[int, int]]:
    """Where somebody seems to be named, place by place; spans may overlap."""
    for place in PLACES:
        for match in place.finditer(text):
            yield match.span("who")
