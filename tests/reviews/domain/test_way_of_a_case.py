"""A case from its draft to its award, by the verbs alone."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import Event
from incentives.models import Award, LedgerEntry
from reviews.demo import walk
from reviews.domain import applications, determinations, finance, opinions
from reviews.models import Opinion
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from reviews.models.task import Position, TaskKind
from tests import factories
from tests.factories import Cast

pytestmark = pytest.mark.django_db


def after_publicity(case):
    end = factories.publicity_end(case)
    return time_machine.travel(
        timezone.now() + timedelta(days=(end - timezone.now().date()).days + 2), tick=True
    )


def test_a_case_reaches_its_award():
    cast = Cast("enterprise-tech-centre-award")
    case = factories.published(cast)
    with after_publicity(case):
        award = factories.decide_award(cast, case)

    case.refresh_from_db()
    assert case.state == CaseState.AWARDED
    entries = LedgerEntry.objects.filter(case_number=case.number).order_by("id")
    assert [(e.stage, e.amount) for e in entries] == [
        ("reserved", award.amount),
        ("committed", award.amount),
    ]
    assert [(i.payee, i.amount) for i in award.instalments.all()] == [(cast.party, award.amount)]
    kinds = Event.objects.filter(subject=f"case:{case.pk}").values_list("kind", flat=True)
    assert "case.awarded" in kinds


def test_an_award_waits_for_the_end_of_publicity():
    cast = Cast("enterprise-tech-centre-award")
    case = factories.published(cast)
    with pytest.raises(Refused, match=r"Publicity|公示"):
        factories.decide_award(cast, case)
    assert Award.objects.get().state == "reserved"


def test_a_team_is_paid_by_shares_that_add_up_to_the_fen():
    cast = Cast("national-project-team-award")
    facts, choices = walk.example_facts(cast.programme)
    case = factories.published(cast, facts | {"national_funds_received": "3333333.30"}, choices)
    with after_publicity(case):
        award = factories.decide_award(cast, case)

    assert award.amount == Decimal("166666.67")
    assert [i.amount for i in award.instalments.order_by("number")] == [
        Decimal("100000.00"),
        Decimal("66666.67"),
    ]


def test_a_determination_waits_for_every_opinion():
    cast = Cast("enterprise-tech-centre-award")
    case = factories.accepted(cast)
    walk.confirm_facts(case, cast.of)
    with pytest.raises(Conflict):
        walk.propose(case, cast.of, {})


def test_nobody_approves_their_own_determination():
    cast = Cast("enterprise-tech-centre-award")
    case = factories.proposed(cast)
    preparer = cast.of(cast.handling, Role.PREPARER)
    factories.give_role(preparer, Role.APPROVER, cast.handling)
    with pytest.raises(NotAllowed):
        determinations.approve(case_id=case.pk, user=preparer)
    assert Award.objects.count() == 0


def test_nobody_approves_their_own_opinion():
    cast = Cast("enterprise-tech-centre-award")
    case = factories.accepted(cast)
    task = case.tasks.filter(kind=TaskKind.OPINION).first()
    both = cast.of(task.bureau.code, Role.PREPARER)
    factories.give_role(both, Role.APPROVER, task.bureau.code)
    opinions.prepare_opinion(
        case_id=case.pk, bureau=task.bureau, position=Position.AGREE, text="", user=both
    )
    with pytest.raises(NotAllowed):
        opinions.approve_opinion(case_id=case.pk, bureau=task.bureau, user=both)
    assert Opinion.objects.get().approved_by is None


def test_a_member_of_the_applicant_reviews_nothing_of_it():
    cast = Cast("enterprise-tech-centre-award")
    case = factories.submitted(cast)
    cast.clerk.is_staff = True
    cast.clerk.save()
    factories.give_role(cast.clerk, Role.PREPARER, cast.handling)
    with pytest.raises(NotAllowed):
        walk.accept(case, lambda _code, _role: cast.clerk)


def test_a_figure_outside_the_printed_range_is_refused_with_the_range():
    cast = Cast("national-project-team-award")
    case = factories.reviewed(cast)
    with pytest.raises(Refused) as refusal:
        walk.propose(case, cast.of, {"rate": "6%"})
    assert "3%" in str(refusal.value)
    assert "5%" in str(refusal.value)


def test_finance_hands_back_and_the_reservation_is_released():
    cast = Cast("enterprise-tech-centre-award")
    case = factories.determined(cast)
    finance.hand_back(
        case_id=case.pk, user=cast.of("finance", Role.FINANCE_PREPARER), reason="账户有误"
    )
    case.refresh_from_db()
    assert case.state == CaseState.ACCEPTED
    assert Award.objects.get().state == "released"


def test_a_finance_check_says_what_was_checked():
    cast = Cast("enterprise-tech-centre-award")
    case = factories.determined(cast)
    with pytest.raises(Refused) as refusal:
        finance.check(case_id=case.pk, user=cast.of("finance", Role.FINANCE_PREPARER), note=" ")
    assert set(refusal.value.message_dict) == {"note"}
    assert factories.fresh(case).state == CaseState.DETERMINED


def test_an_incomplete_draft_is_refused_with_every_gap_at_once():
    cast = Cast("national-project-team-award")
    case = applications.start_application(
        party=cast.party, programme=cast.programme, user=cast.clerk
    )
    with pytest.raises(Refused) as refusal:
        applications.submit(case_id=case.pk, user=cast.clerk, declared_true=True)
    assert {"scheme", "part", "national_project_number", "national_funds_received", "payees"} <= (
        refusal.value.message_dict.keys()
    )
