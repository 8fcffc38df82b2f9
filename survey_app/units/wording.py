"""The words of units: kinds, natures, changes, and refusals as sentences."""

from __future__ import annotations

from survey_app.units.models import UnitKind, UnitNature
from survey_app.web.i18n import lazy_gettext as _l

KINDS = {
    UnitKind.FEDERATION: _l("总工会"),
    UnitKind.INDUSTRIAL_UNION: _l("产业工会"),
    UnitKind.SYSTEM_UNION: _l("局、集团公司工会"),
    UnitKind.TOWNSHIP_UNION: _l("街道（乡镇）总工会"),
    UnitKind.SERVICE_STATION: _l("工会服务站"),
    UnitKind.GRASSROOTS_UNION: _l("基层工会"),
    UnitKind.JOINT_UNION: _l("联合基层工会"),
    UnitKind.BRANCH_UNION: _l("分工会"),
    UnitKind.UNION_GROUP: _l("工会小组"),
}
NATURES = {
    UnitNature.ENTERPRISE: _l("企业"),
    UnitNature.PUBLIC_INSTITUTION: _l("事业单位"),
    UnitNature.GOVERNMENT_BODY: _l("机关"),
    UnitNature.OTHER_SOCIAL_ORG: _l("其他社会组织"),
}
CHANGES = {
    "rename": _l("改名"),
    "move": _l("转移"),
    "close": _l("撤销"),
    "merge": _l("并入"),
    "absorb": _l("并进来"),
}
VERBS = {
    "unit.add": _l("增加单位"),
    "unit.edit": _l("改了单位资料"),
    "unit.move": _l("转移单位"),
    "unit.close": _l("撤销单位"),
    "unit.merge": _l("合并单位"),
    "unit.import": _l("导入单位"),
}
FIELDS = {
    "name": _l("单位名称"),
    "short_name": _l("简称"),
    "parent": _l("上级工会"),
    "territory": _l("属地工会"),
    "kind": _l("单位类型"),
    "nature": _l("单位性质"),
    "credit_code": _l("统一社会信用代码"),
    "stated_members": _l("会员人数"),
    "chair_name": _l("工会主席"),
    "chair_phone": _l("主席电话"),
    "chair_email": _l("主席邮箱"),
    "address": _l("地址"),
}
WORDS = {
    "other_line": _l("%(unit)s的隶属工会不在您这条线上，您可以看，不能改。"),
    "root_by_program_only": _l("最上一级单位在安装时建立，这里只能加下级单位。"),
    "not_out_of_scope": _l("这一步要由上一级工会来办。"),
    "unit_has_children": _l("%(unit)s下面还有单位，请先把它们转走或者撤销。"),
    "unit_closed": _l("%(unit)s已经撤销了。"),
    "merge_target_wrong": _l("并入的单位不能是它自己，也不能是已经撤销的单位。"),
    "unit_kind_unknown": _l("不认识这种单位类型：%(kind)s"),
    "unit_needs_parent": _l("基层工会、分工会和小组都要有上级工会。"),
    "grassroots_is_no_superior": _l("基层工会下面只能设分工会和小组，请换一个上级。"),
    "branch_needs_grassroots": _l("分工会和小组要设在基层工会下面。"),
    "partner_is_no_superior": _l("属地工会要选街道、区或服务站这样的上级工会。"),
    "unit_name_length": _l("单位名称要2到%(most)s个字。"),
    "unit_nature_unknown": _l("不认识这种单位性质：%(nature)s"),
    "credit_code_wrong": _l("统一社会信用代码%(code)s不对：要18位，最后一位是校验码。请对着证书再看一遍。"),
    "credit_code_taken": _l("这个统一社会信用代码已经是%(unit)s的了。"),
    "stated_members_wrong": _l("会员人数要填一个整数。"),
    "parent_closed": _l("上级%(unit)s已经撤销，请换一个。"),
    "parent_below_itself": _l("上级不能是%(unit)s自己或它下面的单位。"),
    "partner_below_itself": _l("属地工会不能是%(unit)s自己或它下面的单位。"),
    "digits_lost": _l("%(field)s太长，表格软件把后面几位丢了。请把这一列设成“文本”，再填一次。"),
    "too_long": _l("%(field)s太长，最多%(most)s个字。"),
    "superior_unknown": _l("没有找到“%(name)s”。请核对名称，或者把它也写进表里。"),
    "superior_ambiguous": _l("有%(count)s个单位叫“%(name)s”，分不清是哪一个。请改成不重名的名称。"),
    "superior_not_chosen": _l("请填上级工会的名称或编号。"),
    "unit_twice": _l("和第%(row)s行是同一个单位。"),
    "credit_code_twice": _l("统一社会信用代码和第%(row)s行一样。"),
    "parent_ring": _l("上级绕成了一圈，找不到最上面的单位。"),
    "unit_file_without_headings": _l("没有找到表头。第一行要写明每一列是什么，至少要有“单位名称”。"),
    "import_has_faults": _l("文件里还有问题，没有导入。请改好再传一次。"),
    "kind_does_not_fit_children": _l("它下面的单位和这种类型不相配，请先改下面的单位。"),
}

# Why a spreadsheet cannot be read, for every feature that takes one in.
FILE_WORDS = {
    "file_unreadable": _l("这个文件读不了。"),
    "file_missing": _l("请先选一个文件。"),
    "file_empty": _l("文件是空的，没有读到一行。请看看是不是选错了文件。"),
    "file_is_html": _l("这个文件其实是网页。请用Excel或WPS打开它，另存为.xlsx，再传一次。"),
    "file_kind_unknown": _l("只收.xlsx、.xls和.csv。这个文件不是表格，请另存为.xlsx再传一次。"),
    "file_broken": _l("文件打不开，可能损坏或加了密码。请用Excel或WPS打开，去掉密码，另存为.xlsx再传一次。"),
    "file_too_large_inside": _l("文件里的表格大得不正常，没有读。请只留名单那一张表，另存为.xlsx再传一次。"),
    "file_too_many_rows": _l("一张表最多60万行，请分开传。"),
    "file_without_headings": _l("没有找到表头。第一行要写明每一列是什么，例如“会员号、姓名、手机号”。"),
}
