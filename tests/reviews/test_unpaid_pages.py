"""Cases that pay nothing, as applicant and public see them: no account, no sum of zero."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from applicants.models import Notice
from incentives.domain.programmes import rules_of
from incentives.models import Award, RegisterEntry
from reviews.domain import determinations
from reviews.models import Application
from reviews.models.determination import Outcome
from reviews.models.staff import Role
from reviews.presenters.next_step import next_step
from tests import factories
from tests.reviews import unpaid
from tests.reviews.unpaid import SUPPORT, TITLE, VOUCHER

pytestmark = pytest.mark.django_db
FUND = "guidance-fund-concession"  # a concession with a computed figure
ZERO = re.compile(r"(?<![\d,.])0\.00(?!\d)")
LANGUAGES = ["zh-hans", "en"]


def address(name, case):
    return reverse(f"reviews:{name}", args=[case.pk])


def signed_in(client, cast, language="en"):
    client.force_login(cast.clerk)
    client.cookies["django_language"] = language


def case_of(entry):
    return Application.objects.get(number=entry.case_number)


def test_an_application_asks_for_no_bank_account(client: Client) -> None:
    cast, facts, _choices = unpaid.cast_of(TITLE)
    case = factories.draft(cast, facts)
    signed_in(client, cast)
    form = client.get(address("form", case)).content.decode()
    check = client.get(address("check", case)).content.decode()
    assert ("Bank account" in form, "Bank account" in check) == (False, False)
    assert ("recovery of the award" in check, "is withdrawn" in check) == (False, True)
    client.post(address("check", case), {"declaration": "on"})
    assert factories.fresh(case).state == "submitted"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", [TITLE, SUPPORT])
def test_no_page_shows_a_sum_of_zero(client: Client, code: str, language: str) -> None:
    make = unpaid.concluded if code == TITLE else unpaid.given
    cast, entry = make(code)
    case = case_of(entry)
    signed_in(client, cast, language)
    pages = [address(name, case) for name in ("case", "receipt")] + ["/cases/", "/publicity/"]
    for page in pages:
        text = client.get(page).content.decode()
        assert ZERO.findall(text) == [], page
    assert entry.number in client.get(address("case", case)).content.decode()


def test_the_page_says_what_is_granted_and_on_which_terms(client: Client) -> None:
    cast, entry = unpaid.given(SUPPORT)
    signed_in(client, cast)
    page = client.get(address("case", case_of(entry)))
    decision = page.context["decision"]
    assert (decision.awarded, decision.assessed, decision.granted) == (True, "", "")
    assert decision.conferred == entry.label_en
    assert decision.terms == entry.terms != ""
    assert "delivers what was granted" in page.content.decode()
    *_before, determined, concluded, letter = [one.says for one in page.context["timeline"]]
    assert (determined, concluded) == (
        "Determined: granted",
        "Concluded and entered in the register",
    )
    assert letter.startswith("Letter issued")


def test_a_refusal_is_not_called_an_award(client: Client) -> None:
    cast, facts, choices = unpaid.cast_of(TITLE)
    case = factories.reviewed(cast, facts)
    determinations.propose(
        case_id=case.pk,
        outcome=Outcome.REFUSE,
        choices=choices,
        reason="The jury chose others.",
        user=cast.of(cast.handling, Role.PREPARER),
    )
    determinations.approve(case_id=case.pk, user=cast.of(cast.handling, Role.APPROVER))
    signed_in(client, cast)
    text = client.get(address("case", case)).content.decode()
    assert ("not granted" in text, "not awarded" in text) == (True, False)
    assert "The jury chose others." in text
    assert Notice.objects.get(kind="case.refused").user == cast.clerk


def test_the_notice_of_publicity_says_what_is_intended(client: Client) -> None:
    client.cookies["django_language"] = "en"
    cast, case = unpaid.published(TITLE)
    number = case.publicityitem_set.get().notice.number
    page = client.get(reverse("reviews:publicity_notice", args=[number]))
    assert [(name, what) for name, _programme, what, _item in page.context["rows"]] == [
        (cast.party.name, rules_of(case.version).outcome.label.en)
    ]
    assert ZERO.findall(page.content.decode()) == []


def test_a_voucher_shows_its_face_value(client: Client) -> None:
    cast, case = unpaid.published(VOUCHER)
    signed_in(client, cast)
    number = case.publicityitem_set.get().notice.number
    rows = client.get(reverse("reviews:publicity_notice", args=[number])).context["rows"]
    assert [what for _name, _programme, what, _item in rows] == [
        "Innovation voucher, value CNY 200,000.00"
    ]
    decision = client.get(address("case", case)).context["decision"]
    assert (decision.conferred, decision.granted) == ("Innovation voucher", "CNY 200,000.00")


@pytest.mark.parametrize("code", [TITLE, VOUCHER])
def test_each_step_says_what_comes_next_without_speaking_of_awards(code: str) -> None:
    cast, facts, choices = unpaid.cast_of(code)
    case = factories.determined(cast, facts, choices)
    _cast, listed = unpaid.published(code)
    for one in (case, listed):
        assert next_step(one) != ""
        assert "奖" not in next_step(one)
    _cast, entry = unpaid.concluded(code)
    assert (next_step(case_of(entry)) != "") is (code == VOUCHER)


def test_what_is_concluded_is_told_with_its_number() -> None:
    cast, entry = unpaid.concluded(TITLE)
    told = Notice.objects.get(kind="case.concluded")
    assert (told.user, told.data["register"]) == (cast.clerk, entry.number)


def test_a_figure_that_is_worked_out_is_said_not_to_be_paid(client: Client) -> None:
    """On the estimate, in the decision, in the register and at the desk."""
    cast, facts, choices = unpaid.cast_of(FUND)
    case = factories.draft(cast, facts)
    signed_in(client, cast)
    told = client.get(address("check", case)).context["told"]
    assert told.sum.endswith("(figure, not paid by the city)")
    done = factories.determined(cast, facts, choices)
    decision = client.get(address("case", done)).context["decision"]
    assert decision.figure.endswith("(figure, not paid by the city)")
    assert (decision.assessed, decision.granted) == ("", "")
    entry = RegisterEntry.objects.get(case_number=done.number)
    held = client.get(reverse("programmes:held_entry", args=[entry.party_id, entry.pk]))
    assert held.context["figure_name"] == "Figure, not paid by the city"
    assert Award.objects.count() == 0
