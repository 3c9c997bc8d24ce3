"""30万 a project and 200万 a unit and year: six in full, 20万, nothing; then New Year."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
import time_machine
from django.utils import timezone

from reviews.demo import people, walk
from reviews.domain.working_days import SHANGHAI
from reviews.models import Determination
from tests import factories
from tests.e2e import offstage
from tests.e2e.applicant import Applicant
from tests.e2e.desk import Officer
from tests.e2e.words import CUT, cut, said, yuan

pytestmark = pytest.mark.e2e

PROGRAMME = "national-project-team-award"
NEW_YEAR = datetime(timezone.localdate().year + 1, 1, 1, tzinfo=SHANGHAI)
FIRST_SECOND, LAST_SECOND = NEW_YEAR + timedelta(seconds=1), NEW_YEAR - timedelta(seconds=1)
UNIT_CAP = "单个承担单位每年最高200万元"


class Decision(NamedTuple):
    """In yuan; `used` is what the unit's cap had given before."""

    granted: int
    off: int = 0
    used: int = 0


DECISIONS = [  # of the sixth project to the ninth
    Decision(300_000),
    Decision(200_000, off=100_000, used=1_800_000),
    Decision(0, off=300_000, used=2_000_000),
    Decision(300_000),
]


def test_eight_projects_of_one_unit_in_one_year(
    applicant: Callable[[str], Applicant], officer: Callable[[str], Officer], paper: Path
) -> None:
    preparer, approver = officer("sti.preparer"), officer("sti.approver")
    clerk = applicant(unit_with_a_clerk())
    with time_machine.travel(NEW_YEAR - timedelta(days=5), tick=True):
        cases = [apply(clerk, paper, serial) for serial in range(1, 10)]
        for number in cases:
            propose(preparer, number)
        for number in cases[:7]:
            approve(approver, number)
    with time_machine.travel(LAST_SECOND, tick=False):
        approve(approver, cases[7])
    with time_machine.travel(FIRST_SECOND, tick=False):
        approve(approver, cases[8])
        for number, decision in zip(cases[5:], DECISIONS, strict=True):
            reads(approver, number, decision)
            reads(clerk, number, decision)
        clerk.open_case(cases[7])
        clerk.sees_state("not granted")
    granted = Determination.objects.order_by("application__number").values_list("granted")
    assert [int(amount) for (amount,) in granted] == [300_000] * 6 + [200_000, 0, 300_000]


def unit_with_a_clerk() -> str:
    """An institute with one member; the address to sign in with."""
    clerk = people.user("institute@demo.example", "示范研究院 经办")
    factories.make_organisation(clerk, "research_institute")
    return clerk.email


def apply(clerk: Applicant, paper: Path, serial: int) -> str:
    """6,000,000 yuan received, of which 5 % are 300,000."""
    pk = clerk.start(PROGRAMME)
    form = clerk.page.url
    clerk.open(f"/cases/{pk}/payees/")
    person = {"name": "团队成员", "id_number": walk.identity(), "share": "100"}
    clerk.enter_payee(**person, bank="示范银行青岛分行", number=f"62220000{serial:010d}")
    clerk.open(form)
    clerk.state_facts(scheme="key", part="lead", national_funds_received="6,000,000")
    clerk.state_facts(national_project_number=f"2026YFB{serial:07d}")
    clerk.upload_everywhere(paper)
    clerk.check_answers()
    return clerk.submit()


def propose(preparer: Officer, number: str) -> None:
    offstage.reviewed(number)
    preparer.open_case(number)
    preparer.act("propose", outcome="award", choice_rate="5%", reason="按到账金额的5%奖励团队。")


def approve(approver: Officer, number: str) -> None:
    approver.open_case(number)
    approver.act("approve")


def reads(person: Officer | Applicant, number: str, decision: Decision) -> None:
    """What was granted, and which cap took how much off."""
    person.open_case(number)
    person.reads(yuan(decision.granted))
    if decision.off:
        figures = {"off": decision.off, "used": decision.used, "room": decision.granted}
        person.reads(cut(UNIT_CAP, limit=2_000_000, **figures))
    else:
        person.does_not_read(said(CUT).split("%")[0])
