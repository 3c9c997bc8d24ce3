"""Two documents print 500万 for a 国家企业技术中心; one centre has it once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from reviews.demo import people
from reviews.models import Determination
from tests import factories
from tests.e2e import offstage
from tests.e2e.applicant import Applicant
from tests.e2e.desk import Officer
from tests.e2e.words import cut, yuan

pytestmark = pytest.mark.e2e

NEW_INDUSTRIES = "enterprise-tech-centre-award"
NEW_ECONOMY = "ne-national-enterprise-tech-centre-award"
CENTRE = "示范科技企业技术中心"
ONCE = "同一事项不重复享受"
NO_MORE = {"off": 5_000_000, "limit": 5_000_000, "used": 5_000_000, "room": 0}


def test_one_recognition_across_two_documents(
    applicant: Callable[[str], Applicant], officer: Callable[[str], Officer], paper: Path
) -> None:
    user = people.user("centre@demo.example", "示范企业 经办")
    factories.make_organisation(user)
    clerk = applicant(user.email)
    first = apply(clerk, paper, NEW_INDUSTRIES, level="national", recognised="true")
    second = apply(clerk, paper, NEW_ECONOMY, national_approval="true")
    for number in (first, second):
        determine(officer, number)
    for person in (officer("drc.approver"), clerk):
        person.open_case(first)
        person.reads(yuan(5_000_000))
        person.does_not_read(ONCE)
        person.open_case(second)
        person.reads(cut(ONCE, **NO_MORE))
    clerk.sees_state("not granted")
    granted = Determination.objects.order_by("id").values_list("granted", flat=True)
    assert [int(amount or 0) for amount in granted] == [5_000_000, 0]


def apply(clerk: Applicant, paper: Path, programme: str, **facts: str) -> str:
    clerk.start(programme)
    clerk.state_facts(centre_name=CENTRE, approval_date="2025-03-01", **facts)
    clerk.upload_everywhere(paper)
    clerk.check_answers()
    return clerk.submit()


def determine(officer: Callable[[str], Officer], number: str) -> None:
    offstage.reviewed(number)
    preparer, approver = officer("drc.preparer"), officer("drc.approver")
    preparer.open_case(number)
    preparer.act("propose", outcome="award", reason="列入国家企业技术中心名单。")
    approver.open_case(number)
    approver.act("approve")
