import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.e2e


def test_the_api_can_be_read_in_a_browser_without_a_complaint(page: Page) -> None:
    """A breach of the policy is an error in the console, which fails the journey."""
    page.goto("/api/docs/")
    expect(page.get_by_text("/api/programmes/", exact=True)).to_be_visible()
