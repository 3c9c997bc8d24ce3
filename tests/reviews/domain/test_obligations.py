"""Obligations after an award: from the rules or by hand, evaluated, and leading to a recovery."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import Notice
from incentives.models import Recovery
from incentives.policy.obligations import Obligation as Asked
from incentives.policy.obligations import years_after
from reviews.domain import obligations, paying, recovering, working_days
from reviews.models import Application, Letter, Obligation
from reviews.models.obligation import ObligationKind, ObligationState
from reviews.models.staff import Role
from tests.factories import Cast, decide_award, make_staff, publicity_end, published, qingdao

pytestmark = pytest.mark.django_db
STAY = {"id": "stay", "kind": "stay", "label": {"zh": "不迁出本市", "en": "stay"}, "years": 5}
REPORT = {"id": "report", "kind": "report", "label": {"zh": "年度报告", "en": "report"},
          "years": 3, "yearly": True}  # fmt: skip


@pytest.fixture
def cast() -> Cast:
    return Cast("enterprise-tech-centre-award")


@pytest.fixture
def case(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Application]:
    asked = (
        Asked.model_validate(STAY),
        Asked.model_validate({**REPORT, "years": 3, "yearly": True}),
    )
    real = obligations.rules
    monkeypatch.setattr(
        obligations, "rules", lambda case: real(case).model_copy(update={"obligations": asked})
    )
    case = published(cast)
    with time_machine.travel(publicity_end(case).isoformat() + "T12:00:00+08:00", tick=False) as on:
        on.shift(3 * 86_400)
        decide_award(cast, case)
        case.refresh_from_db()
        yield case


def evaluate(cast: Cast, row: Obligation, state: ObligationState) -> Obligation:
    return obligations.evaluate(
        obligation_id=row.pk,
        state=state,
        finding="实地核查",
        user=cast.of(cast.handling, Role.APPROVER),
    )


def test_the_rules_obligations_begin_with_the_award(case: Application) -> None:
    today = working_days.today()
    rows = Obligation.objects.filter(application=case).order_by("kind", "due_on")
    expected = [("report", years_after(today, number)) for number in (1, 2, 3)]
    assert list(rows.values_list("kind", "due_on")) == [*expected, ("stay", years_after(today, 5))]


def test_a_leap_day_falls_on_the_28th_where_there_is_none() -> None:
    assert years_after(date(2028, 2, 29), 1) == date(2029, 2, 28)
    assert years_after(date(2028, 2, 29), 4) == date(2032, 2, 29)


def test_a_broken_obligation_leads_to_a_demand_by_letter(cast: Cast, case: Application) -> None:
    preparer, approver = (
        make_staff(role, "finance") for role in (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER)
    )
    ids = [one.pk for one in paying.payouts.due_instalments(qingdao(), date.max)]
    batch = paying.prepare(city=qingdao(), instalment_ids=ids, user=preparer)
    paying.approve(batch_id=batch.pk, user=approver)
    paying.export(batch_id=batch.pk, user=preparer)
    results = {line.pk: ("paid", "") for line in batch.lines.all()}
    paying.settle(batch_id=batch.pk, results=results, user=preparer)
    row = Obligation.objects.get(application=case, kind="stay")
    due_on = working_days.today() + timedelta(days=30)
    asked = {"obligation_id": row.pk, "amount": Decimal("100.00"), "due_on": due_on}
    with pytest.raises(Conflict):
        obligations.recover(**asked, user=preparer)
    evaluate(cast, row, ObligationState.BROKEN)
    number = obligations.recover(**asked, user=preparer)
    with pytest.raises(Conflict, match=number):
        obligations.recover(**asked, user=preparer)
    recovery = Recovery.objects.get(number=number)
    recovering.demand(recovery_id=recovery.pk, user=approver)
    assert Letter.objects.filter(application=case, kind="recovery").count() == 1
    assert Notice.objects.filter(user=cast.clerk, kind="recovery.demanded").count() == 1


def test_who_set_an_obligation_does_not_evaluate_it(cast: Cast, case: Application) -> None:
    setter = cast.of(cast.handling, Role.APPROVER)
    row = obligations.impose(
        case_id=case.pk,
        kind=ObligationKind.TARGET,
        text="产值达到1亿元",
        due_on=working_days.today() + timedelta(days=365),
        user=setter,
    )
    with pytest.raises(NotAllowed):
        evaluate(cast, row, ObligationState.MET)
    leader = cast.of(cast.handling, Role.LEADER)
    done = obligations.evaluate(
        obligation_id=row.pk, state=ObligationState.MET, finding="审计报告", user=leader
    )
    assert done.state == "met"
    with pytest.raises(Conflict):
        evaluate(cast, row, ObligationState.BROKEN)


def test_an_evaluation_says_what_was_found(cast: Cast, case: Application) -> None:
    row = Obligation.objects.filter(application=case).latest("due_on")
    with pytest.raises(Refused):
        obligations.evaluate(
            obligation_id=row.pk,
            state=ObligationState.MET,
            finding=" ",
            user=cast.of(cast.handling, Role.APPROVER),
        )


def test_the_applicant_and_the_desk_see_them(client: Client, cast: Cast, case: Application) -> None:
    client.force_login(cast.clerk)
    page = client.get(reverse("reviews:case", args=[case.pk])).content.decode()
    assert page.count("年度报告") == 3
    client.force_login(cast.of(cast.handling, Role.APPROVER))
    row = Obligation.objects.filter(application=case).latest("due_on")
    listed = client.get(reverse("admin:reviews_obligation_changelist")).content.decode()
    assert listed.count("年度报告") == 3
    path = reverse("admin:reviews_obligation_change", args=[row.pk])
    assert client.post(path, {"state": "met", "finding": ""}).status_code == 422
    assert client.post(path, {"state": "met", "finding": "属实"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "met"


def test_other_cities_and_the_policy_editor_see_none(client: Client, case: Application) -> None:
    client.force_login(make_staff(Role.APPROVER, "sti", city="dalian"))
    listed = client.get(reverse("admin:reviews_obligation_changelist")).content.decode()
    assert "年度报告" not in listed
    client.force_login(make_staff(Role.POLICY_EDITOR))
    assert client.get(reverse("admin:reviews_obligation_changelist")).status_code == 403
