"""The ceilings the documents print, as determinations meet them, across the year's end."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from applicants.domain.errors import Conflict
from incentives.domain.pools import set_pool
from incentives.models import Award, Counter
from reviews.demo import walk
from reviews.models.lifecycle import CaseState
from tests import factories
from tests.factories import Cast

pytestmark = pytest.mark.django_db

NEW_YEAR = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # 2027-01-01 00:00 in Shanghai


def project(cast: Cast, number: int, funds: str = "8000000") -> tuple[dict, dict]:
    facts, _ = walk.example_facts(cast.programme)
    own = {"national_project_number": f"2026ZX{number:04d}", "national_funds_received": funds}
    return facts | own, {"rate": "5%"}


def granted(case) -> Decimal:
    return case.determinations.latest("number").granted


def test_eight_projects_of_one_unit_in_a_year_and_a_ninth_after_new_year():
    """30万 a project, 200万 a unit and year: six in full, 20万, nothing; then in full again."""
    cast = Cast("national-project-team-award")
    with time_machine.travel(NEW_YEAR - timedelta(days=30), tick=False) as clock:
        old = [factories.determined(cast, *project(cast, n)) for n in range(1, 8)]
        ninth = factories.proposed(cast, *project(cast, 9))
        eighth = factories.proposed(cast, *project(cast, 8))
        clock.move_to(NEW_YEAR - timedelta(microseconds=1))
        walk.approve(eighth, cast.of)
        clock.move_to(NEW_YEAR)
        walk.approve(ninth, cast.of)

    assert [granted(case) for case in old] == [Decimal("300000.00")] * 6 + [Decimal("200000.00")]
    assert granted(eighth) == 0
    assert factories.fresh(eighth).state == CaseState.REFUSED
    assert granted(ninth) == Decimal("300000.00")
    assert factories.fresh(ninth).state == CaseState.DETERMINED
    assert list(
        Award.objects.order_by("approval_year").values_list("approval_year", flat=True).distinct()
    ) == [2026, 2027]


def test_the_decision_says_which_cap_cut_and_by_how_much():
    cast = Cast("national-project-team-award")
    for number in range(1, 7):
        factories.determined(cast, *project(cast, number))
    seventh = factories.determined(cast, *project(cast, 7))

    cuts = seventh.determinations.latest("number").cuts
    assert [(c["id"], c["limit"], c["used"], c["room"], c["cut"]) for c in cuts] == [
        ("unit_year", "2000000.00", "1800000.00", "200000.00", "100000.00")
    ]
    assert "200" in cuts[0]["label"]["zh"]


def test_one_project_shares_its_ceiling_between_two_units():
    one, other = Cast("national-project-team-award"), Cast("national-project-team-award")
    first = factories.determined(one, *project(one, 1, funds="4000000"))
    second = factories.determined(other, *project(other, 1, funds="4000000"))
    assert (granted(first), granted(second)) == (Decimal("200000.00"), Decimal("100000.00"))


def test_a_technology_sme_is_counted_by_its_expense_year():
    """100万 a year of expense: two years in full though approved in one, no year twice."""
    cast = Cast("tech-sme-rd-reward")
    facts, choices = walk.example_facts(cast.programme)
    cases = [
        factories.determined(
            cast, facts | {"rd_expenses": "25000000", "expense_year": year}, choices
        )
        for year in ("2024", "2025", "2024")
    ]
    assert [granted(case) for case in cases] == [Decimal("1000000.00")] * 2 + [Decimal("0.00")]


def test_a_discipline_is_capped_each_year():
    """1000万 a discipline and year: the second award of the year is cut, the next year's is not."""
    cast = Cast("university-new-discipline-award", "university")
    facts, _ = walk.example_facts(cast.programme)
    with time_machine.travel(NEW_YEAR - timedelta(days=30), tick=False) as clock:
        first, second, third = (
            factories.proposed(cast, facts, {"amount": amount})
            for amount in ("7000000", "6000000", "10000000")
        )
        walk.approve(first, cast.of)
        walk.approve(second, cast.of)
        clock.move_to(NEW_YEAR)
        walk.approve(third, cast.of)
    assert [granted(case) for case in (first, second, third)] == [
        Decimal("7000000.00"),
        Decimal("3000000.00"),
        Decimal("10000000.00"),
    ]


def test_one_recognition_is_rewarded_once_across_two_documents():
    """国家企业技术中心: 500万 in 000 and 500万 in 003 for one centre are 500万 in all."""
    new_industries = Cast("enterprise-tech-centre-award")
    new_economy = Cast("ne-national-enterprise-tech-centre-award")
    new_economy.party, new_economy.clerk = new_industries.party, new_industries.clerk
    facts_000, choices_000 = walk.example_facts(new_industries.programme)
    facts_003, choices_003 = walk.example_facts(new_economy.programme)
    centre = {"centre_name": "示范企业技术中心"}
    first = factories.determined(
        new_industries, facts_000 | centre | {"level": "national"}, choices_000
    )
    second = factories.determined(new_economy, facts_003 | centre, choices_003)

    assert (granted(first), granted(second)) == (Decimal("5000000.00"), Decimal(0))
    [cut] = second.determinations.latest("number").cuts
    assert (cut["kind"], cut["used"], cut["cut"]) == ("event", "5000000.00", "5000000.00")


def test_a_release_gives_the_other_document_its_room_back():
    from reviews.domain import finance
    from reviews.models.staff import Role

    one = Cast("enterprise-tech-centre-award")
    other = Cast("ne-national-enterprise-tech-centre-award")
    other.party, other.clerk = one.party, one.clerk
    facts_000, _ = walk.example_facts(one.programme)
    facts_003, _ = walk.example_facts(other.programme)
    centre = {"centre_name": "示范企业技术中心"}
    first = factories.determined(one, facts_000 | centre | {"level": "national"}, {})
    finance.hand_back(
        case_id=first.pk, user=one.of("finance", Role.FINANCE_PREPARER), reason="重新审定"
    )
    second = factories.determined(other, facts_003 | centre, {})
    assert granted(second) == Decimal("5000000.00")


def test_a_city_wide_pool_holds_across_programmes_and_counts_what_was_awarded_before_it():
    first_cast, second_cast = Cast("national-project-team-award"), Cast("hitech-renewal-award")
    first = factories.determined(first_cast, *project(first_cast, 1))
    year = Award.objects.get().approval_year
    set_pool(
        city=factories.qingdao(),
        code="city",
        year=year,
        title="全市年度总额",
        limit=Decimal("350000"),
        programmes=[],
        basis="测试",
        actor=first_cast.clerk,
    )
    second = factories.determined(second_cast)

    assert granted(first) == Decimal("300000.00")
    assert granted(second) == Decimal("50000.00")
    [cut] = second.determinations.latest("number").cuts
    assert (cut["kind"], cut["limit"], cut["used"]) == ("pool", "350000.00", "300000.00")
    assert Counter.objects.get(kind="pool").used == Decimal("350000.00")


def test_a_pool_below_what_is_awarded_is_refused():
    cast = Cast("hitech-renewal-award")
    factories.determined(cast)
    with pytest.raises(Conflict):
        set_pool(
            city=factories.qingdao(),
            code="city",
            year=Award.objects.get().approval_year,
            title="全市年度总额",
            limit=Decimal("99999.99"),
            programmes=[],
            basis="测试",
            actor=cast.clerk,
        )
