"""Eyes it is not for, wrong passwords, and a role that has ended."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from reviews.admin.doors import DOORS
from reviews.demo import people
from reviews.models import Application, StaffRole
from tests import factories
from tests.e2e.applicant import Applicant
from tests.e2e.desk import CASES, Officer

pytestmark = pytest.mark.e2e

AsApplicant = Callable[..., Applicant]
AsOfficer = Callable[[str], Officer]
PROGRAMME = "hitech-renewal-award"  # of sti; miit and housing have no part in it


@pytest.fixture
def case(site: str, officer: AsOfficer) -> Application:
    """Submitted by somebody else."""
    return factories.submitted(factories.Cast(PROGRAMME))


def test_a_case_does_not_exist_for_a_stranger(applicant: AsApplicant, case: Application) -> None:
    people.user("stranger@demo.example", "路人")
    stranger = applicant("stranger@demo.example")
    for page in ("", "form/", "check/", "receipt/", "withdraw/", "payees/"):
        assert stranger.open(f"/cases/{case.pk}/{page}") == 404
        stranger.reads("Page not found")
    paper = case.evidence.first().document_id
    assert stranger.open(f"/documents/{paper}/") == 404
    passer_by = applicant()
    passer_by.open(f"/cases/{case.pk}/")
    assert "/accounts/login/" in passer_by.page.url


def test_a_case_does_not_exist_for_another_bureau(officer: AsOfficer, case: Application) -> None:
    own, other = officer("sti.preparer"), officer("housing.preparer")
    assert own.sees_cases(case.number) == [case.number]
    assert other.sees_cases(case.number) == []
    assert other.sees_cases() == []
    assert other.open(f"{CASES}{case.pk}/change/") == 404
    paper = case.evidence.first().document_id
    assert other.open(f"/documents/{paper}/") == 404


def test_an_applicant_has_no_desk(applicant: AsApplicant, case: Application) -> None:
    clerk = applicant(case.started_by.email, factories.PASSWORD)
    clerk.open(f"{CASES}{case.pk}/change/")
    expect(clerk.page.locator(".case__number")).to_have_count(0)


def test_a_name_is_locked_after_five_wrong_passwords(applicant: AsApplicant, site: str) -> None:
    people.user("careless@demo.example", "示范企业 经办")
    visitor = applicant()
    for _attempt in range(5):
        visitor.sign_in("careless@demo.example", "not the right one")
    visitor.reads("Too many attempts")
    visitor.sign_in("careless@demo.example", people.PASSWORD)
    visitor.reads("Too many attempts")
    visitor.open("/cases/")
    assert "/accounts/login/" in visitor.page.url


def test_a_role_that_has_ended_opens_nothing_at_the_next_request(
    officer: AsOfficer, case: Application
) -> None:
    reviewer = officer("sti.preparer")
    reviewer.open_case(case.number)
    StaffRole.objects.filter(user__email="sti.preparer@demo.example").update(is_active=False)
    reviewer.step("accept").locator("summary").click()
    reviewer.press(DOORS["accept"].button, reviewer.step("accept"))
    expect(reviewer.page.locator(".case__number")).to_have_count(0)
    case.refresh_from_db()
    assert case.state == "submitted"
    assert reviewer.open(CASES) == 403
    assert reviewer.open("/admin/") == 200
    reviewer.reads("You hold no role at present; ask the security administrator.")
