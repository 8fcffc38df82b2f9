"""How a score came about where a gate failed, in small homes, under another policy: nothing false is said."""

from __future__ import annotations

import re

from survey_app.rounds.policy import Policy
from tests.support.counted_home import CountedClassSpec, CountedSpec
from tests.survey_app.results.conftest import RIVER
from tests.survey_app.results.test_pages import TEN, sqlite_only

FEW_CAME = CountedSpec.of(200, (20, 10, 40, 2), name="来得少的工会")
WORST = CountedSpec.of(200, (4, 4, 86, 0), name="怎么算都低的工会")
BLANK = CountedSpec((CountedClassSpec("全体会员", 40, (20, 10, 8, 0), blank=2),), name="有人没答的工会")
SHORT = CountedSpec.of(200, (118, 2, 0, 0), name="差一点的工会")
UNKNOWN = CountedSpec.of(200, (150, 2, 0, 30), name="不了解多的工会")
THIN = CountedSpec(
    (CountedClassSpec("合着数", 60, (48, 0, 0, 0), strata=((45, 45), (15, 3))),), name="有一类少的工会"
)
HEAVY = CountedSpec(
    (CountedClassSpec("合同制", 640, (500, 60, 60, 0)), CountedClassSpec("派遣", 60, (6, 2, 2, 0))),
    name="有一类太重的工会",
)


def words_of(page: str) -> str:
    """The text of a page without tags and blanks."""
    return re.sub(r"\s+", "", re.sub(r"<[^>]*>", "", page))


@sqlite_only
def test_every_number_and_word_fits_the_rule_that_gave_the_class(build):
    specs = (FEW_CAME, WORST, BLANK, SHORT, UNKNOWN, THIN, TEN, HEAVY)
    built = build(*specs).rate()
    officer = built.client(built.officers[0])
    few, worst, blank, short, unknown, thin, ten, heavy = (
        words_of(officer.get(f"/results/{built.result(home).id}/why").get_data(as_text=True))
        for home in range(len(specs))
    )
    assert [built.result(home).code for home in range(6)] == ["I2", "D2", "B1", "B1", "B1", "B1"]
    for gated in (few, worst):
        assert "有条件没过，不拿范围对线，只看不管没表态的人怎么想都成立的两条。" in gated
        assert "，不低于60" not in gated, "a range below the line is never said to reach it"
        assert "这两个数不定等次" not in gated
    assert "（30＋128＋2）÷200=80.00%不适用" in few
    assert "也低于60：不满意，限期整改（8＋106＋0）÷200=57.00%不满意" in worst
    assert "40人里有0人没交票" not in blank
    assert "有人没答这一题，所以78.95不是一个准数。" in blank
    assert "有条件没过" not in blank
    assert "参评率60.00%，没到三分之二；算进“不了解”100.00，到了" in short
    assert "算进“不了解”83.52，没到90" in unknown
    assert "票少的一类单看，下限86.67，没到90" in thin
    assert "所以69不是一个准数" in ten
    assert "最坏是9÷20=45%，最好是（9＋6＋1）÷20=80%。" in ten
    assert "69.00" not in ten
    assert "倍" not in thin, "where nobody is dissatisfied nobody's readiness to answer matters"
    assert "一票要抵平均的5倍以上，所以这次不分类折算" in heavy
    assert "每票折算=花名册人数÷有效票" not in heavy
    assert "60101.1111" in heavy, "members, ballots and the weight of all ballots"


@sqlite_only
def test_the_policy_of_the_round_is_said_and_not_the_customary_one(build):
    policy = Policy(max_unknown="1/4", award_turnout="3/4", alpha=0.025)
    built = build(RIVER, policy=policy).rate()
    page = words_of(
        built.client(built.chairs[0]).get(f"/results/{built.result().id}/why").get_data(as_text=True)
    )
    assert "“不了解”和没答的不超过25%" in page
    assert "参评率到75%，把“不了解”算进底数也到90：可申报模范" in page
    assert "真实的综合满意率比下限还低的不到2.5次，比上限还高的也不到2.5次。" in page
    assert "三分之" not in page


@sqlite_only
def test_bounds_and_what_the_silent_could_change_stand_on_the_pages_of_chair_and_officer(build):
    built = build(RIVER).rate()
    number = built.result().id
    chair = words_of(built.client(built.chairs[0]).get(f"/results/{number}").get_data(as_text=True))
    officer = words_of(built.client(built.officers[0]).get(f"/ratings/{number}").get_data(as_text=True))
    for page in (chair, officer):
        assert "真实的数大致在71到82之间" in page
        assert "最坏是89÷186=47.85%，最好是（89＋68＋5）÷186=87.10%。" in page
        assert "没表态的人里要有31%满意，全体的综合满意率才正好在线上。" in page
    assert "交票的可能若是满意会员的0.46倍" in officer
    assert "倍" not in chair
