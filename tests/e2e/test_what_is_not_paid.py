"""A recognition from application to the public register, and a voucher from issue to redemption."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from incentives.domain.settings import change_setting
from incentives.models import Award, Programme, RegisterEntry
from reviews.admin.register_forms import STEP_DOORS
from reviews.demo import people, walk
from reviews.demo.cases import entered
from tests.e2e import offstage
from tests.e2e.applicant import Applicant
from tests.e2e.desk import Officer
from tests.e2e.words import said, yuan

pytestmark = pytest.mark.e2e

CODE = "dl-champion-cultivation"
ENTRIES = "/admin/incentives/registerentry/"
NAME = "示范制造企业（演示）"


def set_for(programme: Programme, **values: object) -> None:
    clerk, _party = people.make_enterprise(programme.city_id)
    for key, value in values.items():
        change_setting(
            city=programme.city,
            programme=programme,
            key=key,
            value=value,
            basis="实施细则",
            actor=clerk,
        )


def test_a_recognition_reaches_the_public_register(
    applicant: Callable[..., Applicant], officer: Callable[[str], Officer], paper: Path
) -> None:
    set_for(Programme.objects.get(code=CODE), publicity_days=0)
    clerk = applicant("dl.clerk@demo.example")
    number = apply(clerk, paper)
    preparer, approver = officer("dl.miit.preparer"), officer("dl.miit.approver")
    offstage.reviewed(number)
    preparer.open_case(number)
    preparer.does_not_read("Amount by the rules")
    preparer.act("propose", outcome="award", reason="符合培育条件。")
    approver.open_case(number)
    approver.act("approve")
    assert officer("dl.pay.preparer").sees_cases(number) == []
    preparer.open_case(number)
    preparer.act("publish")
    seen_in_publicity(applicant())
    approver.open_case(number)
    approver.act("conclude", reason="认定文件")
    entry = RegisterEntry.objects.get(case_number=number)
    seen_in_the_register(applicant(), entry)
    held_by(clerk, entry)
    assert officer("miit.approver").sees_cases(number) == []


def apply(clerk: Applicant, paper: Path) -> str:
    clerk.start(CODE, "dalian")
    assert clerk.page.locator("[name=account]").count() == 0
    clerk.state_facts(title_sought="champion", main_product="精密磨削主轴")
    clerk.state_facts(main_product_revenue="120000000", rd_expense="9000000")
    clerk.upload_everywhere(paper)
    clerk.check_answers()
    clerk.does_not_read("Bank account")
    number = clerk.submit()
    assert number.startswith("DL-")
    clerk.fits_a_phone()
    return number


def seen_in_publicity(passer_by: Applicant) -> None:
    passer_by.open("/publicity/")
    passer_by.page.locator(".card__title a").first.click()
    for words in (NAME, "市级培育企业"):
        expect(passer_by.main).to_contain_text(words)
    expect(passer_by.main).not_to_contain_text("0.00")
    passer_by.fits_a_phone()


def seen_in_the_register(passer_by: Applicant, entry: RegisterEntry) -> None:
    passer_by.open("/registers/?city=qingdao")
    expect(passer_by.main).not_to_contain_text("市级培育企业")
    passer_by.open("/registers/")
    passer_by.follow("市级培育企业")
    for words in (NAME, entry.number, "单项冠军企业", entry.party.uscc or ""):
        expect(passer_by.main).to_contain_text(words)
    with passer_by.page.expect_download() as waiting:
        passer_by.follow("Download as CSV")
    assert entry.number in Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    passer_by.fits_a_phone("/registers/", f"/registers/dalian/{CODE}/")


def held_by(clerk: Applicant, entry: RegisterEntry) -> None:
    clerk.open(f"/parties/{entry.party_id}/")
    clerk.follow("See what we hold")
    clerk.follow("市级培育企业")
    clerk.follow("Certificate to print")
    for words in (NAME, entry.number, "大连市"):
        expect(clerk.main).to_contain_text(words)
    clerk.fits_a_phone(f"/held/{entry.party_id}/", f"/held/{entry.party_id}/{entry.pk}/")
    assert any(entry.number in title for title in clerk.titles_of_messages())


def test_a_voucher_is_redeemed(
    applicant: Callable[..., Applicant], officer: Callable[[str], Officer]
) -> None:
    approver = officer("sti.approver")
    entry = issued()
    approver.open(f"{ENTRIES}{entry.pk}/change/")
    approver.reads(yuan(200_000))
    redeem(approver, "200000.01")
    expect(approver.main).to_contain_text("200000.00")
    approver.fill(**{"redeem-amount": "150000"})
    approver.press(STEP_DOORS["redeem"].button)
    expect(approver.page.locator(".messagelist")).to_contain_text(said(STEP_DOORS["redeem"].done))
    approver.fits_a_phone()
    award = Award.objects.get(case_number=entry.case_number)
    assert (award.state, award.amount) == ("committed", Decimal("150000.00"))
    clerk = applicant("clerk@demo.example")
    clerk.open_case(entry.case_number)
    clerk.reads(yuan(150_000))
    clerk.reads(yuan(200_000))


def redeem(approver: Officer, amount: str) -> None:
    approver.page.locator("#redeem summary").click()
    approver.fill(**{"redeem-amount": amount, "redeem-note": "服务合同和发票"})
    approver.press(STEP_DOORS["redeem"].button)


def issued() -> RegisterEntry:
    programme = Programme.objects.get(code="innovation-voucher-qd")
    facts, choices, settings = walk.example(programme)
    set_for(programme, publicity_days=0, **settings)
    clerk, party = people.make_enterprise()
    case = walk.draft(party=party, programme=programme, clerk=clerk, facts=facts)
    entered(case, choices)
    return RegisterEntry.objects.get(case_number=case.number)
