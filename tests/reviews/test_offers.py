"""The city opens cases for those whom it found; the enterprise only confirms, or declines."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from applicants.domain.errors import NotAllowed, Refused
from applicants.domain.parties import register_organisation
from applicants.models import Event, Notice, Party, User
from reviews.domain import applications, sweeps, sweeps_cases, sweeps_running
from reviews.domain.completeness import require_complete
from reviews.models import Application, Sweep, SweepRow
from reviews.models.staff import Role
from tests.factories import add_account, make_staff, make_user, programme
from tests.registry_lists import PROGRAMME, RECOGNISED, Office, csv_file, party, recognised

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 31)


@pytest.fixture
def office(db: None) -> Office:
    return Office()


@pytest.fixture
def rows(office: Office) -> list[tuple[str, ...]]:
    rows = recognised(3)
    office.bring_and_take(csv_file(RECOGNISED, rows))
    return rows


def done(office: Office) -> Sweep:
    sweep = sweeps.start_sweep(programme=programme(PROGRAMME), on=DAY, user=office.preparer)
    sweeps_running.run_sweeps()
    sweep.refresh_from_db()
    return sweep


def register(row: tuple[str, ...], user: User) -> Party:
    found = register_organisation(user=user, uscc=row[0], kind="enterprise", name="按执照名称")
    add_account(found, user)
    return found


def client_of(user: User, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    return client


def test_cases_are_opened_once(office: Office, rows: list[tuple[str, ...]]) -> None:
    sweep = done(office)
    with pytest.raises(NotAllowed):
        sweeps_cases.open_cases(sweep=sweep, rows=None, user=make_staff(Role.APPROVER, "miit"))
    chosen = SweepRow.objects.get(sweep=sweep, party=party(rows[0]))
    assert sweeps_cases.open_cases(sweep=sweep, rows=[chosen.pk], user=office.approver) == 1
    assert sweeps_cases.open_cases(sweep=sweep, rows=None, user=office.approver) == 2
    assert sweeps_cases.open_cases(sweep=sweep, rows=None, user=office.approver) == 0
    cases = Application.objects.order_by("applicant_id")
    assert [(c.origin, c.state, c.number) for c in cases] == [("sweep", "draft", None)] * 3
    assert {fact.key: fact.declared for fact in cases[0].facts.all()} == {
        "certificate_number": rows[0][4],
        "recognition_history": "none",
        "recognition_year": "2025",
        "rd_expenses": "2000000.00",
    }
    assert Event.objects.filter(kind="case.offered").count() == 3
    again = done(office)
    assert set(again.rows.values_list("standing", flat=True)) == {"has_case"}
    assert sweeps_cases.open_cases(sweep=again, rows=None, user=office.approver) == 0


def test_only_of_a_finished_sweep(office: Office, rows: list[tuple[str, ...]]) -> None:
    sweep = sweeps.start_sweep(programme=programme(PROGRAMME), on=DAY, user=office.preparer)
    with pytest.raises(Refused):
        sweeps_cases.open_cases(sweep=sweep, rows=None, user=office.approver)


def test_a_member_is_told_and_confirms(office: Office, rows: list[tuple[str, ...]]) -> None:
    owner = make_user()
    mine = register(rows[0], owner)
    sweeps_cases.open_cases(sweep=done(office), rows=None, user=office.approver)
    case = Application.objects.get(applicant=mine)
    notice = Notice.objects.get(user=owner, kind="case.offered")
    page = reverse("reviews:offer", args=[case.pk])
    assert notice.url == page
    client = client_of(owner)
    shown = client.get(page).content.decode()
    assert "350,000.00" in shown
    assert "no papers are asked" in shown
    assert page in client.get(reverse("reviews:mine")).content.decode()
    refused = client.post(page, {"confirm": "1", "account": case.account_id})
    assert refused.status_code == 200
    assert "Tick the declaration" in refused.content.decode()
    answered = client.post(page, {"confirm": "1", "account": case.account_id, "declaration": "on"})
    assert answered.status_code == 302
    case.refresh_from_db()
    assert (case.state, case.submitted_by) == ("accepted", owner)  # light: taken on by itself
    assert client.get(page).status_code == 302  # it is an ordinary case now


def test_papers_are_asked_for_what_was_changed(office: Office, rows: list[tuple[str, ...]]) -> None:
    owner = make_user()
    mine = register(rows[0], owner)
    sweeps_cases.open_cases(sweep=done(office), rows=None, user=office.approver)
    case = Application.objects.get(applicant=mine)
    require_complete(case)
    applications.save_facts(case_id=case.pk, values={"rd_expenses": "3000000"}, user=owner)
    with pytest.raises(Refused) as refused:
        require_complete(Application.objects.get(pk=case.pk))
    assert list(refused.value.message_dict) == ["evidence-rd_expenses"]


def test_an_own_application_brings_its_papers(office: Office, rows: list[tuple[str, ...]]) -> None:
    owner = make_user()
    mine = register(rows[0], owner)
    case = applications.start_application(party=mine, programme=programme(PROGRAMME), user=owner)
    assert case.facts.count() == 4  # filled in from the list
    with pytest.raises(Refused) as refused:
        require_complete(case)
    assert any(name.startswith("evidence-") for name in refused.value.message_dict)


def test_declining_says_why(office: Office, rows: list[tuple[str, ...]]) -> None:
    owner = make_user()
    mine = register(rows[0], owner)
    sweeps_cases.open_cases(sweep=done(office), rows=None, user=office.approver)
    case = Application.objects.get(applicant=mine)
    page, client = reverse("reviews:offer", args=[case.pk]), client_of(owner)
    assert "State why" in client.post(page, {"decline": "1"}).content.decode()
    assert client.post(page, {"decline": "1", "reason": "已由集团申报"}).status_code == 302
    case.refresh_from_db()
    assert case.state == "withdrawn"
    assert Event.objects.get(kind="case.withdrawn").reason == "已由集团申报"


def test_who_registers_later_sees_the_case_then(
    office: Office, rows: list[tuple[str, ...]]
) -> None:
    sweeps_cases.open_cases(sweep=done(office), rows=None, user=office.approver)
    owner = make_user()
    mine = register(rows[1], owner)
    assert (mine.name, mine.district.code) == ("按执照名称", "laoshan")
    case = Application.objects.get(applicant=mine)
    client = client_of(owner)
    assert (
        reverse("reviews:offer", args=[case.pk])
        in client.get(reverse("reviews:mine")).content.decode()
    )
    account = mine.bankaccount_set.get()
    page = reverse("reviews:offer", args=[case.pk])
    client.post(page, {"confirm": "1", "account": account.pk, "declaration": "on"})
    case.refresh_from_db()
    assert (case.state, case.account) == ("accepted", account)
    with pytest.raises(Refused) as refused:
        register(rows[1], make_user())
    assert list(refused.value.message_dict) == ["uscc"]


def test_strangers_find_no_offer(office: Office, rows: list[tuple[str, ...]]) -> None:
    sweeps_cases.open_cases(sweep=done(office), rows=None, user=office.approver)
    case = Application.objects.order_by("id").first()
    page = reverse("reviews:offer", args=[case.pk])
    assert client_of(make_user()).get(page).status_code == 404
