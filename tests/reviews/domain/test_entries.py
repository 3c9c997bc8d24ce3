"""Who may take which step of a register entry, what it does, and what its holder is told."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import Membership, Notice
from incentives.domain import registers
from incentives.models import RegisterEntry
from reviews.domain import entries, reminders, working_days
from reviews.models.staff import BUREAU_ROLES, Role
from tests import factories
from tests.factories import make_organisation, make_staff, make_user

pytestmark = pytest.mark.django_db
KINDS = sorted(registers.SERIES)
MORE = {
    "redeem": {"amount": Decimal("60.00")},
    "extend": {"ends_on": timezone.localdate() + timedelta(days=500)},
}
BEFORE = ("fulfilled", "declined", "expired", "ended")


def entry(kind="title", *, bureau="miit", days=None, **fields):
    """An entry as an imported list makes it: of no case."""
    user = make_user()
    today = timezone.localdate()
    return RegisterEntry.objects.create(
        city=factories.qingdao(),
        kind=kind,
        title="some-title",
        number=f"QD-T-{user.pk}",
        label_zh="某称号",
        label_en="Some title",
        party=fields.pop("party", None) or make_organisation(user),
        bureau=factories.bureau(bureau),
        starts_on=today,
        ends_on=None if days is None else today + timedelta(days=days),
        entered_by=user,
        **fields,
    )


def take(one, step, user):
    return entries.take_step(
        entry_id=one.pk, kind=step, note="依据", user=user, **MORE.get(step, {})
    )


@pytest.mark.parametrize("role", [Role.PREPARER, Role.APPROVER])
@pytest.mark.parametrize("step", sorted(set(registers.STEPS) - {"redeem"}))
def test_a_step_belongs_to_its_roles(step, role):
    one = entry(min(registers.STEPS[step].kinds))
    user = make_staff(role, "miit")
    allowed = role in entries.roles_for(step)
    assert (step in entries.steps_open(one, user)) is allowed
    if allowed:
        assert take(one, step, user).state == registers.STEPS[step].after
        return
    with pytest.raises(NotAllowed):
        take(one, step, user)


def test_preparers_deliver_and_approvers_alone_give_out_prolong_and_end():
    alone = set(registers.STEPS) - {"deliver", "select", "pass_over", "close"}
    assert alone == entries.APPROVING


@pytest.mark.parametrize("role", list(Role))
def test_no_step_is_open_to_other_bureaus_and_offices(role):
    one = entry("nomination")
    bureau = "sti" if role in BUREAU_ROLES else None
    user = make_staff(role, bureau)
    assert entries.steps_open(one, user) == []
    for step in ("select", "pass_over", "end"):
        with pytest.raises(NotAllowed):
            take(one, step, user)


@pytest.mark.parametrize("state", BEFORE)
@pytest.mark.parametrize("kind", KINDS)
def test_a_closed_entry_takes_no_step(kind, state):
    one = entry(kind)
    RegisterEntry.objects.filter(pk=one.pk).update(state=state)
    one.refresh_from_db()
    approver = make_staff(Role.APPROVER, "miit")
    assert entries.steps_open(one, approver) == []
    for step, made in registers.STEPS.items():
        if kind in made.kinds:
            with pytest.raises(Conflict):
                take(one, step, approver)


@pytest.mark.parametrize("kind", KINDS)
def test_the_steps_of_a_kind_are_those_declared(kind):
    approver = make_staff(Role.APPROVER, "miit")
    declared = [name for name, step in registers.STEPS.items() if kind in step.kinds]
    assert entries.steps_open(entry(kind), approver) == declared
    assert declared != []


def test_a_member_of_the_holder_neither_sees_nor_steps():
    one = entry()
    approver = make_staff(Role.APPROVER, "miit")
    Membership.objects.create(party=one.party, user=approver, role="clerk")
    assert entries.steps_open(one, approver) == []
    assert list(entries.entries_for_staff(approver)) == []
    with pytest.raises(NotAllowed):
        take(one, "end", approver)


def test_a_strange_step_is_refused_with_the_known_ones():
    with pytest.raises(Refused) as refusal:
        take(entry(), "burn", make_staff(Role.APPROVER, "miit"))
    assert "extend" in refusal.value.message_dict["kind"][0]


def test_an_entry_is_for_the_eyes_of_its_bureau_and_the_auditor():
    one = entry()
    seen = {
        "own": make_staff(Role.PREPARER, "miit"),
        "other": make_staff(Role.APPROVER, "sti"),
        "auditor": make_staff(Role.AUDITOR),
        "editor": make_staff(Role.POLICY_EDITOR),
        "finance": make_staff(Role.FINANCE_PREPARER, "finance"),
        "other city": make_staff(Role.AUDITOR, None, "dalian"),
        "same bureau there": make_staff(Role.APPROVER, "miit", "dalian"),
    }
    assert [name for name, user in seen.items() if one in entries.entries_for_staff(user)] == [
        "own",
        "auditor",
    ]


def test_finance_sees_vouchers_because_they_are_paid():
    voucher = entry("voucher")
    entry("title")
    payer = make_staff(Role.FINANCE_APPROVER, "finance")
    assert list(entries.entries_for_staff(payer)) == [voucher]
    assert entries.steps_open(voucher, payer) == []


def test_the_holder_is_told_of_each_step_once():
    one = entry("nomination")
    take(one, "select", make_staff(Role.APPROVER, "miit"))
    told = Notice.objects.get(kind="register.select")
    assert told.user == one.entered_by  # who registered the organisation in this test
    assert (told.data["register"], told.data["note"]) == (one.number, "依据")
    assert told.url == f"/held/{one.party_id}/{one.pk}/"


def remind() -> None:
    reminders.plan()
    reminders.send_due()


def test_what_runs_out_soon_is_told_once_for_each_last_day():
    soon, later = entry(days=10), entry(days=200)
    ended = entry(days=10)
    RegisterEntry.objects.filter(pk=ended.pk).update(state="ended")
    for _night in range(2):
        remind()
    assert Notice.objects.get(kind="register.expiring").user == soon.entered_by
    approver = make_staff(Role.APPROVER, "miit")
    longer = soon.ends_on + timedelta(days=1)
    entries.take_step(
        entry_id=soon.pk, kind="extend", note="复审合格", user=approver, ends_on=longer
    )
    remind()
    assert Notice.objects.filter(kind="register.expiring").count() == 2
    assert not Notice.objects.filter(user=later.entered_by, kind="register.expiring").exists()


def test_the_night_expires_what_is_over_and_tells_its_holder(monkeypatch):
    one = entry("status", days=3)
    monkeypatch.setattr(working_days, "today", lambda: one.ends_on)
    assert entries.expire() == 0
    monkeypatch.setattr(working_days, "today", lambda: one.ends_on + timedelta(days=1))
    assert (entries.expire(), entries.expire()) == (1, 0)
    assert Notice.objects.get(kind="register.expire").user == one.entered_by
