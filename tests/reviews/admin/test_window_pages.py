"""The window's desk and what the applicant sees of it: changes of organisations, help, accounts."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applicants.models import BankAccount, Party, PartyChange, User
from reviews.demo.paper import one_page_pdf
from reviews.demo.walk import identity
from reviews.domain import applications, assistance
from reviews.models import Application, Assistance
from reviews.models.staff import Role
from tests import factories
from tests.api.client import Api, errors
from tests.factories import Cast, make_organisation, make_staff, make_user
from tests.reviews.domain.test_assistance import helped
from tests.reviews.domain.test_party_changes import Registry

pytestmark = pytest.mark.django_db
CHANGES, HELP = "/admin/applicants/partychange/", "/admin/reviews/assistance/"
CENTRES = "enterprise-tech-centre-award"


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def paper() -> SimpleUploadedFile:
    return SimpleUploadedFile("paper.pdf", one_page_pdf("paper"), "application/pdf")


def merger(party: Party, successor: Party, **other: Any) -> dict[str, Any]:
    return {
        "city": "qingdao", "kind": "merger", "code": party.uscc, "successor_code": successor.uscc,
        "effective_on": timezone.localdate().isoformat(), "basis": "通知书", "file": paper(),
    } | other  # fmt: skip


def test_a_merger_is_prepared_and_made_on_the_desk() -> None:
    cast, successor = Cast(CENTRES), make_organisation(make_user())
    case = factories.submitted(cast)
    clerk, office = signed_in(make_staff(Role.WINDOW)), signed_in(make_staff(Role.COORDINATOR))
    answer = clerk.post(f"{CHANGES}add/", merger(cast.party, successor), follow=True)
    assert "another person makes the change" in answer.content.decode()
    change = PartyChange.objects.get()
    page = f"{CHANGES}{change.pk}/change/"
    assert "Make the change" not in clerk.get(page).content.decode()
    shown = office.get(page).content.decode()
    assert "Make the change" in shown
    assert successor.name in shown
    office.post(page, {"step": "make"})
    case.refresh_from_db()
    assert case.applicant == successor
    assert PartyChange.objects.get().state == "made"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"code": "91370200XXXXXXXXXX"}, "mistyped"),
        ({"successor_code": ""}, "Choose another organisation"),
        ({"effective_on": "2099-01-01"}, "at most today"),
        ({"basis": ""}, "required"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(wrong: dict[str, str], says: str) -> None:
    parties = make_organisation(make_user()), make_organisation(make_user())
    answer = signed_in(make_staff(Role.WINDOW)).post(f"{CHANGES}add/", merger(*parties, **wrong))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not PartyChange.objects.exists()


def test_a_change_is_dropped_with_a_reason() -> None:
    registry = Registry()
    change = registry.prepare("rename", make_organisation(make_user()), name_after="新名")
    page, clerk = f"{CHANGES}{change.pk}/change/", signed_in(registry.clerk)
    assert "State why" in clerk.post(page, {"step": "cancel"}, follow=True).content.decode()
    clerk.post(page, {"step": "cancel", "reason": "录入错误"})
    change.refresh_from_db()
    assert change.state == "cancelled"


@pytest.mark.parametrize("url", [f"{CHANGES}add/", CHANGES, HELP, f"{HELP}add/"])
def test_who_has_no_part_in_it_is_kept_out(url: str) -> None:
    assert signed_in(make_staff(Role.PREPARER, "sti")).get(url).status_code == 403


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_lists_cost_the_same_however_long() -> None:
    registry = Registry()
    office, clerk = signed_in(registry.office), signed_in(registry.clerk)
    counts = []
    for _time in range(2):
        registry.prepare("rename", make_organisation(make_user()), name_after="新名")
        registry.merge(make_organisation(make_user()), make_organisation(make_user()))
        helped(make_organisation(make_user()), registry.clerk)
        counts.append([queries_of(office, CHANGES), queries_of(clerk, HELP)])
    assert counts[0] == counts[1]


def help_form(party: Party, **other: Any) -> dict[str, Any]:
    return {
        "city": "qingdao", "kind": "enterprise", "number": party.uscc, "name": party.name,
        "authorised_by": "法定代表人", "reason": "无法上网", "file": paper(),
        "ends_on": (timezone.localdate() + timedelta(days=5)).isoformat(),
    } | other  # fmt: skip


def test_a_clerk_helps_from_the_desk_to_the_filed_case() -> None:
    cast, clerk = Cast(CENTRES), make_staff(Role.WINDOW)
    desk = signed_in(clerk)
    answer = desk.post(f"{HELP}add/", help_form(cast.party), follow=True)
    assert "You may file for this applicant now." in answer.content.decode()
    start = f"/cases/start/qingdao/{CENTRES}/"
    form = desk.post(start, {"party": cast.party.pk}, follow=True)
    case = Application.objects.get()
    assert case.assisted_by == clerk
    shown = form.content.decode()
    assert f"You act at the window for {cast.party.name}" in shown
    assert "Enter a bank account" not in shown
    kept = desk.post(f"/cases/{case.pk}/form/", {"action": "later", **a_paper(cast)}, follow=True)
    assert kept.status_code == 200
    assert case.evidence.count() == 1
    whose = signed_in(cast.clerk).get(f"/cases/{case.pk}/").content.decode()
    assert f"{clerk} files this at the window for {cast.party.name}" in whose


def a_paper(cast: Cast) -> dict[str, Any]:
    asked = [key for key, fact in factories.rules(cast).facts.items() if fact.evidence]
    return {f"evidence-{asked[0]}": paper()}


def test_the_applicant_sees_the_help_and_ends_it() -> None:
    cast, clerk = Cast(CENTRES), make_staff(Role.WINDOW)
    opened = helped(cast.party, clerk)
    own, stranger = signed_in(cast.clerk), signed_in(make_user())
    assert str(clerk) in own.get("/assistance/").content.decode()
    assert stranger.post(f"/assistance/{opened.pk}/end/").status_code == 404
    assert "has ended" in own.post(f"/assistance/{opened.pk}/end/", follow=True).content.decode()
    page = own.get("/assistance/").content.decode()
    assert "End this help" not in page
    assert own.post(f"/assistance/{opened.pk}/end/", follow=True).status_code == 200


def test_a_clerk_takes_a_case_on_and_enters_an_account() -> None:
    cast, clerk = Cast(CENTRES), make_staff(Role.WINDOW)
    case = factories.submitted(cast)
    opened = helped(cast.party, clerk)
    desk, page = signed_in(clerk), f"{HELP}{opened.pk}/change/"
    refused = desk.post(page, {"step": "take_on", "number": "QD-2026-999999"})
    assert (refused.status_code, "No open case" in refused.content.decode()) == (422, True)
    assert (
        case.number
        in desk.post(page, {"step": "take_on", "number": case.number}, follow=True).content.decode()
    )
    account = {"step": "account", "holder": cast.party.name, "bank": "某银行"}
    assert desk.post(page, account | {"number": "6217000000000088"}).status_code == 422
    desk.post(page, account | {"number": "6217000000000088", "file": paper()})
    assert BankAccount.objects.get(party=cast.party, is_current=True).last4 == "0088"
    desk.post(page, {"step": "end"})
    assert "does not stand any more" in desk.get(page).content.decode()


def test_another_clerk_sees_nothing_of_it() -> None:
    opened = helped(make_organisation(make_user()), make_staff(Role.WINDOW))
    other = signed_in(make_staff(Role.WINDOW))
    assert other.get(f"{HELP}{opened.pk}/change/").status_code == 404


def test_an_unknown_person_is_entered_at_the_window() -> None:
    party = Party(uscc=identity(), name="测试人员")
    desk = signed_in(make_staff(Role.WINDOW))
    desk.post(f"{HELP}add/", help_form(party, kind="person"))
    assert Assistance.objects.get().party.name == "测试人员"


def test_a_decided_case_shows_who_goes_on() -> None:
    registry, owner = Registry(), make_user()
    cast, successor = Cast(CENTRES), make_organisation(owner)
    case = factories.submitted(cast)
    applications.withdraw(case_id=case.pk, user=cast.clerk)
    registry.merge(cast.party, successor)
    shown = signed_in(owner).get(f"/cases/{case.pk}/").content.decode()
    assert f"{cast.party.name} goes on as {successor.name} now." in shown


def test_a_reviewer_finds_a_case_by_the_former_name_and_sees_who_filed() -> None:
    registry, cast = Registry(), Cast(CENTRES)
    before = cast.party.name
    case = factories.submitted(cast)
    registry.change("rename", cast.party, name_after="改名后的单位")
    helped(cast.party, registry.clerk)
    assistance.take_on(number=str(case.number), clerk=registry.clerk)
    desk = signed_in(cast.of(cast.handling, Role.PREPARER))
    found = desk.get("/admin/reviews/application/", {"q": before, "queue": "all"})
    assert case.number in found.content.decode()
    shown = desk.get(f"/admin/reviews/application/{case.pk}/change/").content.decode()
    assert f"formerly {before}" in shown
    assert f"<dd>{registry.clerk}</dd>" in shown


def test_changes_through_the_api() -> None:
    registry = Registry()
    party, successor = make_organisation(make_user()), make_organisation(make_user())
    body = {
        "city": "qingdao", "kind": "merger", "party": party.uscc, "successor": successor.uscc,
        "effective_on": timezone.localdate().isoformat(), "basis": "通知书",
        "document": str(registry.paper().pk),
    }  # fmt: skip
    clerk, office = Api(registry.clerk), Api(registry.office)
    made = clerk.post("party-changes/", body, 201)
    assert (made["state"], made["party"]) == ("prepared", party.uscc)
    wrong = clerk.post("party-changes/", body | {"successor": party.uscc}, 400)
    assert list(errors(wrong)) == ["successor"]
    clerk.post(f"party-changes/{made['id']}/make/", status=403)
    assert office.post(f"party-changes/{made['id']}/make/")["state"] == "made"
    assert Api(make_user()).get("party-changes/")["results"] == []


def test_help_through_the_api() -> None:
    cast, clerk = Cast(CENTRES), make_staff(Role.WINDOW)
    opened = helped(cast.party, clerk)
    assert [one["id"] for one in Api(cast.clerk).get("assistance/")["results"]] == [opened.pk]
    assert Api(make_user()).get("assistance/")["results"] == []
    assert Api(cast.clerk).post(f"assistance/{opened.pk}/end/")["ended_by"] == cast.clerk.pk
