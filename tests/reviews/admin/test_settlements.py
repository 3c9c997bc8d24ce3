"""An advance settled at the desk: audited figures, the rules anew, the second signature."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applicants.models import Notice
from incentives.models import Award, Recovery, Settlement
from reviews.demo import walk
from reviews.domain import advances
from reviews.domain.queues import cases_in, desk_of
from reviews.models import Application
from reviews.models.staff import Role
from tests.factories import Cast, make_staff
from tests.incentives.domain.test_recoveries import paid
from tests.reviews.admin.conftest import Desk
from tests.reviews.domain.test_staging import awarded, cast

__all__ = ["cast"]
PAGES = "/admin/incentives/settlement/"


@pytest.fixture
def award(cast: Cast) -> Iterator[Award]:
    """60% are paid, the rest waits for its stage."""
    with awarded(cast) as made:
        yield paid(made)


@pytest.fixture
def preparer(cast: Cast, award: Award, desk: Desk) -> Client:
    return desk(cast.of(cast.handling, Role.PREPARER))


def typed(figure: str = "1000000") -> dict[str, str]:
    later = timezone.localdate() + timedelta(days=30)
    return {"fact_rd_expenses": figure, "due_on": later.isoformat(), "reason": "审字〔2027〕1号"}


def test_less_than_was_paid_is_asked_back(
    cast: Cast, award: Award, preparer: Client, desk: Desk
) -> None:
    """By the rules 150,000 yuan and 10% of the audited expenses."""
    case = Application.objects.get(number=award.case_number)
    own = f"/admin/reviews/application/{case.pk}/change/"
    page = f"{PAGES}add/?case={case.number}"
    told = preparer.get(own).content.decode()
    assert page in told
    assert "<td>1 · 预拨</td>" in told
    assert preparer.get(page).status_code == 200
    assert preparer.post(page, typed()).status_code == 302
    made = Settlement.objects.get()
    before = award.instalments.get(number=1).amount
    assert (made.entitled, made.awarded) == (Decimal("250000.00"), award.amount)
    signer = cast.of(cast.handling, Role.APPROVER)
    assert list(cases_in("settlements", desk_of(signer))) == [case]
    place, approver = f"{PAGES}{made.pk}/change/", desk(signer)
    assert preparer.post(place, {"step": "approve"}).status_code == 422
    assert approver.get(place).status_code == 200
    assert approver.post(place, {"step": "approve"}).status_code == 302
    award.refresh_from_db()
    asked_back = Recovery.objects.filter(award=award).values_list("amount", flat=True)
    more = Decimal("250000.00") - before
    assert award.amount == max(before, Decimal("250000.00"))
    assert list(asked_back) == ([-more] if more < 0 else [])
    assert Notice.objects.filter(kind="settlement.approved", user=cast.clerk).count() == 1
    assert place in approver.get(own).content.decode()
    assert approver.post(place, {"step": "drop"}).status_code == 422
    assert preparer.post(page, typed()).status_code == 422


@pytest.mark.parametrize(
    ("field", "value"),
    [("fact_rd_expenses", "many"), ("due_on", "2020-01-01"), ("reason", " "), ("due_on", "")],
)
def test_half_a_form_is_kept_and_said_at_its_field(
    award: Award, preparer: Client, field: str, value: str
) -> None:
    page = f"{PAGES}add/?case={award.case_number}"
    answer = preparer.post(page, typed("1234567") | {field: value})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert ("1234567" in answer.content.decode()) == (field != "fact_rd_expenses")
    assert Settlement.objects.count() == 0


def test_who_may(cast: Cast, award: Award, preparer: Client, desk: Desk) -> None:
    page = f"{PAGES}add/?case={award.case_number}"
    assert desk(make_staff(Role.PREPARER, cast.handling)).post(page, typed()).status_code == 302
    assert desk(make_staff(Role.PREPARER, "education")).get(page).status_code == 404
    assert desk(cast.of(cast.handling, Role.APPROVER)).get(page).status_code == 403
    assert preparer.post(page, typed() | {"fact_rd_expenses": ""}).status_code == 422
    assert Settlement.objects.count() == 0
    preparer.post(page, typed())
    place = f"{PAGES}{Settlement.objects.get().pk}/change/"
    assert desk(make_staff(Role.PREPARER, "education")).get(place).status_code == 404
    assert desk(make_staff(Role.AUDITOR)).post(place, {"step": "approve"}).status_code == 422
    assert preparer.post(place, {"step": "drop"}).status_code == 302
    assert Settlement.objects.get().state == "dropped"


def test_as_many_queries_for_many_as_for_one(cast: Cast, desk: Desk) -> None:
    """Of cases of several organisations, prepared and approved by several people."""
    asked, code = [], cast.programme.code
    facts = walk.example_facts(cast.programme)[0]
    for number, own in enumerate((cast, Cast(code), Cast(code))):
        with awarded(own, facts | {"certificate_number": f"GR20203710000{number}"}) as award:
            case = Application.objects.get(number=paid(award).case_number)
            preparer = own.of(own.handling, Role.PREPARER)
            signer = own.of(own.handling, Role.APPROVER)
            made = advances.prepare(
                case_id=case.pk, figures={"rd_expenses": "1000000"}, reason="审字1号",
                due_on=timezone.localdate(), user=preparer,
            )  # fmt: skip
            advances.approve(settlement_id=made.pk, user=signer)
        watcher = desk(make_staff(Role.AUDITOR))
        watcher.get(PAGES)
        with CaptureQueriesContext(connection) as queries:
            shown = watcher.get(PAGES)
        asked.append((len(shown.context["cl"].result_list), len(queries)))
    assert [rows for rows, _queries in asked] == [1, 2, 3]
    assert len({queries for _rows, queries in asked}) == 1
