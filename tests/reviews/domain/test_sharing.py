"""A budget shared out over what waits: proposed by one, signed by another, all or none."""

from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest
import time_machine
from django.utils import timezone

from applicants.domain.errors import Conflict, NotAllowed
from applicants.templatetags.huiqi import yuan
from incentives.models import Award, Budget, ProRata
from reviews.demo import walk
from reviews.domain import determinations, sharing
from reviews.domain.actions import available
from reviews.domain.queues import cases_in, desk_of
from reviews.models import Application
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from reviews.presenters.decisions import cut_words
from reviews.presenters.next_step import next_step
from tests.factories import Cast, fresh, give_role, make_organisation, make_staff, proposed
from tests.incentives.domain.threads import at_once
from tests.incentives.factories import make_budget, make_fund

_serial = count(1)
PROGRAMME = "hitech-first-recognition-award"
CENTRE = "enterprise-tech-centre-award"  # of another bureau


def make_pro_rata(cast: Cast, planned: str) -> Budget:
    fund = make_fund(cast.programme)
    year = timezone.localdate().year
    return make_budget(planned, year=year, fund=fund, allotment="pro_rata")


def waiting_case(cast: Cast) -> Application:
    """Proposed and signed, for another organisation each time."""
    cast.party = make_organisation(cast.clerk)
    facts = walk.example_facts(cast.programme)[0]
    case = proposed(cast, facts | {"certificate_number": f"GR2020371{next(_serial):05d}"})
    walk.approve(case, cast.of)
    return fresh(case)


def test_signed_determinations_wait_and_share_what_there_is(db: None) -> None:
    cast = Cast(PROGRAMME)
    budget = make_pro_rata(cast, "100000.01")
    cases = [waiting_case(cast), waiting_case(cast), waiting_case(cast)]
    unsigned = proposed(cast)
    assert next_step(cases[0]) != next_step(unsigned)  # no day is promised to what waits
    assert str(cases[0].due_on.day) not in next_step(cases[0])
    assert {case.state for case in cases} == {CaseState.PROPOSED}
    assert Award.objects.count() == 0
    signer = cast.of(cast.handling, Role.APPROVER)
    with pytest.raises(Conflict):
        determinations.approve(case_id=cases[0].pk, user=signer)
    assert "approve" not in {one.name for one in available(cases[0], signer)}
    found = sharing.share_out(budget_id=budget.pk, user=signer)
    assert (found.room, found.given, found.lines.count()) == (
        Decimal("100000.01"), Decimal("100000.01"), 3,
    )  # fmt: skip
    for case in cases:
        case.refresh_from_db()
        award = Award.objects.get(case_number=case.number)
        determination = case.determinations.get()
        assert case.state == CaseState.DETERMINED
        assert determination.granted == award.amount == found.lines.get(award=award).share
        assert determination.cuts[-1]["room"] == str(award.amount)
        assert yuan("100000.01") in cut_words(determination.cuts[-1])  # what all of them shared
        assert determination.cuts[-1]["pro_rata"] is True
        assert determination.approved_by == signer
    assert fresh(unsigned).state == CaseState.PROPOSED
    with pytest.raises(Conflict):
        sharing.share_out(budget_id=budget.pk, user=signer)


def test_what_waits_is_nobodys_to_approve_until_no_budget_is_shared(db: None) -> None:
    cast = Cast(PROGRAMME)
    make_pro_rata(cast, "100.00")
    case = waiting_case(cast)
    signer, leader = (cast.of(cast.handling, role) for role in (Role.APPROVER, Role.LEADER))

    def to_approve() -> list[bool]:
        found = [cases_in("approve", desk_of(user)) for user in (signer, leader)]
        return [case in rows for rows in found]

    assert to_approve() == [False, False]
    with time_machine.travel(timezone.now() + timedelta(days=366)):
        assert to_approve() == [True, True]
        assert "approve" in {one.name for one in available(case, signer)}


def test_whoever_proposed_a_case_shares_nothing_out(db: None) -> None:
    cast = Cast(PROGRAMME)
    budget = make_pro_rata(cast, "100.00")
    case = waiting_case(cast)
    proposer = case.determinations.get().proposed_by
    with pytest.raises(NotAllowed):
        sharing.share_out(budget_id=budget.pk, user=proposer)
    give_role(proposer, Role.APPROVER, cast.handling)
    with pytest.raises(NotAllowed):
        sharing.share_out(budget_id=budget.pk, user=proposer)
    assert (ProRata.objects.count(), fresh(case).state) == (0, CaseState.PROPOSED)


def test_finance_shares_out_what_several_bureaus_have_signed(db: None) -> None:
    cast, other = Cast(PROGRAMME), Cast(CENTRE)
    assert cast.handling != other.handling
    fund = make_fund(cast.programme, other.programme)
    year = timezone.localdate().year
    budget = make_budget("1000.00", year=year, fund=fund, allotment="pro_rata")
    cases = [waiting_case(cast), proposed(other)]
    walk.approve(cases[1], other.of)
    for one in (cast, other):
        with pytest.raises(NotAllowed):
            sharing.share_out(budget_id=budget.pk, user=one.of(one.handling, Role.APPROVER))
    assert list(sharing.budgets_to_share(make_staff(Role.FINANCE_PREPARER, "finance"))) == []
    finance = make_staff(Role.FINANCE_APPROVER, "finance")
    assert list(sharing.budgets_to_share(finance)) == [budget]
    found = sharing.share_out(budget_id=budget.pk, user=finance)
    assert (found.given, found.lines.count()) == (Decimal("1000.00"), 2)


def test_two_share_out_at_once_and_one_does(committed_db: None) -> None:
    cast = Cast(PROGRAMME)
    budget = make_pro_rata(cast, "1000.00")
    cases = [waiting_case(cast), waiting_case(cast)]
    signer = cast.of(cast.handling, Role.APPROVER)

    def share() -> ProRata:
        return sharing.share_out(budget_id=budget.pk, user=signer)

    results = at_once([share, share])
    assert sorted(type(one).__name__ for one in results) == ["Conflict", "ProRata"]
    assert Award.objects.filter(case_number__in=[one.number for one in cases]).count() == 2
    assert sum(Award.objects.values_list("amount", flat=True)) == Decimal("1000.00")
