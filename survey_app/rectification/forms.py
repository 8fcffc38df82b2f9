"""Forms of rectification: shape and wording of the input, no database; one set of fields a problem."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, MultipleFileField
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from survey_app.core.clock import BEIJING
from survey_app.core.errors import Fault, Invalid
from survey_app.rectification.findings import FoundProblem
from survey_app.rectification.inspecting import Finding
from survey_app.rectification.inspectors import Inspector
from survey_app.rectification.models import Problem
from survey_app.rectification.planning import PlannedItem
from survey_app.rectification.second_vote import Leaver
from survey_app.rectification.spoken import inspector_words
from survey_app.rectification.wording import OUTCOMES
from survey_app.web.errors import sentence
from survey_app.web.form_rules import Filled, Given
from survey_app.web.i18n import lazy_gettext as _l
from survey_app.workdays import Step

LONG = Length(max=2000)
GRADES = {
    "A": _l("A类：马上能改"),
    "B": _l("B类：短期能改"),
    "C": _l("C类：要长一些"),
}


class _SometimesNeeded(Optional):
    """Needed with one answer and not with another: its hint says when, and no mark says 可以不填."""

    def __init__(self) -> None:
        super().__init__()
        self.field_flags = {"optional": True, "conditional": True}


class PlainForm(FlaskForm):
    """A button and its token."""


class ReasonForm(FlaskForm):
    """Why."""

    reason = TextAreaField(_l("理由"), validators=[Filled(), LONG])


class TextForm(FlaskForm):
    """A few sentences."""

    text = TextAreaField(_l("内容"), validators=[Filled(), LONG])


SEEN_BY_MEMBERS = _l("会员在公开页上看得到，请不要写人名。")


class OpinionForm(FlaskForm):
    """What the chair may write beside the signature."""

    opinion = TextAreaField(_l("意见"), validators=[Optional(), LONG])


class ServiceForm(FlaskForm):
    """How the order arrived."""

    how = RadioField(
        _l("怎么送到的"),
        choices=[SelectChoice("paper", _l("当面交了或者寄到了纸面")), SelectChoice("mail", _l("发了邮件"))],
        default="paper",
        validators=[Given()],
    )
    served_on = DateField(_l("哪天送到的"), validators=[Filled()])
    proof = StringField(
        _l("凭据"),
        validators=[Filled(), Length(max=200)],
        description=_l("谁当面收的，或者挂号信号码。"),
    )


class ReportProblemForm(FlaskForm):
    """What was done about one problem."""

    done = TextAreaField(_l("做了什么"), validators=[Filled(), LONG])
    member_feedback = TextAreaField(_l("会员怎么说"), validators=[Optional(), LONG])
    left_over = TextAreaField(_l("还有什么没做完"), validators=[Optional(), LONG])


class SummaryForm(FlaskForm):
    """The whole in a few sentences."""

    summary = TextAreaField(_l("总的情况"), validators=[Optional(), LONG])


class EvidenceForm(FlaskForm):
    """Files with the day and place they show."""

    problem_id = SelectField(_l("说明哪一项"), coerce=int, choices=[])
    own_date = DateField(
        _l("材料日期"),
        validators=[Filled()],
        description=_l("拍照或出文件的那天，不是今天上传的日子。"),
    )
    place = StringField(_l("地点"), validators=[Optional(), Length(max=120)])
    files = MultipleFileField(_l("文件"))


class ReplaceForm(FlaskForm):
    """One file in the place of another."""

    own_date = DateField(_l("材料日期"), validators=[Filled()])
    file = FileField(_l("文件"))


class ExtensionForm(FlaskForm):
    """The request for more time."""

    problems = SelectMultipleField(
        _l("哪几项要延期"),
        coerce=int,
        choices=[],
        validators=[DataRequired(_l("请选要延期的问题。"))],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    days = IntegerField(_l("延几天"), validators=[Given()])
    reason = TextAreaField(_l("为什么来不及"), validators=[Filled(), LONG])
    progress = TextAreaField(_l("现在做到哪里"), validators=[Filled(), LONG])
    interim_measures = TextAreaField(_l("延期期间先怎么办"), validators=[Filled(), LONG])


class AnswerForm(FlaskForm):
    """Yes or no to a request, with words."""

    granted = RadioField(
        _l("答复"),
        choices=[SelectChoice("1", _l("同意延期")), SelectChoice("0", _l("不同意"))],
        validators=[Given()],
    )
    answer = TextAreaField(_l("理由和要求"), validators=[Filled(), LONG])


class DecideForm(FlaskForm):
    """Take a step of the ladder, or leave it with a reason; a talk has its hour and place."""

    reason = TextAreaField(_l("理由"), validators=[Optional(), LONG])
    talk_at = DateTimeLocalField(_l("约谈时间"), validators=[Optional()])
    place = StringField(_l("约谈地点"), validators=[Optional(), Length(max=120)])

    def terms(self) -> dict[str, Any]:
        """What the paper of the step has to say."""
        when: datetime | None = self.talk_at.data
        found = {
            "talk_at": when.replace(tzinfo=BEIJING).isoformat() if when else "",
            "place": self.place.data,
        }
        return {key: value for key, value in found.items() if value}


def decide_form(step: str, *, send: bool) -> DecideForm:
    """The form of one step: leaving it needs a reason, a talk that is sent its hour and place."""
    form = DecideForm()
    needed: tuple[Any, ...] = () if send else (form.reason,)
    if send and step == Step.FORMAL_TALK:
        needed = (form.talk_at, form.place)
    for field in needed:
        lengths = [one for one in field.validators if isinstance(one, Length)]
        field.validators = (Filled(), *lengths)
        field.flags.optional, field.flags.required = False, True
    return form


class SecondVoteForm(FlaskForm):
    """When the members vote again, and who has left since."""

    opens_on = DateField(_l("开始日期"), validators=[Filled()])
    closes_on = DateField(_l("截止日期"), validators=[Filled()])
    leavers = TextAreaField(
        _l("已经离开的会员"),
        validators=[Optional(), Length(max=20_000)],
        description=_l("一行一位：会员号，空格，离开日期，如：0012 2026-10-01。没有就空着。"),
    )

    def left(self) -> list[Leaver]:
        """The members who left, as listed; Invalid with every line that cannot be read."""
        lines = [line.split() for line in (self.leavers.data or "").splitlines() if line.strip()]
        faults, found = [], []
        for parts in lines:
            try:
                number, day = parts
                found.append(Leaver(number, date.fromisoformat(day)))
            except ValueError:
                faults.append(Fault("leaver_line", {"line": " ".join(parts)[:60]}, "leavers"))
        if faults:
            raise Invalid(faults)
        return found


class FallShortForm(ReasonForm):
    """A new day after the members said no."""

    new_due_on = DateField(_l("新期限"), validators=[Filled()])


class _InTime:
    """The day may not lie after the problem's limit; said together with the gaps, not after them."""

    def __init__(self, ordinal: int, last: date | None) -> None:
        self.ordinal, self.last = ordinal, last

    def __call__(self, _form: Any, field: DateField) -> None:
        if self.last is not None and field.data and field.data > self.last:
            raise ValidationError(
                sentence(Fault("plan_date_too_late", {"n": self.ordinal, "due": self.last}))
            )


def plan_form(problems: Sequence[Problem], last: dict[int, date], draft: dict[str, str] | None = None) -> Any:
    """The form of a plan: six fields for every problem; `last` is the latest day each may name."""
    fields: dict[str, Any] = {}
    for one in problems:
        fields[f"cause_{one.id}"] = TextAreaField(_l("原因"), validators=[Filled(one.ordinal), LONG])
        fields[f"measure_{one.id}"] = TextAreaField(
            _l("办法"), validators=[Filled(one.ordinal), LONG], description=SEEN_BY_MEMBERS
        )
        fields[f"leader_{one.id}"] = StringField(
            _l("责任领导"), validators=[Filled(one.ordinal), Length(max=60)]
        )
        fields[f"person_{one.id}"] = StringField(
            _l("责任人"), validators=[Filled(one.ordinal), Length(max=60)]
        )
        fields[f"due_on_{one.id}"] = DateField(
            _l("哪天办成"),
            validators=[Filled(one.ordinal), _InTime(one.ordinal, last.get(one.id))],
            default=last.get(one.id),
        )
        fields[f"expected_{one.id}"] = TextAreaField(
            _l("办成以后会员能看到什么"), validators=[Filled(one.ordinal), LONG]
        )
    fields["organisation"] = TextAreaField(_l("组织领导"), validators=[Optional(), LONG])
    made = type("PlanForm", (FlaskForm,), fields)
    return made() if draft is None else made(formdata=MultiDict(draft))


def planned_items(form: Any, problems: Sequence[Problem]) -> list[PlannedItem]:
    """What the form says about each problem."""
    return [
        PlannedItem(
            problem.id,
            cause=form[f"cause_{problem.id}"].data or "",
            measure=form[f"measure_{problem.id}"].data or "",
            leader=form[f"leader_{problem.id}"].data or "",
            person=form[f"person_{problem.id}"].data or "",
            due_on=form[f"due_on_{problem.id}"].data,
            expected=form[f"expected_{problem.id}"].data or "",
        )
        for problem in problems
    ]


def review_form(problems: Sequence[Problem]) -> Any:
    """The form of a review: approve, or say what is wrong with each problem."""
    fields: dict[str, Any] = {
        f"wrong_{one.id}": TextAreaField(_l("这一项哪里要改"), validators=[Optional(), LONG])
        for one in problems
    }
    fields["reason"] = TextAreaField(_l("总的意见"), validators=[Optional(), LONG])
    return type("ReviewForm", (FlaskForm,), fields)()


def inspection_form(
    problems: Sequence[Problem], colleagues: Sequence[Inspector], bare: Collection[int], others: int
) -> Any:
    """The form of an inspection: an opinion, what was seen and why, for every problem reported."""
    choices = [SelectChoice(code, word) for code, word in OUTCOMES.items()]
    fields: dict[str, Any] = {
        "inspected_on": DateField(_l("哪天复查的"), validators=[Filled()]),
        "way": StringField(
            _l("怎么复查的"),
            validators=[Filled(), Length(max=120)],
            description=_l("如：实地查看、问了6位会员。"),
        ),
        "colleagues": SelectMultipleField(
            _l("同来复查的经办人"),
            coerce=int,
            choices=[SelectChoice(one.account_id, inspector_words(one)) for one in colleagues],
            validators=[_SometimesNeeded()],
            widget=ListWidget(prefix_label=False),
            option_widget=CheckboxInput(),
            description=_l("有账号的在这里选。签发人不能参加，不在名单里。"),
        ),
    }
    for number in range(others):
        fields[f"other_name_{number}"] = StringField(
            _l("没有账号的复查人姓名"), validators=[_SometimesNeeded(), Length(max=60)]
        )
        fields[f"other_unit_{number}"] = StringField(
            _l("这位复查人的单位"), validators=[_SometimesNeeded(), Length(max=60)]
        )
    for one in problems:
        fields[f"outcome_{one.id}"] = RadioField(
            _l("复查意见"), choices=choices, validators=[InputRequired(_l("请选一个。"))]
        )
        fields[f"seen_{one.id}"] = StringField(
            _l("看了什么、凭什么"),
            validators=[_SometimesNeeded(), Length(max=200)],
            description=_l("通过和转长期坚持都要写。"),
        )
        if one.id in bare:
            fields[f"bare_{one.id}"] = BooleanField(_l("没有佐证，我们到现场看过，仍这样定"))
        fields[f"reason_{one.id}"] = TextAreaField(_l("理由"), validators=[_SometimesNeeded(), LONG])
        fields[f"new_due_on_{one.id}"] = DateField(_l("不通过的，新期限"), validators=[_SometimesNeeded()])
    return type("InspectionForm", (FlaskForm,), fields)()


def inspectors_in(form: Any, colleagues: Sequence[Inspector], others: int) -> list[Inspector]:
    """Who came along: chosen colleagues, then those named with their unit."""
    known = {one.account_id: one for one in colleagues}
    named = [
        Inspector(form[f"other_name_{n}"].data or "", form[f"other_unit_{n}"].data or "")
        for n in range(others)
    ]
    return [known[one] for one in form.colleagues.data or []] + [one for one in named if one.name.strip()]


def findings_in(form: Any, problems: Sequence[Problem]) -> list[Finding]:
    """The opinions the form holds."""
    return [
        Finding(
            problem.id,
            form[f"outcome_{problem.id}"].data or "",
            (form[f"seen_{problem.id}"].data or "").strip(),
            f"bare_{problem.id}" in form and form[f"bare_{problem.id}"].data,
            (form[f"reason_{problem.id}"].data or "").strip(),
            form[f"new_due_on_{problem.id}"].data if form[f"outcome_{problem.id}"].data == "fail" else None,
        )
        for problem in problems
    ]


def proposal_form(problems: Sequence[Problem]) -> Any:
    """The form of a draft: keep each problem or leave it out, its class and what is asked."""
    grades = [SelectChoice(code, word) for code, word in GRADES.items()]
    fields: dict[str, Any] = {}
    for one in problems:
        fields[f"keep_{one.id}"] = RadioField(
            _l("列不列"),
            choices=[SelectChoice("1", _l("列入")), SelectChoice("0", _l("不列"))],
            default="1",
        )
        fields[f"grade_{one.id}"] = SelectField(_l("期限类别"), choices=grades, default=one.grade)
        fields[f"requirement_{one.id}"] = TextAreaField(
            _l("整改要求"), validators=[Filled(), LONG], default=one.requirement
        )
    return type("ProposalForm", (FlaskForm,), fields)()


def kept_problems(form: Any, problems: Sequence[Problem]) -> list[FoundProblem]:
    """The problems that stay, as edited."""
    return [
        FoundProblem(
            one.item_id,
            one.duty,
            one.result,
            one.finding,
            (form[f"requirement_{one.id}"].data or "").strip(),
            form[f"grade_{one.id}"].data,
        )
        for one in problems
        if form[f"keep_{one.id}"].data == "1"
    ]
