"""A bureau's list is taken whole or not at all, and every fault is told by row and column."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import Event, Membership, Party, ProfileFact
from incentives.models import ImportRow, RegisterEntry, RegistryImport, RegistryRecord
from incentives.models.registry import ImportKind
from reviews.domain import sweeps_lists
from reviews.models.staff import Role
from tests.factories import make_organisation, make_staff, make_user, valid_uscc
from tests.registry_lists import (
    HEADINGS,
    PROGRAMME,
    RECOGNISED,
    Office,
    csv_file,
    facts_of,
    organisations,
    party,
    recognised,
    xlsx_file,
)

pytestmark = pytest.mark.django_db
TITLES = ("统一社会信用代码", "称号代码", "级别", "认定日期", "有效期至", "证书编号")


@pytest.fixture
def office(db: None) -> Office:
    return Office()


def problems(found: RegistryImport) -> dict[int, list[str]]:
    faulty = ImportRow.objects.filter(of=found).exclude(problems={})
    return {row.number: sorted(row.problems) for row in faulty}


def test_nothing_counts_before_somebody_else_takes_the_list(office: Office) -> None:
    rows = recognised(3)
    found = office.bring(csv_file(RECOGNISED, rows))
    assert (found.row_count, found.fault_count) == (3, 0)
    assert not Party.objects.filter(uscc=rows[0][0]).exists()
    office.take(found)
    entered = party(rows[0])
    assert (entered.name, entered.kind, entered.district.code) == (
        rows[0][1], "enterprise", "laoshan",
    )  # fmt: skip
    assert not Membership.objects.filter(party=entered).exists()
    facts = ProfileFact.objects.filter(party=entered)
    assert {fact.source for fact in facts} == {"imported"}
    assert {fact.as_of for fact in facts} == {date(2026, 3, 31)}
    assert facts_of(entered) == {
        f"{PROGRAMME}.certificate_number": rows[0][4],
        f"{PROGRAMME}.recognition_history": "none",
        f"{PROGRAMME}.recognition_year": "2025",
        f"{PROGRAMME}.rd_expenses": "2000000.00",
    }
    kinds = Event.objects.filter(subject=f"import:{found.pk}").values_list("kind", flat=True)
    assert list(kinds) == ["registry.uploaded", "registry.applied"]


def test_two_people(office: Office) -> None:
    found = office.bring(csv_file(RECOGNISED, recognised(1)))
    both = make_staff(Role.APPROVER, "sti")
    with pytest.raises(NotAllowed):
        office.take(found, make_staff(Role.APPROVER, "finance"))
    with pytest.raises(NotAllowed):
        office.bring(csv_file(RECOGNISED, recognised(1)), user=make_staff(Role.PREPARER, "miit"))
    editor = make_staff(Role.POLICY_EDITOR)
    own = office.bring(csv_file(RECOGNISED, recognised(1)), user=editor)
    with pytest.raises(Refused):
        office.take(own, editor)
    office.take(own, both)
    with pytest.raises(IntegrityError, match="import_takes_two_people"), transaction.atomic():
        RegistryImport.objects.filter(pk=found.pk).update(applied_by=found.uploaded_by)


def test_every_fault_by_row_and_column(office: Office) -> None:
    registered = make_organisation(make_user())
    good = recognised(1)[0]
    rows = [
        good,
        ("91370200000000000X", *good[1:]),
        (valid_uscc(), "", "企业", "崂山区", *good[4:]),
        (valid_uscc(), "甲", "商店", "市中区", *good[4:]),
        (valid_uscc(), "乙", "企业", "崂山区", "GR1", "maybe", "25", "两百万"),
        (registered.uscc, "别名", "高校", "市南区", *good[4:]),
        good,
        (*good[:4], *good[4:], "多余"),
    ]
    found = office.bring(csv_file(RECOGNISED, rows))
    assert problems(found) == {
        3: ["uscc"],
        4: ["name"],
        5: ["district", "kind"],
        6: [f"{PROGRAMME}.{key}" for key in ("rd_expenses", "recognition_history",
                                             "recognition_year")],
        7: ["district", "kind", "name"],
        8: ["uscc"],
        9: ["row", "uscc"],
    }  # fmt: skip
    told = ImportRow.objects.get(of=found, number=6).problems[f"{PROGRAMME}.rd_expenses"]
    assert told["zh"].startswith("“两百万”不是数")
    assert told["en"].startswith("'两百万' is not a number")
    with pytest.raises(Refused, match="7"):
        office.take(found)
    assert not Party.objects.filter(uscc=good[0]).exists()


def test_headings_by_key_or_label_and_refused_by_name(office: Office) -> None:
    labels = ("credit code?", "名称", "认定年度", "是否为高新技术企业", "sector", "sector")
    with pytest.raises(Refused) as refused:
        office.bring(csv_file(labels, [("x",) * 6]))
    told = "\n".join(refused.value.message_dict["file"])
    assert "credit code?" in told
    assert f"{PROGRAMME}.recognition_year" in told  # the year may be that of several programmes
    assert "sector" in told
    rows = [(*organisations(1)[0], "是", "Manufacturing")]
    found = office.bring(csv_file((*HEADINGS, "是否为高新技术企业", "企业所属行业"), rows))
    assert ImportRow.objects.get(of=found).values["facts"] == {
        "high_tech_enterprise": "true",
        "sector": "manufacturing",
    }


def test_the_same_file_twice_is_harmless(office: Office) -> None:
    rows = recognised(2)
    first, second = (office.bring(csv_file(RECOGNISED, rows)) for _ in range(2))
    office.take(first)
    written = ProfileFact.objects.count()
    with pytest.raises(Conflict):
        office.take(second)
    with pytest.raises(Conflict):
        office.take(first)
    again = office.bring(csv_file(RECOGNISED, [*rows, *recognised(1)]))
    assert office.take(again).state == "applied"
    assert ProfileFact.objects.count() == written + 4  # only the new organisation's


def test_what_changed_since_is_found_when_it_is_taken(office: Office) -> None:
    rows = recognised(1)
    found = office.bring(csv_file(RECOGNISED, rows))
    other = Office("miit")
    other.bring_and_take(csv_file(HEADINGS, [(rows[0][0], "另一名称", "企业", "崂山区")]))
    with pytest.raises(Conflict, match="另一名称"):
        office.take(found)
    assert ProfileFact.objects.count() == 0


def test_an_imported_value_stands_beside_a_declared_one(office: Office) -> None:
    owner = make_user()
    mine = make_organisation(owner)
    ProfileFact.objects.create(
        party=mine, key="sector", value="services", source="declared",
        as_of=date(2026, 1, 1), recorded_by=owner,
    )  # fmt: skip
    row = (str(mine.uscc), mine.name, "", "", "services")
    office.bring_and_take(csv_file((*HEADINGS, "sector"), [row]))
    sources = ProfileFact.objects.filter(party=mine).order_by("id").values_list("source", "value")
    assert list(sources) == [("declared", "services"), ("imported", "services")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_as_offices_save_it(office: Office, encoding: str, delimiter: str) -> None:
    row = organisations(1)[0]
    text = "\n".join(delimiter.join(cells) for cells in [HEADINGS, row]) + "\n\n"
    found = office.bring(SimpleUploadedFile("名单.csv", text.encode(encoding)))
    assert (found.row_count, found.fault_count) == (1, 0)


def test_xlsx_cells_are_values(office: Office) -> None:
    row = organisations(1)[0]
    headings = (*RECOGNISED, "在青注册日期", "是否为高新技术企业")
    cells = (*row, "GR1", "none", 2025, 1234567.89, date(2020, 5, 1), True)
    formula = (*organisations(1)[0], "=1+1", "none", 2025, "=A1*2", "", "")
    found = office.bring(xlsx_file(headings, [cells, formula]))
    kept = ImportRow.objects.filter(of=found).order_by("number")
    assert kept[0].values["facts"] == {
        f"{PROGRAMME}.certificate_number": "GR1",
        f"{PROGRAMME}.recognition_history": "none",
        f"{PROGRAMME}.recognition_year": "2025",
        f"{PROGRAMME}.rd_expenses": "1234567.89",
        "registration_date": "2020-05-01",
        "high_tech_enterprise": "true",
    }
    assert found.fault_count == 0  # formulas that were never calculated have no value
    assert set(kept[1].values["facts"]) == {
        f"{PROGRAMME}.recognition_history",
        f"{PROGRAMME}.recognition_year",
    }


def recognitions(*rows: tuple[str, ...]) -> SimpleUploadedFile:
    return csv_file(TITLES, rows)


def test_recognitions_become_register_entries(office: Office) -> None:
    rows = recognised(2)
    office.bring_and_take(csv_file(RECOGNISED, rows))
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    upload = (
        (rows[0][0], "star-of-the-sea", "市级", "2024-01-01", yesterday, ""),
        (rows[1][0], "star-of-the-sea", "省级", "2025年6月1日", "", "证-7"),
    )
    office.bring_and_take(recognitions(*upload), ImportKind.RECOGNITIONS)
    entries = RegisterEntry.objects.order_by("id")
    assert [(e.level, e.state, e.number) for e in entries] == [
        ("市级", "expired", "QD-RD-2024-00001"),
        ("省级", "in_force", "证-7"),
    ]
    assert RegistryRecord.objects.get(party=party(rows[1])).recognitions == [
        {"title": "star-of-the-sea", "level": "省级", "from": "2025-06-01", "until": None}
    ]
    more = office.bring(recognitions(*upload, (rows[0][0], "x-1", "", "2026-01-01", "", "")),
                        ImportKind.RECOGNITIONS)  # fmt: skip
    office.take(more)
    assert RegisterEntry.objects.count() == 3
    steps = [step.kind for entry in RegisterEntry.objects.all() for step in entry.steps.all()]
    assert steps == ["enter"] * 3


def test_a_list_of_sizes_has_four_levels(office: Office) -> None:
    rows = recognised(2)
    office.bring_and_take(csv_file(RECOGNISED, rows))
    sizes = [("企业规模", "大型"), ("enterprise-size", "micro")]
    listed = [(row[0], *size, "2026-01-01", "", "") for row, size in zip(rows, sizes, strict=True)]
    office.bring_and_take(recognitions(*listed), ImportKind.RECOGNITIONS)
    entries = RegisterEntry.objects.order_by("id")
    assert [(e.title, e.level, e.label_zh) for e in entries] == [
        ("enterprise-size", "large", "企业规模：大型"),
        ("enterprise-size", "micro", "企业规模：微型"),
    ]
    wrong = (rows[0][0], "企业规模", "巨型", "2026-01-01", "", "")
    faulty = office.bring(recognitions(wrong), ImportKind.RECOGNITIONS)
    assert [list(row.problems) for row in faulty.rows.all()] == [["level"]]


def test_faults_of_recognitions(office: Office) -> None:
    rows = recognised(2)
    office.bring_and_take(csv_file(RECOGNISED, rows))
    office.bring_and_take(
        recognitions((rows[0][0], "a-title", "", "2024-01-01", "", "证-1")), ImportKind.RECOGNITIONS
    )
    found = office.bring(
        recognitions(
            (valid_uscc(), "a-title", "", "2024-01-01", "", ""),
            (rows[0][0], "not a title", "", "2024-01-01", "2023-01-01", ""),
            (rows[0][0], "", "", "", "", ""),
            (rows[1][0], "a-title", "", "2024-01-01", "", "证-1"),
            (rows[1][0], "b-title", "", "2024-01-01", "", "证-2"),
            (rows[1][0], "b-title", "", "2024-01-01", "", "证-2"),
        ),
        ImportKind.RECOGNITIONS,
    )
    assert problems(found) == {
        2: ["uscc"],
        3: ["title", "until"],
        4: ["from", "title"],
        5: ["number"],
        7: ["number", "uscc"],
    }


def test_a_list_of_thousands_takes_seconds(office: Office) -> None:
    found = office.bring(csv_file(RECOGNISED, recognised(3000)))
    with CaptureQueriesContext(connection) as statements:
        office.take(found)
    assert len(statements) < 60
    assert RegistryRecord.objects.count() == 3000


def test_only_staff_of_the_city(office: Office) -> None:
    elsewhere = make_staff(Role.POLICY_EDITOR, city="dalian")
    found = office.bring(csv_file(RECOGNISED, recognised(1)))
    with pytest.raises(NotAllowed):
        office.take(found, elsewhere)
    with pytest.raises(NotAllowed):
        sweeps_lists.discard_list(found=found, user=elsewhere)
    assert sweeps_lists.discard_list(found=found, user=office.preparer).state == "discarded"
