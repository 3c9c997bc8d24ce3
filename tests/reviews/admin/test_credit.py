"""Bad credit as finance sees it: what is due, the finance check, and how old the lists are."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incentives.models import PayeeHold, PayoutBatch
from reviews.models.staff import Role
from tests.credit import LIST, owed, row, take
from tests.factories import Cast, determined, make_staff
from tests.reviews.admin.conftest import Desk

DUE = "/admin/incentives/payoutbatch/add/"
BRING = "/admin/incentives/registryimport/?kind__exact=credit"


@pytest.fixture
def preparer(desk: Desk) -> Client:
    return desk(make_staff(Role.FINANCE_PREPARER, "finance"))


def due(client: Client) -> tuple[str, date | None, bool]:
    response = client.get(DUE)
    lists = response.context["credit"]
    return response.content.decode(), lists.as_of, lists.too_old


def test_whoever_is_listed_is_marked_and_all_the_others_are_prepared(preparer: Client) -> None:
    listed, free = owed("10"), owed("20")
    take(row(listed.applicant))
    shown, as_of, too_old = due(preparer)
    assert (shown.count(LIST), as_of, too_old) == (1, timezone.localdate(), False)
    assert BRING not in shown
    preparer.post(DUE, {"all": "on"})
    assert PayoutBatch.objects.get().lines.get().instalment.award == free
    shown = due(preparer)[0]
    assert f"/admin/incentives/payeehold/{PayeeHold.objects.get().pk}/change/" in shown
    assert shown.count(LIST) == 1


def test_without_a_list_or_with_an_old_one_finance_is_told(preparer: Client) -> None:
    award = owed("10")
    shown, as_of, _too_old = due(preparer)
    assert (as_of, BRING in shown) == (None, True)
    day = timezone.localdate() - timedelta(days=31)
    take(row(owed("20").applicant, until="2026-05-02"), as_of=day)
    shown, as_of, too_old = due(preparer)
    assert (as_of, too_old, BRING in shown, day.isoformat() in shown) == (day, True, True, True)
    preparer.post(DUE, {"instalment": [award.instalments.get().pk]})
    batch = preparer.get(f"/admin/incentives/payoutbatch/{PayoutBatch.objects.get().pk}/change/")
    assert BRING in batch.content.decode()


def test_the_list_of_what_is_due_takes_as_many_queries_for_many_as_for_one(
    preparer: Client,
) -> None:
    counts = []
    for many in (1, 4):
        take(*(row(owed("10").applicant) for _ in range(many)))
        with CaptureQueriesContext(connection) as asked:
            shown = due(preparer)[0]
        counts.append((len(asked), shown.count(LIST)))
    (first, one), (second, five) = counts
    assert (one, five) == (1, 5)
    assert second == first


def test_the_finance_check_shows_the_listing(desk: Desk, cast: Cast) -> None:
    case = determined(cast)
    take(row(cast.party))
    checker = desk(cast.free(make_staff(Role.FINANCE_PREPARER, "finance")))
    page = checker.get(f"/admin/reviews/application/{case.pk}/change/").content.decode()
    assert f"{cast.party.name}·旧名 · {LIST} · 2026-05-01 – … · 鲁信〔2026〕7号" in page
