"""A case as its applicant, a stranger, a member of staff and the public see it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applicants.models import Event
from reviews.domain import acceptance
from reviews.models import Application
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast

pytestmark = pytest.mark.django_db

SME = "tech-sme-rd-reward"
CUT = (
    "Cut by “At most 300,000 yuan for a project” by CNY 100,000.00: limit CNY 300,000.00, "
    "used CNY 200,000.00, left CNY 100,000.00."
)
OWN_PAGES = ["case", "form", "payees", "check", "receipt", "withdraw"]


@pytest.fixture(autouse=True)
def _private_files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def cast(client: Client) -> Cast:
    found = Cast(SME)
    client.force_login(found.clerk)
    client.cookies["django_language"] = "en"
    return found


def address(name: str, case: Application) -> str:
    return reverse(f"reviews:{name}", args=[case.pk])


def returned(cast: Cast) -> Application:
    case = factories.submitted(cast)
    reviewer = cast.of(cast.handling, Role.PREPARER)
    acceptance.return_case(case_id=case.pk, user=reviewer, reason="The tax return is unreadable.")
    return factories.fresh(case)


@pytest.mark.parametrize("name", OWN_PAGES)
def test_a_stranger_finds_nothing_and_nobody_signs_in_first(client: Client, name: str) -> None:
    case = factories.draft(Cast(SME))
    page = address(name, case)
    assert client.get(page).url == f"/accounts/login/?next={page}"
    client.force_login(Cast(SME).clerk)
    assert client.get(page).status_code == 404
    assert client.post(page, {"declaration": "on"}).status_code == 404
    assert factories.fresh(case).state == CaseState.DRAFT


def test_a_former_member_finds_nothing(client: Client, cast: Cast) -> None:
    case = factories.draft(cast)
    assert client.get(address("case", case)).status_code == 200
    cast.party.membership_set.update(is_active=False)
    assert client.get(address("case", case)).status_code == 404


def test_the_reason_of_a_return_stands_on_top_of_the_form(client: Client, cast: Cast) -> None:
    case = returned(cast)
    for name in ("form", "case", "check"):
        assert "The tax return is unreadable." in client.get(address(name, case)).content.decode()
    client.post(address("check", case), {"declaration": "on"})
    assert factories.fresh(case).state == CaseState.SUBMITTED
    told = [one.says for one in client.get(address("case", case)).context["timeline"]]
    assert told == [
        "Draft started",
        "Submitted",
        "Returned to be supplemented",
        f"Letter issued {case.letters.get().number}",
        "Supplemented and submitted again",
    ]


def test_a_filed_case_is_not_changed_by_an_old_page(client: Client, cast: Cast) -> None:
    case = factories.submitted(cast)
    before = dict(case.facts.values_list("key", "declared"))
    answer = client.post(address("form", case), {"fact-rd_expenses": "1", "action": "save"})
    assert answer.url == address("case", case)
    assert dict(case.facts.values_list("key", "declared")) == before


def test_withdrawing_asks_first(client: Client, cast: Cast) -> None:
    case = factories.submitted(cast)
    assert client.get(address("withdraw", case)).status_code == 200
    assert factories.fresh(case).state == CaseState.SUBMITTED
    client.post(address("withdraw", case), {"reason": "filed twice"})
    assert factories.fresh(case).state == CaseState.WITHDRAWN
    assert client.post(address("withdraw", case)).url == address("case", case)


def test_a_proposal_and_opinions_are_not_shown(client: Client, cast: Cast) -> None:
    case = factories.proposed(cast)
    page = client.get(address("case", case))
    assert page.context["decision"] is None
    told = [one.says for one in page.context["timeline"]]
    assert told[:3] == ["Draft started", "Submitted", "Accepted for review"]
    assert told[3:] == [f"Letter issued {case.letters.get().number}"]


def test_a_cut_says_which_cap_and_by_how_much(client: Client, cast: Cast) -> None:
    facts = {"expense_year": "2020", "technology_sme": "true", "rd_expenses": "30000000"}
    case = factories.determined(cast, facts)
    decision = client.get(address("case", case)).context["decision"]
    assert decision.granted == "CNY 1,000,000.00"
    team = Cast("national-project-team-award")
    client.force_login(team.clerk)
    first = factories.determined(team, None, {"rate": "5%"})
    second = factories.determined(team, None, {"rate": "5%"})
    assert client.get(address("case", first)).context["decision"].granted == "CNY 200,000.00"
    decision = client.get(address("case", second)).context["decision"]
    assert decision.granted == "CNY 100,000.00"
    assert [*decision.cuts] == [CUT]


def test_the_award_and_its_payment_are_shown(client: Client, cast: Cast) -> None:
    case = factories.published(cast)
    assert client.get(address("case", case)).context["award"] is None
    end = factories.publicity_end(case)
    with time_machine.travel(f"{end + timedelta(days=1)}T09:00:00+08:00", tick=False):
        award = factories.decide_award(cast, case)
        client.force_login(cast.clerk)
        told = client.get(address("case", case)).context["award"]
    assert told.amount == f"CNY {award.amount:,.2f}"
    assert [part.payee for part in told.instalments] == [cast.party.name]
    assert told.instalments[0].words.startswith("to be paid by ")


def progress(client: Client, number: str, code: str) -> Any:
    return client.post(reverse("reviews:progress"), {"number": number, "code": code})


def test_progress_needs_number_and_code_and_shows_no_names(client: Client) -> None:
    cast = Cast(SME)
    case = returned(cast)
    page = progress(client, f" {case.number.lower()} ", case.progress_token)
    text = page.content.decode()
    assert page.context["case"] == case
    assert cast.party.name not in text
    assert case.programme.title_zh not in text
    assert "unreadable" not in text
    for number, code in (
        (case.number, "wrong"),
        ("QI-1999-000001", case.progress_token),
        ("QI-1999-000001", ""),
        (case.number, ""),
    ):
        refused = progress(client, number, code)
        assert refused.context["case"] is None
        assert len(refused.context["form"].errors) == 1


def test_publicity_shows_names_masks_persons_and_keeps_the_archive(client: Client) -> None:
    client.cookies["django_language"] = "en"
    cast = Cast("settling-in-allowance", "person")
    case = factories.published(cast)
    notice = case.publicityitem_set.get().notice
    page = reverse("reviews:publicity_notice", args=[notice.number])
    shown = client.get(page)
    assert [row[0] for row in shown.context["rows"]] == ["测***"]
    assert cast.party.name not in shown.content.decode()
    assert case.account.last4 not in shown.content.decode()
    assert shown.context["running"] is True
    listed = client.get(reverse("reviews:publicity"))
    assert [one.number for one in listed.context["running"]] == [notice.number]
    assert listed.context["archive"] == []
    with time_machine.travel(f"{notice.ends_on + timedelta(days=1)}T09:00:00+08:00"):
        later = client.get(reverse("reviews:publicity"), {"year": notice.starts_on.year})
        assert list(later.context["running"]) == []
        assert [one.number for one in later.context["archive"]] == [notice.number]
        assert client.get(page).context["running"] is False


def test_staff_read_papers_of_their_cases_alone_and_it_is_written_down(client: Client) -> None:
    cast = Cast(SME)
    case = factories.submitted(cast)
    evidence = case.evidence.first()
    paper = reverse("reviews:document", args=[evidence.document_id])
    client.force_login(cast.of(cast.handling, Role.PREPARER))
    assert client.get(paper).getvalue().startswith(b"%PDF")
    read = Event.objects.get(kind="document.read")
    assert read.data == {"document": str(evidence.document_id), "fact": evidence.fact_key}
    client.force_login(cast.of("education", Role.PREPARER))
    assert client.get(paper).status_code == 404
    client.force_login(Cast(SME).clerk)
    assert client.get(paper).status_code == 404
    client.logout()
    assert client.get(paper).url == f"/accounts/login/?next={paper}"
    assert Event.objects.filter(kind="document.read").count() == 1


def queries(visit: Callable[[], Any]) -> int:
    visit()
    with CaptureQueriesContext(connection) as captured:
        assert visit().status_code == 200
    return len(captured)


def test_my_applications_cost_the_same_for_many_and_go_on_by_pages(
    client: Client, cast: Cast
) -> None:
    factories.submitted(cast)
    few = queries(lambda: client.get(reverse("reviews:mine")))
    for _number in range(24):
        copy(cast)
    assert queries(lambda: client.get(reverse("reviews:mine"))) == few
    first = client.get(reverse("reviews:mine"))
    rest = client.get(reverse("reviews:mine") + first.context["next_url"])
    shown = [one.pk for page in (first, rest) for one in page.context["cases"]]
    assert shown == sorted(Application.objects.values_list("pk", flat=True), reverse=True)
    factories.draft(Cast(SME))
    assert len(client.get(reverse("reviews:mine")).context["cases"]) == 20


def copy(cast: Cast) -> Application:
    number = Application.objects.count()
    return Application.objects.create(
        city=cast.programme.city,
        programme=cast.programme,
        version=cast.programme.current,
        applicant=cast.party,
        handling_bureau=cast.programme.handling_bureau,
        started_by=cast.clerk,
        progress_token=f"token-{number}",
    )


def test_the_form_costs_the_same_with_ten_papers_and_fifty(client: Client, cast: Cast) -> None:
    case = factories.draft(cast)
    lay(case, cast, 10)
    ten = queries(lambda: client.get(address("form", case)))
    lay(case, cast, 40)
    assert queries(lambda: client.get(address("form", case))) == ten


def lay(case: Application, cast: Cast, papers: int) -> None:
    for _number in range(papers):
        document = factories.make_document(cast.party, cast.clerk)
        case.evidence.create(fact_key="rd_expenses", document=document)
