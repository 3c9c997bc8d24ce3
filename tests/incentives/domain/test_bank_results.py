"""The bank's file: looked through, recorded once, in part where rows are wrong."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

import pytest
from django.db import DatabaseError, transaction

from applicants.domain.crypto import decrypt
from applicants.domain.errors import Conflict, Refused
from applicants.models import Event
from incentives.domain import bank_results
from incentives.domain.exports import Cell, Sheet, csv_bytes, xlsx_bytes
from incentives.domain.reconcile import differences
from incentives.models import BankResult, LedgerEntry, PayoutBatch
from tests.incentives.domain.test_payouts import exported, file_of, prepare
from tests.incentives.domain.threads import at_once
from tests.incentives.factories import make_account, make_award, make_party, make_user

HEADINGS = ["行", "金额（元）", "结果", "原因"]


def batch_of(*amounts: str) -> PayoutBatch:
    for amount in amounts:
        make_award(amount)
    return exported()


def csv(*rows: Sequence[Cell], headings: Sequence[str] = HEADINGS) -> bytes:
    return csv_bytes(headings, rows)


def look(batch: PayoutBatch, content: bytes, name: str = "r.csv") -> bank_results.Preview:
    return bank_results.look_through(batch=batch, name=name, content=content)


def take(batch: PayoutBatch, content: bytes, name: str = "r.csv") -> list[int]:
    _result, lines = bank_results.import_results(
        batch_id=batch.pk, name=name, content=content, user=make_user()
    )
    return [line.number for line in lines]


def states(batch: PayoutBatch) -> list[str]:
    return list(batch.lines.order_by("number").values_list("state", flat=True))


PAID_AND_RETURNED = csv([1, Decimal(10), "成功", ""], [2, Decimal(20), "退回", "户名不符"])


def test_a_preview_tells_the_sums_and_records_nothing(db: None) -> None:
    batch = batch_of("10", "20")
    preview = look(batch, PAID_AND_RETURNED)
    assert preview.sums() == {"paid": (1, Decimal(10)), "returned": (1, Decimal(20))}
    assert (preview.refused, preview.earlier, states(batch)) == ([], None, ["pending"] * 2)
    assert not BankResult.objects.exists()


def test_a_file_settles_the_lines_that_it_answers(db: None) -> None:
    batch = batch_of("10", "20")
    assert take(batch, PAID_AND_RETURNED) == [1, 2]
    assert states(batch) == ["paid", "returned"]
    batch.refresh_from_db()
    result = batch.results.get()
    assert (batch.state, result.paid, result.returned) == ("settled", 1, 1)
    assert batch.lines.get(number=2).result_note == "户名不符"
    kept = decrypt(result.content_encrypted, purpose=bank_results.PURPOSE)
    assert kept == PAID_AND_RETURNED
    told = Event.objects.get(kind="payout.results_imported").data
    assert told["paid"] == {"lines": 1, "total": "10.00"}
    assert differences(city_code="qingdao") == []


def test_an_xlsx_is_read_like_a_csv(db: None) -> None:
    batch = batch_of("1234567.89", "0.01")
    rows: list[list[Cell]] = [
        [1, Decimal("1234567.89"), "成功", ""],
        [2, Decimal("0.01"), "成功", ""],
    ]
    content = xlsx_bytes([Sheet("x", HEADINGS, rows)])
    assert take(batch, content, "r.xlsx") == [1, 2]


def test_our_own_file_comes_back_with_two_columns_more(db: None) -> None:
    """Accounts as text, the amount with two places, and the row of totals is none of a line."""
    batch = batch_of("10", "20")
    first, *rows = file_of(batch, "csv").decode("utf-8-sig").splitlines()
    answered = [f"{first},结果,原因", *(f"{row},成功," for row in rows)]
    assert take(batch, "\r\n".join(answered).encode("utf-8-sig")) == [1, 2]


@pytest.mark.parametrize(
    "row",
    [
        [9, Decimal(20), "成功", ""],
        ["", Decimal(20), "成功", ""],
        [2, Decimal("20.01"), "成功", ""],
        [2, "二十", "成功", ""],
        [2, "6222021001122334455", "成功", ""],
        [2, "1E+30", "成功", ""],
        [2, "Infinity", "成功", ""],
        [2, "sNaN", "成功", ""],
        [2, Decimal(20), "处理中", ""],
        [2, Decimal(20), "", ""],
        [2, Decimal(20), "退回", ""],
    ],
)
def test_a_wrong_row_is_refused_with_its_reason_and_the_others_are_taken(
    db: None, row: list[Cell]
) -> None:
    batch = batch_of("10", "20")
    content = csv([1, Decimal(10), "成功", ""], row)
    assert [(one.row, bool(one.problem)) for one in look(batch, content).answers] == [
        (2, False),
        (3, True),
    ]
    assert take(batch, content) == [1]
    assert states(batch) == ["paid", "pending"]


def test_a_line_that_is_answered_twice_in_a_file_is_not_recorded(db: None) -> None:
    batch = batch_of("10", "20")
    twice = [1, Decimal(10), "成功", ""], [1, Decimal(10), "退回", "销户"]
    assert take(batch, csv(*twice, [2, Decimal(20), "成功", ""])) == [2]
    assert states(batch) == ["pending", "paid"]


@pytest.mark.parametrize(
    ("heading", "right", "wrong"),
    [("账号", "6217 0000 0000 0000 001", "6217000000000000002"), ("批次", None, "QD-BF-1990-0001")],
)
def test_a_row_of_another_account_or_batch_is_refused(
    db: None, heading: str, right: str | None, wrong: str
) -> None:
    make_account(party := make_party(), "6217000000000000001")
    make_award("10", applicant=party)
    batch = exported()
    headings = [*HEADINGS, heading]
    with pytest.raises(Refused):
        take(batch, csv([1, Decimal(10), "成功", "", wrong], headings=headings))
    assert take(batch, csv([1, Decimal(10), "成功", "", right or batch.number], headings=headings))


def test_a_file_with_nothing_to_record_says_why(db: None) -> None:
    batch = batch_of("10")
    with pytest.raises(Refused, match="2") as refused:
        take(batch, csv([7, Decimal(10), "成功", ""]))
    assert list(refused.value.message_dict) == ["file"]
    with pytest.raises(Refused, match="结果") as refused:
        look(batch, csv([1, Decimal(10)], headings=HEADINGS[:2]))
    assert list(refused.value.message_dict) == ["file"]
    assert not BankResult.objects.exists()


def test_the_same_file_again_changes_nothing(db: None) -> None:
    batch = batch_of("10", "20")
    take(batch, PAID_AND_RETURNED)
    assert take(batch, PAID_AND_RETURNED) == []
    assert look(batch, PAID_AND_RETURNED).earlier == batch.results.get()
    assert LedgerEntry.objects.filter(stage="paid").count() == 1


def test_a_later_file_records_what_is_new_and_passes_over_what_is_known(db: None) -> None:
    batch = batch_of("10", "20")
    take(batch, csv([1, Decimal(10), "成功", ""]))
    later = csv([1, Decimal(10), "成功", ""], [2, Decimal(20), "成功", ""])
    assert [one.known for one in look(batch, later).answers] == [True, False]
    assert take(batch, later) == [2]
    assert LedgerEntry.objects.filter(stage="paid").count() == 2


def test_what_was_paid_may_come_back_in_a_later_file_and_no_further(db: None) -> None:
    batch = batch_of("10")
    take(batch, csv([1, Decimal(10), "成功", ""]))
    assert take(batch, csv([1, Decimal(10), "退回", "销户"])) == [1]
    with pytest.raises(Refused):
        take(batch, csv([1, Decimal(10), "成功", "x"]))
    assert differences(city_code="qingdao") == []


def test_the_bank_has_not_answered_what_was_not_exported(db: None) -> None:
    make_award("10")
    batch = prepare()
    with pytest.raises(Conflict):
        look(batch, PAID_AND_RETURNED)


def test_one_file_imported_by_eight_at_once_pays_each_line_once(committed_db: None) -> None:
    batch = batch_of("10", "20")
    content = csv([1, Decimal(10), "成功", ""], [2, Decimal(20), "成功", ""])
    outcomes = at_once([partial(take, batch, content)] * 8)
    assert sorted(map(str, outcomes)) == ["[1, 2]", *["[]"] * 7]
    assert LedgerEntry.objects.filter(stage="paid").count() == 2
    assert BankResult.objects.count() == 1


def test_the_database_keeps_one_result_of_a_file(db: None) -> None:
    batch = batch_of("10", "20")
    take(batch, PAID_AND_RETURNED)
    one = batch.results.get()
    one.pk = None
    with pytest.raises(DatabaseError), transaction.atomic():
        one.save(force_insert=True)
