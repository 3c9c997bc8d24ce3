"""Journeys: the real site on a database of its own, and the system's Chromium.

`site` is the address; `page` a Chinese-speaking browser, `new_page` makes more (other people).
A page with an error in its console, such as a broken security policy, fails its journey.
"""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, sync_playwright
from pytest_django.live_server_helper import LiveServer

# Playwright runs an event loop in this thread; the ORM beside it is used by the test alone.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture
def site(committed_db: None) -> Iterator[str]:
    server = LiveServer("localhost")
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "Chromium is not installed (Debian: apt-get install chromium)"
    no_sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # as root it has none
    browser = playwright.chromium.launch(executable_path=program, args=no_sandbox)
    yield browser
    browser.close()


@pytest.fixture
def new_page(browser: Browser, site: str) -> Iterator[Callable[[], Page]]:
    """Each page is another person: with cookies of its own."""
    contexts, complaints = [], []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"{message.text} ({message.location.get('url')})")

    def make() -> Page:
        context = browser.new_context(base_url=site, locale="zh-CN", accept_downloads=True)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(new_page: Callable[[], Page]) -> Page:
    return new_page()
