"""Words of the demo's refusals."""

from __future__ import annotations

from survey_app.web.i18n import Lazy
from survey_app.web.i18n import lazy_gettext as _l

WORDS: dict[str, str | Lazy] = {
    "not_a_demo_installation": _l("这不是演示用的安装（PINGJIA_DEMO=1），没有动任何数据。"),
    "folder_has_other_data": _l("这个文件夹里已经有别的数据，演示不往里写。请换一个空文件夹。"),
}
