"""Reads a whole tree from a spreadsheet: a plan of what would be added, and every fault by its row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from survey_app.core.errors import Fault, Invalid
from survey_app.spreadsheets.columns import ROWS_SEARCHED, Headings, find_headings
from survey_app.spreadsheets.reading import Row, read_rows
from survey_app.units import credit_code
from survey_app.units.models import UnitKind, UnitNature
from survey_app.units.validity import kind_faults, partner_faults, value_faults

ALIASES = {
    "name": ("单位名称", "工会名称", "名称", "单位全称", "全称", "name"),
    "short_name": ("简称", "工会简称", "单位简称", "shortname"),
    "parent": ("上级工会", "上级单位", "隶属工会", "隶属", "上级", "parent"),
    "territory": ("属地工会", "属地", "所在街道", "服务站", "territory"),
    "kind": ("单位类型", "工会类型", "类型", "kind"),
    "nature": ("单位性质", "性质", "nature"),
    "credit_code": ("统一社会信用代码", "信用代码", "社会信用代码", "creditcode"),
    "stated_members": ("会员人数", "会员数", "会员", "members"),
    "chair_name": ("工会主席", "主席", "主席姓名", "chair"),
    "chair_phone": ("主席电话", "联系电话", "电话", "手机", "phone"),
    "chair_email": ("邮箱", "电子邮箱", "email"),
    "address": ("地址", "单位地址", "address"),
}
KIND_WORDS = {
    "总工会": UnitKind.FEDERATION,
    "产业工会": UnitKind.INDUSTRIAL_UNION,
    "局工会": UnitKind.SYSTEM_UNION,
    "集团工会": UnitKind.SYSTEM_UNION,
    "局、集团公司工会": UnitKind.SYSTEM_UNION,
    "街道总工会": UnitKind.TOWNSHIP_UNION,
    "乡镇总工会": UnitKind.TOWNSHIP_UNION,
    "街道（乡镇）总工会": UnitKind.TOWNSHIP_UNION,
    "工会服务站": UnitKind.SERVICE_STATION,
    "服务站": UnitKind.SERVICE_STATION,
    "基层工会": UnitKind.GRASSROOTS_UNION,
    "基层工会委员会": UnitKind.GRASSROOTS_UNION,
    "联合基层工会": UnitKind.JOINT_UNION,
    "联合工会": UnitKind.JOINT_UNION,
    "分工会": UnitKind.BRANCH_UNION,
    "工会小组": UnitKind.UNION_GROUP,
    **{str(kind): kind for kind in UnitKind},
}
# Read from the end of a name; the first that fits decides.
KIND_ENDINGS = (
    (("服务站",), UnitKind.SERVICE_STATION),
    (("街道总工会", "乡总工会", "镇总工会"), UnitKind.TOWNSHIP_UNION),
    (("产业工会",), UnitKind.INDUSTRIAL_UNION),
    (("总工会",), UnitKind.FEDERATION),
    (("分工会",), UnitKind.BRANCH_UNION),
    (("小组",), UnitKind.UNION_GROUP),
    (("联合工会", "联合基层工会", "联合工会委员会"), UnitKind.JOINT_UNION),
)
NATURE_WORDS = {
    "企业": UnitNature.ENTERPRISE,
    "事业单位": UnitNature.PUBLIC_INSTITUTION,
    "事业": UnitNature.PUBLIC_INSTITUTION,
    "机关": UnitNature.GOVERNMENT_BODY,
    "党政机关": UnitNature.GOVERNMENT_BODY,
    "其他社会组织": UnitNature.OTHER_SOCIAL_ORG,
    "社会组织": UnitNature.OTHER_SOCIAL_ORG,
    "其他": UnitNature.OTHER_SOCIAL_ORG,
    **{str(nature): nature for nature in UnitNature},
}
TEXTS = ("name", "short_name", "chair_name", "chair_phone", "chair_email", "address")
LONGEST = {"short_name": 60, "chair_name": 60, "chair_phone": 40, "chair_email": 120, "address": 200}
MOST_FAULTS = 2_000


@dataclass(frozen=True)
class Known:
    """A unit that exists already, as the plan needs it."""

    id: int
    name: str
    kind: str
    parent_id: int | None
    credit_code: str | None
    in_scope: bool = True


@dataclass
class Planned:
    """One row on its way to become a unit. `parent` is a row of the file, or the id of a known unit."""

    row: int
    kind: str
    values: dict[str, object]
    parent_text: str
    territory_text: str
    parent: Planned | int | None = None
    territory: Planned | int | None = None
    known_id: int | None = None
    faults: list[Fault] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The unit's name."""
        return str(self.values["name"])


@dataclass
class TreePlan:
    """What an import would do: units in the order in which they can be added, those known, every fault."""

    headings: Headings
    units: list[Planned] = field(default_factory=list)
    known: int = 0
    faults: list[tuple[int, Fault]] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether everything can be added as it is."""
        return bool(self.units) and not self.faults

    def by_kind(self) -> Counter[str]:
        """How many of each kind would be added."""
        return Counter(unit.kind for unit in self.units)


def plan_tree(
    content: bytes, root: Known, known: Iterable[Known], chosen: Mapping[str, int] | None = None
) -> TreePlan:
    """Read a file as additions below `root`; `known` are the units of the actor's scope and all partners."""
    rows = read_rows(content)
    try:
        upper = [row for row, _count in zip(rows, range(ROWS_SEARCHED), strict=False)]
    finally:
        rows.close()
    found = find_headings(upper, ALIASES)
    if found is None or (chosen is None and "name" not in found.places):
        raise Invalid([Fault("unit_file_without_headings")], "file_unreadable")
    headings = found if chosen is None else Headings(found.number, found.texts, dict(chosen))
    plan = TreePlan(headings)
    planned = list(_planned(content, headings))
    _settle(plan, planned, root, list(known))
    return plan


def kind_from(text: str, name: str) -> str:
    """The kind a clerk wrote, or the one that the name ends with."""
    if text:
        return str(KIND_WORDS.get(text, text))
    for endings, kind in KIND_ENDINGS:
        if name.endswith(endings):
            return str(kind)
    return str(UnitKind.GRASSROOTS_UNION)


def _planned(content: bytes, headings: Headings) -> Iterator[Planned]:
    places = headings.places
    for row in read_rows(content):
        if row.number <= headings.number or not any(row.cell(place) for place in places.values()):
            continue
        yield _one(row, places)


def _one(row: Row, places: dict[str, int]) -> Planned:
    text = {meaning: row.cell(place) for meaning, place in places.items()}
    values: dict[str, object] = {name: text.get(name, "") for name in TEXTS}
    nature, members = text.get("nature", ""), text.get("stated_members", "")
    nature_code = str(NATURE_WORDS.get(nature, nature)) if nature else None
    code = credit_code.tidy(text.get("credit_code", "")) or None
    values["nature"], values["credit_code"] = nature_code, code
    values["stated_members"] = int(members) if members.isdecimal() else None
    kind = kind_from(text.get("kind", ""), str(values["name"]))
    planned = Planned(row.number, kind, values, text.get("parent", ""), text.get("territory", ""))
    planned.faults = [
        Fault("digits_lost", where=meaning) for meaning, place in places.items() if place in row.lost
    ]
    if members and not members.isdecimal():
        planned.faults.append(Fault("stated_members_wrong", where="stated_members"))
    planned.faults += [
        Fault("too_long", {"most": most}, name)
        for name, most in LONGEST.items()
        if len(str(values[name])) > most
    ]
    planned.faults += value_faults(str(values["name"]), nature_code, code, None)
    return planned


def _settle(plan: TreePlan, planned: list[Planned], root: Known, known: list[Known]) -> None:
    """Find everybody's superiors, sort the tree from the top, and collect the faults."""
    index = _Index(planned, root, known)
    for unit in planned:
        index.place(unit)
    order, ringed = _from_the_top(planned)
    for unit in ringed:
        unit.faults.append(Fault("parent_ring", where="parent"))
    for unit in order:
        unit.parent, unit.territory = _settled(unit.parent), _settled(unit.territory)
        unit.known_id = index.known_id(unit)
        index.check_code(unit)
    plan.known = sum(unit.known_id is not None for unit in order)
    plan.units = [unit for unit in order if unit.known_id is None]
    for unit in [*plan.units, *ringed]:
        plan.faults += [(unit.row, fault) for fault in unit.faults]
    plan.faults.sort(key=lambda pair: pair[0])
    del plan.faults[MOST_FAULTS:]


def _settled(place: Planned | int | None) -> Planned | int | None:
    """A row that names a unit which exists stands for that unit."""
    return place.known_id if isinstance(place, Planned) and place.known_id is not None else place


class _Index:
    """Finds units by name: those of the file first, then those that exist."""

    def __init__(self, planned: list[Planned], root: Known, known: list[Known]) -> None:
        self.root = root
        self.kinds = {one.id: one.kind for one in [root, *known]}
        self.in_file: dict[str, list[Planned]] = {}
        for unit in planned:
            self.in_file.setdefault(unit.name, []).append(unit)
        self.existing: dict[str, list[Known]] = {}
        for one in {one.id: one for one in [root, *known]}.values():
            self.existing.setdefault(one.name, []).append(one)
        self.codes = {one.credit_code: one.name for one in known if one.credit_code}
        self.seen_codes: dict[str, int] = {}
        self.seen: dict[tuple[str, int], int] = {}

    def place(self, unit: Planned) -> None:
        """Resolve the superiors of a unit and note what does not fit."""
        unit.parent = self._find(unit.parent_text, unit, "parent") if unit.parent_text else self.root.id
        if unit.territory_text:
            unit.territory = self._find(unit.territory_text, unit, "territory")
            if unit.territory is not None:
                unit.faults += partner_faults(self._kind(unit.territory))
        if unit.parent is not None:
            unit.faults += kind_faults(unit.kind, self._kind(unit.parent))
        self._check_twice(unit)

    def known_id(self, unit: Planned) -> int | None:
        """The unit that stands below the same superior under the same name already."""
        twins = [one.id for one in self.existing.get(unit.name, []) if one.parent_id == unit.parent]
        return twins[0] if twins and isinstance(unit.parent, int) else None

    def check_code(self, unit: Planned) -> None:
        """A credit code belongs to one unit, in the file and beside it."""
        code = unit.values["credit_code"]
        if not code or unit.known_id is not None:
            return
        first = self.seen_codes.setdefault(str(code), unit.row)
        if first != unit.row:
            unit.faults.append(Fault("credit_code_twice", {"row": first}, "credit_code"))
        elif str(code) in self.codes:
            unit.faults.append(Fault("credit_code_taken", {"unit": self.codes[str(code)]}, "credit_code"))

    def _find(self, text: str, unit: Planned, where: str) -> Planned | int | None:
        mine: list[Planned | int] = [one for one in self.in_file.get(text, []) if one is not unit]
        open_to = [one for one in self.existing.get(text, []) if one.in_scope or where == "territory"]
        found: list[Planned | int] = mine or [one.id for one in open_to]
        if len(found) == 1:
            return found[0]
        code = "superior_unknown" if not found else "superior_ambiguous"
        unit.faults.append(Fault(code, {"name": text, "count": len(found)}, where))
        return None

    def _kind(self, place: Planned | int) -> str:
        return self.kinds[place] if isinstance(place, int) else place.kind

    def _check_twice(self, unit: Planned) -> None:
        key = (unit.name, id(unit.parent) if isinstance(unit.parent, Planned) else unit.parent or 0)
        first = self.seen.setdefault(key, unit.row)
        if first != unit.row:
            unit.faults.append(Fault("unit_twice", {"row": first}, "name"))


def _from_the_top(units: list[Planned]) -> tuple[list[Planned], list[Planned]]:
    """The units so that each follows its superior, and those that hang in a ring."""
    children: dict[int, list[Planned]] = {}
    ready: list[Planned] = []
    for unit in units:
        if isinstance(unit.parent, Planned):
            children.setdefault(id(unit.parent), []).append(unit)
        else:
            ready.append(unit)
    order = []
    for unit in ready:
        order.append(unit)
        ready.extend(children.get(id(unit), []))
    placed = {id(unit) for unit in order}
    return order, [unit for unit in units if id(unit) not in placed]
