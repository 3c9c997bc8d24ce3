"""A person may apply too, and is shown to the public without a name."""

from collections.abc import Callable
from pathlib import Path

import pytest

from reviews.demo import walk
from tests.e2e import offstage
from tests.e2e.applicant import Applicant
from tests.e2e.desk import Officer
from tests.e2e.words import yuan

pytestmark = pytest.mark.e2e

EMAIL, PASSWORD = "doctor@demo.example", "a passphrase of one's own"
NAME = "示范人才"


def test_a_person_applies(
    applicant: Callable[..., Applicant], officer: Callable[[str], Officer], paper: Path
) -> None:
    person = applicant()
    register(person, identity := walk.identity())
    number = apply(person, paper)
    offstage.reviewed(number)
    preparer, approver = officer("hr.preparer"), officer("hr.approver")
    preparer.open_case(number)
    preparer.does_not_read(identity)
    preparer.act("propose", outcome="award", reason="博士，首套商品住房。")
    approver.open_case(number)
    approver.act("approve")
    finance = officer("pay.preparer")
    finance.open_case(number)
    finance.act("check", note="账户和重复享受已核查。")
    preparer.open_case(number)
    preparer.act("publish")
    seen_by_the_public(applicant())
    person.open_case(number)
    person.sees_state("in publicity")
    person.fits_a_phone()


def register(person: Applicant, identity: str) -> None:
    """The last digit of the number mistyped at first."""
    person.sign_up(EMAIL, PASSWORD)
    person.open("/parties/register-person/")
    wrong = identity[:-1] + ("1" if identity[-1] != "1" else "2")
    person.fill(name=NAME, id_number=wrong)
    person.press("Register")
    assert person.page.locator(".field--error [name=id_number]").input_value() == wrong
    person.fill(id_number=identity)
    person.press("Register")
    person.does_not_read(identity)
    person.follow("Enter the account")
    person.fill(bank="示范银行青岛分行", number="6222000099998888777")
    person.press("Use this account")


def apply(person: Applicant, paper: Path) -> str:
    person.start("settling-in-allowance")
    person.state_facts(degree="doctor", working_in_qingdao="true", first_commercial_home="true")
    person.state_facts(purchase_date="2025-03-20", home_certificate_number="LD-2025-000123")
    person.upload_everywhere(paper)
    person.check_answers()
    person.reads(yuan(150_000))
    return person.submit()


def seen_by_the_public(passer_by: Applicant) -> None:
    passer_by.open("/publicity/")
    passer_by.page.locator(".card__title a").first.click()
    passer_by.reads(NAME[0] + "*" * (len(NAME) - 1))
    passer_by.does_not_read(NAME)
    passer_by.reads(yuan(150_000))
