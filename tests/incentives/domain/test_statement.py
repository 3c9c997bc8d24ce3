"""The statement: every line and the total are the sums of the entries that are listed."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from itertools import takewhile
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from openpyxl import load_workbook

from incentives.domain import ledger, statement
from incentives.domain.ledger_filter import LedgerFilter
from incentives.domain.statement import GROUPS, STAGES
from incentives.models import Award, LedgerEntry, Programme, RegisterStep
from incentives.models.ledger import Stage
from reviews.models.staff import Role
from tests.factories import make_staff
from tests.incentives.domain.test_recoveries import back, demanded, paid_award
from tests.incentives.factories import reserve
from tests.incentives.sizes import listed

pytestmark = pytest.mark.django_db
PAGE = "/admin/incentives/ledgerentry/statement"
OF: dict[str, Any] = {
    "programme": lambda e: e.programme_id,
    "clause": lambda e: json.loads(e.programme.current.definition)["source"]["section"],
    "document": lambda e: e.programme.document_id,
    "bureau": lambda e: e.bureau_id,
    "district": lambda e: e.district_id,
    "applicant": lambda e: e.applicant_id,
    "size": lambda e: "no list says one",
    "year": lambda e: e.year,
    "approval_year": lambda e: e.approval_year,
    "quarter": lambda e: (e.year, (e.posted_at.month + 2) // 3),
}


@pytest.fixture
def posted() -> None:
    """Of two programmes: reserved, paid, and a part of it back."""
    first, second = Programme.objects.filter(
        city="qingdao", code__in=["hitech-renewal-award", "tech-sme-rd-reward"]
    ).order_by("code")
    reserve("123.45", programme=first)
    reserve("0.01", programme=second)
    award = paid_award("1000.00", programme=first)
    back(demanded(award, "600.00"), "333.33")


def rows() -> Any:
    return ledger.entries(cities=["qingdao"], wanted=LedgerFilter())


def reckoned(by: str) -> list[tuple[int, list[Decimal]]]:
    """By hand: the cases and the sums of each group."""
    sums: dict[Any, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    cases = defaultdict(set)
    for entry in LedgerEntry.objects.select_related("programme"):
        sums[OF[by](entry)][entry.stage] += entry.amount
        cases[OF[by](entry)].add(entry.case_number)
    return sorted((len(cases[key]), [sums[key][one] for one in STAGES]) for key in sums)


@pytest.mark.parametrize("by", GROUPS)
def test_lines_add_up_to_the_fen(posted: None, by: str) -> None:
    lines = statement.statement(rows(), by)
    assert sorted((line.cases, list(line.amounts.values())) for line in lines) == reckoned(by)
    whole = statement.total(lines, cases=statement.cases_of(rows()), label="")
    assert (whole.cases, whole.cost) == (3, Decimal("666.67"))
    assert "" not in {line.label for line in lines}


def test_the_size_is_the_registers_on_the_day_of_approval() -> None:
    def award(amount: str) -> Award:
        return Award.objects.get(pk=reserve(amount).award)

    first, later, before, revoked, _none = map(award, ("1", "20", "300", "4000", "50000"))
    listed(first, "micro", -400)
    listed(first, "large", 0, 0)
    listed(later, "large", 1)
    listed(before, "small", -400, -1)
    listed(before, "gigantic", 0)
    over = listed(revoked, "medium", -10)
    on, note = over.starts_on, "错录"
    RegisterStep.objects.create(entry=over, kind="end", state="ended", on=on, note=note)
    with translation.override("en"):
        lines = statement.statement(rows(), "size")
    unknown = "unknown: the register held no size"
    assert [(line.label, line.cases, line.amounts["reserved"]) for line in lines] == [
        ("large", 1, Decimal("1.00")),
        (unknown, 4, Decimal("54320.00")),
    ]
    assert client().get(f"{PAGE}/", {"by": "size"}).context["note"]


def test_a_line_more_costs_no_query_more(posted: None) -> None:
    one = LedgerEntry.objects.order_by("id")[0].case_number
    for by in GROUPS:
        with CaptureQueriesContext(connection) as few:
            statement.statement(rows().filter(case_number=one), by)
        with CaptureQueriesContext(connection) as many:
            statement.statement(rows(), by)
        assert len(many) == len(few) <= 3, by


def client(role: Role = Role.AUDITOR, city: str = "qingdao") -> Client:
    found = Client()
    bureau = "finance" if role == Role.FINANCE_PREPARER else None
    found.force_login(make_staff(role, bureau, city))
    return found


def table_of(rows: Iterable[list[str]]) -> list[list[str]]:
    """Above the empty line; below it stands what the table is of."""
    return list(takewhile(bool, rows))


def test_the_page_and_its_files_tell_the_same(posted: None) -> None:
    desk = client()
    page = desk.get(f"{PAGE}/", {"by": "programme", "stage": ""})
    lines = [*page.context["lines"], page.context["last"]]
    shown = [[cell.value for cell in line] for line in lines]
    table = b"".join(desk.get(f"{PAGE}.csv", {"by": "programme"})).decode("utf-8-sig")
    read = table_of(csv.reader(io.StringIO(table)))[1:]
    assert [[Decimal(cell) for cell in row[1:]] for row in read] == [row[1:] for row in shown]
    book = load_workbook(io.BytesIO(b"".join(desk.get(f"{PAGE}.xlsx", {"by": "programme"}))))
    cells = list(book.worksheets[0].iter_rows(min_row=2, values_only=True))
    assert [[Decimal(str(cell)) for cell in row[1:]] for row in cells] == [
        [Decimal(cell) for cell in row[1:]] for row in shown
    ]
    assert b"".join(desk.get(f"{PAGE}.pdf", {"by": "quarter"})).startswith(b"%PDF")


def test_the_filter_and_the_city_hold(posted: None) -> None:
    only = client().get(f"{PAGE}/", {"by": "year", "stage": "paid"})
    paid = only.context["heads"].index(Stage.PAID.label)
    assert only.context["last"][paid].value == Decimal("1000.00")
    assert client(city="dalian").get(f"{PAGE}/", {"by": "year"}).context["lines"] == []


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        (Role.FINANCE_PREPARER, "/", 200),
        (Role.SECURITY, "/", 404),
        (Role.AUDITOR, ".doc", 404),
    ],
)
def test_doors(posted: None, role: Role, path: str, status: int) -> None:
    assert client(role).get(f"{PAGE}{path}").status_code == status


def test_another_grouping_is_told_beside_its_field(posted: None) -> None:
    answer = client().get(f"{PAGE}/", {"by": "colour"})
    assert (answer.status_code, list(answer.context["by_form"].errors)) == (200, ["by"])
    assert "heads" not in answer.context
