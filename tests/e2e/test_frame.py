import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.e2e


def test_the_sign_in_page_speaks_chinese_and_loads_nothing_from_elsewhere(
    page: Page, site: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/accounts/login/")
    assert page.locator("html").get_attribute("lang") == "zh-hans"
    assert [address for address in asked if not address.startswith(site)] == []


def test_the_sign_in_page_of_the_admin_keeps_to_the_strict_policy(page: Page) -> None:
    page.goto("/admin/")
    assert page.locator("input[name=password]").count() == 1
