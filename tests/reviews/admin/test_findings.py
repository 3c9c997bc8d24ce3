"""Findings on stages at the desk: what waits, half a form, the second signature, the applicant."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applicants.models import Document, Event, Notice
from applicants.templatetags.huiqi import yuan
from incentives.models import Award, InstalmentFinding
from incentives.policy.terms import PayerShare
from reviews.domain import reserving
from reviews.domain.queues import cases_in, desk_of
from reviews.models import Application
from reviews.models.staff import Role
from tests.factories import Cast, make_staff
from tests.reviews.admin.conftest import Desk
from tests.reviews.domain import test_staging
from tests.reviews.domain.test_staging import awarded, cast
from tests.reviews.test_staff_papers import pdf

__all__ = ["cast"]
PAGES = "/admin/incentives/instalmentfinding/"
TYPED = {"found": "partly", "amount": "1000.00", "due_on": "2027-03-01", "reason": "验收两项"}


@pytest.fixture
def award(cast: Cast) -> Iterator[Award]:
    with awarded(cast) as made:
        yield made


@pytest.fixture
def preparer(cast: Cast, award: Award, desk: Desk) -> Client:
    return desk(cast.of(cast.handling, Role.PREPARER))


def form_of(award: Award) -> str:
    return f"{PAGES}add/?instalment={award.instalments.filter(due_kind='stage').first().pk}"


def case_of(award: Award) -> Application:
    return Application.objects.get(number=award.case_number)


def test_from_the_case_to_the_applicant(
    cast: Cast, award: Award, preparer: Client, desk: Desk, client: Client
) -> None:
    case, page = case_of(award), form_of(award)
    own = f"/admin/reviews/application/{case.pk}/change/"
    assert page.partition("?")[2] in preparer.get(own).content.decode()
    assert page.partition("?")[2] in preparer.get(f"{PAGES}add/").content.decode()
    paper = pdf("验收.pdf")
    assert preparer.post(page, TYPED | {"document": paper}).status_code == 302
    made = InstalmentFinding.objects.get()
    place = f"{PAGES}{made.pk}/change/"
    signer = cast.of(cast.handling, Role.APPROVER)
    assert list(cases_in("findings", desk_of(signer))) == [case]
    approver = desk(signer)
    assert made.document is not None
    read = approver.get(reverse("reviews:document", args=[made.document_id]))
    assert b"".join(read.streaming_content)[:5] == b"%PDF-"
    assert preparer.post(place, {"step": "confirm"}).status_code == 422
    assert [name for name, *_rest in preparer.get(place).context["steps"]] == ["drop"]
    assert approver.post(place, {"step": "eat"}).status_code == 422
    assert approver.post(place, {"step": "confirm"}).status_code == 302
    assert approver.post(place, {"step": "drop"}).status_code == 422
    assert list(cases_in("findings", desk_of(signer))) == []
    assert place in approver.get(own).content.decode()
    told = Notice.objects.get(kind="finding.partly", user=cast.clerk)
    assert (told.data["amount"], told.data["reason"]) == ("1000.00", "验收两项")
    client.force_login(cast.clerk)
    shown = client.get(reverse("reviews:case", args=[case.pk]))
    assert [(one.amount, one.reason) for one in shown.context["findings"]] == [
        ("1,000.00 元", "验收两项")
    ]
    assert "验收两项" in shown.content.decode()
    assert client.get(reverse("reviews:document", args=[made.document_id])).status_code == 404


def test_a_payment_with_a_date_is_withdrawn_and_the_applicant_reads_why(
    cast: Cast, award: Award, preparer: Client, desk: Desk, client: Client
) -> None:
    case, dated = case_of(award), award.instalments.exclude(due_kind="stage").first()
    page = f"{PAGES}add/?instalment={dated.pk}"
    own = f"/admin/reviews/application/{case.pk}/change/"
    assert page.partition("?")[2] in preparer.get(own).content.decode()
    assert page.partition("?")[2] not in preparer.get(f"{PAGES}add/").content.decode()
    assert list(preparer.get(page).context["form"].fields) == ["reason", "document"]
    answer = preparer.post(page, {"reason": " "})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["reason"])
    assert preparer.post(page, {"reason": "申报单位已注销"}).status_code == 302
    assert page.partition("?")[2] not in preparer.get(own).content.decode()
    made = InstalmentFinding.objects.get()
    approver = desk(cast.of(cast.handling, Role.APPROVER))
    assert approver.post(f"{PAGES}{made.pk}/change/", {"step": "confirm"}).status_code == 302
    award.refresh_from_db()
    rest = award.instalments.filter(due_kind="stage").values_list("amount", flat=True)
    assert award.amount == sum(rest)
    assert Notice.objects.get(kind="finding.withdrawn", user=cast.clerk).data["reason"]
    client.force_login(cast.clerk)
    shown = client.get(reverse("reviews:case", args=[case.pk])).content.decode()
    assert "申报单位已注销" in shown


@pytest.mark.parametrize(
    ("field", "value"),
    [("found", ""), ("amount", ""), ("amount", "99999999.00"), ("due_on", ""),
     ("due_on", "2020-01-01"), ("reason", " "),
     ("document", SimpleUploadedFile("x.exe", b"MZ"))],
)  # fmt: skip
def test_half_a_form_is_kept_and_said_at_its_field(
    award: Award,
    preparer: Client,
    field: str,
    value: object,
    tmp_path: Path,
    settings: Any,
) -> None:
    settings.MEDIA_ROOT = tmp_path
    before = Document.objects.count()
    given = TYPED | {"reason": "保留的文字", "document": pdf("验收.pdf")}
    answer = preparer.post(form_of(award), given | {field: value})
    form = answer.context["form"]
    assert (answer.status_code, list(form.errors)) == (422, [field])
    assert ("保留的文字" in answer.content.decode()) == (field != "reason")
    assert (InstalmentFinding.objects.count(), Document.objects.count()) == (0, before)
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


def test_the_paper_of_a_dropped_finding_stays_with_it(
    cast: Cast, award: Award, preparer: Client, desk: Desk
) -> None:
    preparer.post(form_of(award), TYPED | {"document": pdf("验收.pdf")})
    made = InstalmentFinding.objects.get()
    place = f"{PAGES}{made.pk}/change/"
    preparer.post(place, {"step": "drop"})
    auditor = desk(make_staff(Role.AUDITOR))
    paper = reverse("reviews:document", args=[made.document_id])
    shown = auditor.get(place)
    assert (shown.context["row"].state, paper in shown.content.decode()) == ("dropped", True)
    assert b"".join(auditor.get(paper).streaming_content)[:5] == b"%PDF-"


def test_who_may(cast: Cast, award: Award, preparer: Client, desk: Desk) -> None:
    page = form_of(award)
    undeclared = desk(make_staff(Role.PREPARER, cast.handling))
    assert undeclared.get(page).status_code == 302
    assert undeclared.post(page, TYPED).status_code == 302
    stranger = desk(make_staff(Role.PREPARER, "education"))
    assert stranger.get(page).status_code == 404
    for role in (Role.APPROVER, Role.LEADER):
        assert desk(cast.of(cast.handling, role)).get(page).status_code == 403
    assert desk(make_staff(Role.AUDITOR)).get(page).status_code == 403
    assert InstalmentFinding.objects.count() == 0
    preparer.post(page, TYPED | {"found": "not_met", "amount": ""})
    place = f"{PAGES}{InstalmentFinding.objects.get().pk}/change/"
    assert stranger.get(place).status_code == 404
    assert desk(make_staff(Role.AUDITOR)).post(place, {"step": "confirm"}).status_code == 422
    assert undeclared.post(place, {"step": "drop"}).status_code == 302
    assert preparer.post(place, {"step": "drop"}).status_code == 302
    assert InstalmentFinding.objects.get().state == "dropped"
    assert preparer.get(page).status_code == 200


def test_as_many_queries_for_many_as_for_one(
    cast: Cast, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, rest = test_staging.SCHEDULE
    parts = [rest.model_copy(update={"share": Decimal("0.1")})] * 3
    monkeypatch.setattr(test_staging, "SCHEDULE", (first, *parts, rest))
    asked = []
    with awarded(cast) as award:
        preparer = desk(cast.of(cast.handling, Role.PREPARER))
        own = f"/admin/reviews/application/{case_of(award).pk}/change/"
        stages = award.instalments.filter(due_kind="stage").values_list("pk", flat=True)
        for found in (stages[:1], stages[1:3]):
            for part in list(found):
                page = f"{PAGES}add/?instalment={part}"
                assert preparer.post(page, TYPED).status_code == 302
            preparer.get(own)
            with CaptureQueriesContext(connection) as queries:
                for page in (own, PAGES, f"{PAGES}add/"):
                    assert preparer.get(page).status_code == 200
            asked.append(len(queries))
    assert asked[0] == asked[1]


def test_of_a_shared_award_the_page_names_both_payers(
    cast: Cast, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    payers = PayerShare(payer="city", share="60%"), PayerShare(payer="district", share="40%")
    told = reserving.rules
    monkeypatch.setattr(
        reserving, "rules", lambda case: told(case).model_copy(update={"payers": payers})
    )
    with awarded(cast) as award:
        preparer, page = desk(cast.of(cast.handling, Role.PREPARER)), form_of(award)
        city, district = award.instalments.filter(due_kind="stage").order_by("number")
        assert "区（市）级" in preparer.get(page).content.decode()
        assert preparer.post(page, TYPED).status_code == 302
        both = InstalmentFinding.objects.order_by("pk")
        assert [one.amount for one in both] == [Decimal("600.00"), Decimal("400.00")]
        approver = desk(cast.of(cast.handling, Role.APPROVER))
        place = f"{PAGES}{both[1].pk}/change/"
        shown = approver.get(place).content.decode()
        assert all(
            text in shown for text in ("区（市）级", yuan(both[0].amount), yuan(both[1].amount))
        )
        assert approver.post(place, {"step": "confirm"}).status_code == 302
        assert {one.state for one in both.all()} == {"confirmed"}
        notice = Notice.objects.get(kind="finding.partly", user=cast.clerk)
        assert notice.data["part"] == f"{city.number}, {district.number}"
        assert (notice.data["amount"], notice.data["limit"]) == (
            "1000.00", str(city.amount + district.amount),
        )  # fmt: skip
        event = Event.objects.get(kind="finding.confirmed")
        assert event.data["instalments"] == [city.number, district.number]
