"""Words of the noticeboard: refusals, lines of the journal, states of problems for members."""

from __future__ import annotations

from survey_app.web.i18n import Lazy
from survey_app.web.i18n import lazy_gettext as _l

WORDS: dict[str, str | Lazy] = {
    "procedures_too_many": _l("程序最多%(most)s件，请合并几件。"),
    "procedure_without_steps": _l("“%(name)s”下面没有步骤。请一行写一步；两件事中间才空一行。"),
    "procedure_too_long": _l("“%(name)s”超过%(most)s步，请合并几步。"),
    "step_too_long": _l("“%(name)s”里有一行超过%(most)s个字，请写短些。"),
    "comment_not_released": _l("这条话上级还没审阅完，不能答复。"),
}

VERBS: dict[str, Lazy] = {
    "home_page.saved": _l("保存并公开了公开页"),
    "comment.answered": _l("答复了会员写的话"),
    "comment.answer_taken_back": _l("收回了对会员的答复"),
}
