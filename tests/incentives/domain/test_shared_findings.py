"""What lapses of an award that several payers share: of each payer's instalment, to the fen."""

from datetime import datetime
from decimal import Decimal
from threading import Event as Signal

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from applicants.domain.errors import Conflict, Refused
from incentives.domain import findings, money, payouts
from incentives.domain.budget_execution import execution
from incentives.domain.payers import by_payer
from incentives.domain.reconcile import differences
from incentives.domain.shares import split
from incentives.models import Award, Instalment, InstalmentFinding, LedgerEntry
from tests.incentives.domain.test_findings import confirm, find, used
from tests.incentives.domain.test_payers import (
    SHARES,
    batch_of,
    export,
    laoshan,
    ledger,
    line_of,
    pay,
    prepare,
)
from tests.incentives.domain.test_recoveries import back, demanded
from tests.incentives.domain.threads import at_once, change
from tests.incentives.factories import cap, make_account, make_budget, make_user, reserve

TODAY = timezone.localdate()
CAPS = [cap("own", "1000.00"), cap("count", "3", unit="awards")]
ON_TODAY, AT_A_STAGE = {"due_on": TODAY}, {"due_kind": "stage", "due_on": None}


def shared(*amounts: str, dated: int = 1, at: datetime | None = None) -> Award:
    """A committed award of these parts, of which the first `dated` have a date, for both payers."""
    whole = sum(map(Decimal, amounts))
    award = Award.objects.get(
        pk=reserve(str(whole), caps=CAPS, payer="shared", shares=SHARES, at=at).award
    )
    make_account(award.applicant)
    with transaction.atomic():
        money.commit(award=award, at=timezone.now(), actor=make_user(), reason="r")
        number = 0
        for part, paying in enumerate(by_payer(award, [Decimal(one) for one in amounts]), 1):
            for payer, amount in paying:
                number += 1
                Instalment.objects.create(
                    award=award, number=number, part=part, payee=award.applicant, payer=payer,
                    amount=amount, **(ON_TODAY if part <= dated else AT_A_STAGE),
                )  # fmt: skip
    award.refresh_from_db()
    return award


def part_of(award: Award, part: int) -> list[Instalment]:
    return list(findings.standing(award).filter(part=part).order_by("payer"))


def found_of(award: Award, part: int, found: str, amount: str | None = None) -> InstalmentFinding:
    return find(award, part_of(award, part)[0].number, found, amount)


def borne(award: Award) -> dict[str, Decimal]:
    return dict(award.shares.order_by("payer").values_list("payer", "amount"))


def pay_part(award: Award, part: int) -> None:
    city, district = part_of(award, part)
    pay(city)
    pay(district, district=laoshan())


def test_met_partly_and_not_met_are_found_of_both_payers(db: None) -> None:
    budget = make_budget("1000.00", year=TODAY.year)
    award = shared("100.01", "200.00", "300.00", "150.00")
    assert borne(award) == {"city": Decimal("473.78"), "district": Decimal("276.23")}
    confirm(found_of(award, 2, "met"))
    waited = part_of(award, 3)
    confirm(found_of(award, 3, "partly", "120.01"))
    found = InstalmentFinding.objects.filter(instalment__in=waited).order_by("instalment__payer")
    amounts = split(Decimal("120.01"), [one.amount for one in waited])
    assert [(one.state, one.amount, one.became.amount) for one in found] == [
        ("confirmed", amount, amount) for amount in amounts
    ]
    confirm(found_of(award, 4, "not_met"))
    award.refresh_from_db()
    left = Decimal("420.02")
    assert (award.state, award.amount, used("own"), used("count")) == ("committed", left, left, 1)
    parts = findings.standing(award)
    for payer, amount in borne(award).items():
        assert sum(one.amount for one in parts.filter(payer=payer)) == amount
        assert ledger(award, "committed")[payer] - ledger(award, "released")[payer] == amount
    of_city = borne(award)["city"]
    assert sum(borne(award).values()) == left
    assert used(budget.key) == of_city
    figures = execution([budget.pk])[budget.pk]
    assert (figures.committed, figures.available) == (of_city, Decimal("1000.00") - of_city)
    assert differences(city_code="qingdao") == []


def test_an_award_of_which_nothing_is_due_is_released(db: None) -> None:
    budget = make_budget("1000.00", year=TODAY.year)
    award = shared("80.00", "0.03", dated=0)
    confirm(found_of(award, 2, "not_met"))
    confirm(found_of(award, 1, "not_met"))
    award.refresh_from_db()
    assert (award.state, used("own"), used("count"), used(budget.key)) == ("released", 0, 0, 0)
    assert differences(city_code="qingdao") == []


def test_a_fen_of_a_part_is_one_payers(db: None) -> None:
    """Nothing is left of the other's; of all but a fen, one payer keeps its instalment whole."""
    award = shared("10.00", "10.00", "10.00")
    confirm(found_of(award, 2, "partly", "0.01"))
    confirm(found_of(award, 3, "partly", "9.99"))
    standing = findings.standing(award)
    assert [one.amount for one in standing.filter(part=2)] == [Decimal("0.01")]
    assert sum(one.amount for one in standing.filter(part=3)) == Decimal("9.99")
    assert differences(city_code="qingdao") == []


@given(
    parts=st.lists(st.integers(1, 10**6), min_size=1, max_size=3),
    due=st.integers(0, 10**6),
)
def test_no_payer_is_due_more_than_its_instalment(parts: list[int], due: int) -> None:
    amounts = [Decimal(one) / 100 for one in parts]
    whole = min(Decimal(due) / 100, sum(amounts, Decimal(0)))
    found = split(whole, amounts)
    assert sum(found) == whole
    assert all(0 <= one <= most for one, most in zip(found, amounts, strict=True))


def test_refusals_and_dropping_are_of_both(db: None) -> None:
    award = shared("100.00", "200.00")
    with pytest.raises(Refused) as refused:
        found_of(award, 2, "partly", "200.00")
    assert set(refused.value.message_dict) == {"amount"}
    made = found_of(award, 2, "partly", "199.99")
    city, district = part_of(award, 2)
    for other in (city, district):
        with pytest.raises(Conflict):
            find(award, other.number, "met")
    findings.drop(finding_id=made.pk)
    with pytest.raises(Conflict):
        findings.drop(finding_id=made.pk)
    assert InstalmentFinding.objects.filter(state="dropped").count() == 2
    confirm(find(award, district.number, "met"))
    with pytest.raises(Conflict):
        confirm(made)


def test_a_finding_that_leaves_a_payer_out_is_not_confirmed(db: None) -> None:
    """The row of the other payer is not there: written past the verb, and the database refuses."""
    award = shared("100.00", "200.00")
    made = InstalmentFinding.objects.create(
        instalment=part_of(award, 2)[0], found="not_met", amount=Decimal(0), reason="r",
        prepared_by=make_user(),
    )  # fmt: skip
    with pytest.raises(Conflict):
        confirm(made)
    assert made.instalment.findings.get().state == "prepared"
    with pytest.raises(DatabaseError, match="huiqi_confirm_part"), transaction.atomic():
        connection.cursor().execute(
            "SELECT huiqi_confirm_part(%s, now(), %s, 'r')", [made.pk, make_user().pk]
        )


def test_what_comes_back_after_a_lapse_goes_to_who_has_paid(db: None) -> None:
    budget = make_budget("1000.00", year=TODAY.year)
    award = shared("100.01", "200.00")
    pay_part(award, 1)
    back(demanded(award, "50.00"), "50.00")
    confirm(found_of(award, 2, "partly", "77.77"))
    pay_part(award, 2)
    of_city = borne(award)["city"] - ledger(award, "recovered")["city"]
    assert (used("own"), used(budget.key)) == (Decimal("127.78"), of_city)
    assert differences(city_code="qingdao") == []
    back(demanded(award, "127.78"), "127.78")
    assert ledger(award, "recovered") == ledger(award, "paid") == borne(award)
    assert (used("own"), used(budget.key)) == (0, 0)
    assert differences(city_code="qingdao") == []


def test_withdrawn_is_what_no_payer_has_paid(db: None) -> None:
    """In a batch of one, the other's waits too; what one has paid can be asked back alone."""
    award = shared("100.01", "200.00")
    city, district = part_of(award, 1)
    batch = prepare(city)
    for one in (city, district):
        with pytest.raises(Conflict):
            find(award, one.number, "withdrawn")
    export(batch)
    payouts.settle(
        batch_id=batch.pk, results={batch.lines.get().pk: ("paid", "")}, user=make_user()
    )
    confirm(find(award, district.number, "withdrawn"))
    confirm(found_of(award, 2, "withdrawn"))
    award.refresh_from_db()
    assert (award.amount, borne(award)["district"]) == (city.amount, 0)
    back(demanded(award, str(city.amount)), str(city.amount))
    assert used("own") == 0
    assert differences(city_code="qingdao") == []


def race() -> tuple[Award, list[object]]:
    award = shared("100.00", "300.00")
    made = found_of(award, 2, "partly", "100.00")

    def confirmed() -> int | None:
        with transaction.atomic():
            return money.confirm_finding(
                finding=made, at=timezone.now(), actor=make_user(), reason="r"
            )

    results = at_once([confirmed] * 4 + [lambda: reserve("50.00", caps=CAPS[:1])] * 4)
    award.refresh_from_db()
    return award, results


def test_a_part_of_both_lapses_once_while_others_reserve(committed_db: None) -> None:
    budget = make_budget("1000.00", year=TODAY.year)
    award, results = race()
    assert sorted(type(one).__name__ for one in results[:4]) == [*["Conflict"] * 3, "int"]
    assert (award.amount, used("own")) == (Decimal("200.00"), Decimal("400.00"))
    assert used(budget.key) == 200 + borne(award)["city"]
    assert differences(city_code="qingdao") == []


def test_control_without_the_state_it_lapses_twice(committed_db: None, owner_url: str) -> None:
    """The state is not looked at, and what holds it otherwise is taken away."""
    change(owner_url, "huiqi_confirm_part", (r"v_finding\.state <> 'prepared' OR ", ""))
    change(owner_url, "huiqi_confirm_finding", ("IF FOUND THEN", "IF false THEN"))
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE incentives_instalmentfinding DISABLE TRIGGER USER")
        owner.execute("ALTER TABLE incentives_instalment DISABLE TRIGGER huiqi_check_instalments")
    award, _results = race()
    lapsed = LedgerEntry.objects.filter(award=award, stage="released")
    assert sum(lapsed.values_list("amount", flat=True)) > Decimal("200.00")


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_whoever_confirms_waits_for_the_batch_of_the_other_payer(
    committed_db: None, owner_url: str, guarded: bool
) -> None:
    """The district's line is not committed yet: only the lock of its instalment tells of it."""
    if not guarded:
        change(
            owner_url, "huiqi_confirm_part",
            (r"PERFORM 1 FROM incentives_instalment WHERE id = v_part.id FOR UPDATE;", ""),
        )  # fmt: skip
    award = shared("100.00")
    city, district = part_of(award, 1)
    batch = batch_of(laoshan())
    line, user, written = line_of(batch, district), make_user(), Signal()

    def preparing() -> None:
        with transaction.atomic():
            line.save()
            written.set()
            Signal().wait(1)

    def withdrawing() -> None:
        written.wait(30)
        made = find(award, city.number, "withdrawn")
        with transaction.atomic():
            findings.confirm(finding_id=made.pk, user=user)

    _done, withdrawn = at_once([preparing, withdrawing])
    assert isinstance(withdrawn, Conflict) == guarded
    award.refresh_from_db()
    assert award.state == ("committed" if guarded else "released")
