"""What goes on paper: letters with seal and code, approval sheets, the case file."""

import io
import re
from datetime import date, timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from pypdf import PdfReader

from incentives.domain.payouts import due_instalments
from incentives.models import PayoutBatch
from reviews.domain import paying
from reviews.domain.approval_sheets import material, material_of, material_of_batch
from reviews.domain.seals import set_seal
from reviews.models import Application, CaseReading
from reviews.models.staff import Role
from reviews.presenters import approval_sheet, case_file
from reviews.presenters.letters import as_pdf, in_numerals, paper
from reviews.presenters.qr import qr_svg
from tests import factories
from tests.factories import Cast, make_staff
from tests.reviews.domain.test_seals import png

SME = "tech-sme-rd-reward"
HITECH = "hitech-first-recognition-award"
NASTY = '#panic("x") *b* $x$ <label> [c] & <script>alert(1)</script>'


def read(content: bytes) -> str:
    pages = PdfReader(io.BytesIO(content)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def pages(content: bytes) -> int:
    return len(PdfReader(io.BytesIO(content)).pages)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 22), "二〇二六年十一月二十二日"),
        (date(2030, 1, 1), "二〇三〇年一月一日"),
        (date(2027, 10, 10), "二〇二七年十月十日"),
        (date(2029, 12, 31), "二〇二九年十二月三十一日"),
        (date(2029, 2, 20), "二〇二九年二月二十日"),
    ],
)
def test_dates_in_numerals(day: date, words: str) -> None:
    assert in_numerals(day) == words


def test_the_paper_carries_number_text_date_and_a_place_for_the_seal(db: None) -> None:
    letter = factories.accepted(Cast(HITECH)).letters.get()
    first, text = as_pdf(letter), read(as_pdf(letter))
    assert first == as_pdf(letter)
    for words in (letter.number, letter.title, "青岛市科学技术局", in_numerals(letter.issued_on)):
        assert words in text
    assert "（印章）" in text
    assert paper(letter).verify == f"http://127.0.0.1:8000/verify/{letter.token}/"
    assert "".join(letter.body.split()) in text.replace(in_numerals(letter.issued_on), "")


def test_the_uploaded_seal_takes_its_place(db: None) -> None:
    image = SimpleUploadedFile("seal.png", png(40, 40))
    set_seal(bureau=factories.bureau("sti"), basis="x", user=make_staff(Role.SYSTEM), image=image)
    content = as_pdf(factories.accepted(Cast(HITECH)).letters.get())
    assert "（印章）" not in read(content)
    assert len(PdfReader(io.BytesIO(content)).pages[0].images) == 1


def test_names_act_as_text_alone(db: None) -> None:
    cast = Cast(HITECH)
    cast.party.name = NASTY
    cast.party.save(update_fields=["name"])
    case = factories.determined(cast)
    assert "".join(NASTY.split()) in read(as_pdf(case.letters.get()))
    found = material_of(case)
    assert found
    content = approval_sheet.as_pdf([approval_sheet.form(found)], at=case.submitted_at)
    assert "".join(NASTY.split()) in read(content)


def test_a_code_has_its_three_corners_and_white_around() -> None:
    svg = qr_svg("https://huiqi.example/verify/x/")
    size = int(svg.split('viewBox="0 0 ')[1].split(" ")[0])
    for x, y in ((4, 4), (size - 11, 4), (4, size - 11)):
        assert all(f"M{x + place} {y}h1" in svg for place in range(7))
        assert f"M{x + 1} {y + 1}h1" not in svg
    assert not any(f"M{place} 3h1" in svg for place in range(size))


@pytest.fixture
def checked(db: None) -> Application:
    return factories.published(Cast(HITECH))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_approval_sheet_shows_who_said_what(checked: Application, language: str) -> None:
    found = material_of(checked)
    assert found
    with translation.override(language):
        content = approval_sheet.as_pdf([approval_sheet.form(found)], at=checked.submitted_at)
    text = read(content)
    wanted = [
        checked.number, checked.applicant.name, checked.applicant.uscc, checked.account.masked,
        "350,000.00", "人民币叁拾伍万元整", "三(四)",
        checked.publicityitem_set.get().notice.number,
    ]  # fmt: skip
    determination = found.determination
    people = [determination.proposed_by, determination.approved_by, determination.checked_by]
    people += [task.opinion.approved_by for task in found.case.given]
    assert [
        one for one in [*wanted, *map(str, people)] if "".join(str(one).split()) not in text
    ] == []
    assert not re.search(r"6217\d{12}", text)


def test_a_case_that_is_not_determined_or_not_paid_has_no_sheet(db: None) -> None:
    assert material_of(factories.accepted(Cast(HITECH))) is None
    assert material_of(factories.proposed(Cast(HITECH))) is not None
    assert material_of(factories.determined(Cast("innovative-leader-enterprise"))) is None


def test_a_drafted_opinion_stays_with_its_bureau(db: None) -> None:
    found = material_of(factories.proposed(Cast(HITECH)))
    assert found
    assert all(task.opinion.approved_by for task in found.case.given)


@pytest.fixture
def batch(db: None) -> PayoutBatch:
    casts = [Cast(SME) for _ in range(3)]
    cases = [factories.published(cast) for cast in casts]
    preparer = casts[0].of("finance", Role.FINANCE_PREPARER)
    for cast in casts[:2]:
        cast.staff["finance", Role.FINANCE_PREPARER] = preparer
        cast.free(preparer)
    with time_machine.travel(factories.publicity_end(cases[0]) + timedelta(days=3), tick=False):
        for cast, case in zip(casts, cases, strict=True):
            factories.decide_award(cast, case)
        ids = list(due_instalments(factories.qingdao(), date.max).values_list("pk", flat=True))
        return paying.prepare(city=factories.qingdao(), instalment_ids=ids, user=preparer)


def test_a_batchs_sheets_are_one_document_of_what_opens_to_the_reader(batch: PayoutBatch) -> None:
    found = material_of_batch(batch, batch.prepared_by)
    numbers = [one.case.number for one in found.material]
    assert (len(numbers), len(found.closed)) == (2, 1)
    forms = [approval_sheet.form(one) for one in found.material]
    content = approval_sheet.as_pdf(forms, at=batch.prepared_at, note=found.closed[0])
    assert all(number in read(content) for number in [*numbers, *found.closed])
    assert pages(content) == 1 + pages(approval_sheet.as_pdf(forms, at=batch.prepared_at))
    logged = CaseReading.objects.filter(user=batch.prepared_by, door="approval.pdf")
    assert sorted(row.application.number for row in logged) == numbers


def test_an_auditor_sees_all_of_a_batch_and_whoever_has_no_part_nothing(
    batch: PayoutBatch,
) -> None:
    assert len(material_of_batch(batch, make_staff(Role.AUDITOR)).material) == 3
    stranger = make_staff(Role.FINANCE_APPROVER, "finance")
    assert material_of_batch(batch, stranger).material == []


def test_many_sheets_take_as_many_queries_as_one(batch: PayoutBatch) -> None:
    every = Application.objects.filter(city="qingdao", state="awarded")
    counts = []
    for some in (every[:1], every):
        wanted = Application.objects.filter(pk__in=list(some.values_list("pk", flat=True)))
        with CaptureQueriesContext(connection) as read_:
            forms = [approval_sheet.form(one) for one in material(wanted)]
        counts.append((len(forms), len(read_)))
    assert counts[0][1] == counts[1][1]
    assert [count for count, _ in counts] == [1, 3]


def test_the_case_file_holds_the_whole_course(checked: Application) -> None:
    auditor = make_staff(Role.AUDITOR)
    text = read(case_file.as_pdf(checked, auditor, at=checked.submitted_at))
    assert checked.number in text
    assert checked.letters.get().number in text
    determination = checked.determinations.get()
    for who in (determination.proposed_by, determination.checked_by, auditor):
        assert "".join(str(who).split()) in text
