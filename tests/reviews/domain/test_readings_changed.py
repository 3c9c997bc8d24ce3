"""A reading that is changed finds its history: what was granted counts, however counted then."""

from decimal import Decimal
from typing import Any

import pytest

from incentives.domain.reconcile import differences
from incentives.domain.settings import change_setting
from incentives.models import Counter
from reviews.demo import walk
from reviews.domain import dossier, finance
from reviews.models import Application
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast

pytestmark = pytest.mark.django_db
PROJECT = {"national_project_number": "2026ZX0001", "national_funds_received": "8000000"}
CENTRE = {"centre_name": "示范企业技术中心"}


def read_as(cast: Cast, key: str, value: Any) -> None:
    change_setting(
        city=cast.programme.city, programme=cast.programme, key=key, value=value,
        basis="实施细则", actor=cast.clerk,
    )  # fmt: skip


def project(cast: Cast) -> Application:
    facts, _choices = walk.example_facts(cast.programme)
    return factories.determined(cast, facts | PROJECT, {"rate": "5%"})


def granted(case: Application) -> Decimal:
    return case.determinations.latest("number").granted or Decimal(0)


@pytest.mark.parametrize(
    ("key", "value"),
    [("project_cap_period", "year"), ("project_cap_counts", ["subject", "applicant"])],
)
def test_a_project_paid_in_full_gets_nothing_under_another_reading(key: str, value: Any) -> None:
    cast = Cast("national-project-team-award")
    first = project(cast)
    read_as(cast, key, value)
    second = project(cast)
    assert (granted(first), granted(second)) == (Decimal(300000), Decimal(0))
    assert differences(city_code="qingdao") == []


def test_what_another_reading_counts_limits_nothing_and_is_no_cap_of_the_case() -> None:
    one, other = Cast("national-project-team-award"), Cast("national-project-team-award")
    read_as(one, "project_cap_counts", ["subject", "applicant"])
    first, second = project(one), project(other)
    assert (granted(first), granted(second)) == (Decimal(300000), Decimal(300000))
    shared = Counter.objects.get(kind="tally", key__endswith=":project:subject=2026ZX0001")
    assert shared.used == Decimal(600000)
    assert [line.kind for line in dossier.caps_left(second) or []] == ["cap", "cap"]


def two_documents() -> tuple[Cast, Cast]:
    one = Cast("enterprise-tech-centre-award")
    other = Cast("ne-national-enterprise-tech-centre-award")
    other.party, other.clerk = one.party, one.clerk
    return one, other


def centre(cast: Cast, **more: str) -> Application:
    facts, choices = walk.example_facts(cast.programme)
    return factories.determined(cast, facts | CENTRE | more, choices)


def test_an_event_paid_while_both_were_payable_counts_once_it_is_paid_only_once() -> None:
    one, other = two_documents()
    read_as(one, "two_documents", "warn")
    first, second = centre(one, level="national"), centre(other)
    assert (granted(first), granted(second)) == (Decimal(5000000), Decimal(0))


def test_a_release_takes_back_what_the_other_readings_counted() -> None:
    one, other = two_documents()
    read_as(one, "two_documents", "warn")
    first = centre(one, level="national")
    preparer = one.of("finance", Role.FINANCE_PREPARER)
    finance.hand_back(case_id=first.pk, user=preparer, reason="重新审定")
    event = Counter.objects.get(kind="tally", key__startswith="event:")
    assert (event.used, event.limit) == (Decimal(0), Decimal(0))
    assert granted(centre(other)) == Decimal(5000000)
    assert Counter.objects.get(pk=event.pk).kind == "event"
