"""Letters, wording, seals and paper at the desk."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reviews.models import CaseReading, LetterTemplate, Seal
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast, accepted, bureau, determined, make_staff
from tests.reviews.admin.conftest import Desk
from tests.reviews.domain.test_seals import png

WORDING = "/admin/reviews/lettertemplate/add/?city=qingdao&kind=accepted"
TYPED = {"title": "受理告知", "body": "{applicant}：\n{case_number}已受理。", "basis": "文号"}


@pytest.fixture
def editor(desk: Desk) -> Client:
    return desk(make_staff(Role.POLICY_EDITOR))


@pytest.fixture
def administrator(desk: Desk) -> Client:
    return desk(make_staff(Role.SYSTEM))


def test_a_case_shows_its_letters_and_whether_they_were_read(desk: Desk, cast: Cast) -> None:
    case = accepted(cast)
    letter = case.letters.get()
    reviewer = desk(cast.of(cast.handling, Role.PREPARER))
    page = f"/admin/reviews/application/{case.pk}/change/"
    assert "尚未阅读" in (shown := reviewer.get(page).content.decode()) or "not read yet" in shown
    member = Client()
    member.force_login(cast.clerk)
    member.get(f"/letters/{letter.pk}/")
    assert str(cast.clerk) in reviewer.get(page).content.decode()
    pdf = reviewer.get(f"/admin/reviews/application/{case.pk}/letter/{letter.pk}.pdf")
    assert pdf.content.startswith(b"%PDF-")


@pytest.mark.parametrize("page", ["letter/{letter}.pdf", "approval/", "approval.pdf", "file.pdf"])
def test_paper_of_a_case_is_for_those_it_opened_to(desk: Desk, cast: Cast, page: str) -> None:
    case = determined(cast)
    address = page.format(letter=case.letters.first().pk)
    address = f"/admin/reviews/application/{case.pk}/{address}"
    undeclared = make_staff(Role.PREPARER, cast.handling)
    assert desk(undeclared).get(address).status_code in (403, 404)
    assert desk(make_staff(Role.PREPARER, "culture")).get(address).status_code == 404
    reader = cast.of(cast.handling, Role.PREPARER)
    before = CaseReading.objects.filter(user=reader).count()
    assert desk(reader).get(address).status_code == 200
    assert CaseReading.objects.filter(user=reader).count() == before + 1


def test_a_letter_is_found_with_its_own_case_alone(desk: Desk, cast: Cast) -> None:
    one, other = accepted(cast), accepted(cast)
    reviewer = desk(cast.of(cast.handling, Role.PREPARER))
    address = f"/admin/reviews/application/{one.pk}/letter/{other.letters.get().pk}.pdf"
    assert reviewer.get(address).status_code == 404


def test_a_case_without_a_determination_has_no_approval_sheet(desk: Desk, cast: Cast) -> None:
    case = accepted(cast)
    reviewer = desk(cast.of(cast.handling, Role.PREPARER))
    assert reviewer.get(f"/admin/reviews/application/{case.pk}/approval/").status_code == 404


def test_the_sheets_of_a_batch(desk: Desk, cast: Cast) -> None:
    case = factories.published(cast)
    finance = cast.of("finance", Role.FINANCE_PREPARER)
    with time_machine.travel(factories.publicity_end(case) + timedelta(days=3), tick=False):
        factories.decide_award(cast, case)
        client = desk(finance)
        made = client.post("/admin/incentives/payoutbatch/add/", {"all": "on"})
        page = made.headers["Location"]
        assert "approval.pdf" in client.get(page).content.decode()
        pdf = client.get(page.replace("change/", "approval.pdf"))
    assert pdf.content.startswith(b"%PDF-")


def test_a_wording_is_previewed_then_kept(editor: Client) -> None:
    page = editor.post(WORDING, TYPED | {"preview": "1"}).content.decode()
    assert "QD-2026-000001已受理。" in page
    assert not LetterTemplate.objects.exists()
    assert editor.post(WORDING, TYPED).status_code == 302
    assert LetterTemplate.objects.get().title == "受理告知"
    assert "文号" in editor.get(WORDING).content.decode()
    assert editor.get("/admin/reviews/lettertemplate/").status_code == 200


def test_an_unknown_placeholder_stays_typed_beside_its_problem(editor: Client) -> None:
    wrong = TYPED | {"body": "{applicant}：{aplicant}"}
    for more in ({}, {"preview": "1"}):
        page = editor.post(WORDING, wrong | more).content.decode()
        assert page.count("{aplicant}") >= 2
    assert not LetterTemplate.objects.exists()


@pytest.mark.parametrize(
    "address", ["?city=dalian&kind=accepted", "?city=qingdao&kind=x", "?city=&kind=accepted"]
)
def test_there_is_no_such_letter_to_word(editor: Client, address: str) -> None:
    assert editor.get(f"/admin/reviews/lettertemplate/add/{address}").status_code == 404


def test_a_seal_is_uploaded_and_shown(administrator: Client) -> None:
    sti = bureau("sti")
    assert str(sti) in administrator.get("/admin/reviews/seal/add/").content.decode()
    address = f"/admin/reviews/seal/add/?bureau={sti.pk}"
    image = SimpleUploadedFile("seal.png", png())
    kept = administrator.post(address, {"mark": "青科函", "image": image, "basis": "批件"})
    assert kept.status_code == 302
    seal = Seal.objects.get()
    assert administrator.get(f"/admin/reviews/seal/{seal.pk}/image.png").content == png()
    assert "青科函" in administrator.get(address).content.decode()
    wrong = SimpleUploadedFile("seal.png", b"no picture")
    page = administrator.post(address, {"image": wrong, "basis": "批件"})
    assert page.status_code == 200
    assert page.context["form"].errors.keys() == {"image"}


@pytest.mark.parametrize("model", ["seal", "lettertemplate"])
def test_others_set_neither(desk: Desk, model: str) -> None:
    for role in (Role.PREPARER, Role.LEADER):
        assert desk(make_staff(role, "sti")).get(f"/admin/reviews/{model}/add/").status_code == 403
    assert desk(make_staff(Role.AUDITOR)).get(f"/admin/reviews/{model}/").status_code == 200
    assert desk(make_staff(Role.AUDITOR)).get(f"/admin/reviews/{model}/add/").status_code == 403


def test_a_seal_of_another_city_is_not_to_be_set(administrator: Client) -> None:
    other = bureau("sti", "dalian")
    assert administrator.get(f"/admin/reviews/seal/add/?bureau={other.pk}").status_code == 404
    assert administrator.get("/admin/reviews/seal/add/?bureau=x").status_code == 404
