"""What a rating says in plain words: the sentence, how sure it is, why the class follows, gates in words."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

from scoring import (
    Masked,
    Percent,
    Rating,
    RatingClass,
    ReasonCode,
    ShownQuestion,
    ShownRating,
    Side,
    Suppressed,
)
from scoring.decision import Gate
from scoring.shown import ShownBounds
from survey_app.web.formats import about
from survey_app.web.i18n import Lazy, gettext
from survey_app.web.i18n import lazy_gettext as _l

PORTIONS: tuple[tuple[float, Lazy], ...] = (
    (1 / 2, _l("一半")),
    (1 / 3, _l("三分之一")),
    (2 / 3, _l("三分之二")),
)


@dataclass(frozen=True)
class Reading:
    """Three sentences and a tag; an empty sentence has nothing to say."""

    tag: str
    sentence: str
    range: str
    why: str


def portion(share: float) -> str:
    """A share of the policy as it is said: the customary ones in words, any other in percent."""
    for value, words in PORTIONS:
        if abs(share - value) < 1e-9:
            return str(words)
    return f"{100 * share:.4g}%"


def reading_of(rating: Rating, shown: ShownRating, unopened: int | None = None) -> Reading:
    """The words of a result, from what may be shown of it; `unopened` ballots came but stay sealed."""
    if unopened is not None and rating.reason is ReasonCode.I1:
        return Reading(tag_of(rating), "", "", _unopened(unopened, rating.parameters.min_ballots))
    return Reading(tag_of(rating), _sentence(shown), _range(shown), _why(rating, shown))


def _unopened(received: int, least: int) -> str:
    return gettext("收到%(n)s张票，不到%(least)s张，为了保护填票的人，没有开箱。", n=received, least=least)


def tag_of(rating: Rating) -> str:
    """Which of the tags of the house a rating carries."""
    if rating.reason is ReasonCode.I0:
        return "not_rated"
    return class_tag(rating.rating_class, rating.reminder)


def class_tag(rating_class: str, reminder: bool) -> str:
    """The tag of a class as it is stored with a result."""
    return {
        RatingClass.DISSATISFIED: "dissatisfied",
        RatingClass.ELIGIBLE: "model_eligible",
        RatingClass.QUALIFIED: "qualified_reminder" if reminder else "qualified",
        RatingClass.INSUFFICIENT: "insufficient_evidence",
        RatingClass.HELD: "held",
    }[RatingClass(rating_class)]


def _sentence(shown: ShownRating) -> str:
    if isinstance(shown.bounds, ShownBounds):
        n = about(shown.bounds.p / 100)
        return gettext("100位会员里，大约有%(n)s位满意或基本满意。", n=n)
    if not isinstance(shown.overall, ShownQuestion):
        return ""
    combined = shown.overall.combined
    if isinstance(combined, Masked):
        if combined.side is Side.HIGH:
            return gettext("有看法的会员里，满意或基本满意的占85%以上。")
        return gettext("有看法的会员里，满意或基本满意的占15%以下。")
    return ""


def _range(shown: ShownRating) -> str:
    bounds, ballots = shown.bounds, shown.ballots
    if not isinstance(bounds, ShownBounds):
        masked = isinstance(shown.overall, ShownQuestion) and isinstance(shown.overall.combined, Masked)
        return gettext("有效票不到30张，看法又差不多一致。为了保护填票的人，只写这么多。") if masked else ""
    if bounds.full_count:
        return gettext("全体会员都交了票，也都答了这一题，没有误差。")
    low, high = floor(bounds.low), ceil(bounds.high)
    silent = shown.members - ballots if isinstance(ballots, int) else 0
    if silent > 0:
        return gettext("有%(n)s人没交票，真实的数大致在%(low)s到%(high)s之间。", n=silent, low=low, high=high)
    return gettext("有人没答这一题，真实的数大致在%(low)s到%(high)s之间。", low=low, high=high)


def _why(rating: Rating, shown: ShownRating) -> str:
    scheme = rating.parameters
    bad, good = f"{100 * scheme.t_bad:g}", f"{100 * scheme.t_good:g}"
    if rating.reason in _GATE_WORDS:
        return _GATE_WORDS[rating.reason](rating)
    sentences = {
        ReasonCode.A1: gettext(
            "整段都在%(good)s线以上，参评率也到了%(turnout)s。",
            good=good,
            turnout=portion(float(scheme.award_turnout)),
        ),
        ReasonCode.D1: gettext("整段都在%(bad)s线以下，连最好的估计也没到%(bad)s。", bad=bad),
        ReasonCode.D2: gettext("把没交票、不了解和没答的全部算作满意，也没到%(bad)s。", bad=bad),
        ReasonCode.I5: gettext(
            "这一段跨在%(bad)s线上，还说不准。票数够，评议有效，所以不补评，也不作不利处理，请照着问题清单改。",
            bad=bad,
        ),
        ReasonCode.H1: gettext("有一类的票比人还多，先核实，核实前不出结果。"),
    }
    return sentences.get(rating.reason) or _qualified(rating, shown, bad)


def _qualified(rating: Rating, shown: ShownRating, bad: str) -> str:
    if rating.reason is ReasonCode.B2:
        reached = gettext("光是已经交来的满意和基本满意票，就够全体会员的%(bad)s%%，所以合格", bad=bad)
    elif isinstance(shown.bounds, Suppressed):
        reached = gettext("误差算进去也到了%(bad)s线，所以合格", bad=bad)
    else:
        reached = gettext("整段在%(bad)s线以上，所以合格", bad=bad)
    return reached + (_reminder(rating) if rating.reminder else gettext("。"))


def _reminder(rating: Rating) -> str:
    """Why a qualified home is reminded: the rate is low, or much of it is only 基本满意."""
    line = f"{100 * rating.parameters.t_remind:g}"
    low = rating.combined is not None and rating.combined.weighted < rating.parameters.t_remind - 1e-9
    lukewarm = rating.strict is not None and rating.strict.weighted < rating.parameters.t_remind_strict - 1e-9
    if low and lukewarm:
        return gettext("；没到%(line)s，又有不少“基本满意”，所以提醒。", line=line)
    if low:
        return gettext("；没到%(line)s，所以提醒。", line=line)
    return gettext("；有不少“基本满意”，所以提醒。")


def _failed(rating: Rating, code: ReasonCode) -> Gate:
    return next(gate for gate in rating.gates if gate.code is code and not gate.passed)


def _few_members(_rating: Rating) -> str:
    return gettext("会员不足10人，不单独评定。")


def _few_ballots(rating: Rating) -> str:
    least = rating.parameters.min_ballots
    if rating.turnout.ballots < least:
        return gettext(
            "收到%(n)s张有效票，不到%(least)s张，为了保护填票的人，不显示结果。",
            n=rating.turnout.ballots,
            least=least,
        )
    return gettext("对总的评价有看法的不足10票，为了保护填票的人，不定等次。")


def _low_turnout(rating: Rating) -> str:
    gate = _failed(rating, ReasonCode.I2)
    share = f"{100 * (gate.value or 0):.2f}%"
    if rating.turnout.present is not None:
        return gettext("到会的会员代表占%(share)s，不到三分之二，等次先不定。", share=share)
    if gate.limit == 0.5:
        return gettext("参评率%(share)s，不到一半，等次先不定，补评一次；这不等于会员不满意。", share=share)
    return gettext(
        "参评率%(share)s，不到%(limit)s%%，等次先不定，补评一次；这不等于会员不满意。",
        share=share,
        limit=f"{100 * gate.limit:g}",
    )


def _much_unknown(rating: Rating) -> str:
    limit = portion(_failed(rating, ReasonCode.I3).limit)
    return gettext("超过%(limit)s的会员说“不了解”或者没答，先把做的事让大家知道，再评。", limit=limit)


def _silent_group(rating: Rating) -> str:
    gate = _failed(rating, ReasonCode.I4)
    share = f"{100 * (gate.value or 0):.0f}%"
    return gettext(
        "%(group)s只来了%(share)s，代表不了他们，补评时请专门通知。", group=gate.group, share=share
    )


_GATE_WORDS = {
    ReasonCode.I0: _few_members,
    ReasonCode.I1: _few_ballots,
    ReasonCode.I2: _low_turnout,
    ReasonCode.I3: _much_unknown,
    ReasonCode.I4: _silent_group,
}


def two_sides_words(shown: ShownRating) -> str:
    """The sentence that stands in both cells when raw and weighted lie on two sides of a line."""
    if shown.two_sides and not isinstance(shown.two_sides, Suppressed):
        return gettext("两个数在线的两边，确认时要写明理由")
    return ""


def base_words(shown: ShownRating) -> str:
    """What the percentages are percentages of."""
    if isinstance(shown.overall, ShownQuestion) and isinstance(shown.overall.combined, Percent):
        return gettext(
            "底数是总评题上有看法的%(n)s票；“不了解”另列，不算满意也不算不满意。",
            n=shown.overall.combined.base,
        )
    return ""
