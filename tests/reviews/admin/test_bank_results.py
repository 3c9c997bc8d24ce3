"""The bank's file at the desk: both steps, and what is refused."""

from datetime import timedelta

import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django.utils.translation import gettext

from incentives.domain.exports import csv_bytes
from incentives.models import Award, BankResult, PayoutBatch
from reviews.models.staff import Role
from tests.factories import make_staff
from tests.reviews.admin.conftest import Desk
from tests.reviews.admin.test_payouts import approver, award, exported, page, preparer

__all__ = ["approver", "award", "preparer"]


def results(batch: PayoutBatch) -> str:
    return f"/admin/incentives/payoutbatch/{batch.pk}/results/"


def chosen(client: Client, batch: PayoutBatch, content: bytes, name: str = "r.csv"):
    return client.post(results(batch), {"file": SimpleUploadedFile(name, content)})


def test_a_file_is_looked_through_then_recorded_and_twice_is_harmless(
    award: Award, preparer: Client, approver: Client
) -> None:
    batch = exported(preparer, approver)
    assert results(batch) in preparer.get(page(batch)).content.decode()
    rows = [[1, award.amount, "退回", "户名不符"], [7, award.amount, "成功", ""]]
    content = csv_bytes(["行", "金额", "结果", "原因"], rows)
    shown = chosen(preparer, batch, content)
    assert (shown.status_code, len(shown.context["preview"].refused)) == (200, 1)
    assert batch.lines.get().state == "pending"
    sealed = {"sealed": shown.context["sealed"]}
    for _time in "12":
        assert preparer.post(results(batch), sealed).headers["Location"] == page(batch)
    assert (batch.lines.get().state, BankResult.objects.count()) == ("returned", 1)
    assert "r.csv" in preparer.get(results(batch)).content.decode()


def test_the_day_of_an_earlier_import_is_shanghais(
    award: Award, preparer: Client, approver: Client
) -> None:
    batch = exported(preparer, approver)
    content = csv_bytes(["行", "金额", "结果", "原因"], [[1, award.amount, "成功", ""]])
    sealed = {"sealed": chosen(preparer, batch, content).context["sealed"]}
    evening = (timezone.now() - timedelta(days=1)).replace(hour=20)
    with time_machine.travel(evening):
        preparer.post(results(batch), sealed)
    *_before, last = preparer.post(results(batch), sealed, follow=True).context["messages"]
    assert (evening.date() + timedelta(days=1)).isoformat() in str(last)


def test_a_wrong_file_is_refused_at_its_field_and_a_damaged_form_is_said(
    award: Award, preparer: Client, approver: Client
) -> None:
    batch = exported(preparer, approver)
    for content, name in ((b"x", "r.pdf"), (b"a,b\r\n1,2", "r.csv"), (b"", "r.csv")):
        shown = chosen(preparer, batch, content, name)
        assert (shown.status_code, list(shown.context["form"].errors)) == (422, ["file"])
    paper = chosen(preparer, batch, b"%PDF-1.4 a proper paper, but no table", "r.pdf")
    assert paper.context["form"].errors["file"] == [gettext("Upload the list as XLSX or CSV.")]
    for sealed in ("x", "eA==" * 20):
        answer = preparer.post(results(batch), {"sealed": sealed})
        *_before, last = answer.context["messages"]
        assert last.level_tag == "error"
    assert batch.lines.get().state == "pending"


def test_only_finance_imports(award: Award, preparer: Client, approver: Client, desk: Desk) -> None:
    batch = exported(preparer, approver)
    assert desk(make_staff(Role.AUDITOR)).get(results(batch)).status_code == 403
    assert desk(make_staff(Role.PREPARER, "sti")).get(results(batch)).status_code in (403, 404)
