"""Sharing out a budget at the desk: what waits is shown, shared once, and kept for auditors."""

from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext

from incentives.models import ProRata
from reviews.models.staff import Role
from tests.factories import Cast, make_staff
from tests.reviews.admin.conftest import PROGRAMME, Desk
from tests.reviews.domain.test_sharing import make_pro_rata, waiting_case

PAGES = "/admin/incentives/prorata/"


def test_an_approver_sees_what_waits_and_shares_it_out(desk: Desk) -> None:
    cast = Cast(PROGRAMME)
    budget = make_pro_rata(cast, "1000.00")
    waiting_case(cast)
    signer = cast.of(cast.handling, Role.APPROVER)
    client, asked = desk(signer), []
    for _round in range(2):
        with CaptureQueriesContext(connection) as queries:
            shown = client.get(f"{PAGES}add/?budget={budget.pk}")
        asked.append(len(queries))
        assert shown.context["left"] == Decimal("1000.00")
        waiting_case(cast)
    assert asked[0] == asked[1]
    assert len(shown.context["waiting"]) == 2
    stranger = desk(make_staff(Role.APPROVER, "miit"))
    assert stranger.post(f"{PAGES}add/", {"budget": budget.pk}).status_code == 404
    assert desk(make_staff(Role.PREPARER, "sti")).get(f"{PAGES}add/").status_code == 403
    assert client.post(f"{PAGES}add/", {"budget": budget.pk}).status_code == 302
    made = ProRata.objects.get()
    assert client.post(f"{PAGES}add/", {"budget": budget.pk}).status_code == 422
    page = f"{PAGES}{made.pk}/change/"
    for reader in (client, desk(make_staff(Role.AUDITOR))):
        assert reader.get(PAGES).status_code == 200
        assert [one.share for one in reader.get(page).context["lines"]] == [
            Decimal("333.34"), Decimal("333.33"), Decimal("333.33"),
        ]  # fmt: skip
    assert stranger.get(page).status_code == 404
