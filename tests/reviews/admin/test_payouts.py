"""Paying through the desk: from what is due to the bank's answers."""

import io
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import openpyxl
import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from applicants.domain.errors import words_of_crossing
from incentives.domain import payouts
from incentives.domain.payout_files import transfer_of
from incentives.models import Award, PayoutBatch, PayoutLine
from reviews.admin import settling
from reviews.models.staff import Role
from tests.factories import (
    Cast,
    decide_award,
    make_person,
    make_staff,
    publicity_end,
    published,
)
from tests.incentives.domain.test_netting import a_person
from tests.incentives.domain.test_recoveries import demanded, paid_award
from tests.incentives.factories import make_award, make_user
from tests.reviews.admin.conftest import Desk, crossing

ADD = "/admin/incentives/payoutbatch/add/"


@pytest.fixture
def award(cast: Cast) -> Iterator[Award]:
    case = published(cast)
    with time_machine.travel(publicity_end(case).isoformat() + "T12:00:00+08:00", tick=False) as on:
        on.shift(3 * 86_400)
        yield decide_award(cast, case)


@pytest.fixture
def preparer(desk: Desk) -> Client:
    return desk(make_staff(Role.FINANCE_PREPARER, "finance"))


@pytest.fixture
def approver(desk: Desk) -> Client:
    return desk(make_staff(Role.FINANCE_APPROVER, "finance"))


def page(batch: PayoutBatch) -> str:
    return f"/admin/incentives/payoutbatch/{batch.pk}/change/"


def step(batch: PayoutBatch, name: str) -> str:
    return f"/admin/incentives/payoutbatch/{batch.pk}/step/{name}/"


def prepared(preparer: Client) -> PayoutBatch:
    response = preparer.post(ADD, {"all": "on"})
    batch = PayoutBatch.objects.get()
    assert response.headers["Location"] == page(batch)
    return batch


def exported(preparer: Client, approver: Client) -> PayoutBatch:
    batch = prepared(preparer)
    approver.post(step(batch, "approve"))
    preparer.post(step(batch, "export"))
    batch.refresh_from_db()
    assert batch.state == "exported"
    return batch


def test_what_is_due_is_listed_and_only_what_is_ticked_is_prepared(preparer: Client) -> None:
    wanted, other = make_award("1234.56"), make_award("50")
    listed = preparer.get(ADD).content.decode()
    assert wanted.case_number in listed
    assert "1,284.56" in listed
    preparer.post(ADD, {"instalment": [wanted.instalments.get().pk]})
    assert PayoutBatch.objects.get().lines.get().instalment.award == wanted
    assert other.case_number in preparer.get(ADD).content.decode()


def test_what_falls_due_later_is_listed_and_paid_only_when_asked_for(preparer: Client) -> None:
    today = timezone.localdate()
    due, later = make_award("10"), make_award("70", due_on=today + timedelta(days=30))
    page_of_today = preparer.get(ADD).content.decode()
    assert (due.case_number in page_of_today, later.case_number in page_of_today) == (True, False)
    assert f'value="{today.isoformat()}"' in page_of_today
    refused = preparer.post(ADD, {"instalment": [later.instalments.get().pk]})
    assert "70" not in [str(one.total) for one in PayoutBatch.objects.all()]
    assert len(list(refused.context["messages"])) == 1
    asked = f"{ADD}?until={today + timedelta(days=30)}"
    assert later.case_number in preparer.get(asked).content.decode()
    preparer.post(asked, {"all": "on"})
    assert PayoutBatch.objects.get().line_count == 2


@pytest.mark.parametrize("tax", ["NaN", "1E+20", "-1", "一百"])
def test_what_is_no_tax_is_said_and_the_rest_is_kept(preparer: Client, tax: str) -> None:
    person = make_person(make_user())
    award = make_award("1000", payees=[(person, "1000")])
    pk = award.instalments.get().pk
    response = preparer.post(ADD, {"instalment": [pk], f"withheld-{pk}": tax})
    assert response.status_code == 200
    assert not PayoutBatch.objects.exists()
    assert f'value="{tax}"' in response.content.decode()


def test_the_batch_tells_what_its_files_ask_the_bank_for(preparer: Client) -> None:
    person = make_person(make_user())
    award = make_award("1000", payees=[(person, "1000")])
    make_award("50")
    pk = award.instalments.get().pk
    preparer.post(ADD, {"all": "on", f"withheld-{pk}": "160"})
    batch = PayoutBatch.objects.get()
    transfer = transfer_of(batch)
    assert (transfer.lines, transfer.amount, transfer.withheld) == (2, Decimal(890), Decimal(160))
    shown = preparer.get(page(batch)).content.decode()
    assert "1,050.00" in shown
    assert "890.00" in shown


def test_nothing_ticked_is_said_and_loses_nothing(preparer: Client) -> None:
    award = make_award("10")
    response = preparer.post(ADD, {})
    assert response.status_code == 200
    assert award.case_number in response.content.decode()
    assert len(list(response.context["messages"])) == 1


@pytest.mark.parametrize("query", ["until=tomorrow", "city=nowhere", "city="])
def test_a_wrong_filter_is_said_at_its_field(preparer: Client, query: str) -> None:
    make_award("10")
    response = preparer.get(f"{ADD}?{query}")
    assert list(response.context["form"].errors) == [query.partition("=")[0]]


def test_the_preparer_is_not_offered_and_not_allowed_the_approval(preparer: Client) -> None:
    make_award("10")
    batch = prepared(preparer)
    assert step(batch, "approve") not in preparer.get(page(batch)).content.decode()
    response = preparer.post(step(batch, "approve"))
    assert len(list(response.context["messages"])) == 1
    batch.refresh_from_db()
    assert batch.state == "prepared"


def test_the_files_are_the_same_at_every_download_and_masked_on_the_page(
    award: Award, preparer: Client, approver: Client
) -> None:
    batch = exported(preparer, approver)
    shown = preparer.get(page(batch)).content.decode()
    for file in batch.files.all():
        assert file.sha256 in shown
        first, second = (
            preparer.get(f"/admin/incentives/payoutbatch/file/{file.pk}/") for _ in "12"
        )
        assert first.content == second.content
        assert first.headers["Content-Disposition"] == f'attachment; filename="{file.name}"'
    xlsx = batch.files.get(format="xlsx")
    content = preparer.get(f"/admin/incentives/payoutbatch/file/{xlsx.pk}/").content
    number = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]["F2"].value
    assert number.endswith(batch.lines.get().account.last4)
    assert number not in shown


def test_all_lines_are_paid_with_one_tick(award: Award, preparer: Client, approver: Client) -> None:
    batch = exported(preparer, approver)
    preparer.post(step(batch, "settle"), {"all_paid": "on"})
    batch.refresh_from_db()
    assert (batch.state, batch.lines.get().state) == ("settled", "paid")


def test_a_returned_line_needs_a_reason_and_keeps_what_was_typed(
    award: Award, preparer: Client, approver: Client
) -> None:
    batch = exported(preparer, approver)
    pk = batch.lines.get().pk
    response = preparer.post(step(batch, "settle"), {f"result-{pk}": "returned"})
    assert '<option value="returned" selected>' in response.content.decode()
    typed = {f"result-{pk}": "returned", f"note-{pk}": "户名不符", "all_paid": "on"}
    preparer.post(step(batch, "settle"), typed)
    line = batch.lines.get()
    assert (line.state, line.result_note) == ("returned", "户名不符")
    [row] = preparer.get(ADD).context["rows"]
    assert (row.returned, "户名不符" in preparer.get(ADD).content.decode()) == (line, True)


def test_a_refusal_comes_back_to_the_page_that_was_typed_on(
    preparer: Client, approver: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what was typed there would be gone, and the tick would say that it was paid."""
    monkeypatch.setattr(settling, "LINES_A_PAGE", 1)
    make_award("10")
    make_award("20")
    batch = exported(preparer, approver)
    first, second = batch.lines.order_by("number")
    shown = preparer.get(f"{page(batch)}?after={first.number}").content.decode()
    assert f'name="after" value="{first.number}"' in shown
    typed = {"after": first.number, f"result-{second.pk}": "returned", "all_paid": "on"}
    response = preparer.post(step(batch, "settle"), typed)
    (row,) = response.context["rows"]
    assert (row.line, row.result) == (second, "returned")
    assert set(batch.lines.values_list("state", flat=True)) == {"pending"}


def test_a_note_without_an_answer_is_asked_about(
    award: Award, preparer: Client, approver: Client
) -> None:
    batch = exported(preparer, approver)
    pk = batch.lines.get().pk
    response = preparer.post(step(batch, "settle"), {f"note-{pk}": "？"})
    *_before, last = response.context["messages"]
    assert last.level_tag == "error"
    assert batch.lines.get().state == "pending"


def test_a_batch_is_cancelled_with_a_reason(preparer: Client) -> None:
    make_award("10")
    batch = prepared(preparer)
    preparer.post(step(batch, "cancel"), {"reason": ""})
    preparer.post(step(batch, "cancel"), {"reason": "账户有误"})
    batch.refresh_from_db()
    assert batch.state == "cancelled"
    assert preparer.get(page(batch)).status_code == 200


def test_an_auditor_reads_the_batch_but_neither_acts_nor_downloads(
    award: Award, preparer: Client, approver: Client, desk: Desk
) -> None:
    batch = exported(preparer, approver)
    auditor = desk(make_staff(Role.AUDITOR))
    shown = auditor.get(page(batch)).content.decode()
    assert "/step/" not in shown
    assert "result-" not in shown
    file = batch.files.first()
    assert file is not None
    assert auditor.get(f"/admin/incentives/payoutbatch/file/{file.pk}/").status_code == 403
    assert auditor.get(ADD).status_code == 403
    auditor.post(step(batch, "settle"), {"all_paid": "on"})
    batch.refresh_from_db()
    assert batch.state == "exported"


@pytest.mark.parametrize("role", [Role.PREPARER, Role.APPROVER])
def test_reviewers_see_no_batches(preparer: Client, desk: Desk, role: Role) -> None:
    make_award("10")
    batch = prepared(preparer)
    reviewer = desk(make_staff(role, "sti"))
    assert reviewer.get("/admin/incentives/payoutbatch/").status_code == 403
    assert reviewer.get(page(batch)).status_code in {403, 404}
    assert reviewer.post(step(batch, "cancel"), {"reason": "x"}).status_code in {403, 404}


@pytest.mark.parametrize(
    "path", ["0/change/", "x/change/", "99999999999999999999/change/", "file/9/"]
)
def test_what_does_not_exist_is_not_found(preparer: Client, path: str) -> None:
    assert preparer.get(f"/admin/incentives/payoutbatch/{path}").status_code == 404


def test_a_step_is_posted_not_fetched_and_must_exist(preparer: Client) -> None:
    make_award("10")
    batch = prepared(preparer)
    assert preparer.get(step(batch, "cancel")).status_code == 405
    assert preparer.post(step(batch, "burn")).status_code == 404


def test_what_a_payee_owes_is_netted_where_it_is_ticked(preparer: Client, approver: Client) -> None:
    owing = demanded(paid_award("100.00"), "30.00")
    award = make_award("50", applicant=owing.party)
    part = award.instalments.get().pk
    assert f'name="net" value="{part}"' in preparer.get(ADD).content.decode()
    preparer.post(ADD, {"instalment": [part], "net": [part]})
    line = PayoutBatch.objects.latest("id").lines.get()
    assert (str(line.netted), str(line.pays)) == ("30.00", "20.00")
    assert "20.00" in preparer.get(page(line.batch)).content.decode()


def test_a_tax_that_is_no_figure_is_said_and_nothing_typed_is_lost(preparer: Client) -> None:
    owing = demanded(paid_award("100.00"), "30.00")
    part = make_award("50", applicant=owing.party).instalments.get().pk
    typed = {"instalment": [part], "net": [part], f"withheld-{part}": "viel"}
    response = preparer.post(ADD, typed)
    assert len(list(response.context["messages"])) == 1
    assert f'name="net" value="{part}" checked' in response.content.decode()
    (row,) = response.context["rows"]
    assert (row.net, row.tax, response.context["ticked"]) == (True, "viel", [part])
    assert not PayoutLine.objects.filter(instalment=part).exists()


def test_the_tax_of_a_payment_that_came_back_stands_beside_it(
    preparer: Client, approver: Client
) -> None:
    part = make_award("1000", applicant=a_person()).instalments.get().pk
    preparer.post(ADD, {"instalment": [part], f"withheld-{part}": "160.00"})
    batch = PayoutBatch.objects.get()
    approver.post(step(batch, "approve"))
    preparer.post(step(batch, "export"))
    line = batch.lines.get()
    payouts.settle(batch_id=batch.pk, results={line.pk: ("returned", "销户")}, user=make_user())
    (row,) = preparer.get(ADD).context["rows"]
    assert str(row.tax) == "160.00"
    refused = preparer.post(ADD, {"instalment": [part], f"withheld-{part}": "0"})
    (row,) = refused.context["rows"]
    assert (len(list(refused.context["messages"])), row.tax) == (1, "0")
    preparer.post(ADD, {"all": "on"})
    again = PayoutBatch.objects.latest("id")
    assert str(again.lines.get().pays) == "840.00"
    preparer.post(step(again, "cancel"), {"reason": "税率误用"})
    typed = {"instalment": [part], f"withheld-{part}": "60", f"less-{part}": "税率误用，应为6%"}
    assert preparer.post(ADD, typed).status_code == 302
    less = PayoutBatch.objects.latest("id")
    shown = approver.get(f"/admin/incentives/payoutbatch/{less.pk}/change/")
    assert [(line.before, line.withheld) for line in shown.context["lowered"]] == [(160, 60)]
    assert "税率误用，应为6%" in shown.content.decode()


def test_steps_that_crossed_another_are_told_in_words(
    preparer: Client, approver: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_award("10.00")
    batch = prepared(preparer)
    monkeypatch.setattr(payouts, "approve_batch", crossing)
    monkeypatch.setattr(payouts, "prepare_batch", crossing)
    assert words_of_crossing() in approver.post(step(batch, "approve")).content.decode()
    make_award("20.00")
    assert words_of_crossing() in preparer.post(ADD, {"all": "on"}).content.decode()
