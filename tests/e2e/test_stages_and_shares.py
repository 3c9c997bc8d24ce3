"""After the award: a stage is found, an advance is settled, and a budget is shared out."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from applicants.templatetags.huiqi import yuan as shown
from incentives.domain.settings import change_setting
from incentives.models import Award, InstalmentFinding, Programme, ProRata, Recovery, Settlement
from incentives.models.award import Found
from incentives.policy.terms import Instalment
from reviews.admin.recoveries import STEPS as RECOVERING
from reviews.demo import cases, people, rounds, walk
from reviews.domain import awarding
from reviews.domain.assessing import rules
from tests.e2e.applicant import Applicant
from tests.e2e.desk import Officer
from tests.e2e.words import said, yuan
from tests.incentives.domain.test_recoveries import paid
from tests.incentives.factories import make_budget, make_fund

pytestmark = pytest.mark.e2e

AsApplicant = Callable[[str], Applicant]
AsOfficer = Callable[[str], Officer]
CODE = "hitech-first-recognition-award"  # 150,000 yuan, and 10 % of the year's expenses
FINDINGS, SETTLEMENTS = "/admin/incentives/instalmentfinding/", "/admin/incentives/settlement/"
SHARES = "/admin/incentives/prorata/"
SCHEDULE = (
    Instalment(id="first", label={"zh": "首期", "en": "First part"}, share="60%", due="award"),
    Instalment(
        id="rest",
        label={"zh": "验收后余款", "en": "Rest, after the stage is passed"},
        share="rest",
        due={"stage": {"zh": "项目通过验收", "en": "The project passed its final check"}},
    ),
)


@pytest.fixture
def scheduled(monkeypatch: pytest.MonkeyPatch) -> None:
    """No printed programme pays in parts yet: this one does here, when it is awarded."""
    monkeypatch.setattr(
        awarding, "rules", lambda case: rules(case).model_copy(update={"schedule": SCHEDULE})
    )


def advanced(firm: int, expenses: int) -> Award:
    """One firm's award, of which 60 % are paid; the rest waits for its stage."""
    programme = Programme.objects.get(code=CODE)
    clerk, party = rounds.firm(*rounds.FIRMS[firm])
    change_setting(
        city=programme.city, programme=programme, key="publicity_days", value=0,
        basis="实施细则", actor=clerk,
    )  # fmt: skip
    facts = walk.example_facts(programme)[0] | {"certificate_number": f"GR2020371{firm:05d}"}
    facts["rd_expenses"] = str(expenses)
    case = walk.draft(party=party, programme=programme, clerk=clerk, facts=facts)
    cases.awarded(case, {})
    case.refresh_from_db()
    return paid(Award.objects.get(case_number=case.number))


def wrong_fields(person: Officer) -> list[str]:
    """The names of the fields that are said to be wrong, each with what to write instead."""
    expect(person.page.locator(".error-summary")).to_be_visible()
    marked = person.page.locator(".field--error")
    for field in marked.all():
        expect(field.locator(".field__error")).not_to_be_empty()
    return list(
        dict.fromkeys(
            marked.locator("[name]").evaluate_all("fields => fields.map(one => one.name)")
        )
    )


def later(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


@pytest.mark.usefixtures("scheduled")
def test_a_stage_is_found_confirmed_and_read(
    applicant: AsApplicant, officer: AsOfficer, paper: Path, tmp_path: Path
) -> None:
    preparer, approver = officer("sti.preparer"), officer("sti.approver")
    award = advanced(0, expenses=2_000_000)
    number, part = award.case_number, award.instalments.get(due_kind="stage")
    preparer.open_case(number)
    preparer.fits_a_phone()
    preparer.follow("Find on this instalment")
    find_wrongly(preparer, part.amount, tmp_path)
    preparer.fill(found="partly", amount="1000.00", due_on=later(10), document=paper)
    preparer.press("Submit for confirmation")
    preparer.is_told("Found; another of the bureau confirms it.")
    expect(preparer.page.get_by_role("button", name=said("Confirm the finding"))).to_have_count(0)
    approver.open_case(number)
    approver.follow(Found.PARTLY.label)
    file = approver.download(approver.page.get_by_role("link", name=paper.name))
    assert file.read_bytes() == paper.read_bytes()
    approver.press("Confirm the finding")
    approver.reads(yuan(1000))
    finding = InstalmentFinding.objects.get()
    approver.fits_a_phone(FINDINGS, f"{FINDINGS}{finding.pk}/change/", f"{FINDINGS}add/")
    clerk = applicant("project.clerk@demo.example")
    clerk.open_case(number)
    for words in ("通过两项，一项延期", yuan(1000), shown(part.amount), "验收后余款"):
        clerk.reads(words)
    clerk.does_not_read(paper.name)
    clerk.fits_a_phone()
    assert any(number in title for title in clerk.titles_of_messages())


def find_wrongly(preparer: Officer, whole: Decimal, folder: Path) -> None:
    """Each mistake is said at its field, and what was typed beside it stays."""
    preparer.fill(reason="通过两项，一项延期", due_on="")
    preparer.press("Submit for confirmation")
    assert wrong_fields(preparer) == ["found"]
    program = folder / "setup.exe"
    program.write_bytes(b"MZ\x90\x00")
    for wrong, values in {
        "amount": {"amount": whole, "due_on": later(10)},
        "due_on": {"amount": "1000.00", "due_on": ""},
        "document": {"due_on": later(10), "document": program},
    }.items():
        preparer.fill(found="partly", **values)
        preparer.press("Submit for confirmation")
        assert wrong_fields(preparer) == [wrong]
        expect(preparer.page.locator("[name=reason]")).to_have_value("通过两项，一项延期")
        expect(preparer.page.locator("[name=found][value=partly]")).to_be_checked()


@pytest.mark.usefixtures("scheduled")
def test_an_advance_is_settled_below_and_above_what_was_awarded(
    applicant: AsApplicant, officer: AsOfficer
) -> None:
    preparer, approver = officer("sti.preparer"), officer("sti.approver")
    less, more = advanced(0, expenses=3_000_000), advanced(1, expenses=1_000_000)
    advance = less.instalments.get(number=1).amount
    settle_wrongly(preparer, less.case_number)
    settle(preparer, approver, expenses=0)
    back = Recovery.objects.get()
    assert back.amount == advance - 150_000
    approver.reads(back.number)
    finance = officer("pay.approver")
    finance.open(f"/admin/incentives/recovery/{back.pk}/change/")
    finance.reads(shown(back.amount))
    finance.press(RECOVERING["demand"].words)
    finance.is_told(said("Done: %s.") % said(RECOVERING["demand"].words))
    preparer.open_case(more.case_number)
    preparer.follow("Settle the advance on audited figures")
    settle(preparer, approver, expenses=3_000_000)
    settled = Settlement.objects.get(award=more)
    approver.reads(yuan(450_000))
    assert settled.granted == 450_000 - more.amount
    pages = (f"{SETTLEMENTS}{settled.pk}/change/", SETTLEMENTS, f"{SETTLEMENTS}add/")
    approver.fits_a_phone(pages[0], pages[1])
    preparer.fits_a_phone(pages[2])
    clerk = applicant("project.clerk@demo.example")
    clerk.open_case(less.case_number)
    clerk.reads(yuan(120_000))
    clerk.does_not_read("Everything is paid.")
    clerk.fits_a_phone()
    clerk.open_case(more.case_number)
    clerk.reads(yuan(450_000))
    clerk.reads("审字〔2027〕1号")
    clerk.fits_a_phone()


def settle_wrongly(preparer: Officer, number: str) -> None:
    """From a mistyped number to the form of the case; nothing that was typed is lost."""
    preparer.open_case(number)  # and declares to have no interest in it
    preparer.open(f"{SETTLEMENTS}add/")
    preparer.fill(case="QD-0000")
    preparer.press("Open")
    assert wrong_fields(preparer) == ["case"]
    preparer.fill(case=number)
    preparer.press("Open")
    preparer.press("Submit for approval")
    assert wrong_fields(preparer) == ["due_on", "reason"]
    preparer.fill(fact_rd_expenses="很多", due_on=later(30), reason="审字〔2027〕1号")
    preparer.press("Submit for approval")
    assert wrong_fields(preparer) == ["fact_rd_expenses"]
    preparer.fill(fact_rd_expenses="0", due_on=later(-1))
    preparer.press("Submit for approval")
    assert wrong_fields(preparer) == ["due_on"]
    expect(preparer.page.locator("[name=reason]")).to_have_value("审字〔2027〕1号")


def settle(preparer: Officer, approver: Officer, *, expenses: int) -> None:
    preparer.fill(fact_rd_expenses=expenses, due_on=later(30), reason="审字〔2027〕1号")
    preparer.press("Submit for approval")
    preparer.is_told("Prepared; another of the bureau approves it.")
    expect(preparer.page.get_by_role("button", name=said("Approve the settlement"))).to_have_count(
        0
    )
    made = Settlement.objects.latest("pk")
    approver.open_case(made.award.case_number)
    approver.follow(shown(made.entitled))
    approver.press("Approve the settlement")
    approver.is_told(said("Done: %s.") % said("Approve the settlement"))


def test_three_cases_share_what_a_budget_has(applicant: AsApplicant, officer: AsOfficer) -> None:
    approver = officer("sti.approver")
    approver.open(f"{SHARES}add/")
    approver.reads("No budget of this year is given pro rata to programmes of your bureau.")
    waiting = three_that_wait("100000.01")
    clerk = applicant("project.clerk@demo.example")
    approver.open(f"{SHARES}add/")
    approver.press("Show what waits")
    for number in waiting:
        approver.reads(number)
    approver.reads("100,000.01 元")
    approver.fits_a_phone()
    approver.press("Share out")
    approver.is_told("Shared out; each share is reserved.")
    made = ProRata.objects.get()
    for line in made.lines.all():
        approver.reads(shown(line.share))
    approver.fits_a_phone(SHARES, f"{SHARES}{made.pk}/change/", f"{SHARES}add/")
    clerk.open_case(waiting[0])
    for amount in ("33,333.34 元", "100,000.01 元"):  # the share, and what all of them shared
        clerk.reads(amount)
    clerk.fits_a_phone()


def three_that_wait(planned: str) -> list[str]:
    """Signed determinations of three firms, and a budget that is too small for them."""
    programme = Programme.objects.get(code=CODE)
    make_budget(
        planned, year=timezone.localdate().year, fund=make_fund(programme), allotment="pro_rata"
    )
    numbers = []
    for firm in range(3):
        clerk, party = rounds.firm(*rounds.FIRMS[firm])
        facts = walk.example_facts(programme)[0] | {"certificate_number": f"GR2020371{firm:05d}"}
        case = walk.draft(party=party, programme=programme, clerk=clerk, facts=facts)
        cases.proposed(case, {})
        walk.approve(case, cases.staff_of(people.CITY))
        case.refresh_from_db()
        numbers.append(str(case.number))
    return numbers
