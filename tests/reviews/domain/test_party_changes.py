"""Changes of organisations: what passes, what stays, and who may say so."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from applicants.domain import members
from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.domain.succession import ancestors, former_names
from applicants.models import BankAccount, Document, Membership, Notice, Party, PartyChange, User
from applicants.models import Event as Written
from incentives.domain import payouts, registers
from incentives.domain.ledger import entries
from incentives.domain.ledger_filter import LedgerFilter
from incentives.domain.reconcile import differences
from incentives.domain.settings import change_setting
from incentives.models import Award, Counter, RegisterEntry, RegistryRecord
from reviews.demo.paper import one_page_pdf
from reviews.domain import (
    applications,
    awarding,
    party_changes,
)
from reviews.domain.queries import cases_for_staff, own_cases
from reviews.domain.replay import replay
from reviews.models import Application
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast, make_organisation, make_staff, make_user, qingdao

pytestmark = pytest.mark.django_db
TEAM, CENTRES = "national-project-team-award", "enterprise-tech-centre-award"


def notice() -> SimpleUploadedFile:
    return SimpleUploadedFile("通知书.pdf", one_page_pdf("notice"), content_type="application/pdf")


class Registry:
    """Who prepares and who makes a change in Qingdao."""

    def __init__(self) -> None:
        self.clerk, self.office = make_staff(Role.WINDOW), make_staff(Role.COORDINATOR)

    def paper(self) -> Document:
        return party_changes.keep_basis(city=qingdao(), upload=notice(), user=self.clerk)

    def prepare(self, kind: str, party: Party, **how: Any) -> PartyChange:
        return party_changes.prepare(
            city=qingdao(), kind=kind, party=party, effective_on=timezone.localdate(),
            basis="准予变更登记通知书", document=self.paper(), user=self.clerk, **how,
        )  # fmt: skip

    def change(self, kind: str, party: Party, **how: Any) -> PartyChange:
        change = self.prepare(kind, party, **how)
        return party_changes.make(change_id=change.pk, user=self.office)

    def merge(self, party: Party, successor: Party) -> PartyChange:
        return self.change("merger", party, successor=successor)


@pytest.fixture
def registry(db: None) -> Registry:
    return Registry()


@pytest.fixture
def owner(db: None) -> User:
    return make_user("owner")


@pytest.fixture
def successor(owner: User) -> Party:
    return make_organisation(owner)


def fresh(party: Party) -> Party:
    party.refresh_from_db()
    return party


def used(key: str) -> Decimal:
    return Counter.objects.filter(key=key).values_list("used", flat=True).first() or Decimal(0)


def unit_year(party: Party) -> str:
    return f"cap:{TEAM}:unit_year:applicant={party.pk}:{timezone.localdate().year}"


def test_a_rename_keeps_the_old_name_findable(registry: Registry) -> None:
    cast = Cast(CENTRES)
    before = cast.party.name
    factories.determined(cast)
    registry.change("rename", cast.party, name_after="改名后的单位")
    assert fresh(cast.party).name == "改名后的单位"
    assert former_names(cast.party) == [before]
    found = entries(cities=["qingdao"], wanted=LedgerFilter(applicant=before))
    assert [row.applicant_id for row in found] == [cast.party.pk]
    assert Notice.objects.filter(user=cast.clerk, kind="party.renamed").count() == 1
    event = Written.objects.get(kind="party.renamed")
    assert (event.subject, event.reason) == (f"party:{cast.party.pk}", "准予变更登记通知书")


def test_a_merger_passes_open_cases_and_what_was_used(
    registry: Registry, owner: User, successor: Party
) -> None:
    cast = Cast(TEAM)
    case = factories.determined(cast)
    amount = factories.award_of(case).amount
    registry.merge(cast.party, successor)
    case.refresh_from_db()
    assert (case.applicant, case.account, case.state) == (successor, None, "determined")
    assert (used(unit_year(cast.party)), used(unit_year(successor))) == (0, amount)
    ended = fresh(cast.party)
    assert (ended.ended_on, ended.successor) == (timezone.localdate(), successor)
    assert differences(city_code="qingdao") == []


def test_the_successors_members_act_and_the_former_ones_do_not(
    registry: Registry, owner: User, successor: Party
) -> None:
    cast = Cast(CENTRES)
    case = factories.submitted(cast)
    registry.merge(cast.party, successor)
    assert list(own_cases(owner)) == [case]
    assert not own_cases(cast.clerk).exists()
    with pytest.raises(NotAllowed):
        applications.withdraw(case_id=case.pk, user=cast.clerk)
    applications.withdraw(case_id=case.pk, user=owner)
    assert not BankAccount.objects.filter(party=cast.party, is_current=True).exists()
    assert not Membership.objects.filter(party=cast.party, is_active=True).exists()


def test_what_is_decided_stays_as_it_was_for_the_successor_to_see(
    registry: Registry, owner: User, successor: Party
) -> None:
    cast = Cast(CENTRES)
    case = factories.submitted(cast)
    applications.withdraw(case_id=case.pk, user=cast.clerk)
    registry.merge(cast.party, successor)
    case.refresh_from_db()
    assert case.applicant == cast.party
    assert list(own_cases(owner)) == [case]


def test_a_draft_passes_and_no_new_one_begins(registry: Registry, successor: Party) -> None:
    cast = Cast(CENTRES)
    case = factories.draft(cast)
    registry.merge(cast.party, successor)
    case.refresh_from_db()
    assert case.applicant == successor
    Membership.objects.filter(party=cast.party).update(is_active=True)
    with pytest.raises(Refused, match="已终止"):
        applications.start_application(party=cast.party, programme=cast.programme, user=cast.clerk)


def test_a_checked_account_is_checked_anew(registry: Registry, successor: Party) -> None:
    cast = Cast(CENTRES)
    case = factories.checked(cast)
    registry.merge(cast.party, successor)
    case.refresh_from_db()
    assert case.state == "determined"
    assert case.tasks.filter(kind="finance_check", state="open").count() == 1
    determination = case.determinations.get(state="approved")
    assert determination.checked_by is None


def test_the_successor_names_its_own_account(
    registry: Registry, owner: User, successor: Party
) -> None:
    cast = Cast(CENTRES)
    case = factories.determined(cast)
    registry.merge(cast.party, successor)
    account = BankAccount.objects.get(party=successor, is_current=True)
    applications.choose_account(case_id=case.pk, account_id=account.pk, user=owner)
    case.refresh_from_db()
    assert case.account == account
    with pytest.raises(Conflict):
        applications.choose_account(case_id=case.pk, account_id=account.pk, user=owner)


def test_a_determination_replays_as_the_applicant_that_was(registry: Registry, owner: User) -> None:
    cast = Cast(CENTRES)
    case = factories.determined(cast)
    registry.merge(cast.party, make_organisation(owner, kind="university"))
    assert replay(case.determinations.get()).same


def test_titles_pass_with_a_merger(registry: Registry, successor: Party) -> None:
    ended = make_organisation(make_user())
    held = entered(ended)
    registry.merge(ended, successor)
    shown = registers.recognitions_of(party=successor, city=qingdao())
    assert [(one["title"], one["until"]) for one in shown] == [(held.title, None)]
    record = RegistryRecord.objects.get(party=successor)
    assert record.recognitions == shown
    assert not RegistryRecord.objects.filter(party=ended).exists()


def entered(party: Party, on: date = date(2020, 1, 1)) -> RegisterEntry:
    return RegisterEntry.objects.create(
        city=qingdao(), kind="title", title="hitech", number=f"GR{party.pk}", label_zh="高企",
        label_en="high-tech", party=party, bureau=factories.bureau("sti"), starts_on=on,
        entered_by=make_user(),
    )  # fmt: skip


def test_a_split_brings_titles_as_history_alone(registry: Registry, successor: Party) -> None:
    """The successor once was one that held it: no second first time, and no title either."""
    party = make_organisation(make_user())
    entered(party)
    registry.change("split", party, successor=successor, share=Decimal(40))
    yesterday = timezone.localdate() - timedelta(days=1)
    (shown,) = registers.recognitions_of(party=successor, city=qingdao())
    assert shown["until"] == yesterday.isoformat()
    assert RegistryRecord.objects.get(party=successor).recognitions == [shown]
    assert [one["until"] for one in registers.recognitions_of(party=party, city=qingdao())] == [
        None
    ]


def test_a_split_passes_the_cases_it_names_and_its_share(
    registry: Registry, successor: Party
) -> None:
    cast = Cast(TEAM)
    case = factories.determined(cast)
    stays = factories.submitted(cast)
    amount = factories.award_of(case).amount
    registry.change(
        "split", cast.party, successor=successor, cases=[str(case.number)], share=Decimal("33.33")
    )
    for one in (case, stays):
        one.refresh_from_db()
    assert (case.applicant, stays.applicant) == (successor, cast.party)
    passed = (amount * Decimal("0.3333")).quantize(Decimal("0.01"))
    assert (used(unit_year(cast.party)), used(unit_year(successor))) == (amount - passed, passed)
    assert fresh(cast.party).ended_on is None
    assert Membership.objects.filter(party=cast.party, is_active=True).exists()


def test_the_last_part_of_a_split_ends_the_party(registry: Registry, successor: Party) -> None:
    cast = Cast(TEAM)
    case = factories.determined(cast)
    amount = factories.award_of(case).amount
    other = make_organisation(make_user())
    registry.change("split", cast.party, successor=other, share=Decimal(60))
    registry.change("split", cast.party, successor=successor, ends=True)
    case.refresh_from_db()
    assert case.applicant == successor
    assert [used(unit_year(one)) for one in (cast.party, other, successor)] == [
        0, amount * Decimal("0.6"), amount * Decimal("0.4"),
    ]  # fmt: skip
    assert fresh(cast.party).successor == successor


def test_who_is_merged_twice_goes_on_as_the_last(registry: Registry, successor: Party) -> None:
    first, second = make_organisation(make_user()), make_organisation(make_user())
    registry.merge(first, second)
    registry.merge(second, successor)
    assert fresh(first).successor == successor
    assert {one.party for one in ancestors(successor)} == {first.pk, second.pk}


def test_two_people(registry: Registry, successor: Party) -> None:
    change = registry.prepare("merger", make_organisation(make_user()), successor=successor)
    factories.give_role(registry.clerk, Role.COORDINATOR)
    with pytest.raises(NotAllowed, match="以外的人员办结"):
        party_changes.make(change_id=change.pk, user=registry.clerk)
    with pytest.raises(IntegrityError, match="party_change_made_by_another"), transaction.atomic():
        PartyChange.objects.filter(pk=change.pk).update(state="made", made_by=registry.clerk)
    party_changes.make(change_id=change.pk, user=registry.office)
    with pytest.raises(Conflict):
        party_changes.make(change_id=change.pk, user=registry.office)


@pytest.mark.parametrize("role", [Role.PREPARER, Role.APPROVER, Role.AUDITOR, Role.COORDINATOR])
def test_who_may_not_prepare(successor: Party, role: Role) -> None:
    user = make_staff(role, "sti" if role in (Role.PREPARER, Role.APPROVER) else None)
    with pytest.raises(NotAllowed):
        party_changes.keep_basis(city=qingdao(), upload=notice(), user=user)


@pytest.mark.parametrize("role", [Role.WINDOW, Role.AUDITOR, Role.APPROVER, Role.LEADER])
def test_who_may_not_make(registry: Registry, successor: Party, role: Role) -> None:
    change = registry.prepare("merger", make_organisation(make_user()), successor=successor)
    user = make_staff(role, "sti" if role in (Role.APPROVER, Role.LEADER) else None)
    with pytest.raises(NotAllowed):
        party_changes.make(change_id=change.pk, user=user)


def test_nobody_changes_what_they_belong_to(registry: Registry, successor: Party) -> None:
    party = make_organisation(registry.clerk)
    with pytest.raises(NotAllowed, match="成员"):
        registry.prepare("merger", party, successor=successor)


Wrong = Callable[[Party, Party], dict[str, Any]]


@pytest.mark.parametrize(
    ("kind", "how", "field"),
    [
        ("rename", lambda party, _other: {"name_after": ""}, "name_after"),
        ("rename", lambda party, _other: {"name_after": party.name}, "name_after"),
        ("merger", lambda party, _other: {}, "successor"),
        ("merger", lambda party, _other: {"successor": party}, "successor"),
        ("split", lambda _party, other: {"successor": other, "share": Decimal(101)}, "share"),
        ("split", lambda _party, other: {"successor": other, "share": Decimal("0.001")}, "share"),
        ("split", lambda _party, other: {"successor": other, "cases": ["QD-1"]}, "cases"),
        ("other", lambda _party, other: {"successor": other}, "kind"),
    ],
)
def test_every_fault_by_its_field(
    registry: Registry, successor: Party, kind: str, how: Wrong, field: str
) -> None:
    party = make_organisation(make_user())
    with pytest.raises(Refused) as refused:
        registry.prepare(kind, party, **how(party, successor))
    assert list(refused.value.message_dict) == [field]


def test_the_notice_of_the_registration_is_needed(registry: Registry, successor: Party) -> None:
    with pytest.raises(Refused) as refused:
        party_changes.prepare(
            city=qingdao(), kind="merger", party=make_organisation(make_user()),
            successor=successor, effective_on=timezone.localdate(), basis="文", document=None,
            user=registry.clerk,
        )  # fmt: skip
    assert list(refused.value.message_dict) == ["document"]


def test_what_has_ended_changes_no_more(registry: Registry, successor: Party) -> None:
    party, third = make_organisation(make_user()), make_organisation(make_user())
    first = registry.prepare("merger", party, successor=successor)
    second = registry.prepare("merger", party, successor=third)
    party_changes.make(change_id=first.pk, user=registry.office)
    with pytest.raises(Refused, match="终止"):
        party_changes.make(change_id=second.pk, user=registry.office)
    party_changes.cancel(change_id=second.pk, reason="重复", user=registry.clerk)


def test_a_former_member_reviews_no_case_of_the_successor(
    registry: Registry, successor: Party
) -> None:
    cast = Cast(CENTRES)
    reviewer = make_staff(Role.PREPARER, cast.handling)
    party = cast.party
    members.add_member(party=party, email=reviewer.email, role="clerk", user=cast.clerk)
    case = factories.submitted(cast)
    registry.merge(party, successor)
    with pytest.raises(NotAllowed):
        factories.walk.declared(case, reviewer)
    assert case in cases_for_staff(make_staff(Role.PREPARER, cast.handling))


def test_what_is_due_to_one_that_ended_is_paid_to_its_successor(
    registry: Registry, successor: Party
) -> None:
    cast = Cast(CENTRES)
    case = published_today(cast)
    award = awarding.award(case_id=case.pk, user=cast.of(cast.handling, Role.APPROVER))
    registry.merge(cast.party, successor)
    batch = payouts.prepare_batch(
        city=qingdao(), instalment_ids=award.instalments.values_list("pk", flat=True),
        user=make_user(),
    )  # fmt: skip
    line = batch.lines.get()
    assert (line.payee, line.account.party) == (successor, successor)
    assert line.instalment.payee == cast.party


def published_today(cast: Cast) -> Application:
    change_setting(
        city=qingdao(), programme=None, key="publicity_days", value=0, basis="试", actor=make_user()
    )
    return factories.published(cast)


WITHDRAWABLE = ["draft", "submitted", "accepted", "reviewed", "proposed", "determined", "checked",
                "published"]  # fmt: skip


@pytest.mark.parametrize("stage", WITHDRAWABLE)
def test_an_applicant_withdraws_at_any_stage_before_the_award(stage: str) -> None:
    cast = Cast(TEAM)
    case = getattr(factories, stage)(cast)
    applications.withdraw(case_id=case.pk, user=cast.clerk, reason="不再申请")
    case.refresh_from_db()
    assert case.state == "withdrawn"
    assert used(unit_year(cast.party)) == 0
    assert not case.tasks.filter(state="open").exists()
    assert not Award.objects.filter(case_number=case.number, state="reserved").exists()


def test_but_not_after_it() -> None:
    cast = Cast(CENTRES)
    case = published_today(cast)
    awarding.award(case_id=case.pk, user=cast.of(cast.handling, Role.APPROVER))
    with pytest.raises(Conflict):
        applications.withdraw(case_id=case.pk, user=cast.clerk)
