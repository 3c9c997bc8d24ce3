"""Paying through the API: what is held, what the bank answered, and nothing twice."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from applicants.models import BankAccount
from incentives.domain import payouts
from incentives.domain.exports import csv_bytes
from incentives.domain.holds import open_holds
from incentives.models import Award, LedgerEntry, PayoutBatch, PayoutLine
from reviews.models.staff import Role
from tests.api.client import Api, errors
from tests.credit import LIST, owed, row, take
from tests.factories import Cast, decide_award, make_staff, publicity_end, published
from tests.incentives.domain.test_netting import a_person
from tests.incentives.factories import make_award, make_user


@pytest.fixture
def preparer(db: None) -> Api:
    return Api(make_staff(Role.FINANCE_PREPARER, "finance"))


@pytest.fixture
def approver(db: None) -> Api:
    return Api(make_staff(Role.FINANCE_APPROVER, "finance"))


def preparing(*awards: Award) -> dict[str, object]:
    return {"city": "qingdao", "instalments": [award.instalments.get().pk for award in awards]}


def test_what_is_due_says_what_holds_it(preparer: Api, approver: Api) -> None:
    award = make_award("10")
    other = make_award("20")
    BankAccount.objects.filter(party=other.applicant).update(
        number_hmac=BankAccount.objects.get(party=award.applicant).number_hmac
    )
    told = errors(preparer.post("batches/", preparing(award, other), 400, Idempotency_Key="k1"))
    assert list(told) == ["instalments"]
    due = preparer.get("instalments/due/?city=qingdao")["results"]
    assert [[one["kind"] for one in row["held"]] for row in due] == [["duplicate"]] * 2
    listed = approver.get("holds/?released=false")["results"]
    assert [one["case_number"] for one in listed] == [other.case_number, award.case_number]
    for one in listed:
        approver.post(f"holds/{one['id']}/release/", {"reason": "母子公司"})
    assert approver.get("holds/?released=false")["results"] == []
    assert preparer.post("batches/", preparing(award, other), 201)["line_count"] == 2


def test_whoever_is_listed_for_bad_credit_is_told_before_and_at_the_refusal(
    preparer: Api,
) -> None:
    listed, free = owed("10"), owed("20")
    take(row(listed.applicant))
    due = preparer.get("instalments/due/?city=qingdao")["results"]
    assert [[LIST in one for one in part["listed"]] for part in due] == [[True], []]
    both = preparing(listed, free)
    told = errors(preparer.post("batches/", both, 400, Idempotency_Key="k1"))
    assert listed.case_number in str(told["instalments"])
    held = [part["held"] for part in preparer.get("instalments/due/?city=qingdao")["results"]]
    assert [[one["kind"] for one in some] for some in held] == [["credit"], []]
    assert preparer.post("batches/", preparing(free), 201)["line_count"] == 1


def test_a_release_needs_its_reason_and_the_role(preparer: Api, approver: Api) -> None:
    award = make_award("10")
    BankAccount.objects.filter(party=make_award("1").applicant).update(
        number_hmac=BankAccount.objects.get(party=award.applicant).number_hmac
    )
    every = [award, Award.objects.exclude(pk=award.pk).get()]
    preparer.post("batches/", preparing(*every), 400)
    held = open_holds().filter(award=award).get()
    assert list(errors(approver.post(f"holds/{held.pk}/release/", {}, 400))) == ["reason"]
    preparer.post(f"holds/{held.pk}/release/", {"reason": "x"}, 403)
    assert not PayoutBatch.objects.exists()


def exported_batch(preparer: Api, approver: Api) -> int:
    """Of the cases that the bank's answers are written to."""
    pk: int = preparer.post("batches/", preparing(*Award.objects.all()), 201)["id"]
    approver.post(f"batches/{pk}/approve/")
    preparer.post(f"batches/{pk}/export/")
    return pk


def sent(api: Api, path: str, content: bytes, **headers: str) -> Any:
    file = SimpleUploadedFile("r.csv", content)
    return api.client.post(f"/api/{path}", {"file": file}, headers=api.headers | headers)


@pytest.fixture
def award(db: None) -> Iterator[Award]:
    cast = Cast("enterprise-tech-centre-award")
    case = published(cast)
    with time_machine.travel(publicity_end(case).isoformat() + "T12:00:00+08:00", tick=False) as on:
        on.shift(3 * 86_400)
        yield decide_award(cast, case)


def test_a_banks_file_is_looked_through_then_recorded_once(
    award: Award, preparer: Api, approver: Api
) -> None:
    pk = exported_batch(preparer, approver)
    content = csv_bytes(
        ["行", "金额", "结果"], [[1, award.amount, "成功"], [2, award.amount, "成功"]]
    )
    shown = sent(preparer, f"batches/{pk}/results/preview/", content).json()
    assert (shown["paid"], shown["returned"]) == (f"{award.amount:.2f}", "0.00")
    assert [bool(row["problem"]) for row in shown["rows"]] == [False, True]
    assert PayoutLine.objects.get().state == "pending"
    key = {"Idempotency-Key": "file-1"}
    first, again = (sent(preparer, f"batches/{pk}/results/", content, **key) for _time in "12")
    assert (first.status_code, first.json()["paid"]) == (200, 1)
    assert (again.json(), again["Idempotent-Replayed"]) == (first.json(), "true")
    other = sent(preparer, f"batches/{pk}/results/", content + b"\r\n", **key)
    assert other.status_code == 422
    without_key = sent(preparer, f"batches/{pk}/results/", content)
    assert without_key.json() == first.json()
    assert LedgerEntry.objects.filter(stage="paid").count() == 1


@pytest.mark.parametrize("cell", ["6222021001122334455", "1E+30", "Infinity", "sNaN", "-1"])
def test_what_is_no_amount_is_refused_in_its_row(
    award: Award, preparer: Api, approver: Api, cell: str
) -> None:
    """Such as the account number, where the columns were mixed up."""
    pk = exported_batch(preparer, approver)
    content = csv_bytes(["行", "金额", "结果"], [[1, cell, "成功"]])
    told = sent(preparer, f"batches/{pk}/results/preview/", content)
    assert told.status_code == 200
    [row] = told.json()["rows"]
    assert (row["amount"], bool(row["problem"])) == (None, True)


def test_what_falls_due_later_is_paid_early_only_knowingly(db: None, preparer: Api) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    early = make_award("10", due_on=tomorrow).instalments.get()
    assert preparer.get("instalments/due/?city=qingdao")["results"] == []
    given = {"city": "qingdao", "instalments": [early.pk]}
    assert list(errors(preparer.post("batches/", given, 400))) == ["until"]
    made = preparer.post("batches/", given | {"until": tomorrow.isoformat()}, 201)
    assert made["transfer"] == {
        "lines": 1, "amount": "10.00", "withheld": "0.00", "netted": "0.00",
    }  # fmt: skip


def test_no_table_is_refused_at_its_field_and_auditors_import_nothing(
    award: Award, preparer: Api, approver: Api
) -> None:
    pk = exported_batch(preparer, approver)
    for content in (b"", b"a,b\r\n1,2\r\n"):
        told = sent(preparer, f"batches/{pk}/results/", content)
        assert (told.status_code, list(errors(told.json()))) == (400, ["file"])
    auditor = Api(make_staff(Role.AUDITOR))
    assert sent(auditor, f"batches/{pk}/results/", b"a,b\r\n1,2\r\n").status_code == 403


def test_a_file_is_fetched_by_the_code_of_its_format(
    award: Award, preparer: Api, approver: Api
) -> None:
    pk = exported_batch(preparer, approver)
    told = preparer.get(f"batches/{pk}/")["files"]
    assert {one["layout"] for one in told} == {"standard-csv", "standard-xlsx"}
    by_code = preparer.download(f"batches/{pk}/files/standard-csv/")
    assert by_code == preparer.download(f"batches/{pk}/files/csv/")
    preparer.get(f"batches/{pk}/files/treasury/", 404)


def test_less_tax_than_before_is_withheld_with_its_reason(preparer: Api, approver: Api) -> None:
    part = make_award("1000", applicant=a_person()).instalments.get().pk
    tax = {"instalment": part, "amount": "160.00"}
    asked = {"city": "qingdao", "instalments": [part], "withheld": [tax]}
    first = preparer.post("batches/", asked, 201)
    for step in ("approve", "export"):
        approver.post(f"batches/{first['id']}/{step}/")
    came_back = {first["lines"][0]["id"]: ("returned", "销户")}
    payouts.settle(batch_id=first["id"], results=came_back, user=make_user())
    asked["withheld"] = [tax | {"amount": "60.00"}]
    assert list(errors(preparer.post("batches/", asked, 400))) == ["withheld"]
    asked["withheld"] = [tax | {"amount": "60.00", "why_less": "税率误用"}]
    (line,) = preparer.post("batches/", asked, 201)["lines"]
    assert (line["withheld"], line["withheld_less"]) == ("60.00", "税率误用")


def test_a_districts_money_is_asked_for_by_name_and_never_mixed(
    preparer: Api, approver: Api
) -> None:
    shares = {"city": Decimal("0.6"), "district": Decimal("0.4")}
    award = make_award("100", payer="shared", shares=shares)
    [of_city] = preparer.get("instalments/due/?city=qingdao")["results"]
    [of_district] = preparer.get("instalments/due/?city=qingdao&district=laoshan")["results"]
    assert [(one["payer"], one["amount"]) for one in (of_city, of_district)] == [
        ("city", "60.00"), ("district", "40.00"),
    ]  # fmt: skip
    assert preparer.get("instalments/due/?city=qingdao&district=shinan")["results"] == []
    wrong = preparer.send("GET", "instalments/due/?city=qingdao&district=nowhere")
    assert (wrong.status_code, list(errors(wrong.json()))) == (400, ["district"])
    asked = {"city": "qingdao", "instalments": [of_district["id"]]}
    mixed = errors(preparer.post("batches/", asked, 400, Idempotency_Key="k1"))
    assert list(mixed) == ["instalments"]
    batch = preparer.post("batches/", asked | {"district": "laoshan"}, 201, Idempotency_Key="k2")
    assert (batch["payer"], batch["district"], batch["total"]) == ("district", "laoshan", "40.00")
    preparer.post("batches/", asked | {"instalments": [of_city["id"]]}, 201, Idempotency_Key="k3")
    listed = approver.get("batches/?payer=district")["results"]
    assert [(one["number"], one["district"]) for one in listed] == [(batch["number"], "laoshan")]
    assert approver.get("batches/?district=shinan")["results"] == []
    told = approver.get(f"awards/{award.pk}/")["instalments"]
    assert [(one["payer"], one["amount"]) for one in told] == [
        ("city", "60.00"), ("district", "40.00"),
    ]  # fmt: skip
