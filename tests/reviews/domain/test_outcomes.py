"""Every measure can be decided, and each type of case reaches the end that it declares."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.utils import timezone

from applicants.domain.errors import Conflict, Refused
from applicants.models import Event
from incentives.domain import registers
from incentives.domain.programmes import rules_of
from incentives.domain.settings import change_setting
from incentives.models import Award, Counter, LedgerEntry, RegisterEntry, RegisterStep
from incentives.policy import read_yaml
from incentives.policy.outcomes import CASE_TYPES
from reviews.demo import walk
from reviews.demo.walk import granted_example
from reviews.domain import determinations, finance
from reviews.domain.actions import available
from reviews.domain.assessing import assess_case
from reviews.models.determination import Outcome
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast
from tests.reviews.rounds import OF_ONE, Setting, hand_in, later

pytestmark = pytest.mark.django_db
FILES = sorted(Path("incentives/catalogue").glob("*/*.yaml"))
TYPES = {read_yaml(path).data["case_type"]: path.stem for path in reversed(FILES)}
LISTING, TITLE, SUPPORT = (TYPES[name] for name in ("pool_admission", "recognition", "support"))
VOUCHER = "innovation-voucher-qd"
CLOCK = []


@pytest.fixture(autouse=True)
def clock():
    """Examples are of their day: cases are walked from there on."""
    travelled = []

    def to(day):
        travelled.append(time_machine.travel(f"{day.isoformat()}T10:00:00+08:00", tick=True))
        travelled[-1].start()

    CLOCK.append(to)
    yield to
    CLOCK.clear()
    for one in reversed(travelled):
        one.stop()


def prepared(code: str) -> tuple[Cast, dict, dict]:
    """People, facts and choices of the programme's own example, with what it sets set."""
    programme = factories.programme(code)
    rules = rules_of(programme.current)
    CLOCK[0](granted_example(rules).day)
    cast = Cast(code, rules.roles.applicant[0])
    facts, choices, settings = walk.example(programme)
    for key, value in settings.items():
        change_setting(
            city=programme.city,
            programme=programme,
            key=key,
            value=value,
            basis="实施细则（测试）",
            actor=cast.clerk,
        )
    return cast, facts, choices


def determined(code: str):
    cast, facts, choices = prepared(code)
    chosen = rules_of(cast.programme.current).workflow
    if chosen and chosen.preset == "competitive":
        return cast, competed(cast, facts, choices)
    return cast, factories.determined(cast, facts, choices)


def competed(cast, facts, choices):
    """Determined as the first of a round of one, which one expert scored."""
    setting = Setting(cast.programme.code, OF_ONE, experts=1).open()
    case = factories.reviewed(cast, facts)
    with later(setting):
        setting.begin()
        hand_in(setting.sheets_of(setting.round.cases.get().pk)[0])
        setting.rank()
        walk.propose(case, cast.of, choices)
        walk.approve(case, cast.of)
    return factories.fresh(case)


def published(code: str):
    cast, case = determined(code)
    if rules_of(case.version).outcome.pays:
        walk.check(case, cast.of)
    walk.publish(case, cast.of)
    return cast, factories.fresh(case)


def after_publicity(case):
    days = (factories.publicity_end(case) - timezone.localdate()).days
    return time_machine.travel(timezone.now() + timedelta(days=days + 2), tick=True)


def ended(code: str):
    """A case walked to the end that its programme declares."""
    outcome = rules_of(factories.programme(code).current).outcome
    if not outcome.published:
        return determined(code)
    without_publicity(code)
    cast, case = published(code)
    (walk.award if outcome.kind == "award" else walk.conclude)(case, cast.of)
    return cast, factories.fresh(case)


def without_publicity(code: str) -> None:
    """The list ends on the day that it is published."""
    programme = factories.programme(code)
    change_setting(
        city=programme.city,
        programme=programme,
        key="publicity_days",
        value=0,
        basis="测试",
        actor=factories.make_user(),
    )


def marked():
    """Those that pay, one of each type and what is chosen in rounds; the others at night."""
    for path in FILES:
        rules = read_yaml(path).data
        told = path.stem in TYPES.values() or rules["case_type"] == "award"
        competes = rules.get("workflow", {}).get("preset") == "competitive"
        marks = [] if told or competes else [pytest.mark.nightly]
        yield pytest.param(path, marks=marks, id=path.stem)


@pytest.mark.parametrize("path", list(marked()))
def test_every_programme_can_be_determined(path):
    _cast, case = determined(path.stem)
    outcome = rules_of(case.version).outcome
    decided = case.determinations.get()
    if outcome.pays:
        assert case.state == CaseState.DETERMINED
        expected = assess_case(case, choices=decided.choices).amount
        assert Award.objects.get(case_number=case.number).amount == expected
        return
    assert case.state == (CaseState.DETERMINED if outcome.published else CaseState.CONCLUDED)
    assert (decided.award, Award.objects.count(), LedgerEntry.objects.count()) == (None, 0, 0)


def test_every_case_type_has_a_programme():
    assert set(TYPES) == set(CASE_TYPES)


@pytest.mark.parametrize("case_type", sorted(TYPES))
def test_each_type_of_case_reaches_its_end(case_type):
    code = TYPES[case_type]
    cast, case = ended(code)
    outcome = rules_of(case.version).outcome
    if outcome.kind == "award":
        assert case.state == CaseState.AWARDED
        assert RegisterEntry.objects.count() == 0
        return
    assert case.state == CaseState.CONCLUDED
    entry = RegisterEntry.objects.get(case_number=case.number)
    assert (entry.kind, entry.party, entry.title, entry.state) == (
        outcome.kind,
        cast.party,
        code,
        "in_force",
    )
    assert entry.label_zh == outcome.label.zh
    kinds = list(Event.objects.filter(subject=f"case:{case.pk}").values_list("kind", flat=True))
    assert kinds[-2:] == ["case.concluded", "letter.issued"]


def test_what_is_not_paid_never_meets_finance():
    cast, case = determined(LISTING)
    checker = cast.of("finance", Role.FINANCE_PREPARER)
    with pytest.raises(Conflict):
        finance.check(case_id=case.pk, user=checker, note="checked")
    assert available(case, checker) == []
    preparer = cast.of(cast.handling, Role.PREPARER)
    assert [action.name for action in available(case, preparer)] == ["publish"]


def test_money_is_not_published_before_finance_has_checked_it():
    cast, case = determined("enterprise-tech-centre-award")
    with pytest.raises(Conflict):
        walk.publish(case, cast.of)
    assert factories.fresh(case).state == CaseState.DETERMINED


def test_an_entry_waits_for_the_end_of_publicity():
    cast, case = published(LISTING)
    with pytest.raises(Refused):
        walk.conclude(case, cast.of)
    assert RegisterEntry.objects.count() == 0


def test_an_award_is_not_concluded_and_an_entry_not_awarded():
    cast, case = published("enterprise-tech-centre-award")
    other, listed = published(LISTING)
    with after_publicity(case):
        with pytest.raises(Conflict):
            walk.conclude(case, cast.of)
        with pytest.raises(Conflict):
            walk.award(listed, other.of)


def test_support_in_kind_says_what_is_given():
    cast, facts, choices = prepared(SUPPORT)
    case = factories.reviewed(cast, facts)
    with pytest.raises(Refused) as refusal:
        determinations.propose(
            case_id=case.pk,
            outcome=Outcome.AWARD,
            choices=choices,
            reason="符合条件",
            user=cast.of(cast.handling, Role.PREPARER),
        )
    assert set(refusal.value.message_dict) == {"terms"}


def test_a_term_is_bound_by_what_is_printed():
    cast, facts, choices = prepared("r-visa")
    case = factories.reviewed(cast, facts)
    today = timezone.localdate()

    def propose(ends_on):
        return determinations.propose(
            case_id=case.pk,
            outcome=Outcome.AWARD,
            choices=choices,
            reason="符合条件",
            ends_on=ends_on,
            user=cast.of(cast.handling, Role.PREPARER),
        )

    latest = registers.last_day(today, 10)
    with pytest.raises(Refused) as refusal:
        propose(latest + timedelta(days=1))
    assert set(refusal.value.message_dict) == {"ends_on"}
    propose(latest)
    walk.approve(case, cast.of)
    assert RegisterEntry.objects.get(case_number=case.number).ends_on == latest


def entry_of(code: str) -> tuple[Cast, RegisterEntry]:
    cast, case = ended(code)
    return cast, RegisterEntry.objects.get(case_number=case.number)


def test_an_entry_that_has_run_out_expires_once():
    cast, entry = entry_of(TITLE)
    approver = cast.of(cast.handling, Role.APPROVER)
    last = timezone.localdate() + timedelta(days=30)
    registers.take_step(
        entry_id=entry.pk, kind="extend", note="复审合格", ends_on=last, actor=approver
    )
    assert registers.expire(today=last) == 0
    assert registers.expire(today=last + timedelta(days=1)) == 1
    assert registers.expire(today=last + timedelta(days=1)) == 0
    entry.refresh_from_db()
    assert entry.state == "expired"
    steps = RegisterStep.objects.filter(entry=entry).order_by("id").values_list("kind", flat=True)
    assert list(steps) == ["enter", "extend", "expire"]


def test_a_closed_entry_takes_no_further_step():
    cast, entry = entry_of(TITLE)
    approver = cast.of(cast.handling, Role.APPROVER)
    registers.take_step(entry_id=entry.pk, kind="end", note="撤销", actor=approver)
    with pytest.raises(Conflict):
        registers.take_step(entry_id=entry.pk, kind="end", note="再次撤销", actor=approver)
    with pytest.raises(DatabaseError), transaction.atomic():
        RegisterEntry.objects.filter(pk=entry.pk).update(state="in_force")


def test_a_step_belongs_to_its_kind_and_gives_its_reason():
    cast, entry = entry_of(TITLE)
    approver = cast.of(cast.handling, Role.APPROVER)
    for kind, note in (("redeem", "发票"), ("end", " ")):
        with pytest.raises(Refused):
            registers.take_step(entry_id=entry.pk, kind=kind, note=note, actor=approver)
    entry.refresh_from_db()
    assert entry.state == "in_force"


def test_a_voucher_is_worth_what_is_used_of_it():
    cast, entry = entry_of(VOUCHER)
    approver = cast.of(cast.handling, Role.APPROVER)
    used = entry.figure - Decimal("100.01")
    for wrong in (None, Decimal(0), entry.figure + Decimal("0.01")):
        with pytest.raises(Refused) as refusal:
            registers.take_step(
                entry_id=entry.pk, kind="redeem", note="发票", amount=wrong, actor=approver
            )
        assert set(refusal.value.message_dict) == {"amount"}
    registers.take_step(
        entry_id=entry.pk, kind="redeem", note="服务合同和发票", amount=used, actor=approver
    )
    award = Award.objects.get(case_number=entry.case_number)
    assert (award.state, award.amount) == ("committed", used)
    posted = LedgerEntry.objects.filter(award=award).order_by("id").values_list("stage", "amount")
    assert list(posted) == [
        ("reserved", entry.figure),
        ("released", Decimal("100.01")),
        ("committed", used),
    ]
    assert [(i.payee, i.amount) for i in award.instalments.all()] == [(cast.party, used)]


@pytest.mark.parametrize("how", ["expire", "end"])
def test_a_voucher_that_is_not_used_gives_its_money_back(how):
    cast, entry = entry_of(VOUCHER)
    if how == "end":
        approver = cast.of(cast.handling, Role.APPROVER)
        registers.take_step(entry_id=entry.pk, kind="end", note="撤销", actor=approver)
    else:
        RegisterEntry.objects.filter(pk=entry.pk).update(ends_on=entry.starts_on)
        registers.expire(today=entry.starts_on + timedelta(days=1))
    award = Award.objects.get(case_number=entry.case_number)
    assert award.state == "released"
    assert {c.used for c in Counter.objects.filter(entries__award=award)} <= {Decimal(0)}
