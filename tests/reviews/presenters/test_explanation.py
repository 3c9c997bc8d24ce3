"""The explanation of a determination: complete, the same years later, and harmless as a PDF."""

import io
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import translation
from pypdf import PdfReader

from applicants.models import Party
from incentives.domain.pools import set_pool
from incentives.domain.settings import change_setting
from incentives.presenters.sheet import Pairs, Sheet, Table, section
from reviews.models import Application, Determination
from reviews.presenters.explanation import as_pdf, explained
from reviews.presenters.pdf import pdf_of
from tests.factories import Cast, determined, make_user, proposed, qingdao

TEAM = "national-project-team-award"
NASTY = '#panic("x") *b* _i_ $x^2$ `raw` @ref <label> [c] \\ // /* = h & <script>alert(1)</script>'


def standing(case: Application) -> Determination:
    return case.determinations.get(state="approved")


def read(content: bytes) -> str:
    """The text of a PDF without its line breaks, for words are broken anywhere in Chinese."""
    pages = PdfReader(io.BytesIO(content)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def table(sheet: Sheet, heading: str) -> Table:
    parts = [part for one in sheet.sections if one.heading == heading for part in one.parts]
    return next(part for part in parts if isinstance(part, Table))


def text_of(sheet: Sheet) -> str:
    return repr(sheet)


@pytest.fixture
def cut(db: None) -> Application:
    """2,500,000 yuan for the unit in a year, of which another case has taken some."""
    cast = Cast(TEAM)
    set_pool(
        city=qingdao(),
        code="science",
        year=datetime.now(UTC).year,
        title="科技奖励年度总额",
        limit=Decimal(120_000),
        programmes=[cast.programme],
        basis="青财〔2026〕1号",
        actor=make_user(),
    )
    return determined(cast)


def test_a_cap_shows_limit_used_left_and_what_it_cut(cut: Application) -> None:
    determination = standing(cut)
    assert determination.granted == Decimal(120_000)
    with translation.override("en"):
        rows = table(explained(cut, determination), "Caps").rows
    pool = next(row for row in rows if row[0] == "科技奖励年度总额")
    off = determination.assessed - Decimal(120_000)
    assert pool[1:] == (
        "CNY 120,000.00",
        "CNY 0.00",
        "CNY 120,000.00",
        "CNY 120,000.00",
        f"cuts CNY {off:,.2f}",
    )
    printed = [cap["label"]["en"] for cap in determination.told["caps"]]
    assert sorted(row[0] for row in rows) == sorted([*printed, "科技奖励年度总额"])


def test_it_holds_all_that_the_decision_rests_on(cut: Application) -> None:
    determination = standing(cut)
    sheet = explained(cut, determination)
    said = text_of(sheet)
    told = determination.told
    for part in [*told["steps"], *told["reasons"]]:
        assert part["text"]["zh"] in said
    for expected in [
        *(one["question"]["zh"] for one in told["assumptions"]),
        cut.number,
        cut.applicant.name,
        determination.digest,
        str(determination.proposed_by),
        str(determination.approved_by),
        determination.reason,
        determination.explanation["document"]["zh"],
        *determination.choices.values(),
    ]:
        assert expected in said


def test_the_pdf_says_the_same_and_is_the_same_at_any_time(cut: Application) -> None:
    determination = standing(cut)
    first = as_pdf(cut, determination)
    Party.objects.filter(pk=cut.applicant_id).update(name="另一名称")
    with time_machine.travel("2031-05-06"):
        again = Application.objects.get(pk=cut.pk)
        assert as_pdf(again, standing(again)) == first
    said = read(first)
    assert f"{determination.assessed:,.2f}" in said
    assert "120,000.00" in said
    assert re.sub(r"\s", "", cut.programme.title_zh) in said
    fonts = [font for page in PdfReader(io.BytesIO(first)).pages for font in fonts_of(page)]
    assert fonts
    assert all(fonts)


def fonts_of(page: object) -> list[bool]:
    """Whether each font of the page is embedded."""
    found = page["/Resources"]["/Font"].values()
    inner = [font.get_object()["/DescendantFonts"][0].get_object() for font in found]
    return ["/FontFile3" in font["/FontDescriptor"] for font in inner]


def test_a_reading_set_by_the_city_shows_its_basis(db: None) -> None:
    cast = Cast(TEAM)
    change_setting(
        city=qingdao(),
        programme=cast.programme,
        key="project_cap_period",
        value="year",
        basis="青科规〔2026〕3号",
        actor=make_user(),
    )
    case = determined(cast)
    change_setting(
        city=qingdao(),
        programme=cast.programme,
        key="project_cap_period",
        value="life",
        basis="青科规〔2027〕9号",
        actor=make_user(),
    )
    said = text_of(explained(case, standing(case)))
    assert "青科规〔2026〕3号" in said
    assert "青科规〔2027〕9号" not in said


def test_what_was_kept_cannot_be_changed(cut: Application) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Determination.objects.filter(application=cut).update(explanation={"case": "another"})


def test_names_are_text_and_never_markup() -> None:
    rows = ((NASTY, NASTY), ("名称", NASTY))
    sheet = Sheet(NASTY, NASTY, rows, (section(NASTY, Pairs(rows)),))
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    content = pdf_of(sheet, at=at, footer=NASTY)
    assert read(content).count("".join(NASTY.split())) == 10
    assert pdf_of(sheet, at=at, footer=NASTY) == content
    assert PdfReader(io.BytesIO(content)).metadata.title == NASTY


def test_only_its_members_and_only_what_is_approved(cut: Application) -> None:
    own, stranger = Client(), Client()
    own.force_login(cut.started_by)
    stranger.force_login(make_user())
    page, pdf = (f"/cases/{cut.pk}/explanation{end}" for end in ("/", ".pdf"))
    assert own.get(page).status_code == 200
    answer = own.get(pdf)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content == as_pdf(cut, standing(cut))
    assert [stranger.get(address).status_code for address in (page, pdf)] == [404, 404]
    waiting = proposed(Cast("tech-sme-rd-reward"))
    own.force_login(waiting.started_by)
    assert own.get(f"/cases/{waiting.pk}/explanation/").status_code == 404


def test_the_desk_sees_every_determination(cut: Application) -> None:
    desk = Client()
    desk.force_login(standing(cut).approved_by)
    address = f"/admin/reviews/application/{cut.pk}/explanation/1"
    assert "科技奖励年度总额" in desk.get(f"{address}/").content.decode()
    assert desk.get(f"{address}.pdf").content == as_pdf(cut, standing(cut))
    assert desk.get(f"/admin/reviews/application/{cut.pk}/explanation/9/").status_code == 404
    desk.force_login(make_user(is_staff=True))
    assert desk.get(f"{address}.pdf").status_code == 404
