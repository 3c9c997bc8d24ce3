"""Every figure of a statement leads to the entries behind it, and they add up to it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from applicants.models import Party
from incentives.domain.statement import GROUPS, STAGES
from incentives.models import Award, LedgerEntry, Programme
from incentives.models.ledger import Stage
from reviews.models.staff import Role
from tests.factories import make_staff
from tests.incentives.domain.test_recoveries import back, demanded, paid_award
from tests.incentives.factories import make_party, reserve
from tests.incentives.sizes import listed
from tests.reviews.admin.conftest import Desk

LEDGER = "/admin/incentives/ledgerentry/"
PAGE = f"{LEDGER}statement/"
YEAR = timezone.localdate().year


@pytest.fixture
def auditor(desk: Desk) -> Client:
    return desk(make_staff(Role.AUDITOR))


@pytest.fixture
def posted(db: None) -> None:
    """Of three programmes, two districts and none, a size and none, a person, and two years."""
    first, second, third = Programme.objects.filter(city="qingdao").order_by("code")[:3]
    person = Party.objects.create(
        kind="person", name="单位", identity_hmac="x" * 64, identity_last4="001X"
    )
    then = timezone.localtime().replace(year=YEAR - 1, month=2, day=1)
    reserve("0.01", programme=first, applicant=person)
    reserve("20.00", programme=second, applicant=make_party("单位"), district="shinan", at=then)
    reserve("300.00", programme=third, payer="district")
    award = paid_award("1000.00", programme=first)
    back(demanded(award, "600.00"), "333.33")
    listed(award, "micro", -400)
    reserve("50000.00", programme=third, district="")


def amounts(auditor: Client, entries: str) -> Mapping[Stage, Decimal]:
    page = auditor.get(f"{LEDGER}?{entries}").context
    assert page["form"].is_valid(), page["form"].errors
    return {row.stage: row.amount for row in page["totals"]}


def cost(found: Mapping[Stage, Decimal]) -> Decimal:
    zero = Decimal(0)
    came_back = found.get(Stage.RETURNED, zero) + found.get(Stage.RECOVERED, zero)
    return found.get(Stage.PAID, zero) + found.get(Stage.OPENING, zero) - came_back


def cases(auditor: Client, entries: str) -> int:
    rows = auditor.get(f"{LEDGER}?{entries}").context["rows"]
    return len({row.case_number for row in rows})


@pytest.mark.parametrize(
    "asked", [{}, {"payer": "city", "year": YEAR, "applicant": "单位"}, {"stage": "paid"}]
)
@pytest.mark.parametrize("by", GROUPS)
def test_the_entries_behind_a_figure_add_up_to_it(
    auditor: Client, posted: None, by: str, asked: Mapping[str, Any]
) -> None:
    page = auditor.get(PAGE, {"by": by, **asked}).context
    assert page["lines"]
    at = page["heads"].index("件数")
    for line in [*page["lines"], page["last"]]:
        assert cases(auditor, line[at].entries) == line[at].value
        for stage, figure in zip(STAGES, line[at + 1 :], strict=False):
            assert bool(figure.entries) == bool(figure.value)
            if figure.entries:
                assert amounts(auditor, figure.entries) == {stage: figure.value}
        if "stage" not in asked:
            assert cost(amounts(auditor, line[-1].entries)) == line[-1].value


def test_the_page_has_them_as_links(auditor: Client, posted: None) -> None:
    award = Award.objects.get(amount=Decimal("1000.00"))
    assert LedgerEntry.objects.filter(award=award, stage="paid").exists()
    text = auditor.get(PAGE, {"by": "size", "year": YEAR}).content.decode()
    query = urlencode({"year": YEAR, "size": "micro", "stage": "paid"}).replace("&", "&amp;")
    assert f'<a href="{LEDGER}?{query}">' in text
