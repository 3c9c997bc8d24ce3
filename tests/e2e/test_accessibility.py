"""No serious fault that axe finds, on the pages where people spend their time."""

import re
from collections.abc import Iterator
from datetime import date
from io import StringIO

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from playwright.sync_api import Browser

from incentives.domain.payouts import due_instalments
from incentives.models import PayoutBatch, RegisterEntry
from reviews.demo import cases, people
from reviews.domain import paying
from reviews.models import Application
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from tests import factories
from tests.e2e.desk import BATCHES, CASES, LEDGER
from tests.e2e.visitor import DESKTOP, PHONE, WIDTH, Visitor

pytestmark = pytest.mark.e2e

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RULES = {"runOnly": {"type": "tag", "values": LEVELS}, "resultTypes": ["violations"]}
ENTRIES = "/admin/incentives/registerentry/"
TITLE = "/programmes/dalian/dl-champion-cultivation/"
REGISTER = "/registers/dalian/dl-champion-cultivation/"
PROGRAMME = "/programmes/qingdao/tech-sme-rd-reward/"
TARGETS = ["/targets/", "/targets/qingdao/qd-sti-hitech-firms/"]


@pytest.fixture
def visitor(browser: Browser, site: str) -> Iterator[Visitor]:
    """Without the site's security policy, because axe is put into the page."""
    context = browser.new_context(base_url=site, locale="zh-CN", bypass_csp=True, viewport=DESKTOP)
    yield Visitor(context.new_page())
    context.close()


@pytest.fixture
def demo(site: str) -> None:
    """Something on every desk."""
    people.make_staff()
    cases.make_cases()


def test_the_public_pages_and_those_of_an_applicant(visitor: Visitor, demo: None) -> None:
    public = ["/", "/programmes/", PROGRAMME, f"{PROGRAMME}eligibility/", "/progress/", *TARGETS]
    public += ["/eligibility/?kind=enterprise", "/publicity/", "/registers/", REGISTER, TITLE]
    faults = faults_of(visitor, [*public, "/accounts/login/"])
    visitor.fits_a_phone(*public)
    visitor.sign_in("clerk@demo.example", people.PASSWORD)
    draft, returned, awarded = (
        case_in(state) for state in (CaseState.DRAFT, CaseState.RETURNED, CaseState.AWARDED)
    )
    own = [f"/cases/{draft}/form/", f"/cases/{draft}/check/", f"/cases/{returned}/form/"]
    own += [f"/cases/{awarded}/", f"/cases/{awarded}/receipt/", "/cases/", "/inbox/", "/parties/"]
    own += [f"/cases/{awarded}/explanation/"]
    entry = RegisterEntry.objects.get(kind="voucher")
    held = f"/held/{entry.party_id}/"
    own += [held, f"{held}{entry.pk}/", f"{held}{entry.pk}/certificate/"]
    own += [f"/cases/{case_in(CaseState.CONCLUDED)}/"]
    assert faults | faults_of(visitor, own) == {}
    visitor.fits_a_phone(*own, *TARGETS)


def test_the_desk_and_the_pages_of_paying(visitor: Visitor, demo: None) -> None:
    batch = exported_batch()
    visitor.sign_in("sti.preparer@demo.example", people.PASSWORD)
    open_ones = [CaseState.ACCEPTED, CaseState.PROPOSED, CaseState.DETERMINED]
    desk = ["/admin/", CASES, *(page_of(state) for state in open_ones)]
    title = RegisterEntry.objects.get(bureau__code="sti", kind="title")
    desk += [ENTRIES, f"{ENTRIES}{title.pk}/change/"]
    faults = faults_of(visitor, desk)
    visitor.fits_a_phone(*desk)
    visitor.page.context.clear_cookies()
    visitor.sign_in("pay.approver@demo.example", people.PASSWORD)
    paying_pages = [BATCHES, f"{BATCHES}{batch.pk}/change/", LEDGER, "/admin/incentives/counter/"]
    assert faults | faults_of(visitor, paying_pages) == {}
    visitor.fits_a_phone(*paying_pages)


POSTS = [
    "sti.preparer", "sti.leader", "pay.approver", "policy.editor", "security", "coordinator",
    "window", "system", "auditor",
]  # fmt: skip


@pytest.mark.nightly
def test_whatever_the_menus_lead_to(visitor: Visitor, demo: None) -> None:
    """Each list, the first row of it and the form that adds to it, on a phone."""
    call_command("demo_data", stdout=StringIO())
    visitor.page.set_viewport_size(PHONE)
    seen: set[str] = set()
    wrong: dict[str, object] = {}
    for post in POSTS:
        visitor.page.context.clear_cookies()
        visitor.sign_in(f"{post}@demo.example", people.PASSWORD)
        for path in pages_behind_the_menu(visitor, seen):
            faults = faults_of(visitor, [path])
            wrong |= {f"{post} {at}": found for at, found in faults.items()}
            if (width := visitor.page.evaluate(WIDTH)) > PHONE["width"]:
                wrong[f"{post} {path} on a phone"] = width
    assert len(seen) > 40
    assert wrong == {}


def pages_behind_the_menu(visitor: Visitor, seen: set[str]) -> Iterator[str]:
    """Pages of one person that nobody before has opened."""
    visitor.open("/admin/")
    for path in ("/admin/", *links(visitor, "#content-main .module a, .queues a")):
        if kind_of(path) in seen:
            continue
        seen.add(kind_of(path))
        yield path
        first = links(visitor, "#result_list tbody th a")[:1]
        for further in first:
            if kind_of(further) not in seen:
                seen.add(kind_of(further))
                yield further


def links(visitor: Visitor, where: str) -> list[str]:
    found = visitor.page.locator(where).evaluate_all("all => all.map(a => a.pathname + a.search)")
    return [path for path in dict.fromkeys(found) if path.startswith("/admin/")]


def kind_of(path: str) -> str:
    """The page whatever its row."""
    return re.sub(r"/\d+/", "/1/", path.partition("?")[0])


def faults_of(visitor: Visitor, paths: list[str]) -> dict[str, list[str]]:
    """Page → the serious faults of it, each with the first place where it stands."""
    found = {}
    for path in paths:
        assert visitor.open(path) == 200, path
        violations = Axe().run(visitor.page, options=RULES).response["violations"]
        if serious := [told(one) for one in violations if one["impact"] in ("serious", "critical")]:
            found[path] = serious
    return found


def told(violation: dict) -> str:
    return f"{violation['id']} at {violation['nodes'][0]['target']}: {violation['help']}"


def case_in(state: CaseState) -> int:
    """Of the firm in Qingdao, as whose clerk the visitor has signed in."""
    own = Application.objects.filter(state=state, city="qingdao", applicant__kind="enterprise")
    return own.latest("id").pk


def page_of(state: CaseState) -> str:
    case = Application.objects.filter(
        state=state, city="qingdao", handling_bureau__code="sti"
    ).latest("id")
    return f"{CASES}{case.pk}/change/"


def exported_batch() -> PayoutBatch:
    city, today = factories.qingdao(), date.max
    preparer, approver = (
        cases.staff_of("qingdao")("finance", role)
        for role in (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER)
    )
    due = [instalment.pk for instalment in due_instalments(city, today)]
    batch = paying.prepare(city=city, instalment_ids=due, user=preparer)
    paying.approve(batch_id=batch.pk, user=approver)
    paying.export(batch_id=batch.pk, user=approver)
    return batch
