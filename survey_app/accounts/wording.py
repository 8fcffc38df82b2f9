"""The words of accounts: refusals and faults as sentences."""

from __future__ import annotations

from survey_app.web.i18n import lazy_gettext as _l

VERBS = {
    "account.create": _l("新建账号"),
    "account.ways_chosen": _l("选了消息怎么送"),
    "account.change_password": _l("改了自己的密码"),
    "account.reset_password": _l("重置密码"),
    "account.disable": _l("停用账号"),
    "account.enable": _l("启用账号"),
    "account.force_sign_out": _l("让人退出登录"),
    "account.sign_in": _l("登录"),
    "account.locked": _l("密码错得太多，锁定"),
    "account.second_factor_on": _l("开通验证器"),
    "account.second_factor_off": _l("关掉验证器"),
    "account.first_passwords": _l("打印首次登录密码"),
    "post.grant": _l("给了岗位"),
    "post.end": _l("撤了岗位"),
}

WORDS = {
    "second_factor_needed": _l("您的岗位要有验证器，关不掉。换手机，请重新开通。"),
    "no_post": _l("这个账号现在没有岗位，请找本级管理员。"),
    "login_taken": _l("用户名%(login)s已经有人用了，请换一个。"),
    "duty_ends_with_its_round": _l("这是一轮评议里的职责，请到那一轮的“定人”里撤下。"),
    "login_malformed": _l("用户名要3到60个字符，中间不能有空格。"),
    "name_missing": _l("请填姓名。"),
    "role_not_here": _l("这个身份不能在这里给。"),
    "nobody_without_account": _l("下面各家的主席都有账号了，或者单位资料里还没填主席姓名。"),
    "not_on_yourself": _l("不能对自己的账号这样做。改密码请走“修改密码”。"),
    "person_has_posts_elsewhere": _l("%(name)s在您的范围以外还有岗位，这一步要由上一级工会来办。"),
    "post_needs_round": _l("这个岗位只在一次评议里有，请在评议的“人员”里指定。"),
    "post_has_no_round": _l("这个岗位和评议的轮次没有关系。"),
    "unit_closed": _l("%(unit)s已经撤销，不能再安排人。"),
    "chair_needs_home": _l("%(unit)s不是基层工会，不能设工会主席账号。"),
    "officer_needs_superior": _l("%(unit)s是基层工会，经办人要设在它的上级工会。"),
    "password_short": _l("新密码至少要%(least)s个字符。可以用一句好记的话。"),
    "password_long": _l("新密码最多%(most)s个字符。"),
    "password_monotonous": _l("新密码里不同的字符太少，容易被猜到。"),
    "password_common": _l("新密码是常见的密码，容易被猜到。请换一个。"),
    "password_has_login": _l("新密码里不能有用户名。"),
    "password_same": _l("新密码和原来的一样，请换一个。"),
    "passwords_differ": _l("两次输入的新密码不一样。"),
    "old_password_wrong": _l("原密码不对。"),
    "second_factor_wrong": _l("验证码不对，或者已经过了时间。请看验证器上现在的6位数字。"),
}
