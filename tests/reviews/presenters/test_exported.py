"""Whatever is exported of the money is kept: with its hash, who fetched it, and in the background
where it is large or fails."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from incentives.domain import background
from incentives.models import Export, ExportFetch
from reviews.models.staff import Role
from tests.confirmed import signed_in
from tests.factories import make_staff
from tests.incentives.factories import any_programme, make_budget, make_fund, reserve

YEAR = timezone.localdate().year
LEDGER = "/admin/incentives/ledgerentry/"
REPORT = "/admin/incentives/budget/report"
PAGES = {
    "ledger": (LEDGER + "export.{}", {"stage": "reserved"}),
    "statement": (LEDGER + "statement.{}", {"by": "applicant"}),
    "budget_execution": (REPORT + ".{}", {"city": "qingdao", "year": YEAR}),
}
EVERY = [(kind, form) for kind in PAGES for form in ("csv", "xlsx", "pdf")]
BEGINS = {"csv": "\ufeff".encode(), "xlsx": b"PK", "pdf": b"%PDF"}


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(background, "ring", lambda _task: None)


@pytest.fixture
def auditor(db: None) -> Client:
    """Two lines of each kind."""
    programme = any_programme()
    for amount in ("1", "2"):
        make_budget("100.00", year=YEAR, fund=make_fund(programme))
        reserve(amount, programme=programme)
    return signed_in(make_staff(Role.AUDITOR))


def asked(client: Client, kind: str, form: str) -> Any:
    address, query = PAGES[kind]
    return client.get(address.format(form), query)


@pytest.mark.parametrize(("kind", "form"), EVERY)
def test_each_is_kept_with_its_hash_and_who_fetched_it(
    auditor: Client, kind: str, form: str
) -> None:
    answer = asked(auditor, kind, form)
    content = b"".join(answer.streaming_content)
    kept = Export.objects.get()
    assert content.startswith(BEGINS[form])
    assert (kept.kind, kept.form, kept.state, kept.size) == (kind, form, "done", len(content))
    assert (kept.rows, kept.wanted) == (2, PAGES[kind][1])
    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    assert kept.name in answer["Content-Disposition"]
    assert ExportFetch.objects.get().user == kept.requested_by
    page = auditor.get(f"/admin/incentives/export/{kept.pk}/change/").content.decode()
    assert all(str(value) in page for pair in kept.told for value in pair)
    again = auditor.get(f"/admin/incentives/export/{kept.pk}/file/")
    assert b"".join(again.streaming_content) == content


@pytest.mark.parametrize(("kind", "form"), EVERY)
def test_a_large_one_is_made_in_the_background(
    auditor: Client, monkeypatch: pytest.MonkeyPatch, kind: str, form: str
) -> None:
    monkeypatch.setattr(background, "FROM_ROWS", 1)
    answer = asked(auditor, kind, form)
    waits = Export.objects.get()
    assert answer["Location"] == f"/admin/incentives/export/{waits.pk}/change/"
    assert (waits.state, waits.rows) == ("waiting", 2)
    assert asked(auditor, kind, form)["Location"] == answer["Location"]
    assert background.run() == 1
    made = Export.objects.get()
    assert (made.state, made.rows, made.done) == ("done", 2, 2)
    file = auditor.get(f"/admin/incentives/export/{made.pk}/file/")
    assert b"".join(file.streaming_content).startswith(BEGINS[form])


@pytest.mark.parametrize("kind", PAGES)
def test_a_longer_pdf_is_not_printed_and_what_to_take_is_said_on_the_page(
    auditor: Client, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(background, "MOST_PRINTED", 1)
    answer = asked(auditor, kind, "pdf")
    [told] = [str(message) for message in answer.context["messages"]]
    assert "XLSX" in told
    assert not Export.objects.exists()


def test_one_that_fails_is_made_in_the_background(
    auditor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("reviews.presenters.table_files.pdf_of", lambda *_a, **_k: 1 / 0)
        answer = asked(auditor, "statement", "pdf")
    waits = Export.objects.get()
    assert (answer.status_code, waits.state) == (302, "waiting")
    assert background.run() == 1


def test_what_the_background_makes_says_the_filter_in_the_words_of_who_asked(
    auditor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "FROM_ROWS", 1)
    auditor.get(LEDGER + "statement.csv", {"by": "applicant", "payer": "city"})
    background.run()
    made = Export.objects.get()
    file = auditor.get(f"/admin/incentives/export/{made.pk}/file/")
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
    assert "支付方,市级" in lines
    assert made.name.startswith("statement-qingdao-applicant-")
