"""Money asked back: who signs, what may be asked, and what comes back to ledger and caps."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import count

import psycopg
import pytest
from django.db import transaction
from django.utils import timezone

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import User
from incentives.domain import money, payouts, recoveries
from incentives.domain.reconcile import differences
from incentives.models import (
    Award,
    Counter,
    Instalment,
    LedgerEntry,
    PayoutLine,
    Recovery,
    RecoveryEntry,
)
from tests.incentives.domain.threads import at_once
from tests.incentives.factories import (
    cap,
    make_account,
    make_award,
    make_budget,
    make_user,
    qingdao,
    reserve,
)

YEAR = timezone.localdate().year
_receipts = count(1)


def paid_award(amount: str = "1000.00", **more: object) -> Award:
    return paid(make_award(amount, **more))


def paid(award: Award) -> Award:
    due = award.instalments.filter(due_on__isnull=False).exclude(lines__state="paid")
    ids = list(due.values_list("pk", flat=True))
    batch = payouts.prepare_batch(city=qingdao(), instalment_ids=ids, user=make_user())
    payouts.approve_batch(batch_id=batch.pk, user=make_user())
    payouts.export_batch(batch_id=batch.pk, user=make_user())
    results = {line.pk: ("paid", "") for line in batch.lines.all()}
    payouts.settle(batch_id=batch.pk, results=results, user=make_user())
    return award


def prepared(award: Award, amount: str = "1000.00") -> Recovery:
    return recoveries.prepare(
        award=award,
        amount=Decimal(amount),
        reason="迁出本市",
        due_on=timezone.localdate() + timedelta(days=30),
        user=make_user(),
    )


def demanded(award: Award, amount: str = "1000.00") -> Recovery:
    return recoveries.demand(recovery_id=prepared(award, amount).pk, user=make_user())


def back(recovery: Recovery, amount: str, receipt: str = "") -> Recovery:
    return recoveries.enter(
        recovery_id=recovery.pk,
        amount=Decimal(amount),
        received_on=timezone.localdate(),
        reference=receipt or f"回单{next(_receipts)}",
        user=make_user(),
    )


def used(key: str) -> Decimal:
    return Counter.objects.get(key=key).used


def test_part_payments_settle_a_demand_and_give_room_again(db: None) -> None:
    budget = make_budget("5000.00", year=YEAR)
    award = paid_award(caps=[cap("life", "3000")])
    recovery = demanded(award, "700.00")
    assert back(recovery, "333.33").state == "demanded"
    assert (used("life"), used(budget.key)) == (Decimal("666.67"), Decimal("666.67"))
    assert back(recovery, "366.67").state == "settled"
    assert used("life") == Decimal("300.00")
    stages = LedgerEntry.objects.filter(stage="recovered").values_list("amount", flat=True)
    assert sorted(stages) == [Decimal("333.33"), Decimal("366.67")]
    assert differences(city_code="qingdao") == []


def test_no_more_is_asked_back_than_was_paid(db: None) -> None:
    award = paid_award()
    demanded(award, "600.00")
    with pytest.raises(Refused, match="400"):
        prepared(award, "400.01")
    prepared(award, "400.00")


def test_what_the_bank_returned_meanwhile_is_not_demanded(db: None) -> None:
    award = paid_award()
    first, second = prepared(award, "600.00"), prepared(award, "300.00")
    line = PayoutLine.objects.get()
    payouts.settle(
        batch_id=line.batch_id, results={line.pk: ("returned", "销户")}, user=make_user()
    )
    with pytest.raises(Conflict), transaction.atomic():
        recoveries.demand(recovery_id=first.pk, user=make_user())
    paid(award)
    assert recoveries.demand(recovery_id=first.pk, user=make_user()).state == "demanded"
    assert recoveries.demand(recovery_id=second.pk, user=make_user()).state == "demanded"


def test_nothing_is_asked_back_of_what_was_not_paid(db: None) -> None:
    with pytest.raises(Refused):
        prepared(make_award("1000.00"), "0.01")


def test_no_more_comes_back_than_is_open(db: None) -> None:
    recovery = demanded(paid_award(), "100.00")
    back(recovery, "60.00")
    with pytest.raises(Conflict, match=r"40\.00"), transaction.atomic():
        back(recovery, "40.01")


def test_two_payments_at_once_do_not_pass_the_demand(committed_db: None) -> None:
    recovery = demanded(paid_award(), "100.00")
    results = at_once([lambda: back(recovery, "60.00")] * 4)
    refused = [one for one in results if isinstance(one, Conflict)]
    assert (len(refused), RecoveryEntry.objects.count()) == (3, 1)


def test_a_demand_and_a_write_off_have_two_signatures(db: None) -> None:
    first = prepared(paid_award())
    with pytest.raises(NotAllowed):
        recoveries.demand(recovery_id=first.pk, user=first.prepared_by)
    recovery = recoveries.demand(recovery_id=first.pk, user=make_user())
    with pytest.raises(Conflict):
        recoveries.write_off(recovery_id=recovery.pk, user=make_user())
    asking = make_user()
    recoveries.ask_write_off(recovery_id=recovery.pk, reason="已注销", user=asking)
    with pytest.raises(NotAllowed):
        recoveries.write_off(recovery_id=recovery.pk, user=asking)
    back(recovery, "10.00")
    done = recoveries.write_off(recovery_id=recovery.pk, user=make_user())
    assert done.state == "settled"
    entry = LedgerEntry.objects.get(stage="written_off")
    assert entry.amount == Decimal("990.00")


def test_what_is_written_off_gives_no_room(db: None) -> None:
    award = paid_award(caps=[cap("life", "3000")])
    written_off(demanded(award))
    assert used("life") == Decimal("1000.00")


def test_what_comes_back_of_a_redeemed_voucher_gives_back_no_more_than_that(db: None) -> None:
    award = Award.objects.get(pk=reserve("100.00", caps=[cap("life", "3000")]).award)
    make_account(award.applicant)
    with transaction.atomic():
        money.redeem(
            award=award, amount=Decimal(60), at=timezone.now(), actor=make_user(), reason="r"
        )
        Instalment.objects.create(
            award=award, number=1, payee=award.applicant, amount=60, due_on=timezone.localdate()
        )
    back(demanded(paid(award), "30.00"), "30.00")
    assert used("life") == Decimal("30.00")


def test_a_receipt_is_entered_once(db: None) -> None:
    make_award("300.00", caps=[cap("life", "1000")])
    recovery = demanded(paid_award("700.00", caps=[cap("life", "1000")]), "700.00")
    back(recovery, "400.00", "回单7")
    with pytest.raises(Conflict) as refused, transaction.atomic():
        back(recovery, "400.00", " 回单7 ")
    assert list(refused.value.message_dict) == ["reference"]
    assert (recoveries.open_amount(recovery), used("life")) == (Decimal(300), Decimal(600))
    back(recovery, "300.00", "回单8")
    assert used("life") == Decimal(300)


def test_a_receipt_entered_twice_at_once_counts_once(committed_db: None) -> None:
    recovery = demanded(paid_award())
    results = at_once([lambda: back(recovery, "400.00", "回单7")] * 4)
    refused = [one for one in results if isinstance(one, Conflict)]
    assert (len(refused), recoveries.open_amount(recovery)) == (3, Decimal(600))


def test_a_receipt_entered_twice_is_refused_by_raw_sql_too(
    committed_db: None, owner_url: str
) -> None:
    recovery = demanded(paid_award())
    back(recovery, "400.00", "回单7")
    with (
        pytest.raises(psycopg.errors.UniqueViolation, match="receipt_entered_once"),
        psycopg.connect(owner_url) as owner,
    ):
        owner.execute(
            "INSERT INTO incentives_recoveryentry (recovery_id, kind, amount, received_on, "
            "reference, prepared_by_id, recorded_by_id, recorded_at) SELECT recovery_id, kind, "
            "amount, received_on, reference, prepared_by_id, recorded_by_id, now() "
            "FROM incentives_recoveryentry"
        )


def written_off(recovery: Recovery) -> Recovery:
    recoveries.ask_write_off(recovery_id=recovery.pk, reason="已注销", user=make_user())
    return recoveries.write_off(recovery_id=recovery.pk, user=make_user())


def give_up(
    recovery: Recovery, amount: str, asked: User | None = None, actor: User | None = None
) -> None:
    """A part of it, as its asker has it, or another who is said to be."""
    if recovery.write_off_asked_by is None:
        recoveries.ask_write_off(recovery_id=recovery.pk, reason="已注销", user=make_user())
        recovery.refresh_from_db()
    with transaction.atomic():
        money.recover(
            recovery=recovery, kind="written_off", amount=Decimal(amount), reference="r",
            received_on=timezone.localdate(), at=timezone.now(), actor=actor or make_user(),
            prepared_by=asked or recovery.write_off_asked_by,
        )  # fmt: skip


def test_a_write_off_is_signed_by_another_than_its_asker_whoever_is_named(db: None) -> None:
    recovery, asker, other = demanded(paid_award()), make_user(), make_user()
    with pytest.raises(Conflict), transaction.atomic():
        money.recover(
            recovery=recovery, kind="written_off", amount=Decimal(1), reference="r",
            received_on=timezone.localdate(), at=timezone.now(), actor=other, prepared_by=asker,
        )  # fmt: skip
    recovery = recoveries.ask_write_off(recovery_id=recovery.pk, reason="已注销", user=asker)
    for asked, actor in ((asker, asker), (other, asker), (other, make_user())):
        with pytest.raises(Conflict):
            give_up(recovery, "1.00", asked, actor)
    assert posted("written_off") == 0
    give_up(recovery, "1.00", asker, other)


def test_a_write_off_is_asked_for_once(db: None) -> None:
    recovery, asker = demanded(paid_award()), make_user()
    recoveries.ask_write_off(recovery_id=recovery.pk, reason="已注销", user=asker)
    for user in (asker, make_user()):
        with pytest.raises(Conflict):
            recoveries.ask_write_off(recovery_id=recovery.pk, reason="另一理由", user=user)
    recovery.refresh_from_db()
    assert (recovery.write_off_asked_by, recovery.write_off_reason) == (asker, "已注销")


def posted(stage: str) -> Decimal:
    return sum(LedgerEntry.objects.filter(stage=stage).values_list("amount", flat=True), Decimal(0))


def test_money_that_comes_after_a_write_off_takes_as_much_of_it_back(db: None) -> None:
    budget = make_budget("5000.00", year=YEAR)
    recovery = demanded(paid_award(caps=[cap("life", "3000")]))
    back(recovery, "300.00")
    written_off(recovery)
    assert back(recovery, "250.00").state == "settled"
    assert (posted("recovered"), posted("written_off")) == (Decimal(550), Decimal(450))
    assert recoveries.open_amount(recovery) == 0
    assert (used("life"), used(budget.key)) == (Decimal(450), Decimal(450))
    with pytest.raises(Conflict, match=r"450\.00"), transaction.atomic():
        back(recovery, "450.01")
    back(recovery, "450.00")
    assert (used("life"), used(budget.key), posted("written_off")) == (0, 0, 0)
    assert differences(city_code="qingdao") == []


def test_money_beyond_what_is_open_takes_back_what_was_given_up_in_part(db: None) -> None:
    recovery = demanded(paid_award())
    give_up(recovery, "700.00")
    assert back(recovery, "900.00").state == "settled"
    assert (posted("recovered"), posted("written_off")) == (Decimal(900), Decimal(100))
    assert differences(city_code="qingdao") == []


@pytest.mark.parametrize("amount", ["-900", "0", "0.001", "NaN", "Infinity", None])
def test_no_one_person_gives_up_a_negative_sum(db: None, amount: str | None) -> None:
    recovery = demanded(paid_award(caps=[cap("life", "1000")]), "100.00")
    one = make_user()
    with pytest.raises(Conflict) as refused, transaction.atomic():
        money.recover(
            recovery=recovery, kind="written_off", amount=amount and Decimal(amount),
            reference="a", received_on=timezone.localdate(), prepared_by=one, at=timezone.now(),
            actor=one,
        )  # fmt: skip
    assert list(refused.value.message_dict) == ["amount"]
    assert (recoveries.open_amount(recovery), posted("written_off")) == (Decimal(100), 0)


def test_nothing_comes_in_on_a_demand_that_was_paid_whole(db: None) -> None:
    recovery = demanded(paid_award())
    back(recovery, "1000.00")
    with pytest.raises(Conflict, match=r"0\.00"), transaction.atomic():
        back(recovery, "0.01")


def refused_by_the_database(owner_url: str, sql: str, name: str) -> None:
    with (
        pytest.raises(psycopg.errors.CheckViolation, match=name),
        psycopg.connect(owner_url) as owner,
    ):
        owner.execute(sql)


def test_one_signature_is_refused_by_raw_sql_too(committed_db: None, owner_url: str) -> None:
    recovery = prepared(paid_award())
    refused_by_the_database(
        owner_url,
        "UPDATE incentives_recovery SET state = 'demanded', demanded_by_id = prepared_by_id "
        f"WHERE id = {recovery.pk}",
        "recovery_demanded_by_another",
    )
    refused_by_the_database(
        owner_url,
        "INSERT INTO incentives_recoveryentry (recovery_id, kind, amount, received_on, reference, "
        "prepared_by_id, recorded_by_id, recorded_at) SELECT id, 'written_off', 1, now(), 'x', "
        f"prepared_by_id, prepared_by_id, now() FROM incentives_recovery WHERE id = {recovery.pk}",
        "written_off_by_two",
    )


@pytest.mark.parametrize(
    "verb",
    [
        lambda pk: recoveries.cancel(recovery_id=pk, reason=" ", user=make_user()),
        lambda pk: recoveries.enter(
            recovery_id=pk, amount=Decimal(1), received_on=timezone.localdate(), reference="r",
            user=make_user(),
        ),
    ],
)  # fmt: skip
def test_a_step_out_of_turn_or_without_its_reason_is_refused(
    db: None, verb: Callable[[int], Recovery]
) -> None:
    recovery = prepared(paid_award())
    with pytest.raises((Refused, Conflict)):
        verb(recovery.pk)
    recovery.refresh_from_db()
    assert recovery.state == "prepared"
