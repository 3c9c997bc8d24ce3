"""A hold keeps back what it names and nothing else, until somebody says why it may go on."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from applicants.domain.chains import Fault
from applicants.domain.errors import Conflict, Refused
from incentives.domain import holds, money, sealing
from incentives.domain.reconcile import Difference, differences
from incentives.models import Award, LedgerEntry, PayeeHold
from incentives.models.payout import HoldKind
from tests.incentives.domain.behind import behind
from tests.incentives.factories import cap, make_award, make_user, qingdao, reserve


def awarded(case_number: str, key: str) -> Award:
    grant = reserve("100.00", caps=[cap(key, "1000")], case_number=case_number)
    return Award.objects.get(pk=grant.award)


def held() -> list[str]:
    return sorted(holds.open_holds().values_list("award__case_number", flat=True))


def differing(what: str, key: str, award: Award | None = None) -> Difference:
    return Difference(what, key, Decimal(1), Decimal(2), award and award.pk)


def night(*faults: Fault) -> list[str]:
    """What is held after a night that found these faults, and the differences of the ledger."""
    holds.hold_differences(qingdao(), differences(city_code="qingdao"))
    holds.hold_faults(faults or sealing.verify_city("qingdao"))
    return held()


def look_and_release() -> None:
    for one in holds.open_holds():
        holds.release(hold_id=one.pk, user=make_user(), reason="Looked at: an error of ours.")


def test_a_counter_out_of_true_holds_the_awards_under_it(db: None) -> None:
    for number, key in (("H-1", "one"), ("H-2", "one"), ("H-3", "other")):
        awarded(number, key)
    assert holds.hold_differences(qingdao(), [differing("counter", "one")]) == 2
    assert held() == ["H-1", "H-2"]


def test_an_award_or_payment_out_of_true_holds_itself(db: None) -> None:
    first, _second, third = (awarded(number, "one") for number in ("H-1", "H-2", "H-3"))
    wrong = [differing("award", "H-1", first), differing("payment", "H-3", third)]
    holds.hold_differences(qingdao(), wrong)
    assert held() == ["H-1", "H-3"]


def test_a_changed_ledger_row_holds_its_award(committed_db: None, owner_url: str) -> None:
    awarded("H-1", "one")
    row = LedgerEntry.objects.get(award=awarded("H-2", "one")).pk
    sealing.seal_all()
    behind(owner_url, "UPDATE incentives_ledgerentry SET reason = 'x' WHERE id = %s", row)
    assert night() == ["H-2"]
    assert night() == ["H-2"]
    assert PayeeHold.objects.count() == 1


def test_a_row_that_is_gone_holds_the_award_it_was_of(committed_db: None, owner_url: str) -> None:
    awarded("H-1", "one")
    award = make_award("100.00", case_number="H-2")
    row = LedgerEntry.objects.get(award=award, stage="committed").pk
    sealing.seal_all()
    behind(owner_url, "DELETE FROM incentives_ledgerentry WHERE id = %s", row)
    holds.hold_faults(sealing.verify_city("qingdao"))
    assert held() == ["H-2"]


def test_a_row_given_to_another_award_holds_both(committed_db: None, owner_url: str) -> None:
    first, second = awarded("H-1", "one"), awarded("H-2", "one")
    awarded("H-3", "one")
    sealing.seal_all()
    change = "UPDATE incentives_{} SET award_id = %s WHERE award_id = %s"  # with what points at it
    sql = f"WITH e AS ({change.format('counterentry')}) {change.format('ledgerentry')}"
    behind(owner_url, sql, *(second.pk, first.pk) * 2)
    holds.hold_faults(sealing.verify_city("qingdao"))
    assert held() == ["H-1", "H-2"]


def test_a_link_about_another_award_is_a_fault_too(committed_db: None, owner_url: str) -> None:
    first, second = awarded("H-1", "one"), awarded("H-2", "one")
    sealing.seal_all()
    sql = "UPDATE applicants_chainlink SET about = %s WHERE about = %s"
    behind(owner_url, sql, second.pk, first.pk)
    assert night() == ["H-1", "H-2"]


def test_a_released_award_out_of_true_does_not_hold_its_successor(
    committed_db: None, owner_url: str
) -> None:
    first = awarded("H-1", "one")
    with transaction.atomic():
        money.release(award=first, at=timezone.now(), actor=make_user(), reason="upheld")
    second = awarded("H-1", "one")
    sealing.seal_all()
    sql = "UPDATE incentives_ledgerentry SET amount = 1 WHERE award_id = %s AND stage = 'released'"
    behind(owner_url, sql, first.pk)
    night()
    assert {one.award_id for one in holds.open_holds()} == {first.pk}
    assert second.pk != first.pk


def test_what_somebody_has_looked_at_is_not_held_again(committed_db: None, owner_url: str) -> None:
    award = awarded("H-1", "one")
    row = LedgerEntry.objects.get(award=award).pk
    sealing.seal_all()
    sql = "UPDATE incentives_ledgerentry SET amount = amount - 1 WHERE id = %s"
    behind(owner_url, sql, row)
    assert night() == ["H-1"] * 3  # the balances of award and cap, and the row
    look_and_release()
    assert night() == []
    behind(owner_url, sql, row)
    assert night() == ["H-1"] * 3


def test_a_second_fault_of_a_held_award_is_held_too(db: None) -> None:
    award = awarded("H-1", "one")
    first = Fault("ledger:qingdao", 2, 7, "changed", (award.pk,), "aa")
    others = [
        replace(first, found="bb"),
        replace(first, what="missing", found=""),
        replace(first, number=3, row=8),
    ]
    assert night(first) == night(first) == ["H-1"]
    for number, other in enumerate(others, start=2):
        assert night(first, other) == ["H-1"] * number
    look_and_release()
    assert night(first, *others) == []


def test_the_same_gap_of_a_limit_that_is_drawn_on_is_held_once(db: None) -> None:
    awarded("H-1", "one")
    holds.hold_differences(qingdao(), [differing("counter", "one")])
    look_and_release()
    drawn = Difference("counter", "one", Decimal(101), Decimal(102))
    assert holds.hold_differences(qingdao(), [drawn]) == 0
    assert holds.hold_differences(qingdao(), [replace(drawn, added_up=Decimal(103))]) == 1


def test_the_same_again_is_one_hold_and_after_its_release_another(db: None) -> None:
    award, user = awarded("H-1", "one"), make_user()
    first = holds.hold(award=award, kind=HoldKind.CREDIT, text="listed")
    assert holds.hold(award=award, kind=HoldKind.CREDIT, text="listed") == first
    with pytest.raises(Refused):
        holds.release(hold_id=first.pk, user=user, reason=" ")
    holds.release(hold_id=first.pk, user=user, reason="The listing was an error.")
    assert held() == []
    with pytest.raises(Conflict):
        holds.release(hold_id=first.pk, user=user, reason="again")
    assert holds.hold(award=award, kind=HoldKind.CREDIT, text="listed anew") != first
    assert PayeeHold.objects.count() == 2
