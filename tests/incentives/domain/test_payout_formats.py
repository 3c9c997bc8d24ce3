"""Payout files as their formats say: columns, order, headings; what is exported stays as it was."""

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from applicants.domain.errors import Refused
from applicants.models import Event
from incentives.domain import payouts
from incentives.domain.catalogue import FOLDER
from incentives.domain.payout_formats import formats_of, load_formats, set_format
from incentives.models import PayoutBatch, PayoutFormat
from tests.incentives.domain.test_exports import read_csv
from tests.incentives.domain.test_payouts import exported, file_of
from tests.incentives.factories import make_award, make_budget, make_user, qingdao

COLUMNS: list[dict[str, Any]] = [
    {"source": "case_number", "heading": "附言"},
    {"source": "account", "heading": "收款账号"},
    {"source": "pays", "heading": "交易金额"},
]


def treasury(**more: Any) -> PayoutFormat:
    given = {
        "code": "treasury",
        "title": "国库集中支付",
        "form": "csv",
        "columns": COLUMNS,
        "options": {"totals": False},
        "basis": "国库接口规范",
    }
    return set_format(city=qingdao(), user=make_user(), **(given | more))


def content_of(batch: PayoutBatch, code: str) -> bytes:
    return payouts.file_content(batch.files.get(layout__code=code), make_user())


def test_every_city_begins_with_the_two_of_the_catalogue(db: None) -> None:
    assert [one.code for one in formats_of(qingdao())] == ["standard-csv", "standard-xlsx"]
    before = PayoutFormat.objects.count()
    load_formats(FOLDER / "payout_formats.yaml")
    assert PayoutFormat.objects.count() == before


def test_a_batch_is_written_in_every_format_in_use(db: None) -> None:
    award = make_award("10.50")
    treasury()
    batch = exported()
    names = sorted(batch.files.values_list("name", flat=True))
    number = batch.number
    assert names == [f"{number}-treasury.csv", f"{number}.csv", f"{number}.xlsx"]
    heading, row = read_csv(content_of(batch, "treasury"))
    assert heading == ["附言", "收款账号", "交易金额"]
    assert (row[0], row[2]) == (award.case_number, "10.50")


def test_an_account_is_text_wherever_a_format_puts_it(db: None) -> None:
    make_award("10")
    treasury(code="bank", form="xlsx")
    batch = exported()
    sheet = openpyxl.load_workbook(io.BytesIO(content_of(batch, "bank"))).worksheets[0]
    assert (sheet["B2"].data_type, len(str(sheet["B2"].value))) == ("s", 19)


def test_what_is_exported_stays_when_the_format_changes(db: None) -> None:
    make_award("10")
    treasury()
    batch = exported()
    before = content_of(batch, "treasury")
    treasury(columns=COLUMNS[1:])
    payouts.export_batch(batch_id=batch.pk, user=make_user())
    assert content_of(batch, "treasury") == before
    make_award("20")
    assert len(read_csv(content_of(exported(), "treasury"))[0]) == 2


def test_a_format_out_of_use_is_written_no_more_and_a_citys_own_is_not_loaded_over(
    db: None,
) -> None:
    entry = PayoutFormat.objects.filter(city=qingdao(), code="standard-csv").get()
    treasury(code="standard-csv", columns=entry.columns, options=entry.options, is_active=False)
    load_formats(FOLDER / "payout_formats.yaml")
    make_award("10")
    assert [file.format for file in exported().files.all()] == ["xlsx"]
    assert Event.objects.filter(kind="payout.format_set").count() == 1


def test_the_budget_that_pays_stands_in_columns_where_it_is_set(db: None) -> None:
    year = timezone.localdate().year
    budget = make_budget("100", year=year)
    make_award("10")
    heading, row, _total = read_csv(file_of(exported(), "csv"))
    told = dict(zip(heading, row, strict=True))
    assert told["指标文号"] == budget.funding_source
    assert told["预算科目"] == f"'{budget.subject_code}"
    assert payouts.due_instalments(qingdao(), date.max).count() == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"columns": []}, "columns"),
        ({"columns": "x"}, "columns"),
        ({"columns": COLUMNS[:2]}, "columns"),
        ({"columns": [*COLUMNS, {"source": "secret", "heading": "x"}]}, "columns"),
        ({"columns": [*COLUMNS, {"source": "bank", "heading": "附言"}]}, "columns"),
        ({"columns": [*COLUMNS, {"source": "bank", "heading": " "}]}, "columns"),
        ({"columns": [*COLUMNS, {"source": "bank", "heading": "x", "where_set": [1]}]}, "columns"),
        ({"options": {"colour": "red"}}, "options"),
        ({"form": "pdf"}, "form"),
        ({"basis": " "}, "basis"),
        ({"code": ""}, "code"),
    ],
)
def test_a_wrong_format_is_refused_at_its_field(
    db: None, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        treasury(**wrong)
    assert list(refused.value.message_dict) == [field]
