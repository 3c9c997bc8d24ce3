"""Paying through the API: what is held, what the bank answered, and nothing twice."""

import pytest

from applicants.models import BankAccount
from incentives.domain.holds import open_holds
from incentives.models import Award, PayoutBatch
from reviews.models.staff import Role
from tests.api.client import Api, errors
from tests.factories import make_staff
from tests.incentives.factories import make_award


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
