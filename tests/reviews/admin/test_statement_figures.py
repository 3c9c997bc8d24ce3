"""Every figure of a statement leads to the entries behind it, and they add up to it."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import takewhile
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from applicants.models import Party
from incentives.domain.statement import GROUPS, STAGES
from incentives.models import Award, LedgerEntry, Programme, ProgrammeVersion
from incentives.models.ledger import Stage
from reviews.models.staff import Role
from tests import factories
from tests.factories import make_staff, make_user
from tests.incentives.domain.test_recoveries import back, demanded, paid_award
from tests.incentives.factories import make_party, reserve
from tests.incentives.sizes import listed
from tests.reviews.admin.conftest import Desk, downloaded
from tests.reviews.domain.test_openings import AWARD, LISTING, Books

LEDGER = "/admin/incentives/ledgerentry/"
PAGE = f"{LEDGER}statement/"
SINCE = ("ne-listing-subsidy", "benchmark-incubator", "national-project-team-award")
YEAR = timezone.localdate().year


@pytest.fixture
def auditor(desk: Desk) -> Client:
    return desk(make_staff(Role.AUDITOR))


@pytest.fixture
def posted(db: None) -> None:
    """Of four programmes, two districts and none, a size and none, a person, and three years."""
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
    given_before("7000000.00")


def given_before(amount: str) -> None:
    row = [
        str(factories.make_organisation(make_user()).uscc),
        LISTING,
        "青金〔2021〕1号",
        "2021-05-04",
        amount,
    ]
    Books().open(AWARD, row)


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
    ("by", "asked"),
    [*((by, {}) for by in GROUPS), ("clause", {"stage": "paid"}),
     ("size", {"payer": "city", "year": YEAR, "applicant": "单位"})],
)  # fmt: skip
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


def test_what_was_given_before_is_the_same_on_the_page_and_in_its_files(
    auditor: Client, posted: None
) -> None:
    whole = Decimal("7000666.67")
    for by in GROUPS:
        page = auditor.get(PAGE, {"by": by}).context
        assert page["last"][-1].value == sum(line[-1].value for line in page["lines"]) == whole
        content = downloaded(auditor, f"{LEDGER}statement.csv", {"by": by}).decode("utf-8-sig")
        table = list(takewhile(bool, csv.reader(io.StringIO(content))))
        assert Decimal(table[-1][-1]) == sum(Decimal(row[-1]) for row in table[1:-1]) == whole
        book = load_workbook(io.BytesIO(downloaded(auditor, f"{LEDGER}statement.xlsx", {"by": by})))
        last = list(book.worksheets[0].iter_rows(values_only=True))[-1]
        assert Decimal(str(last[-1])).quantize(whole) == whole
    [page] = PdfReader(
        io.BytesIO(downloaded(auditor, f"{LEDGER}statement.pdf", {"by": "clause"}))
    ).pages
    printed = "".join(page.extract_text().split())
    assert "期初（历年兑现）" in printed
    assert "7,000,666.67" in printed


def test_a_clause_says_since_when_it_is_in_force(auditor: Client, db: None) -> None:
    """Printed; else its first version's own day; else the day of issue, where there is one."""
    printed, issued, unknown = (factories.programme(code) for code in SINCE)
    applied = Programme.objects.create(
        city=unknown.city, code="applied", document=unknown.document, section="九、9",
        title_zh="新", title_en="New", case_type=unknown.case_type,
        handling_bureau=unknown.handling_bureau,
    )  # fmt: skip
    first = unknown.current
    for number, day in ((1, date(2024, 3, 1)), (2, date(2025, 3, 1))):
        ProgrammeVersion.objects.create(
            programme=applied, number=number, definition=first.definition, digest=first.digest,
            in_force_from=day,
        )  # fmt: skip
    days = {printed: "2020-08-20", issued: "2021-09-01", unknown: "", applied: "2024-03-01"}
    for programme in days:
        reserve("1.00", programme=programme)
    content = downloaded(auditor, f"{LEDGER}statement.csv", {"by": "clause"}).decode("utf-8-sig")
    heads, *rows = takewhile(bool, csv.reader(io.StringIO(content)))
    assert heads[:3] == ["印发条款", "施行起始日", "件数"]
    told = {row[0]: row[1] for row in rows[:-1]}
    assert told == {f"{one.document} {one.section}": day for one, day in days.items()}
    page = auditor.get(PAGE, {"by": "clause"})
    assert "None" not in page.content.decode()
