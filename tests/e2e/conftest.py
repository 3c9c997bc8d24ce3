"""Journeys: the real site on a database of its own, and the system's Chromium.

`site` is the address; `new_page` makes a Chinese-speaking browser of its own for each person, and
`clerk`, `officer` put somebody before it. A journey fails when any page of it has an error in its
console, such as a broken security policy, or when the server fails.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Response, sync_playwright
from pytest_django.live_server_helper import LiveServer

from reviews.demo import people
from reviews.demo.paper import one_page_pdf
from tests.e2e.applicant import Applicant
from tests.e2e.desk import Officer
from tests.e2e.visitor import DESKTOP

# Playwright runs an event loop in this thread; the ORM beside it is used by the test alone.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
ARGUMENTS = [
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOADED_BADLY = "Failed to load resource"  # told better by the answer itself, see `watch`


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
    browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS + no_sandbox)
    yield browser
    browser.close()


@pytest.fixture
def new_page(browser: Browser, site: str) -> Iterator[Callable[[], Page]]:
    """Each page is another person: with cookies of its own."""
    contexts, complaints = [], []

    def make() -> Page:
        context = browser.new_context(
            base_url=site, locale="zh-CN", accept_downloads=True, viewport=DESKTOP
        )
        context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": site}])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        watch(page, complaints)
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def watch(page: Page, complaints: list[str]) -> None:
    """Note errors in the console, failures of the server and parts of a page that are missing."""

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(LOADED_BADLY):
            complaints.append(f"{message.text} ({message.location.get('url')})")

    def look_at(answer: Response) -> None:
        part = not answer.request.is_navigation_request()
        if answer.status >= 500 or (part and answer.status >= 400):
            complaints.append(f"{answer.status} {answer.request.method} {answer.url}")

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("response", look_at)


@pytest.fixture
def page(new_page: Callable[[], Page]) -> Page:
    return new_page()


@pytest.fixture
def applicant(new_page: Callable[[], Page]) -> Callable[[str], Applicant]:
    """Somebody who has an account, signed in; without an address somebody passing by."""

    def enter(email: str = "", password: str = people.PASSWORD) -> Applicant:
        visitor = Applicant(new_page())
        if email:
            visitor.sign_in(email, password)
        return visitor

    return enter


@pytest.fixture
def officer(new_page: Callable[[], Page], site: str) -> Callable[[str], Officer]:
    """Staff of every bureau, by the name of their post: `drc.preparer`. Once in, they stay."""
    people.make_staff()
    present: dict[str, Officer] = {}

    def at(post: str) -> Officer:
        if post not in present:
            present[post] = Officer(new_page())
            present[post].sign_in(f"{post}@demo.example", people.PASSWORD)
        return present[post]

    return at


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """A PDF to upload."""
    file = tmp_path / "认定文件.pdf"
    file.write_bytes(one_page_pdf("Notice of recognition"))
    return file
