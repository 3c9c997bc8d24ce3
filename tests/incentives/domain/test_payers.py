"""Money of the city and of districts: one payer a batch, each share to the fen, nothing mixed."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import count, pairwise
from threading import Barrier
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from applicants.domain.errors import Conflict, Refused
from applicants.models import District
from incentives.domain import money, netting, payouts, recoveries
from incentives.domain.budget_execution import execution
from incentives.domain.payers import by_payer
from incentives.domain.reconcile import differences
from incentives.domain.shares import crossed
from incentives.models import (
    Award,
    Counter,
    Instalment,
    LedgerEntry,
    PayoutBatch,
    PayoutLine,
    Recovery,
)
from tests.incentives.domain.test_exports import read_csv
from tests.incentives.domain.test_payouts import file_of
from tests.incentives.domain.test_recoveries import demanded
from tests.incentives.domain.threads import at_once
from tests.incentives.factories import (
    make_account,
    make_award,
    make_budget,
    make_party,
    make_user,
    qingdao,
    reserve,
)

SHARES = {"city": Decimal("0.6317"), "district": Decimal("0.3683")}
YEAR = timezone.localdate().year
FEN = st.integers(0, 10**9).map(lambda fen: Decimal(fen) / 100)


def laoshan() -> District:
    return District.objects.get(city="qingdao", code="laoshan")


def shinan() -> District:
    return District.objects.get(city="qingdao", code="shinan")


def shared(amount: str = "100.01", **more: Any) -> Award:
    return make_award(amount, payer="shared", shares=SHARES, **more)


def parts(award: Award) -> dict[str, Instalment]:
    return {part.payer: part for part in award.instalments.order_by("number")}


def due(district: District | None = None) -> list[Instalment]:
    return list(payouts.due_instalments(qingdao(), date.max, district))


def prepare(*parts: Instalment, district: District | None = None, net: bool = False) -> PayoutBatch:
    ids = [part.pk for part in parts]
    return payouts.prepare_batch(
        city=qingdao(), district=district, instalment_ids=ids, user=make_user(),
        net=ids if net else (),
    )  # fmt: skip


def export(batch: PayoutBatch) -> PayoutBatch:
    payouts.approve_batch(batch_id=batch.pk, user=make_user())
    payouts.export_batch(batch_id=batch.pk, user=make_user())
    batch.refresh_from_db()
    return batch


def pay(*parts: Instalment, district: District | None = None) -> PayoutBatch:
    batch = export(prepare(*parts, district=district))
    results = {line.pk: ("paid", "") for line in batch.lines.all()}
    payouts.settle(batch_id=batch.pk, results=results, user=make_user())
    return batch


def ledger(award: Award, stage: str) -> dict[str, Decimal]:
    rows = LedgerEntry.objects.filter(award=award, stage=stage).order_by("id")
    sums: dict[str, Decimal] = {}
    for payer, amount in rows.values_list("payer", "amount"):
        sums[payer] = sums.get(payer, Decimal(0)) + amount
    return sums


@given(rows=st.lists(FEN, min_size=1, max_size=8), cut=st.lists(st.integers(0, 100), max_size=3))
def test_rows_and_columns_both_add_up(rows: list[Decimal], cut: list[int]) -> None:
    fen = int(sum(rows) * 100)
    edges = sorted([0, fen, *(fen * one // 100 for one in cut)])
    columns = [Decimal(b - a) / 100 for a, b in pairwise(edges)]
    table = crossed(rows, columns)
    assert [sum(row) for row in table] == rows
    assert [sum(column) for column in zip(*table, strict=True)] == columns
    assert min(min(row) for row in table) >= 0


@pytest.mark.django_db
def test_each_payer_pays_its_share_and_the_books_hold_to_the_fen() -> None:
    budget = make_budget("1000.00", year=YEAR)
    award, elsewhere = shared(), make_award("7.00", payer="district", district="shinan")
    whose = parts(award)
    assert {payer: part.amount for payer, part in whose.items()} == {
        "city": Decimal("63.18"), "district": Decimal("36.83"),
    }  # fmt: skip
    assert due() == [whose["city"]]
    assert due(laoshan()) == [whose["district"]]
    assert due(shinan()) == [elsewhere.instalments.get()]
    of_districts = payouts.due_of_districts(qingdao(), date.max)
    assert payouts.count_by_district(of_districts) == {shinan(): 1, laoshan(): 1}
    for chosen, district in (
        ([whose["city"], whose["district"]], None),
        ([whose["city"], whose["district"]], laoshan()),
        ([whose["district"], *due(shinan())], laoshan()),
    ):
        with pytest.raises(Refused, match="QI-TEST"):
            prepare(*chosen, district=district)
    of_city, of_district = pay(whose["city"]), pay(whose["district"], district=laoshan())
    assert (of_district.payer, of_district.district) == ("district", laoshan())
    assert ledger(award, "paid") == ledger(award, "committed") == {
        "city": Decimal("63.18"), "district": Decimal("36.83"),
    }  # fmt: skip
    assert execution([budget.pk])[budget.pk].paid == Decimal("63.18")
    lines = [batch.lines.get() for batch in (of_city, of_district)]
    assert [line.funding_source for line in lines] == ["财指〔2026〕1号", ""]
    heading, row, _total = read_csv(file_of(of_district, "csv"))
    assert dict(zip(heading, row, strict=True))["支付方"] == "崂山区"
    assert of_district.files.get(format="csv").name == f"{of_district.number}-laoshan.csv"
    assert "支付方" not in read_csv(file_of(of_city, "csv"))[0]
    payouts.settle(
        batch_id=of_district.pk, results={lines[1].pk: ("returned", "销户")}, user=make_user()
    )
    assert (due(), due(laoshan())) == ([], [whose["district"]])
    assert ledger(award, "returned") == {"district": Decimal("36.83")}
    assert execution([budget.pk])[budget.pk].paid == Decimal("63.18")
    assert differences(city_code="qingdao") == []


def line_of(batch: PayoutBatch, part: Instalment) -> PayoutLine:
    account = part.payee.bankaccount_set.get()
    return PayoutLine(
        batch=batch, number=9, instalment=part, payee=part.payee, account=account,
        amount=part.amount,
    )  # fmt: skip


def batch_of(district: District | None) -> PayoutBatch:
    """With a payment of its own in it."""
    if district is None:
        return prepare(make_award("1.00").instalments.get())
    award = make_award("1.00", payer="district", district=district.code)
    return prepare(award.instalments.get(), district=district)


@pytest.mark.parametrize("control", [False, True], ids=["", "control"])
def test_no_line_is_of_another_payer_or_district_even_by_raw_sql(
    committed_db: None, owner_url: str, control: bool
) -> None:
    """The control: without the trigger every one of them goes in."""
    whose, elsewhere = parts(shared()), make_award("7.00", payer="district", district="shinan")
    wrong = [
        (None, whose["district"]),
        (laoshan(), whose["city"]),
        (laoshan(), elsewhere.instalments.get()),
    ]
    lines = [line_of(batch_of(district), part) for district, part in wrong]
    if control:
        with psycopg.connect(owner_url, autocommit=True) as owner:
            owner.execute("DROP TRIGGER huiqi_check_line ON incentives_payoutline")
    for line in lines:
        refused = pytest.raises(DatabaseError, match="does not match a due instalment")
        with nullcontext() if control else refused, transaction.atomic():
            line.save()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    ["payer = 'district'", "district_id = (SELECT min(id) FROM applicants_district)"],
)
def test_a_batch_stays_of_its_payer(change: str) -> None:
    batch = batch_of(None)
    with (
        pytest.raises(DatabaseError, match=r"Cannot update|batch_of_one_payer"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE incentives_payoutbatch SET {change} WHERE id = %s", [batch.pk])


@pytest.mark.django_db
@pytest.mark.parametrize(("payer", "named"), [("city", True), ("district", False), ("x", False)])
def test_a_batch_of_a_district_names_it_and_no_other_does(payer: str, named: bool) -> None:
    with pytest.raises(IntegrityError, match="batch_of_one_payer"), transaction.atomic():
        PayoutBatch.objects.create(
            city=qingdao(), number="X-1", payer=payer, district=laoshan() if named else None,
            line_count=1, total=Decimal(1), prepared_by=make_user(), prepared_at=timezone.now(),
        )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    "moved", ["0.01", "63.18", "-0.01", "0.00"], ids=["a fen", "all", "a fen back", "none"]
)
def test_the_instalments_of_each_payer_are_its_share(moved: str) -> None:
    """Their sum is the award each time."""
    award = Award.objects.get(pk=reserve("100.01", payer="shared", shares=SHARES).award)
    owed = {
        "city": Decimal("63.18") - Decimal(moved), "district": Decimal("36.83") + Decimal(moved),
    }  # fmt: skip

    def write() -> None:
        for number, (payer, amount) in enumerate(owed.items(), start=1):
            if amount:
                Instalment.objects.create(
                    award=award, number=number, payee=award.applicant, payer=payer, amount=amount,
                    due_on=timezone.localdate(),
                )  # fmt: skip
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")

    if Decimal(moved):
        with pytest.raises(DatabaseError, match="are not its amount"):
            write()
    else:
        write()


@pytest.mark.django_db
def test_of_a_voucher_used_in_part_each_payer_pays_its_share_of_that() -> None:
    award = Award.objects.get(pk=reserve("100.01", payer="shared", shares=SHARES).award)
    money.redeem(
        award=award, amount=Decimal("33.33"), at=timezone.now(), actor=make_user(), reason="r"
    )
    award.refresh_from_db()
    owed = {"city": Decimal("21.05"), "district": Decimal("12.28")}
    assert dict(award.shares.values_list("payer", "amount")) == owed == ledger(award, "committed")
    assert by_payer(award, [award.amount]) == [list(owed.items())]


def jobs(award: Award) -> list[Callable[[], PayoutBatch]]:
    """Two preparers of the city's batch and two of the district's."""
    whose = parts(award)
    return [
        partial(
            payouts.prepare_batch, city=qingdao(), district=district, user=make_user(),
            instalment_ids=[whose[payer].pk],
        )
        for payer, district in (("city", None), ("district", laoshan())) * 2
    ]  # fmt: skip


def test_preparers_of_both_payers_at_once_put_each_instalment_into_one_batch(
    committed_db: None,
) -> None:
    award = shared()
    kinds = sorted(type(outcome).__name__ for outcome in at_once(jobs(award)))
    assert kinds == ["Conflict", "Conflict", "PayoutBatch", "PayoutBatch"]
    told = PayoutLine.objects.values_list("batch__payer", "instalment__payer", "amount")
    assert sorted(told) == [
        ("city", "city", Decimal("63.18")), ("district", "district", Decimal("36.83")),
    ]  # fmt: skip
    for batch in PayoutBatch.objects.all():
        export(batch)
        results = {batch.lines.get().pk: ("paid", "")}
        payouts.settle(batch_id=batch.pk, results=results, user=make_user())
    assert ledger(award, "paid") == ledger(award, "committed")
    assert differences(city_code="qingdao") == []


@pytest.mark.parametrize("control", [False, True], ids=["", "control"])
def test_who_chose_before_the_other_wrote_is_stopped_by_the_database(
    committed_db: None, owner_url: str, monkeypatch: pytest.MonkeyPatch, control: bool
) -> None:
    """All four have chosen before the first writes. The control: without the index all go in."""
    award, serial, chosen = shared(), count(1), Barrier(4)
    if control:
        with psycopg.connect(owner_url, autocommit=True) as owner:
            owner.execute("DROP INDEX instalment_paid_once")
    write = payouts.lines_of

    def written(*told: Any) -> list[PayoutLine]:
        chosen.wait(30)
        return write(*told)

    monkeypatch.setattr(payouts, "_next_batch_number", lambda _city: f"AT-ONCE-{next(serial)}")
    monkeypatch.setattr(payouts, "lines_of", written)
    kinds = sorted(type(outcome).__name__ for outcome in at_once(jobs(award)))
    lines = PayoutLine.objects.filter(instalment__award=award)
    if control:
        assert (kinds, lines.count()) == (["PayoutBatch"] * 4, 4)
    else:
        assert kinds == ["IntegrityError"] * 2 + ["PayoutBatch"] * 2
        assert sorted(lines.values_list("instalment__payer", flat=True)) == ["city", "district"]


@pytest.mark.django_db
def test_what_is_owed_to_one_payer_is_kept_back_of_no_others_money() -> None:
    party = make_party()
    make_account(party)
    of_laoshan = {"applicant": party, "payer": "district"}
    owing = make_award("500.00", **of_laoshan)
    both = shared("100.00", applicant=party)
    pay(owing.instalments.get(), district=laoshan())
    pay(parts(both)["city"])
    demand, of_both = demanded(owing, "300.01"), demanded(both, "10.00")
    for district, open_ in ((None, "0"), (shinan(), "0"), (laoshan(), "300.01")):
        assert netting.nettable(party.pk, qingdao(), district) == Decimal(open_)
    of_city = make_award("80.00", applicant=party).instalments.get()
    of_shinan = make_award("70.00", **of_laoshan, district="shinan").instalments.get()
    of_same = make_award("60.00", **of_laoshan).instalments.get()
    batches = [
        prepare(of_city, net=True),
        prepare(of_shinan, district=shinan(), net=True),
        prepare(of_same, district=laoshan(), net=True),
    ]
    assert [one.lines.get().netted for one in batches] == [Decimal(0), Decimal(0), Decimal(60)]
    for batch in batches:
        export(batch)
    assert recoveries.open_amount(demand) == Decimal("240.01")
    assert recoveries.open_amount(of_both) == Decimal("10.00")
    assert ledger(owing, "recovered") == {"district": Decimal("60.00")}


def recover(recovery: Any, amount: str, line: PayoutLine | None = None, *, kind: str = "") -> None:
    user, first = make_user(), make_user()
    if kind == "written_off":
        asked = Recovery.objects.filter(pk=recovery.pk)
        asked.update(write_off_asked_by=first, write_off_reason="r")
    money.recover(
        recovery=recovery, kind=kind or ("netted" if line else "paid"), amount=Decimal(amount),
        received_on=timezone.localdate(), reference=user.email, prepared_by=first,
        at=timezone.now(), actor=user, line=line,
    )  # fmt: skip


@pytest.mark.django_db
def test_the_database_nets_no_demand_of_another_payer() -> None:
    party = make_party()
    make_account(party)
    own = make_award("50.00", applicant=party)
    pay(own.instalments.get())
    demand = demanded(own, "20.00")
    owing = make_award("500.00", applicant=party, payer="district")
    pay(owing.instalments.get(), district=laoshan())
    other = demanded(owing, "20.00")
    batch = prepare(make_award("80.00", applicant=party).instalments.get(), net=True)
    line = batch.lines.get()
    assert line.netted == Decimal("20.00")
    with pytest.raises(DatabaseError, match="of another payer"), transaction.atomic():
        recover(other, "20.00", line)
    recover(demand, "20.00", line)


@pytest.mark.django_db
def test_what_comes_back_of_a_shared_award_goes_to_who_has_paid() -> None:
    budget = make_budget("1000.00", year=YEAR)
    award = shared()
    whose = parts(award)
    pay(whose["city"])
    recover(demanded(award, "10.00"), "10.00")
    assert ledger(award, "recovered") == {"city": Decimal("10.00")}
    used = Counter.objects.get(key=f"budget:{budget.pk}").used
    assert used == Decimal("53.18")
    pay(whose["district"], district=laoshan())
    demand = demanded(award, "90.01")
    recover(demand, "45.00")
    recover(demand, "45.01")
    assert ledger(award, "recovered") == ledger(award, "paid")
    assert Counter.objects.get(key=f"budget:{budget.pk}").used == 0
    assert execution([budget.pk])[budget.pk].paid == 0


@pytest.mark.django_db
def test_money_after_a_write_off_goes_to_who_had_given_it_up() -> None:
    award = shared()
    whose = parts(award)
    pay(whose["city"])
    gone = demanded(award, "10.00")
    recover(gone, "10.00", kind="written_off")
    pay(whose["district"], district=laoshan())
    recover(demanded(award, "90.01"), "90.01")
    recover(gone, "6.00")
    assert ledger(award, "written_off") == {"city": Decimal("4.00")}
    assert ledger(award, "recovered") == {"city": Decimal("59.18"), "district": Decimal("36.83")}
    assert differences(city_code="qingdao") == []


@pytest.mark.django_db
def test_who_prepares_a_districts_batch_again_is_told() -> None:
    part = parts(shared())["district"]
    prepare(part, district=laoshan())
    with pytest.raises(Conflict, match=part.award.case_number):
        prepare(part, district=laoshan())
