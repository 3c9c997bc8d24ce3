"""Help at the window: on paper, to a day, in sight of the applicant, and never both sides."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from applicants.domain import documents, parties
from applicants.domain.accounts import add_bank_account
from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import BankAccount, Document, Event, Notice, Party, User
from reviews.demo import walk
from reviews.demo.paper import one_page_pdf
from reviews.domain import applications, assistance, behalf
from reviews.domain.interests import has_conflict
from reviews.domain.queries import own_cases
from reviews.domain.reading import open_document
from reviews.models import Application, Assistance
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast, give_role, make_organisation, make_staff, make_user, qingdao

pytestmark = pytest.mark.django_db
CENTRES = "enterprise-tech-centre-award"


def paper(clerk: User) -> Document:
    upload = SimpleUploadedFile("委托书.pdf", one_page_pdf("authorised"), "application/pdf")
    return assistance.keep_paper(city=qingdao(), upload=upload, clerk=clerk)


def helped(party: Party, clerk: User, days: int = 10, **other: Any) -> Assistance:
    given: dict[str, Any] = {
        "city": qingdao(),
        "party": party,
        "authorised_by": "法定代表人",
        "reason": "单位无法使用网上平台",
        "document": paper(clerk),
        "ends_on": timezone.localdate() + timedelta(days=days),
        "clerk": clerk,
    }
    return assistance.open_assistance(**given | other)


@pytest.fixture
def clerk(db: None) -> User:
    return make_staff(Role.WINDOW)


@pytest.fixture
def cast(db: None) -> Cast:
    return Cast(CENTRES)


def filed(cast: Cast, clerk: User) -> Application:
    """Started, filled, papers laid in and submitted by the clerk."""
    facts, _choices = walk.example_facts(cast.programme)
    case = applications.start_application(party=cast.party, programme=cast.programme, user=clerk)
    applications.save_facts(case_id=case.pk, values=facts, user=clerk)
    for key, fact in factories.rules(cast).facts.items():
        if fact.evidence:
            upload = SimpleUploadedFile("证.pdf", one_page_pdf("evidence"), "application/pdf")
            laid = behalf.keep_paper(case, upload=upload, user=clerk)
            applications.attach(case_id=case.pk, fact_key=key, document=laid, user=clerk)
    applications.submit(case_id=case.pk, user=clerk, declared_true=True)
    case.refresh_from_db()
    return case


def told(user: User) -> list[str]:
    return list(Notice.objects.filter(user=user).order_by("id").values_list("kind", flat=True))


def test_a_clerk_files_for_an_applicant_visibly(cast: Cast, clerk: User) -> None:
    helped(cast.party, clerk)
    case = filed(cast, clerk)
    assert (case.state, case.assisted_by, case.submitted_by) == ("submitted", clerk, clerk)
    events = Event.objects.filter(subject=f"case:{case.pk}")
    assert {event.data["on_behalf_of"] for event in events} == {cast.party.name}
    assert {"case.started", "assistance.paper", "case.submitted"} == {e.kind for e in events}
    kinds = told(cast.clerk)
    assert kinds[0] == "assistance.opened"
    assert kinds.count("assistance.step") == events.count()


def test_without_the_authorisation_nothing(cast: Cast, clerk: User) -> None:
    with pytest.raises(NotAllowed):
        applications.start_application(party=cast.party, programme=cast.programme, user=clerk)
    with pytest.raises(Refused) as refused:
        helped(cast.party, clerk, document=None)
    assert list(refused.value.message_dict) == ["document"]


def test_a_clerk_sees_the_cases_taken_on_and_no_others(cast: Cast, clerk: User) -> None:
    other = factories.submitted(cast)
    helped(cast.party, clerk)
    case = filed(cast, clerk)
    assert list(own_cases(clerk)) == [case]
    with pytest.raises(NotAllowed):
        applications.withdraw(case_id=other.pk, user=clerk)
    unseen = factories.make_document(cast.party, cast.clerk)
    assert open_document(document_id=unseen.pk, user=clerk) is None
    mine = case.evidence.first().document
    assert open_document(document_id=mine.pk, user=clerk) == mine


def test_a_case_is_taken_on_by_the_number_that_the_applicant_tells(cast: Cast, clerk: User) -> None:
    case = factories.submitted(cast)
    with pytest.raises(Refused) as refused:
        assistance.take_on(number=str(case.number), clerk=clerk)
    assert list(refused.value.message_dict) == ["number"]
    helped(cast.party, clerk)
    assistance.take_on(number=str(case.number).lower(), clerk=clerk)
    assert list(own_cases(clerk)) == [case]
    applications.withdraw(case_id=case.pk, user=clerk, reason="申请人要求")
    assert Event.objects.get(kind="case.withdrawn").data == {"on_behalf_of": cast.party.name}


def test_it_ends_by_itself(cast: Cast, clerk: User) -> None:
    opened = helped(cast.party, clerk, days=0)
    case = filed(cast, clerk)
    assert behalf.assisted(cast.party, clerk)
    assert opened.ends_on == timezone.localdate()
    later = opened.ends_on + timedelta(days=1)
    with on_day(later):
        assert not own_cases(clerk).exists()
        with pytest.raises(NotAllowed):
            applications.withdraw(case_id=case.pk, user=clerk)


def on_day(day: date) -> Any:
    return time_machine.travel(f"{day.isoformat()} 02:00:00+00:00", tick=False)


@pytest.mark.parametrize("who", ["clerk", "applicant"])
def test_either_side_ends_it(cast: Cast, clerk: User, who: str) -> None:
    opened = helped(cast.party, clerk)
    user = clerk if who == "clerk" else cast.clerk
    ended = assistance.end(assistance_id=opened.pk, user=user)
    assert ended.ended_by == user
    assert not behalf.assisted(cast.party, clerk)
    with pytest.raises(Conflict):
        assistance.end(assistance_id=opened.pk, user=user)
    helped(cast.party, clerk)
    assert behalf.assisted(cast.party, clerk)


def test_nobody_else_ends_it(cast: Cast, clerk: User) -> None:
    opened = helped(cast.party, clerk)
    for stranger in (make_user(), make_staff(Role.WINDOW)):
        with pytest.raises(NotAllowed):
            assistance.end(assistance_id=opened.pk, user=stranger)


def test_it_is_over_for_who_is_at_the_window_no_longer(cast: Cast, clerk: User) -> None:
    helped(cast.party, clerk)
    clerk.staffrole_set.update(is_active=False)
    assert not behalf.assisted(cast.party, clerk)


@pytest.mark.parametrize("days", [-1, 61])
def test_the_last_day_lies_within_what_the_city_sets(cast: Cast, clerk: User, days: int) -> None:
    with pytest.raises(Refused) as refused:
        helped(cast.party, clerk, days=days)
    assert list(refused.value.message_dict) == ["ends_on"]


def test_who_filed_for_an_applicant_reviews_none_of_its_cases(cast: Cast, clerk: User) -> None:
    give_role(clerk, Role.PREPARER, cast.handling)
    own = factories.submitted(cast)
    assert not has_conflict(own, clerk)
    helped(cast.party, clerk)
    assert has_conflict(own, clerk)
    with pytest.raises(NotAllowed):
        walk.declared(own, clerk)


def test_who_belongs_to_an_applicant_helps_it_not_as_a_clerk(clerk: User) -> None:
    with pytest.raises(NotAllowed, match="成员"):
        helped(make_organisation(clerk), clerk)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.AUDITOR, Role.POLICY_EDITOR])
def test_only_window_clerks_help(cast: Cast, role: Role) -> None:
    with pytest.raises(NotAllowed):
        paper(make_staff(role))


def test_a_bank_account_takes_a_paper(cast: Cast, clerk: User) -> None:
    opened = helped(cast.party, clerk)
    account = {"holder": cast.party.name, "bank": "测试银行", "number": "6217000000000099"}
    with pytest.raises(NotAllowed):
        add_bank_account(party=cast.party, user=clerk, **account)
    with pytest.raises(Refused) as refused:
        assistance.enter_account(assistance_id=opened.pk, document=None, clerk=clerk, **account)
    assert list(refused.value.message_dict) == ["document"]
    entered = assistance.enter_account(
        assistance_id=opened.pk, document=paper(clerk), clerk=clerk, **account
    )
    assert BankAccount.objects.get(party=cast.party, is_current=True) == entered
    assert "assistance.account" in told(cast.clerk)
    event = Event.objects.get(kind="assistance.account")
    assert event.data["last4"] == "0099"
    assert event.data["paper"]


def test_a_person_without_an_account_is_registered_helped_and_claims_it_later(
    clerk: User,
) -> None:
    number = walk.identity()
    person = assistance.register_person(
        city=qingdao(), name="测试人员", id_number=number, clerk=clerk
    )
    helped(person, clerk)
    case = applications.start_application(
        party=person, programme=factories.programme("settling-in-allowance"), user=clerk
    )
    online = make_user()
    assert not own_cases(online).exists()
    claimed = parties.register_person(user=online, name="测试人员", id_number=number)
    assert claimed == person
    assert list(own_cases(online)) == [case]


def test_an_organisation_is_entered_at_the_window_and_claimed(clerk: User) -> None:
    code = factories.valid_uscc()
    given = {"uscc": code, "kind": "enterprise", "name": "窗口登记单位", "district": None}
    party = assistance.register_organisation(city=qingdao(), clerk=clerk, **given)
    assert assistance.register_organisation(city=qingdao(), clerk=clerk, **given) == party
    with pytest.raises(Refused) as refused:
        assistance.register_organisation(
            city=qingdao(), clerk=clerk, **given | {"name": "别的名称"}
        )
    assert list(refused.value.message_dict) == ["name"]
    assert parties.register_organisation(user=make_user(), **given) == party


def test_papers_at_the_window_are_for_both_sides_and_audit(cast: Cast, clerk: User) -> None:
    opened = helped(cast.party, clerk)
    seen = [clerk, cast.clerk, make_staff(Role.AUDITOR)]
    unseen = [make_user(), make_staff(Role.WINDOW), make_staff(Role.PREPARER, "sti")]
    key = opened.document_id
    assert all(open_document(document_id=key, user=user) for user in seen)
    assert not any(open_document(document_id=key, user=user) for user in unseen)
    assert documents.path_of(key).exists()
