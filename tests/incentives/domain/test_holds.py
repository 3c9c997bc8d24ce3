"""A hold keeps back what it names and nothing else, until somebody says why it may go on."""

from decimal import Decimal

import pytest

from applicants.domain.chains import Fault
from applicants.domain.errors import Conflict, Refused
from incentives.domain import holds
from incentives.domain.reconcile import Difference
from incentives.models import Award, LedgerEntry, PayeeHold
from incentives.models.payout import HoldKind
from tests.incentives.factories import cap, make_user, qingdao, reserve


def awarded(case_number: str, key: str) -> Award:
    grant = reserve("100.00", caps=[cap(key, "1000")], case_number=case_number)
    return Award.objects.get(pk=grant.award)


def held() -> list[str]:
    return sorted(holds.open_holds().values_list("award__case_number", flat=True))


def differing(what: str, key: str) -> Difference:
    return Difference(what, key, Decimal(1), Decimal(2))


def test_a_counter_out_of_true_holds_the_awards_under_it(db: None) -> None:
    for number, key in (("H-1", "one"), ("H-2", "one"), ("H-3", "other")):
        awarded(number, key)
    assert holds.hold_differences(qingdao(), [differing("counter", "one")]) == 2
    assert held() == ["H-1", "H-2"]


def test_an_award_or_payment_out_of_true_holds_itself(db: None) -> None:
    for number in ("H-1", "H-2", "H-3"):
        awarded(number, "one")
    holds.hold_differences(qingdao(), [differing("award", "H-1"), differing("payment", "H-3")])
    assert held() == ["H-1", "H-3"]


def test_a_changed_ledger_row_holds_its_award(db: None) -> None:
    awarded("H-1", "one")
    award = awarded("H-2", "one")
    row = LedgerEntry.objects.get(award=award).pk
    events = Fault("events:qingdao", 3, row, "changed")
    assert holds.hold_faults([events, Fault("ledger:qingdao", 2, row, "changed")]) == 1
    assert held() == ["H-2"]


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
