"""A list is looked at before it is published: its sums, and what looks like a mistake."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applicants.domain import accounts
from applicants.domain.errors import Conflict, Refused
from applicants.models import Event
from incentives.domain import holds
from incentives.models.payout import HoldKind
from reviews.demo import walk
from reviews.domain import publicity, publicity_checks, undoing
from reviews.models import PublicityNotice
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from reviews.presenters import history
from tests import factories
from tests.factories import Cast, award_of, make_staff

YEARLY = "tech-sme-rd-reward"
TITLE = "hitech-first-recognition-award"
PROJECT = "national-project-team-award"

pytestmark = pytest.mark.django_db


def publisher(*casts):
    user = casts[0].of("sti", Role.PREPARER)
    for cast in casts:
        cast.free(user)
    return user


def publish(cases, user, **more):
    return publicity.publish(case_ids=[case.pk for case in cases], user=user, **more)


def found(cases, user):
    checked = publicity_checks.check_list(case_ids=[case.pk for case in cases], user=user)
    return [(one.kind, one.case.pk) for one in checked.findings]


def test_count_sum_and_totals_by_programme():
    casts = [Cast(YEARLY), Cast(YEARLY), Cast(TITLE)]
    cases = [factories.checked(one) for one in casts]
    user = publisher(*casts)
    checked = publicity_checks.check_list(case_ids=[case.pk for case in cases], user=user)
    sums = [award_of(case).amount for case in cases]
    assert (checked.count, checked.total, checked.findings) == (3, sum(sums, Decimal(0)), [])
    assert [(one.programme.code, one.count, one.total) for one in checked.programmes] == [
        (YEARLY, 2, sums[0] + sums[1]),
        (TITLE, 1, sums[2]),
    ]
    notice = publish(cases, user, count=3, total=checked.total)
    assert (notice.count, notice.total) == (3, checked.total)


def test_cases_of_others_are_not_looked_at():
    case = factories.checked(Cast(YEARLY))
    stranger = make_staff(Role.PREPARER, "education")
    assert publicity_checks.check_list(case_ids=[case.pk], user=stranger).count == 0


@pytest.mark.parametrize(("count", "more"), [(2, 0), (1, 1)])
def test_another_list_than_the_one_checked_is_not_published(count, more):
    cast = Cast(YEARLY)
    case = factories.checked(cast)
    total = award_of(case).amount + more
    with pytest.raises(Conflict):
        publish([case], publisher(cast), count=count, total=total)
    assert (PublicityNotice.objects.count(), factories.fresh(case).state) == (0, "checked")


def project(cast, number):
    """Small enough for two of them to fit under the cap of one project."""
    facts, _choices = walk.example_facts(cast.programme)
    own = {"national_project_number": number, "national_funds_received": "2000000"}
    return factories.checked(cast, facts | own, {"rate": "5%"})


def test_an_applicant_twice_under_one_programme():
    cast = Cast(PROJECT)
    cases = [project(cast, number) for number in ("2026ZX0001", "2026ZX0002")]
    user = publisher(cast)
    assert found(cases, user) == [("twice", case.pk) for case in cases]


def same_account(casts):
    for cast in casts:
        accounts.add_bank_account(
            party=cast.party, holder=cast.party.name, bank="某银行", number="6217000099990000001",
            user=cast.clerk,
        )  # fmt: skip


def test_different_applicants_with_one_account_go_through_with_a_reason():
    casts = [Cast(YEARLY), Cast(YEARLY)]
    same_account(casts)
    cases = [factories.checked(one) for one in casts]
    user = publisher(*casts)
    assert found(cases, user) == [("account", case.pk) for case in cases]
    assert [found([case], user) for case in cases] == [[], []]
    with pytest.raises(Refused) as refused:
        publish(cases, user, reason=" ")
    assert list(refused.value.message_dict) == ["reason"]
    assert PublicityNotice.objects.count() == 0
    notice = publish(cases, user, reason="集团统一收款账户，已核实")
    events = Event.objects.filter(kind="publicity.confirmed").order_by("id")
    assert [(one.subject, one.reason, one.data) for one in events] == [
        (
            f"case:{case.pk}",
            "集团统一收款账户，已核实",
            {"notice": notice.number, "doubt": "account", "others": [other.number]},
        )
        for case, other in (cases, cases[::-1])
    ]
    lines = [line for entry in history.entries(cases[0], user) for line in entry.lines]
    assert cases[1].number in lines


def test_different_applicants_for_one_subject():
    casts = [Cast(PROJECT), Cast(PROJECT), Cast(PROJECT)]
    numbers = ("2026ZX0001", "2026ZX0001", "2026ZX0002")
    cases = [project(cast, number) for cast, number in zip(casts, numbers, strict=True)]
    assert found(cases, publisher(*casts)) == [("subject", case.pk) for case in cases[:2]]


def test_a_held_payment_is_in_doubt_until_it_is_released():
    cast = Cast(YEARLY)
    case = factories.checked(cast)
    held = holds.hold(award=award_of(case), kind=HoldKind.DIFFERENCE, text="余额不符")
    user = publisher(cast)
    assert found([case], user) == [("held", case.pk)]
    with pytest.raises(Refused):
        publish([case], user)
    holds.release(hold_id=held.pk, user=user, reason="已核对")
    assert found([case], user) == []


def test_what_pays_waits_for_finance():
    cast = Cast(YEARLY)
    case = factories.determined(cast)
    user = publisher(cast)
    assert found([case], user) == [("unchecked", case.pk)]
    with pytest.raises(Conflict):
        publish([case], user, reason="特殊情况")


def test_a_case_back_on_a_list_while_its_notice_runs():
    cast = Cast(YEARLY)
    case = factories.published(cast)
    first = PublicityNotice.objects.get()
    undoing.hand_back(
        case_id=case.pk, to=CaseState.ACCEPTED, reason="金额有误", user=cast.of("sti", Role.LEADER)
    )
    again_checked(cast, case)
    user = publisher(cast)
    assert found([case], user) == [("running", case.pk)]
    over = first.ends_on + timedelta(days=1)
    with time_machine.travel(f"{over}T09:00:00+08:00", tick=False):
        assert found([case], user) == []


def again_checked(cast, case):
    walk.give_opinions(case, cast.of)
    walk.confirm_facts(case, cast.of)
    walk.propose(case, cast.of, walk.example_facts(cast.programme)[1])
    walk.approve(case, cast.of)
    walk.check(case, cast.of)


def test_the_check_asks_as_often_for_many_as_for_one():
    casts = [Cast(YEARLY) for _ in range(3)]
    cases = [factories.checked(one) for one in casts]
    user = publisher(*casts)
    asked = []
    for chosen in (cases[:1], cases):
        with CaptureQueriesContext(connection) as queries:
            found(chosen, user)
        asked.append(len(queries))
    assert asked[0] == asked[1]
