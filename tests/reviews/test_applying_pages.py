"""From a programme's page to a case number, through the pages alone."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from applicants.models import Document, ProfileFact
from incentives.domain.programmes import rules_of
from reviews.demo.paper import one_page_pdf
from reviews.demo.walk import identity
from reviews.models import Application, CaseFact
from reviews.models.lifecycle import CaseState
from tests.factories import Cast, make_document, make_organisation

pytestmark = pytest.mark.django_db

SME = "tech-sme-rd-reward"
TYPED = {
    "fact-expense_year": "2020",
    "fact-technology_sme": "true",
    "fact-rd_expenses": "8,000,000",
}


@pytest.fixture(autouse=True)
def _private_files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def cast(client: Client) -> Cast:
    found = Cast(SME)
    client.force_login(found.clerk)
    client.cookies["django_language"] = "en"
    return found


def start(client: Client, cast: Cast) -> Application:
    client.post(reverse("reviews:start", args=["qingdao", cast.programme.code]))
    return Application.objects.latest("id")


def form_of(case: Application) -> str:
    return reverse("reviews:form", args=[case.pk])


def check_of(case: Application) -> str:
    return reverse("reviews:check", args=[case.pk])


def pdf(name: str = "paper.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, one_page_pdf("a test"), content_type="application/pdf")


def with_papers(case: Application) -> dict[str, Any]:
    facts = rules_of(case.version).facts
    return {f"evidence-{key}": pdf() for key, fact in facts.items() if fact.evidence}


def declared(case: Application) -> dict[str, Any]:
    return dict(case.facts.values_list("key", "declared"))


def filled(client: Client, cast: Cast) -> Application:
    case = start(client, cast)
    client.post(form_of(case), TYPED | with_papers(case) | {"action": "save"})
    return case


def test_a_whole_application_ends_in_a_case_number(client: Client, cast: Cast) -> None:
    case = start(client, cast)
    saved = client.post(form_of(case), TYPED | with_papers(case) | {"action": "check"})
    assert saved.url == check_of(case)
    page = client.get(check_of(case))
    assert page.context["lines"] == []
    assert page.context["told"].sum == "CNY 400,000.00"
    sent = client.post(check_of(case), {"declaration": "on"})
    assert sent.url == reverse("reviews:receipt", args=[case.pk])
    case.refresh_from_db()
    receipt = client.get(sent.url).content.decode()
    assert case.number in receipt
    assert case.progress_token in receipt
    assert case.state == CaseState.SUBMITTED
    assert declared(case)["rd_expenses"] == "8000000.00"


def test_a_team_is_paid_and_becomes_the_list_of_members(client: Client) -> None:
    cast = Cast("national-project-team-award")
    client.force_login(cast.clerk)
    case = start(client, cast)
    typed = {
        "fact-scheme": "major",
        "fact-national_project_number": "2021zx0001",
        "fact-part": "lead",
        "fact-national_funds_received": "4000000",
    }
    client.post(form_of(case), typed | with_papers(case) | {"action": "save"})
    payees = reverse("reviews:payees", args=[case.pk])
    for name, share in (("成员甲", "60%"), ("成员乙", "40")):
        answer = client.post(payees, person(name, share))
        assert answer.status_code == 302
    team = declared(case)["team"]
    assert [(row["name"], row["share"]) for row in team] == [("成员甲", "0.6"), ("成员乙", "0.4")]
    assert all(row["id_number"].startswith("**************") for row in team)
    sent = client.post(check_of(case), {"declaration": "on"})
    assert sent.url == reverse("reviews:receipt", args=[case.pk])


def person(name: str, share: str) -> dict[str, str]:
    return {
        "name": name,
        "id_number": identity(),
        "bank": "测试银行",
        "number": "6222000011112222",
        "share": share,
    }


def test_shares_above_the_whole_are_refused_with_what_is_left(client: Client) -> None:
    cast = Cast("national-project-team-award")
    client.force_login(cast.clerk)
    client.cookies["django_language"] = "en"
    case = start(client, cast)
    payees = reverse("reviews:payees", args=[case.pk])
    client.post(payees, person("成员甲", "70"))
    page = client.post(payees, person("成员乙", "40"))
    assert page.context["form"].errors["share"] == [
        "Only 30.00% is left to share; write that or less."
    ]
    assert page.context["form"]["share"].value() == "40"
    wrong = client.post(payees, person("成员乙", "much"))
    assert list(wrong.context["form"].errors) == ["share"]
    payee = case.payee_shares.get()
    client.post(reverse("reviews:payee_remove", args=[case.pk, payee.pk]))
    assert case.payee_shares.count() == 0
    assert declared(case)["team"] is None


def test_wrong_values_come_back_as_typed_and_the_rest_is_kept(client: Client, cast: Cast) -> None:
    case = start(client, cast)
    page = client.post(form_of(case), TYPED | {"fact-rd_expenses": "eight", "action": "check"})
    assert page.status_code == 200
    assert page.context["form"]["rd_expenses"].value() == "eight"
    assert [line.url for line in page.context["lines"]] == [f"{form_of(case)}#id_fact-rd_expenses"]
    assert 'id="id_fact-rd_expenses_error"' in page.content.decode()
    assert 'aria-describedby="id_fact-rd_expenses_helptext id_fact-rd_expenses_error"' in (
        page.content.decode()
    )
    assert declared(case) == {"expense_year": "2020", "technology_sme": "true"}


def test_an_empty_value_clears_its_fact(client: Client, cast: Cast) -> None:
    case = filled(client, cast)
    client.post(form_of(case), TYPED | {"fact-rd_expenses": "", "action": "save"})
    assert declared(case)["rd_expenses"] is None


def test_check_names_everything_missing_with_links(client: Client, cast: Cast) -> None:
    case = start(client, cast)
    page = client.get(check_of(case))
    rules = rules_of(case.version)
    wanted = [f"{form_of(case)}#id_fact-{key}" for key in rules.facts]
    assert [line.url for line in page.context["lines"]] == wanted
    again = client.post(check_of(case), {"declaration": "on"})
    assert [line.url for line in again.context["lines"]] == wanted
    case.refresh_from_db()
    assert case.state == CaseState.DRAFT
    assert case.number is None


def test_submitting_needs_the_declaration(client: Client, cast: Cast) -> None:
    case = filled(client, cast)
    page = client.post(check_of(case), {})
    assert [line.problem for line in page.context["lines"]] == [
        "Tick the declaration that what you state is true."
    ]


def test_a_second_submit_leads_to_the_same_case(client: Client, cast: Cast) -> None:
    case = filled(client, cast)
    client.post(check_of(case), {"declaration": "on"})
    second = client.post(check_of(case), {"declaration": "on"})
    assert second.url == reverse("reviews:case", args=[case.pk])
    assert Application.objects.exclude(number=None).count() == 1


def test_a_second_click_on_apply_opens_the_same_draft(client: Client, cast: Cast) -> None:
    assert start(client, cast) == start(client, cast)
    first = filled(client, cast)
    assert start(client, cast) != first


def test_apply_asks_for_whom(client: Client) -> None:
    cast = Cast("settling-in-allowance", "person")
    make_organisation(cast.clerk)
    client.force_login(cast.clerk)
    address = reverse("reviews:start", args=["qingdao", cast.programme.code])
    assert client.get(address).context["parties"] == [cast.party]
    assert Application.objects.count() == 0
    assert client.post(address).url == form_of(Application.objects.get())


def test_the_wrong_kind_is_told_whom_the_programme_is_for(client: Client, cast: Cast) -> None:
    page = client.post(reverse("reviews:start", args=["qingdao", "settling-in-allowance"]))
    assert page.context["problem"] == "This programme is for: person."
    assert Application.objects.count() == 0


def test_papers_are_laid_beside_a_fact_and_taken_away(client: Client, cast: Cast) -> None:
    case = start(client, cast)
    files = {"evidence-rd_expenses": [pdf("one.pdf"), pdf("two.pdf")]}
    client.post(form_of(case), files | {"action": "save"})
    names = [one.document.name for one in case.evidence.filter(removed_at=None)]
    assert names == ["one.pdf", "two.pdf"]
    first = case.evidence.first()
    client.post(form_of(case), {"remove": first.pk})
    names = [one.document.name for one in case.evidence.filter(removed_at=None)]
    assert names == ["two.pdf"]


def test_a_file_that_is_not_allowed_is_named_beside_its_fact(client: Client, cast: Cast) -> None:
    case = start(client, cast)
    wrong = SimpleUploadedFile("run.exe", b"MZ\x00\x01")
    page = client.post(form_of(case), TYPED | {"evidence-rd_expenses": wrong, "action": "check"})
    assert [line.url for line in page.context["lines"]] == [f"{form_of(case)}#evidence-rd_expenses"]
    assert "run.exe" in page.context["lines"][0].problem
    assert Document.objects.count() == 0
    assert declared(case)["rd_expenses"] == "8000000.00"


def test_a_condition_that_fails_stops_the_filing_with_its_reason(
    client: Client, cast: Cast
) -> None:
    case = start(client, cast)
    client.post(form_of(case), TYPED | with_papers(case) | {"fact-technology_sme": "false"})
    page = client.post(check_of(case), {"declaration": "on"})
    assert len(page.context["lines"]) == 1
    assert page.context["told"].decision == "ineligible"


def test_what_was_filed_fills_the_profile_and_the_next_draft(client: Client) -> None:
    cast = Cast("internet-hq-one-off-subsidy")
    client.force_login(cast.clerk)
    case = start(client, cast)
    client.post(form_of(case), {"fact-registered_in_qingdao": "true", "action": "save"})
    assert ProfileFact.objects.count() == 0
    ProfileFact.objects.create(
        party=cast.party, key="registered_in_qingdao", value="true", source="declared",
        as_of="2026-01-01", recorded_by=cast.clerk,
    )  # fmt: skip
    assert declared(start(client, cast))["registered_in_qingdao"] == "true"


def test_saving_in_the_background_brings_the_question_that_is_now_asked(client: Client) -> None:
    cast = Cast("top500-entry-award")
    client.force_login(cast.clerk)
    case = start(client, cast)
    rules = rules_of(case.version)
    (key,) = [key for key, fact in rules.facts.items() if fact.asked_if is not None]
    before = client.get(form_of(case))
    assert key not in before.context["form"].fields
    asked = [name for name in rules.facts if name != key]
    answer = client.post(
        form_of(case), {"fact-list": "world_500", "asked": asked}, headers={"HX-Request": "true"}
    )
    assert (
        f'<div id="asked-{key}" hx-swap-oob="true"><input type="hidden"' in answer.content.decode()
    )
    gone = client.post(
        form_of(case), {"fact-list": "china_500", "asked": [*asked, key]},
        headers={"HX-Request": "true"},
    )  # fmt: skip
    assert f'<div id="asked-{key}" hx-swap-oob="true"></div>' in gone.content.decode()
    assert (
        key
        in client.post(form_of(case), {"fact-list": "world_500"}, follow=True)
        .context["form"]
        .fields
    )


def test_a_reviewer_s_confirmation_lasts_while_the_value_does(client: Client, cast: Cast) -> None:
    case = filled(client, cast)
    CaseFact.objects.filter(application=case, key="expense_year").update(confirmed="2020")
    client.post(form_of(case), TYPED | {"action": "save"})
    assert case.facts.get(key="expense_year").confirmed == "2020"
    client.post(form_of(case), TYPED | {"fact-expense_year": "2021", "action": "save"})
    assert case.facts.get(key="expense_year").confirmed is None


def test_only_the_account_in_use_can_be_chosen(client: Client, cast: Cast) -> None:
    case = start(client, cast)
    foreign = Cast("settling-in-allowance", "person").party
    account = foreign.bankaccount_set.get()
    page = client.post(form_of(case), {"account": account.pk, "action": "save"})
    assert [line.url for line in page.context["lines"]] == [f"{form_of(case)}#account"]
    case.refresh_from_db()
    assert case.account.party == cast.party


def test_a_paper_of_another_party_is_not_readable(client: Client, cast: Cast) -> None:
    other = Cast(SME)
    document = make_document(other.party, other.clerk)
    own = make_document(cast.party, cast.clerk)
    assert client.get(reverse("reviews:document", args=[document.pk])).status_code == 404
    shown = client.get(reverse("reviews:document", args=[own.pk]))
    assert shown.getvalue().startswith(b"%PDF")
