import pytest
from playwright.sync_api import Page, expect

from tests import factories

pytestmark = pytest.mark.e2e


def test_the_api_can_be_read_in_a_browser_without_a_complaint(page: Page) -> None:
    """A breach of the policy is an error in the console, which fails the journey."""
    user = factories.make_user()
    page.goto("/accounts/login/?next=/api/docs/")
    page.locator("[name=login]").fill(user.email)
    page.locator("[name=password]").fill(factories.PASSWORD)
    page.locator("[name=password]").press("Enter")
    for tag, path in (("accounts", "/api/accounts/"), ("programmes", "/api/programmes/")):
        page.get_by_role("link", name=tag, exact=True).click()
        expect(page.get_by_text(path, exact=True)).to_be_visible()
