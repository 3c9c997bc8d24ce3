"""One promise kept: an enterprise applies for a printed award, and is paid to the fen."""

import csv
import hashlib
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import expect
from stdnum.cn import uscc

from reviews.models import Application
from tests.e2e.applicant import Applicant
from tests.e2e.desk import LEDGER, Officer
from tests.e2e.words import said
from tests.factories import publicity_end

pytestmark = pytest.mark.e2e

EMAIL, PASSWORD = "new.clerk@demo.example", "a passphrase of one's own"
CODE = "91370212MA3DEF001" + uscc.calc_check_digit("91370212MA3DEF001")
ENTERPRISE, ACCOUNT = "海岸仪器有限公司", "6217000012345678901"
PROGRAMME, PRINTED = "tech-sme-rd-reward", "科技型中小企业研发奖励"
EXPENSES, AWARD = "12,345,678.90", Decimal("617283.95")  # 5 %, half up to the fen
SHOWN = "617,283.95 元"

AsApplicant = Callable[[str], Applicant]
AsOfficer = Callable[[str], Officer]


def test_from_registration_to_the_ledger(
    applicant: Callable[[], Applicant], officer: AsOfficer, paper: Path
) -> None:
    clerk = applicant()
    register(clerk)
    look_whether_it_fits(clerk)
    number, code = apply(clerk, paper)
    review(number, officer)
    publish(number, officer, passer_by := applicant())
    with time_machine.travel(a_day_after_publicity(number), tick=True):
        award(number, officer)
        batch = pay(number, officer)
        line_of_the_ledger(officer("pay.approver"))
        told_that_it_is_paid(clerk, number, batch)
        seen_without_signing_in(passer_by, number, code)
    clerk.fits_a_phone(*pages_of(clerk, number))


def register(clerk: Applicant) -> None:
    clerk.sign_up(EMAIL, PASSWORD)
    clerk.open("/parties/register/")
    clerk.fill(uscc=full_width(CODE.lower()), kind="enterprise", name=ENTERPRISE)
    clerk.press("Register")
    clerk.reads(CODE)
    clerk.follow("Enter the account")
    clerk.fill(bank="示范银行青岛分行", number="6217 0000 1234 5678 901")
    clerk.press("Use this account")
    clerk.does_not_read(ACCOUNT)
    clerk.reads(ACCOUNT[-4:])


def look_whether_it_fits(clerk: Applicant) -> None:
    clerk.follow("Open the profile")
    clerk.state_facts(registered_in_qingdao="true", registration_date="2019-05-06")
    clerk.press("Save")
    clerk.reads("The profile is saved.")
    clerk.find_programme(PRINTED)
    clerk.reads("每年最高给予100万元奖励")
    clerk.follow("Could we get this?")
    last_year = timezone.localdate().year - 1
    clerk.state_facts(expense_year=last_year, technology_sme="true", rd_expenses=EXPENSES)
    clerk.press("Assess")
    clerk.reads(SHOWN)


def apply(clerk: Applicant, paper: Path) -> tuple[str, str]:
    """With a slip of the pen at first; what was right beside it stays."""
    clerk.start(PROGRAMME)
    last_year = timezone.localdate().year - 1
    clerk.state_facts(expense_year=last_year, technology_sme="true", rd_expenses="一千多万")
    clerk.press("Save and check")
    wrong = clerk.page.locator(".field--error")
    expect(wrong).to_have_count(1)
    expect(wrong.locator('[name="fact-rd_expenses"]')).to_have_value("一千多万")
    expect(clerk.page.locator('[name="fact-expense_year"]')).to_have_value(str(last_year))
    expect(clerk.page.locator('[name="fact-technology_sme"][value="true"]')).to_be_checked()
    clerk.state_facts(rd_expenses=EXPENSES)
    clerk.upload_everywhere(paper)
    clerk.check_answers()
    clerk.reads(paper.name)
    clerk.reads(SHOWN)
    number = clerk.submit()
    return number, clerk.page.locator(".mono").first.inner_text()


def review(number: str, officer: AsOfficer) -> None:
    handling = officer("sti.preparer")
    handling.open_case(number)
    handling.act("accept")
    for bureau in ("miit", "finance"):
        give_opinion(number, officer(f"{bureau}.preparer"), officer(f"{bureau}.approver"))
    handling.open_case(number)
    assert not handling.may("propose")
    handling.act("confirm_facts", all_declared=True)
    handling.act("propose", outcome="award", reason="材料齐全，符合条款规定的条件。")
    assert not handling.may("approve")
    approver = officer("sti.approver")
    approver.open_case(number)
    approver.act("approve")
    approver.reads(SHOWN)
    finance = officer("pay.preparer")
    finance.open_case(number)
    finance.act("check", note="账户、资金来源、重复享受和信用情况已核查。")


def give_opinion(number: str, preparer: Officer, approver: Officer) -> None:
    preparer.open_case(number)
    preparer.act("prepare_opinion", position="agree", text="同意。")
    assert not preparer.may("approve_opinion")
    approver.open_case(number)
    approver.act("approve_opinion")


def publish(number: str, officer: AsOfficer, passer_by: Applicant) -> None:
    handling = officer("sti.preparer")
    handling.open_case(number)
    handling.act("publish")
    passer_by.open("/publicity/")
    passer_by.page.locator(".card__title a").first.click()
    passer_by.reads(ENTERPRISE)
    passer_by.reads(SHOWN)
    for private in (EMAIL, CODE, ACCOUNT[-4:], number):
        passer_by.does_not_read(private)
    approver = officer("sti.approver")
    approver.open_case(number)
    assert not approver.may("award")


def a_day_after_publicity(number: str) -> str:
    end = publicity_end(Application.objects.get(number=number))
    return f"{end + timedelta(days=1)}T09:30:00+08:00"


def award(number: str, officer: AsOfficer) -> None:
    approver = officer("sti.approver")
    approver.open_case(number)
    approver.act("award", reason="青科奖〔示范〕1号")


def pay(number: str, officer: AsOfficer) -> str:
    """The number of the batch, exported and answered by the bank."""
    preparer, approver = officer("pay.preparer"), officer("pay.approver")
    batch = preparer.prepare_batch(number)
    expect(preparer.page.get_by_role("button", name=said("Approve the batch"))).to_have_count(0)
    approver.open_batch(batch)
    approver.press("Approve the batch")
    approver.confirm_anew()
    approver.press("Export the payout files")
    files_hold_the_award(approver, number, batch)
    approver.fill(all_paid=True)
    approver.press("Record the bank's answers")
    approver.reads("The bank's answers are recorded.")
    return batch


def files_hold_the_award(officer: Officer, number: str, batch: str) -> None:
    files = {}
    for row in officer.page.get_by_role("row").filter(has_text="SHA-256").all():
        link = row.get_by_role("link")
        files[link.inner_text().rsplit(".")[-1]] = file = officer.download(link)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        assert row.locator(".digest").inner_text() == digest
    assert set(files) == {"csv", "xlsx"}
    purpose = f"奖励 {PRINTED}"
    with files["csv"].open(encoding="utf-8-sig", newline="") as file:
        _headings, line, total = csv.reader(file)
    holder = [ENTERPRISE, ENTERPRISE, "示范银行青岛分行", "", f"'{ACCOUNT}"]
    assert line == ["1", *holder, str(AWARD), purpose, number]
    assert (total[6], total[8]) == (str(AWARD), batch)
    book = openpyxl.load_workbook(BytesIO(files["xlsx"].read_bytes()))
    sheet = book.worksheets[0]
    _headings, line, total = (list(row) for row in sheet.iter_rows(values_only=True))
    holder = [ENTERPRISE, ENTERPRISE, "示范银行青岛分行", None, ACCOUNT]
    assert line == [1, *holder, float(AWARD), purpose, number]
    assert (total[6], total[8]) == (float(AWARD), batch)


def line_of_the_ledger(officer: Officer) -> None:
    officer.open(LEDGER)
    officer.fill(applicant=ENTERPRISE, stage="paid")
    officer.press("Filter")
    file = officer.download(officer.page.get_by_role("link", name=said("Export as CSV")))
    with file.open(encoding="utf-8-sig", newline="") as table:
        lines = list(csv.DictReader(table))
    whom, amount = said("Credit code or identity number"), said("Amount (yuan)")
    paid = [line for line in lines if line[whom] == CODE]
    assert [Decimal(line[amount]) for line in paid] == [AWARD]
    assert [line[said("Payee")] for line in paid] == [ENTERPRISE]


def told_that_it_is_paid(clerk: Applicant, number: str, batch: str) -> None:
    clerk.open_case(number)
    clerk.reads(SHOWN)
    clerk.sees_state("paid")
    clerk.does_not_read(batch)
    assert len(clerk.titles_of_messages()) >= 4  # accepted, published, awarded, paid


def seen_without_signing_in(passer_by: Applicant, number: str, code: str) -> None:
    passer_by.open("/progress/")
    passer_by.fill(number=number, code=code)
    passer_by.press("Show")
    passer_by.reads(number)
    passer_by.does_not_read(ENTERPRISE)


def pages_of(clerk: Applicant, number: str) -> list[str]:
    clerk.open_case(number)
    programme = f"/programmes/qingdao/{PROGRAMME}/"
    own = ("/", "/cases/", "/inbox/", "/parties/", "/progress/", "/publicity/", "/eligibility/")
    return [*own, "/programmes/", programme, f"{programme}eligibility/", clerk.page.url]


def full_width(text: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) for character in text)
