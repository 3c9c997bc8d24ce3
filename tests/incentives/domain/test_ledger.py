import csv
import io
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.db.models import Sum
from django.utils import timezone, translation

from incentives.domain import ledger, ledger_sql, money, payouts
from incentives.domain.ledger_filter import LedgerFilter
from incentives.models import Award, LedgerEntry, Programme
from incentives.models.ledger import Stage
from tests.incentives.domain.test_exports import FORMULAS, read_csv
from tests.incentives.factories import make_award, make_party, make_user, qingdao, reserve
from tests.incentives.sizes import listed

pytestmark = pytest.mark.django_db
ALL = LedgerFilter()


def entries(wanted: LedgerFilter = ALL) -> list[int]:
    return list(
        ledger.entries(cities=["qingdao"], wanted=wanted).values_list("award_id", flat=True)
    )


def exported(wanted: LedgerFilter = ALL) -> list[list[str]]:
    rows = ledger.entries(cities=["qingdao"], wanted=wanted)
    return read_csv(b"".join(ledger.csv_stream(rows)))


def pay(award_id: int) -> None:
    preparer, approver = make_user(), make_user()
    ids = payouts.due_instalments(qingdao(), timezone.localdate()).filter(award=award_id)
    batch = payouts.prepare_batch(
        city=qingdao(), instalment_ids=[row.pk for row in ids], user=preparer
    )
    payouts.approve_batch(batch_id=batch.pk, user=approver)
    payouts.export_batch(batch_id=batch.pk, user=preparer)
    results = {line.pk: ("paid", "") for line in batch.lines.all()}
    payouts.settle(batch_id=batch.pk, results=results, user=preparer)


def test_the_export_is_the_ledger_line_by_line_and_its_totals_are_their_sums() -> None:
    first, _second = make_award("100.05"), make_award("0.01")
    pay(first.pk)
    _heading, *rows = exported()
    lines, totals = rows[:5], rows[5:]
    stored = LedgerEntry.objects.order_by("id")
    assert [Decimal(row[4]) for row in lines] == [entry.amount for entry in stored]
    assert [row[5] for row in lines] == [entry.case_number for entry in stored]
    sums = [Decimal(row[4]) for row in totals]
    assert sums == [Decimal("100.06"), Decimal("100.06"), Decimal("100.05"), Decimal("300.17")]
    assert sums[-1] == stored.aggregate(total=Sum("amount"))["total"]


def test_the_totals_of_a_page_are_those_of_its_export() -> None:
    award = make_award("100")
    make_award("50")
    pay(award.pk)
    found = ledger.totals(ledger.entries(cities=["qingdao"], wanted=ALL))
    assert [(row.stage, row.count, row.amount) for row in found] == [
        (Stage.RESERVED, 2, Decimal(150)),
        (Stage.COMMITTED, 2, Decimal(150)),
        (Stage.PAID, 1, Decimal(100)),
    ]


def test_an_empty_ledger_exports_its_heading_and_a_control_total_of_nothing() -> None:
    heading, total = exported()
    assert len(heading) == len(total) == 19
    assert Decimal(total[4]) == 0


def test_each_filter_narrows_to_its_own() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    other = Programme.objects.get(city="qingdao", code="national-project-team-award")
    old = reserve("1", at=datetime(2025, 12, 31, 23, 59, 59, tzinfo=shanghai)).award
    new = reserve("1", at=datetime(2026, 1, 1, tzinfo=shanghai)).award
    named = reserve("1", applicant=make_party("甲公司"), programme=other, payer="district").award
    applicant = LedgerEntry.objects.get(award=named).applicant
    assert entries(LedgerFilter(year=2025)) == [old]
    assert entries(LedgerFilter(approval_year=2025)) == [old]
    assert entries(LedgerFilter(programme=other.pk)) == [named]
    assert entries(LedgerFilter(payer="district")) == [named]
    assert entries(LedgerFilter(applicant="甲公")) == [named]
    assert entries(LedgerFilter(applicant=applicant.uscc or "")) == [named]
    assert entries(LedgerFilter(document=other.document_id)) == [named, new, old]
    assert entries(LedgerFilter(document=other.document_id, clause=other.section)) == [named]
    assert entries(LedgerFilter(party=applicant.pk)) == [named]
    assert entries(LedgerFilter(bureau=-1)) == entries(LedgerFilter(district=-1)) == []
    assert entries(LedgerFilter(district="none")) == []
    assert entries(LedgerFilter(stage="paid")) == []
    assert entries() == [named, new, old]


@pytest.mark.parametrize(
    ("moment", "quarter"),
    [
        ("2026-01-01 00:00:00", 1),
        ("2026-03-31 23:59:59", 1),
        ("2026-04-01 00:00:00", 2),
        ("2026-09-30 23:59:59", 3),
        ("2026-10-01 00:00:00", 4),
        ("2026-12-31 23:59:59", 4),
    ],
)
def test_a_quarter_is_shanghais_and_of_its_year(moment: str, quarter: int) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    award = reserve("1", at=at).award
    reserve("1", at=at.replace(year=2025))
    for asked in (1, 2, 3, 4):
        wanted = LedgerFilter(year=2026, quarter=asked)
        assert entries(wanted) == ([award] if asked == quarter else [])
        assert Decimal(exported(wanted)[-1][4]) == (asked == quarter)


def test_a_size_is_the_one_at_approval_and_the_export_holds_its_lines_alone(
    tmp_path: Path,
) -> None:
    micro, unknown = (reserve(amount).award for amount in ("1", "20"))
    listed(Award.objects.get(pk=micro), "micro", -400)
    assert entries(LedgerFilter(size="micro")) == [micro]
    assert entries(LedgerFilter(size="none")) == [unknown]
    assert entries(LedgerFilter(size="large")) == []
    heading, *lines = exported(LedgerFilter(size="micro"))
    assert (len(heading), [row[4] for row in lines]) == (19, ["1.00"] * 3)
    target = tmp_path / "ledger.xlsx"
    rows = ledger.entries(cities=["qingdao"], wanted=LedgerFilter(size="micro"))
    assert ledger.write_ledger_xlsx(target, rows) == 1


def test_the_export_is_exactly_what_is_filtered() -> None:
    make_award("100")
    wanted = LedgerFilter(stage="committed")
    _heading, line, total, control = exported(wanted)
    assert [row[4] for row in (line, total, control)] == ["100.00"] * 3


def test_each_line_names_its_city_and_one_of_them_can_be_chosen() -> None:
    reserve("1")
    reserve("2", programme=Programme.objects.filter(city="dalian")[0])
    both = ["qingdao", "dalian"]
    with translation.override("en"):
        rows = ledger.entries(cities=both, wanted=ALL)
        heading, *lines = read_csv(b"".join(ledger.csv_stream(rows)))
    named = [row[heading.index("City")] for row in lines]
    assert named == ["Qingdao", "Dalian", "", ""]
    for city in both:
        chosen = LedgerFilter(city=city)
        assert [row.city_id for row in ledger.entries(cities=both, wanted=chosen)] == [city]
    assert not ledger.entries(cities=["qingdao"], wanted=LedgerFilter(city="dalian")).exists()


def test_another_city_sees_nothing() -> None:
    make_award("100")
    assert list(ledger.entries(cities=["dalian"], wanted=ALL)) == []


@pytest.mark.parametrize("name", FORMULAS)
def test_no_cell_of_the_ledger_can_act_as_a_formula(name: str) -> None:
    reserve("1", applicant=make_party(name))
    assert exported()[1][12] == f"'{name}"


@pytest.mark.parametrize("name", ["第一行\n第二行", '引号"与,逗号', "反斜杠\\n", "回车\r换行\r\n"])
def test_every_line_ends_as_a_spreadsheet_wants_and_cells_keep_their_own(name: str) -> None:
    reserve("1", applicant=make_party("平"))
    reserve("1", applicant=make_party(name))
    content = b"".join(ledger.csv_stream(ledger.entries(cities=["qingdao"], wanted=ALL))).decode(
        "utf-8-sig"
    )
    rows = list(csv.reader(io.StringIO(content, newline="")))
    assert [row[12] for row in rows[1:3]] == ["平", name]
    assert content.replace(name.replace('"', '""'), "").replace("\r\n", "").count("\n") == 0


def test_the_reader_chooses_the_language() -> None:
    reserve("1")
    with translation.override("en"):
        english = exported()
    with translation.override("zh-hans"):
        chinese = exported()
    programme = LedgerEntry.objects.get().programme
    assert (english[1][7], chinese[1][7]) == (programme.title_en, programme.title_zh)


def test_the_xlsx_says_the_same_as_the_csv(tmp_path: Path) -> None:
    make_award("1234567.89")
    target = tmp_path / "ledger.xlsx"
    ledger.write_ledger_xlsx(target, ledger.entries(cities=["qingdao"], wanted=ALL))
    heading, *rows = openpyxl.load_workbook(target).active.iter_rows(values_only=True)
    assert list(heading) == exported()[0]
    assert [Decimal(str(row[4])) for row in rows] == [Decimal(row[4]) for row in exported()[1:]]
    assert [row[12] or "" for row in rows] == [row[12] for row in exported()[1:]]


def test_what_is_beyond_a_cell_of_the_xlsx_is_cut_and_beyond_its_numbers_is_text(
    tmp_path: Path,
) -> None:
    grant = reserve("12345678901234.56", applicant=make_party("=1+1"))
    award = Award.objects.get(pk=grant.award)
    money.commit(award=award, at=timezone.now(), actor=make_user(), reason="长" * 40_000)
    target = tmp_path / "ledger.xlsx"
    ledger.write_ledger_xlsx(target, ledger.entries(cities=["qingdao"], wanted=ALL))
    line = next(iter(openpyxl.load_workbook(target).active.iter_rows(min_row=3)))
    assert (line[4].value, line[4].data_type) == ("12345678901234.56", "s")
    assert (line[12].value, line[12].data_type) == ("=1+1", "s")
    assert line[17].value == "长" * 32_767


def test_more_lines_than_are_read_at_once_come_in_order(tmp_path: Path) -> None:
    party = make_party()
    for _ in range(2 * ledger_sql.LINES_AT_ONCE + 3):
        reserve("1", applicant=party)
    target = tmp_path / "ledger.xlsx"
    ledger.write_ledger_xlsx(target, ledger.entries(cities=["qingdao"], wanted=ALL))
    _heading, *rows = openpyxl.load_workbook(target).active.iter_rows(values_only=True)
    numbers = LedgerEntry.objects.order_by("id").values_list("case_number", flat=True)
    assert [row[5] for row in rows[:-2]] == [row[5] for row in exported()[1:-2]] == list(numbers)


@pytest.mark.parametrize(("lines", "sizes"), [(3, [3]), (4, [3, 1]), (7, [3, 3, 1])])
def test_more_lines_than_a_sheet_holds_stand_on_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: int, sizes: list[int]
) -> None:
    monkeypatch.setattr(ledger, "LINES_A_SHEET", 3)
    for _ in range(lines):
        reserve("1")
    target = tmp_path / "ledger.xlsx"
    with translation.override("en"):
        rows = ledger.entries(cities=["qingdao"], wanted=ALL)
        assert ledger.write_ledger_xlsx(target, rows) == lines
        heading, *wanted = exported()
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["Ledger", "Ledger 2", "Ledger 3"][: len(sizes)]
    found = [list(sheet.iter_rows(values_only=True)) for sheet in book]
    assert [list(sheet[0]) for sheet in found] == [heading] * len(sizes)
    assert [len(sheet) - 1 for sheet in found] == [*sizes[:-1], sizes[-1] + 2]
    assert [row[5] for sheet in found for row in sheet[1:]] == [row[5] for row in wanted]
    assert {sheet.freeze_panes for sheet in book} == {"A2"}
    assert {sheet["E2"].number_format for sheet in book} == {"#,##0.00"}


def test_a_full_sheet_has_room_for_the_totals() -> None:
    assert 1 + ledger.LINES_A_SHEET + len(Stage) + 1 == 1_048_576
