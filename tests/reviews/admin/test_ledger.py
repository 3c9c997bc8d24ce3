import io
from decimal import Decimal

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from applicants.models import Event
from incentives.domain import background
from incentives.models import LedgerEntry
from reviews.models.staff import Role
from tests.factories import make_staff
from tests.incentives.domain.test_exports import read_csv
from tests.incentives.factories import make_award, make_party, reserve
from tests.incentives.sizes import listed
from tests.reviews.admin.conftest import Desk, downloaded

LIST = "/admin/incentives/ledgerentry/"


@pytest.fixture
def auditor(desk: Desk) -> Client:
    return desk(make_staff(Role.AUDITOR))


def test_the_page_filters_and_adds_up(auditor: Client) -> None:
    make_award("1000.10", applicant=make_party("甲公司"))
    make_award("2000.20", applicant=make_party("乙公司"))
    response = auditor.get(LIST, {"applicant": "甲", "stage": "committed"})
    [total] = response.context["totals"]
    assert (total.count, total.amount) == (1, Decimal("1000.10"))
    shown = response.content.decode()
    assert "甲公司" in shown
    assert "乙公司" not in shown


def test_a_quarter_a_size_and_one_applicant_narrow_the_page_and_its_exports(
    auditor: Client,
) -> None:
    award = make_award("1000.10", applicant=make_party("甲公司"))
    make_award("2000.20", applicant=make_party("甲公司"))
    listed(award, "micro", 0)
    entry = LedgerEntry.objects.filter(award=award).latest("id")
    at = timezone.localtime(entry.posted_at)
    quarter = {"year": at.year, "quarter": (at.month + 2) // 3}
    for query in (quarter | {"size": "micro"}, {"party": entry.applicant_id}):
        page = auditor.get(LIST, query)
        assert {row.award_id for row in page.context["rows"]} == {award.pk}
        lines = read_csv(b"".join(auditor.get(f"{LIST}export.csv", query)))[1:]
        assert [row[4] for row in lines] == ["1000.10"] * 4 + ["2000.20"]
    told = dict(page.context["form"].told())
    assert told["仅此申报单位"] == "甲公司"
    other = quarter | {"quarter": quarter["quarter"] % 4 + 1}
    assert auditor.get(LIST, other).context["rows"] == []


def test_the_exports_are_exactly_what_is_filtered(auditor: Client) -> None:
    make_award("1000.10")
    query = {"stage": "committed"}
    response = auditor.get(f"{LIST}export.csv", query)
    _heading, line, *totals = read_csv(b"".join(response))
    assert line[4] == "1000.10"
    assert [row[4] for row in totals] == ["1000.10", "1000.10"]
    xlsx = auditor.get(f"{LIST}export.xlsx", query)
    book = openpyxl.load_workbook(io.BytesIO(b"".join(xlsx)))
    rows = list(book.active.iter_rows(min_row=2, values_only=True))
    assert [row[4] for row in rows] == [1000.1, 1000.1, 1000.1]
    assert "attachment" in xlsx.headers["Content-Disposition"]
    exports = Event.objects.filter(kind="ledger.exported").order_by("id")
    assert [event.data for event in exports] == [
        {"format": form, "filter": {"stage": "committed"}} for form in ("csv", "xlsx")
    ]


def test_pages_run_from_the_newest_and_carry_the_filter(auditor: Client) -> None:
    for _ in range(51):
        reserve("1")
    first = auditor.get(LIST, {"stage": "reserved"})
    second = auditor.get(f"{LIST}?{first.context['older']}")
    pks = [row.pk for row in [*first.context["rows"], *second.context["rows"]]]
    assert pks == list(LedgerEntry.objects.order_by("-id").values_list("pk", flat=True))
    assert "stage=reserved" in first.context["older"]
    assert second.context["older"] == ""


@pytest.mark.parametrize(
    "query",
    [
        "year=abc", "stage=gone", "programme=0", "year=1", "quarter=3", "size=gigantic",
        "district=nowhere", "party=0", "party=x",
    ],
)  # fmt: skip
def test_a_wrong_filter_is_said_at_its_field_and_exports_nothing(
    auditor: Client, query: str
) -> None:
    for path in (LIST, f"{LIST}export.csv"):
        response = auditor.get(f"{path}?{query}")
        assert list(response.context["form"].errors) == [query.partition("=")[0]]
    assert not Event.objects.filter(kind="ledger.exported").exists()


@pytest.mark.parametrize("path", ["", "export.csv", "export.xlsx"])
def test_reviewers_do_not_see_the_ledger(desk: Desk, path: str) -> None:
    reviewer = desk(make_staff(Role.PREPARER, "sti"))
    assert reviewer.get(f"{LIST}{path}").status_code in {403, 404}


def test_an_entry_is_read_and_never_changed(auditor: Client) -> None:
    reserve("1")
    page = f"{LIST}{LedgerEntry.objects.get().pk}/change/"
    assert auditor.get(page).status_code == 200
    assert auditor.post(page, {"amount": "2"}).status_code == 403
    assert auditor.get(f"{LIST}export.doc").status_code == 404


def test_the_pdf_has_the_filter_its_entries_and_their_totals(auditor: Client) -> None:
    make_award("1000.10", applicant=make_party("甲公司"))
    make_award("2000.20", applicant=make_party("乙公司"))
    answer = auditor.get(f"{LIST}export.pdf", {"applicant": "甲", "payer": "city"})
    assert answer["Content-Type"] == "application/pdf"
    [page] = PdfReader(io.BytesIO(b"".join(answer))).pages
    printed = "".join(page.extract_text().split())
    for words in ("甲公司", "1,000.10元", "2,000.20元", "控制合计（全部明细）", "共2笔", "支付方"):
        assert words in printed, words
    assert "乙公司" not in printed
    event = Event.objects.get(kind="ledger.exported")
    assert event.data == {"format": "pdf", "filter": {"applicant": "甲", "payer": "city"}}


def test_a_longer_ledger_is_not_printed_and_what_to_take_is_said(
    auditor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "MOST_PRINTED", 2)
    make_award("1")
    assert downloaded(auditor, f"{LIST}export.pdf").startswith(b"%PDF")
    make_award("2")
    answer = auditor.get(f"{LIST}export.pdf")
    [told] = [str(message) for message in answer.context["messages"]]
    assert "2" in told
    assert "XLSX" in told
    assert "CSV" in told
    assert Event.objects.filter(kind="ledger.exported").count() == 1
