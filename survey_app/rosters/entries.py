"""One line of a roster: from the cells a clerk typed to the values kept, or every fault in it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from survey_app.core.errors import Fault
from survey_app.spreadsheets.reading import Row

# Order matters: the first fitting heading wins, and a running number is the last resort.
ALIASES = {
    "number": (
        *("会员号", "会员编号", "会员证号", "会员卡号", "工会证号", "职工号", "员工号", "工号", "人员编号"),
        *("编号", "卡号", "序号", "membernumber", "number", "id"),
    ),
    "name": ("姓名", "会员姓名", "名字", "name"),
    "contact": (
        *("手机号", "手机号码", "手机", "移动电话", "联系电话", "联系方式", "电话", "邮箱", "电子邮箱"),
        *("mobile", "phone", "email"),
    ),
    "employment": ("用工形式", "用工性质", "用工类型", "用工方式", "合同类型", "职工类别", "employment"),
    "age_band": ("年龄段", "年龄", "出生日期", "出生年月", "age"),
    "gender": ("性别", "gender", "sex"),
    "department": (
        *("部门", "车间", "科室", "班组", "处室", "所属单位", "所在单位", "工作单位", "用人单位", "分工会"),
        *("department",),
    ),
}
REQUIRED = ("number", "name")
LONGEST = {"number": 40, "name": 60, "employment": 40, "age_band": 40, "gender": 40, "department": 60}

UNDER_36, TO_50, OVER_50 = "35岁及以下", "36至50岁", "51岁及以上"
EMPLOYMENT = {
    "合同制": ("合同制", "合同工", "劳动合同", "合同", "正式工", "正式职工", "正式员工", "正式", "直签"),
    "劳务派遣": ("劳务派遣", "派遣", "派遣工", "劳务派遣工"),
    "在编": ("在编", "事业编制", "编制内", "公务员", "行政编制"),
    "农民工": ("农民工", "进城务工"),
    "新就业形态": ("新就业形态", "外卖员", "快递员", "网约车司机", "灵活就业"),
}
_EMPLOYMENT = {alias: word for word, aliases in EMPLOYMENT.items() for alias in aliases}
GENDER = {
    "男": "男",
    "男性": "男",
    "m": "男",
    "male": "男",
    "女": "女",
    "女性": "女",
    "f": "女",
    "female": "女",
}
MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"0\d{9,11}")
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
DATE = re.compile(r"((?:19|20)\d\d)[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?月?")
ID_CARD = re.compile(r"\d{6}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]")


@dataclass(frozen=True, slots=True)
class MemberEntry:
    """An eligible member as imported. `contact` is a phone number or a mail address, or empty."""

    number: str
    name: str
    contact: str = ""
    employment: str = ""
    age_band: str = ""
    gender: str = ""
    department: str = ""


def entry_of(row: Row, places: dict[str, int], eligible_on: date) -> tuple[MemberEntry, list[Fault]]:
    """The entry of a row and everything that is wrong with it."""
    faults = [Fault("digits_lost", where=meaning) for meaning, place in places.items() if place in row.lost]
    values = {meaning: row.cell(place) for meaning, place in places.items()}
    lost = {fault.where for fault in faults}
    number = unicodedata.normalize("NFKC", values.get("number", "")).replace(" ", "")
    name = values.get("name", "")
    faults += [fault for fault in _identity_faults(number, name) if fault.where not in lost]
    contact, problem = ("", None) if "contact" in lost else tidy_contact(values.get("contact", ""))
    if problem:
        faults.append(problem)
    strata = {
        "employment": tidy_employment(values.get("employment", "")),
        "age_band": tidy_age(values.get("age_band", ""), eligible_on),
        "gender": GENDER.get(values.get("gender", "").lower(), values.get("gender", "")),
        "department": values.get("department", ""),
    }
    faults += _strata_faults(strata, values)
    kept = {meaning: text or "" for meaning, text in strata.items()}
    return MemberEntry(number=number, name=name, contact=contact, **kept), faults


def tidy_contact(text: str) -> tuple[str, Fault | None]:
    """A phone number as digits or a mail address in small letters; a fault when it is neither."""
    if not text:
        return "", None
    plain = unicodedata.normalize("NFKC", text).strip()
    if "@" in plain:
        mail = plain.lower()
        return (mail, None) if MAIL.fullmatch(mail) else ("", Fault("mail_wrong", {"text": text}, "contact"))
    digits = re.sub(r"^(\+|00)?86(?=1\d{10}$)", "", re.sub(r"[\s\-()]", "", plain))
    if MOBILE.fullmatch(digits) or LANDLINE.fullmatch(digits):
        return digits, None
    return "", Fault("phone_wrong", {"text": text}, "contact")


def tidy_employment(text: str) -> str:
    """The usual word for a form of employment; an unusual one stays as it is."""
    return _EMPLOYMENT.get(text, text)


def tidy_age(text: str, eligible_on: date) -> str | None:
    """The age band for an age, a birthday or a band; None when it is none of them. No birthday is kept."""
    if not text:
        return ""
    born = DATE.fullmatch(text)
    if born:
        age = _age(int(born[1]), int(born[2]), int(born[3] or 1), eligible_on)
        return _band(age) if 15 <= age <= 100 else None
    numbers = [int(found) for found in re.findall(r"\d{1,3}", text)]
    if not numbers or any(not 14 <= number <= 100 for number in numbers):
        return None
    if len(numbers) == 1 and re.search("以下|及下|≤|<|under", text):
        return UNDER_36 if numbers[0] <= 36 else None
    if len(numbers) == 1 and re.search("以上|及上|≥|>|over", text):
        return OVER_50 if numbers[0] >= 50 else None
    return _band(numbers[-1])


def _identity_faults(number: str, name: str) -> list[Fault]:
    faults = []
    if not number:
        faults.append(Fault("number_missing", where="number"))
    elif ID_CARD.fullmatch(number):
        faults.append(Fault("number_is_id_card", where="number"))
    elif len(number) > LONGEST["number"]:
        faults.append(Fault("too_long", {"most": LONGEST["number"]}, "number"))
    if not name:
        faults.append(Fault("name_missing_row", where="name"))
    elif len(name) > LONGEST["name"]:
        faults.append(Fault("too_long", {"most": LONGEST["name"]}, "name"))
    return faults


def _strata_faults(strata: dict[str, str | None], values: dict[str, str]) -> list[Fault]:
    faults = []
    if strata["age_band"] is None:
        faults.append(Fault("age_wrong", {"text": values["age_band"]}, "age_band"))
    if strata["gender"] not in {"", "男", "女"}:
        faults.append(Fault("gender_wrong", {"text": values["gender"]}, "gender"))
    for meaning in ("employment", "department"):
        if len(strata[meaning] or "") > LONGEST[meaning]:
            faults.append(Fault("too_long", {"most": LONGEST[meaning]}, meaning))
    return faults


def _age(year: int, month: int, day: int, on: date) -> int:
    return on.year - year - ((on.month, on.day) < (month, day))


def _band(age: int) -> str:
    if age <= 35:
        return UNDER_36
    return TO_50 if age <= 50 else OVER_50
